#include "lane.h"

#include "clock.h"
#include "close_on_exec.h"
#include "libcurl.h"

void idv_lane_init(idv_lane *lane, struct idv_reactor *reactor, unsigned number) {
  *lane = (idv_lane){.reactor = reactor, .number = number, .due_ms = -1};
  idv_rush_init(&lane->rush);
}

/* Rounded up: libcurl that is called a moment too early finds nothing to do and does not ask again. */
static void set_due(idv_lane *lane, long timeout_ms) {
  int64_t rounding = timeout_ms > 0 ? 1 : 0;
  lane->due_ms = timeout_ms < 0 ? -1 : idv_clock_ms() + timeout_ms + rounding;
}

static int on_timer(CURLM *multi, long timeout_ms, void *data) {
  (void)multi;
  set_due(data, timeout_ms);
  return 0;
}

bool idv_lane_open(idv_lane *lane, curl_socket_callback on_socket) {
  if (lane->multi != NULL) {
    return true;
  }
  int next = idv_close_on_exec_next();
  lane->multi = curl_multi_init();
  if (lane->multi == NULL) {
    return false;
  }
  idv_close_on_exec_multi(lane->multi, next);
  curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
  curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
  /* from 8.20 on it is the multi handle that joins threads waiting for a name server, unless told not to */
  curl_multi_setopt(lane->multi, CURLMOPT_QUICK_EXIT, 1L);
  return true;
}

void idv_lane_close(idv_lane *lane) {
  if (lane->multi != NULL) {
    curl_multi_cleanup(lane->multi);
  }
  idv_lane_let_go(lane);
}

void idv_lane_let_go(idv_lane *lane) {
  idv_lane_init(lane, lane->reactor, lane->number);
}

void idv_lane_keep(idv_lane *lane, size_t connections) {
  if (lane->multi != NULL && connections != lane->kept) {
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)connections);
    lane->kept = connections;
  }
}

bool idv_lane_add(idv_lane *lane, CURL *easy) {
  return curl_multi_add_handle(lane->multi, easy) == CURLM_OK;
}

void idv_lane_remove(idv_lane *lane, CURL *easy) {
  curl_multi_remove_handle(lane->multi, easy);
}

bool idv_lane_act(idv_lane *lane, curl_socket_t fd, int events) {
  int running = 0;
  lane->has_acted = true;
  CURLMcode code = curl_multi_socket_action(lane->multi, fd, events, &running);
  return code != CURLM_OUT_OF_MEMORY && code != CURLM_INTERNAL_ERROR;
}

bool idv_lane_run_due(idv_lane *lane, int64_t now_ms) {
  long timeout_ms = -1;
  if (lane->due_ms < 0 || lane->due_ms > now_ms) {
    return true;
  }
  lane->due_ms = -1;
  bool goes_on = idv_lane_act(lane, CURL_SOCKET_TIMEOUT, 0);
  /* libcurl tells of a moment only when it is another than before; ask, lest it be lost */
  if (lane->due_ms < 0 && curl_multi_timeout(lane->multi, &timeout_ms) == CURLM_OK) {
    set_due(lane, timeout_ms);
  }
  return goes_on;
}

CURL *idv_lane_next_over(idv_lane *lane, CURLcode *result) {
  int left = 0;
  CURLMsg *message;
  while (lane->has_acted && (message = curl_multi_info_read(lane->multi, &left)) != NULL) {
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
  lane->has_acted = false;
  return NULL;
}
