/*
 * Connections that do what a test has written down, step by step: any bytes at any moment, and any end.
 *
 * A test hands the script of a door over before it comes in by it: POST /@script/DOOR. A script is a sequence
 * of steps, one a line:
 *
 *   connection   what follows is for the connection after; the last of them is for all others too
 *   request      wait until a whole request has come, and count it
 *   send N       send the N bytes that follow the line, in one go
 *   pause N      milliseconds
 *   note         count this, under the name of the door and "-note"
 *   ticket       send a session ticket of TLS 1.3 now
 *   notify       say goodbye as TLS does, and go on
 *   finish       say that no more will come, and wait until the client hangs up
 *   close        hang up
 *   reset        hang up with a TCP reset
 *
 * At the end of its steps a connection is read from, and kept, until the client hangs up.
 */
#ifndef FAULT_SCRIPT_H
#define FAULT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "fault_connection.h"

/* Keeps a script for a door, copied; its connections count from one again. */
void script_keep(const char *door, const char *text, size_t length);

/* Serves a connection as the script of its door says. */
void script_serve(connection *c);

/* The same, with requests that come over HTTP/2. What is sent is bytes all the same. */
void script_serve_http2(connection *c);

#endif
