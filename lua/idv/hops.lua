--- Fetching from an address that a provider handed out, and from where that one sends on to.
---
--- A storage may send on to another host of its own. Each hop is checked as the first address is, goes without
--- credentials and never back from https to plain http. There are few of them, and all share the time of one call.

local calls = require "idv.calls"
local core = require "idv.core"
local Error = require "idv.error"
local obstacles = require "idv.obstacles"

local hops = {}

local MOST_HOPS = 3

--- The statuses that are followed. What is fetched is fetched by GET, so they all mean the same.
hops.statuses = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

local function is_plain(url)
  return url:find "^[Hh][Tt][Tt][Pp]:" ~= nil
end

--- Where an answer sends on to, or nil and why it is not gone to.
local function next_url(call, url, count)
  local target = obstacles.location(call)
  if not target then
    return nil, "the storage sends on without an address to go to"
  end
  local place = obstacles.place(target) or "no host"
  if count == MOST_HOPS then
    return nil, ("the storage sends on more than %d times, at last to %s"):format(MOST_HOPS, place)
  elseif is_plain(target) and not is_plain(url) then
    return nil, "the storage sends on from https to plain http, to " .. place
  end
  return target:match "^[^#]*"
end

--- Follows where the address leads to. Returns as calls.perform_at does.
local function follow(state, operation, url, given)
  local ends, rest, count = calls.end_of(state, given), given, 0
  while true do
    local found, err, call = calls.perform_at(state, operation, url, rest)
    if not found or not found.location then
      return found, err, call
    end
    local target, why = next_url(call, url, count)
    if not target then
      return nil, Error.new {
        kind = "protocol", provider = state.provider.name, operation = operation.name, outcome = "unknown",
        message = why, status = call:status(), attempts = call:facts().attempts,
      }, call
    end
    core.release(call)
    url, rest, count = target, calls.with_rest(given, ends), count + 1
  end
end

--- Performs an operation on an address out of an answer, without credentials. `read` of the operation returns
--- `location` for an answer that sends on.
---@param state table
---@param operation table
---@param url string
---@param given table?
---@return table? record
---@return idv.Error? err
---@return userdata? call
function hops.fetch(state, operation, url, given)
  local found, err, call = follow(state, operation, url, given)
  if err and err.outcome == "not_sent" then
    err.outcome = "unknown" -- the provider has heard of it already: it said where to go
  end
  return found, err, call
end

return hops
