--- Reading the query of a redirect, as browsers and servers write it: loosely.
---
--- Providers append their parameters to an address that may have its own, so the last of a name counts. A "+" is a
--- blank in prose only: an e-mail address, a phone number and an id hold no blanks, so a "+" in them is a plus, unless
--- the writer encodes pluses. The length of a query is the caller's to limit.

local core = require "idv.core"

local query = {}

--- Whether a text can be shown: UTF-8 without control characters.
local function is_clean(text)
  return core.is_utf8(text) and not text:find "%c"
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do
    set[name] = true
  end
  return set
end

--- The value of a parameter. A writer who encodes pluses writes "+" for a blank.
local function decode(text, is_prose)
  return core.uri_decode(text, is_prose or text:find "%%2[Bb]" ~= nil)
end

--- Adds a value under a name: a second one makes a list of both.
local function add(all, name, value)
  local before = all[name]
  if type(before) == "table" then
    before[#before + 1] = value
  else
    all[name] = before and { before, value } or value
  end
end

--- Reads a query. A value that is not UTF-8, or holds a control character, counts as none.
---@param text string             without "?"
---@param prose string[]?         names of parameters that hold sentences
---@param ignores_case boolean?   whether names are compared in lower case
---@return table<string, string> values  the last value of each name
---@return table<string, string|string[]> all  every value, by the name as it is written: a list where there are several
---@return table<string, boolean> names  all that are there, whatever their values
function query.read(text, prose, ignores_case)
  local values, all, names, is_prose = {}, {}, {}, set_of(prose)
  for _, pair in ipairs(core.query_pairs(text)) do
    local written = core.uri_decode(pair[1], true)
    local name = ignores_case and written:lower() or written
    local value = decode(pair[2], is_prose[name])
    local is_good = is_clean(value)
    names[name] = true
    values[name] = is_good and value or nil
    if is_good and name ~= "" and is_clean(written) then
      add(all, written, value)
    end
  end
  return values, all, names
end

return query
