--- Reading the address with which an applicant comes back.
---
--- Pure, and safe on any bytes: whoever opens the page can write anything there. The record is never a verdict, which
--- is why it says `trusted = false`; ask the provider before believing it.

local core = require "idv.core"
local Error = require "idv.error"
local records = require "idv.records"
local redact = require "idv.redact"

local redirect = {}

-- A browser's address line ends about here; more is somebody's attack.
local LONGEST = 8192

--- The query of a whole address, of "?a=b", or of "a=b"; and the path, where there is one.
local function split(text)
  local before, query = text:match "^([^?#]*)%?([^#]*)"
  if query then
    return query, before:match "^%a[%w+.-]*://[^/]*(.*)$" or before
  end
  local is_bare_query = not text:find "^%a[%w+.-]*://" and text:find "="
  return is_bare_query and text:gsub("#.*$", "") or "", text:match "^%a[%w+.-]*://[^/#]*([^#]*)" or ""
end

--- Keeps a text only when it is UTF-8 without control characters.
local function clean(value)
  if type(value) == "string" and (not core.is_utf8(value) or value:find "%c") then
    return nil
  end
  return value
end

local function fail(state, fields)
  fields.provider, fields.operation = state.provider.name, "parse_redirect"
  fields.message = redact.text(fields.message, {}) or "the redirect reports an error"
  fields.code = redact.code(fields.code, {})
  return nil, Error.new(fields)
end

--- Reads a redirect into a record, or returns an error: for what is no redirect of this provider, and for one that
--- reports a failure of the request itself.
---@param state table
---@param text any
---@return table? record
---@return idv.Error? err
function redirect.parse(state, text)
  if type(text) ~= "string" then
    return fail(state, { kind = "validation", message = "must be a string: an address or its query" })
  elseif #text > LONGEST then
    return fail(state, { kind = "validation", message = "is longer than any address that a browser sends" })
  end
  local query, path = split(text)
  local values = {}
  for name, value in pairs((core.query_parse(query))) do
    values[clean(name) or ""] = clean(value)
  end
  values[""] = nil
  local fields, failure = state.provider.redirect.read(values, path)
  if not fields then
    failure.outcome = failure.kind == "protocol" and "not_sent" or "refused"
    return fail(state, failure)
  end
  fields.raw, fields.trusted = values, false
  return records.new(state.provider.name, "redirect", fields)
end

return redirect
