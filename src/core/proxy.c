#include "proxy.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "ascii.h"
#include "uri.h"

/* The lengths of user name and password in SOCKS stand in one byte each. */
#define LONGEST_IN_SOCKS 255

static const struct {
  const char *scheme;
  idv_proxy_kind kind;
} schemes[] = {
    {"http", IDV_PROXY_HTTP},     {"https", IDV_PROXY_HTTPS},  {"socks4", IDV_PROXY_SOCKS},
    {"socks4a", IDV_PROXY_SOCKS}, {"socks5", IDV_PROXY_SOCKS}, {"socks5h", IDV_PROXY_SOCKS},
};

typedef struct parts {
  idv_proxy_kind kind; /* IDV_PROXY_NONE: the scheme is none of a proxy */
  idv_slice userinfo;  /* data == NULL: none */
  idv_slice host;      /* with its port */
  idv_slice rest;      /* from the slash, question mark or hash behind it on */
} parts;

static idv_proxy_kind kind_named(idv_slice scheme) {
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (idv_slice_equals_ignoring_case(scheme, schemes[i].scheme)) {
      return schemes[i].kind;
    }
  }
  return IDV_PROXY_NONE;
}

static parts split(const char *address) {
  parts found = {.kind = IDV_PROXY_HTTP};
  const char *mark = strstr(address, "://");
  if (mark != NULL) {
    found.kind = kind_named((idv_slice){.data = address, .length = (size_t)(mark - address)});
    address = mark + 3;
  }
  size_t length = strcspn(address, "/?#");
  found.rest = idv_slice_of(address + length);
  found.host = (idv_slice){.data = address, .length = length};
  const char *at = length > 0 ? memchr(address, '@', length) : NULL;
  if (at != NULL) {
    size_t before = (size_t)(at - address);
    found.userinfo = (idv_slice){.data = address, .length = before};
    found.host = (idv_slice){.data = at + 1, .length = length - before - 1};
  }
  return found;
}

idv_proxy_kind idv_proxy_kind_of(const char *address) {
  return address != NULL ? split(address).kind : IDV_PROXY_NONE;
}

/* ---- its parts ---- */

/* Takes host and port apart. False when they cannot be such. */
static bool split_host(idv_slice host, idv_buffer *text, idv_uri *found) {
  idv_buffer_append_text(text, "http://");
  idv_buffer_append_slice(text, host);
  return text->state == IDV_BUFFER_OK && idv_uri_split(idv_buffer_slice(text), found) &&
         found->host.data != NULL;
}

static bool is_host_local(idv_slice host, bool *is_local) {
  idv_uri found;
  idv_buffer text;
  idv_buffer_init(&text, IDV_URI_MAX);
  bool is_fine = split_host(host, &text, &found);
  *is_local = is_fine && idv_uri_is_loopback(&found);
  idv_buffer_free(&text);
  return is_fine;
}

bool idv_proxy_is_local(const char *address) {
  bool is_local = false;
  return is_host_local(split(address).host, &is_local) && is_local;
}

static bool has_blank_or_control(const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == ' ' || idv_ascii_is_control(*text)) {
      return true;
    }
  }
  return false;
}

static bool is_ascii(idv_slice text) {
  for (size_t i = 0; i < text.length; i++) {
    if ((unsigned char)text.data[i] > 0x7e) {
      return false;
    }
  }
  return true;
}

/* What "%0A" and the like stand for cannot be sent. */
static bool has_encoded_control(idv_slice text) {
  for (size_t i = 0; i + 2 < text.length; i++) {
    int high = idv_ascii_hex(text.data[i + 1]), low = idv_ascii_hex(text.data[i + 2]);
    if (text.data[i] == '%' && high >= 0 && low >= 0 && (high < 2 || (high == 7 && low == 15))) {
      return true;
    }
  }
  return false;
}

static bool fits_socks(idv_slice userinfo) {
  const char *colon = userinfo.length > 0 ? memchr(userinfo.data, ':', userinfo.length) : NULL;
  size_t user = colon != NULL ? (size_t)(colon - userinfo.data) : userinfo.length;
  size_t password = colon != NULL ? userinfo.length - user - 1 : 0;
  return user <= LONGEST_IN_SOCKS && password <= LONGEST_IN_SOCKS;
}

static bool knows_https_proxies(void) {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTPS_PROXY) != 0;
}

/* ---- the verdict ---- */

static const char *problem_of_userinfo(const parts *found) {
  if (has_encoded_control(found->userinfo)) {
    return "holds a control character in its user name or password";
  }
  if (found->kind == IDV_PROXY_SOCKS && !fits_socks(found->userinfo)) {
    return "has a user name or password of more than 255 bytes, which SOCKS cannot carry";
  }
  return NULL;
}

static const char *problem_of_host(const parts *found) {
  bool is_local;
  bool is_behind_mark = memchr(found->host.data, '@', found->host.length) != NULL ||
                        (found->rest.length > 0 && memchr(found->rest.data, '@', found->rest.length) != NULL);
  if (is_behind_mark) {
    return "has an @ / ? or # in its user name or password, which are written %40 %2F %3F and %23 there";
  }
  if (!is_ascii(found->host)) {
    return "has a host with characters that are not ASCII: write it in its xn-- form";
  }
  if (!is_host_local(found->host, &is_local)) {
    return "needs a host, and a port from 1 to 65535 if any, such as http://proxy.example:3128";
  }
  bool has_path = found->rest.length > 0 && !idv_slice_equals(found->rest, "/");
  return has_path ? "must not have a path, a query or a fragment" : NULL;
}

const char *idv_proxy_problem(const char *address) {
  if (strlen(address) > IDV_URI_MAX) {
    return "is too long for an address";
  }
  if (has_blank_or_control(address)) {
    return "holds a blank or a control character, which is written %20 or the like in a password";
  }
  parts found = split(address);
  if (found.kind == IDV_PROXY_NONE) {
    return "must begin with http://, https://, socks4://, socks4a://, socks5:// or socks5h://";
  }
  if (found.kind == IDV_PROXY_HTTPS && !knows_https_proxies()) {
    return "must be another than an https:// one: the libcurl that is loaded has no TLS to a proxy";
  }
  const char *problem = problem_of_userinfo(&found);
  return problem != NULL ? problem : problem_of_host(&found);
}
