--- Reading webhooks: first the signature, then the body.
---
--- A body that is not signed as it should be is never parsed. Several secrets are accepted while one is rotated, and
--- all comparisons take constant time. A webhook that passes is trusted to come from the provider; whether it has come
--- before is the program's to know, by its `id`, because providers deliver more than once.

local core = require "idv.core"
local description = require "idv.description"
local Error = require "idv.error"
local header = require "idv.headers"
local records = require "idv.records"

local webhook = {}

--- An event that the provider signed.
---@class idv.Webhook
---@field provider string      name of the provider
---@field id string            the same for every delivery of the same event
---@field type string          the provider's own name of the event
---@field session_id string?   the session that it is about; nil where it is about another product of the provider
---@field status idv.Status?   what the event says has become of that session; nil where no document says that it tells
---@field final boolean        whether that is settled
---@field product string       the product that the event is about; "unknown" where no document names it
---@field product_id string?   what it is about, where that is another product
---@field product_status string? what has become of that, in the provider's own word; never a verdict on a session
---@field trusted true         it is signed as it should be
---@field raw table            the decoded body

--- The largest body that is looked at, in bytes. Events are a few KiB.
webhook.LARGEST = 1024 * 1024

local function fail(state, kind, message)
  return nil, Error.new { kind = kind, message = message, provider = state.provider.name, operation = "parse_webhook" }
end

-- ---- schemes ----

--- Whether one of the secrets matches. All are tried, so that time does not tell which.
local function any_matches(secrets, matches)
  local found = false
  for _, secret in ipairs(type(secrets) == "table" and secrets or { secrets }) do
    found = matches(secret) or found
  end
  return found
end

local schemes = {}

--- Hexadecimal HMAC-SHA256 of the raw body.
---@param secrets string|string[]
---@param value string  of the header
---@param body string
---@return string? problem
function schemes.hmac_sha256(secrets, value, body)
  if value:find(",", 1, true) then
    return "the signature is there more than once, joined by a comma"
  elseif value:find(":", 1, true) then
    return "the signature has another scheme (it holds a colon): this is not a webhook of this API"
  end
  local matches = any_matches(secrets, function(secret)
    return core.is_hmac_sha256(secret, body, value)
  end)
  return not matches and "the signature does not match the body" or nil
end

--- The secret itself.
---@param secrets string|string[]
---@param value string  of the header
---@return string? problem
function schemes.shared_secret(secrets, value)
  local matches = any_matches(secrets, function(secret)
    return core.is_same(secret, value)
  end)
  return not matches and "the signature is not the secret" or nil
end

--- What is wrong with the signature, or nil; nil, too, where only the Authorization header protects the webhook.
local function signature_objection(secrets, described, headers, body)
  if not secrets then
    return nil
  end
  local value, why = header.value(headers, described.header)
  return why or schemes[described.scheme](secrets, value, body)
end

--- What is wrong with the Authorization header, or nil; nil, too, where none was set.
local function authorization_objection(expected, headers)
  if not expected then
    return nil
  end
  local value, why = header.value(headers, "Authorization")
  return why or schemes.shared_secret(expected, value) and "the header Authorization is not the one that was set" or nil
end

--- Why no webhook of a provider can be trusted with these options, or nil: there is nothing to check one with.
---@param described table  `webhook` of the description
---@param values table     the options
---@return string?
function webhook.unprotected(described, values)
  local names = { described.secret, described.authorization }
  for _, name in ipairs(names) do
    if values[name] then
      return nil
    end
  end
  return (#names > 1 and "neither %s is set" or "%s is not set"):format(table.concat(names, " nor "))
    .. ", so no webhook can be trusted"
end

--- Why a webhook is not trusted, or nil: everything that was set on it has to be right.
local function objection(state, described, headers, body)
  local values = state.values
  return webhook.unprotected(described, values)
    or signature_objection(values[described.secret], described, headers, body)
    or authorization_objection(values[described.authorization or ""], headers)
end

-- ---- records ----

local function normalised(state, status)
  return type(status) == "string" and (state.provider.statuses[status] or "unknown") or nil
end

-- What a webhook names, which is a text whatever the body has there.
local names = {
  "id", "session_id", "external_id", "applicant_id", "user_journey_id", "product", "product_id", "product_status",
}

--- Leaves in an event only what its type is documented to say: nothing of a session where it is about another product,
--- and no status where the type is not one of those that tell a session's, where the type is another verdict than the
--- status, or where no session is named.
local function keep_documented(described, fields, status)
  if fields.product ~= described.product then
    fields.session_id, fields.response_codes = nil, nil
    fields.product_status = type(status) == "string" and status or nil
    return nil
  end
  local told = described.events[fields.type]
  return fields.session_id and (told == true or told == status) and status or nil
end

local function record_of(state, described, body, raw_body)
  local fields = described.read(body)
  for _, name in ipairs(names) do
    local text = records.text(fields[name])
    local is_missing = text == "" and records.forms[name]
    fields[name] = not is_missing and text or nil
  end
  if type(fields.type) ~= "string" then
    return fail(state, "protocol", "the webhook has no type")
  end
  fields.id = fields.id or core.sha256(raw_body)
  fields.product = fields.product or "unknown"
  fields.status = normalised(state, keep_documented(described, fields, fields.status))
  fields.final = fields.status ~= nil and description.finals[fields.status] == true
  local unusable = records.unusable(fields)
  if unusable then
    return fail(state, "protocol", ("the webhook has no usable '%s'"):format(unusable))
  end
  fields.raw, fields.trusted = body, true
  return records.new(state.provider.name, "webhook", fields)
end

-- Where a body is that is not where it was looked for.
local ELSEWHERE = "a server may not have read it yet, or have put it into a file (nginx does so with long ones)"

--- What is wrong with the arguments of parse_webhook, or nil.
local function argument_problem(headers, raw_body)
  if not header.are(headers) then
    return ("needs the headers as a table, not a %s"):format(type(headers))
  elseif raw_body == nil then
    return "there is no body: " .. ELSEWHERE
  elseif type(raw_body) == "table" then
    return "needs the body as the string that came: its signature is of those bytes, not of what was decoded from them"
  elseif type(raw_body) ~= "string" then
    local kind = io.type(raw_body) and "file" or type(raw_body)
    return ("needs the body as a string, not a %s: read it first"):format(kind)
  end
end

--- Checks and reads a webhook.
---@param state table
---@param headers table|userdata|function  in any form that idv.headers knows
---@param raw_body string                   the body as it came, byte for byte
---@return idv.Webhook?
---@return idv.Error?
function webhook.parse(state, headers, raw_body)
  local described = state.provider.webhook
  local problem = argument_problem(headers, raw_body)
  if problem then
    return fail(state, "validation", problem)
  elseif raw_body == "" then
    return fail(state, "protocol", "the body is empty: " .. ELSEWHERE)
  elseif #raw_body > webhook.LARGEST then
    return fail(state, "protocol", "the body is larger than 1 MiB")
  end
  local why = objection(state, described, headers, raw_body)
  if why then
    return fail(state, "signature", why)
  end
  local body
  body, problem = core.json_decode(raw_body)
  if type(body) ~= "table" then
    return fail(state, "protocol", "the body " .. (problem or "is JSON, but not an object"))
  end
  return record_of(state, described, body, raw_body)
end

--- Whether a webhook says that a report can be fetched, and of which session.
---@param state table
---@param event any
---@return string? session_id
---@return idv.Detail[]? problem
function webhook.report_session(state, event)
  local is_webhook = type(event) == "table" and getmetatable(event) == records.metatables.webhook
  if not is_webhook or event.provider ~= state.provider.name then
    return nil, { { field = "event", message = "must be what parse_webhook of this provider returned" } }
  elseif event.type ~= state.provider.webhook.report_type or not event.session_id then
    return nil, { { field = "event", message = "must be of type " .. state.provider.webhook.report_type } }
  end
  return event.session_id
end

return webhook
