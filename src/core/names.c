#include "names.h"

long idv_names_seconds(idv_names *names, int64_t now_ms) {
  if (now_ms < names->due_ms) {
    return IDV_NAMES_NOT_NOW;
  }
  names->due_ms = now_ms + IDV_NAMES_SECONDS * 1000;
  return IDV_NAMES_SECONDS;
}
