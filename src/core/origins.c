#include "origins.h"

#include <stdlib.h>
#include <string.h>

#include "uri.h"

/* "https://", the longest host, a port and some room. */
#define NAME_CEILING 512

/* Over HTTP/2 one connection carries many requests; this many count as one place each way. */
#define STREAMS_PER_CONNECTION 100

void idv_origins_init(idv_origins *origins) {
  idv_link_init(&origins->list);
}

static void free_origin(idv_origin *origin) {
  idv_link_remove(&origin->membership);
  free(origin);
}

void idv_origins_free(idv_origins *origins) {
  idv_link *first;
  while ((first = idv_link_first(&origins->list)) != NULL) {
    free_origin(IDV_OWNER_OF(first, idv_origin, membership));
  }
}

static idv_origin *find(idv_origins *origins, idv_slice name) {
  for (idv_link *at = origins->list.next; at != &origins->list; at = at->next) {
    idv_origin *origin = IDV_OWNER_OF(at, idv_origin, membership);
    if (idv_slice_equals(name, origin->name)) {
      return origin;
    }
  }
  return NULL;
}

static idv_origin *add(idv_origins *origins, idv_slice name) {
  idv_origin *origin = calloc(1, sizeof *origin + name.length + 1);
  if (origin == NULL) {
    return NULL;
  }
  idv_link_init(&origin->line);
  idv_link_init(&origin->membership);
  memcpy(origin->name, name.data, name.length);
  idv_link_append(&origins->list, &origin->membership);
  return origin;
}

static bool append_origin(const char *url, idv_buffer *name) {
  idv_uri parts;
  return idv_uri_split(idv_slice_of(url), &parts) && idv_uri_append_origin(&parts, name);
}

/* The origin of the call, added when there is none yet; NULL when memory is short. */
static idv_origin *find_or_add(idv_origins *origins, const idv_call *call) {
  idv_buffer name;
  idv_origin *origin = NULL;
  if (call->is_under_base) {
    idv_slice known = idv_slice_of(call->route->origin);
    origin = find(origins, known);
    return origin != NULL ? origin : add(origins, known);
  }
  idv_buffer_init(&name, NAME_CEILING);
  if (append_origin(call->url, &name)) {
    origin = find(origins, idv_buffer_slice(&name));
    origin = origin != NULL ? origin : add(origins, idv_buffer_slice(&name));
  }
  idv_buffer_free(&name);
  return origin;
}

bool idv_origins_line_up(idv_origins *origins, idv_call *call) {
  if (call->origin == NULL) {
    call->origin = find_or_add(origins, call);
  }
  if (call->origin == NULL) {
    return false;
  }
  idv_link_append(&call->origin->line, &call->in_line);
  return true;
}

static unsigned streams_for(const idv_call *call) {
  return call->route->http_version == IDV_HTTP_2 ? STREAMS_PER_CONNECTION : 1;
}

static void enter(idv_origin *origin, idv_call *call) {
  idv_link_remove(&call->in_line);
  origin->active++;
  call->lane = idv_spread_enter(&origin->spread, call->route->max_connections, streams_for(call));
}

idv_call *idv_origins_next(idv_origins *origins) {
  for (idv_link *at = origins->list.next; at != &origins->list; at = at->next) {
    idv_origin *origin = IDV_OWNER_OF(at, idv_origin, membership);
    idv_link *first = idv_link_first(&origin->line);
    idv_call *call = first != NULL ? IDV_OWNER_OF(first, idv_call, in_line) : NULL;
    if (call != NULL && origin->active < call->route->max_connections * streams_for(call)) {
      enter(origin, call);
      return call;
    }
  }
  return NULL;
}

bool idv_origins_leave(idv_call *call) {
  idv_origin *origin = call->origin;
  if (origin == NULL) {
    return false;
  }
  if (idv_link_is_alone(&call->in_line)) {
    origin->active--;
    idv_spread_leave(&origin->spread, call->lane);
  } else {
    idv_link_remove(&call->in_line);
  }
  call->origin = NULL;
  bool has_line = !idv_link_is_alone(&origin->line);
  if (origin->active == 0 && !has_line) {
    free_origin(origin);
  }
  return has_line;
}
