#include "ownership.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

/* A page that is empty in every child, or NULL. */
static char *map_mark(void) {
#ifdef MADV_WIPEONFORK
  void *page = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) {
    return NULL;
  }
  if (madvise(page, page_size(), MADV_WIPEONFORK) == 0) {
    return page;
  }
  munmap(page, page_size());
#endif
  return NULL;
}

void idv_ownership_take(idv_ownership *ownership) {
  *ownership = (idv_ownership){.owner = getpid(), .mark = map_mark()};
  if (ownership->mark != NULL) {
    *ownership->mark = 1;
  }
}

bool idv_ownership_is_foreign(const idv_ownership *ownership) {
  return ownership->mark != NULL ? *ownership->mark == 0 : ownership->owner != getpid();
}

void idv_ownership_free(idv_ownership *ownership) {
  if (ownership->mark != NULL) {
    munmap((void *)ownership->mark, page_size());
    ownership->mark = NULL;
  }
}
