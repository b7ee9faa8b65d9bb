#include "spread.h"

/* Connections to an origin that each of the first lanes has room for. */
static unsigned share_of(unsigned connections) {
  unsigned even = connections / IDV_LANES + (connections % IDV_LANES != 0);
  return even > IDV_SPREAD_CONNECTIONS ? even : IDV_SPREAD_CONNECTIONS;
}

unsigned idv_spread_enter(idv_spread *spread, unsigned connections, unsigned streams) {
  unsigned share = share_of(connections);
  unsigned chosen = 0;
  for (unsigned lane = 0; lane < IDV_LANES && connections > 0; lane++) {
    unsigned room = connections < share ? connections : share;
    if (spread->taken[lane] < room * streams) {
      chosen = lane;
      break;
    }
    connections -= room;
  }
  spread->taken[chosen]++;
  return chosen;
}

void idv_spread_leave(idv_spread *spread, unsigned lane) {
  spread->taken[lane]--;
}
