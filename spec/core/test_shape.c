/*
 * shape.c: every shape at its borders, dates against the calendar of the system.
 */
#include "shape.h"

#include <time.h>

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

/* ---- e-mail ---- */

static void email(void **state) {
  (void)state;
  static const row rows[] = {
      {"ada@example.com", true},
      {"a@b.c", true},
      {"ada.lovelace+idv@mail.example.co.uk", true},
      {"!#$%&'*+/=?^_`{|}~-@example.com", true},
      {"1@2.3", true},
      {"zo\xc3\xab@example.com", true},
      {"ada@b\xc3\xbc"
       "cher.example",
       true},
      {"ada@xn--bcher-kva.example", true},
      {"", false},
      {"ada", false},
      {"@", false},
      {"ada@", false},
      {"@example.com", false},
      {"ada@example", false},
      {"ada@example.", false},
      {"ada@.com", false},
      {"ada@example..com", false},
      {"ada@-example.com", false},
      {"ada@example-.com", false},
      {"ada@exa_mple.com", false},
      {"ada@example.com:25", false},
      {"ada@[127.0.0.1]", false},
      {"ada@@example.com", false},
      {"ada@example@example.com", false},
      {".ada@example.com", false},
      {"ada.@example.com", false},
      {"a..da@example.com", false},
      {"a da@example.com", false},
      {" ada@example.com", false},
      {"ada@example.com ", false},
      {"ada@exam ple.com", false},
      {"ada\t@example.com", false},
      {"ada\r\n@example.com", false},
      {"ada\x7f@example.com", false},
      {"\"ada\"@example.com", false},
      {"Ada <ada@example.com>", false},
      {"a,b@example.com", false},
      {"a;b@example.com", false},
      {"a:b@example.com", false},
      {"a(b)@example.com", false},
      {"a[b]@example.com", false},
      {"a\\b@example.com", false},
  };
  CHECK_ROWS(idv_shape_is_email, rows);
  check_nul(idv_shape_is_email, "ada@example.com");
}

/* An address with a local part, first label and last label of such lengths. */
static bool is_email_with(size_t local, size_t label, size_t labels) {
  char bytes[400];
  size_t length = 0;
  memset(bytes, 'x', local);
  length += local;
  bytes[length++] = '@';
  for (size_t i = 0; i < labels; i++) {
    memset(bytes + length, 'y', label);
    length += label;
    bytes[length++] = '.';
  }
  memcpy(bytes + length, "com", 3);
  return idv_shape_is_email(fenced_at(FENCED_END, bytes, length + 3));
}

static void email_lengths(void **state) {
  (void)state;
  assert_true(is_email_with(64, 10, 1));
  assert_false(is_email_with(65, 10, 1));
  assert_true(is_email_with(10, 63, 1));
  assert_false(is_email_with(10, 64, 1));
  assert_true(is_email_with(58, 63, 3));  /* 254 bytes: 58 + 1 + 3 * 64 + 3 */
  assert_false(is_email_with(59, 63, 3)); /* 255 bytes */
}

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
      {"+1", true},  {"+44", true},     {"+1684", true}, {"", false},     {"+", false},
      {"44", false}, {"+12345", false}, {"+4a", false},  {"+ 44", false}, {"-44", false},
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

/* ---- dates ---- */

static void date(void **state) {
  (void)state;
  static const row rows[] = {
      {"2026-01-05", true},   {"0001-01-01", true},  {"9999-12-31", true},  {"2024-02-29", true},
      {"2000-02-29", true},   {"1900-02-29", false}, {"2023-02-29", false}, {"2024-02-30", false},
      {"2026-04-31", false},  {"2026-00-01", false}, {"2026-13-01", false}, {"2026-01-00", false},
      {"2026-01-32", false},  {"0000-01-01", false}, {"", false},           {"2026-1-5", false},
      {"2026-01-5", false},   {"26-01-05", false},   {"2026/01/05", false}, {"2026-01-051", false},
      {" 2026-01-05", false}, {"2026-01-0a", false}, {"20a6-01-05", false}, {"2026-0a-05", false},
      {"-026-01-05", false},  {"2026- 1-05", false}, {"2026-01-+5", false}, {"05.01.2026", false},
      {"202601-05-", false},
  };
  CHECK_ROWS(idv_shape_is_date, rows);
  check_nul(idv_shape_is_date, "2026-01-05");
}

/* Whether the system's calendar gives the day back as it got it. */
static bool day_exists(int year, int month, int day) {
  struct tm asked = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day}, given = asked;
  timegm(&given);
  return given.tm_year == asked.tm_year && given.tm_mon == asked.tm_mon && given.tm_mday == asked.tm_mday;
}

static void every_date_of_five_centuries_agrees_with_the_calendar(void **state) {
  (void)state;
  char text[64];
  for (int year = 1890; year < 2410; year++) {
    for (int month = 0; month <= 13; month++) {
      for (int day = 0; day <= 32; day++) {
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        if (idv_shape_is_date(idv_slice_of(text)) != day_exists(year, month, day)) {
          fail_msg("%s", text);
        }
      }
    }
  }
}

static void moment(void **state) {
  (void)state;
  static const row rows[] = {
      {"2026-01-05", true},
      {"2026-01-05T09:00:00Z", true},
      {"2026-01-05T00:00:00Z", true},
      {"2026-01-05T23:59:60Z", true},
      {"2026-01-05T09:00:00+00:00", true},
      {"2026-01-05T09:00:00-05:30", true},
      {"2026-01-05T09:00:00+23:59", true},
      {"2026-01-05T09:00:00.1Z", true},
      {"2026-01-05T09:00:00.123456789+01:00", true},
      {"", false},
      {"2026-01-0", false},
      {"2026-02-30", false},
      {"2026-01-05T", false},
      {"2026-01-05Z", false},
      {"2026-02-30T09:00:00Z", false},
      {"2026-01-05T09:00:00", false},
      {"2026-01-05T09:00:00.5", false},
      {"2026-01-05T09:00:00.Z", false},
      {"2026-01-05T09:00:00.+01:00", false},
      {"2026-01-05T09:00:00.1.2Z", false},
      {"2026-01-05T09:00:00,5Z", false},
      {"2026-01-05T24:00:00Z", false},
      {"2026-01-05T09:60:00Z", false},
      {"2026-01-05T09:00:61Z", false},
      {"2026-01-05T9:00:00Z", false},
      {"2026-01-05T09:00Z", false},
      {"2026-01-05 09:00:00Z", false},
      {"2026-01-05t09:00:00Z", false},
      {"2026-01-05T09:00:00z", false},
      {"2026-01-05T09-00-00Z", false},
      {"2026-01-05T09:00-00Z", false},
      {"2026-01-05T09:00:00ZZ", false},
      {"2026-01-05T09:00:00Z ", false},
      {"2026-01-05T09:00:00+24:00", false},
      {"2026-01-05T09:00:00+01:60", false},
      {"2026-01-05T09:00:00+0100", false},
      {"2026-01-05T09:00:00+01", false},
      {"2026-01-05T09:00:00+01:0", false},
      {"2026-01-05T09:00:00+a1:00", false},
      {"2026-01-05T09:00:00 01:00", false},
      {"2026-01-05T0a:00:00Z", false},
      {"2026-01-05T09:a0:00Z", false},
      {"2026-01-05T09:00:0aZ", false},
  };
  CHECK_ROWS(idv_shape_is_time, rows);
  check_nul(idv_shape_is_time, "2026-01-05T09:00:00.5+01:00");
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
      {"en.UTF8", false},
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

static void https_url(void **state) {
  (void)state;
  static const row rows[] = {
      {"https://example.com", true},
      {"https://example.com/back?x=1#y", true},
      {"HTTPS://example.com:8443/", true},
      {"https://[::1]/", true},
      {"", false},
      {"http://example.com", false},
      {"https://", false},
      {"https:example.com", false},
      {"//example.com", false},
      {"example.com", false},
      {"/back", false},
      {"https://user@example.com", false},
      {"https://user:password@example.com", false},
      {"https://@example.com", false},
      {"javascript:alert(1)", false},
      {"https://example.com/a b", false},
      {"https://example.com:0/", false},
      {"https://example.com\\@evil.example/", false},
  };
  CHECK_ROWS(idv_shape_is_https_url, rows);
  check_nul(idv_shape_is_https_url, "https://example.com");
}

static void no_shape_reads_outside_random_bytes(void **state) {
  (void)state;
  static shape *const shapes[] = {
      idv_shape_is_email,  idv_shape_is_phone,    idv_shape_is_dial_code, idv_shape_is_national_number,
      idv_shape_is_digits, idv_shape_is_date,     idv_shape_is_time,      idv_shape_is_country,
      idv_shape_is_token,  idv_shape_is_language, idv_shape_is_https_url,
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
  assert_false(idv_shape_is_email(absent));
  assert_false(idv_shape_is_phone(absent));
  assert_false(idv_shape_is_dial_code(absent));
  assert_false(idv_shape_is_national_number(absent));
  assert_false(idv_shape_is_digits(absent));
  assert_false(idv_shape_is_date(absent));
  assert_false(idv_shape_is_time(absent));
  assert_false(idv_shape_is_country(absent));
  assert_false(idv_shape_is_language(absent));
  assert_false(idv_shape_is_token(absent));
  assert_false(idv_shape_is_https_url(absent));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(email),
      cmocka_unit_test(email_lengths),
      cmocka_unit_test(phone),
      cmocka_unit_test(dial_code),
      cmocka_unit_test(national_number),
      cmocka_unit_test(digits),
      cmocka_unit_test(date),
      cmocka_unit_test(every_date_of_five_centuries_agrees_with_the_calendar),
      cmocka_unit_test(moment),
      cmocka_unit_test(country),
      cmocka_unit_test(language),
      cmocka_unit_test(token),
      cmocka_unit_test(every_byte_of_a_token),
      cmocka_unit_test(https_url),
      cmocka_unit_test(no_shape_reads_outside_random_bytes),
      cmocka_unit_test(an_absent_text_has_no_shape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
