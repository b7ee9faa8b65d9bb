--- The fault matrix as data: what can go wrong between idv and a provider, and what a caller then gets.
---
--- A row is a fault with the expected cell of each class of operation: `read` may be repeated without harm, `create`
--- may not. Where the fault is made: `at` names a behaviour of the fault server, `door` one of its ports, `host` a
--- name to resolve. `call` holds options of the provider object. `warm` has a call answered first, so that the one
--- that is looked at finds a kept-alive connection. `stalls` says that the call runs into its deadline; all others end
--- well before it.

local matrix = {}

--- A cell that ends with an error. `attempts` is how often idv tried, where that is not the number of requests.
local function fails(requests, kind, outcome, retryable, more)
  local cell = { requests = requests, kind = kind, outcome = outcome, retryable = retryable, attempts = requests }
  for name, value in pairs(more or {}) do
    cell[name] = value
  end
  return cell
end

--- A cell in which the caller gets an answer in the end.
local function answered(requests, more)
  return fails(requests, "answered", nil, nil, more)
end

-- What both classes get when nothing was sent: three tries, or one where the next would go the same way.
local unsent = fails(0, "network", "not_sent", true, { attempts = 3 })
local unsent_for_good = fails(0, "network", "not_sent", false, { attempts = 1 })
local unconnected = fails(0, "timeout", "not_sent", true, { attempts = 3 })

-- What is not the network's fault and would not go better a second time.
local unreadable = fails(1, "protocol", "unknown", false)

-- A connection that breaks while, or after, the request is sent.
local broken = { read = fails(3, "network", "unknown", true), create = fails(1, "network", "unknown", false) }

-- Nothing more comes until the deadline.
local late = { read = fails(1, "timeout", "unknown", true), create = fails(1, "timeout", "unknown", false) }

-- The provider says that it failed, which leaves open whether it acted before.
local server_failed = { read = fails(3, "server", "unknown", true), create = fails(1, "server", "unknown", false) }

local function both(cell)
  return { read = cell, create = cell }
end

--- A row: the title, how the fault is made, the cells.
local function row(title, how, cells)
  how.title, how.cells = title, cells
  return how
end

-- A name under .invalid that no name server is even asked for: one of its parts is longer than names allow.
local impossible_name = ("x"):rep(64) .. ".invalid"

local http2 = { http_version = "2" }
local short = { connect_timeout = 0.1 }
matrix.sizeable = { extra = { padding = ("x"):rep(20 * 1024) } }
matrix.large = { extra = { padding = ("x"):rep(900 * 1024) } }

matrix.classes = { { name = "read", title = "read (GET)" }, { name = "create", title = "create (POST)" } }

matrix.groups = {
  { title = "No connection comes up", rows = {
    row("name not found", { host = impossible_name }, both(unsent)),
    row("connection refused", { door = "closed", scheme = "http" }, both(unsent)),
    row("connect timeout: the server's backlog is full", { door = "full", scheme = "http", call = short },
      both(unconnected)),
    row("TLS: the handshake stalls", { door = "tls-silent", call = short }, both(unconnected)),
    row("TLS: connection closed during the handshake", { door = "tls-closed" }, both(unsent)),
    row("TLS: authority not trusted", { door = "tls-untrusted" }, both(unsent_for_good)),
    row("TLS: certificate for another host", { door = "tls-wrong-host" }, both(unsent_for_good)),
    row("TLS: certificate expired", { door = "tls-expired" }, both(unsent_for_good)),
    row("TLS: certificate not valid yet", { door = "tls-early" }, both(unsent_for_good)),
    row("TLS: certificate signed by itself", { door = "tls-by-itself" }, both(unsent_for_good)),
    row("TLS: authority of the right name with another key", { door = "tls-stranger" }, both(unsent_for_good)),
    row("TLS: the certificate in between is not sent", { door = "tls-orphan" }, both(unsent_for_good)),
    row("TLS: server speaks TLS 1.1 only", { door = "tls-1.1" }, both(unsent_for_good)),
  } },
  { title = "The connection breaks", rows = {
    row("reset before the request was read", { door = "reset-unread", scheme = "http" }, {
      read = fails(0, "network", "unknown", true, { attempts = 3 }),
      create = fails(0, "network", "unknown", false, { attempts = 1 }),
    }),
    row("reset after the request was read", { at = "reset" }, broken),
    row("closed after the request was read", { at = "close" }, broken),
    row("kept-alive connection had died before it was used again", { at = "close-idle", warm = true },
      both(answered(1))),
    row("kept-alive connection closed when used again, request read", { at = "close-second", warm = true }, {
      read = answered(2), create = fails(1, "network", "unknown", false),
    }),
    row("kept-alive connection reset when used again, request read", { at = "reset-second", warm = true }, {
      read = answered(2), create = fails(1, "network", "unknown", false),
    }),
    row("closed in the status line of the answer", { at = "cut-status" }, broken),
    row("closed in the head of the answer", { at = "cut-head" }, broken),
    row("closed before the blank line of the answer", { at = "cut-blank" }, broken),
    row("closed after an interim answer (103)", { at = "only-interim" }, broken),
    row("reset in the head of the answer", { at = "reset-head" }, broken),
    row("kept-alive connection said 429 before it was used again", { at = "unasked", warm = true }, both(answered(1))),
    row("closed in the middle of the answer: Content-Length too long", { at = "long-length" }, broken),
  } },
  { title = "The server stalls", rows = {
    row("before the headers", { at = "silent", stalls = true }, late),
    row("in the middle of the headers", { at = "stall-head", stalls = true }, late),
    row("in the middle of the body", { at = "stall-body", stalls = true }, late),
    row("in the middle of the body of a 500", { at = "stall-refusal", stalls = true }, {
      read = fails(1, "server", "unknown", true), create = fails(1, "server", "unknown", false),
    }),
    row("100 Continue never comes, 900 KiB to send", { at = "fine", params = matrix.large }, { create = answered(1) }),
  } },
  { title = "The answer is not HTTP as it should be", rows = {
    row("Content-Length shorter than the body", { at = "short-length" }, both(unreadable)),
    row("two lengths that differ", { at = "two-lengths" }, both(unreadable)),
    row("Content-Length below nothing", { at = "minus-length" }, both(unreadable)),
    row("status 000", { at = "status-000" }, both(unreadable)),
    row("status 600", { at = "status-600" }, both(unreadable)),
    row("no status", { at = "status-text" }, both(unreadable)),
    row("HTTP/0.9: a body without a head", { at = "http-0.9" }, both(unreadable)),
    row("a NUL in the head", { at = "nul-in-head" }, both(unreadable)),
    row("101, another protocol from here on", { at = "other-protocol" }, both(unreadable)),
    row("a trailer that looks like a status line, Retry-After in it", { at = "trailer" }, both(answered(1))),
    row("broken chunking", { at = "bad-chunk" }, broken),
    row("gzip bomb: 64 MiB out of 416 KiB", { at = "bomb" }, both(unreadable)),
    row("headers without end", { at = "headers" }, both(unreadable)),
    row("one header without end", { at = "header" }, both(unreadable)),
    row("interim answers (103) without end", { at = "interims" }, both(unreadable)),
    row("another protocol", { at = "nonsense" }, both(unreadable)),
  } },
  { title = "The provider says no", rows = {
    row("429 without Retry-After", { at = "429" }, both(fails(3, "rate_limited", "refused", true))),
    row("429, Retry-After in seconds, then an answer", { at = "429-seconds" }, both(answered(2, { delay = 1 }))),
    row("429, Retry-After as a date, then an answer", { at = "429-date" }, both(answered(2, { delay = 1 }))),
    row("429, Retry-After is nonsense", { at = "429-nonsense" }, both(fails(3, "rate_limited", "refused", true))),
    row("429, Retry-After a year ahead", { at = "429-year" },
      both(fails(1, "rate_limited", "refused", true, { retry_after = 31536000 }))),
    row("500", { at = "500" }, server_failed),
    row("502 with a page of HTML", { at = "502-html" }, server_failed),
    row("503", { at = "503" }, server_failed),
    row("503 with Retry-After, then an answer", { at = "503-seconds" }, {
      read = answered(2, { delay = 1 }), create = fails(1, "server", "unknown", false, { retry_after = 1 }),
    }),
    row("a redirect where none belongs", { at = "redirect" }, both(unreadable)),
  } },
  { title = "HTTP/2", rows = {
    row("GOAWAY: the request was not processed", { door = "h2-goaway-unprocessed", call = http2 }, broken),
    row("GOAWAY: the request may have been processed", { door = "h2-goaway", call = http2 }, broken),
    row("RST_STREAM: INTERNAL_ERROR", { door = "h2-reset", call = http2 }, broken),
    row("RST_STREAM: REFUSED_STREAM", { door = "h2-refused", call = http2 }, broken),
    row("RST_STREAM: NO_ERROR, without an answer", { door = "h2-ended", call = http2 }, broken),
  } },
}

return matrix
