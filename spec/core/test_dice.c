/*
 * dice.c: the published numbers of splitmix64, the promised range, and a start without a seed, also where the
 * kernel gives no random numbers (RAND_bytes goes through this file).
 */
#include "dice.h"

#include <dlfcn.h>

#include "check.h"

static bool kernel_refuses;
static uint64_t kernel_gave;

int RAND_bytes(unsigned char *out, int length);

/* Takes the place of libcrypto's for the core, and hands on to it. */
__attribute__((visibility("hidden"))) int RAND_bytes(unsigned char *out, int length) {
  int (*next)(unsigned char *, int) = (int (*)(unsigned char *, int))dlsym(RTLD_NEXT, "RAND_bytes");
  int result = kernel_refuses ? 0 : next(out, length);
  assert_int_equal(sizeof kernel_gave, length);
  memcpy(&kernel_gave, out, sizeof kernel_gave);
  return result;
}

static void a_seed_gives_the_published_numbers(void **state) {
  (void)state;
  /* the reference implementation by Vigna, seed 1234567 */
  static const uint64_t published[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u};
  idv_dice dice;
  idv_dice_init(&dice, 1234567);
  for (size_t i = 0; i < COUNT_OF(published); i++) {
    double expected = (double)(published[i] >> 11) / 9007199254740992.0;
    assert_true(idv_dice_roll(&dice) == expected);
  }
}

static void the_same_seed_gives_the_same_numbers(void **state) {
  (void)state;
  idv_dice one, other, different;
  idv_dice_init(&one, 42);
  idv_dice_init(&other, 42);
  idv_dice_init(&different, 43);
  int equal = 0;
  for (int i = 0; i < 1000; i++) {
    double rolled = idv_dice_roll(&one);
    assert_true(rolled == idv_dice_roll(&other));
    equal += rolled == idv_dice_roll(&different);
  }
  assert_int_equal(0, equal);
}

static void every_roll_is_from_0_up_to_1_and_all_are_as_likely(void **state) {
  (void)state;
  enum { ROLLS = 100000, BINS = 10 };
  int bins[BINS] = {0};
  idv_dice dice;
  idv_dice_init(&dice, 7);
  for (int i = 0; i < ROLLS; i++) {
    double rolled = idv_dice_roll(&dice);
    assert_true(rolled >= 0 && rolled < 1);
    bins[(int)(rolled * BINS)]++;
  }
  for (int i = 0; i < BINS; i++) {
    assert_in_range(bins[i], ROLLS / BINS * 95 / 100, ROLLS / BINS * 105 / 100);
  }
}

static void without_a_seed_no_two_runs_are_alike(void **state) {
  (void)state;
  idv_dice one, other;
  kernel_refuses = false;
  idv_dice_init(&one, 0);
  assert_true(one.state == kernel_gave);
  idv_dice_init(&other, 0);
  assert_true(other.state == kernel_gave);
  assert_true(one.state != other.state);
  assert_true(idv_dice_roll(&one) != idv_dice_roll(&other));
}

static void without_a_seed_and_the_kernel_the_clock_gives_it(void **state) {
  (void)state;
  idv_dice dice;
  kernel_refuses = true;
  idv_dice_init(&dice, 0);
  kernel_refuses = false;
  assert_true(dice.state != 0);
  double rolled = idv_dice_roll(&dice);
  assert_true(rolled >= 0 && rolled < 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_seed_gives_the_published_numbers),
      cmocka_unit_test(the_same_seed_gives_the_same_numbers),
      cmocka_unit_test(every_roll_is_from_0_up_to_1_and_all_are_as_likely),
      cmocka_unit_test(without_a_seed_no_two_runs_are_alike),
      cmocka_unit_test(without_a_seed_and_the_kernel_the_clock_gives_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
