--- What kept a request from where it should have gone, in words: a redirect, a proxy, an address that leads astray.
---
--- Places are shown by host and path. A query, a user name and what looks like a token are not: whoever has the address
--- of a hosted page is the applicant.

local core = require "idv.core"

local obstacles = {}

local HIDDEN = "[hidden]"

-- A segment of a path from this length on that holds a digit is taken for an id or a token.
local LONGEST_SEGMENT = 20

--- A reference as an address can hold it: each byte that it cannot is percent-encoded.
---@param reference string
---@return string
function obstacles.escape(reference)
  return (reference:gsub("[%c \128-\255\"<>\\^`{|}]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

--- The path without what must not be shown.
local function shown_path(path, redactor)
  path = path:gsub("[^/]+", function(segment)
    local is_opaque = #segment >= LONGEST_SEGMENT and segment:find "%d"
    local is_known = redactor and redactor:text(segment) ~= segment
    return (is_opaque or is_known) and HIDDEN or segment
  end)
  return #path > 200 and path:sub(1, 200) .. "..." or path
end

--- Where an address leads to, for people.
---@param url string             absolute
---@param redactor idv.Redactor? knows what must not be shown
---@return string?  nil for what is no address of a host
function obstacles.place(url, redactor)
  local parts = core.uri_split(url)
  if not parts or not parts.host or not parts.scheme then
    return nil
  end
  local host, port = parts.host:lower(), parts.port and ":" .. parts.port or ""
  host = redactor and redactor:text(host) or host
  return parts.scheme:lower() .. "://" .. host .. port .. shown_path(parts.path, redactor)
end

--- Where the Location of an answer leads to, seen from the address that was asked.
---@param call userdata
---@return string?
function obstacles.location(call)
  local location = call:header "Location"
  return location and location ~= "" and core.uri_resolve(call:request().url, obstacles.escape(location)) or nil
end

--- The sentence for a redirect that is not followed.
---@param call userdata
---@param redactor idv.Redactor  knows what must not be shown
---@return string
function obstacles.redirect(call, redactor)
  local target = obstacles.location(call)
  local place = target and obstacles.place(target, redactor)
  return ("the answer is a redirect (%d) %s, which is not followed: check base_url, and what may stand in between")
    :format(call:status(), place and "to " .. place or "that names no host to go to")
end

local proxy_words = {
  [403] = "it does not allow connections to this host",
  [407] = "it wants a user name and password, or other ones, in the option proxy",
  [502] = "it could not reach the server", [503] = "it could not reach the server",
  [504] = "it could not reach the server in time",
}

--- The sentence for a proxy that did not connect to the server.
---@param status integer  of its answer to CONNECT
---@return string
function obstacles.proxy(status)
  return ("the proxy answered %d: %s"):format(status, proxy_words[status] or "it did not connect to the server")
end

--- The sentence for an address from an answer that leads to where those may not lead.
---@param url string
---@param leads_to string  such as "a private network"
---@return string
function obstacles.out_of_reach(url, leads_to)
  local parts = core.uri_split(url) or {}
  return ("the address in the answer leads to %s (%s), which is refused: it may lead to public hosts, and to those "
    .. "that the option report_hosts lists"):format(leads_to, parts.host or "?")
end

return obstacles
