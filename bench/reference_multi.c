/*
 * The reference for many calls at once: libcurl's multi handle, driven by epoll through socket_action, with
 * handles that are set up once. BENCH_FLIGHT says how many are in flight; BENCH_HTTP2 puts them all on one
 * connection.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "contender.h"

enum { MOST_READY = 128 };

typedef struct loop {
  CURLM *multi;
  int epoll;
  double due; /* seconds; negative: libcurl waits for nothing but its sockets */
  long flight;
  long to_start;
  CURL **handles;
  contender_answer *answers;
} loop;

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known) {
  loop *self = data;
  struct epoll_event event = {.data.fd = fd};
  (void)easy;
  event.events = ((what & CURL_POLL_IN) ? (unsigned)EPOLLIN : 0) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, fd, NULL);
  } else {
    epoll_ctl(self->epoll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(self->multi, fd, self);
  }
  return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *data) {
  loop *self = data;
  (void)multi;
  self->due = timeout_ms < 0 ? -1 : contender_now() + (double)timeout_ms / 1000;
  return 0;
}

static void start(loop *self, long number) {
  self->answers[number].length = 0;
  curl_easy_setopt(self->handles[number], CURLOPT_POSTFIELDS, CONTENDER_BODY);
  curl_multi_add_handle(self->multi, self->handles[number]);
  self->to_start--;
}

/* Takes what is over off the handle and starts the next ones. Returns how many were over. */
static long collect(loop *self) {
  CURLMsg *message;
  int left;
  long over = 0;
  while ((message = curl_multi_info_read(self->multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    CURLcode code = message->data.result;
    contender_answer *answer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&answer);
    curl_multi_remove_handle(self->multi, easy);
    contender_check(easy, code, answer);
    over++;
    if (self->to_start > 0) {
      start(self, answer - self->answers);
    }
  }
  return over;
}

static int time_to_wait(const loop *self) {
  double left = self->due - contender_now();
  return self->due < 0 ? -1 : (left > 0 ? (int)(left * 1000) + 1 : 0);
}

static void move_on(loop *self) {
  struct epoll_event events[MOST_READY];
  int running = 0;
  int count = epoll_wait(self->epoll, events, MOST_READY, time_to_wait(self));
  for (int i = 0; i < count; i++) {
    int what = ((events[i].events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
               ((events[i].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
               ((events[i].events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(self->multi, events[i].data.fd, what, &running);
  }
  if (self->due >= 0 && self->due <= contender_now()) {
    long timeout_ms = -1;
    self->due = -1;
    curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    /* libcurl tells of a moment only when it is another than before */
    if (self->due < 0 && curl_multi_timeout(self->multi, &timeout_ms) == CURLM_OK) {
      on_timer(self->multi, timeout_ms, self);
    }
  }
}

static void run(void *state, long calls) {
  loop *self = state;
  self->to_start = calls;
  for (long i = 0; i < self->flight && self->to_start > 0; i++) {
    start(self, i);
  }
  for (long over = 0; over < calls; over += collect(self)) {
    move_on(self);
  }
}

static void use_http_2(loop *self, CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_multi_setopt(self->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
}

static void open_loop(loop *self, const struct curl_slist *headers) {
  self->multi = curl_multi_init();
  self->epoll = epoll_create1(EPOLL_CLOEXEC);
  self->flight = strtol(contender_setting("BENCH_FLIGHT"), NULL, 10);
  self->handles = calloc((size_t)self->flight, sizeof(CURL *));
  self->answers = calloc((size_t)self->flight, sizeof(contender_answer));
  curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
  curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
  curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, self->flight);
  for (long i = 0; i < self->flight; i++) {
    self->handles[i] = contender_handle(contender_setting("BENCH_URL"), headers, &self->answers[i]);
    curl_easy_setopt(self->handles[i], CURLOPT_PRIVATE, &self->answers[i]);
    if (getenv("BENCH_HTTP2") != NULL) {
      use_http_2(self, self->handles[i]);
    }
  }
}

static void close_loop(loop *self) {
  for (long i = 0; i < self->flight; i++) {
    curl_easy_cleanup(self->handles[i]);
  }
  curl_multi_cleanup(self->multi);
  free(self->handles);
  free(self->answers);
}

int main(void) {
  static loop self = {.due = -1};
  curl_global_init(CURL_GLOBAL_DEFAULT);
  struct curl_slist *headers = contender_headers();
  open_loop(&self, headers);
  int status = contender_serve(run, &self);
  close_loop(&self);
  curl_slist_free_all(headers);
  return status;
}
