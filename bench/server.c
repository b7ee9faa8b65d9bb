/*
 * The server that the benchmarks speak to: libmicrohttpd on loopback, plain and with TLS, answering as fast
 * as it can with bytes that are always the same.
 *
 *   bench_server FOLDER
 *
 * Writes ca.pem, certificate.pem and key.pem of a throw-away authority into FOLDER, prints the ports of http
 * and https on one line, and ends when something comes on its standard input, or it ends. The path says what
 * happens:
 *
 *   .../v1/sessions            201 and a session, as deepIDV answers create_session
 *   /late/...                  the same after 100 ms
 *   /held/...                  the same once somebody has asked for /release
 *   /waiting                   200 and how many have not been released
 *   .../pdf-report             200 and the address of /report
 *   /report                    200 and a GiB that begins like a PDF
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "authority.h"

enum { DELAY_MS = 100, MOST_CONNECTIONS = 16000, BYTES_PER_CONNECTION = 4096 };

#define REPORT_BYTES ((uint64_t)1 << 30)
#define REPORT_BLOCK ((size_t)256 * 1024)

static const char session_text[] =
    "{\"id\":\"sess_01HZX3V9K2J4M5N6P7Q8R9S0T1\","
    "\"session_url\":\"https:\\/\\/verify.example\\/s\\/01HZX3V9K2J4M5N6P7Q8R9S0T1\","
    "\"externalId\":\"order-1001\",\"links\":[],\"expires_at\":\"2030-01-05T09:00:00.000Z\"}";

/* A request whose answer is not due yet. */
typedef struct waiting {
  struct MHD_Connection *connection;
  int64_t due_ms; /* -1: when somebody releases it */
  struct waiting *next;
} waiting;

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  waiting *late; /* in the order of their moments: the delay is always the same */
  waiting **last_late;
  waiting *held;
  unsigned held_count;
  struct MHD_Response *session;
  struct MHD_Response *location;
  struct MHD_Response *nothing;
  char report_block[REPORT_BLOCK];
} bench = {.mutex = PTHREAD_MUTEX_INITIALIZER, .last_late = &bench.late};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- answers that wait ---- */

static void resume_all(waiting *first) {
  while (first != NULL) {
    waiting *next = first->next;
    MHD_resume_connection(first->connection);
    free(first);
    first = next;
  }
}

static void hold_back(struct MHD_Connection *connection, bool is_held) {
  waiting *one = calloc(1, sizeof *one);
  if (one == NULL) {
    return;
  }
  *one = (waiting){.connection = connection, .due_ms = is_held ? -1 : now_ms() + DELAY_MS};
  MHD_suspend_connection(connection);
  pthread_mutex_lock(&bench.mutex);
  if (is_held) {
    one->next = bench.held;
    bench.held = one;
    bench.held_count++;
  } else {
    *bench.last_late = one;
    bench.last_late = &one->next;
    pthread_cond_signal(&bench.changed);
  }
  pthread_mutex_unlock(&bench.mutex);
}

static void release_held(void) {
  pthread_mutex_lock(&bench.mutex);
  waiting *first = bench.held;
  bench.held = NULL;
  bench.held_count = 0;
  pthread_mutex_unlock(&bench.mutex);
  resume_all(first);
}

/* Waits, with the mutex held, until the first late answer is due. */
static void wait_for_first(void) {
  while (bench.late == NULL) {
    pthread_cond_wait(&bench.changed, &bench.mutex);
  }
  int64_t due = bench.late->due_ms;
  struct timespec moment = {.tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000};
  pthread_mutex_unlock(&bench.mutex);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
  pthread_mutex_lock(&bench.mutex);
}

static waiting *take_due(void) {
  waiting *first = bench.late, **end = &bench.late;
  int64_t now = now_ms();
  while (*end != NULL && (*end)->due_ms <= now) {
    end = &(*end)->next;
  }
  if (end == &bench.late) {
    return NULL;
  }
  waiting *rest = *end;
  *end = NULL;
  bench.late = rest;
  if (rest == NULL) {
    bench.last_late = &bench.late;
  }
  return first;
}

static void *answer_late(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&bench.mutex);
    wait_for_first();
    waiting *due = take_due();
    pthread_mutex_unlock(&bench.mutex);
    resume_all(due);
  }
  return NULL;
}

/* ---- answers ---- */

static ssize_t write_report(void *unused, uint64_t position, char *out, size_t most) {
  (void)unused;
  size_t at = (size_t)(position % REPORT_BLOCK);
  size_t length = REPORT_BLOCK - at < most ? REPORT_BLOCK - at : most;
  memcpy(out, bench.report_block + at, length);
  if (position == 0 && length > 8) {
    memcpy(out, "%PDF-1.7", 8);
  }
  return (ssize_t)length;
}

static enum MHD_Result answer_report(struct MHD_Connection *connection) {
  struct MHD_Response *report =
      MHD_create_response_from_callback(REPORT_BYTES, REPORT_BLOCK, write_report, NULL, NULL);
  MHD_add_response_header(report, "Content-Type", "application/pdf");
  enum MHD_Result result = MHD_queue_response(connection, 200, report);
  MHD_destroy_response(report);
  return result;
}

static enum MHD_Result answer_waiting(struct MHD_Connection *connection) {
  char text[32];
  pthread_mutex_lock(&bench.mutex);
  int length = snprintf(text, sizeof text, "%u", bench.held_count);
  pthread_mutex_unlock(&bench.mutex);
  struct MHD_Response *count = MHD_create_response_from_buffer((size_t)length, text, MHD_RESPMEM_MUST_COPY);
  enum MHD_Result result = MHD_queue_response(connection, 200, count);
  MHD_destroy_response(count);
  return result;
}

static enum MHD_Result answer(struct MHD_Connection *connection, const char *path) {
  if (strcmp(path, "/report") == 0) {
    return answer_report(connection);
  }
  if (strcmp(path, "/waiting") == 0) {
    return answer_waiting(connection);
  }
  if (strcmp(path, "/release") == 0) {
    release_held();
    return MHD_queue_response(connection, 204, bench.nothing);
  }
  if (strstr(path, "/pdf-report") != NULL) {
    return MHD_queue_response(connection, 200, bench.location);
  }
  return MHD_queue_response(connection, 201, bench.session);
}

/* Where a request stands; kept in libmicrohttpd's pointer of the request. */
static char head_is_read, has_waited;

static enum MHD_Result on_request(void *unused, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body, size_t *length,
                                  void **stage) {
  (void)unused, (void)method, (void)version, (void)body;
  if (*stage == NULL) {
    *stage = &head_is_read;
    return MHD_YES;
  }
  if (*length > 0) {
    *length = 0;
    return MHD_YES;
  }
  bool is_held = strncmp(path, "/held/", 6) == 0;
  if (*stage == &head_is_read && (is_held || strncmp(path, "/late/", 6) == 0)) {
    *stage = &has_waited;
    hold_back(connection, is_held);
    return MHD_YES;
  }
  return answer(connection, path);
}

static struct MHD_Response *json_response(const char *text) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "application/json");
  MHD_add_response_header(response, "x-request-id", "6f1c1a52-6f0e-4b0b-9d3c-0a3c5f6f7a10");
  return response;
}

/* ---- starting and ending ---- */

static bool write_file(const char *folder, const char *name, const char *text) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  umask(077);
  FILE *file = fopen(path, "w");
  if (file == NULL) {
    return false;
  }
  bool is_written = fputs(text, file) >= 0;
  return fclose(file) == 0 && is_written;
}

static struct MHD_Daemon *start(const struct httpd_authority *tls) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_OptionItem keys[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, tls != NULL ? (void *)tls->certificate : NULL},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, tls != NULL ? (void *)tls->key : NULL},
      {MHD_OPTION_END, 0, NULL},
  };
  return MHD_start_daemon(flags | (tls != NULL ? MHD_USE_TLS : 0), 0, NULL, NULL, on_request, NULL,
                          MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
                          (unsigned)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                          (size_t)BYTES_PER_CONNECTION, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u,
                          MHD_OPTION_ARRAY, tls != NULL ? keys : &keys[2], MHD_OPTION_END);
}

static unsigned port_of(struct MHD_Daemon *daemon) {
  return MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* Every connection is a descriptor; libmicrohttpd refuses what it has no descriptors for. */
static void allow_descriptors(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char **words) {
  static struct httpd_authority authority;
  static char location[128];
  pthread_t late;
  if (count != 2 || !httpd_authority_make(&authority) || !write_file(words[1], "ca.pem", authority.ca) ||
      !write_file(words[1], "certificate.pem", authority.certificate) ||
      !write_file(words[1], "key.pem", authority.key)) {
    fprintf(stderr, "usage: bench_server FOLDER\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  allow_descriptors();
  memset(bench.report_block, 'x', sizeof bench.report_block);
  bench.session = json_response(session_text);
  bench.nothing = json_response("");
  struct MHD_Daemon *plain = start(NULL), *secure = start(&authority);
  if (plain == NULL || secure == NULL || pthread_create(&late, NULL, answer_late, NULL) != 0) {
    fprintf(stderr, "bench_server: could not be started\n");
    return 1;
  }
  snprintf(location, sizeof location, "{\"pdf_report\":\"http://127.0.0.1:%u/report\"}", port_of(plain));
  bench.location = json_response(location);
  printf("%u %u\n", port_of(plain), port_of(secure));
  fflush(stdout);
  getchar();
  return 0; /* whoever still waits is cut off with the process */
}
