#include "reactor.h"

#include <stddef.h>

#include "clock.h"

/* Descriptors looked at in one go. */
#define MOST_READY 32

/* Watches for what libcurl waits for on a descriptor that it opened by itself, to be woken by a resolver. */
static bool watch_foreign(idv_reactor *reactor, int fd, int events, bool is_known) {
  if (events == 0) {
    idv_poller_forget(&reactor->poller, fd);
    return true;
  }
  curl_multi_assign(reactor->multi, fd, reactor);
  /* one that was closed and opened again is unknown to the system although libcurl knew it */
  return idv_poller_watch(&reactor->poller, fd, events, is_known) ||
         idv_poller_watch(&reactor->poller, fd, events, !is_known);
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
static bool watch(idv_reactor *reactor, int fd, idv_socket *socket, int events) {
  socket->wanted = (unsigned char)events;
  if (events == socket->watched || (events == 0 && socket->watched == IDV_POLLER_IN)) {
    return true;
  }
  if (events == 0) {
    forget(reactor, fd, socket);
    return true;
  }
  if (!idv_poller_watch(&reactor->poller, fd, events, socket->watched != 0)) {
    return false;
  }
  socket->watched = (unsigned char)events;
  return true;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known) {
  idv_reactor *reactor = data;
  (void)easy;
  int events = 0;
  if (what != CURL_POLL_REMOVE) {
    events = ((what & CURL_POLL_IN) ? IDV_POLLER_IN : 0) | ((what & CURL_POLL_OUT) ? IDV_POLLER_OUT : 0);
  }
  idv_socket *socket = idv_sockets_find(&reactor->sockets, fd);
  bool is_watched =
      socket != NULL ? watch(reactor, fd, socket, events) : watch_foreign(reactor, fd, events, known != NULL);
  return is_watched ? 0 : -1;
}

/* Rounded up: libcurl that is called a moment too early finds nothing to do and does not ask again. */
static void set_due(idv_reactor *reactor, long timeout_ms) {
  int64_t rounding = timeout_ms > 0 ? 1 : 0;
  reactor->curl_due_ms = timeout_ms < 0 ? -1 : idv_clock_ms() + timeout_ms + rounding;
}

static int on_timer(CURLM *multi, long timeout_ms, void *data) {
  (void)multi;
  set_due(data, timeout_ms);
  return 0;
}

static bool open_multi(idv_reactor *reactor) {
  reactor->multi = curl_multi_init();
  if (reactor->multi == NULL) {
    return false;
  }
  curl_multi_setopt(reactor->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(reactor->multi, CURLMOPT_SOCKETDATA, reactor);
  curl_multi_setopt(reactor->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(reactor->multi, CURLMOPT_TIMERDATA, reactor);
  reactor->kept = 0;
  return true;
}

size_t idv_reactor_connections(const idv_reactor *reactor) {
  return reactor->sockets.count;
}

void idv_reactor_keep(idv_reactor *reactor, size_t connections) {
  if (reactor->multi != NULL && connections != reactor->kept) {
    curl_multi_setopt(reactor->multi, CURLMOPT_MAXCONNECTS, (long)connections);
    reactor->kept = connections;
  }
}

static void close_multi(idv_reactor *reactor) {
  if (reactor->multi != NULL) {
    curl_multi_cleanup(reactor->multi);
    reactor->multi = NULL;
  }
}

bool idv_reactor_open(idv_reactor *reactor) {
  *reactor = (idv_reactor){.curl_due_ms = -1};
  idv_poller_init(&reactor->poller);
  idv_sockets_init(&reactor->sockets);
  if (!open_multi(reactor) || !idv_poller_open(&reactor->poller)) {
    idv_reactor_close(reactor);
    return false;
  }
  return true;
}

void idv_reactor_renew(idv_reactor *reactor) {
  close_multi(reactor);
  reactor->curl_due_ms = -1;
  reactor->is_broken = false;
  open_multi(reactor);
}

void idv_reactor_close(idv_reactor *reactor) {
  close_multi(reactor);
  idv_poller_close(&reactor->poller);
  idv_sockets_free(&reactor->sockets);
}

void idv_reactor_let_go(idv_reactor *reactor) {
  idv_sockets_close_all(&reactor->sockets);
  reactor->multi = NULL;
  idv_reactor_close(reactor);
}

bool idv_reactor_add(idv_reactor *reactor, CURL *easy) {
  bool is_open = reactor->multi != NULL || open_multi(reactor);
  return is_open && curl_multi_add_handle(reactor->multi, easy) == CURLM_OK;
}

void idv_reactor_remove(idv_reactor *reactor, CURL *easy) {
  curl_multi_remove_handle(reactor->multi, easy);
}

/* Gives libcurl its turn, unless it has lost its way. */
static void act(idv_reactor *reactor, curl_socket_t fd, int events) {
  int running = 0;
  if (!reactor->is_broken) {
    CURLMcode code = curl_multi_socket_action(reactor->multi, fd, events, &running);
    reactor->is_broken = code == CURLM_OUT_OF_MEMORY || code == CURLM_INTERNAL_ERROR;
  }
}

void idv_reactor_run_due(idv_reactor *reactor) {
  long timeout_ms = -1;
  if (reactor->curl_due_ms < 0 || reactor->curl_due_ms > idv_clock_ms()) {
    return;
  }
  reactor->curl_due_ms = -1;
  act(reactor, CURL_SOCKET_TIMEOUT, 0);
  /* libcurl tells of a moment only when it is another than before; ask, lest it be lost */
  if (reactor->curl_due_ms < 0 && curl_multi_timeout(reactor->multi, &timeout_ms) == CURLM_OK) {
    set_due(reactor, timeout_ms);
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
  act(reactor, ready->fd, events);
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
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(reactor->multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}
