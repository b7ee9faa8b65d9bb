/*
 * What happens to requests over HTTP/1.1, by the first segment of their path; the table is at the end of the
 * source. Segments that begin with @ are for the tests themselves: GET /@counts, /@calls, /@authority (its
 * certificate as PEM), /@pair (a key and a certificate from it), and POST /@reset.
 */
#ifndef FAULT_BEHAVIOURS_H
#define FAULT_BEHAVIOURS_H

#include "fault_connection.h"

/* Serves one request after the other for as long as the connection lasts. */
void serve_requests(connection *c);

#endif
