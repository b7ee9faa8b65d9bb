--- A stand-in for OpenResty's fork of lua-cjson, which Debian does not package: what its manual says is different, on top of
--- the lua-cjson that is installed. With this folder in front of LUA_PATH, `require "cjson"` finds it.
---
--- Integers stay integers from Lua 5.3 on, in both directions and in full; array_mt, empty_array_mt and empty_array make
--- lists of tables; decode_array_with_array_mt marks the lists that were read; and the switches that came later are there.

local function find_original()
  for pattern in package.cpath:gmatch "[^;]+" do
    local open = package.loadlib((pattern:gsub("%?", "cjson")), "luaopen_cjson")
    if open then
      return open()
    end
  end
  error "there is no cjson.so on package.cpath"
end

local original = find_original()
local to_integer = math.tointeger or function() end
local array_mt, empty_array_mt = {}, {}

-- Numbers that are digits only, outside of strings.
local function mark_integers(text)
  local integers = {}
  local function mark(before, digits)
    local value = tonumber(digits)
    if to_integer(value) and #digits > 14 then
      integers[#integers + 1] = value
      return before .. '"\1' .. #integers .. '"'
    end
  end
  local parts, at = {}, 1
  while at <= #text do
    local from, to = text:find('"[^"\\]*"', at)
    local plain = text:sub(at, from and from - 1 or nil)
    parts[#parts + 1] = plain:gsub("([%[:,%s])(%-?%d+)%f[^%d%.eE]", mark)
    parts[#parts + 1] = from and text:sub(from, to) or ""
    at = from and to + 1 or #text + 1
  end
  return table.concat(parts), integers
end

-- Floats without a fraction become integers, marked texts the integers they stand for, lists get their metatable.
local function restore(value, integers, marks_lists)
  if type(value) == "number" then
    return math.abs(value) < 1e15 and to_integer(value) or value -- longer ones were marked
  elseif type(value) == "string" and value:find "^\1%d+$" then
    return integers[tonumber(value:sub(2))]
  elseif type(value) ~= "table" then
    return value
  end
  for key, inner in pairs(value) do
    value[key] = restore(inner, integers, marks_lists)
  end
  return marks_lists and value[1] ~= nil and setmetatable(value, array_mt) or value
end

local function is_marked_list(value)
  local metatable = getmetatable(value)
  return metatable == array_mt or metatable == empty_array_mt and next(value) == nil
end

local function new()
  local instance, marks_lists = original.new(), false
  local fork = setmetatable({ _VERSION = "stand-in", array_mt = array_mt, empty_array_mt = empty_array_mt }, {
    __index = instance,
  })
  fork.new = new

  local encode
  local function encode_members(value)
    local members = {}
    if is_marked_list(value) or #value > 0 then
      for i, inner in ipairs(value) do
        members[i] = encode(inner)
      end
      return "[" .. table.concat(members, ",") .. "]"
    end
    for name, inner in pairs(value) do
      members[#members + 1] = instance.encode(name) .. ":" .. encode(inner)
    end
    return "{" .. table.concat(members, ",") .. "}"
  end
  function encode(value)
    if type(value) == "table" then
      return encode_members(value)
    elseif type(value) == "number" and math.type and math.type(value) == "integer" then
      return ("%d"):format(value)
    end
    return instance.encode(value)
  end

  fork.encode = encode
  function fork.decode(text)
    instance.decode(text) -- for its complaints, which name places in the text as it was
    local marked, integers = mark_integers(text)
    return restore(instance.decode(marked), integers, marks_lists)
  end
  function fork.decode_array_with_array_mt(on)
    marks_lists = on
  end
  for _, name in ipairs {
    "encode_empty_table_as_object", "encode_escape_forward_slash", "encode_skip_unsupported_value_types", "encode_indent",
    "decode_allow_comment",
  } do
    fork[name] = function() end
  end
  return fork
end

return new()
