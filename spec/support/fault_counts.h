/*
 * What the fault server has seen: whole requests by name, and the calls of a batch one by one. Any thread may
 * ask.
 */
#ifndef FAULT_COUNTS_H
#define FAULT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>

/* Counts a request. Returns its number among those of that name; the first is 1. */
unsigned counts_add(const char *name, bool is_first_on_connection);

/* Notes what became of a request whose text holds "call-N", N being one of 0 to 999. */
void counts_note_call(const char *text, bool is_accepted);

void counts_forget(void);

/* The figures as JSON: {"name":{"requests":N,"connections":N},...}. Returns its length. */
size_t counts_write(char *out, size_t room);

/* The batch as JSON: {"asked":[...],"accepted":[...]}. Returns its length. */
size_t counts_write_calls(char *out, size_t room);

#endif
