/*
 * retry.c: who is sent again and when, row by row and as laws over random inputs, and Retry-After in every
 * form that it comes in.
 */
#include "retry.h"

#include "fenced.h"

/* The last number below 1. */
#define ALMOST_1 0.99999999999999989

/* ---- which statuses, what was processed ---- */

static void transient_statuses(void **state) {
  (void)state;
  static const long transient[] = {408, 425, 429, 500, 502, 503, 504};
  for (long status = -1; status < 700; status++) {
    bool expected = false;
    for (size_t i = 0; i < COUNT_OF(transient); i++) {
      expected = expected || transient[i] == status;
    }
    assert_int_equal(expected, idv_retry_is_transient(status));
  }
}

static void what_was_certainly_not_processed(void **state) {
  (void)state;
  static const struct {
    const char *what;
    idv_attempt attempt;
    bool was_not_processed;
  } rows[] = {
      {"never written", {.was_written = false, .status = 0}, true},
      {"refused for now", {.was_written = true, .status = 429}, true},
      {"written, no answer", {.was_written = true, .status = 0}, false},
      {"written, a success", {.was_written = true, .status = 200}, false},
      {"written, unavailable", {.was_written = true, .status = 503}, false},
      {"written, timed out there", {.was_written = true, .status = 408}, false},
      {"written, too early", {.was_written = true, .status = 425}, false},
      {"written, a server error", {.was_written = true, .status = 500}, false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    CHECK(rows[i].what, idv_retry_was_not_processed(&rows[i].attempt) == rows[i].was_not_processed);
  }
}

/* ---- deciding ---- */

#define NO_WISH .retry_after = -1
#define SAFE .is_safe = true
#define WRITTEN .was_written = true

typedef struct decision_row {
  const char *what;
  idv_attempt attempt;
  unsigned attempts;
  int64_t remaining_ms;
  double dice;
  bool again;
  int64_t delay_ms;
} decision_row;

/* With two repeats, 500 ms and 30 s. */
static const decision_row decision_rows[] = {
    {"safe, no answer", {SAFE, WRITTEN, NO_WISH}, 1, 30000, 0.5, true, 250},
    {"safe, never written", {SAFE, NO_WISH}, 1, 30000, 0.5, true, 250},
    {"safe, 503", {SAFE, WRITTEN, NO_WISH, .status = 503}, 1, 30000, 0.5, true, 250},
    {"safe, 429", {SAFE, WRITTEN, NO_WISH, .status = 429}, 1, 30000, 0.5, true, 250},
    {"safe, 408", {SAFE, WRITTEN, NO_WISH, .status = 408}, 1, 30000, 0.5, true, 250},
    {"safe, 400", {SAFE, WRITTEN, NO_WISH, .status = 400}, 1, 30000, 0.5, false, 0},
    {"safe, 404", {SAFE, WRITTEN, NO_WISH, .status = 404}, 1, 30000, 0.5, false, 0},
    {"safe, 501", {SAFE, WRITTEN, NO_WISH, .status = 501}, 1, 30000, 0.5, false, 0},
    {"safe, 200", {SAFE, WRITTEN, NO_WISH, .status = 200}, 1, 30000, 0.5, false, 0},
    {"safe, permanent", {SAFE, NO_WISH, .is_permanent = true}, 1, 30000, 0.5, false, 0},
    {"unsafe, never written", {NO_WISH}, 1, 30000, 0.5, true, 250},
    {"unsafe, never written, permanent", {NO_WISH, .is_permanent = true}, 1, 30000, 0.5, false, 0},
    {"unsafe, written, no answer", {WRITTEN, NO_WISH}, 1, 30000, 0.5, false, 0},
    {"unsafe, 429", {WRITTEN, NO_WISH, .status = 429}, 1, 30000, 0.5, true, 250},
    {"unsafe, 429 with a wish", {WRITTEN, .status = 429, .retry_after = 1000}, 1, 30000, 0.5, true, 1250},
    {"unsafe, 503", {WRITTEN, NO_WISH, .status = 503}, 1, 30000, 0.5, false, 0},
    {"unsafe, 503 with a wish", {WRITTEN, .status = 503, .retry_after = 0}, 1, 30000, 0.5, false, 0},
    {"unsafe, 408", {WRITTEN, NO_WISH, .status = 408}, 1, 30000, 0.5, false, 0},
    {"unsafe, 425", {WRITTEN, NO_WISH, .status = 425}, 1, 30000, 0.5, false, 0},
    {"unsafe, the kept-alive connection died after it was written",
     {WRITTEN, NO_WISH, .is_immediate = true},
     1,
     30000,
     0.5,
     false,
     0},
    {"safe, the kept-alive connection died",
     {SAFE, WRITTEN, NO_WISH, .is_immediate = true},
     1,
     30000,
     0.5,
     true,
     0},
    {"the second attempt", {SAFE, NO_WISH}, 2, 30000, 0.5, true, 500},
    {"the third was the last", {SAFE, NO_WISH}, 3, 30000, 0.5, false, 0},
    {"no jitter", {SAFE, NO_WISH}, 2, 30000, 0, true, 0},
    {"all jitter", {SAFE, NO_WISH}, 2, 30000, ALMOST_1, true, 999},
    {"a wish", {SAFE, .status = 503, .retry_after = 5000}, 1, 30000, 0.5, true, 5250},
    {"a wish for now", {SAFE, .status = 503, .retry_after = 0}, 1, 30000, 0.5, true, 250},
    {"a wish, and the crowd does not fit",
     {SAFE, .status = 503, .retry_after = 5000},
     1,
     5250,
     0.5,
     true,
     5000},
    {"a wish, and the crowd just fits", {SAFE, .status = 503, .retry_after = 5000}, 1, 5251, 0.5, true, 5250},
    {"a wish that just fits", {SAFE, .status = 503, .retry_after = 5000}, 1, 5001, 0.5, true, 5000},
    {"a wish up to the deadline", {SAFE, .status = 503, .retry_after = 5000}, 1, 5000, 0.5, false, 0},
    {"a wish for next year",
     {SAFE, .status = 503, .retry_after = IDV_RETRY_AFTER_MAX_MS},
     1,
     30000,
     0.5,
     false,
     0},
    {"a pause that just fits", {SAFE, NO_WISH}, 1, 251, 0.5, true, 250},
    {"a pause up to the deadline", {SAFE, NO_WISH}, 1, 250, 0.5, false, 0},
    {"nothing left", {SAFE, NO_WISH}, 1, 0, 0, false, 0},
    {"less than nothing left", {SAFE, NO_WISH}, 1, -5, 0, false, 0},
    {"at once, with nothing left", {SAFE, WRITTEN, NO_WISH, .is_immediate = true}, 1, 0, 0, false, 0},
    {"at once, with a little left", {SAFE, WRITTEN, NO_WISH, .is_immediate = true}, 1, 1, 0, true, 0},
};

static void deciding(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(decision_rows); i++) {
    const decision_row *row = &decision_rows[i];
    idv_retry_decision decision =
        idv_retry_decide(&idv_retry_defaults, &row->attempt, row->attempts, row->remaining_ms, row->dice);
    CHECK(row->what, decision.again == row->again);
    CHECK(row->what, !row->again || decision.delay_ms == row->delay_ms);
  }
}

static void the_defaults(void **state) {
  (void)state;
  assert_int_equal(2, idv_retry_defaults.max_retries);
  assert_int_equal(500, idv_retry_defaults.base_ms);
  assert_int_equal(30000, idv_retry_defaults.cap_ms);
}

static void no_repeats_at_all(void **state) {
  (void)state;
  idv_retry_policy policy = {.max_retries = 0, .base_ms = 500, .cap_ms = 30000};
  idv_attempt attempt = {SAFE, NO_WISH};
  assert_false(idv_retry_decide(&policy, &attempt, 1, 30000, 0).again);
}

static void the_ceiling_of_the_pause_doubles_up_to_its_cap(void **state) {
  (void)state;
  static const int64_t ceilings[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
  idv_retry_policy policy = {.max_retries = 1000, .base_ms = 500, .cap_ms = 30000};
  idv_attempt attempt = {SAFE, NO_WISH};
  for (unsigned i = 0; i < COUNT_OF(ceilings); i++) {
    assert_int_equal(0, idv_retry_decide(&policy, &attempt, i + 1, 100000, 0).delay_ms);
    assert_int_equal(ceilings[i] / 2, idv_retry_decide(&policy, &attempt, i + 1, 100000, 0.5).delay_ms);
    assert_int_equal(ceilings[i] - 1, idv_retry_decide(&policy, &attempt, i + 1, 100000, ALMOST_1).delay_ms);
  }
  assert_int_equal(15000, idv_retry_decide(&policy, &attempt, 1000, 100000, 0.5).delay_ms);
}

static void a_base_above_the_cap_is_cut_to_it(void **state) {
  (void)state;
  idv_retry_policy policy = {.max_retries = 9, .base_ms = 1000, .cap_ms = 100};
  idv_attempt attempt = {SAFE, NO_WISH};
  assert_int_equal(50, idv_retry_decide(&policy, &attempt, 1, 100000, 0.5).delay_ms);
  assert_int_equal(50, idv_retry_decide(&policy, &attempt, 5, 100000, 0.5).delay_ms);
}

/* ---- laws over random inputs ---- */

typedef struct situation {
  idv_retry_policy policy;
  idv_attempt attempt;
  unsigned attempts;
  int64_t remaining_ms;
  double dice;
} situation;

static bool toss(uint64_t *random) {
  return check_random_below(random, 2) == 1;
}

static situation random_situation(uint64_t *random) {
  static const long statuses[] = {0, 200, 301, 400, 401, 408, 409, 425, 429, 500, 501, 502, 503, 504};
  situation s = {
      .policy = {.max_retries = (unsigned)check_random_below(random, 6),
                 .base_ms = (int64_t)check_random_below(random, 2000),
                 .cap_ms = (int64_t)check_random_below(random, 40000)},
      .attempt = {.is_safe = toss(random),
                  .was_written = toss(random),
                  .is_permanent = check_random_below(random, 4) == 0,
                  .is_immediate = check_random_below(random, 4) == 0,
                  .status = statuses[check_random_below(random, COUNT_OF(statuses))],
                  .retry_after = toss(random) ? -1 : (int64_t)check_random_below(random, 60000)},
      .attempts = 1 + (unsigned)check_random_below(random, 7),
      .remaining_ms = (int64_t)check_random_below(random, 60000) - 1000,
      .dice = (double)(check_random(random) >> 11) / 9007199254740992.0,
  };
  return s;
}

/* The most that a drawn pause may be, by the formula. */
static double jitter_ceiling(const situation *s) {
  int64_t doubled = s->policy.base_ms << (s->attempts - 1);
  return (double)(doubled < s->policy.cap_ms ? doubled : s->policy.cap_ms);
}

static void check_permission(const situation *s) {
  const idv_attempt *attempt = &s->attempt;
  assert_true(s->attempts <= s->policy.max_retries);
  assert_false(attempt->is_permanent);
  /* the rule that is never bent */
  assert_true(attempt->is_safe || !attempt->was_written || attempt->status == 429);
  assert_true(!attempt->is_safe || attempt->status == 0 || idv_retry_is_transient(attempt->status));
}

static void check_delay(const situation *s, int64_t delay_ms) {
  const idv_attempt *attempt = &s->attempt;
  double drawn_at_most = jitter_ceiling(s) * s->dice;
  assert_true(delay_ms >= 0);
  assert_true(delay_ms < s->remaining_ms);
  if (attempt->is_immediate) {
    assert_int_equal(0, delay_ms);
  } else if (attempt->retry_after < 0) {
    assert_true((double)delay_ms <= drawn_at_most && (double)delay_ms > drawn_at_most - 1);
  } else {
    assert_true(delay_ms >= attempt->retry_after);
    assert_true((double)(delay_ms - attempt->retry_after) <= drawn_at_most);
  }
}

/* Whether nothing stands in the way of another attempt, said the other way round. */
static bool is_refused_for_a_reason(const situation *s) {
  const idv_attempt *attempt = &s->attempt;
  int64_t drawn = (int64_t)(jitter_ceiling(s) * s->dice);
  int64_t least = attempt->is_immediate ? 0 : attempt->retry_after >= 0 ? attempt->retry_after : drawn;
  bool is_an_answer = attempt->is_safe && attempt->status != 0 && !idv_retry_is_transient(attempt->status);
  bool may_have_acted = !attempt->is_safe && attempt->was_written && attempt->status != 429;
  return s->attempts > s->policy.max_retries || attempt->is_permanent || is_an_answer || may_have_acted ||
         least >= s->remaining_ms;
}

static void laws_hold_over_random_situations(void **state) {
  (void)state;
  uint64_t random = 37;
  int repeated = 0, unsafe_repeated = 0;
  for (int i = 0; i < 200000; i++) {
    situation s = random_situation(&random);
    idv_retry_decision decision = idv_retry_decide(&s.policy, &s.attempt, s.attempts, s.remaining_ms, s.dice);
    if (decision.again) {
      check_permission(&s);
      check_delay(&s, decision.delay_ms);
      repeated++;
      unsafe_repeated += !s.attempt.is_safe;
    }
    assert_int_equal(!is_refused_for_a_reason(&s), decision.again);
  }
  assert_true(repeated > 10000 && unsafe_repeated > 1000); /* else the laws were hardly tried */
}

/* ---- Retry-After ---- */

#define NOW ((time_t)784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */
#define MOST IDV_RETRY_AFTER_MAX_MS

typedef struct wish {
  const char *value;
  int64_t milliseconds;
} wish;

static const wish wishes[] = {
    {"0", 0},
    {"1", 1000},
    {"120", 120000},
    {"007", 7000},
    {" 5", 5000},
    {"5\t ", 5000},
    {"31535999", MOST - 1000},
    {"31536000", MOST},
    {"31536001", MOST},
    {"9223372036854775807", MOST},
    {"18446744073709551616", MOST},
    {"99999999999999999999999999999999999999999999999999999999999999999999999999999", MOST},
    {"", -1},
    {" \t", -1},
    {"-1", -1},
    {"+1", -1},
    {"1.5", -1},
    {"1e3", -1},
    {"5s", -1},
    {"5 6", -1},
    {"0x10", -1},
    {"5,", -1},
    {"abc", -1},
    {"soon", -1},
    {"Sun, 06 Nov 1994 08:49:47 GMT", 10000},
    {"  Sun, 06 Nov 1994 08:49:47 GMT ", 10000},
    {"Sunday, 06-Nov-94 08:49:47 GMT", 10000},
    {"Sun Nov  6 08:49:47 1994", 10000},
    {"Sun, 06 Nov 1994 08:49:38 GMT", 1000},
    {"Fri, 31 Dec 9999 23:59:59 GMT", MOST},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
    {"Sun, 06 Nov 1994 08:49:36 GMT", 0},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Thu, 01 Jan 1970 00:00:01 GMT", 0},
    {"Wed, 31 Dec 1969 23:59:58 GMT", 0},
    {"Fri, 01 Jan 1960 00:00:00 GMT", 0},
    {"Mon, 06 Nov 1995 08:49:36 GMT", MOST - 1000},
    {"Mon, 06 Nov 1995 08:49:37 GMT", MOST},
    {"Mon, 06 Nov 1995 08:49:38 GMT", MOST},
    {"Tue, 31 Dec 2999 23:59:59 GMT", MOST},
    {"Sun, 06 Nov 1994", -1},
    {"tomorrow, at about 12:30 or so", -1},
    {"Sun, 99 Nov 1994 08:49:47 GMT", -1},
    {"Sun, 06 Foo 1994 08:49:47 GMT", -1},
    {"Sun, 06 Nov 1994 25:49:47 GMT", -1},
    {"06 Nov 1994 08:49:47 GMT, Sunday", -1},
    {"-Sun, 06 Nov 1994 08:49:47 GMT", -1},
    {"Sun,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,, 06 Nov 1994 08:49:47 GMT", 10000}, /* 63 bytes */
    {"Sun,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,, 06 Nov 1994 08:49:47 GMT", -1},
    {"Sun, 06 Nov 1994 08:49:47 GMT, and a lot of words that do not belong", -1},
};

static void reading_what_the_server_asks_for(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(wishes); i++) {
    for (fenced_side side = FENCED_END; side < FENCED_SIDES; side++) {
      int64_t read = idv_retry_after(fenced_at(side, wishes[i].value, strlen(wishes[i].value)), NOW);
      if (read != wishes[i].milliseconds) {
        fail_msg("\"%s\": %lld, expected %lld", wishes[i].value, (long long)read,
                 (long long)wishes[i].milliseconds);
      }
    }
  }
  assert_int_equal(-1, idv_retry_after((idv_slice){.data = NULL}, NOW));
}

static void random_bytes_ask_for_something_between_nothing_and_a_year(void **state) {
  (void)state;
  static const char *const alphabets[] = {NULL, "0123456789", "SunNov: 0169", "abc:, "};
  uint64_t random = 41;
  char bytes[80];
  for (int i = 0; i < 20000; i++) {
    size_t length = check_random_below(&random, sizeof bytes);
    check_random_bytes(&random, alphabets[i % (int)COUNT_OF(alphabets)], bytes, length);
    int64_t read = idv_retry_after(fenced_at(FENCED_END, bytes, length), NOW);
    assert_true(read >= -1 && read <= MOST);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(transient_statuses),
      cmocka_unit_test(what_was_certainly_not_processed),
      cmocka_unit_test(deciding),
      cmocka_unit_test(the_defaults),
      cmocka_unit_test(no_repeats_at_all),
      cmocka_unit_test(the_ceiling_of_the_pause_doubles_up_to_its_cap),
      cmocka_unit_test(a_base_above_the_cap_is_cut_to_it),
      cmocka_unit_test(laws_hold_over_random_situations),
      cmocka_unit_test(reading_what_the_server_asks_for),
      cmocka_unit_test(random_bytes_ask_for_something_between_nothing_and_a_year),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
