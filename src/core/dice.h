/*
 * Random numbers for the pauses between attempts (splitmix64). Not for secrets.
 *
 * A seed of the caller's makes a run repeatable; without one the kernel gives it.
 */
#ifndef IDV_DICE_H
#define IDV_DICE_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

typedef struct idv_dice {
  uint64_t state;
} idv_dice;

/* Starts from `seed`, or from the kernel's random numbers when it is 0. */
void idv_dice_init(idv_dice *dice, uint64_t seed);

/* A number from 0 up to, not including, 1. */
double idv_dice_roll(idv_dice *dice);

#pragma GCC visibility pop

#endif
