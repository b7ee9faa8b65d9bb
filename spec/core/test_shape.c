/*
 * shape.c: every shape at its borders.
 */
#include "shape.h"

#include "fenced.h"

typedef struct row {
  const char *text;
  bool has_shape;
} row;

typedef bool shape(idv_slice text);

static void check_rows(shape *has_shape, const row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice text = fenced_at(side, rows[i].text, strlen(rows[i].text));
      CHECK(rows[i].text, has_shape(text) == rows[i].has_shape);
    }
  }
}

/* A NUL within, or at the end of, a text that has the shape takes it away. */
static void check_nul(shape *has_shape, const char *text) {
  char bytes[64];
  size_t length = strlen(text);
  assert_true(has_shape(fenced(text)));
  for (size_t at = 0; at <= length; at++) {
    memcpy(bytes, text, length + 1);
    bytes[at] = '\0';
    CHECK(text, !has_shape(fenced_at(FENCED_END, bytes, at < length ? length : length + 1)));
  }
}

#define CHECK_ROWS(has_shape, rows) check_rows((has_shape), (rows), COUNT_OF(rows))

/* ---- numbers ---- */

static void phone(void **state) {
  (void)state;
  static const row rows[] = {
      {"+15192223333", true},
      {"+1234567890", true},
      {"+123456789012345", true},
      {"+123456789", false},
      {"+1234567890123456", false},
      {"", false},
      {"+", false},
      {"+0123456789", false},
      {"15192223333", false},
      {"+1519222333a", false},
      {"+1 519 222 3333", false},
      {"+1-519-222-3333", false},
      {"++1519222333", false},
      {" +15192223333", false},
      {"+15192223333 ", false},
      {"+1519222333\xef\xbc\x91", false},
  };
  CHECK_ROWS(idv_shape_is_phone, rows);
  check_nul(idv_shape_is_phone, "+15192223333");
}

static void dial_code(void **state) {
  (void)state;
  static const row rows[] = {
      {"+1", true},   {"+44", true},   {"+1684", true},
      {"", false},    {"+", false},    {"+12345678901234567890", true},
      {"+0", true},   {"44", false},   {"+12345", true},
      {"+4a", false}, {"+ 44", false}, {"-44", false},
  };
  CHECK_ROWS(idv_shape_is_dial_code, rows);
  check_nul(idv_shape_is_dial_code, "+44");
}

static void national_number(void **state) {
  (void)state;
  static const row rows[] = {
      {"1", true},   {"07123456789", true}, {"12345678901234", true}, {"", false}, {"123456789012345", false},
      {"+1", false}, {"1 2", false},        {"12a", false},
  };
  CHECK_ROWS(idv_shape_is_national_number, rows);
  check_nul(idv_shape_is_national_number, "123");
}

static void digits(void **state) {
  (void)state;
  static const row rows[] = {
      {"0", true},   {"0123456789", true}, {"99999999999999999999999999999999", true},
      {"", false},   {"-1", false},        {"1.0", false},
      {"1a", false}, {"\xd9\xa1", false},
  };
  CHECK_ROWS(idv_shape_is_digits, rows);
  check_nul(idv_shape_is_digits, "123");
}

/* ---- names of things ---- */

static void country(void **state) {
  (void)state;
  static const row rows[] = {
      {"FR", true},   {"fr", true},  {"Zz", true},  {"", false},   {"F", false},
      {"FRA", false}, {"F1", false}, {"1F", false}, {" F", false}, {"\xc3\xa9", false},
  };
  CHECK_ROWS(idv_shape_is_country, rows);
  check_nul(idv_shape_is_country, "FR");
}

static void language(void **state) {
  (void)state;
  static const row rows[] = {
      {"en", true},         {"en-US", true},       {"zh-Hant-TW", true},
      {"de-CH-1996", true}, {"es-419", true},      {"en-a-bbb-x-1", true},
      {"abcdefgh", true},   {"de-abcdefgh", true}, {"", false},
      {"e", false},         {"-", false},          {"en-", false},
      {"-en", false},       {"en--US", false},     {"en_US", false},
      {"en US", false},     {"abcdefghi", false},  {"de-abcdefghi", false},
      {"e1", false},        {"12", false},         {"en-U\xc3\xa9", false},
      {"en.UTF8", false},   {"x-own", true},       {"i-klingon", true},
      {"X-a", true},        {"x", false},          {"x-", false},
      {"a-bc", false},      {"en-", false},
  };
  CHECK_ROWS(idv_shape_is_language, rows);
  check_nul(idv_shape_is_language, "en-US");
}

static void token(void **state) {
  (void)state;
  static const row rows[] = {
      {"a", true},
      {"0", true},
      {"idv_tkoi5db4", true},
      {"a-b.c_d~e", true},
      {"-a", true},
      {"..a", true},
      {"", false},
      {".", false},
      {"..", false},
      {"-._~", false},
      {"a/b", false},
      {"a b", false},
      {"a%20", false},
      {"a\\b", false},
      {"a?b", false},
      {"\xc3\xa9"
       "a",
       false},
      {"a\n", false},
  };
  CHECK_ROWS(idv_shape_is_token, rows);
  check_nul(idv_shape_is_token, "abc");
}

static void every_byte_of_a_token(void **state) {
  (void)state;
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (int byte = 0; byte < 256; byte++) {
    char text[] = {'a', (char)byte}, what[16];
    snprintf(what, sizeof what, "byte 0x%02x", (unsigned)byte);
    CHECK(what,
          idv_shape_is_token(fenced_at(FENCED_END, text, 2)) == (byte != 0 && strchr(allowed, byte) != NULL));
  }
}

static void no_shape_reads_outside_random_bytes(void **state) {
  (void)state;
  static shape *const shapes[] = {
      idv_shape_is_phone,   idv_shape_is_dial_code, idv_shape_is_national_number, idv_shape_is_digits,
      idv_shape_is_country, idv_shape_is_token,     idv_shape_is_language,
  };
  static const char *const alphabets[] = {NULL, "+0123456789", "0123-T:Z+.", "a.@-", "https:/@"};
  uint64_t random = 31;
  char bytes[32];
  for (int i = 0; i < 20000; i++) {
    size_t length = check_random_below(&random, sizeof bytes);
    check_random_bytes(&random, alphabets[i % (int)COUNT_OF(alphabets)], bytes, length);
    idv_slice text = fenced_at((fenced_side)(i % FENCED_SIDES), bytes, length);
    for (size_t j = 0; j < COUNT_OF(shapes); j++) {
      bool has_shape = shapes[j](text);
      assert_true(!has_shape || length > 0);
    }
  }
}

static void an_absent_text_has_no_shape(void **state) {
  (void)state;
  static const idv_slice absent = {.data = NULL};
  assert_false(idv_shape_is_phone(absent));
  assert_false(idv_shape_is_dial_code(absent));
  assert_false(idv_shape_is_national_number(absent));
  assert_false(idv_shape_is_digits(absent));
  assert_false(idv_shape_is_country(absent));
  assert_false(idv_shape_is_language(absent));
  assert_false(idv_shape_is_token(absent));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(phone),
      cmocka_unit_test(dial_code),
      cmocka_unit_test(national_number),
      cmocka_unit_test(digits),
      cmocka_unit_test(country),
      cmocka_unit_test(language),
      cmocka_unit_test(token),
      cmocka_unit_test(every_byte_of_a_token),
      cmocka_unit_test(no_shape_reads_outside_random_bytes),
      cmocka_unit_test(an_absent_text_has_no_shape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
