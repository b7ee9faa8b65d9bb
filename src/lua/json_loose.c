#include "json_loose.h"

#include <stdlib.h>
#include <string.h>

#include "ascii.h"

/* The largest integer up to which a float holds every one, and how many digits it has. */
#define LARGEST_EXACT "9007199254740991"
#define LARGEST_EXACT_DIGITS (sizeof LARGEST_EXACT - 1)

/* Powers of ten from which on a float may be infinite. */
#define LARGEST_POWER 308

#define ESCAPE_LENGTH 6 /* of \uXXXX */

typedef struct scanner {
  const char *at, *end;
  char *out; /* NULL: only look */
  char mark;
  lidv_loose found;
} scanner;

idv_slice lidv_loose_begin(idv_slice text) {
  static const char mark[] = "\xef\xbb\xbf";
  if (text.length >= 3 && memcmp(text.data, mark, 3) == 0) {
    text.data += 3;
    text.length -= 3;
  }
  return text;
}

static void copy(scanner *s, const char *bytes, size_t length) {
  if (s->out != NULL) {
    memcpy(s->out, bytes, length);
    s->out += length;
  }
}

/* Copies everything up to `to`, and goes on there. */
static void pass(scanner *s, const char *to) {
  copy(s, s->at, (size_t)(to - s->at));
  s->at = to;
}

/* ---- numbers ---- */

/* What can be part of a number, and what can stand between two values. */
enum { IN_NUMBER = 1, BEGINS_NUMBER = 2, BLANK = 4, BEFORE_VALUE = 8, AFTER_VALUE = 16 };

static const unsigned char roles[256] = {
    ['0'] = IN_NUMBER | BEGINS_NUMBER,
    ['1'] = IN_NUMBER | BEGINS_NUMBER,
    ['2'] = IN_NUMBER | BEGINS_NUMBER,
    ['3'] = IN_NUMBER | BEGINS_NUMBER,
    ['4'] = IN_NUMBER | BEGINS_NUMBER,
    ['5'] = IN_NUMBER | BEGINS_NUMBER,
    ['6'] = IN_NUMBER | BEGINS_NUMBER,
    ['7'] = IN_NUMBER | BEGINS_NUMBER,
    ['8'] = IN_NUMBER | BEGINS_NUMBER,
    ['9'] = IN_NUMBER | BEGINS_NUMBER,
    ['-'] = IN_NUMBER | BEGINS_NUMBER,
    ['+'] = IN_NUMBER,
    ['.'] = IN_NUMBER,
    ['e'] = IN_NUMBER,
    ['E'] = IN_NUMBER,
    [' '] = BLANK,
    ['\t'] = BLANK,
    ['\r'] = BLANK,
    ['\n'] = BLANK,
    [':'] = BEFORE_VALUE,
    ['['] = BEFORE_VALUE,
    [','] = BEFORE_VALUE | AFTER_VALUE,
    [']'] = AFTER_VALUE,
    ['}'] = AFTER_VALUE,
};

static unsigned role_of(char c) {
  return roles[(unsigned char)c];
}

/* How many digits stand at `at`. */
static size_t count_digits(const char *at, const char *end) {
  size_t count = 0;
  while (at + count < end && idv_ascii_is_digit(at[count])) {
    count++;
  }
  return count;
}

/* Reads the exponent at `at`, an 'e' and an integer to the end. What is absurdly large counts as 100,000. */
static bool read_exponent(const char *at, const char *end, long *exponent) {
  bool is_negative = false;
  if (++at < end && (*at == '+' || *at == '-')) {
    is_negative = *at++ == '-';
  }
  size_t digits = count_digits(at, end);
  if (digits == 0 || at + digits != end) {
    return false;
  }
  *exponent = 0;
  for (; at < end; at++) {
    *exponent = *exponent < 10000 ? *exponent * 10 + (*at - '0') : 100000;
  }
  *exponent = is_negative ? -*exponent : *exponent;
  return true;
}

/* The power of ten of the first digit that counts in `whole` digits with a fraction after them. */
static long power_of(const char *digits, size_t whole, const char *fraction, size_t fraction_length) {
  if (digits[0] != '0') {
    return (long)whole - 1;
  }
  size_t zeros = 0;
  while (zeros < fraction_length && fraction[zeros] == '0') {
    zeros++;
  }
  return zeros == fraction_length ? -1000000 : -1 - (long)zeros;
}

/* Whether a float can not hold the number, which must be one by the rules of JSON; false for anything else.
 */
static bool is_too_much(const char *at, const char *end) {
  at += *at == '-';
  size_t whole = count_digits(at, end);
  if (whole == 0 || (at[0] == '0' && whole > 1)) {
    return false;
  }
  const char *rest = at + whole;
  if (rest == end) {
    return whole > LARGEST_EXACT_DIGITS ||
           (whole == LARGEST_EXACT_DIGITS && memcmp(at, LARGEST_EXACT, LARGEST_EXACT_DIGITS) > 0);
  }
  const char *fraction = rest + 1;
  size_t fraction_length = *rest == '.' ? count_digits(fraction, end) : 0;
  if (*rest == '.') {
    rest = fraction + fraction_length; /* lua-cjson takes one without digits, too */
  }
  long exponent = 0;
  if (rest < end && ((*rest | 0x20) != 'e' || !read_exponent(rest, end, &exponent))) {
    return false;
  }
  return power_of(at, whole, fraction, fraction_length) + exponent >= LARGEST_POWER;
}

/* Whether what comes next, blanks aside, ends a value. */
static bool ends_value(const char *at, const char *end) {
  while (at < end && (role_of(*at) & BLANK) != 0) {
    at++;
  }
  return at == end || (role_of(*at) & AFTER_VALUE) != 0;
}

static void scan_number(scanner *s, bool may_be_value) {
  const char *after = s->at;
  while (after < s->end && (role_of(*after) & IN_NUMBER) != 0) {
    after++;
  }
  s->found.needs_tidying = true;
  if (may_be_value && is_too_much(s->at, after) && ends_value(after, s->end)) {
    s->found.numbers++;
    copy(s, "\"", 1);
    copy(s, &s->mark, s->mark != '\0');
    pass(s, after);
    copy(s, "\"", 1);
  } else {
    pass(s, after);
  }
}

/* ---- strings ---- */

/* The number of the \uXXXX at `at`, or -1. */
static int escaped_unit(const char *at, const char *end) {
  int unit = 0;
  if (end - at < ESCAPE_LENGTH || at[0] != '\\' || at[1] != 'u') {
    return -1;
  }
  for (int i = 2; i < ESCAPE_LENGTH; i++) {
    int digit = idv_ascii_hex(at[i]);
    if (digit < 0) {
      return -1;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

static bool is_high(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Goes past the escape at which the scanner is. */
static void scan_escape(scanner *s) {
  int unit = escaped_unit(s->at, s->end);
  if (is_high(unit) && is_low(escaped_unit(s->at + ESCAPE_LENGTH, s->end))) {
    pass(s, s->at + ESCAPE_LENGTH + ESCAPE_LENGTH);
  } else if (is_high(unit) || is_low(unit)) {
    s->found.has_halves = true;
    copy(s, "\\ufffd", ESCAPE_LENGTH);
    s->at += ESCAPE_LENGTH;
  } else {
    pass(s, s->end - s->at > 2 ? s->at + 2 : s->end);
  }
}

/* Goes past the string at which the scanner is, its quotes included. */
static void scan_string(scanner *s) {
  const char *quote = s->at; /* the next one, once it is behind the scanner */
  pass(s, s->at + 1);
  while (s->at < s->end) {
    if (quote < s->at) {
      quote = memchr(s->at, '"', (size_t)(s->end - s->at));
      quote = quote != NULL ? quote : s->end;
    }
    const char *escape = memchr(s->at, '\\', (size_t)(quote - s->at));
    if (escape == NULL) {
      pass(s, quote < s->end ? quote + 1 : s->end);
      return;
    }
    pass(s, escape);
    scan_escape(s);
  }
}

/* ---- the text ---- */

lidv_loose lidv_loose_scan(idv_slice text, char *out, char mark) {
  scanner s = {.at = text.data, .end = text.data + text.length, .out = out, .mark = mark};
  bool may_be_value = true; /* whether a value may begin here */
  while (s.at < s.end) {
    unsigned role = role_of(*s.at);
    if (*s.at == '"') {
      scan_string(&s);
      may_be_value = false;
    } else if ((role & BEGINS_NUMBER) != 0) {
      scan_number(&s, may_be_value);
      may_be_value = false;
    } else {
      s.found.needs_tidying = s.found.needs_tidying || *s.at == 'n';
      may_be_value = (role & BEFORE_VALUE) != 0 || (may_be_value && (role & BLANK) != 0);
      pass(&s, s.at + 1);
    }
  }
  return s.found;
}
