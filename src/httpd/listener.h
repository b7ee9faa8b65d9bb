/*
 * A listening TCP socket on 127.0.0.1, and never on any other address.
 */
#ifndef IDV_HTTPD_LISTENER_H
#define IDV_HTTPD_LISTENER_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * Listens on `*port`; 0 lets the kernel pick, and `*port` then says which it was. Returns the descriptor
 * (non-blocking, closed on exec), or -1 with errno. The caller closes it.
 */
int httpd_listen(uint16_t *port);

#pragma GCC visibility pop

#endif
