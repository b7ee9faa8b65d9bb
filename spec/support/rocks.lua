--- An empty tree of rocks for the Lua that runs the specs, and Debian's luarocks to fill it.

local sandbox = require "spec.support.sandbox"

local rocks = {}

local quote = sandbox.quote
local is_jit = rawget(_G, "jit") ~= nil
local version = _VERSION:match "%d%.%d"

--- Runs a line of shell without what a sanitizer preloads.
---@param command string
---@return integer status
---@return string output
function rocks.try(command)
  return sandbox.tool("sh -c " .. quote(command))
end

--- The same for what has to work: fails with the output when it does not.
---@param command string
---@return string output
function rocks.shell(command)
  local status, output = rocks.try(command)
  assert(status == 0, command .. "\n" .. output)
  return output
end

--- Whether there is a luarocks to test with.
---@return boolean
function rocks.is_there()
  return (rocks.try "for tool in luarocks pkg-config zip unzip; do command -v $tool || exit 1; done") == 0
end

--- Where the cjson.so of the running Lua is: no rock on Debian, so a tree gets one made of it.
local function cjson_file()
  for pattern in package.cpath:gmatch "[^;]+" do
    local path = pattern:gsub("%?", "cjson")
    local file = io.open(path)
    if file then
      file:close()
      return path
    end
  end
  error "there is no cjson.so on package.cpath"
end

---@class spec.Tree
---@field folder string  temporary; holds `tree` and whatever else a spec puts there
---@field root string    the tree itself
local Tree = {}
Tree.__index = Tree

--- Makes a tree that holds lua-cjson and nothing else.
---@return spec.Tree
function rocks.new()
  local folder = rocks.shell("mktemp -d"):match "%S+"
  local self = setmetatable({ folder = folder, root = folder .. "/tree", version = version }, Tree)
  local spec = assert(io.open(folder .. "/lua-cjson-2.1.0-1.rockspec", "w"))
  spec:write(('package = "lua-cjson"\nversion = "2.1.0-1"\nsource = { url = "file:///dev/null" }\n'
    .. 'build = { type = "none", install = { lib = { cjson = %q } } }\n'):format(cjson_file()))
  spec:close()
  self:luarocks("cd %s &&", "make lua-cjson-2.1.0-1.rockspec", quote(folder))
  return self
end

--- Runs luarocks on this tree; `before` goes in front of it and is formatted with the rest.
---@param before string
---@param words string
---@return string output
function Tree:luarocks(before, words, ...)
  local headers = is_jit and " LUA_INCDIR=" .. rocks.shell("pkg-config --variable=includedir "
    .. sandbox.interpreter()):match "%S+" or ""
  return rocks.shell(("%s luarocks --lua-version %s --tree %s %s"):format(before:format(...), version, quote(self.root),
    words) .. (words:find "^remove" and "" or headers))
end

--- Runs a script in an empty environment, from outside of the repository, with this tree alone on the path.
---@param script string
---@return string output
function Tree:run(script)
  local path = self.folder .. "/script.lua"
  local file = assert(io.open(path, "w"))
  file:write(script)
  file:close()
  return rocks.shell(("cd / && env -i PATH=\"%s/bin:$PATH\" HOME=/nonexistent LUA_PATH='%s' LUA_CPATH='%s' %s %s"):format(
    self.root, ("%s/share/lua/%s/?.lua;%s/share/lua/%s/?/init.lua"):format(self.root, version, self.root, version),
    ("%s/lib/lua/%s/?.so"):format(self.root, version), sandbox.interpreter(), quote(path)))
end

--- The files of the tree whose path has "idv" in it, without those that luarocks keeps for itself.
---@return string[]
function Tree:files()
  local list = {}
  local found = rocks.shell(("cd %s && find . -type f -path '*idv*' | sort"):format(quote(self.root)))
  for path in found:gmatch "%./(%S+)" do
    list[#list + 1] = path
  end
  return list
end

--- Removes the tree from the disk.
function Tree:close()
  rocks.shell("rm -rf " .. quote(self.folder))
end

return rocks
