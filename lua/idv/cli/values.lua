--- From the words after a method to its arguments: `name=value` by the type in the description, `name:=json`, `@file`.
---
--- Dots lead into objects: `declared_data.name=Ada`. What does not fit its type is passed on as the text that it is, so
--- that the library says what is wrong with it, all of it at once. Nothing here repeats a value.

local catalogue = require "idv.cli.catalogue"
local core = require "idv.core"
local credentials = require "idv.cli.credentials"
local failure = require "idv.cli.failure"

local values = {}

local LONGEST_EXACT = 15 -- digits that every Lua keeps exactly

local function to_integer(text)
  local is_one = text:find "^%-?%d+$" and #text <= LONGEST_EXACT
  return is_one and tonumber(text) or text
end

local converters = {
  integer = to_integer,
  boolean = function(text)
    if text == "true" or text == "false" then
      return text == "true"
    end
    return text
  end,
}

-- ---- JSON ----

local function decode_object(text, source)
  local value, why = core.json_decode(text)
  if type(value) ~= "table" or value[1] ~= nil then
    failure.usage("%s %s", source, why or "holds JSON, but not an object")
  end
  return value
end

--- The content of a file, or of stdin for "-".
local function read_source(path)
  if path == "-" then
    return io.stdin:read "*a", "stdin"
  end
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  if not text then
    failure.file("the file %s can not be read", path)
  end
  return text, "the file " .. path
end

--- Lays one object over another, objects inside them too.
local function merge(target, more)
  for name, value in pairs(more) do
    local is_both = type(value) == "table" and type(target[name]) == "table" and value[1] == nil
    target[name] = is_both and merge(target[name], value) or value
  end
  return target
end

-- ---- name=value ----

--- Follows "a.b.c" through the described fields. Returns the description of the last one, where there is one.
local function describe(parameters, keys)
  local found
  for _, key in ipairs(keys) do
    found = catalogue.find(parameters, key)
    parameters = found and found.fields
  end
  return found
end

local function split(name)
  local keys = {}
  for key in name:gmatch "[^.]+" do
    keys[#keys + 1] = key
  end
  return keys
end

--- Puts a value where the keys lead.
local function put(target, keys, value)
  for i = 1, #keys - 1 do
    if target[keys[i]] == nil then
      target[keys[i]] = {}
    elseif type(target[keys[i]]) ~= "table" then
      failure.usage("%s is given both as a value and as an object", table.concat(keys, ".", 1, i))
    end
    target = target[keys[i]]
  end
  target[keys[#keys]] = value
end

local function refuse_credential(method, described, keys)
  local is_parameter = catalogue.find(method.parameters, keys[1]) ~= nil
  if #keys == 1 and not is_parameter then
    credentials.refuse_option(keys[1], described)
  end
end

--- "name=value" or "name:=json" -> name, value as text, whether it is JSON; nil for any other word.
local function assignment(word)
  local name, sign, text = word:match "^([%a_][%w_.]*)(:?=)(.*)$"
  if name and not name:find "%.%." and name:sub(-1) ~= "." then
    return name, text, sign == ":="
  end
end

--- A value given as JSON; nil for null, which means: leave it out.
local function read_json(keys, text)
  local value, why = core.json_decode(text)
  if value == nil then
    failure.usage("%s:= %s", table.concat(keys, "."), why)
  elseif type(value) == "userdata" then
    return nil
  end
  return value
end

local function read_value(method, keys, text, is_json)
  if is_json then
    return read_json(keys, text)
  end
  local parameter = describe(method.parameters, keys)
  local converter = parameter and converters[parameter.type]
  if converter then
    return converter(text)
  end
  return text
end

local function assign(state, name, text, is_json)
  local keys = split(name)
  refuse_credential(state.method, state.described, keys)
  if state.seen[name] then
    failure.usage("%s is given twice", name)
  end
  state.seen[name] = true
  put(state.params, keys, read_value(state.method, keys, text, is_json))
end

--- Reads one word: a positional argument while there are some to fill, then parameters.
local function read_word(state, word, number)
  local name, text, is_json = assignment(word)
  if word == "-" or word:sub(1, 1) == "@" then
    local content, source = read_source(word == "-" and "-" or word:sub(2))
    merge(state.base, decode_object(content, source))
  elseif name then
    assign(state, name, text, is_json)
  elseif #state.positional < #state.method.arguments then
    state.positional[#state.positional + 1] = word
  else
    failure.usage("argument %d is neither name=value, name:=json, @file nor -", number)
  end
end

--- Fills positional arguments that were given by name.
local function take_named(state)
  local all = merge(state.base, state.params)
  for i, name in ipairs(state.method.arguments) do
    if state.positional[i] == nil then
      state.positional[i], all[name] = all[name], nil
    end
    if state.positional[i] == nil then
      failure.usage("%s needs %s; see 'idv describe %s %s'", state.method.name, name, state.described.name,
        state.method.name)
    end
  end
  return all
end

--- Reads the words after a method.
---@param described table
---@param method idv.cli.Method
---@param words string[]
---@return any[] arguments  positional
---@return table params     {} where there are none
function values.read(described, method, words)
  local state = { described = described, method = method, positional = {}, base = {}, params = {}, seen = {} }
  for i, word in ipairs(words) do
    read_word(state, word, i + 2)
  end
  local params = take_named(state)
  local unwanted = next(params)
  if unwanted and not method.takes_params then
    failure.usage("%s takes no parameters besides %s", method.name,
      #method.arguments > 0 and table.concat(method.arguments, " and ") or "none")
  end
  return state.positional, params
end

return values
