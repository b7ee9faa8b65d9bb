#include "flaw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"
#include "iso8601.h"
#include "return_address.h"
#include "shape.h"
#include "uri.h"
#include "utf8.h"

/* ---- writing ---- */

/* Writes a whole sentence. Returns true, so that a function can end with it. */
__attribute__((format(printf, 2, 3))) static bool say(char *why, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why, IDV_FLAW_MAX, format, arguments);
  va_end(arguments);
  return true;
}

/* "<reason> at byte <at + 1>; must be <what>" */
static bool say_at(char *why, const char *reason, size_t at, const idv_expected *expected) {
  return say(why, "%s at byte %zu; must be %s", reason, at + 1, expected->what);
}

static bool say_reason(char *why, const char *reason, const idv_expected *expected) {
  return say(why, "%s; must be %s", reason, expected->what);
}

/* ---- characters ---- */

static bool ends_with_blank(idv_slice text) {
  for (size_t length = 1; length <= 3 && length <= text.length; length++) {
    if (idv_utf8_blank_at(text, text.length - length) == length) {
      return true;
    }
  }
  return false;
}

bool idv_flaw_outside(idv_slice text, const idv_expected *expected, char *why) {
  if (text.length > 0 && idv_utf8_blank_at(text, 0) > 0) {
    return say_reason(why, "begins with a blank", expected);
  }
  return ends_with_blank(text) && say_reason(why, "ends with a blank", expected);
}

/* A blank anywhere. */
static bool find_blank(idv_slice text, const idv_expected *expected, char *why) {
  if (idv_flaw_outside(text, expected, why)) {
    return true;
  }
  for (size_t at = 0; at < text.length; at++) {
    if (idv_utf8_blank_at(text, at) > 0) {
      return say_at(why, "holds a blank", at, expected);
    }
  }
  return false;
}

/* A blank, or a character that is not ASCII, of which there are digits, dashes and letters, too. */
static bool find_foreign(idv_slice text, const idv_expected *expected, char *why) {
  if (find_blank(text, expected, why)) {
    return true;
  }
  for (size_t at = 0; at < text.length; at++) {
    if ((unsigned char)text.data[at] >= 0x80) {
      return say_at(why, "holds a character that is not ASCII", at, expected);
    }
  }
  return false;
}

/* ---- e-mail ---- */

bool idv_flaw_email(idv_slice text, const idv_expected *expected, char *why) {
  if (find_blank(text, expected, why)) {
    return true;
  }
  size_t at = text.length;
  while (at > 0 && text.data[at - 1] != '@') {
    at--;
  }
  if (at == 0) {
    return say_reason(why, "has no @", expected);
  }
  if (at == 1) {
    return say_reason(why, "has nothing before the @", expected);
  }
  return at == text.length && say_reason(why, "has nothing behind the @", expected);
}

/* ---- numbers ---- */

static const char *class_of(char c) {
  if (idv_ascii_is_letter(c)) {
    return "holds a letter";
  }
  if (c == '(' || c == ')' || c == '[' || c == ']') {
    return "holds a bracket";
  }
  return c == '-'   ? "holds a hyphen"
         : c == '.' ? "holds a dot"
         : c == '/' ? "holds a slash"
         : c == '+' ? "holds a plus"
                    : "holds a character that is not a digit";
}

static bool find_other_than_digit(idv_slice text, size_t from, const idv_expected *expected, char *why) {
  for (size_t at = from; at < text.length; at++) {
    if (!idv_ascii_is_digit(text.data[at])) {
      return say_at(why, class_of(text.data[at]), at, expected);
    }
  }
  return false;
}

/* A number that does not begin with a plus, or has something else than digits behind it. */
static bool find_not_international(idv_slice text, const idv_expected *expected, char *why) {
  if (find_foreign(text, expected, why)) {
    return true;
  }
  if (text.length >= 2 && memcmp(text.data, "00", 2) == 0) {
    return say_reason(why, "begins with 00 instead of a plus", expected);
  }
  if (text.length == 0 || text.data[0] != '+') {
    return say_reason(why, "does not begin with a plus and a country's code", expected);
  }
  return find_other_than_digit(text, 1, expected, why);
}

bool idv_flaw_phone(idv_slice text, const idv_expected *expected, char *why) {
  if (idv_shape_is_phone(text)) {
    return false;
  }
  if (find_not_international(text, expected, why)) {
    return true;
  }
  if (text.length > 1 && text.data[1] == '0') {
    return say_reason(why, "has a 0 behind the plus, where a country's code begins", expected);
  }
  return say(why, "has %zu digits, but %s takes 10 to 15; must be %s", text.length - 1, expected->whose,
             expected->what);
}

bool idv_flaw_dial_code(idv_slice text, const idv_expected *expected, char *why) {
  return !idv_shape_is_dial_code(text) && (find_not_international(text, expected, why) ||
                                           say_reason(why, "has no digit behind the plus", expected));
}

bool idv_flaw_national_number(idv_slice text, const idv_expected *expected, char *why) {
  return !idv_shape_is_national_number(text) &&
         (find_foreign(text, expected, why) || find_other_than_digit(text, 0, expected, why) ||
          say(why, "has %zu digits, but %s takes %s", text.length, expected->whose, expected->what));
}

/* ---- dates ---- */

/* A date in the right form whose day no calendar has. */
static bool find_no_day(idv_slice text, const idv_expected *expected, char *why) {
  idv_slice date = {.data = text.data, .length = text.length < 10 ? text.length : 10};
  return idv_iso8601_is_written_as_day(date) && !idv_iso8601_is_day(date) &&
         say_reason(why, "is a day that the calendar does not have", expected);
}

bool idv_flaw_date(idv_slice text, const idv_expected *expected, char *why) {
  return !idv_iso8601_is_day(text) &&
         (find_foreign(text, expected, why) || (text.length == 10 && find_no_day(text, expected, why)) ||
          say(why, "is not written YYYY-MM-DD, as %s takes dates", expected->whose));
}

bool idv_flaw_time(idv_slice text, const idv_expected *expected, char *why) {
  return !idv_iso8601_is_moment(text) &&
         (find_foreign(text, expected, why) || find_no_day(text, expected, why) ||
          say_reason(why, "is none of the forms of ISO 8601", expected));
}

/* ---- names of things ---- */

bool idv_flaw_country(idv_slice text, const idv_expected *expected, char *why) {
  return !idv_shape_is_country(text) &&
         (find_foreign(text, expected, why) ||
          say(why, "is not what %s takes; must be %s", expected->whose, expected->what));
}

bool idv_flaw_language(idv_slice text, const idv_expected *expected, char *why) {
  if (idv_shape_is_language(text)) {
    return false;
  }
  const char *underscore = text.length > 0 ? memchr(text.data, '_', text.length) : NULL;
  if (underscore != NULL) {
    return say_at(why, "holds an underscore", (size_t)(underscore - text.data), expected);
  }
  return find_foreign(text, expected, why) || say(why, "must be %s", expected->what);
}

bool idv_flaw_token(idv_slice text, const idv_expected *expected, char *why) {
  if (idv_shape_is_token(text)) {
    return false;
  }
  if (find_foreign(text, expected, why)) {
    return true;
  }
  for (size_t at = 0; at < text.length; at++) {
    if (!idv_ascii_is_alnum(text.data[at]) && strchr("-._~", text.data[at]) == NULL) {
      return say_at(why, "holds a character that no id has", at, expected);
    }
  }
  return say(why, "must be %s", expected->what);
}

/* ---- addresses ---- */

bool idv_flaw_uri(idv_slice text, const idv_expected *expected, char *why) {
  size_t at = 0;
  if (idv_flaw_outside(text, expected, why)) {
    return true;
  }
  switch (idv_return_address_examine(text, &at)) {
  case IDV_RETURN_FINE:
    return false;
  case IDV_RETURN_BLANK:
    return say(why, "holds a blank at byte %zu: write it as %%20, or leave it out", at + 1);
  case IDV_RETURN_NOT_ASCII:
    return say(why, "holds a character that is not ASCII at byte %zu: write it as xn--... or %%C3%%A9",
               at + 1);
  case IDV_RETURN_BAD_CHARACTER:
    return say(why, "holds a character that no address has at byte %zu: percent-encode it", at + 1);
  case IDV_RETURN_NO_SCHEME:
    return say_reason(why, "is not absolute", expected);
  case IDV_RETURN_RUNS:
    return say_reason(why, "begins with javascript:, data: or another scheme that leads nowhere back",
                      expected);
  case IDV_RETURN_BAD_HOST:
    return say_reason(why, "has no host, or one or a port that is malformed", expected);
  }
  return false;
}

bool idv_flaw_https_url(idv_slice text, const idv_expected *expected, char *why) {
  if (idv_flaw_uri(text, expected, why)) {
    return true;
  }
  idv_slice scheme = idv_uri_scheme(text);
  if (idv_slice_equals_ignoring_case(scheme, "https")) {
    return false;
  }
  bool is_http = idv_slice_equals_ignoring_case(scheme, "http");
  return say(why, "%s, but %s takes https only; must be %s",
             is_http ? "is an http address" : "has another scheme", expected->whose, expected->what);
}
