--- Prepared answers instead of a network, for the unit tests of programs that use idv.
---
--- `record.new { ... }` answers from a table, `record.open(path)` from a file that `record.keep(path)` wrote while it
--- carried real requests. Every request is kept in `requests`, so that a test can look at what would have been sent.
--- A kept file holds no request headers, bodies or queries, so no credentials; but it holds answers as they came, so
--- record with people who do not exist.

local core = require "idv.core"
local Error = require "idv.error"
local host = require "idv.host"
local task = require "idv.task"

local record = {}

--- An answer that waits for its request.
---@class idv.PreparedAnswer
---@field [1] string        method and path: "POST /v1/sessions"; a "*" at the end stands for anything
---@field status integer?   200 when left out
---@field json any?         the body, to be encoded
---@field body string?      the body as it is
---@field headers table?    name -> value
---@field times integer?    how often it answers; once when left out
---@field fails table?      {kind, message, outcome}: no answer but this failure

--- A transport that answers from prepared answers; a provider object takes it as its option `transport`.
---@class idv.RecordTransport
---@field requests idv.TransportRequest[]  what came in
local Transport = {}
Transport.__index = Transport

local function path_of(url)
  local parts = core.uri_split(url)
  return parts and parts.path or url
end

local function matches(pattern, label)
  if pattern:sub(-1) == "*" then
    return label:sub(1, #pattern - 1) == pattern:sub(1, -2)
  end
  return pattern == label
end

local function answer_of(prepared)
  if prepared.fails then
    return nil, prepared.fails
  end
  local headers, body = {}, prepared.body or ""
  for name, value in pairs(prepared.headers or {}) do
    headers[name] = value
  end
  if prepared.json ~= nil then
    body = assert(core.json_encode(prepared.json))
    headers["Content-Type"] = headers["Content-Type"] or "application/json"
  end
  return { status = prepared.status or 200, headers = headers, body = body }
end

--- Answers a request with the first prepared answer that fits and is not used up.
function Transport:__call(request)
  self.requests[#self.requests + 1] = request
  local label = request.method .. " " .. path_of(request.url)
  for _, prepared in ipairs(self.prepared) do
    local used = self.used[prepared] or 0
    if used < (prepared.times or 1) and matches(prepared[1], label) then
      self.used[prepared] = used + 1
      return answer_of(prepared)
    end
  end
  return nil, { kind = "protocol", outcome = "not_sent", message = "no answer is prepared for " .. label }
end

--- Whether every prepared answer has been used as often as it may be.
---@return boolean is_used_up
function Transport:is_used_up()
  for _, prepared in ipairs(self.prepared) do
    if (self.used[prepared] or 0) < (prepared.times or 1) then
      return false
    end
  end
  return true
end

--- A transport that answers from a list. Throws for an entry without method and path.
---@param prepared idv.PreparedAnswer[]  each is used once, or `times` often, by the first request that fits
---@return idv.RecordTransport transport
function record.new(prepared)
  for i, entry in ipairs(prepared) do
    if type(entry) ~= "table" or type(entry[1]) ~= "string" or not entry[1]:find "^%u+ /" then
      error(("idv.transport.record: answer %d needs method and path, such as \"GET /v1/sessions\""):format(i), 2)
    end
  end
  return setmetatable({ prepared = prepared, used = {}, requests = {} }, Transport)
end

--- A transport that answers from a file which record.keep wrote.
---@param path string  the file
---@return idv.RecordTransport? transport
---@return string? problem
function record.open(path)
  local file, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local prepared = {}
  for line in file:lines() do
    local entry = core.json_decode(line)
    if type(entry) ~= "table" or type(entry.request) ~= "string" then
      file:close()
      return nil, ("%s: line %d is not a kept answer"):format(path, #prepared + 1)
    end
    entry[1] = entry.request
    prepared[#prepared + 1] = entry
  end
  file:close()
  return record.new(prepared)
end

-- Headers that a reader of answers looks at; others may identify somebody.
local kept_headers = { "Content-Type", "Location", "Retry-After" }

local function entry_of(request, call)
  local headers = {}
  for _, name in ipairs(kept_headers) do
    headers[name] = call:header(name)
  end
  return {
    request = request.method .. " " .. path_of(request.url), status = call:status(), headers = headers,
    body = call:content(),
  }
end

--- Carries a request with the engine.
local function carry(request, settings)
  local route = core.route {
    method = request.method, headers = request.headers, timeout = request.timeout,
    max_response_bytes = request.max_response_bytes, max_retries = 0, ca_file = settings.ca_file,
    allow_http = settings.allow_http,
  }
  local call, why = route:call(request.url, request.body)
  if not call then
    return nil, { kind = "protocol", outcome = "not_sent", message = "the address " .. why }
  end
  task.await_call(call, host.submit(call))
  local facts = call:facts()
  if facts.kind then
    return nil, { kind = Error.kinds[facts.kind] and facts.kind, message = facts.reason, outcome = facts.outcome }
  end
  return call
end

--- A transport that carries requests with the engine and keeps each answer in a file, which is begun anew.
---@param path string      the file
---@param settings table?  ca_file, allow_http, as for providers
---@return idv.Transport? transport
---@return string? problem
function record.keep(path, settings)
  local problem = core.file_problem(path)
  if problem then
    return nil, problem
  end
  local lines = {}
  return function(request)
    local call, failure = carry(request, settings or {})
    if not call then
      return nil, failure
    end
    local entry = entry_of(request, call)
    lines[#lines + 1] = assert(core.json_encode(entry)) .. "\n"
    assert(core.save_file(path, table.concat(lines)))
    return { status = entry.status, headers = entry.headers, body = entry.body }
  end
end

return record
