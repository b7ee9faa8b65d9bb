/*
 * Signals as readable events, for a process that is nothing but a server.
 *
 * Opening blocks SIGINT and SIGTERM and makes them readable from a descriptor; SIGPIPE is blocked as well,
 * so that a client that hangs up is a failed write and not the end of the process. Closing puts the former
 * mask back. Assumes a single thread: threads that exist before would still take the signals.
 */
#ifndef IDV_HTTPD_SIGNALS_H
#define IDV_HTTPD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

struct httpd_signals {
  int fd; /* readable when SIGINT or SIGTERM came; -1 when not open */
  sigset_t former;
};

/* False with errno when it can not; `signals` is then closed. */
bool httpd_signals_open(struct httpd_signals *signals);

/* Whether SIGINT or SIGTERM came since the last call. */
bool httpd_signals_take(struct httpd_signals *signals);

void httpd_signals_close(struct httpd_signals *signals);

/*
 * Has the kernel send SIGTERM to this process when its parent ends. False when it can not be arranged or
 * when the parent ended meanwhile.
 */
bool httpd_signals_follow_parent(void);

#pragma GCC visibility pop

#endif
