/*
 * What the reference programs in C share: the request that they all send, and how they are asked to work.
 *
 * A contender is a process that says "ready", reads how many calls to make, makes them, and answers with one
 * line of figures, until it is asked for none. bench/worker.lua is the same for contenders in Lua. The
 * server, the flight and the bytes come by the environment: BENCH_URL, BENCH_CA, BENCH_AGENT, BENCH_FLIGHT.
 */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

/* The body that idv writes for the applicant of bench/applicant.lua. */
#define CONTENDER_BODY                                                                                       \
  "{\"first_name\":\"Ada\",\"last_name\":\"Example\",\"email\":\"ada@example.com\","                         \
  "\"phone\":\"+15192223333\",\"external_id\":\"order-1001\"}"

/* An answer, kept until the next one. */
typedef struct contender_answer {
  char bytes[4096];
  size_t length;
} contender_answer;

/* The setting `name` of the environment; ends the program when it is missing. */
const char *contender_setting(const char *name);

/* The headers that idv sends. */
struct curl_slist *contender_headers(void);

/* A handle that is set up to send the request and to keep the answer in `answer`. */
CURL *contender_handle(const char *url, const struct curl_slist *headers, contender_answer *answer);

/* Ends the program unless the transfer brought a session. */
void contender_check(CURL *easy, CURLcode code, const contender_answer *answer);

/* Adds a figure to the line that answers the present round. */
void contender_tell(const char *name, double value);

/* Seconds of a clock that only goes forward. */
double contender_now(void);

/* Makes `run(state, calls)` for every line of the standard input, and tells what it cost. */
int contender_serve(void (*run)(void *state, long calls), void *state);

#endif
