--- Finding a provider's words in a body.
---
--- Where a text is expected, servers also send lists of texts, objects that hold one, and maps from fields to any of
--- these. They are joined into one text, in their order, up to a ceiling. Nothing here hides anything.

local description = require "idv.description"

local texts = {}

local DEEPEST, LONGEST, MOST = 5, 2000, 20 -- tables within tables, bytes, texts
local MOST_NAMES = 1000 -- of a map that are looked at
local MOST_ENTRIES = 100 -- of a list of details

-- Under which names objects hold the text that says what they are about, the best first.
local speaking = {
  "message", "Message", "msg", "description", "error_description", "detail", "Detail", "error", "Error", "reason",
  "summary", "text", "title", "value", "code",
}

local collect

--- Adds the entries of a map, each after its name: "email: is taken".
local function collect_map(found, map, depth)
  local names = {}
  for name in next, map do
    names[#names + 1] = type(name) == "string" and name or nil
    if #names == MOST_NAMES then
      break
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local inner = { bytes = found.bytes }
    collect(inner, map[name], depth)
    if inner[1] then
      found[#found + 1] = name .. ": " .. table.concat(inner, ", ")
      found.bytes = inner.bytes + #name + 2
    end
    if #found >= MOST or found.bytes >= LONGEST then
      return
    end
  end
end

local function collect_table(found, value, depth)
  if value[1] ~= nil then
    for _, entry in ipairs(value) do
      if #found >= MOST or found.bytes >= LONGEST then
        return
      end
      collect(found, entry, depth)
    end
    return
  end
  for _, name in ipairs(speaking) do
    local before = #found
    collect(found, value[name], depth)
    if #found > before then
      return
    end
  end
  collect_map(found, value, depth)
end

--- Adds the texts inside a value.
function collect(found, value, depth)
  local kind = type(value)
  if kind == "table" and depth < DEEPEST then
    collect_table(found, value, depth + 1)
  elseif (kind == "string" and value:find "%S") or kind == "number" or (kind == "boolean" and depth > 0) then
    local text = kind == "number" and ("%.14g"):format(value) or tostring(value)
    found[#found + 1] = text
    found.bytes = found.bytes + #text
  end
end

--- All the texts inside a value as one, or nil. A truth value by itself says nothing.
---@param value any
---@return string?
function texts.joined(value)
  local found = { bytes = 0 }
  collect(found, value, 0)
  return found[1] and table.concat(found, "; ") or nil
end

--- The first entries of a list, or none where it is no list: as many as an error has details.
---@param value any
---@return any[]
function texts.entries(value)
  local list = {}
  for i, entry in ipairs(type(value) == "table" and value or {}) do
    list[i] = entry
    if i == MOST_ENTRIES then
      break
    end
  end
  return list
end

local function at_path(value, path)
  for _, key in ipairs(path) do
    if type(value) ~= "table" then
      return nil
    end
    value = value[key]
  end
  return value
end

--- The first words that one of the paths leads to; a bare number only where there are no words anywhere.
---@param body table
---@param paths string[]
---@return string?
function texts.find(body, paths)
  local number
  for _, path in ipairs(description.split_paths(paths)) do
    local text = texts.joined(at_path(body, path))
    if text and not tonumber(text) then
      return text
    end
    number = number or text
  end
  return number
end

--- The first text or number that one of the paths leads to, or the first in a list there.
---@param body table
---@param paths string[]
---@return string?
function texts.first(body, paths)
  for _, path in ipairs(description.split_paths(paths)) do
    local value = at_path(body, path)
    value = type(value) == "table" and value[1] or value
    if type(value) == "string" and value ~= "" or type(value) == "number" then
      return tostring(value)
    end
  end
end

return texts
