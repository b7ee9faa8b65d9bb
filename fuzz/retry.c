/*
 * Fuzz target: Retry-After, the head of an answer it stands in, and the decision whether a request is sent
 * again.
 *
 * The input is 24 bytes that make an attempt, a policy and a clock, then the head of an answer. What must
 * hold, whatever a server writes: an operation that is not safe is not repeated unless it was provably not
 * processed, no pause ends after the deadline or is shorter than what the server asked for, and there are
 * never more attempts than allowed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"
#include "retry.h"

enum { NUMBERS = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds) {
  if (!holds) {
    abort();
  }
}

static int64_t number_at(const uint8_t *data, size_t place, size_t bytes) {
  int64_t number = 0;
  memcpy(&number, data + place, bytes);
  return number;
}

static int64_t read_retry_after(idv_slice head, time_t now) {
  idv_slice name, value, rest = head;
  while (idv_head_next(&rest, &name, &value)) {
    int64_t any = idv_retry_after(value, now);
    demand(any >= -1 && any <= IDV_RETRY_AFTER_MAX_MS);
  }
  value = idv_head_find(head, "Retry-After");
  int64_t milliseconds = value.data != NULL ? idv_retry_after(value, now) : -1;
  demand(milliseconds >= -1 && milliseconds <= IDV_RETRY_AFTER_MAX_MS);
  return milliseconds;
}

static void check_decision(const idv_retry_policy *policy, const idv_attempt *attempt, unsigned attempts,
                           int64_t remaining_ms, double dice) {
  idv_retry_decision decision = idv_retry_decide(policy, attempt, attempts, remaining_ms, dice);
  if (!decision.again) {
    return;
  }
  demand(attempt->is_safe || idv_retry_was_not_processed(attempt));
  demand(!attempt->is_permanent && attempts <= policy->max_retries);
  demand(decision.delay_ms >= 0 && decision.delay_ms <= remaining_ms);
  demand(attempt->is_immediate || decision.delay_ms >= attempt->retry_after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < NUMBERS) {
    return 0;
  }
  idv_slice head = {.data = (const char *)data + NUMBERS, .length = size - NUMBERS};
  time_t now = (time_t)(number_at(data, 0, 5) % ((int64_t)1 << 36));
  idv_attempt attempt = {
      .is_safe = (data[5] & 1) != 0,
      .was_written = (data[5] & 2) != 0,
      .is_permanent = (data[5] & 4) != 0,
      .is_immediate = (data[5] & 8) != 0,
      .status = (long)(number_at(data, 6, 2) % 600),
      .retry_after = read_retry_after(head, now),
  };
  idv_retry_policy policy = {
      .max_retries = data[8] % 12, .base_ms = number_at(data, 9, 3), .cap_ms = number_at(data, 12, 3)};
  double dice = (double)data[15] / 256;
  check_decision(&policy, &attempt, 1u + data[16] % 12, number_at(data, 17, 5) - 1000, dice);
  check_decision(&idv_retry_defaults, &attempt, 1u + data[22] % 4, 30000, dice);
  return 0;
}
