--- JSON for the sandbox: what comes in through lua-cjson, what goes out through a writer of its own.
--
-- Reading uses a private `cjson.new()`, so its settings touch nobody else. Writing does not, because
-- lua-cjson 2.1.0 cannot write an empty list (`"response_codes": []` is part of almost every answer here)
-- and writes integers with a fraction on Lua 5.3 and later. Keys come out sorted, so that equal answers are
-- equal bytes. Text that is not UTF-8 is written with replacement characters, never as invalid JSON.
-- Values that JSON does not know (functions, infinities) are a mistake of the sandbox and raise.

local cjson = require("cjson").new()

cjson.decode_invalid_numbers(false)
cjson.decode_max_depth(64)

local json = { null = cjson.null }

local list_mark = {}

--- Marks a table as a list, which matters when it is empty.
---@param items table
---@return table items the same table
function json.list(items)
  return setmetatable(items, list_mark)
end

--- Whether a decoded value can be read as an object (an empty list cannot be told apart and passes).
---@param value any
---@return boolean
function json.is_object(value)
  return type(value) == "table" and value[1] == nil
end

-- Lead bytes of UTF-8 by length: lowest and highest lead byte, and the bounds of the byte after the lowest
-- and highest lead (overlong forms, surrogates and what lies beyond U+10FFFF).
local lengths = { [2] = { 0xC2, 0xDF }, [3] = { 0xE0, 0xEF }, [4] = { 0xF0, 0xF4 } }
local second = {
  [0xE0] = { 0xA0, 0xBF }, [0xED] = { 0x80, 0x9F }, [0xF0] = { 0x90, 0xBF }, [0xF4] = { 0x80, 0x8F },
}
local replacement = "\239\191\189"

local function fix_sequence(sequence)
  local lead, follow = sequence:byte(1, 2)
  local range = lengths[#sequence]
  local bounds = second[lead] or { 0x80, 0xBF }
  if range and lead >= range[1] and lead <= range[2] and follow >= bounds[1] and follow <= bounds[2] then
    return nil
  end
  return replacement
end

--- The text with everything that is not UTF-8 replaced.
---@param text string
---@return string
function json.text(text)
  return (text:gsub("[\128-\255][\128-\191]*", fix_sequence))
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(character)
  return escapes[character] or string.format("\\u%04x", character:byte())
end

local function write_string(text)
  return '"' .. json.text(text):gsub('[%c"\\]', escape) .. '"'
end

local function write_number(number)
  assert(number == number and number ~= math.huge and number ~= -math.huge, "not a JSON number")
  if number == math.floor(number) and math.abs(number) <= 2 ^ 53 then
    return string.format("%.0f", number)
  end
  return string.format("%.17g", number)
end

local write

local function write_list(items, out)
  out[#out + 1] = "["
  for i = 1, #items do
    if i > 1 then
      out[#out + 1] = ","
    end
    write(items[i], out)
  end
  out[#out + 1] = "]"
end

local function write_object(fields, out)
  local names = {}
  for name in pairs(fields) do
    names[#names + 1] = name
  end
  table.sort(names)
  out[#out + 1] = "{"
  for i, name in ipairs(names) do
    out[#out + 1] = (i > 1 and "," or "") .. write_string(name) .. ":"
    write(fields[name], out)
  end
  out[#out + 1] = "}"
end

local writers = {
  string = function(value, out) out[#out + 1] = write_string(value) end,
  number = function(value, out) out[#out + 1] = write_number(value) end,
  boolean = function(value, out) out[#out + 1] = tostring(value) end,
  table = function(value, out)
    local is_list = getmetatable(value) == list_mark or value[1] ~= nil
    return (is_list and write_list or write_object)(value, out)
  end,
}

function write(value, out)
  if value == json.null then
    out[#out + 1] = "null"
    return
  end
  local writer = writers[type(value)] or error("no JSON for a " .. type(value))
  writer(value, out)
end

--- The JSON text of a value.
---@param value any
---@return string
function json.encode(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

--- The value of a JSON text; nothing at all when it is not JSON.
---@param text string
---@return any value `json.null` for null
---@return boolean ok
function json.decode(text)
  local ok, value = pcall(cjson.decode, text)
  if not ok then
    return nil, false
  end
  return value, true
end

return json
