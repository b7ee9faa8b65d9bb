/*
 * A gzip bomb, made without a library that would be careful.
 */
#ifndef FAULT_BOMB_H
#define FAULT_BOMB_H

#include <stddef.h>
#include <stdint.h>

/* 64 MiB of zeros as 416 KiB of gzip that does not end. Returns its length, 0 on failure; the caller frees
 * it. */
size_t make_bomb(uint8_t **made);

#endif
