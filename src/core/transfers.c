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
  idv_rush_init(&transfers->rush);
  return true;
}

void idv_transfers_close(idv_transfers *transfers) {
  idv_wires_free(&transfers->wires);
  idv_reactor_close(&transfers->reactor);
}

void idv_transfers_let_go(idv_transfers *transfers) {
  idv_reactor_let_go(&transfers->reactor);
}

/* ---- what is kept ---- */

static void keep_enough(idv_transfers *transfers) {
  size_t most = idv_rush_lately(&transfers->rush) + FEWEST_SPARES;
  most = most < MOST_SPARES ? most : MOST_SPARES;
  idv_reactor_keep(&transfers->reactor, most);
  idv_wires_keep(&transfers->wires, most);
}

bool idv_transfers_have_leftovers(const idv_transfers *transfers) {
  return transfers->rush.over_ms >= 0 && (transfers->wires.idle_count > FEWEST_SPARES ||
                                          idv_reactor_connections(&transfers->reactor) > FEWEST_SPARES);
}

/* libcurl closes its connections one by one as others end, or all at once. */
bool idv_transfers_tidy_up(idv_transfers *transfers, int64_t now_ms) {
  if (!idv_transfers_have_leftovers(transfers) || !idv_rush_is_over(&transfers->rush, now_ms)) {
    return false;
  }
  idv_wires_keep(&transfers->wires, FEWEST_SPARES);
  idv_reactor_renew(&transfers->reactor);
  return true;
}

void idv_transfers_renew(idv_transfers *transfers) {
  idv_wires_free(&transfers->wires);
  idv_reactor_renew(&transfers->reactor);
}

/* ---- beginning and ending ---- */

static void take_off(idv_transfers *transfers, idv_call *call, int64_t now_ms) {
  idv_wires_give_back(&transfers->wires, call->wire);
  call->wire = NULL;
  idv_rush_end(&transfers->rush, now_ms);
  keep_enough(transfers);
}

bool idv_transfers_begin(idv_transfers *transfers, idv_call *call) {
  int64_t now_ms = idv_clock_ms();
  call->wire = idv_wires_take(&transfers->wires, call, idv_names_seconds(&transfers->names, now_ms));
  if (call->wire == NULL) {
    return false;
  }
  idv_rush_begin(&transfers->rush, now_ms);
  keep_enough(transfers);
  if (!idv_reactor_add(&transfers->reactor, call->wire->easy)) {
    take_off(transfers, call, now_ms);
    return false;
  }
  return true;
}

bool idv_transfers_end(idv_transfers *transfers, idv_call *call, CURLcode code) {
  int64_t now_ms = idv_clock_ms();
  idv_wire_conclude(call->wire, code);
  bool was_written = idv_wire_was_written(call->wire);
  idv_reactor_remove(&transfers->reactor, call->wire->easy);
  if (code == CURLE_OK) {
    idv_names_end(&transfers->names, call->wire->names_seconds, now_ms);
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
