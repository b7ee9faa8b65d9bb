/*
 * list.h: links that live inside their members, against a plain array of what should be in the list.
 */
#include "list.h"

#include "check.h"

typedef struct member {
  int number;
  idv_link link;
} member;

static void a_new_head_is_empty(void **state) {
  (void)state;
  idv_link head;
  idv_link_init(&head);
  assert_true(idv_link_is_alone(&head));
  assert_null(idv_link_first(&head));
}

static void the_owner_of_a_link_is_the_structure_around_it(void **state) {
  (void)state;
  member one = {.number = 7};
  assert_ptr_equal(&one, IDV_OWNER_OF(&one.link, member, link));
  assert_int_equal(7, IDV_OWNER_OF(&one.link, member, link)->number);
}

static void members_come_in_the_order_they_were_appended(void **state) {
  (void)state;
  idv_link head;
  member members[3];
  idv_link_init(&head);
  for (int i = 0; i < 3; i++) {
    members[i].number = i;
    idv_link_init(&members[i].link);
    idv_link_append(&head, &members[i].link);
    assert_false(idv_link_is_alone(&members[i].link));
  }
  for (int i = 0; i < 3; i++) {
    assert_ptr_equal(&members[i].link, idv_link_first(&head));
    idv_link_remove(&members[i].link);
    assert_true(idv_link_is_alone(&members[i].link));
  }
  assert_true(idv_link_is_alone(&head));
}

static void removing_twice_does_no_harm(void **state) {
  (void)state;
  idv_link head, one, two;
  idv_link_init(&head);
  idv_link_init(&one);
  idv_link_init(&two);
  idv_link_remove(&one);
  idv_link_append(&head, &one);
  idv_link_append(&head, &two);
  idv_link_remove(&one);
  idv_link_remove(&one);
  assert_ptr_equal(&two, idv_link_first(&head));
  assert_ptr_equal(&head, two.next);
  idv_link_append(&head, &one);
  assert_ptr_equal(&one, two.next);
}

/* ---- random operations against an array ---- */

enum { MEMBERS = 12, OPERATIONS = 20000 };

typedef struct model {
  int numbers[MEMBERS];
  int count;
} model;

static void model_remove(model *expected, int number) {
  int kept = 0;
  for (int i = 0; i < expected->count; i++) {
    if (expected->numbers[i] != number) {
      expected->numbers[kept++] = expected->numbers[i];
    }
  }
  expected->count = kept;
}

static void check_against(const idv_link *head, const model *expected) {
  const idv_link *at = head;
  for (int i = 0; i < expected->count; i++) {
    assert_ptr_equal(at, at->next->previous);
    at = at->next;
    assert_int_equal(expected->numbers[i], IDV_OWNER_OF(at, member, link)->number);
  }
  assert_ptr_equal(head, at->next);
  assert_ptr_equal(at, head->previous);
}

static void random_operations_agree_with_an_array(void **state) {
  (void)state;
  uint64_t random = 1;
  idv_link head;
  member members[MEMBERS];
  model expected = {.count = 0};
  idv_link_init(&head);
  for (int i = 0; i < MEMBERS; i++) {
    members[i].number = i;
    idv_link_init(&members[i].link);
  }
  for (int i = 0; i < OPERATIONS; i++) {
    member *chosen = &members[check_random_below(&random, MEMBERS)];
    if (idv_link_is_alone(&chosen->link) && check_random_below(&random, 2) == 0) {
      idv_link_append(&head, &chosen->link);
      expected.numbers[expected.count++] = chosen->number;
    } else {
      idv_link_remove(&chosen->link);
      model_remove(&expected, chosen->number);
    }
    check_against(&head, &expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_head_is_empty),
      cmocka_unit_test(the_owner_of_a_link_is_the_structure_around_it),
      cmocka_unit_test(members_come_in_the_order_they_were_appended),
      cmocka_unit_test(removing_twice_does_no_harm),
      cmocka_unit_test(random_operations_agree_with_an_array),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
