/*
 * The engine: carries many calls at once and never blocks longer than it is asked to.
 *
 * Hand it calls, let it step, take its news. Queueing, attempts, pauses and deadlines happen inside
 * (attempts.h). Behind it are libcurl's multi handles with their connections, driven by readiness: a step
 * costs what is ready, however many calls are in flight. Its one descriptor is readable when a step has
 * something to do.
 *
 * An engine belongs to one thread at a time and to the process that opened it. After a fork the child's copy
 * is foreign: idv_engine_close then lets go of it without touching the parent's connections.
 */
#ifndef IDV_ENGINE_H
#define IDV_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "call.h"

#pragma GCC visibility push(hidden)

typedef struct idv_engine idv_engine;

/*
 * Opens an engine. `seed` makes the pauses between attempts repeatable; 0 draws them at random. NULL when
 * memory or descriptors are short, or libcurl is older than IDV_OLDEST_CURL; `*why` is then a static
 * sentence.
 */
idv_engine *idv_engine_open(uint64_t seed, const char **why);

/* Lets go of everything. Calls still inside are finished as cancelled and stay with their owners. NULL is
 * fine. */
void idv_engine_close(idv_engine *engine);

/* Whether the engine was opened by another process. All that may be done then is close it. */
bool idv_engine_is_foreign(const idv_engine *engine);

/* The descriptor to watch for reading. Valid until the engine is closed; do not read from it or close it. */
int idv_engine_fd(idv_engine *engine);

/*
 * Takes a prepared call in. It stays the caller's: idv_call_free takes it out again at any time. False, with
 * the call untouched, when memory is short.
 */
bool idv_engine_submit(idv_engine *engine, idv_call *call);

/* Makes `sleeper` have news after `delay_ms`, or only when it is woken when that is negative. False as above.
 */
bool idv_engine_sleep(idv_engine *engine, idv_sleeper *sleeper, int64_t delay_ms);

/* Makes the sleeper have news now. Nothing happens when it is in no engine. */
void idv_engine_wake(idv_sleeper *sleeper);

/*
 * Ends a call that is queued, running or pausing; it is finished then, as cancelled, and is news. Nothing
 * happens when it is finished or in no engine.
 */
void idv_engine_cancel(idv_call *call);

/*
 * Does what there is to do and waits for at most `timeout_ms` (-1: as long as it takes) until there is news.
 * Returns whether there is. Returns early when a signal comes or nothing is inside.
 */
bool idv_engine_step(idv_engine *engine, int64_t timeout_ms);

/* Whether there is news. */
bool idv_engine_has_news(const idv_engine *engine);

/* Whether a rush of calls has left something that a later step gives back, though nothing is in flight. */
bool idv_engine_has_leftovers(const idv_engine *engine);

/*
 * Whether the last step left something that needs no waiting, because a step does only so much in one go:
 * somebody may start, or more descriptors were ready.
 */
bool idv_engine_is_pressed(const idv_engine *engine);

/*
 * Takes one piece of news: a call that finished or moved on (progress, another attempt), or a sleeper that is
 * due. NULL when there is none.
 */
idv_waitable *idv_engine_next_news(idv_engine *engine);

/*
 * Takes the news of `waitable` if it is the first, for one who waits for nothing else. Returns whether there
 * is no other news.
 */
bool idv_engine_drop_news(idv_engine *engine, const idv_waitable *waitable);

/* How many calls and sleepers are inside. */
size_t idv_engine_in_flight(const idv_engine *engine);

/* ---- for call.c, attempts.c and wire.c ---- */

/* Makes something news; twice is once. */
void idv_engine_tell(idv_waitable *waitable);

/* Takes something out of its engine before it is freed. */
void idv_engine_forget(idv_waitable *waitable);

#pragma GCC visibility pop

#endif
