--- What a program can get hold of besides provider objects: the functions of `idv`, and of the modules beside it.
---
--- Read from the sources and their annotations, without loading them.

local annotations = require "tools.reference.annotations"

local public = {}

--- The modules that programs require by themselves.
public.modules = {
  { name = "idv.loop.luv", path = "lua/idv/loop/luv.lua" },
  { name = "idv.loop.cqueues", path = "lua/idv/loop/cqueues.lua" },
  { name = "idv.loop.ngx", path = "lua/idv/loop/ngx.lua" },
  { name = "idv.transport.record", path = "lua/idv/transport/record.lua" },
  { name = "idv.sandbox.remote", path = "lua/idv/sandbox/remote.lua" },
}

local function lines_with(path, pattern)
  local found = {}
  for line in io.lines(path) do
    local one, other, third = line:match(pattern)
    if one then
      found[#found + 1] = { one, other, third }
    end
  end
  return found
end

--- The functions of `idv` that are those of another module, such as `idv.spawn = task.spawn`.
local function borrowed(path)
  local modules, list = {}, {}
  for _, match in ipairs(lines_with(path, '^local ([%w_]+) = require "idv%.([%w_.]+)"')) do
    modules[match[1]] = "lua/idv/" .. match[2]:gsub("%.", "/") .. ".lua"
  end
  for _, match in ipairs(lines_with(path, "^idv%.([%w_]+) = ([%w_]+)%.([%w_]+)$")) do
    local source = annotations.read(modules[match[2]])
    for _, item in ipairs(source.functions) do
      if item.name:match "%.([%w_]+)$" == match[3] then
        item.name = "idv." .. match[1]
        list[#list + 1] = item
      end
    end
  end
  return list
end

--- The functions of `idv` that are not constructors, sorted by name.
---@return tools.Function[]
function public.functions()
  local list = annotations.read("lua/idv/init.lua").functions
  for _, item in ipairs(borrowed "lua/idv/init.lua") do
    list[#list + 1] = item
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The methods of a class that a file defines on a local table of the class's last name.
---@param path string
---@param class_name string  such as "idv.Task"
---@return tools.Function[]
function public.methods(path, class_name)
  local list, prefix = {}, "^" .. (class_name:match "(%u%l+)$" or "?") .. ":"
  for _, item in ipairs(annotations.read(path).functions) do
    if item.name:find(prefix) and not item.name:find "__" then
      list[#list + 1] = item
    end
  end
  return list
end

--- A module's own text, functions, classes and methods.
---@param module table  of public.modules
---@return table
function public.read(module)
  local found = annotations.read(module.path)
  local own = { name = module.name, about = found.about, functions = {}, methods = {}, classes = found.classes }
  for _, item in ipairs(found.functions) do
    if item.name:find ":" and not item.name:find "__" then
      own.methods[#own.methods + 1] = item
    elseif item.name:find "%." and not item.name:find ":" then
      item.name = module.name .. item.name:match "%.[%w_]+$"
      own.functions[#own.functions + 1] = item
    end
  end
  return own
end

return public
