/*
 * What a broken peer does to a connection, done to one that is suspended.
 *
 * libmicrohttpd has no means for these, so they reach past it to the socket. After either, the connection
 * is to be dropped without an answer. Failures are not told: the other side may be gone already, and a
 * fault that finds nobody is no fault.
 */
#ifndef IDV_HTTPD_FAULTS_H
#define IDV_HTTPD_FAULTS_H

#include <microhttpd.h>

#pragma GCC visibility push(hidden)

/* Sends a TCP reset now, TLS or not. */
void httpd_fault_reset(struct MHD_Connection *connection);

/* Sends bytes that are no HTTP answer: within TLS where there is TLS. */
void httpd_fault_garbage(struct MHD_Connection *connection);

#pragma GCC visibility pop

#endif
