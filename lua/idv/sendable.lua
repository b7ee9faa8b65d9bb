--- What can never be sent is a mistake in the options, and is found when an object is made: a key that no header takes,
--- an address that has no room for a path.
---
--- Each value is held against where it goes. What is left is tried: one route of each kind is made, and thrown away.

local core = require "idv.core"
local routes = require "idv.routes"

local sendable = {}

-- Bytes of a header line in the engine.
local LONGEST_LINE = 16384

-- Bytes of an address in the engine.
local LONGEST_ADDRESS = 8192

local function complain(state, names, why)
  error(("idv.%s: option%s '%s' %s"):format(state.provider.name, #names > 1 and "s" or "",
    table.concat(names, "' and '"), why), 0)
end

--- What keeps a text out of a header.
local function header_problem(name, value)
  if #name + 2 + #value > LONGEST_LINE then
    return ("cannot be sent in a header: more than %d bytes"):format(LONGEST_LINE)
  elseif value:find "^%s" or value:find "%s$" then
    return "cannot be sent in a header: a blank at its beginning or end is lost"
  end
end

local function check_headers(state)
  for _, header in ipairs(routes.headers_of_options(state)) do
    local why = header_problem(header.name, header.value)
    if why then
      complain(state, header.options, why)
    end
  end
end

--- Basic ends the user name at its first colon.
local function check_user_name(state)
  local auth = state.auth
  if auth and auth.scheme == "basic" and state.values[auth.user]:find(":", 1, true) then
    complain(state, { auth.user }, "cannot be sent as a user name: it holds a colon")
  end
end

local function check_tokens(state)
  if state.tokens then
    local name, why = state.tokens:problem()
    if name then
      complain(state, { name }, why)
    end
  end
end

--- What keeps every request of an operation from its address: no value, however short, has room in it, say.
local function address_problem(state, base, path)
  local shortest = base .. path:gsub("{[%w_]+}", "x")
  if #shortest > LONGEST_ADDRESS then
    return ("is too long: more than %d bytes"):format(LONGEST_ADDRESS)
  end
  return core.uri_problem(shortest, state.values.allow_http)
end

local function check_addresses(state)
  for name, operation in pairs(state.operations) do
    local base = operation.base and state.hosts[operation.base](state) or state.base
    local why = address_problem(state, base, operation.path)
    if why then
      error(("idv.%s: the address that the options make up for %s %s"):format(state.provider.name, name, why), 0)
    end
  end
end

--- Makes a route of each kind, which differ by where they lead and whether they authenticate.
local function check_routes(state)
  local seen = {}
  local make = state.tokens and routes.shown or routes.real
  for _, operation in pairs(state.operations) do
    local kind = tostring(operation.base) .. tostring(operation.anonymous)
    if not seen[kind] then
      seen[kind] = true
      local ok, why = pcall(make, state, operation)
      if not ok then
        error(("idv.%s: %s"):format(state.provider.name, why:gsub("^[^ ]*:%d+: ", "")), 0)
      end
    end
  end
end

--- Throws for options with which a request could never be sent.
---@param state table
function sendable.check(state)
  check_user_name(state)
  check_headers(state)
  check_addresses(state)
  check_routes(state)
  check_tokens(state)
end

return sendable
