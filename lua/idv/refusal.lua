--- From an answer that is no success, or a call that got none, to an error.
---
--- The status decides the kind. The provider's words come from the places that its description names; they are redacted
--- and only decorate the error. A body may be missing, not JSON, or a proxy's HTML page: nothing here needs one.

local core = require "idv.core"
local encoding = require "idv.encoding"
local Error = require "idv.error"
local obstacles = require "idv.obstacles"
local secrets = require "idv.redact.secrets"
local texts = require "idv.texts"

local refusal = {}

local kinds_by_status = {
  [401] = "auth", [402] = "payment", [403] = "auth", [404] = "not_found", [409] = "conflict", [410] = "not_found",
  [429] = "rate_limited",
}

local words_by_kind = {
  rejected = "the provider found the request wrong",
  auth = "the provider did not accept the credentials",
  payment = "the provider wants to be paid first",
  not_found = "the provider does not know it",
  conflict = "the state it is in does not allow this",
  rate_limited = "too many requests",
  server = "the provider failed",
  protocol = "the answer is not what the provider documents",
}

-- What a failure that a hook found says about the request; anything else leaves it open.
local refused_kinds = {
  rejected = true, auth = true, payment = true, not_found = true, conflict = true, rate_limited = true,
}

--- The kind of error that a status stands for; without one there was no answer.
---@param status integer?
---@return idv.Kind
function refusal.kind_of(status)
  status = status or 0
  if kinds_by_status[status] then
    return kinds_by_status[status]
  elseif status >= 500 then
    return "server"
  elseif status >= 400 then
    return "rejected"
  end
  return "protocol"
end

-- ---- the provider's words ----

--- The parameter that a name stands for, however the provider spells it.
local function parameter_named(parameters, name)
  for _, parameter in ipairs(parameters or {}) do
    for _, spelling in ipairs(parameter.spellings) do
      if spelling == name then
        return parameter
      end
    end
    if parameter.name == name then
      return parameter
    end
  end
end

--- Our name for a field: names of parameters are the API's own, even where an applicant has the same. What comes after
--- them may be anything.
local function own_name(operation, field, redactor)
  local names, parameters, rest = {}, operation.plain.parameters, field
  while rest do
    local name, after = rest:match "^([^.]+)%.?(.*)$"
    local parameter = name and parameter_named(parameters, name)
    if not parameter then
      break
    end
    names[#names + 1], parameters = parameter.name, parameter.fields
    rest = after ~= "" and after or nil
  end
  names[#names + 1] = rest and (redactor:text(rest) or "?")
  return table.concat(names, ".")
end

local function clean_details(state, operation, body, redactor)
  local list = {}
  local find = state.provider.refusal.details
  for _, detail in ipairs(find and find(body) or {}) do
    local field = texts.joined(detail.field)
    list[#list + 1] = {
      field = field and own_name(operation, field, redactor) or "?",
      message = redactor:text(texts.joined(detail.message)) or "is refused", code = redactor:code(detail.code),
    }
    if #list == 100 then
      break
    end
  end
  return list
end

-- ---- headers ----

local function first_header(call, names)
  for _, name in ipairs(names or {}) do
    local value = call:header(name)
    if value then
      return value
    end
  end
end

-- A reset above this is a moment since 1970, not a number of seconds.
local SMALLEST_EPOCH = 1e9

-- No wait is longer, as with Retry-After.
local LONGEST_WAIT = 365 * 86400

local function seconds_to(reset)
  if not reset then
    return nil
  end
  local seconds = reset > SMALLEST_EPOCH and reset - os.time() or reset
  return math.max(0, math.min(seconds, LONGEST_WAIT))
end

--- The number in a header, if it is a plain one: no sign, no exponent, not so long that it would be inexact.
local function number_in(text)
  return text and #text <= 15 and text:find "^%d+%.?%d*$" and tonumber(text) or nil
end

--- What the answer says about the rate limit, or nil.
---@param state table
---@param call userdata
---@return idv.RateLimit?
function refusal.rate_limit(state, call)
  local names = state.provider.rate_limit
  if not names then
    return nil
  end
  local limit = {
    limit = number_in(first_header(call, names.limit)),
    remaining = number_in(first_header(call, names.remaining)),
    reset = seconds_to(number_in(first_header(call, names.reset))),
  }
  return next(limit) and limit or nil
end

--- The provider's id of a request, from a header or, where there is a body, from that. `redactor_of` is called when
--- there is one to look at.
local function request_id(state, call, body, redactor_of)
  local found = first_header(call, state.provider.request_id) or first_header(call, { "X-Request-Id" })
  local in_body = body and body.request_id
  if found == nil and in_body == nil then
    return nil
  end
  local redactor = redactor_of()
  return redactor:id(found) or redactor:id(in_body)
end

-- ---- the error ----

--- Whether an answer is a web page, or says that it is.
---@param call userdata
---@return boolean
function refusal.is_web_page(call)
  return call:content():find "^%s*<" ~= nil or (call:header "Content-Type" or ""):lower():find "html" ~= nil
end

--- The body as a table, and its text when it is a list or plain text, and not somebody's web page.
local function read_body(call)
  local content = call:content()
  local body = content ~= "" and core.json_decode(content) or nil
  if type(body) == "table" then
    return body, body[1] ~= nil and texts.joined(body) or nil
  elseif type(body) == "string" then
    return {}, body
  end
  return {}, not refusal.is_web_page(call) and content or nil
end

-- Refusals that are about the moment: the server gave up waiting, or found it too early.
local passing_statuses = { [408] = true, [425] = true }

--- Whether the same request may be sent again without harm and with some hope.
local function is_retryable(facts, kind, outcome)
  if kind == "rate_limited" then
    return true
  end
  local is_passing = kind == "network" or kind == "timeout" or kind == "server" or passing_statuses[facts.status]
  return is_passing == true and not facts.permanent and (facts.safe or outcome == "not_sent")
end

local function base_fields(state, operation, call, facts)
  return {
    provider = state.provider.name, operation = operation.name, status = facts.status, attempts = facts.attempts,
    outcome = facts.outcome, retry_after = facts.retry_after, rate_limit = refusal.rate_limit(state, call),
  }
end

--- The error of a call that got no answer.
---@param state table
---@param operation table
---@param call userdata
---@return idv.Error
function refusal.of_failure(state, operation, call)
  local facts = call:facts()
  local fields = base_fields(state, operation, call, facts)
  fields.kind, fields.message = facts.kind, facts.reason
  if facts.undecodable then
    fields.message = secrets.redactor(state, operation):text(encoding.problem(call:header "Content-Encoding"))
  elseif facts.proxy_status then
    fields.message = obstacles.proxy(facts.proxy_status)
  elseif facts.leads_to then
    fields.message = obstacles.out_of_reach(call:request().url, facts.leads_to)
  end
  fields.retryable = is_retryable(facts, facts.kind, facts.outcome)
  return Error.new(fields)
end

--- Whether a status sends elsewhere; 304 is about a cache.
local function is_redirect(status)
  return status >= 300 and status <= 399 and status ~= 304
end

--- The error of an answer whose status, or whose body although the status is a success, is a refusal. `found` is what
--- a hook of the description already knows: kind, code, message.
---@param state table
---@param operation table
---@param call userdata
---@param found table?
---@return idv.Error
function refusal.of_answer(state, operation, call, found)
  found = found or {}
  local facts = call:facts()
  local body, text = read_body(call)
  local redactor = secrets.redactor(state, operation, call)
  local fields = base_fields(state, operation, call, facts)
  fields.kind = found.kind or refusal.kind_of(facts.status)
  if found.kind then
    fields.outcome = refused_kinds[found.kind] and "refused" or "unknown"
  end
  if is_redirect(facts.status) and not found.message then
    fields.message = obstacles.redirect(call, redactor)
  else
    fields.message = redactor:text(found.message or texts.find(body, state.provider.refusal.message) or text)
      or words_by_kind[fields.kind]
  end
  fields.code = redactor:code(found.code or texts.first(body, state.provider.refusal.code))
  fields.details = clean_details(state, operation, body, redactor)
  fields.request_id = request_id(state, call, body, function() return redactor end)
  fields.retry_after = fields.retry_after or (fields.kind == "rate_limited" and fields.rate_limit or {}).reset
  fields.retryable = is_retryable(facts, fields.kind, fields.outcome)
  return Error.new(fields)
end

--- The provider's id of a request that was answered well, from the headers.
---@param state table
---@param operation table
---@param call userdata
---@return string?
function refusal.request_id(state, operation, call)
  return request_id(state, call, nil, function() return secrets.redactor(state, operation, call) end)
end

--- The error of an answer that can not be right.
---@param state table
---@param operation table
---@param call userdata
---@param reason string
---@return idv.Error
function refusal.of_unreadable(state, operation, call, reason)
  local facts = call:facts()
  local fields = base_fields(state, operation, call, facts)
  fields.kind, fields.message, fields.outcome = "protocol", reason, "unknown"
  fields.request_id = refusal.request_id(state, operation, call)
  return Error.new(fields)
end

return refusal
