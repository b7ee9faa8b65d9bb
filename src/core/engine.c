#include "engine.h"

#include <stdlib.h>

#include <curl/curl.h>

#include "attempts.h"
#include "clock.h"
#include "ids.h"
#include "key_log.h"
#include "libcurl.h"
#include "ownership.h"
#include "sigpipe.h"

struct idv_engine {
  idv_ownership ownership;
  idv_attempts attempts;
  bool is_watched;    /* somebody has asked for the descriptor */
  bool is_stepping;   /* the alarm is set when the step ends */
  bool holds_sigpipe; /* libcurl's writes may raise SIGPIPE */
  idv_timers timers;
  idv_link members;
  idv_link news;
  size_t in_flight;
  idv_ids ids;
};

/* ---- opening and closing ---- */

static void hold_sigpipe(const idv_engine *engine, idv_sigpipe *guard) {
  if (engine->holds_sigpipe) {
    idv_sigpipe_hold(guard);
  }
}

static void release_sigpipe(const idv_engine *engine, idv_sigpipe *guard) {
  if (engine->holds_sigpipe) {
    idv_sigpipe_release(guard);
  }
}

static idv_engine *allocate(uint64_t seed) {
  idv_engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) {
    return NULL;
  }
  idv_timers_init(&engine->timers);
  if (!idv_attempts_open(&engine->attempts, &engine->timers, seed)) {
    free(engine);
    return NULL;
  }
  idv_ownership_take(&engine->ownership);
  engine->holds_sigpipe = idv_libcurl_may_raise_sigpipe(curl_version_info(CURLVERSION_NOW));
  idv_ids_init(&engine->ids);
  idv_link_init(&engine->members);
  idv_link_init(&engine->news);
  return engine;
}

idv_engine *idv_engine_open(uint64_t seed, const char **why) {
  if (curl_version_info(CURLVERSION_NOW)->version_num < IDV_OLDEST_CURL) {
    *why = "libcurl is older than 7.61.0";
    return NULL;
  }
  if (idv_key_log_start_curl() != CURLE_OK) {
    *why = "libcurl could not be started";
    return NULL;
  }
  idv_engine *engine = allocate(seed);
  if (engine == NULL) {
    curl_global_cleanup();
    *why = "memory or descriptors are short";
  }
  return engine;
}

bool idv_engine_is_foreign(const idv_engine *engine) {
  return idv_ownership_is_foreign(&engine->ownership);
}

static void detach(idv_waitable *waitable) {
  idv_engine *engine = waitable->engine;
  if (engine == NULL) {
    return;
  }
  idv_timers_remove(&engine->timers, &waitable->timer);
  idv_link_remove(&waitable->membership);
  idv_link_remove(&waitable->news);
  idv_ids_give_back(&engine->ids, waitable->id);
  waitable->engine = NULL;
  engine->in_flight--;
}

static void cancel_all(idv_engine *engine) {
  idv_link *first;
  while ((first = idv_link_first(&engine->members)) != NULL) {
    idv_waitable *waitable = IDV_OWNER_OF(first, idv_waitable, membership);
    if (waitable->type == IDV_WAITABLE_CALL) {
      idv_engine_cancel((idv_call *)waitable);
    }
    detach(waitable);
  }
}

/* In a forked child: the calls are somebody else's, and so is everything that libcurl holds. */
static void let_go(idv_engine *engine) {
  idv_link *first;
  while ((first = idv_link_first(&engine->members)) != NULL) {
    idv_waitable *waitable = IDV_OWNER_OF(first, idv_waitable, membership);
    if (waitable->type == IDV_WAITABLE_CALL && ((idv_call *)waitable)->state != IDV_CALL_FINISHED) {
      idv_attempts_abandon((idv_call *)waitable);
    }
    detach(waitable);
  }
  idv_attempts_let_go(&engine->attempts);
}

static void shut_down(idv_engine *engine) {
  idv_sigpipe guard;
  hold_sigpipe(engine, &guard);
  cancel_all(engine);
  idv_attempts_close(&engine->attempts);
  curl_global_cleanup();
  release_sigpipe(engine, &guard);
}

void idv_engine_close(idv_engine *engine) {
  if (engine == NULL) {
    return;
  }
  if (idv_engine_is_foreign(engine)) {
    let_go(engine);
  } else {
    shut_down(engine);
  }
  idv_timers_free(&engine->timers);
  idv_ids_free(&engine->ids);
  idv_ownership_free(&engine->ownership);
  free(engine);
}

/* ---- the timer behind the descriptor ---- */

/* When something is to be done next without any descriptor being ready, -1 when never. */
static int64_t next_due(const idv_engine *engine) {
  const idv_timer *first = idv_timers_first(&engine->timers);
  if (engine->attempts.may_start) {
    return 0;
  }
  const idv_transfers *transfers = &engine->attempts.transfers;
  int64_t timer_ms = first != NULL ? first->due_ms : -1;
  return idv_clock_earlier(idv_clock_earlier(idv_reactor_due_ms(&transfers->reactor), timer_ms),
                           idv_transfers_tidy_ms(transfers));
}

static void set_alarm(idv_engine *engine, int64_t due_ms) {
  if (engine->is_watched && !engine->is_stepping) {
    idv_poller_arm(&engine->attempts.transfers.reactor.poller, due_ms);
  }
}

int idv_engine_fd(idv_engine *engine) {
  if (!engine->is_watched) {
    engine->is_watched = true;
    set_alarm(engine, idv_link_is_alone(&engine->news) ? next_due(engine) : 0);
  }
  return engine->attempts.transfers.reactor.poller.fd;
}

void idv_engine_tell(idv_waitable *waitable) {
  idv_engine *engine = waitable->engine;
  if (engine != NULL && idv_link_is_alone(&waitable->news)) {
    idv_link_append(&engine->news, &waitable->news);
    set_alarm(engine, 0);
  }
}

/* ---- coming and going ---- */

static bool enter(idv_engine *engine, idv_waitable *waitable) {
  if (!idv_timers_reserve(&engine->timers, engine->in_flight + 1)) {
    return false;
  }
  uint32_t id = idv_ids_take(&engine->ids);
  if (id == 0) {
    return false;
  }
  waitable->engine = engine;
  waitable->id = id;
  idv_link_append(&engine->members, &waitable->membership);
  engine->in_flight++;
  return true;
}

bool idv_engine_submit(idv_engine *engine, idv_call *call) {
  if (call->state != IDV_CALL_PREPARED || !enter(engine, &call->waitable)) {
    return false;
  }
  if (!idv_attempts_submit(&engine->attempts, call)) {
    detach(&call->waitable);
    return false;
  }
  set_alarm(engine, 0);
  return true;
}

void idv_engine_cancel(idv_call *call) {
  if (call->waitable.engine == NULL || call->state == IDV_CALL_FINISHED) {
    return;
  }
  idv_engine *engine = call->waitable.engine;
  idv_sigpipe guard;
  hold_sigpipe(engine, &guard);
  idv_attempts_cancel(&engine->attempts, call);
  release_sigpipe(engine, &guard);
}

void idv_engine_forget(idv_waitable *waitable) {
  if (waitable->engine == NULL) {
    return;
  }
  if (waitable->type == IDV_WAITABLE_CALL) {
    idv_engine_cancel((idv_call *)waitable);
  }
  detach(waitable);
}

/* ---- sleepers ---- */

bool idv_engine_sleep(idv_engine *engine, idv_sleeper *sleeper, int64_t delay_ms) {
  idv_waitable *waitable = &sleeper->waitable;
  *waitable = (idv_waitable){.type = IDV_WAITABLE_SLEEPER};
  idv_link_init(&waitable->membership);
  idv_link_init(&waitable->news);
  if (!enter(engine, waitable)) {
    return false;
  }
  if (delay_ms >= 0) {
    int64_t begun_ms =
        delay_ms > 0 ? 1 : 0; /* the clock is in the middle of one: never wake before the time */
    idv_timers_set(&engine->timers, &waitable->timer, idv_clock_ms() + begun_ms + delay_ms);
    set_alarm(engine, next_due(engine));
  }
  return true;
}

void idv_engine_wake(idv_sleeper *sleeper) {
  if (sleeper->waitable.engine != NULL) {
    idv_timers_remove(&sleeper->waitable.engine->timers, &sleeper->waitable.timer);
    idv_engine_tell(&sleeper->waitable);
  }
}

/* ---- stepping ---- */

static void on_due(idv_engine *engine, idv_waitable *waitable) {
  if (waitable->type == IDV_WAITABLE_SLEEPER) {
    idv_engine_wake((idv_sleeper *)waitable);
  } else {
    idv_attempts_on_due(&engine->attempts, (idv_call *)waitable);
  }
}

static void run_due_timers(idv_engine *engine, int64_t now) {
  idv_timer *first;
  while ((first = idv_timers_first(&engine->timers)) != NULL && first->due_ms <= now) {
    on_due(engine, (idv_waitable *)first);
  }
}

/* Memory ran out inside libcurl: what is under way there ends, and it begins anew. */
static void start_over(idv_engine *engine) {
  for (idv_link *at = engine->members.next; at != &engine->members; at = at->next) {
    idv_call *call = (idv_call *)IDV_OWNER_OF(at, idv_waitable, membership);
    if (call->waitable.type == IDV_WAITABLE_CALL && call->state == IDV_CALL_RUNNING) {
      idv_attempts_starve(&engine->attempts, call);
    }
  }
  idv_transfers_renew(&engine->attempts.transfers);
}

static void read_results(idv_engine *engine) {
  idv_attempts_read_results(&engine->attempts);
  if (engine->attempts.transfers.reactor.is_broken) {
    start_over(engine);
  }
}

/* The tables that have grown with a rush begin anew when nothing needs them. */
static void shrink(idv_engine *engine) {
  if (engine->in_flight == 0) {
    idv_timers_free(&engine->timers);
    idv_ids_free(&engine->ids);
  }
}

/* Everything that time alone makes due. */
static void run_due(idv_engine *engine) {
  int64_t now_ms = idv_clock_ms();
  if (idv_transfers_tidy_up(&engine->attempts.transfers, now_ms)) {
    shrink(engine);
  }
  run_due_timers(engine, now_ms);
  idv_attempts_begin(&engine->attempts);
  idv_reactor_run_due(&engine->attempts.transfers.reactor);
  read_results(engine);
}

/* How long to wait for descriptors: not past `until` (-1: no end), the next thing due, or news. */
static int64_t time_to_wait(const idv_engine *engine, int64_t until) {
  bool is_idle = engine->in_flight == 0 && !idv_engine_has_leftovers(engine);
  if (is_idle || !idv_link_is_alone(&engine->news)) {
    return 0;
  }
  int64_t due = idv_clock_earlier(until, next_due(engine));
  int64_t now = idv_clock_ms();
  return due < 0 ? -1 : (due > now ? due - now : 0);
}

static void step_until(idv_engine *engine, int64_t until) {
  bool goes_on = true;
  while (goes_on) {
    run_due(engine);
    bool was_signalled =
        !idv_reactor_run_ready(&engine->attempts.transfers.reactor, time_to_wait(engine, until));
    read_results(engine);
    goes_on = !was_signalled && idv_link_is_alone(&engine->news) && engine->in_flight > 0 &&
              (until < 0 || idv_clock_ms() < until);
  }
}

bool idv_engine_step(idv_engine *engine, int64_t timeout_ms) {
  idv_sigpipe guard;
  engine->is_stepping = true;
  hold_sigpipe(engine, &guard);
  step_until(engine, timeout_ms < 0 ? -1 : idv_clock_ms() + timeout_ms);
  release_sigpipe(engine, &guard);
  engine->is_stepping = false;
  bool has_news = idv_engine_has_news(engine);
  set_alarm(engine, has_news ? 0 : next_due(engine));
  return has_news;
}

bool idv_engine_has_news(const idv_engine *engine) {
  return !idv_link_is_alone(&engine->news);
}

bool idv_engine_is_pressed(const idv_engine *engine) {
  return engine->attempts.may_start || engine->attempts.transfers.reactor.has_more_ready;
}

idv_waitable *idv_engine_next_news(idv_engine *engine) {
  idv_link *first = idv_link_first(&engine->news);
  if (first == NULL) {
    set_alarm(engine, next_due(engine));
    return NULL;
  }
  idv_waitable *waitable = IDV_OWNER_OF(first, idv_waitable, news);
  idv_link_remove(first);
  bool is_over = waitable->type == IDV_WAITABLE_SLEEPER || ((idv_call *)waitable)->state == IDV_CALL_FINISHED;
  if (is_over) {
    detach(waitable);
  }
  return waitable;
}

bool idv_engine_drop_news(idv_engine *engine, const idv_waitable *waitable) {
  if (idv_link_first(&engine->news) == &waitable->news) {
    idv_engine_next_news(engine);
  }
  bool is_all = idv_link_is_alone(&engine->news);
  if (is_all) {
    set_alarm(engine, next_due(engine));
  }
  return is_all;
}

bool idv_engine_has_leftovers(const idv_engine *engine) {
  return idv_transfers_tidy_ms(&engine->attempts.transfers) >= 0;
}

size_t idv_engine_in_flight(const idv_engine *engine) {
  return engine->in_flight;
}
