/*
 * One call: a request that is ready to be sent, what the engine does with it, and the answer.
 *
 * A call is made from a route and bytes, handed to an engine, and read when it is finished. It is one unit to
 * whoever waits for it: attempts and pauses happen inside. Sleepers are what else one can wait for in an
 * engine; both begin with an idv_waitable. The fields below "the engine's" belong to engine.c, attempts.c and
 * wire.c.
 */
#ifndef IDV_CALL_H
#define IDV_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "failure.h"
#include "list.h"
#include "retry.h"
#include "route.h"
#include "sink.h"
#include "slice.h"
#include "timers.h"

#pragma GCC visibility push(hidden)

struct idv_engine;
struct idv_origin;
struct idv_wire;

typedef enum idv_waitable_type { IDV_WAITABLE_CALL, IDV_WAITABLE_SLEEPER } idv_waitable_type;

/* Something in an engine that will have news one day. */
typedef struct idv_waitable {
  idv_timer timer; /* first, because the heap hands it back */
  idv_waitable_type type;
  uint32_t id;               /* its own while it is in its engine, 0 before it is handed over */
  struct idv_engine *engine; /* NULL while it is in none */
  idv_link membership;
  idv_link news;
} idv_waitable;

typedef struct idv_sleeper {
  idv_waitable waitable;
} idv_sleeper;

typedef enum idv_call_state {
  IDV_CALL_PREPARED, /* never handed to an engine */
  IDV_CALL_QUEUED,   /* waits for a connection to be allowed */
  IDV_CALL_RUNNING,  /* libcurl has it */
  IDV_CALL_PAUSING,  /* waits for its next attempt */
  IDV_CALL_FINISHED
} idv_call_state;

/* How an attempt that was not the last one ended. */
typedef struct idv_attempt_note {
  long status;
  idv_failure failure;
  int64_t delay_ms;    /* the pause after it */
  int64_t duration_us; /* of the call so far */
  uint64_t bytes_sent;
  uint64_t bytes_received;
  bool reused_connection;
} idv_attempt_note;

typedef struct idv_call {
  idv_waitable waitable; /* first, see idv_waitable */
  idv_call_state state;

  /* the request */
  idv_route *route;
  idv_limits limits; /* the route's until changed, before the call is handed over */
  idv_sink *sink;    /* where a 2xx body that is not JSON goes; NULL: to memory, or it got no such body */
  bool tells_progress;
  const char *url;
  bool is_under_base; /* so the route knows the origin */
  const char *body;   /* NULL when there is none */
  size_t body_length;

  /* the answer, complete when finished */
  long status; /* 0 when there was no answer */
  idv_buffer head;
  idv_buffer content;
  bool content_is_in_sink;
  idv_failure failure;
  idv_outcome outcome;    /* meaningful unless the status is 2xx */
  int64_t retry_after_ms; /* what the last answer asked for, -1 when it did not */
  unsigned attempts;
  idv_attempt_note *notes; /* attempts - 1 of them, as far as memory allowed */
  size_t noted;
  int64_t duration_us;
  uint64_t bytes_sent;     /* last attempt, heads included */
  uint64_t bytes_received; /* last attempt, content only, as it came over the wire */
  int64_t bytes_expected;  /* -1 when the server did not say */
  bool reused_connection;
  long proxy_status; /* with which a proxy refused a tunnel, 0 when none did */
  idv_reach refused; /* what the address of a host was that was not gone to; IDV_REACH_PUBLIC: none was */
  long http_version; /* 10, 11 or 20; 0 when there was no answer */

  /* the engine's */
  struct idv_wire *wire;
  struct idv_origin *origin;
  unsigned lane; /* that carries it, while its origin counts it as active */
  idv_link in_line;
  int64_t deadline_ms;
  int64_t began_us;
  uint64_t told_bytes;
  bool wants_fresh; /* its next attempt goes on a connection that nothing has come on */

  char bytes[]; /* url, NUL, body */
} idv_call;

typedef enum idv_call_problem {
  IDV_CALL_FINE,
  IDV_CALL_BAD_URL,   /* can not be split, or has no host */
  IDV_CALL_TOO_LONG,  /* longer than IDV_URI_MAX */
  IDV_CALL_NOT_HTTPS, /* neither https nor what allows_http lets through */
  IDV_CALL_HAS_USERINFO,
  IDV_CALL_NO_MEMORY
} idv_call_problem;

/*
 * Whether a request may go to `url` at all: https, or plain http to this machine when `allows_http`, and no
 * credentials in the address.
 */
idv_call_problem idv_call_check_url(idv_slice url, bool allows_http);

/*
 * Whether the route's base may be sent to, as above. When it may, calls under it need not be asked about
 * again.
 */
idv_call_problem idv_call_check_base(idv_route *route);

/*
 * Makes a call for the route's base, which has been checked, with `path` after it, which begins with a slash,
 * and the query (data == NULL: none). Both are encoded already. Else as idv_call_new.
 */
idv_call_problem idv_call_new_under_base(idv_route *route, idv_slice path, idv_slice query, idv_slice body,
                                         idv_call **made);

/*
 * Makes a call. Copies `url` and `body` (data == NULL: none) and takes a reference to the route. On success
 * `*made` is the call, which idv_call_free gives back.
 */
idv_call_problem idv_call_new(idv_route *route, idv_slice url, idv_slice body, idv_call **made);

/* Takes the call out of its engine, cancelling it if need be, wipes and frees it. NULL is fine. */
void idv_call_free(idv_call *call);

/*
 * Fills in an answer that came by another way than the engine; the call is finished then. False, with the
 * failure filled in and no status, when it is larger than allowed. A status of 400 or more counts without its
 * body.
 */
bool idv_call_answer(idv_call *call, long status, idv_slice head, idv_slice content);

/* Finishes a call that another way than the engine could not carry. */
void idv_call_fail(idv_call *call, idv_failure failure, idv_outcome outcome);

/* Takes out of the head what the engine itself goes by: Retry-After. */
void idv_call_read_head(idv_call *call);

/* Forgets an answer: a new attempt begins. The engine's and wire's use. */
bool idv_call_begin_attempt(idv_call *call);

/* Keeps how the attempt that just ended went, before the next one. */
void idv_call_note_attempt(idv_call *call, int64_t delay_ms);

#pragma GCC visibility pop

#endif
