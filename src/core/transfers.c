#include "transfers.h"

#include <stddef.h>

#include "clock.h"

/* Connections, and handles of libcurl, that are kept above those that were needed lately, ... */
#define FEWEST_SPARES 16

/* ... and at most. */
#define MOST_SPARES 1024

bool idv_transfers_open(idv_transfers *transfers) {
  if (!idv_reactor_open(&transfers->reactor)) {
    return false;
  }
  idv_wires_init(&transfers->wires, &transfers->reactor.sockets);
  return true;
}

void idv_transfers_close(idv_transfers *transfers) {
  idv_wires_free(&transfers->wires);
  idv_reactor_close(&transfers->reactor);
}

void idv_transfers_let_go(idv_transfers *transfers) {
  idv_reactor_let_go(&transfers->reactor);
}

static idv_lane *lane_of(idv_transfers *transfers, const idv_call *call) {
  return &transfers->reactor.lanes[call->lane];
}

/* ---- what is kept ---- */

static size_t with_spares(size_t needed) {
  size_t most = needed + FEWEST_SPARES;
  return most < MOST_SPARES ? most : MOST_SPARES;
}

/* How many transfers there have been at once lately, in all lanes. */
static size_t lately(const idv_transfers *transfers) {
  size_t sum = 0;
  for (unsigned i = 0; i < transfers->reactor.used; i++) {
    sum += idv_rush_lately(&transfers->reactor.lanes[i].rush);
  }
  return sum;
}

/* The lanes share what may be kept of connections. */
static void keep_enough(idv_transfers *transfers, idv_lane *lane) {
  size_t share = MOST_SPARES / transfers->reactor.used;
  size_t most = with_spares(idv_rush_lately(&lane->rush));
  idv_lane_keep(lane, most < share ? most : share);
  idv_wires_keep(&transfers->wires, with_spares(lately(transfers)));
}

/* When a lane will have something to give back, -1 when it has nothing: the first one is worth keeping. */
static int64_t leftovers_ms(const idv_transfers *transfers, const idv_lane *lane) {
  bool has_leftovers = lane->number > 0 || transfers->wires.idle_count > FEWEST_SPARES ||
                       idv_reactor_connections(&transfers->reactor) > FEWEST_SPARES;
  return has_leftovers ? lane->rush.over_ms : -1;
}

int64_t idv_transfers_tidy_ms(const idv_transfers *transfers) {
  int64_t first_ms = -1;
  for (unsigned i = 0; i < transfers->reactor.used; i++) {
    first_ms = idv_clock_earlier(first_ms, leftovers_ms(transfers, &transfers->reactor.lanes[i]));
  }
  return first_ms;
}

/* libcurl closes its connections one by one as others end, or all at once. */
bool idv_transfers_tidy_up(idv_transfers *transfers, int64_t now_ms) {
  bool was_any = false;
  for (unsigned i = transfers->reactor.used; i-- > 0;) {
    idv_lane *lane = &transfers->reactor.lanes[i];
    if (leftovers_ms(transfers, lane) >= 0 && idv_rush_is_over(&lane->rush, now_ms)) {
      idv_reactor_close_lane(&transfers->reactor, lane);
      was_any = true;
    }
  }
  if (was_any) {
    idv_wires_keep(&transfers->wires, with_spares(lately(transfers)));
  }
  return was_any;
}

void idv_transfers_renew(idv_transfers *transfers) {
  idv_wires_free(&transfers->wires);
  idv_reactor_renew(&transfers->reactor);
}

/* ---- beginning and ending ---- */

static void take_off(idv_transfers *transfers, idv_call *call, int64_t now_ms) {
  idv_lane *lane = lane_of(transfers, call);
  idv_wires_give_back(&transfers->wires, call->wire);
  call->wire = NULL;
  idv_rush_end(&lane->rush, now_ms);
  keep_enough(transfers, lane);
}

bool idv_transfers_begin(idv_transfers *transfers, idv_call *call) {
  int64_t now_ms = idv_clock_ms();
  idv_lane *lane = lane_of(transfers, call);
  call->wire = idv_wires_take(&transfers->wires, call, idv_names_seconds(&lane->names, now_ms));
  if (call->wire == NULL) {
    return false;
  }
  idv_rush_begin(&lane->rush, now_ms);
  keep_enough(transfers, lane);
  if (!idv_reactor_add(&transfers->reactor, lane, call->wire->easy)) {
    take_off(transfers, call, now_ms);
    return false;
  }
  return true;
}

bool idv_transfers_end(idv_transfers *transfers, idv_call *call, CURLcode code) {
  int64_t now_ms = idv_clock_ms();
  idv_lane *lane = lane_of(transfers, call);
  idv_wire_conclude(call->wire, code);
  bool was_written = idv_wire_was_written(call->wire);
  idv_lane_remove(lane, call->wire->easy);
  if (code == CURLE_OK) {
    idv_names_end(&lane->names, call->wire->names_seconds, now_ms);
  }
  take_off(transfers, call, now_ms);
  return was_written;
}

idv_call *idv_transfers_next_over(idv_transfers *transfers, CURLcode *code) {
  const idv_wire *wire = NULL;
  CURL *easy = idv_reactor_next_over(&transfers->reactor, code);
  if (easy == NULL) {
    return NULL;
  }
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&wire);
  return wire->call;
}
