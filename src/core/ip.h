/*
 * IP addresses: reading them, and how far each reaches.
 *
 * Public is what RFC 6890 and its registries call globally reachable. IPv6 forms that carry an address of
 * IPv4 reach as far as that one does: mapped and compatible ones, NAT64 by its well-known prefix, 6to4,
 * ISATAP. A NAT64 prefix of a network's own cannot be told from any other address. No look-ups.
 */
#ifndef IDV_IP_H
#define IDV_IP_H

#include <stdbool.h>

#include "slice.h"

#pragma GCC visibility push(hidden)

struct sockaddr;

typedef struct idv_ip {
  unsigned length; /* 4 or 16 */
  unsigned char bytes[16];
} idv_ip;

typedef enum idv_reach {
  IDV_REACH_PUBLIC,
  IDV_REACH_LOOPBACK,
  IDV_REACH_PRIVATE,
  IDV_REACH_LINK_LOCAL,
  IDV_REACH_MULTICAST,
  IDV_REACH_UNSPECIFIED,
  IDV_REACH_RESERVED
} idv_reach;

/* Reads "192.0.2.1", "2001:db8::1" or "[2001:db8::1]". False for anything else. */
bool idv_ip_read(idv_slice text, idv_ip *ip);

/*
 * Reads a host of an address as resolvers do, to whom "127.1", "0x7f.1" and "2130706433" are addresses too.
 * "localhost" and what ends in it stand for 127.0.0.1, whatever a resolver says. False for other names.
 */
bool idv_ip_read_host(idv_slice host, idv_ip *ip);

/* False for a family that is neither IPv4 nor IPv6. */
bool idv_ip_of_socket(const struct sockaddr *address, idv_ip *ip);

/* The address of IPv4 that `ip` carries, else `ip`. */
idv_ip idv_ip_carried(const idv_ip *ip);

/* Whether the first `bits` of both are the same, and they are of one family. */
bool idv_ip_share_prefix(const idv_ip *a, const idv_ip *b, unsigned bits);

idv_reach idv_ip_reach(const idv_ip *ip);

/* "this machine", "a private network", ... for everything that is not public. Static. */
const char *idv_reach_name(idv_reach reach);

#pragma GCC visibility pop

#endif
