/*
 * Counts allocations: loaded before a program with LD_PRELOAD, it stands in front of the C library's malloc.
 */
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static atomic_ulong allocations;

unsigned long bench_allocations(void);

unsigned long bench_allocations(void) {
  return atomic_load(&allocations);
}

void *malloc(size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  atomic_fetch_add(&allocations, 1);
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  atomic_fetch_add(&allocations, size > 0);
  return __libc_realloc(block, size);
}
