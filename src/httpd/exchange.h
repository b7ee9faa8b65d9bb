/*
 * One request and its answer, from the first byte of the request to the last of the answer.
 *
 * libmicrohttpd calls in here with what it received; the exchange collects it, and when the request is whole
 * it suspends the connection and queues itself. Whoever takes it from the queue answers it once, when it
 * likes, with a plan that may hold the answer back or spoil it. Knows nothing of Lua and never sleeps:
 * whatever has to wait stands in the timers. An exchange belongs to libmicrohttpd, which ends it through
 * httpd_exchange_completed; a suspended exchange stays until it is answered or abandoned. Whoever has taken
 * one keeps its memory, ended or not, until it is answered or released, so that nobody ever points to
 * nothing.
 */
#ifndef IDV_HTTPD_EXCHANGE_H
#define IDV_HTTPD_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "body.h"
#include "bytes.h"
#include "timers.h"

#pragma GCC visibility push(hidden)

/* Most bytes of method, target and headers together; libmicrohttpd refuses a head of 32 KiB by itself. */
enum { HTTPD_HEAD_CEILING = 256 * 1024 };

struct httpd_exchange;

/* What all exchanges of one server share. */
struct httpd_traffic {
  struct httpd_exchange *alive;       /* every exchange there is */
  struct httpd_exchange *first_ready; /* whole requests nobody has taken yet, oldest first */
  struct httpd_exchange *last_ready;
  struct httpd_timers timers;
  size_t max_body;      /* bytes of a request's body that are kept */
  uint64_t connections; /* accepted so far: the serial number of the next is one more */
  bool resumed;         /* a connection was resumed: libmicrohttpd has work although no socket says so */
};

/* One port through which requests come in. */
struct httpd_entrance {
  struct httpd_traffic *traffic;
  struct MHD_Daemon *daemon;
  uint16_t port;
  bool secure;
};

enum httpd_ending {
  HTTPD_ANSWER,  /* the answer is sent */
  HTTPD_RESET,   /* the connection is reset, nothing is sent */
  HTTPD_CLOSE,   /* the connection is closed in order, nothing is sent */
  HTTPD_GARBAGE, /* bytes that are not HTTP are sent, then the connection is closed */
};

/* How an answer is carried out. */
struct httpd_plan {
  enum httpd_ending ending;
  unsigned status;
  double delay;      /* seconds before anything happens */
  double pace;       /* seconds before each byte of the body; 0: no pause, as fast as it goes */
  uint64_t truncate; /* bytes of body after which the connection is closed; UINT64_MAX: all of it */
};

enum httpd_stage {
  HTTPD_RECEIVING, /* request line and headers */
  HTTPD_UPLOADING, /* body */
  HTTPD_WAITING,   /* whole; suspended until it is answered */
  HTTPD_HELD,      /* answered; suspended until the delay is over */
  HTTPD_SENDING,   /* the answer goes out */
  HTTPD_PAUSED,    /* suspended until the next byte of a slow body is due */
  HTTPD_DUE,       /* that byte may go out now */
  HTTPD_ABANDONED, /* to be closed without an answer */
  HTTPD_ENDED,     /* over; nothing but this stage is left */
};

struct httpd_exchange {
  struct httpd_exchange *previous_alive;
  struct httpd_exchange *next_alive;
  struct httpd_exchange *next_ready;
  struct httpd_entrance *entrance;
  struct MHD_Connection *connection;
  enum httpd_stage stage;
  bool taken; /* somebody has a pointer to this, and will answer or release it */

  char *target;               /* as in the request line: path and query, nothing decoded */
  char method[32];            /* cut off past 31 characters */
  struct httpd_bytes headers; /* name and value by turns, each ended by a zero byte */
  struct httpd_bytes body;    /* what was received */
  bool body_cut;              /* the body was longer than the ceiling, and is not kept */
  uint64_t connection_serial;

  struct MHD_Response *response; /* the answer, once there is one */
  struct httpd_body content;     /* what its reader reads from */
  struct httpd_plan plan;
  struct httpd_timer timer;
};

/* The callbacks for libmicrohttpd; `cls` is the httpd_entrance. */
void *httpd_exchange_begin(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result httpd_exchange_receive(void *cls, struct MHD_Connection *connection, const char *url,
                                       const char *method, const char *version, const char *upload,
                                       size_t *upload_size, void **context);
void httpd_exchange_completed(void *cls, struct MHD_Connection *connection, void **context,
                              enum MHD_RequestTerminationCode code);

/* Takes the oldest whole request; NULL when there is none. It has to be answered or released. */
struct httpd_exchange *httpd_exchange_take(struct httpd_traffic *traffic);

/* Gives a taken exchange back without an answer: its connection is closed, if it is still there. */
void httpd_exchange_release(struct httpd_exchange *exchange);

/*
 * Makes the response from the body and the plan already set in `exchange`, replacing any made before; false
 * without memory. Headers are added to `exchange->response` afterwards.
 */
bool httpd_exchange_prepare(struct httpd_exchange *exchange);

/*
 * Carries out the plan: at once, or when its delay is over. The exchange must be waiting; it is no longer
 * taken afterwards.
 */
void httpd_exchange_answer(struct httpd_exchange *exchange);

/* Goes on with an exchange whose timer fell due. */
void httpd_exchange_wake(struct httpd_timer *timer);

/* Lets go of every suspended connection, so that the daemons can be stopped; none is answered any more. */
void httpd_exchange_abandon_all(struct httpd_traffic *traffic);

#pragma GCC visibility pop

#endif
