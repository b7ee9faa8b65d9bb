#include "ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* ---- reading ---- */

/* Copies the text to where functions of the system can read it. */
static bool copy_text(idv_slice text, char *out, size_t room) {
  if (text.length == 0 || text.length >= room || memchr(text.data, '\0', text.length) != NULL) {
    return false;
  }
  memcpy(out, text.data, text.length);
  out[text.length] = '\0';
  return true;
}

static bool read_6(const char *text, idv_ip *ip) {
  ip->length = 16;
  return inet_pton(AF_INET6, text, ip->bytes) == 1;
}

bool idv_ip_read(idv_slice text, idv_ip *ip) {
  char copy[INET6_ADDRSTRLEN + 2];
  *ip = (idv_ip){.length = 4};
  if (text.length > 2 && text.data[0] == '[' && text.data[text.length - 1] == ']') {
    text = (idv_slice){.data = text.data + 1, .length = text.length - 2};
    return copy_text(text, copy, sizeof copy) && read_6(copy, ip);
  }
  if (!copy_text(text, copy, sizeof copy)) {
    return false;
  }
  return inet_pton(AF_INET, copy, ip->bytes) == 1 || read_6(copy, ip);
}

static bool is_localhost(idv_slice host) {
  static const char name[] = "localhost";
  size_t length = sizeof name - 1;
  if (host.length < length) {
    return false;
  }
  size_t before = host.length - length;
  idv_slice end = {.data = host.data + before, .length = length};
  return idv_slice_equals_ignoring_case(end, name) && (before == 0 || host.data[before - 1] == '.');
}

/* An inet_aton that does not stop at a blank. */
static bool read_as_resolver(idv_slice host, idv_ip *ip) {
  char copy[64];
  struct in_addr found;
  if (!copy_text(host, copy, sizeof copy) || strpbrk(copy, " \t\r\n\v\f") != NULL ||
      inet_aton(copy, &found) == 0) {
    return false;
  }
  *ip = (idv_ip){.length = 4};
  memcpy(ip->bytes, &found, 4);
  return true;
}

bool idv_ip_read_host(idv_slice host, idv_ip *ip) {
  if (host.length > 1 && host.data[host.length - 1] == '.') {
    host.length--; /* the root of all names, which is left out commonly */
  }
  if (is_localhost(host)) {
    *ip = (idv_ip){.length = 4, .bytes = {127, 0, 0, 1}};
    return true;
  }
  return idv_ip_read(host, ip) || read_as_resolver(host, ip);
}

bool idv_ip_of_socket(const struct sockaddr *address, idv_ip *ip) {
  if (address->sa_family == AF_INET) {
    *ip = (idv_ip){.length = 4};
    memcpy(ip->bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    return true;
  }
  if (address->sa_family == AF_INET6) {
    *ip = (idv_ip){.length = 16};
    memcpy(ip->bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    return true;
  }
  return false;
}

/* ---- comparing ---- */

static bool starts_with(const unsigned char *bytes, const unsigned char *prefix, unsigned bits) {
  unsigned whole = bits / 8, rest = bits % 8;
  if (memcmp(bytes, prefix, whole) != 0) {
    return false;
  }
  return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0;
}

bool idv_ip_share_prefix(const idv_ip *a, const idv_ip *b, unsigned bits) {
  return a->length == b->length && bits <= 8 * a->length && starts_with(a->bytes, b->bytes, bits);
}

/* ---- IPv4 within IPv6 ---- */

/* Where in an address with that prefix the other one stands. */
static const struct {
  unsigned char prefix[16];
  unsigned bits;
  unsigned at;
} carriers[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, 12}, /* mapped */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12},   /* NAT64 */
    {{0x20, 0x02}, 16, 2},                /* 6to4 */
    {{[0] = 0}, 96, 12},                  /* compatible */
};

/* Before an address of IPv4 in the second half of one of IPv6, whatever the first half. */
static bool is_isatap(const idv_ip *ip) {
  static const unsigned char mark[] = {0x00, 0x00, 0x5e, 0xfe};
  bool has_mark = memcmp(ip->bytes + 9, mark + 1, 3) == 0;
  return has_mark && (ip->bytes[8] == 0x00 || ip->bytes[8] == 0x02);
}

static bool is_small(const idv_ip *ip) { /* :: and ::1 carry nothing */
  static const unsigned char zeros[15];
  return memcmp(ip->bytes, zeros, sizeof zeros) == 0 && ip->bytes[15] <= 1;
}

static idv_ip taken_from(const idv_ip *ip, unsigned at) {
  idv_ip carried = {.length = 4};
  memcpy(carried.bytes, ip->bytes + at, 4);
  return carried;
}

idv_ip idv_ip_carried(const idv_ip *ip) {
  if (ip->length != 16 || is_small(ip)) {
    return *ip;
  }
  for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++) {
    if (starts_with(ip->bytes, carriers[i].prefix, carriers[i].bits)) {
      return taken_from(ip, carriers[i].at);
    }
  }
  return is_isatap(ip) ? taken_from(ip, 12) : *ip;
}

/* ---- how far they reach ---- */

typedef struct block {
  unsigned char prefix[16];
  unsigned bits;
  idv_reach reach;
} block;

/* What is not public, of all addresses. */
static const block blocks_4[] = {
    {{0, 0, 0, 0}, 32, IDV_REACH_UNSPECIFIED},
    {{0}, 8, IDV_REACH_RESERVED},
    {{10}, 8, IDV_REACH_PRIVATE},
    {{100, 64}, 10, IDV_REACH_PRIVATE}, /* behind a carrier's NAT */
    {{127}, 8, IDV_REACH_LOOPBACK},
    {{169, 254}, 16, IDV_REACH_LINK_LOCAL},
    {{172, 16}, 12, IDV_REACH_PRIVATE},
    {{192, 0, 0}, 24, IDV_REACH_RESERVED},
    {{192, 0, 2}, 24, IDV_REACH_RESERVED},   /* for documents */
    {{192, 88, 99}, 24, IDV_REACH_RESERVED}, /* relays of 6to4 */
    {{192, 168}, 16, IDV_REACH_PRIVATE},
    {{198, 18}, 15, IDV_REACH_PRIVATE},       /* for measurements */
    {{198, 51, 100}, 24, IDV_REACH_RESERVED}, /* for documents */
    {{203, 0, 113}, 24, IDV_REACH_RESERVED},  /* the same */
    {{224}, 4, IDV_REACH_MULTICAST},
    {{240}, 4, IDV_REACH_RESERVED},
};

/* What is not public, or is: the first that fits counts, and what fits none is not. */
static const block blocks_6[] = {
    {{0}, 128, IDV_REACH_UNSPECIFIED},
    {{[15] = 1}, 128, IDV_REACH_LOOPBACK},
    {{0xfe, 0x80}, 10, IDV_REACH_LINK_LOCAL},
    {{0xfe, 0xc0}, 10, IDV_REACH_PRIVATE}, /* as fc00::/7 was called before */
    {{0xfc}, 7, IDV_REACH_PRIVATE},
    {{0xff}, 8, IDV_REACH_MULTICAST},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, IDV_REACH_PRIVATE}, /* a network's own NAT64 */
    {{0x20, 0x01}, 23, IDV_REACH_RESERVED},                        /* Teredo and other protocols */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, IDV_REACH_RESERVED},            /* for documents */
    {{0x3f, 0xff}, 20, IDV_REACH_RESERVED},                        /* the same */
    {{0x20}, 3, IDV_REACH_PUBLIC},
};

static idv_reach find(const block *blocks, size_t count, const unsigned char *bytes, idv_reach otherwise) {
  for (size_t i = 0; i < count; i++) {
    if (starts_with(bytes, blocks[i].prefix, blocks[i].bits)) {
      return blocks[i].reach;
    }
  }
  return otherwise;
}

idv_reach idv_ip_reach(const idv_ip *ip) {
  idv_ip meant = idv_ip_carried(ip);
  if (meant.length == 4) {
    return find(blocks_4, sizeof blocks_4 / sizeof *blocks_4, meant.bytes, IDV_REACH_PUBLIC);
  }
  return find(blocks_6, sizeof blocks_6 / sizeof *blocks_6, meant.bytes, IDV_REACH_RESERVED);
}

const char *idv_reach_name(idv_reach reach) {
  static const char *const names[] = {
      [IDV_REACH_PUBLIC] = "a public host",          [IDV_REACH_LOOPBACK] = "this machine",
      [IDV_REACH_PRIVATE] = "a private network",     [IDV_REACH_LINK_LOCAL] = "a link-local address",
      [IDV_REACH_MULTICAST] = "a multicast address", [IDV_REACH_UNSPECIFIED] = "no host at all",
      [IDV_REACH_RESERVED] = "a reserved address",
  };
  return names[reach];
}
