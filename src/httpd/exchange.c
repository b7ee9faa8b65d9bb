#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#include "faults.h"

/* Bytes asked of the reader at a time: large, for reports of a gigabyte. */
static const size_t block_size = (size_t)128 * 1024;

/* ---- the lists ---- */

static void link_alive(struct httpd_exchange *exchange) {
  struct httpd_traffic *traffic = exchange->entrance->traffic;
  exchange->next_alive = traffic->alive;
  if (traffic->alive != NULL) {
    traffic->alive->previous_alive = exchange;
  }
  traffic->alive = exchange;
}

static void unlink_alive(struct httpd_exchange *exchange) {
  struct httpd_exchange *previous = exchange->previous_alive;
  struct httpd_exchange *next = exchange->next_alive;
  *(previous != NULL ? &previous->next_alive : &exchange->entrance->traffic->alive) = next;
  if (next != NULL) {
    next->previous_alive = previous;
  }
}

static void queue_ready(struct httpd_exchange *exchange) {
  struct httpd_traffic *traffic = exchange->entrance->traffic;
  *(traffic->last_ready != NULL ? &traffic->last_ready->next_ready : &traffic->first_ready) = exchange;
  traffic->last_ready = exchange;
}

struct httpd_exchange *httpd_exchange_take(struct httpd_traffic *traffic) {
  struct httpd_exchange *exchange = traffic->first_ready;
  if (exchange != NULL) {
    exchange->taken = true;
    traffic->first_ready = exchange->next_ready;
    if (traffic->first_ready == NULL) {
      traffic->last_ready = NULL;
    }
  }
  return exchange;
}

/* ---- receiving ---- */

static uint64_t serial_of(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info != NULL ? (uint64_t)(uintptr_t)info->socket_context : 0;
}

void *httpd_exchange_begin(void *cls, const char *target, struct MHD_Connection *connection) {
  struct httpd_entrance *entrance = cls;
  struct httpd_exchange *exchange = calloc(1, sizeof *exchange);
  if (exchange == NULL) {
    return NULL;
  }
  exchange->target = strdup(target);
  if (exchange->target == NULL) {
    free(exchange);
    return NULL;
  }
  exchange->entrance = entrance;
  exchange->connection = connection;
  exchange->connection_serial = serial_of(connection);
  exchange->headers.ceiling = HTTPD_HEAD_CEILING;
  exchange->body.ceiling = entrance->traffic->max_body;
  link_alive(exchange);
  return exchange;
}

static enum MHD_Result keep_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value) {
  struct httpd_bytes *headers = cls;
  (void)kind;
  value = value != NULL ? value : "";
  bool kept =
      httpd_bytes_add(headers, name, strlen(name) + 1) && httpd_bytes_add(headers, value, strlen(value) + 1);
  return kept ? MHD_YES : MHD_NO;
}

static void receive_head(struct httpd_exchange *exchange, const char *method) {
  strncpy(exchange->method, method, sizeof exchange->method - 1);
  MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, keep_header, &exchange->headers);
  exchange->stage = HTTPD_UPLOADING;
}

static void receive_body(struct httpd_exchange *exchange, const char *data, size_t length) {
  if (!exchange->body_cut && !httpd_bytes_add(&exchange->body, data, length)) {
    exchange->body_cut = true;
    httpd_bytes_free(&exchange->body);
  }
}

static void receive_end(struct httpd_exchange *exchange) {
  exchange->stage = HTTPD_WAITING;
  queue_ready(exchange);
  MHD_suspend_connection(exchange->connection);
}

enum MHD_Result httpd_exchange_receive(void *cls, struct MHD_Connection *connection, const char *url,
                                       const char *method, const char *version, const char *upload,
                                       size_t *upload_size, void **context) {
  struct httpd_exchange *exchange = *context;
  (void)cls, (void)connection, (void)url, (void)version;
  if (exchange == NULL || exchange->stage == HTTPD_ABANDONED) {
    return MHD_NO; /* no memory, or a fault that closes: libmicrohttpd drops the connection */
  }
  if (exchange->stage == HTTPD_RECEIVING) {
    receive_head(exchange, method);
  } else if (exchange->stage == HTTPD_UPLOADING && *upload_size > 0) {
    receive_body(exchange, upload, *upload_size);
    *upload_size = 0;
  } else if (exchange->stage == HTTPD_UPLOADING) {
    receive_end(exchange);
  }
  return MHD_YES;
}

void httpd_exchange_completed(void *cls, struct MHD_Connection *connection, void **context,
                              enum MHD_RequestTerminationCode code) {
  struct httpd_exchange *exchange = *context;
  (void)cls, (void)connection, (void)code;
  if (exchange == NULL) {
    return;
  }
  *context = NULL;
  unlink_alive(exchange);
  httpd_timers_remove(&exchange->entrance->traffic->timers, &exchange->timer);
  if (exchange->response != NULL) {
    MHD_destroy_response(exchange->response);
  }
  httpd_body_free(&exchange->content);
  httpd_bytes_free(&exchange->headers);
  httpd_bytes_free(&exchange->body);
  free(exchange->target);
  exchange->stage = HTTPD_ENDED;
  if (!exchange->taken) {
    free(exchange);
  }
}

/* ---- answering ---- */

static void resume(struct httpd_exchange *exchange) {
  MHD_resume_connection(exchange->connection);
  exchange->entrance->traffic->resumed = true;
}

static void wake_after(struct httpd_exchange *exchange, double seconds) {
  httpd_timers_add(&exchange->entrance->traffic->timers, &exchange->timer, httpd_now() + seconds);
}

/* libmicrohttpd asks for the next bytes of the body; it must be suspended when there are none yet. */
static ssize_t read_content(void *cls, uint64_t position, char *out, size_t room) {
  struct httpd_exchange *exchange = cls;
  const struct httpd_plan *plan = &exchange->plan;
  if (position >= plan->truncate) {
    return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  if (room > plan->truncate - position) {
    room = (size_t)(plan->truncate - position);
  }
  if (plan->pace > 0 && exchange->stage != HTTPD_DUE) {
    exchange->stage = HTTPD_PAUSED;
    wake_after(exchange, plan->pace);
    MHD_suspend_connection(exchange->connection);
    return 0;
  }
  exchange->stage = HTTPD_SENDING;
  return (ssize_t)httpd_body_read(&exchange->content, position, out, plan->pace > 0 ? 1 : room);
}

/* A body that is whole, small and unhurt goes out with its headers in one piece. */
static bool is_plain(const struct httpd_exchange *exchange) {
  return exchange->plan.pace <= 0 && exchange->plan.truncate == UINT64_MAX && exchange->content.filler == 0;
}

bool httpd_exchange_prepare(struct httpd_exchange *exchange) {
  struct httpd_body *content = &exchange->content;
  uint64_t length = httpd_body_length(content);
  if (exchange->response != NULL) {
    MHD_destroy_response(exchange->response);
  }
  exchange->response =
      is_plain(exchange)
          ? MHD_create_response_from_buffer((size_t)length, content->bytes, MHD_RESPMEM_PERSISTENT)
          : MHD_create_response_from_callback(length, block_size, read_content, exchange, NULL);
  return exchange->response != NULL;
}

static void carry_out(struct httpd_exchange *exchange) {
  exchange->stage = HTTPD_ABANDONED;
  if (exchange->plan.ending == HTTPD_RESET) {
    httpd_fault_reset(exchange->connection);
  } else if (exchange->plan.ending == HTTPD_GARBAGE) {
    httpd_fault_garbage(exchange->connection);
  } else if (exchange->plan.ending == HTTPD_ANSWER &&
             MHD_queue_response(exchange->connection, exchange->plan.status, exchange->response) == MHD_YES) {
    exchange->stage = HTTPD_SENDING;
  }
  resume(exchange);
}

void httpd_exchange_answer(struct httpd_exchange *exchange) {
  exchange->taken = false;
  if (exchange->plan.delay > 0) {
    exchange->stage = HTTPD_HELD;
    wake_after(exchange, exchange->plan.delay);
  } else {
    carry_out(exchange);
  }
}

void httpd_exchange_release(struct httpd_exchange *exchange) {
  if (exchange->stage == HTTPD_ENDED) {
    free(exchange);
  } else {
    exchange->plan = (struct httpd_plan){.ending = HTTPD_CLOSE};
    httpd_exchange_answer(exchange);
  }
}

void httpd_exchange_wake(struct httpd_timer *timer) {
  struct httpd_exchange *exchange =
      (struct httpd_exchange *)(void *)((char *)timer - offsetof(struct httpd_exchange, timer));
  if (exchange->stage == HTTPD_HELD) {
    carry_out(exchange);
  } else {
    exchange->stage = HTTPD_DUE;
    resume(exchange);
  }
}

static bool is_suspended(const struct httpd_exchange *exchange) {
  return exchange->stage == HTTPD_WAITING || exchange->stage == HTTPD_HELD || exchange->stage == HTTPD_PAUSED;
}

void httpd_exchange_abandon_all(struct httpd_traffic *traffic) {
  traffic->first_ready = NULL;
  traffic->last_ready = NULL;
  for (struct httpd_exchange *exchange = traffic->alive; exchange != NULL; exchange = exchange->next_alive) {
    if (is_suspended(exchange)) {
      httpd_timers_remove(&traffic->timers, &exchange->timer);
      exchange->stage = HTTPD_ABANDONED;
      resume(exchange);
    }
  }
}
