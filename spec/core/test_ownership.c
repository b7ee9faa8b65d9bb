#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

#include "ownership.h"

/* What a child finds, as its exit status. */
static bool is_foreign_in_child(const idv_ownership *ownership) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    _exit(idv_ownership_is_foreign(ownership) ? 1 : 0);
  }
  waitpid(child, &status, 0);
  return WEXITSTATUS(status) == 1;
}

static void a_child_is_not_the_owner(void **state) {
  (void)state;
  idv_ownership ownership;
  idv_ownership_take(&ownership);
  assert_false(idv_ownership_is_foreign(&ownership));
  assert_true(is_foreign_in_child(&ownership));
  assert_false(idv_ownership_is_foreign(&ownership));
  idv_ownership_free(&ownership);
}

static void without_a_page_the_process_id_tells(void **state) {
  (void)state;
  idv_ownership ownership;
  idv_ownership_take(&ownership);
  idv_ownership_free(&ownership);
  assert_false(idv_ownership_is_foreign(&ownership));
  assert_true(is_foreign_in_child(&ownership));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_child_is_not_the_owner),
      cmocka_unit_test(without_a_page_the_process_id_tells),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
