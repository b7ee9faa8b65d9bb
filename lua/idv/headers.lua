--- Reading a header out of whatever a host hands out for headers.
---
--- Known forms: a table of name = value, in any letter case, with "_" for "-", or as CGI names it (HTTP_X); values that
--- are lists; a list of {name, value}, of {name = ..., value = ...} or of "name: value"; a table or a userdata that
--- looks names up when it is asked (ngx.var, the requests of many frameworks); one with a method `get` (lua-http); a
--- function of the name. What is there is read raw first. What only asking brings may throw; then it is not there.

local headers = {}

-- Headers that every request has some of.
local usual = { "Host", "Content-Type", "Content-Length", "User-Agent", "Accept" }

local function is_value(value)
  return type(value) == "string" or type(value) == "number"
end

--- Adds a value to the list, or those of a list of them, which some hosts begin at 0; nothing else is one.
local function add_values(found, value)
  local list = type(value) == "table" and value or { value }
  local place = rawget(list, 0) ~= nil and 0 or 1
  while is_value(rawget(list, place)) do
    found[#found + 1] = tostring(rawget(list, place))
    place = place + 1
  end
end

--- "HTTP_CKO_SIGNATURE" -> "cko-signature"
local function plain_name(name)
  return (name:lower():gsub("_", "-"):gsub("^http%-", ""))
end

--- The name and the value of an entry of a table of headers.
local function read_entry(key, entry)
  if type(key) ~= "number" then
    return key, entry
  elseif type(entry) == "table" then
    local name = rawget(entry, 1) or rawget(entry, "name")
    return name, name and (rawget(entry, 2) or rawget(entry, "value"))
  elseif type(entry) == "string" then
    return entry:match "^([^%s:]+):%s*(.-)%s*$"
  end
end

--- The values that stand in a table itself.
local function raw_values(given, wanted)
  local found = {}
  wanted = plain_name(wanted)
  for key, entry in next, given do
    local name, value = read_entry(key, entry)
    if type(name) == "string" and plain_name(name) == wanted then
      add_values(found, value)
    end
  end
  return found
end

--- The spellings under which a name is asked for.
local function spellings_of(name)
  local lower = name:lower()
  local under = lower:gsub("-", "_")
  return { lower, name, under, "http_" .. under, "HTTP_" .. under:upper() }
end

--- What asking brings, under the first spelling that brings anything. `ask` may throw.
local function asked_values(name, ask)
  local found = {}
  for _, spelling in ipairs(spellings_of(name)) do
    local results = { pcall(ask, spelling) }
    if results[1] and results[2] ~= "" then
      add_values(found, results[2])
      for i = 3, found[1] and #results or 0 do
        add_values(found, type(results[i]) == "string" and results[i] or nil)
      end
    end
    if found[1] then
      break
    end
  end
  return found
end

--- How to ask: the thing itself, its method `get`, or its index; nil where it is a plain table.
local function ways_of_asking(given)
  if type(given) == "function" then
    return { given }
  elseif type(given) == "table" and not debug.getmetatable(given) then
    return {}
  end
  local ok, get = pcall(function() return given.get end)
  return {
    ok and type(get) == "function" and function(name) return get(given, name) end or nil,
    function(name) return given[name] end,
  }
end

--- All values of a header, in the order in which they stand.
---@param given table|userdata|function
---@param name string
---@return string[]
local function values_of(given, name)
  local found = type(given) == "table" and raw_values(given, name) or {}
  local ways = found[1] and {} or ways_of_asking(given)
  for i = 1, 2 do
    if ways[i] and not found[1] then
      found = asked_values(name, ways[i])
    end
  end
  return found
end

--- Whether anything in it looks like a header.
local function is_readable(given)
  if type(given) == "table" then
    for key, entry in next, given do
      local name, value = read_entry(key, entry)
      local found = {}
      add_values(found, value)
      if type(name) == "string" and not name:find "^_" and found[1] then
        return true
      end
    end
  end
  for _, name in ipairs(usual) do
    if values_of(given, name)[1] then
      return true
    end
  end
  return false
end

--- Whether something may hold headers at all.
---@param given any
---@return boolean
function headers.are(given)
  return type(given) == "table" or type(given) == "userdata" or type(given) == "function"
end

--- The one value of a header, or nil and what is wrong.
---@param given table|userdata|function
---@param name string
---@return string? value
---@return string? problem
function headers.value(given, name)
  local values = values_of(given, name)
  if #values > 1 then
    return nil, ("the header %s is there more than once"):format(name)
  elseif values[1] and values[1] ~= "" then
    return values[1]
  elseif type(given) == "table" and next(given) == nil and not debug.getmetatable(given) then
    return nil, ("the header %s is missing: there are no headers at all"):format(name)
  elseif not is_readable(given) then
    return nil, ("no header could be read from this %s: give a table of name = value"):format(type(given))
  end
  return nil, ("the header %s is missing"):format(name)
end

return headers
