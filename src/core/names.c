#include "names.h"

long idv_names_seconds(const idv_names *names, int64_t now_ms) {
  return now_ms < names->due_ms ? IDV_NAMES_NOT_NOW : IDV_NAMES_SECONDS;
}

void idv_names_end(idv_names *names, long seconds, int64_t now_ms) {
  if (seconds == IDV_NAMES_SECONDS) {
    names->due_ms = now_ms + IDV_NAMES_SECONDS * 1000;
  }
}
