--- JSON for output: one line, names sorted, so that the same record gives the same line on every Lua.
---
--- Texts go through lua-cjson; the rest is written here, because lua-cjson rounds long integers and can not tell an
--- empty list from an empty object. What is known to be a list is named below.

local core = require "idv.core"
local visible = require "idv.visible"

local json = {}

-- Names under which records hold lists.
local lists = {
  details = true, items = true, response_codes = true, risk_labels = true, links = true, methods = true,
  arguments = true, parameters = true,
}

local write

--- The shortest digits that are read as this number again.
local function write_number(number)
  if number ~= number or number == math.huge or number == -math.huge then
    return "null"
  elseif number % 1 == 0 and math.abs(number) < 2 ^ 53 then
    return ("%.0f"):format(number)
  end
  for digits = 15, 17 do
    local text = ("%%.%dg"):format(digits):format(number)
    if tonumber(text) == number then
      return text
    end
  end
end

--- A text as lua-cjson writes it, but with plain slashes, and nothing in it that a terminal would obey. What is not
--- UTF-8 becomes null.
local function write_text(text)
  local written = core.json_encode(text)
  if not written then
    return "null"
  end
  written = written:gsub("\\(.)", function(escaped)
    return escaped == "/" and "/" or nil
  end)
  return visible.json(written)
end

local function write_list(list, depth)
  local parts = {}
  for i, value in ipairs(list) do
    parts[i] = write(value, nil, depth)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function write_object(object, depth)
  local names, parts = {}, {}
  for name, value in pairs(object) do
    if type(name) == "string" and core.is_utf8(name) and type(value) ~= "function" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = write_text(name) .. ":" .. write(object[name], name, depth)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local DEEPEST = 80

function write(value, name, depth)
  local kind = type(value)
  if kind == "table" and depth < DEEPEST then
    local is_list = value[1] ~= nil or (lists[name] and next(value) == nil)
    return (is_list and write_list or write_object)(value, depth + 1)
  elseif kind == "number" then
    return write_number(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return kind == "string" and write_text(value) or "null"
end

--- A value as one line of JSON.
---@param value any
---@param name string?  the field it stands in, by which an empty list is known
---@return string
function json.encode(value, name)
  return write(value, name, 0)
end

return json
