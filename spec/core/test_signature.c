/*
 * Signatures: the test vector of RFC 4231, the one of the project's fact sheet, and everything around them
 * that must not pass.
 */
#include "check.h"
#include "fenced.h"
#include "signature.h"

static const char rfc_hex[] = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
static const char sheet_body[] = "{\"id\":\"evt_test\",\"type\":\"identity_verification_checks_completed\"}";
static const char sheet_hex[] = "76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9fe5";

static void vectors_pass(void **state) {
  (void)state;
  assert_true(
      idv_signature_is_hmac_sha256(fenced("Jefe"), fenced("what do ya want for nothing?"), fenced(rfc_hex)));
  assert_true(idv_signature_is_hmac_sha256(fenced("whsec_example"), fenced(sheet_body), fenced(sheet_hex)));
}

static void either_letter_case_passes(void **state) {
  (void)state;
  char upper[sizeof sheet_hex];
  for (size_t i = 0; i < sizeof sheet_hex; i++) {
    upper[i] = sheet_hex[i] >= 'a' ? (char)(sheet_hex[i] - 'a' + 'A') : sheet_hex[i];
  }
  assert_true(idv_signature_is_hmac_sha256(fenced("whsec_example"), fenced(sheet_body), fenced(upper)));
}

static void every_changed_digit_fails(void **state) {
  (void)state;
  char hex[sizeof sheet_hex];
  for (size_t i = 0; i < IDV_SIGNATURE_HEX; i++) {
    memcpy(hex, sheet_hex, sizeof hex);
    hex[i] = hex[i] == '0' ? '1' : '0';
    assert_false(idv_signature_is_hmac_sha256(fenced("whsec_example"), fenced(sheet_body), fenced(hex)));
  }
}

static void what_is_no_hex_fails(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "76dd",
      "76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9fe",
      "76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9fe5 ",
      "76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9feg",
      "0x76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9f",
  };
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    CHECK(texts[i],
          !idv_signature_is_hmac_sha256(fenced("whsec_example"), fenced(sheet_body), fenced(texts[i])));
  }
}

static void another_key_or_message_fails(void **state) {
  (void)state;
  assert_false(idv_signature_is_hmac_sha256(fenced("whsec_exampl"), fenced(sheet_body), fenced(sheet_hex)));
  assert_false(idv_signature_is_hmac_sha256(fenced("whsec_example "), fenced(sheet_body), fenced(sheet_hex)));
  assert_false(idv_signature_is_hmac_sha256(fenced("whsec_example"), fenced("{}"), fenced(sheet_hex)));
  assert_false(idv_signature_is_hmac_sha256(fenced("whsec_example"), fenced(""), fenced(sheet_hex)));
}

static void an_empty_key_signs_nothing(void **state) {
  (void)state;
  /* HMAC-SHA256 of nothing under an empty key */
  assert_false(idv_signature_is_hmac_sha256(
      fenced(""), fenced(""), fenced("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")));
}

static void sameness_is_of_the_whole_text(void **state) {
  (void)state;
  assert_true(idv_signature_same(fenced("whsec_1"), fenced("whsec_1")));
  assert_true(idv_signature_same(fenced(""), fenced("")));
  assert_false(idv_signature_same(fenced("whsec_1"), fenced("whsec_2")));
  assert_false(idv_signature_same(fenced("whsec_1"), fenced("whsec_1 ")));
  assert_false(idv_signature_same(fenced("whsec_1"), fenced("Whsec_1")));
  assert_false(idv_signature_same(fenced("whsec_1"), fenced("")));
}

static void digests_are_lower_case(void **state) {
  (void)state;
  char hex[IDV_SIGNATURE_HEX];
  assert_true(idv_signature_digest(fenced("abc"), hex));
  assert_memory_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                      IDV_SIGNATURE_HEX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors_pass),
      cmocka_unit_test(either_letter_case_passes),
      cmocka_unit_test(every_changed_digit_fails),
      cmocka_unit_test(what_is_no_hex_fails),
      cmocka_unit_test(another_key_or_message_fails),
      cmocka_unit_test(an_empty_key_signs_nothing),
      cmocka_unit_test(sameness_is_of_the_whole_text),
      cmocka_unit_test(digests_are_lower_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
