--- Finds the interpreter that runs this program, so that another process can run on the same Lua.
---
--- Lua does not tell. `arg` has it below 0 when the interpreter of lua.org or LuaJIT runs a file. For a program that
--- embeds Lua the names are tried under which that Lua is usually installed. Each is asked which Lua it is first.

local interpreter = {}

local NUMBER = _VERSION:match "%d%.%d"

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Which Lua this is, in words that differ wherever modules in C may not fit.
local identity = [[
local jit = rawget(_G, "jit")
return _VERSION .. (type(jit) == "table" and " " .. jit.version:sub(1, 10) or "")]]

local function own_identity()
  return (loadstring or load)(identity)() -- luacheck: ignore 113
end

--- The word with which this process was started, when it is an interpreter's.
local function first_word()
  local words = rawget(_G, "arg")
  local i = type(words) == "table" and words[0] ~= nil and 0 or nil
  while i and words[i - 1] ~= nil do
    i = i - 1
  end
  local word = i and i < 0 and words[i] or nil
  return type(word) == "string" and word:match("[^/]*$"):find "lua" and word or nil
end

local function names()
  local list = { first_word() }
  if rawget(_G, "jit") then
    list[#list + 1] = "luajit"
  end
  list[#list + 1] = "lua" .. NUMBER
  list[#list + 1] = "lua" .. NUMBER:gsub("%.", "")
  list[#list + 1] = "lua"
  return list
end

local function identity_of(name)
  local question = "io.write((function() " .. identity .. " end)())"
  local pipe = io.popen(("exec %s -e %s 2>/dev/null"):format(quote(name), quote(question)))
  local answer = pipe and pipe:read "*a"
  if pipe then
    pipe:close()
  end
  return answer
end

--- The interpreter, as a word for the shell.
---@return string? name
---@return string? problem
function interpreter.find()
  local own, tried = own_identity(), names()
  for _, name in ipairs(tried) do
    if identity_of(name) == own then
      return name
    end
  end
  return nil, ("no interpreter of %s was found (tried: %s); name the command that runs idv-sandbox"):format(own,
    table.concat(tried, ", "))
end

return interpreter
