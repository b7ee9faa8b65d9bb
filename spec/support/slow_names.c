/*
 * A name server that does not answer: preloaded into a process, this has every look-up of a name under
 * .invalid take a minute. It is what libcurl's resolver thread waits in, and nothing else may wait for that
 * thread.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  if (node != NULL && strstr(node, ".invalid") != NULL) {
    sleep(60);
    return EAI_AGAIN;
  }
  look_up *next = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
  return next(node, service, hints, found);
}
