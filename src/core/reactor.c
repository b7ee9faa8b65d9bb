#include "reactor.h"

#include <stddef.h>

#include "clock.h"
#include "close_on_exec.h"

/* Descriptors looked at in one go. */
#define MOST_READY 32

/* Watches for what libcurl waits for on a descriptor that it opened by itself, to be woken by a resolver. */
static bool watch_foreign(const idv_lane *lane, int fd, int events, bool is_known) {
  idv_poller *poller = &lane->reactor->poller;
  if (events == 0) {
    idv_poller_forget(poller, fd);
    return true;
  }
  curl_multi_assign(lane->multi, fd, lane->reactor);
  idv_close_on_exec_pair(fd);
  /* one that was closed and opened again is unknown to the system although libcurl knew it */
  return idv_poller_watch(poller, fd, events, lane->number, is_known) ||
         idv_poller_watch(poller, fd, events, lane->number, !is_known);
}

static void forget(idv_reactor *reactor, int fd, idv_socket *socket) {
  idv_poller_forget(&reactor->poller, fd);
  socket->watched = 0;
}

/*
 * Watches for what libcurl waits for on a connection. One that rests between two requests goes on being
 * watched for reading, since the next request will want that again: to take it out and put it back would be
 * two system calls for every request.
 */
static bool watch(const idv_lane *lane, int fd, idv_socket *socket, int events) {
  socket->wanted = (unsigned char)events;
  bool is_forgotten = events == 0 && socket->watched == 0;
  int watched = events != 0 ? events : IDV_POLLER_IN;
  if (watched == socket->watched || is_forgotten) {
    return true;
  }
  if (!idv_poller_watch(&lane->reactor->poller, fd, watched, lane->number, socket->watched != 0)) {
    return false;
  }
  socket->watched = (unsigned char)watched;
  return true;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known) {
  const idv_lane *lane = data;
  (void)easy;
  int events = 0;
  if (what != CURL_POLL_REMOVE) {
    events = ((what & CURL_POLL_IN) ? IDV_POLLER_IN : 0) | ((what & CURL_POLL_OUT) ? IDV_POLLER_OUT : 0);
  }
  idv_socket *socket = idv_sockets_find(&lane->reactor->sockets, fd);
  bool is_watched =
      socket != NULL ? watch(lane, fd, socket, events) : watch_foreign(lane, fd, events, known != NULL);
  return is_watched ? 0 : -1;
}

size_t idv_reactor_connections(const idv_reactor *reactor) {
  return reactor->sockets.count;
}

/* ---- the lanes ---- */

static bool open_lane(idv_reactor *reactor, idv_lane *lane) {
  if (!idv_lane_open(lane, on_socket)) {
    return false;
  }
  if (reactor->used <= lane->number) {
    reactor->used = lane->number + 1;
  }
  return true;
}

void idv_reactor_close_lane(idv_reactor *reactor, idv_lane *lane) {
  idv_lane_close(lane);
  while (reactor->used > 1 && reactor->lanes[reactor->used - 1].multi == NULL) {
    reactor->used--;
  }
}

void idv_reactor_renew(idv_reactor *reactor) {
  for (unsigned i = reactor->used; i-- > 0;) {
    idv_reactor_close_lane(reactor, &reactor->lanes[i]);
  }
  reactor->is_broken = false;
}

bool idv_reactor_add(idv_reactor *reactor, idv_lane *lane, CURL *easy) {
  return open_lane(reactor, lane) && idv_lane_add(lane, easy);
}

/* ---- opening and closing ---- */

bool idv_reactor_open(idv_reactor *reactor) {
  *reactor = (idv_reactor){.used = 1};
  for (unsigned i = 0; i < IDV_LANES; i++) {
    idv_lane_init(&reactor->lanes[i], reactor, i);
  }
  idv_poller_init(&reactor->poller);
  idv_sockets_init(&reactor->sockets);
  if (!open_lane(reactor, &reactor->lanes[0]) || !idv_poller_open(&reactor->poller)) {
    idv_reactor_close(reactor);
    return false;
  }
  return true;
}

void idv_reactor_close(idv_reactor *reactor) {
  idv_reactor_renew(reactor);
  idv_poller_close(&reactor->poller);
  idv_sockets_free(&reactor->sockets);
}

void idv_reactor_let_go(idv_reactor *reactor) {
  idv_sockets_close_all(&reactor->sockets);
  for (unsigned i = 0; i < reactor->used; i++) {
    idv_lane_let_go(&reactor->lanes[i]);
  }
  idv_reactor_close(reactor);
}

/* ---- what is due, and what is ready ---- */

int64_t idv_reactor_due_ms(const idv_reactor *reactor) {
  int64_t due_ms = reactor->lanes[0].due_ms;
  for (unsigned i = 1; i < reactor->used; i++) {
    due_ms = idv_clock_earlier(due_ms, reactor->lanes[i].due_ms);
  }
  return due_ms;
}

void idv_reactor_run_due(idv_reactor *reactor) {
  int64_t due_ms = idv_reactor_due_ms(reactor);
  if (due_ms < 0) {
    return;
  }
  int64_t now_ms = idv_clock_ms();
  for (unsigned i = 0; i < reactor->used && !reactor->is_broken; i++) {
    reactor->is_broken = !idv_lane_run_due(&reactor->lanes[i], now_ms);
  }
}

static void run_one(idv_reactor *reactor, const idv_ready *ready) {
  idv_socket *socket = idv_sockets_find(&reactor->sockets, ready->fd);
  if (socket != NULL && socket->wanted == 0) {
    /* the other side has closed it, or speaks unasked: libcurl will see that when it wants the connection */
    forget(reactor, ready->fd, socket);
    return;
  }
  int events = ((ready->events & IDV_POLLER_IN) ? CURL_CSELECT_IN : 0) |
               ((ready->events & IDV_POLLER_OUT) ? CURL_CSELECT_OUT : 0) |
               ((ready->events & IDV_POLLER_ERROR) ? CURL_CSELECT_ERR : 0);
  /* a lane that was closed had no transfers, so nothing waits for this descriptor any more */
  idv_lane *lane = &reactor->lanes[ready->tag];
  if (lane->multi != NULL && !reactor->is_broken) {
    reactor->is_broken = !idv_lane_act(lane, ready->fd, events);
  }
}

bool idv_reactor_run_ready(idv_reactor *reactor, int64_t wait_ms) {
  idv_ready ready[MOST_READY];
  int count = idv_poller_wait(&reactor->poller, wait_ms, ready, MOST_READY);
  reactor->has_more_ready = count == MOST_READY;
  for (int i = 0; i < count; i++) {
    run_one(reactor, &ready[i]);
  }
  return count >= 0;
}

CURL *idv_reactor_next_over(idv_reactor *reactor, CURLcode *result) {
  CURL *easy = NULL;
  for (unsigned i = 0; i < reactor->used && easy == NULL; i++) {
    easy = idv_lane_next_over(&reactor->lanes[i], result);
  }
  return easy;
}
