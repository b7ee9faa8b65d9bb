#include "permits.h"

#include <stdlib.h>
#include <string.h>

#include "ascii.h"
#include "uri.h"

/* ---- reading one ---- */

/* The number behind the slash, or a negative one. */
static int read_bits(idv_slice digits) {
  int value = 0;
  if (digits.length == 0 || digits.length > 3) {
    return -1;
  }
  for (size_t i = 0; i < digits.length; i++) {
    if (!idv_ascii_is_digit(digits.data[i])) {
      return -1;
    }
    value = value * 10 + digits.data[i] - '0';
  }
  return value;
}

/* Reads an address or a network. */
static bool read_network(idv_slice text, idv_permit *permit) {
  const char *slash = text.length > 0 ? memchr(text.data, '/', text.length) : NULL;
  idv_slice address = text;
  address.length = slash != NULL ? (size_t)(slash - text.data) : text.length;
  if (!idv_ip_read(address, &permit->network)) {
    return false;
  }
  unsigned all = 8 * permit->network.length;
  permit->bits = all;
  if (slash != NULL) {
    int bits = read_bits((idv_slice){.data = slash + 1, .length = text.length - address.length - 1});
    permit->bits = bits >= 0 ? (unsigned)bits : all + 1;
  }
  return permit->bits <= all;
}

/* Without the dot that a name may end with. */
static idv_slice without_root(idv_slice name) {
  bool has_root = name.length > 1 && name.data[name.length - 1] == '.';
  return (idv_slice){.data = name.data, .length = name.length - (has_root ? 1 : 0)};
}

/* A host name, and none of the ways of writing an address that only a resolver takes for one. */
static bool is_name(idv_slice text) {
  bool ends_in_digits = text.length > 0 && idv_ascii_is_digit(text.data[text.length - 1]);
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    if (!idv_ascii_is_alnum(c) && c != '-' && c != '.' && c != '_') {
      return false;
    }
  }
  idv_ip address;
  bool is_address = ends_in_digits && idv_ip_read_host(text, &address);
  return text.length > 0 && text.length <= 255 && text.data[0] != '.' && !is_address;
}

bool idv_permits_can_hold(idv_slice text) {
  idv_permit permit;
  return read_network(text, &permit) || is_name(text);
}

/* ---- the list ---- */

static char *copy_lower(idv_slice text) {
  char *copy = malloc(text.length + 1);
  for (size_t i = 0; copy != NULL && i < text.length; i++) {
    copy[i] = idv_ascii_lower(text.data[i]);
  }
  if (copy != NULL) {
    copy[text.length] = '\0';
  }
  return copy;
}

bool idv_permits_add(idv_permits *permits, idv_slice text) {
  if (permits->count >= IDV_PERMITS_MAX) {
    return false;
  }
  idv_permit *longer = realloc(permits->list, (permits->count + 1) * sizeof *longer);
  if (longer == NULL) {
    return false;
  }
  permits->list = longer;
  idv_permit *permit = &longer[permits->count];
  *permit = (idv_permit){.name = NULL};
  if (!read_network(text, permit)) {
    permit->name = copy_lower(without_root(text));
    if (permit->name == NULL) {
      return false;
    }
  }
  permits->count++;
  return true;
}

void idv_permits_free(idv_permits *permits) {
  for (size_t i = 0; i < permits->count; i++) {
    free(permits->list[i].name);
  }
  free(permits->list);
  *permits = (idv_permits){.list = NULL};
}

static bool covers(const idv_permit *permit, idv_slice host, const idv_ip *ip, const idv_ip *carried) {
  if (permit->name != NULL) {
    return idv_slice_equals_ignoring_case(host, permit->name);
  }
  return idv_ip_share_prefix(&permit->network, ip, permit->bits) ||
         idv_ip_share_prefix(&permit->network, carried, permit->bits);
}

idv_reach idv_permits_objection(const idv_permits *permits, idv_slice host, const idv_ip *ip) {
  idv_ip carried = idv_ip_carried(ip);
  idv_reach reach = idv_ip_reach(ip);
  if (reach == IDV_REACH_PUBLIC || (reach == IDV_REACH_LOOPBACK && permits->this_machine)) {
    return IDV_REACH_PUBLIC;
  }
  host = without_root(host);
  for (size_t i = 0; i < permits->count; i++) {
    if (covers(&permits->list[i], host, ip, &carried)) {
      return IDV_REACH_PUBLIC;
    }
  }
  return reach;
}
