--- Ready for Lua 5.5, which was not to be had when this was written and so was not run: what it changes is looked for.
---
--- The control variables of loops are constants there, and `global` may be a keyword. In C, lua_newstate takes a seed and
--- lua_gc other options.

local sandbox = require "spec.support.sandbox"

local function lines_of(command)
  local _, output = sandbox.tool(command)
  return output:gmatch "[^\n]+"
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return (text:gsub("^#[^\n]*", ""))
end

--- `for k, v in x do` becomes `for k, v in x do local k <const> = k`, so that Lua 5.4 refuses what 5.5 will.
local function with_constants(text)
  for _, head in ipairs { "for ([%w_]+) = .-", "for ([%w_]+)[%w_, ]* in .-" } do
    text = text:gsub("(%f[%w_]" .. head .. "%f[%w_]do%f[^%w_])", "%1 local %2 <const> = %2 ")
  end
  return text
end

describe("every Lua file", function()
  local paths = {}
  for path in lines_of "find lua examples -name '*.lua'; find bin -type f" do
    paths[#paths + 1] = path
  end

  if _VERSION == "Lua 5.4" then
    it("never assigns to the variable of a loop", function()
      for _, path in ipairs(paths) do
        assert(load(with_constants(read(path)), "=" .. path))
      end
      assert.is_nil(load(with_constants "for i, v in pairs {} do v = i i = v end"))
      assert.is_nil(load(with_constants "for i = 1, 2 do i = i + 1 end"))
      assert(load(with_constants "for i, v in pairs {} do v = i end"))
    end)
  end

  it("has no variable called global", function()
    for _, path in ipairs(paths) do
      local code = read(path):gsub("%-%-[^\n]*", ""):gsub('"[^"\n]*"', '""')
      assert.is_nil(code:find "%f[%w_]global%f[^%w_]", path)
    end
  end)
end)

describe("every C file", function()
  it("uses nothing that Lua 5.5 changed", function()
    -- yieldable.c resumes a coroutine in Lua 5.1 and 5.2 only
    for path in lines_of "find src examples -name '*.c' ! -name yieldable.c" do
      local text = read(path)
      for _, name in ipairs { "lua_newstate", "lua_gc", "lua_resume", "lua_dump", "luaL_openlib%f[^%w_]", "LUA_GC%w+" } do
        assert.is_nil(text:find("%f[%w_]" .. name .. "%f[^%w_]"), path .. " uses " .. name)
      end
    end
  end)
end)
