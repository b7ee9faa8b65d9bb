#include "attempts.h"

#include "clock.h"
#include "engine.h"

/* Begun in one go, which bounds the time of a step that must not wait. */
#define MOST_STARTS 16

bool idv_attempts_open(idv_attempts *attempts, idv_timers *timers, uint64_t seed) {
  *attempts = (idv_attempts){.timers = timers, .policy = idv_retry_defaults};
  idv_origins_init(&attempts->origins);
  idv_dice_init(&attempts->dice, seed);
  return idv_transfers_open(&attempts->transfers);
}

void idv_attempts_close(idv_attempts *attempts) {
  idv_transfers_close(&attempts->transfers);
  idv_origins_free(&attempts->origins);
}

void idv_attempts_let_go(idv_attempts *attempts) {
  idv_transfers_let_go(&attempts->transfers);
  idv_origins_free(&attempts->origins);
}

/* ---- in line ---- */

static bool line_up(idv_attempts *attempts, idv_call *call) {
  attempts->may_start = true;
  return idv_origins_line_up(&attempts->origins, call);
}

static void leave_line(idv_attempts *attempts, idv_call *call) {
  if (idv_origins_leave(call)) {
    attempts->may_start = true;
  }
}

bool idv_attempts_submit(idv_attempts *attempts, idv_call *call) {
  if (!line_up(attempts, call)) {
    return false;
  }
  int64_t now_us = idv_clock_us();
  call->state = IDV_CALL_QUEUED;
  call->began_us = now_us;
  call->deadline_ms = now_us / 1000 + call->limits.timeout_ms;
  idv_timers_set(attempts->timers, &call->waitable.timer, call->deadline_ms);
  return true;
}

/* ---- the end of an attempt, and of a call ---- */

static bool is_success(const idv_call *call) {
  return call->failure.kind == IDV_FAILURE_NONE && call->status < 400;
}

/* A file that nobody will ask for takes up disk and a descriptor for as long as its owner keeps the call. */
static void let_go_of_file(idv_call *call) {
  if (!is_success(call) || !call->content_is_in_sink) {
    idv_sink_close(call->sink);
    call->sink = NULL;
  }
}

static void finish(idv_attempts *attempts, idv_call *call) {
  let_go_of_file(call);
  idv_timers_remove(attempts->timers, &call->waitable.timer);
  call->duration_us = idv_clock_us() - call->began_us;
  call->state = IDV_CALL_FINISHED;
  idv_engine_tell(&call->waitable);
}

static void worsen(idv_call *call, idv_outcome outcome) {
  if (outcome > call->outcome) {
    call->outcome = outcome;
  }
}

/* Takes the call off libcurl and writes the result of its attempt into it. Returns whether it was written. */
static bool end_attempt(idv_attempts *attempts, idv_call *call, CURLcode code) {
  bool was_written = idv_transfers_end(&attempts->transfers, call, code);
  leave_line(attempts, call);
  if (!is_success(call)) {
    idv_call_read_head(call);
  }
  if (call->status > 0 && call->failure.kind == IDV_FAILURE_NONE) {
    worsen(call, idv_outcome_of_status(call->status));
  } else {
    worsen(call, was_written ? IDV_OUTCOME_UNKNOWN : IDV_OUTCOME_NOT_SENT);
  }
  return was_written;
}

/* Whether the attempt that ended is followed by another, which is then arranged. */
static bool try_again(idv_attempts *attempts, idv_call *call, const idv_attempt *attempt) {
  idv_retry_policy policy = attempts->policy;
  policy.max_retries = call->limits.max_retries;
  int64_t now = idv_clock_ms();
  idv_retry_decision decision = idv_retry_decide(&policy, attempt, call->attempts, call->deadline_ms - now,
                                                 idv_dice_roll(&attempts->dice));
  if (!decision.again) {
    return false;
  }
  idv_call_note_attempt(call, decision.delay_ms);
  call->state = IDV_CALL_PAUSING;
  idv_timers_set(attempts->timers, &call->waitable.timer, now + decision.delay_ms);
  idv_engine_tell(&call->waitable);
  return true;
}

/* The same call may well be in time when it is made anew; what else ends one from outside comes again. */
static void fail_now(idv_attempts *attempts, idv_call *call, idv_failure_kind kind, const char *reason) {
  bool is_permanent = kind != IDV_FAILURE_TIMEOUT;
  call->failure = (idv_failure){.kind = kind, .reason = reason, .is_permanent = is_permanent};
  call->status = 0;
  finish(attempts, call);
}

/* ---- the beginning of an attempt, and its end ---- */

static bool begin_attempt(idv_attempts *attempts, idv_call *call) {
  if (!idv_call_begin_attempt(call) || !idv_transfers_begin(&attempts->transfers, call)) {
    return false;
  }
  call->attempts++;
  call->state = IDV_CALL_RUNNING;
  idv_timers_set(attempts->timers, &call->waitable.timer, call->deadline_ms);
  return true;
}

static void begin_or_fail(idv_attempts *attempts, idv_call *call) {
  if (!begin_attempt(attempts, call)) {
    leave_line(attempts, call);
    fail_now(attempts, call, IDV_FAILURE_NETWORK, "the request could not be set up");
  }
}

/*
 * Something had come unasked on the connection that libcurl chose. It is closed and nothing was sent: the
 * same attempt begins once more, on a connection of its own.
 */
static void begin_on_fresh(idv_attempts *attempts, idv_call *call, CURLcode code) {
  idv_transfers_end(&attempts->transfers, call, code);
  call->attempts--;
  call->wants_fresh = true;
  begin_or_fail(attempts, call);
  call->wants_fresh = false;
}

static void on_attempt_over(idv_attempts *attempts, idv_call *call, CURLcode code) {
  if (call->wire->refused_connection && code == CURLE_ABORTED_BY_CALLBACK) {
    begin_on_fresh(attempts, call, code);
    return;
  }
  bool died_on_reuse = call->wire->refused_repeat;
  bool was_written = end_attempt(attempts, call, code);
  if (is_success(call)) {
    finish(attempts, call);
    return;
  }
  idv_attempt attempt = {
      .is_safe = call->route->is_safe,
      .was_written = was_written,
      .is_permanent = call->failure.is_permanent,
      .is_immediate = died_on_reuse,
      .status = call->failure.kind == IDV_FAILURE_NONE ? call->status : 0,
      .retry_after = call->retry_after_ms,
  };
  if (!try_again(attempts, call, &attempt)) {
    finish(attempts, call);
  }
}

void idv_attempts_read_results(idv_attempts *attempts) {
  CURLcode result;
  idv_call *call;
  while ((call = idv_transfers_next_over(&attempts->transfers, &result)) != NULL) {
    on_attempt_over(attempts, call, result);
  }
}

void idv_attempts_starve(idv_attempts *attempts, idv_call *call) {
  on_attempt_over(attempts, call, CURLE_OUT_OF_MEMORY);
}

/* ---- the beginnings that are due ---- */

void idv_attempts_begin(idv_attempts *attempts) {
  for (int i = 0; i < MOST_STARTS; i++) {
    idv_call *call = idv_origins_next(&attempts->origins);
    if (call == NULL) {
      attempts->may_start = false;
      return;
    }
    begin_or_fail(attempts, call);
  }
}

/* ---- from outside ---- */

/* Ends a call, whatever it is doing. */
static void interrupt(idv_attempts *attempts, idv_call *call, idv_failure_kind kind, const char *reason) {
  if (call->state == IDV_CALL_RUNNING) {
    end_attempt(attempts, call, CURLE_OPERATION_TIMEDOUT);
    if (call->failure.kind == IDV_FAILURE_NONE && kind == IDV_FAILURE_TIMEOUT) {
      finish(attempts, call); /* the status was there already, only the rest of the body was late */
      return;
    }
  } else {
    leave_line(attempts, call);
  }
  fail_now(attempts, call, kind, reason);
}

static const char *timeout_reason(const idv_call *call) {
  switch (call->state) {
  case IDV_CALL_QUEUED:
    return "the deadline passed while the call waited for a free connection";
  case IDV_CALL_RUNNING:
    return idv_wire_was_written(call->wire) ? "the deadline passed before the answer was complete"
                                            : "the deadline passed before the request was sent";
  default:
    return "the deadline passed";
  }
}

void idv_attempts_on_due(idv_attempts *attempts, idv_call *call) {
  if (call->state != IDV_CALL_PAUSING) {
    interrupt(attempts, call, IDV_FAILURE_TIMEOUT, timeout_reason(call));
    return;
  }
  call->state = IDV_CALL_QUEUED;
  idv_timers_set(attempts->timers, &call->waitable.timer, call->deadline_ms);
  if (!line_up(attempts, call)) {
    fail_now(attempts, call, IDV_FAILURE_NETWORK, "memory ran out");
  }
}

void idv_attempts_cancel(idv_attempts *attempts, idv_call *call) {
  interrupt(attempts, call, IDV_FAILURE_CANCELLED, "the call was cancelled");
}

void idv_attempts_abandon(idv_call *call) {
  static const idv_failure forked = {IDV_FAILURE_CANCELLED, "the call belongs to the process that was forked",
                                     true};
  call->wire = NULL;
  idv_origins_leave(call);
  idv_call_fail(call, forked, IDV_OUTCOME_UNKNOWN);
}
