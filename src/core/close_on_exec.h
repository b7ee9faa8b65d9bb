/*
 * Sockets that libcurl opens by itself, kept from the programs that this one executes.
 *
 * libcurl before 8 lets pairs of sockets, by which its threads wake it, pass on to every program that is
 * executed, and does not tell which they are. A socket of the program's own may be meant to pass on, so
 * nothing is taken for libcurl's on its looks: only where a byte that libcurl sends, or that is sent to it,
 * turns up. Such bytes stay unread; libcurl does not look that way.
 */
#ifndef IDV_CLOSE_ON_EXEC_H
#define IDV_CLOSE_ON_EXEC_H

#include <curl/curl.h>

#pragma GCC visibility push(hidden)

/* The number that the next descriptor will have: the lowest that is free. -1 when there is none. */
int idv_close_on_exec_next(void);

/* Keeps a multi handle's own pair, if `first` is the first of them: what was next before it was made. */
void idv_close_on_exec_multi(CURLM *multi, int first);

/* Keeps the pair whose first is `first`, a descriptor that libcurl has named. */
void idv_close_on_exec_pair(int first);

#pragma GCC visibility pop

#endif
