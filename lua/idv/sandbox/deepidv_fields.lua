--- What deepIDV reads from requests: both spellings of a field, and the hints it gives when one is wrong.
--
-- camelCase wins where both spellings are sent. Hints have the shape of the issues of the validation library
-- that the provider's error pages show: code, path, message, and what was expected.

local Clock = require "idv.sandbox.clock"
local check = require "idv.sandbox.check"
local json = require "idv.sandbox.json"

local fields = {}

-- E.164 with at least ten digits.
local function is_phone(text)
  return text:find("^%+[1-9]%d+$") ~= nil and #text >= 11 and #text <= 16
end

local function is_hours(number)
  return number == math.floor(number) and number >= 1 and number <= 8760
end

local function text(camel, snake, is, told)
  return { camel = camel, snake = snake, kind = "string", is = is, told = told }
end

local function required(field)
  field.required = true
  return field
end

local some_text = { code = "too_small", message = "String must contain at least 1 character(s)", minimum = 1 }

local known = {
  required(text("firstName", "first_name", check.length(1, 1e6), some_text)),
  required(text("lastName", "last_name", check.length(1, 1e6), some_text)),
  required(text("email", "email", check.email,
    { code = "invalid_string", validation = "email", message = "Invalid email" })),
  required(text("phone", "phone", is_phone,
    { code = "invalid_string", validation = "regex", message = "Phone number must be in E.164 format" })),
  text("externalId", "external_id"),
  { camel = "sendEmailInvite", snake = "send_email_invite", kind = "boolean" },
  { camel = "sendPhoneInvite", snake = "send_phone_invite", kind = "boolean" },
  text("workflowId", "workflow_id"),
  text("redirectUrl", "redirect_url", check.https,
    { code = "invalid_string", validation = "url", message = "Must be a valid HTTPS URL" }),
  { camel = "expiresInHours", snake = "expires_in_hours", kind = "number", is = is_hours,
    told = { code = "invalid_type", expected = "integer",
      message = "Must be a whole number from 1 to 8760" } },
}

local function received(value)
  if value == nil then
    return "undefined"
  elseif value == json.null then
    return "null"
  elseif type(value) == "table" then
    return value[1] ~= nil and "array" or "object"
  end
  return type(value)
end

local function hint(path, told)
  local made = { path = { path } }
  for name, value in pairs(told) do
    made[name] = value
  end
  return made
end

local function type_hint(field, value)
  local got = received(value)
  return hint(field.camel, {
    code = "invalid_type", expected = field.kind, received = got,
    message = got == "undefined" and "Required" or "Expected " .. field.kind .. ", received " .. got,
  })
end

local function problem_of(field, value)
  if value == nil then
    return field.required and type_hint(field, nil) or nil
  elseif type(value) ~= field.kind then
    return type_hint(field, value)
  end
  return field.is and not field.is(value) and hint(field.camel, field.told) or nil
end

--- Reads the body that creates a session.
---@param body table
---@return table<string, any> wanted by camelCase name
---@return table[] hints what is wrong; empty when nothing is
function fields.read(body)
  local wanted, hints = {}, json.list {}
  for _, field in ipairs(known) do
    local value = body[field.camel]
    if value == nil then
      value = body[field.snake]
    end
    hints[#hints + 1] = problem_of(field, value)
    wanted[field.camel] = value
  end
  return wanted, hints
end

--- The hint for a decision that is none.
---@param value any
---@return table
function fields.status_hint(value)
  return hint("new_status", {
    code = "invalid_enum_value", options = { "VERIFIED", "REJECTED" }, received = received(value),
    message = "Expected 'VERIFIED' | 'REJECTED'",
  })
end

--- The token that continues a list after the session with a serial number.
---@param serial integer
---@return string
function fields.token_for(serial)
  return string.format("nt_%x", serial)
end

local function date_of(args, name, absent, hints)
  local moment = args[name] and Clock.parse(args[name])
  if args[name] and not moment then
    hints[#hints + 1] = hint(name, { code = "invalid_date", message = "Invalid ISO 8601 date" })
  end
  return moment or absent
end

--- Reads the query of the list.
---@param args table<string, string>
---@return {limit: integer, before: number, from: number, to: number} query
---@return table[] hints
function fields.read_query(args)
  local hints = json.list {}
  local limit = check.whole(args.limit, 50, 1, 500)
  if not limit then
    hints[#hints + 1] = hint("limit", {
      code = "invalid_type", message = "Must be a whole number from 1 to 500",
    })
  end
  local digits = args.next_token and args.next_token:match("^nt_(%x+)$")
  local before = digits and tonumber(digits, 16) or math.huge
  if args.next_token and not digits then
    hints[#hints + 1] = hint("next_token", { code = "custom", message = "Invalid next_token" })
  end
  return {
    limit = limit, before = before,
    from = date_of(args, "start_date", -math.huge, hints), to = date_of(args, "end_date", math.huge, hints),
  }, hints
end

return fields
