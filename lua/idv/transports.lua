--- Transports of the caller's own: something other than the engine carries the requests of one provider object.
---
--- A transport is a function (or something that can be called). It gets {method, url, headers, body, timeout,
--- max_response_bytes}, where headers are a list of {name, value}, and returns {status, headers, body}, or nil and what
--- went wrong: a text, or {kind, message, outcome}. It decides about repeats itself. Whatever it throws becomes an
--- error record with an unknown outcome.

local Error = require "idv.error"

local transports = {}

--- What a transport is given.
---@class idv.TransportRequest
---@field method string               GET, POST or PATCH
---@field url string                  the whole address
---@field headers string[][]          list of {name, value}, credentials among them
---@field body string?                bytes to send, where there are any
---@field timeout number?              seconds for the whole call
---@field max_response_bytes integer?  largest body to read

--- What a transport returns for an answer, whatever its status.
---@class idv.TransportAnswer
---@field status integer   200 to 599
---@field headers table?   name -> value, name -> list of values, or a list of {name, value}
---@field body string?     "" when left out

--- What a transport returns after nil when there was no answer.
---@class idv.TransportFailure
---@field kind "network"|"timeout"|"protocol"|"cancelled"|nil  "network" when left out
---@field message string?         words for people; shown, so without anything secret
---@field outcome idv.Outcome?    "unknown" when left out

---@alias idv.Transport fun(request: idv.TransportRequest): idv.TransportAnswer?, idv.TransportFailure|string?

local failure_kinds = { network = true, timeout = true, protocol = true, cancelled = true }
local outcomes = { not_sent = true, refused = true, unknown = true }

--- The fields of what a transport returned. Whatever its metatable throws comes after the transport has acted, so
--- nothing of it is taken then.
local function fields_of(value)
  local ok, fields = pcall(function()
    return {
      status = value.status, headers = value.headers, body = value.body, kind = value.kind, message = value.message,
      outcome = value.outcome,
    }
  end)
  return ok and type(value) == "table" and fields or {}
end

--- An error for what a transport returned instead of an answer. Its words may hold anything, so only those of a table,
--- which were written to be read, are shown.
local function failure(state, operation, why)
  local said = fields_of(why)
  return Error.new {
    kind = failure_kinds[said.kind] and said.kind or "network",
    message = type(said.message) == "string" and said.message or "the transport failed",
    outcome = outcomes[said.outcome] and said.outcome or "unknown",
    provider = state.provider.name, operation = operation.name, attempts = 1,
    retryable = said.outcome == "not_sent" or (operation.safe and said.kind ~= "protocol"),
  }
end

--- Header lines as they come over the wire, from a table or a list of pairs.
local function head_of(headers)
  local lines = {}
  local function add(name, value)
    if type(name) == "string" and (type(value) == "string" or type(value) == "number") then
      lines[#lines + 1] = (name .. ": " .. value):gsub("[\r\n]", " ")
    end
  end
  for name, value in pairs(type(headers) == "table" and headers or {}) do
    if type(name) == "number" and type(value) == "table" then
      add(value[1], value[2])
    elseif type(value) == "table" then
      for _, one in ipairs(value) do
        add(name, one)
      end
    else
      add(name, value)
    end
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

local function is_answer(answer)
  return type(answer.status) == "number" and answer.status >= 200 and answer.status <= 599 and answer.status % 1 == 0
    and (answer.body == nil or type(answer.body) == "string")
end

--- Lets the provider object's transport carry the call. Returns an error when it did not bring an answer.
---@param state table
---@param operation table
---@param call userdata
---@return idv.Error?
function transports.carry(state, operation, call)
  local request = call:request()
  request.timeout, request.max_response_bytes = call:limits()
  local ok, answer, why = pcall(state.values.transport, request)
  if not ok then
    return failure(state, operation, nil)
  elseif answer == nil or answer == false then
    return failure(state, operation, why)
  end
  local found = fields_of(answer)
  local is_read, head = pcall(head_of, found.headers)
  if not is_read or not is_answer(found) then
    return failure(state, operation, {
      kind = "protocol", message = "the transport returned something that is not an answer", outcome = "unknown",
    })
  end
  call:answer(found.status, head, found.body or "")
end

return transports
