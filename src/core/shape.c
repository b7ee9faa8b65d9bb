#include "shape.h"

#include <string.h>

#include "ascii.h"
#include "uri.h"

static bool has_digits_from(idv_slice text, size_t start, size_t least, size_t most) {
  if (text.length < start + least || text.length > start + most) {
    return false;
  }
  for (size_t i = start; i < text.length; i++) {
    if (!idv_ascii_is_digit(text.data[i])) {
      return false;
    }
  }
  return true;
}

static bool is_domain_label(idv_slice label) {
  if (label.length == 0 || label.length > 63 || label.data[0] == '-' || label.data[label.length - 1] == '-') {
    return false;
  }
  for (size_t i = 0; i < label.length; i++) {
    bool is_letter_of_any_script = (unsigned char)label.data[i] >= 0x80;
    if (!idv_ascii_is_alnum(label.data[i]) && label.data[i] != '-' && !is_letter_of_any_script) {
      return false;
    }
  }
  return true;
}

static bool is_domain(idv_slice domain) {
  size_t labels = 0;
  while (true) {
    const char *dot = domain.length > 0 ? memchr(domain.data, '.', domain.length) : NULL;
    idv_slice label = {.data = domain.data,
                       .length = dot != NULL ? (size_t)(dot - domain.data) : domain.length};
    if (!is_domain_label(label)) {
      return false;
    }
    labels++;
    if (dot == NULL) {
      return labels >= 2;
    }
    domain.data += label.length + 1;
    domain.length -= label.length + 1;
  }
}

static bool is_local_part(idv_slice local) {
  if (local.length == 0 || local.length > 64 || local.data[0] == '.' || local.data[local.length - 1] == '.') {
    return false;
  }
  for (size_t i = 0; i < local.length; i++) {
    char c = local.data[i];
    bool is_doubled_dot = c == '.' && local.data[i - 1] == '.';
    if ((unsigned char)c <= 0x20 || c == 0x7f || is_doubled_dot || strchr("\"(),:;<>@[\\]", c) != NULL) {
      return false;
    }
  }
  return true;
}

bool idv_shape_is_email(idv_slice text) {
  const char *at = text.length > 0 && text.length <= 254 ? memchr(text.data, '@', text.length) : NULL;
  if (at == NULL) {
    return false;
  }
  size_t before = (size_t)(at - text.data);
  idv_slice local = {.data = text.data, .length = before};
  idv_slice domain = {.data = at + 1, .length = text.length - before - 1};
  return is_local_part(local) && is_domain(domain);
}

bool idv_shape_is_phone(idv_slice text) {
  return text.length > 1 && text.data[0] == '+' && text.data[1] != '0' && has_digits_from(text, 1, 10, 15);
}

bool idv_shape_is_dial_code(idv_slice text) {
  return text.length > 0 && text.data[0] == '+' && has_digits_from(text, 1, 1, 4);
}

bool idv_shape_is_national_number(idv_slice text) {
  return has_digits_from(text, 0, 1, 14);
}

bool idv_shape_is_digits(idv_slice text) {
  return text.length > 0 && has_digits_from(text, 0, 1, text.length);
}

/* The number that `count` digits at `at` write, or -1. */
static int number_at(idv_slice text, size_t at, size_t count) {
  int value = 0;
  if (at + count > text.length) {
    return -1;
  }
  for (size_t i = at; i < at + count; i++) {
    if (!idv_ascii_is_digit(text.data[i])) {
      return -1;
    }
    value = value * 10 + (text.data[i] - '0');
  }
  return value;
}

static int days_of_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && is_leap ? 29 : days[month - 1];
}

bool idv_shape_is_date(idv_slice text) {
  if (text.length != 10 || text.data[4] != '-' || text.data[7] != '-') {
    return false;
  }
  int year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days_of_month(year, month);
}

/* Where the fraction of a second that may begin at `at` ends. */
static size_t end_of_fraction(idv_slice text, size_t at) {
  if (at >= text.length || text.data[at] != '.') {
    return at;
  }
  size_t end = at + 1;
  while (end < text.length && idv_ascii_is_digit(text.data[end])) {
    end++;
  }
  return end > at + 1 ? end : at; /* a point without digits behind it is no fraction */
}

static bool is_zone(idv_slice text, size_t at) {
  if (text.length - at == 1) {
    return text.data[at] == 'Z';
  }
  bool has_sign = text.length - at == 6 && (text.data[at] == '+' || text.data[at] == '-');
  if (!has_sign || text.data[at + 3] != ':') {
    return false;
  }
  int hours = number_at(text, at + 1, 2), minutes = number_at(text, at + 4, 2);
  return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

bool idv_shape_is_time(idv_slice text) {
  idv_slice date = {.data = text.data, .length = text.length < 10 ? text.length : 10};
  if (!idv_shape_is_date(date) || text.length == 10) {
    return text.length == 10 && idv_shape_is_date(date);
  }
  if (text.length < 20 || text.data[10] != 'T' || text.data[13] != ':' || text.data[16] != ':') {
    return false;
  }
  int hour = number_at(text, 11, 2), minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
  bool exists = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  return exists && is_zone(text, end_of_fraction(text, 19));
}

bool idv_shape_is_country(idv_slice text) {
  return text.length == 2 && idv_ascii_is_letter(text.data[0]) && idv_ascii_is_letter(text.data[1]);
}

bool idv_shape_is_language(idv_slice text) {
  size_t subtag_length = 0, subtags = 0;
  for (size_t i = 0; i <= text.length; i++) {
    bool is_end = i == text.length || text.data[i] == '-';
    if (is_end) {
      size_t least = subtags == 0 ? 2 : 1;
      if (subtag_length < least || subtag_length > 8) {
        return false;
      }
      subtags++;
      subtag_length = 0;
    } else if (idv_ascii_is_letter(text.data[i]) || (subtags > 0 && idv_ascii_is_digit(text.data[i]))) {
      subtag_length++;
    } else {
      return false;
    }
  }
  return true;
}

bool idv_shape_is_token(idv_slice text) {
  bool has_alnum = false;
  for (size_t i = 0; i < text.length; i++) {
    if (idv_ascii_is_alnum(text.data[i])) {
      has_alnum = true;
    } else if (text.data[i] == '\0' || strchr("-._~", text.data[i]) == NULL) {
      return false;
    }
  }
  return has_alnum;
}

bool idv_shape_is_https_url(idv_slice text) {
  idv_uri parts;
  return idv_uri_split(text, &parts) && idv_uri_has_scheme(&parts, "https") && parts.userinfo.data == NULL;
}
