#include "dice.h"

#include <openssl/rand.h>

#include "clock.h"

void idv_dice_init(idv_dice *dice, uint64_t seed) {
  dice->state = seed;
  if (seed == 0 && RAND_bytes((unsigned char *)&dice->state, sizeof dice->state) != 1) {
    dice->state = (uint64_t)idv_clock_us();
  }
}

double idv_dice_roll(idv_dice *dice) {
  uint64_t z = (dice->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return (double)(z >> 11) / 9007199254740992.0;
}
