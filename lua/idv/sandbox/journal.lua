--- What the providers were asked: the requests in the order in which they came in.
--
-- Complete on purpose, credentials and personal data included, because tests have to see them; it exists in
-- memory only and leaves through the control API only. Requests to the control API itself are not kept.
-- Bounded by number and by bytes: the oldest entries go first, and how many went is counted.

local json = require "idv.sandbox.json"
local Clock = require "idv.sandbox.clock"

local most_entries = 20000
local most_bytes = 64 * 1024 * 1024

---@class idv.sandbox.JournalEntry
---@field serial integer counts from 1 since the last clearing
---@field time string
---@field method string
---@field path string
---@field query string|nil
---@field headers string[][]
---@field body string|nil absent when it is not UTF-8
---@field body_hex string|nil in its place then
---@field provider string|nil
---@field operation string|nil
---@field template string|nil
---@field scheme string
---@field connection integer
---@field fault integer|nil the number of the fault that was applied
---@field status integer|nil what was answered, absent when nothing was

---@class idv.sandbox.Journal
local Journal = {}
Journal.__index = Journal

---@param clock idv.sandbox.Clock
---@return idv.sandbox.Journal
function Journal.new(clock)
  return setmetatable({ clock = clock, entries = {}, first = 1, last = 0, bytes = 0 }, Journal)
end

local function drop_oldest(self)
  local entry = self.entries[self.first]
  self.entries[self.first] = nil
  self.first = self.first + 1
  self.bytes = self.bytes - entry.bytes
end

local function set_body(record, body)
  if json.text(body) == body then
    record.body = body
  else
    record.body_hex = body:gsub(".", function(byte)
      return string.format("%02x", byte:byte())
    end)
  end
end

--- Keeps a request.
---@param request idv.sandbox.Request
---@param route idv.sandbox.Route|nil
---@return idv.sandbox.JournalEntry entry to which the answer is added
function Journal:add(request, route)
  self.last = self.last + 1
  local record = {
    serial = self.last, time = Clock.iso(self.clock:now(), 6), method = request.method, path = request.path,
    query = request.query, headers = request.headers, scheme = request.scheme,
    connection = request.connection, provider = route and route.provider,
    operation = route and route.operation, template = route and route.template,
  }
  set_body(record, request.body)
  local entry = { record = record, bytes = 1000 + #request.body + #request.path }
  self.entries[self.last] = entry
  self.bytes = self.bytes + entry.bytes
  while self.bytes > most_bytes or self.last - self.first >= most_entries do
    drop_oldest(self)
  end
  return record
end

local function matches(record, filter)
  return (not filter.path or record.path:sub(1, #filter.path) == filter.path)
    and (not filter.method or record.method == filter.method)
    and (not filter.provider or record.provider == filter.provider)
    and (not filter.operation or record.operation == filter.operation)
    and (not filter.after or record.serial > filter.after)
end

--- The requests that match, the oldest first.
---@param filter {path?: string, method?: string, provider?: string, operation?: string, after?: number}
---@return idv.sandbox.JournalEntry[] entries
---@return integer forgotten how many were dropped for want of room
function Journal:list(filter)
  local found = {}
  for i = self.first, self.last do
    local record = self.entries[i].record
    if matches(record, filter) then
      found[#found + 1] = record
    end
  end
  return found, self.first - 1
end

function Journal:clear()
  self.entries, self.first, self.last, self.bytes = {}, 1, 0, 0
end

return Journal
