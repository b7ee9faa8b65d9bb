--- What must not come back in an error of one operation: the credentials of the provider object, and what was sent of
--- the applicant.
---
--- Credentials are prepared once for each token. What was sent is prepared for each error: values of parameters that
--- are sensitive, in any spelling, and everything that was passed through.

local Known = require "idv.redact.known"
local options = require "idv.options"
local redact = require "idv.redact"
local routes = require "idv.routes"
local sent = require "idv.sent"

local secrets = {}

-- Tables within tables that are looked into, and the shortest number that is looked for.
local DEEPEST, SHORTEST_NUMBER = 8, 4

-- Types of parameters whose values say little by themselves.
local says_little = { country = true, dial_code = true, language = true }

--- Adds every text and every long number inside a value.
local function add_texts(value, add, known, depth)
  if type(value) == "string" then
    add(known, value)
  elseif type(value) == "number" and value % 1 == 0 then
    local digits = ("%.0f"):format(value)
    if #digits >= SHORTEST_NUMBER then
      add(known, digits)
    end
  elseif type(value) == "table" and depth < DEEPEST then
    for _, inner in next, value do
      if known.is_over then
        return
      end
      add_texts(inner, add, known, depth + 1)
    end
  end
end

-- ---- credentials ----

local function credentials_of(state, operation)
  local known, token = Known.new(), state.tokens and state.tokens.token
  local add = Known.add_credential
  add_texts(routes.credential(state, state.route_tokens[operation.key]), add, known, 0)
  for name, value in pairs(state.values) do
    local option = state.provider.options[name] or options.common[name]
    if option.secret then
      add_texts(value, add, known, 0)
    end
  end
  add_texts(token, add, known, 0)
  return known
end

--- The credentials, prepared when one of them has changed only.
local function prepared_credentials(state, operation)
  local token, route_token = state.tokens and state.tokens.token, state.route_tokens[operation.key]
  local kept = state.known_credentials
  if not kept or kept.token ~= token or kept.route_token ~= route_token then
    kept = { token = token, route_token = route_token, known = credentials_of(state, operation) }
    state.known_credentials = kept
  end
  return kept.known
end

-- ---- what was sent ----

local add_sent

local function add_value(known, parameter, value)
  if parameter.fields and type(value) == "table" then
    add_sent(known, parameter.fields, value)
  elseif parameter.sensitive then
    add_texts(value, function(_, text)
      known:add_sent(text, says_little[parameter.rule])
    end, known, 0)
  end
end

--- Adds what the request holds: the parameters by their names in it, and what was passed through besides.
function add_sent(known, parameters, values)
  local described = {}
  for _, parameter in ipairs(parameters) do
    described[parameter.wire] = true
    add_value(known, parameter, values[parameter.wire])
  end
  for name, value in next, values do
    if not described[name] then
      add_texts(value, Known.add_sent, known, 0)
    end
  end
end

-- ---- names ----

local function add_names(names, parameters)
  for _, parameter in ipairs(parameters) do
    names[parameter.name] = true
    for _, spelling in ipairs(parameter.spellings) do
      names[spelling] = true
    end
    add_names(names, parameter.fields or {})
  end
  return names
end

--- The names of an operation's parameters and of their fields, in every spelling.
local function identifiers_of(operation)
  if not operation.identifiers then
    operation.identifiers = add_names({}, operation.plain.parameters)
  end
  return operation.identifiers
end

--- What takes the secrets of a call out of texts.
---@param state table
---@param operation table
---@param call userdata?  whose request was sent
---@return idv.Redactor
function secrets.redactor(state, operation, call)
  local known = Known.new()
  if call and operation.plain.parameters[1] then
    add_sent(known, operation.plain.parameters, sent.values(operation, call))
  end
  return redact.new({ prepared_credentials(state, operation), known }, identifiers_of(operation))
end

return secrets
