/*
 * Doubly linked lists whose links live inside the members. A link that is in no list points to itself, so
 * taking a member out twice does no harm.
 */
#ifndef IDV_LIST_H
#define IDV_LIST_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct idv_link {
  struct idv_link *previous;
  struct idv_link *next;
} idv_link;

/* The structure of type `type` whose member `member` is at `link`. */
#define IDV_OWNER_OF(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void idv_link_init(idv_link *link) {
  link->previous = link->next = link;
}

/* For a head: whether the list is empty. For a member: whether it is in no list. */
static inline bool idv_link_is_alone(const idv_link *link) {
  return link->next == link;
}

static inline void idv_link_remove(idv_link *link) {
  link->previous->next = link->next;
  link->next->previous = link->previous;
  idv_link_init(link);
}

/* Puts `link`, which is in no list, at the end of the list of `head`. */
static inline void idv_link_append(idv_link *head, idv_link *link) {
  link->previous = head->previous;
  link->next = head;
  head->previous->next = link;
  head->previous = link;
}

/* The first member, or NULL. */
static inline idv_link *idv_link_first(const idv_link *head) {
  return head->next == head ? NULL : head->next;
}

#pragma GCC visibility pop

#endif
