--- The one error type. Everything that can go wrong at run time is a table of this class, returned as `nil, err`.
---
--- An error says what happened (`kind`), what is known about the request (`outcome`), and in words what to do
--- (`message`). It never holds a credential, a session URL, a code or an applicant's data: messages are made of our
--- own words, names of fields, and texts of the provider that have gone through redact.lua. Each text is one line of
--- visible characters, whatever it was made of.

local visible = require "idv.visible"

local Error = {}

---@alias idv.Kind
---| "validation"   # refused here, never sent; `details` names every bad field
---| "rejected"     # the provider found the request wrong (400, 417, 422, and other 4xx)
---| "auth"         # 401, 403: credentials are missing, wrong, or may not do this
---| "payment"      # 402: the account can not pay for it
---| "not_found"    # 404, 410
---| "conflict"     # 409: the state of the thing does not allow it
---| "rate_limited" # 429
---| "server"       # 5xx
---| "network"      # no connection, or it broke
---| "timeout"      # the deadline passed
---| "protocol"     # the answer can not be right: unreadable, too large, something else than was asked for
---| "signature"    # a webhook that is not signed as it should be
---| "unsupported"  # the provider has no such method
---| "cancelled"    # the call was cancelled
---| "file"         # a report could not be written to disk

---@alias idv.Outcome
---| "not_sent" # nothing reached the provider
---| "refused"  # the provider said no: nothing was done
---| "unknown"  # the provider may have acted: look before sending again

--- One faulty field.
---@class idv.Detail
---@field field string    name of the field as the caller writes it, "outer.inner" for nested ones
---@field message string  what is wrong with it, to follow the name
---@field code string?    the provider's own code for it

--- How many requests are left.
---@class idv.RateLimit
---@field limit number?      requests allowed in the window
---@field remaining number?  requests left in it
---@field reset number?      seconds until it starts again

--- What went wrong. `tostring` gives one line.
---@class idv.Error
---@field kind idv.Kind            what happened
---@field message string           one line for people
---@field outcome idv.Outcome      what is known about the request
---@field provider string?         "checkout", "deepidv", "impact", "cidaas"
---@field operation string?        the method that was called
---@field status integer?          HTTP status, when there was an answer
---@field code string?             the provider's own code
---@field details idv.Detail[]     faulty fields, perhaps none
---@field request_id string?       the provider's id of the request, for its support
---@field retry_after number?      seconds the provider asked to wait
---@field rate_limit idv.RateLimit?  what the provider tells about its limit, where it does
---@field attempts integer         copies of the request that were begun
---@field retryable boolean        sending the same again can neither do it twice nor fail for sure
local methods = {}

Error.kinds = {
  validation = true, rejected = true, auth = true, payment = true, not_found = true, conflict = true,
  rate_limited = true, server = true, network = true, timeout = true, protocol = true, signature = true,
  unsupported = true, cancelled = true, file = true,
}

local outcome_words = {
  not_sent = "nothing was sent",
  refused = "refused",
  unknown = "outcome unknown",
}

--- Outcomes -> the words for them.
Error.outcomes = outcome_words

function methods.__tostring(err)
  local subject = err.provider or "idv"
  if err.operation then
    subject = subject .. "." .. err.operation
  end
  local about = err.kind
  if err.status then
    about = about .. " " .. err.status
  end
  return ("%s: %s (%s, %s)"):format(subject, err.message, about, outcome_words[err.outcome])
end

methods.__index = {}
methods.__name = "idv.Error"

--- One line that names every field and what is wrong with it.
---@param details idv.Detail[]
---@return string
local function sentence(details)
  local parts = {}
  for i, detail in ipairs(details) do
    parts[i] = detail.field == "?" and detail.message or (detail.field .. " " .. detail.message)
  end
  return table.concat(parts, "; ")
end

--- Makes the texts of a table lines.
local function make_lines(fields, names)
  for _, name in ipairs(names) do
    fields[name] = type(fields[name]) == "string" and visible.line(fields[name]) or fields[name]
  end
end

local texts = { "message", "code", "request_id" }
local detail_texts = { "field", "message", "code" }

--- Makes an error. `kind` is checked, because a misspelt one would be found out only by whoever waits for it.
---@param fields table  any of the fields of idv.Error; `kind` is required
---@return idv.Error
function Error.new(fields)
  assert(Error.kinds[fields.kind], "unknown kind of error")
  fields.details = fields.details or {}
  fields.outcome = fields.outcome or "not_sent"
  fields.attempts = fields.attempts or 0
  fields.retryable = fields.retryable or false
  for _, detail in ipairs(fields.details) do
    make_lines(detail, detail_texts)
  end
  fields.message = fields.message or sentence(fields.details)
  make_lines(fields, texts)
  return setmetatable(fields, methods)
end

--- A request that was refused before anything was sent.
---@param provider string
---@param operation string
---@param details idv.Detail[]
---@return idv.Error
function Error.validation(provider, operation, details)
  return Error.new { kind = "validation", provider = provider, operation = operation, details = details }
end

--- Whether a value is such an error.
---@param value any
---@return boolean
function Error.is(value)
  return type(value) == "table" and getmetatable(value) == methods
end

return Error
