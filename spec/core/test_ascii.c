/*
 * ascii.h: every class over all 256 bytes, against lists written out, whatever the sign of char is.
 */
#include "ascii.h"
#include "check.h"

static const char digits[] = "0123456789";
static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool is_in(const char *list, char c) {
  return c != '\0' && strchr(list, c) != NULL;
}

static void every_byte_is_in_its_classes(void **state) {
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    char c = (char)byte, what[16];
    snprintf(what, sizeof what, "byte 0x%02x", (unsigned)byte);
    bool is_letter = is_in(lower, c) || is_in(upper, c);
    CHECK(what, idv_ascii_is_digit(c) == is_in(digits, c));
    CHECK(what, idv_ascii_is_letter(c) == is_letter);
    CHECK(what, idv_ascii_is_alnum(c) == (is_letter || is_in(digits, c)));
    CHECK(what, idv_ascii_is_control(c) == (byte <= 0x1f || byte == 0x7f));
  }
}

static void only_capitals_are_lowered(void **state) {
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    char c = (char)byte, what[16];
    snprintf(what, sizeof what, "byte 0x%02x", (unsigned)byte);
    const char *capital = is_in(upper, c) ? strchr(upper, c) : NULL;
    CHECK(what, idv_ascii_lower(c) == (capital != NULL ? lower[capital - upper] : c));
  }
}

static void hexadecimal_digits_have_their_value(void **state) {
  (void)state;
  static const char small[] = "0123456789abcdef", large[] = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; byte++) {
    char c = (char)byte, what[16];
    snprintf(what, sizeof what, "byte 0x%02x", (unsigned)byte);
    int expected = is_in(small, c)   ? (int)(strchr(small, c) - small)
                   : is_in(large, c) ? (int)(strchr(large, c) - large)
                                     : -1;
    CHECK(what, idv_ascii_hex(c) == expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_byte_is_in_its_classes),
      cmocka_unit_test(only_capitals_are_lowered),
      cmocka_unit_test(hexadecimal_digits_have_their_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
