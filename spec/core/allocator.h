/*
 * The allocator that the core gets in a test program: it counts, fails when it is told to, and looks into the
 * blocks that are given back.
 *
 * The functions here take the place of the C library's for the objects linked into the program, so the core
 * must be linked as objects and not as a shared library; libraries keep their own. Underneath it is the
 * system's allocator, or the one of valgrind or AddressSanitizer.
 */
#ifndef IDV_SPEC_ALLOCATOR_H
#define IDV_SPEC_ALLOCATOR_H

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "check.h"

/* Blocks that are looked into have bytes that nobody wrote, such as the gaps in a structure. */
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define ALLOCATOR_IS_READ(block, size) VALGRIND_MAKE_MEM_DEFINED((block), (size))
#else
#define ALLOCATOR_IS_READ(block, size) ((void)(size))
#endif

#define ALLOCATOR_HIDDEN __attribute__((visibility("hidden")))

typedef struct allocator_state {
  size_t fail_at;     /* the allocation that fails, 1 for the next; 0: none */
  size_t count;       /* allocations since allocator_begin */
  long live;          /* blocks given out since then and not given back */
  const char *secret; /* what no block may hold when it is given back; NULL: blocks are not looked into */
  size_t betrayals;   /* blocks that did */
  bool is_dirty;      /* blocks are given out full of garbage */
} allocator_state;

static allocator_state allocator;

/* Begins to count, with no failure ordered. `secret` as in allocator_state. */
static inline void allocator_begin(const char *secret) {
  allocator = (allocator_state){.secret = secret};
}

/* ---- the system's allocator; clang's AddressSanitizer is inside the program and not behind it ---- */

extern void *__interceptor_malloc(size_t size) __attribute__((weak));
extern void *__interceptor_realloc(void *block, size_t size) __attribute__((weak));
extern void __interceptor_free(void *block) __attribute__((weak));

static inline void *allocator_system_malloc(size_t size) {
  static void *(*function)(size_t);
  if (function == NULL) {
    function =
        __interceptor_malloc != NULL ? __interceptor_malloc : (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
  }
  return function(size);
}

static inline void *allocator_system_realloc(void *block, size_t size) {
  static void *(*function)(void *, size_t);
  if (function == NULL) {
    function = __interceptor_realloc != NULL ? __interceptor_realloc
                                             : (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
  }
  return function(block, size);
}

static inline void allocator_system_free(void *block) {
  static void (*function)(void *);
  if (function == NULL) {
    function = __interceptor_free != NULL ? __interceptor_free : (void (*)(void *))dlsym(RTLD_NEXT, "free");
  }
  function(block);
}

/* ---- in its place ---- */

static inline bool allocator_refuses(void) {
  allocator.count++;
  if (allocator.count == allocator.fail_at) {
    errno = ENOMEM;
    return true;
  }
  return false;
}

static inline void allocator_look_into(void *block) {
  if (block != NULL && allocator.secret != NULL) {
    size_t size = malloc_usable_size(block);
    ALLOCATOR_IS_READ(block, size);
    allocator.betrayals += memmem(block, size, allocator.secret, strlen(allocator.secret)) != NULL;
  }
}

/* AddressSanitizer would end the program that asks for so much. */
#define ALLOCATOR_MOST ((size_t)1 << 40)

static inline void *allocator_give(size_t size) {
  void *block = allocator_refuses() || size > ALLOCATOR_MOST ? NULL : allocator_system_malloc(size);
  if (block != NULL) {
    allocator.live++;
    if (allocator.secret != NULL || allocator.is_dirty) { /* all of it may be read when it is given back */
      memset(block, allocator.is_dirty ? 0xa5 : 0, malloc_usable_size(block));
    }
  }
  return block;
}

ALLOCATOR_HIDDEN void *malloc(size_t size) {
  return allocator_give(size);
}

ALLOCATOR_HIDDEN void *calloc(size_t count, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return NULL;
  }
  void *block = allocator_give(total); /* not malloc: the compiler would make that, with memset, a calloc */
  return block != NULL ? memset(block, 0, total) : NULL;
}

ALLOCATOR_HIDDEN void *realloc(void *block, size_t size) {
  if (block == NULL) {
    return allocator_give(size);
  }
  allocator_look_into(block);
  return allocator_refuses() || size > ALLOCATOR_MOST ? NULL : allocator_system_realloc(block, size);
}

ALLOCATOR_HIDDEN void free(void *block) {
  if (block != NULL) {
    allocator.live--;
    allocator_look_into(block);
  }
  allocator_system_free(block);
}

ALLOCATOR_HIDDEN char *strndup(const char *text, size_t most) {
  size_t length = strnlen(text, most);
  char *copy = allocator_give(length + 1);
  if (copy != NULL) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  return copy;
}

ALLOCATOR_HIDDEN char *strdup(const char *text) {
  return strndup(text, SIZE_MAX);
}

/*
 * Runs `attempt` with its first allocation failing, then with its second, ... until it needs no more. Each
 * run that was starved must say false, and every run must give back what it took.
 */
static inline void allocator_starve(const char *what, bool (*attempt)(void *), void *data) {
  size_t fail_at = 0;
  bool was_starved = true;
  while (was_starved) {
    allocator_begin(NULL);
    allocator.fail_at = ++fail_at;
    bool has_succeeded = attempt(data);
    was_starved = allocator.count >= fail_at;
    allocator.fail_at = 0;
    CHECK(what, has_succeeded == !was_starved);
    CHECK(what, allocator.live == 0);
  }
  CHECK(what, fail_at > 1); /* else nothing was tested */
}

#endif
