--- Reading the address with which an applicant comes back.
---
--- Pure, and safe on any bytes: whoever opens the page can write anything there. The record is never a verdict, which
--- is why it says `trusted = false`; ask the provider before believing it.

local Error = require "idv.error"
local evidence = require "idv.evidence"
local query = require "idv.query"
local records = require "idv.records"
local redact = require "idv.redact"

local redirect = {}

-- A browser's address line ends about here; more is somebody's attack.
local LONGEST = 8192

--- The query of a whole address, of "?a=b", or of "a=b"; and the path, where there is one.
local function split(text)
  local before, after = text:match "^([^?#]*)%?([^#]*)"
  if after then
    return after, before:match "^%a[%w+.-]*://[^/]*(.*)$" or before
  end
  local is_bare_query = not text:find "^%a[%w+.-]*://" and text:find "="
  return is_bare_query and text:gsub("#.*$", "") or "", text:match "^%a[%w+.-]*://[^/#]*([^#]*)" or ""
end

local function fail(state, fields)
  fields.provider, fields.operation = state.provider.name, "parse_redirect"
  fields.message = redact.new({}):text(fields.message) or "the redirect reports an error"
  fields.code = redact.new({}):code(fields.code)
  return nil, Error.new(fields)
end

--- Why what was read is not a return of this provider's, or nil.
local function objection(state, values, names, fields)
  if not evidence.is_in_query(state.provider.redirect.evidence, values, names) then
    return {
      kind = "protocol",
      message = ("the address does not hold what %s adds when an applicant comes back"):format(state.provider.title),
    }
  end
  local name = records.unusable(fields)
  return name and { kind = "protocol", message = ("the address has no usable '%s'"):format(name) } or nil
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
  local described = state.provider.redirect
  local written, path = split(text)
  local values, all, names = query.read(written, described.prose, described.ignores_case)
  local fields, failure = described.read(values, path)
  failure = failure or objection(state, values, names, fields)
  if failure then
    failure.outcome = failure.kind == "protocol" and "not_sent" or "refused"
    return fail(state, failure)
  end
  fields.raw, fields.trusted = all, false
  return records.new(state.provider.name, "redirect", fields)
end

return redirect
