/*
 * iso8601.c: the forms of the standard, what looks like one and is none, and every day of five centuries, by
 * month, by week and by day of the year, against the calendar of the system.
 */
#include "iso8601.h"

#include <time.h>

#include "fenced.h"

typedef struct row {
  const char *text;
  bool is_one;
} row;

typedef bool predicate(idv_slice text);

static void check_rows(predicate *is_one, const row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      idv_slice text = fenced_at(side, rows[i].text, strlen(rows[i].text));
      CHECK(rows[i].text, is_one(text) == rows[i].is_one);
    }
  }
}

/* A NUL within, or at the end of, a text that is one takes that away. */
static void check_nul(predicate *is_one, const char *text) {
  char bytes[64];
  size_t length = strlen(text);
  assert_true(is_one(fenced(text)));
  for (size_t at = 0; at <= length; at++) {
    memcpy(bytes, text, length + 1);
    bytes[at] = '\0';
    CHECK(text, !is_one(fenced_at(FENCED_END, bytes, at < length ? length : length + 1)));
  }
}

#define CHECK_ROWS(is_one, rows) check_rows((is_one), (rows), COUNT_OF(rows))

/* ---- days ---- */

static void day(void **state) {
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
  CHECK_ROWS(idv_iso8601_is_day, rows);
  check_nul(idv_iso8601_is_day, "2026-01-05");
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
        if (idv_iso8601_is_day(idv_slice_of(text)) != day_exists(year, month, day)) {
          fail_msg("%s", text);
        }
      }
    }
  }
}

/* ---- moments ---- */

static void moment(void **state) {
  (void)state;
  static const row rows[] = {
      {"2026", true},
      {"2026-01", true},
      {"2026-12", true},
      {"2026-01-05", true},
      {"20260105", true},
      {"2024-02-29", true},
      {"20240229", true},
      {"2024-366", true},
      {"2024366", true},
      {"2025-365", true},
      {"2026-001", true},
      {"2026001", true},
      {"2026-W01", true},
      {"2026W01", true},
      {"2026-W01-1", true},
      {"2026W011", true},
      {"2026-W53-7", true},
      {"2020-W53", true},
      {"2026-w01-1", true},
      {"2026-01-05T09", true},
      {"2026-01-05T09Z", true},
      {"2026-01-05T09:30", true},
      {"2026-01-05T09:30Z", true},
      {"2026-01-05T09:00:00Z", true},
      {"2026-01-05T09:00:00", true},
      {"2026-01-05T00:00:00Z", true},
      {"2026-01-05T23:59:60Z", true},
      {"2026-01-05T24:00:00Z", true},
      {"2026-01-05T24:00", true},
      {"2026-01-05T24", true},
      {"2026-01-05T24:00:00.000Z", true},
      {"20260105T2400Z", true},
      {"2026-01-05T09:00:00+00:00", true},
      {"2026-01-05T09:00:00-05:30", true},
      {"2026-01-05T09:00:00+23:59", true},
      {"2026-01-05T09:00:00+0100", true},
      {"2026-01-05T09:00:00+01", true},
      {"2026-01-05T09:00+01", true},
      {"2026-01-05T09-05", true},
      {"2026-01-05T09:00:00-00:00", true},
      {"2026-01-05T09:00:00.1Z", true},
      {"2026-01-05T09:00:00,5Z", true},
      {"2026-01-05T09:00:00.123456789+01:00", true},
      {"2026-01-05T09:30.5Z", true},
      {"2026-01-05T09,25Z", true},
      {"2026-01-05T09:00:00.5", true},
      {"2026-01-05T09:00:00.123456789012345678901234567890Z", true},
      {"20260105T090000Z", true},
      {"20260105T0900", true},
      {"20260105T09", true},
      {"20260105T090000.5+0100", true},
      {"20260105T09:00:00Z", true},
      {"2026-01-05T090000Z", true},
      {"2026-005T09:00:00Z", true},
      {"2026005T090000Z", true},
      {"2026-W02-1T09:00:00Z", true},
      {"2026W021T090000Z", true},
      {"2026-01-05t09:00:00z", true},
      {"2026-01-05T09:00:00z", true},
      {"2026-01-05t09:00:00+01:00", true},
      {"", false},
      {"2026-", false},
      {"202601", false},
      {"2026-1", false},
      {"2026-00", false},
      {"2026-13", false},
      {"2026-013-1", false},
      {"26-01-05", false},
      {"02026-01-05", false},
      {"+2026-01-05", false},
      {"-2026-01-05", false},
      {"+002026-01-05", false},
      {"0000-01-01", false},
      {"0000", false},
      {"2026-01-0", false},
      {"2026-01-5", false},
      {"2026-1-05", false},
      {"2026-02-30", false},
      {"2025-02-29", false},
      {"20250229", false},
      {"1900-02-29", false},
      {"2026-000", false},
      {"2026-366", false},
      {"2025366", false},
      {"2024-367", false},
      {"2026-W00", false},
      {"2026-W54", false},
      {"2025-W53", false},
      {"2025W531", false},
      {"2026-W01-0", false},
      {"2026-W01-8", false},
      {"2026-W1", false},
      {"2026W01-1", false},
      {"2026-W011", false},
      {"2026-W", false},
      {"2026-W01-", false},
      {"2026/01/05", false},
      {"2026.01.05", false},
      {"05.01.2026", false},
      {"01/05/2026", false},
      {"Jan 5 2026", false},
      {"20260105 ", false},
      {"2026-0105", false},
      {"202601-05", false},
      {"2026--01-05", false},
      {"2026-01-05-", false},
      {"2026-01-05T", false},
      {"2026-01-05Z", false},
      {"2026-01T09:00Z", false},
      {"2026T09:00Z", false},
      {"2026-W02T09:00Z", false},
      {"2026-02-30T09:00:00Z", false},
      {"2026-01-05T9:00:00Z", false},
      {"2026-01-05T9Z", false},
      {"2026-01-05T900", false},
      {"2026-01-05T09:", false},
      {"2026-01-05T09:0", false},
      {"2026-01-05T09:00:", false},
      {"2026-01-05T09:00:0Z", false},
      {"2026-01-05T09:00:00.Z", false},
      {"2026-01-05T09:00:00.", false},
      {"2026-01-05T09:00:00.+01:00", false},
      {"2026-01-05T09:00:00.1.2Z", false},
      {"2026-01-05T09.5:30Z", false},
      {"2026-01-05T24:00:01Z", false},
      {"2026-01-05T24:01Z", false},
      {"2026-01-05T24:00:00.1Z", false},
      {"2026-01-05T24.5Z", false},
      {"2026-01-05T25:00Z", false},
      {"2026-01-05T09:60:00Z", false},
      {"2026-01-05T09:00:61Z", false},
      {"2026-01-05T0960Z", false},
      {"2026-01-05 09:00:00Z", false},
      {"2026-01-05  09:00", false},
      {"2026-01-05_09:00:00Z", false},
      {"2026-01-05T09-00-00Z", false},
      {"2026-01-05T09:00-00Z:", false},
      {"2026-01-05T09:00:00ZZ", false},
      {"2026-01-05T09:00:00Z ", false},
      {" 2026-01-05", false},
      {"2026-01-05T09:00:00 Z", false},
      {"2026-01-05T09:00:00+24:00", false},
      {"2026-01-05T09:00:00+01:60", false},
      {"2026-01-05T09:00:00+1", false},
      {"2026-01-05T09:00:00+1:00", false},
      {"2026-01-05T09:00:00+01:0", false},
      {"2026-01-05T09:00:00+01:", false},
      {"2026-01-05T09:00:00+a1:00", false},
      {"2026-01-05T09:00:00 01:00", false},
      {"2026-01-05T09:00:00+01:00:00", false},
      {"2026-01-05T09:00:00+", false},
      {"2026-01-05T09:00:00\xe2\x88\x92"
       "01:00",
       false},
      {"2026-01-05T0a:00:00Z", false},
      {"2026-01-05T09:a0:00Z", false},
      {"2026-01-05T09:00:0aZ", false},
      {"2026-01-05T09:0000Z", false},
      {"2026-01-05T0900:00Z", false},
      {"P1Y", false},
      {"PT1H", false},
      {"2026-01-05/2026-01-06", false},
      {"2026-01-05T09:00:00Z/P1D", false},
      {"R5/2026", false},
      {"1767600000", false},
      {"now", false},
      {"today", false},
      {"T09:00:00Z", false},
      {"09:00:00", false},
      {"--01-05", false},
      {"2026-W02-1T", false},
      {"2026-01-05T09:00:00 GMT", false},
      {"2026-01-05T09:00:00Europe/Berlin", false},
      {"2026-01-05T09:00:00Z[UTC]", false},
      {"\xef\xbc\x92"
       "026-01-05",
       false},
  };
  CHECK_ROWS(idv_iso8601_is_moment, rows);
  check_nul(idv_iso8601_is_moment, "2026-01-05T09:00:00.5+01:00");
}

/* The day by week and by number, as the system writes them. */
static void every_day_is_one_by_week_and_by_number_too(void **state) {
  (void)state;
  static const char *const formats[] = {"%G-W%V-%u", "%GW%V%u", "%Y-%j", "%Y%j", "%Y%m%d", "%G-W%V", "%Y-%m"};
  char text[64];
  for (int day = 0; day < 366 * 500; day++) {
    struct tm moment = {.tm_year = -5, .tm_mon = 0, .tm_mday = 1 + day};
    timegm(&moment);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
      strftime(text, sizeof text, formats[i], &moment);
      if (!idv_iso8601_is_moment(idv_slice_of(text))) {
        fail_msg("%s", text);
      }
    }
  }
}

/* A year has a week 53 exactly when the system counts one. */
static void a_week_53_is_there_when_the_calendar_has_it(void **state) {
  (void)state;
  char text[64], last[64];
  for (int year = 1600; year < 2400; year++) {
    struct tm moment = {.tm_year = year - 1900, .tm_mon = 11, .tm_mday = 28}; /* always in the last week */
    moment.tm_mday += 3; /* the 31st is in week 53, or in week 1 of the next year, or in week 52 */
    timegm(&moment);
    strftime(last, sizeof last, "%V", &moment);
    snprintf(text, sizeof text, "%04d-W53", year);
    CHECK(text, idv_iso8601_is_moment(idv_slice_of(text)) == (strcmp(last, "53") == 0));
  }
}

static void nothing_is_read_outside_random_bytes(void **state) {
  (void)state;
  static const char *const alphabets[] = {NULL, "0123456789", "0123-T:Z+.", "0129-W:tz,"};
  uint64_t random = 31;
  char bytes[32];
  for (int i = 0; i < 20000; i++) {
    size_t length = check_random_below(&random, sizeof bytes);
    check_random_bytes(&random, alphabets[i % (int)COUNT_OF(alphabets)], bytes, length);
    idv_slice text = fenced_at((fenced_side)(i % FENCED_SIDES), bytes, length);
    assert_true(!idv_iso8601_is_day(text) || idv_iso8601_is_moment(text));
    assert_true(!idv_iso8601_is_moment(text) || length >= 4);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(day),
      cmocka_unit_test(every_date_of_five_centuries_agrees_with_the_calendar),
      cmocka_unit_test(moment),
      cmocka_unit_test(every_day_is_one_by_week_and_by_number_too),
      cmocka_unit_test(a_week_53_is_there_when_the_calendar_has_it),
      cmocka_unit_test(nothing_is_read_outside_random_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
