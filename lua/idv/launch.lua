--- Starts a command of idv from where it lies: bin/idv and bin/idv-sandbox find this file and leave the rest to it.
---
--- A command uses the modules that belong to it, whatever else is on the paths: those of its clone, of its prefix of
--- `make install`, of its tree of rocks. lua-cjson is found where Lua looks. A command of a clone that is built for
--- another Lua than the one that runs goes on on that one. When something is missing, all that is known of it is said.

local launch = {}

local NUMBER = _VERSION:match "%d%.%d"
local IS_JIT = type(rawget(_G, "jit")) == "table"
local TAG = IS_JIT and "luajit" or "lua" .. NUMBER

-- What the Makefile builds for, the first choice first.
local TAGS = { "lua5.4", "lua5.3", "lua5.2", "lua5.1", "luajit" }

-- Exit code of a command that cannot start: the command line's code for what is not set up.
local CANNOT_START = 3

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- ---- where things are ----

--- The folder with the builds of a clone; nil for what is installed.
local function builds_of(root)
  return exists(root .. "/../Makefile") and ("%s/../%s"):format(root, os.getenv "IDV_BUILD" or "build") or nil
end

--- The folder of C modules that goes with a folder of Lua modules.
local function c_folder(root)
  local builds = builds_of(root)
  return builds and builds .. "/" .. TAG or (root:gsub("/share/lua/([%d.]+)$", "/lib/lua/%1"))
end

local function is_built(builds, tag)
  return exists(("%s/%s/idv/core.so"):format(builds, tag))
end

--- Puts the modules that belong to a command in front of all others. `luarocks make` leaves a core.so for whichever Lua
--- in the clone itself, so a clone's working folder is not looked in.
local function add_paths(root)
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(root, root, package.path)
  local rest = package.cpath
  if builds_of(root) then
    rest = (";" .. rest):gsub(";%./%?%.so", ""):sub(2)
  end
  package.cpath = ("%s/?.so;%s"):format(c_folder(root), rest)
end

-- ---- going on on another Lua ----

--- The Lua that a clone is built for, when it is not built for this one.
local function other_lua(root)
  local builds = builds_of(root)
  if not builds or is_built(builds, TAG) or os.getenv "IDV_LAUNCHED" then
    return nil
  end
  for _, tag in ipairs(TAGS) do
    if is_built(builds, tag) then
      return tag
    end
  end
end

--- Runs this command on another Lua, and ends as that ends.
local function go_on(tag, words)
  local parts = { "IDV_LAUNCHED=yes exec", tag, quote(words[0]) }
  for _, word in ipairs(words) do
    parts[#parts + 1] = quote(word)
  end
  local ok, how, code = os.execute(table.concat(parts, " "))
  if type(ok) == "number" then -- Lua 5.1: as wait(2) has it
    how, code = ok % 256 == 0 and "exit" or "signal", ok % 256 == 0 and math.floor(ok / 256) or ok % 128
  end
  os.exit(how == "signal" and 128 + code or code)
end

-- ---- what is missing ----

--- What to do about a module that cannot be loaded.
local function advice(module, root)
  if module == "cjson" then
    return ("lua-cjson is needed, for this Lua: apt-get install lua-cjson, or "
      .. "luarocks --lua-version %s install lua-cjson"):format(NUMBER)
  elseif root and builds_of(root) then
    return ("build it for this Lua, which installs what it needs on Debian: make demo, or make LUAS=%s"):format(TAG)
  elseif module == "idv.httpd" then
    return ("the sandbox is installed by itself: luarocks --lua-version %s install idv-sandbox, or "
      .. "make install-sandbox"):format(NUMBER)
  elseif module == "idv.core" then
    return ("the C part needs libcurl, OpenSSL and this very Lua: install idv for it "
      .. "(luarocks --lua-version %s ..., or make install LUA=%s), or name its folder in LUA_CPATH"):format(NUMBER, TAG)
  end
  return "install idv for this Lua, or name the folder of its Lua files in LUA_PATH"
end

local function give_up(command, module, why, root)
  local running = IS_JIT and rawget(_G, "jit").version or _VERSION
  local lines = {
    ("%s: cannot start: the module %s cannot be loaded by %s"):format(command, module, running),
    "reason: " .. tostring(why),
    "LUA_PATH is in effect: " .. package.path,
    "LUA_CPATH is in effect: " .. package.cpath,
    "what to do: " .. advice(module, root),
  }
  io.stderr:write(table.concat(lines, "\n"), "\n")
  os.exit(CANNOT_START)
end

--- Loads what a command needs and returns the last module; `arg` are the words it was called with.
---@param command string    its name, for people
---@param root string?      the folder of its Lua modules; nil when it has to be found on the paths
---@param modules string[]  what it needs
---@return any module
function launch.load(command, root, modules)
  if root then
    local tag = other_lua(root)
    if tag then
      go_on(tag, arg)
    end
    add_paths(root)
  end
  local loaded
  for _, module in ipairs(modules) do
    local ok, result = pcall(require, module)
    if not ok then
      give_up(command, module, result, root)
    end
    loaded = result
  end
  return loaded
end

return launch
