#include "iso8601.h"

#include <stddef.h>

#include "ascii.h"

/* ---- taking what a text begins with ---- */

static size_t count_digits(idv_slice rest) {
  size_t count = 0;
  while (count < rest.length && idv_ascii_is_digit(rest.data[count])) {
    count++;
  }
  return count;
}

static void skip(idv_slice *rest, size_t count) {
  rest->data += count;
  rest->length -= count;
}

/* The number that the next `count` characters write; -1, and nothing is taken, when they are not digits. */
static int take_number(idv_slice *rest, size_t count) {
  int value = 0;
  if (count_digits(*rest) < count) {
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    value = value * 10 + (rest->data[i] - '0');
  }
  skip(rest, count);
  return value;
}

/* Takes a character; an upper-case letter may stand there as a small one. */
static bool take_mark(idv_slice *rest, char mark) {
  bool is_there = rest->length > 0 && (rest->data[0] == mark || rest->data[0] == idv_ascii_lower(mark));
  if (is_there) {
    skip(rest, 1);
  }
  return is_there;
}

static bool is_between(int number, int least, int most) {
  return number >= least && number <= most;
}

/* ---- dates ---- */

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* The weekday of the last day of a year, Sunday being 0. */
static int last_weekday(int year) {
  return (year + year / 4 - year / 100 + year / 400) % 7;
}

static int weeks_of_year(int year) {
  enum { WEDNESDAY = 3, THURSDAY = 4 };
  return last_weekday(year) == THURSDAY || last_weekday(year - 1) == WEDNESDAY ? 53 : 52;
}

/* How far down a date goes. */
typedef enum precision { NO_DATE, COARSE, DAY } precision;

static precision take_month_and_day(idv_slice *rest, int year, bool has_hyphens) {
  int month = take_number(rest, 2);
  if (!is_between(month, 1, 12)) {
    return NO_DATE;
  }
  if (has_hyphens && !take_mark(rest, '-')) {
    return COARSE;
  }
  return is_between(take_number(rest, 2), 1, days_of_month(year, month)) ? DAY : NO_DATE;
}

static precision take_day_of_year(idv_slice *rest, int year) {
  return is_between(take_number(rest, 3), 1, is_leap(year) ? 366 : 365) ? DAY : NO_DATE;
}

/* What follows the "W". */
static precision take_week(idv_slice *rest, int year, bool has_hyphens) {
  if (!is_between(take_number(rest, 2), 1, weeks_of_year(year))) {
    return NO_DATE;
  }
  bool has_day = has_hyphens ? take_mark(rest, '-') : count_digits(*rest) > 0;
  if (!has_day) {
    return COARSE;
  }
  return is_between(take_number(rest, 1), 1, 7) ? DAY : NO_DATE;
}

static precision take_date(idv_slice *rest) {
  int year = take_number(rest, 4);
  if (year < 1) {
    return NO_DATE;
  }
  bool has_hyphens = take_mark(rest, '-');
  if (take_mark(rest, 'W')) {
    return take_week(rest, year, has_hyphens);
  }
  switch (count_digits(*rest)) {
  case 0:
    return has_hyphens ? NO_DATE : COARSE;
  case 2:
    return has_hyphens ? take_month_and_day(rest, year, true) : NO_DATE;
  case 3:
    return take_day_of_year(rest, year);
  case 4:
    return has_hyphens ? NO_DATE : take_month_and_day(rest, year, false);
  default:
    return NO_DATE;
  }
}

bool idv_iso8601_is_written_as_day(idv_slice text) {
  return take_number(&text, 4) >= 0 && take_mark(&text, '-') && take_number(&text, 2) >= 0 &&
         take_mark(&text, '-') && take_number(&text, 2) >= 0 && text.length == 0;
}

bool idv_iso8601_is_day(idv_slice text) {
  idv_slice rest = text;
  return idv_iso8601_is_written_as_day(text) && take_date(&rest) == DAY;
}

/* ---- times ---- */

/* Takes the minute or the second, where one follows; *part stays 0 where none does. */
static bool take_part(idv_slice *rest, bool has_colons, int most, int *part) {
  bool is_there = has_colons ? take_mark(rest, ':') : count_digits(*rest) > 0;
  if (!is_there) {
    return true;
  }
  *part = take_number(rest, 2);
  return is_between(*part, 0, most);
}

/* Takes the fraction, where one follows. *is_nought stays as it is where there is none, or only noughts. */
static bool take_fraction(idv_slice *rest, bool *is_nought) {
  if (!take_mark(rest, '.') && !take_mark(rest, ',')) {
    return true;
  }
  size_t digits = count_digits(*rest);
  for (size_t i = 0; i < digits; i++) {
    *is_nought = *is_nought && rest->data[i] == '0';
  }
  skip(rest, digits);
  return digits > 0;
}

static bool take_zone(idv_slice *rest) {
  if (rest->length == 0 || take_mark(rest, 'Z')) {
    return true;
  }
  int minutes = 0;
  bool has_sign = take_mark(rest, '+') || take_mark(rest, '-');
  return has_sign && is_between(take_number(rest, 2), 0, 23) &&
         take_part(rest, rest->length > 0 && rest->data[0] == ':', 59, &minutes);
}

static bool take_time(idv_slice *rest) {
  int hour = take_number(rest, 2), minute = 0, second = 0;
  bool has_colons = rest->length > 0 && rest->data[0] == ':', is_nought = true;
  bool is_written = is_between(hour, 0, 24) && take_part(rest, has_colons, 59, &minute) &&
                    take_part(rest, has_colons, 60, &second) && take_fraction(rest, &is_nought);
  bool exists = hour < 24 || (minute == 0 && second == 0 && is_nought);
  return is_written && exists && take_zone(rest);
}

bool idv_iso8601_is_moment(idv_slice text) {
  precision reach = take_date(&text);
  if (reach == DAY && take_mark(&text, 'T')) {
    return take_time(&text) && text.length == 0;
  }
  return reach != NO_DATE && text.length == 0;
}
