/*
 * permits.c: what can be listed, and what an address that was handed out may lead to then.
 */
#include "permits.h"

#include "check.h"

static void what_can_be_listed(void **state) {
  (void)state;
  static const char *const fine[] = {"storage.example",
                                     "Storage.Example.",
                                     "10.0.0.0/8",
                                     "10.1.2.3",
                                     "0.0.0.0/0",
                                     "fd00::/8",
                                     "::1",
                                     "[::1]",
                                     "::/0",
                                     "10.0.0.1/32",
                                     "a_b.internal",
                                     "host1"};
  static const char *const wrong[] = {
      "",           "https://a.example", "a.example:443",   "a.example/x", "10.0.0.0/33",
      "10.0.0.0/",  "10.0.0.0/-1",       "10.0.0.0/8x",     "fd00::/129",  "*.example",
      "a b",        ".example",          "10.0/8",          "127.1",       "2130706433",
      "a.example,", "10.0.0.0/0008",     "\xc3\xbc.example"};
  for (size_t i = 0; i < COUNT_OF(fine); i++) {
    CHECK(fine[i], idv_permits_can_hold(idv_slice_of(fine[i])));
  }
  for (size_t i = 0; i < COUNT_OF(wrong); i++) {
    CHECK(wrong[i], !idv_permits_can_hold(idv_slice_of(wrong[i])));
  }
}

typedef struct row {
  const char *listed; /* NULL: nothing */
  const char *host;
  const char *address;
  bool is_fine;
} row;

static const row rows[] = {
    {NULL, "storage.example", "8.8.8.8", true},
    {NULL, "storage.example", "10.0.0.1", false},
    {NULL, "storage.example", "127.0.0.1", false},
    {"storage.example", "storage.example", "10.0.0.1", true},
    {"storage.example", "STORAGE.Example", "10.0.0.1", true},
    {"storage.example", "storage.example.", "10.0.0.1", true},
    {"Storage.Example.", "storage.example", "10.0.0.1", true},
    {"storage.example", "a.storage.example", "10.0.0.1", false},
    {"storage.example", "storage.example.evil", "10.0.0.1", false},
    {"storage.example", "xstorage.example", "10.0.0.1", false},
    {"10.0.0.0/8", "any.example", "10.200.1.1", true},
    {"10.0.0.0/8", "any.example", "11.0.0.1", true}, /* public anyway */
    {"10.0.0.0/9", "any.example", "10.200.1.1", false},
    {"10.9.9.9/8", "any.example", "10.200.1.1", true},
    {"10.0.0.0/8", "any.example", "::ffff:10.1.1.1", true},
    {"10.0.0.0/8", "any.example", "64:ff9b::10.1.1.1", true},
    {"10.0.0.0/8", "any.example", "192.168.0.1", false},
    {"10.0.0.1", "any.example", "10.0.0.1", true},
    {"10.0.0.1", "any.example", "10.0.0.2", false},
    {"fd00::/8", "any.example", "fd12::1", true},
    {"fd00::/8", "any.example", "fc12::1", false},
    {"[fd00::1]", "any.example", "fd00::1", true},
    {"::/0", "any.example", "10.0.0.1", false},
    {"127.0.0.0/8", "any.example", "127.0.0.1", true},
    {"127.0.0.0/8", "any.example", "::1", false},
};

static void what_an_address_may_lead_to(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    idv_permits permits = {.list = NULL};
    idv_ip ip;
    assert_true(idv_ip_read(idv_slice_of(rows[i].address), &ip));
    assert_true(rows[i].listed == NULL || idv_permits_add(&permits, idv_slice_of(rows[i].listed)));
    bool is_fine = idv_permits_objection(&permits, idv_slice_of(rows[i].host), &ip) == IDV_REACH_PUBLIC;
    CHECK(rows[i].address, is_fine == rows[i].is_fine);
    idv_permits_free(&permits);
  }
}

static void this_machine_where_that_is_said(void **state) {
  (void)state;
  idv_permits permits = {.this_machine = true};
  idv_ip ip;
  static const char *const local[] = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"};
  for (size_t i = 0; i < COUNT_OF(local); i++) {
    idv_ip_read(idv_slice_of(local[i]), &ip);
    CHECK(local[i], idv_permits_objection(&permits, idv_slice_of("x"), &ip) == IDV_REACH_PUBLIC);
  }
  idv_ip_read(idv_slice_of("0.0.0.0"), &ip);
  assert_int_equal(IDV_REACH_UNSPECIFIED, idv_permits_objection(&permits, idv_slice_of("x"), &ip));
  idv_ip_read(idv_slice_of("10.0.0.1"), &ip);
  assert_int_equal(IDV_REACH_PRIVATE, idv_permits_objection(&permits, idv_slice_of("x"), &ip));
}

static void the_list_has_an_end(void **state) {
  (void)state;
  idv_permits permits = {.list = NULL};
  for (int i = 0; i < IDV_PERMITS_MAX; i++) {
    assert_true(idv_permits_add(&permits, idv_slice_of(i % 2 == 0 ? "a.example" : "10.0.0.0/8")));
  }
  assert_false(idv_permits_add(&permits, idv_slice_of("a.example")));
  idv_permits_free(&permits);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_can_be_listed),
      cmocka_unit_test(what_an_address_may_lead_to),
      cmocka_unit_test(this_machine_where_that_is_said),
      cmocka_unit_test(the_list_has_an_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
