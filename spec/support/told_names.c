/*
 * For LD_PRELOAD: names that say themselves which addresses they have. "10-0-0-1.told.invalid" has 10.0.0.1,
 * "x-fd00--1.told.invalid" has fd00::1 (each pair of dashes stands for "::"),
 * "8-8-8-8.then.10-0-0-1.told.invalid" has the first one when it is looked up for the first time, and the
 * second one from then on.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static const char ending[] = ".told.invalid";

/* Writes the address that the label stands for. */
static void read_label(const char *label, char *out, size_t room) {
  char mark = '.';
  if (strncmp(label, "x-", 2) == 0) {
    mark = ':';
    label += 2;
  }
  size_t length = 0;
  for (; *label != '\0' && length + 1 < room; label++) {
    out[length++] = *label == '-' ? mark : *label;
  }
  out[length] = '\0';
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  static atomic_int asked[3]; /* newer libcurls look an address of each family up on its own */
  look_up *next = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
  char label[200], address[200];
  const char *end = node != NULL ? strstr(node, ending) : NULL;
  if (end == NULL) {
    return next(node, service, hints, found);
  }
  int family = hints == NULL || hints->ai_family == AF_UNSPEC ? 0 : (hints->ai_family == AF_INET ? 1 : 2);
  snprintf(label, sizeof label, "%.*s", (int)(end - node), node);
  char *then = strstr(label, ".then.");
  if (then != NULL) {
    *then = '\0';
  }
  read_label(then != NULL && asked[family]++ > 0 ? then + 6 : label, address, sizeof address);
  return next(address, service, hints, found);
}
