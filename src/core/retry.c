#include "retry.h"

#include <string.h>

#include <curl/curl.h>

#include "ascii.h"

const idv_retry_policy idv_retry_defaults = {.max_retries = 2, .base_ms = 500, .cap_ms = 30000};

bool idv_retry_is_transient(long status) {
  static const long transient[] = {408, 425, 429, 500, 502, 503, 504};
  for (size_t i = 0; i < sizeof transient / sizeof *transient; i++) {
    if (transient[i] == status) {
      return true;
    }
  }
  return false;
}

bool idv_retry_was_not_processed(const idv_attempt *attempt) {
  return !attempt->was_written || attempt->status == 429;
}

static bool may_repeat(const idv_attempt *attempt) {
  if (attempt->is_permanent) {
    return false;
  }
  if (!attempt->is_safe) {
    return idv_retry_was_not_processed(attempt);
  }
  return attempt->status == 0 || idv_retry_is_transient(attempt->status);
}

/* Full jitter: anything from nothing up to base * 2^(attempts - 1), capped. */
static int64_t backoff(const idv_retry_policy *policy, unsigned attempts, double dice) {
  int64_t ceiling = policy->base_ms;
  for (unsigned i = 1; i < attempts && ceiling < policy->cap_ms; i++) {
    ceiling *= 2;
  }
  if (ceiling > policy->cap_ms) {
    ceiling = policy->cap_ms;
  }
  return (int64_t)((double)ceiling * dice);
}

/* What the server asked for comes first; the drawn pause on top keeps a crowd from coming back all at once.
 */
static int64_t pause_before_next(const idv_retry_policy *policy, const idv_attempt *attempt,
                                 unsigned attempts, int64_t remaining_ms, double dice) {
  if (attempt->is_immediate) {
    return 0;
  }
  int64_t drawn = backoff(policy, attempts, dice);
  if (attempt->retry_after < 0) {
    return drawn;
  }
  bool crowd_fits = attempt->retry_after + drawn < remaining_ms;
  return crowd_fits ? attempt->retry_after + drawn : attempt->retry_after;
}

idv_retry_decision idv_retry_decide(const idv_retry_policy *policy, const idv_attempt *attempt,
                                    unsigned attempts, int64_t remaining_ms, double dice) {
  idv_retry_decision stop = {.again = false};
  if (attempts > policy->max_retries || !may_repeat(attempt)) {
    return stop;
  }
  int64_t delay = pause_before_next(policy, attempt, attempts, remaining_ms, dice);
  if (delay >= remaining_ms) {
    return stop;
  }
  return (idv_retry_decision){.again = true, .delay_ms = delay};
}

static int64_t clamp(int64_t milliseconds) {
  return milliseconds > IDV_RETRY_AFTER_MAX_MS ? IDV_RETRY_AFTER_MAX_MS : milliseconds;
}

static int64_t seconds_to_ms(idv_slice digits) {
  int64_t value = 0;
  for (size_t i = 0; i < digits.length; i++) {
    if (!idv_ascii_is_digit(digits.data[i])) {
      return -1;
    }
    value = clamp(value * 10 + (digits.data[i] - '0'));
  }
  return clamp(value * 1000);
}

/* The three date forms of HTTP all begin with the name of a day, and all hold a time of day. */
static bool looks_like_date(idv_slice value) {
  return value.length >= 24 && value.length < 64 && idv_ascii_is_letter(value.data[0]) &&
         memchr(value.data, ':', value.length) != NULL;
}

int64_t idv_retry_after(idv_slice value, time_t now) {
  value = idv_slice_trim(value);
  if (value.length == 0) {
    return -1;
  }
  if (idv_ascii_is_digit(value.data[0])) {
    return seconds_to_ms(value);
  }
  if (!looks_like_date(value)) {
    return -1;
  }
  char text[64] = {0};
  memcpy(text, value.data, value.length);
  time_t then = curl_getdate(text, NULL);
  if (then == -1) { /* a date before 1970 is less than that */
    return -1;
  }
  int64_t most_seconds = IDV_RETRY_AFTER_MAX_MS / 1000;
  int64_t seconds = then > now ? (int64_t)then - (int64_t)now : 0;
  return (seconds < most_seconds ? seconds : most_seconds) * 1000;
}
