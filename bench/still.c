/*
 * Makes a program count the same instructions every time: loaded before it with LD_PRELOAD, it stops the
 * clock that Lua seeds the hashes of its strings with. (The addresses, the other part of the seed, are fixed
 * by setarch -R.)
 */
#include <stddef.h>
#include <time.h>

time_t time(time_t *now) {
  const time_t always = 1000000000;
  if (now != NULL) {
    *now = always;
  }
  return always;
}
