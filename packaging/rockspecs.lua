--- Writes the rockspecs from the tree: `lua packaging/rockspecs.lua` (or `make rockspecs`) after a file was added.
---
--- With --check it writes nothing, names what is out of date and fails. A spec runs it so, that the rockspecs can not
--- lag behind the tree.

package.path = "packaging/?.lua;" .. package.path
local rocks = require "rocks"

local function sorted_keys(set)
  local keys = {}
  for key in pairs(set) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function quoted(list)
  local words = {}
  for i, word in ipairs(list) do
    words[i] = ("%q"):format(word)
  end
  return table.concat(words, ", ")
end

--- One entry a line, indented.
local function block(indent, entries)
  local lines = {}
  for i, entry in ipairs(entries) do
    lines[i] = indent .. entry .. ",\n"
  end
  return table.concat(lines)
end

local function source_lines(rock)
  local lines = {}
  for i, path in ipairs(rock.sources) do
    lines[i] = ("%q"):format(path)
  end
  return lines
end

local function external_lines(rock)
  local lines = {}
  for i, name in ipairs(sorted_keys(rock.external)) do
    lines[i] = ("%s = { library = %q }"):format(name, rock.external[name])
  end
  return lines
end

local function variables(rock, suffix)
  local words = {}
  for i, name in ipairs(sorted_keys(rock.external)) do
    words[i] = ("$(%s_%s)"):format(name, suffix)
  end
  return words
end

local function module_lines(rock)
  local lines = {}
  for i, name in ipairs(sorted_keys(rock.modules)) do
    local key = name:find "%." and ("[%q]"):format(name) or name
    lines[i] = ("%s = %q"):format(key, rock.modules[name])
  end
  return lines
end

--- The parts of `build` that not every rock has.
local function extras(rock)
  local lines = {}
  if #rock.scripts > 0 then
    lines[#lines + 1] = ("install = { bin = { %s } }"):format(quoted(rock.scripts))
  end
  if #rock.copied > 0 then
    lines[#lines + 1] = ("copy_directories = { %s }"):format(quoted(rock.copied))
  end
  return lines
end

local template = [==[
-- Written by packaging/rockspecs.lua from the tree; change that, or run `make rockspecs` after adding a file.
rockspec_format = "3.0"
package = "$name"
version = "$version"

source = $source

description = {
  summary = "$summary",
  detailed = [[
$detailed]],
  license = "MIT",
}

dependencies = { $dependencies }

supported_platforms = { "linux" }

-- No headers here: LuaRocks does not look into Debian's multiarch folders, the compiler does.
external_dependencies = {
$external}

build = {
  type = "builtin",
  modules = {
    ["$core"] = {
      sources = {
$sources      },
      incdirs = { $incdirs },
      libdirs = { $libdirs },
      libraries = { $libraries },
      defines = { "_GNU_SOURCE" },
    },
$modules  },
$extras}
]==]

local function joined(list, more)
  local all = {}
  for _, word in ipairs(list) do
    all[#all + 1] = word
  end
  for _, word in ipairs(more) do
    all[#all + 1] = word
  end
  return all
end

--- The text of a rockspec. `source` is where the sources come from, as Lua.
local function rockspec(rock, version, source)
  local parts = {
    name = rock.name, version = version, source = source, summary = rock.summary, detailed = rock.detailed,
    dependencies = quoted(rock.dependencies), external = block("  ", external_lines(rock)), core = rock.core,
    sources = block("        ", source_lines(rock)), libraries = quoted(rock.libraries),
    incdirs = quoted(joined(rock.folders, variables(rock, "INCDIR"))), libdirs = quoted(variables(rock, "LIBDIR")),
    modules = block("    ", module_lines(rock)), extras = block("  ", extras(rock)),
  }
  return (template:gsub("%$(%l+)", parts))
end

--- Path -> text of every rockspec. A release takes its sources from the archive that `make dist` puts beside it.
local function all()
  local texts = {}
  for _, rock in ipairs(rocks.all()) do
    local stem = rock.name .. "-" .. rocks.version
    texts[rock.name .. "-scm-1.rockspec"] = rockspec(rock, "scm-1", '{ url = "git+file://." }')
    texts["rockspecs/" .. stem .. "-1.rockspec"] = rockspec(rock, rocks.version .. "-1",
      ('{ url = "%s.tar.gz", dir = "%s" }'):format(stem, stem))
  end
  return texts
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

local is_check, is_stale = arg[1] == "--check", false
for path, text in pairs(all()) do
  if read(path) ~= text then
    is_stale = true
    print((is_check and "out of date: " or "written: ") .. path)
    if not is_check then
      local file = assert(io.open(path, "w"))
      file:write(text)
      file:close()
    end
  end
end
if is_check and is_stale then
  print "run `make rockspecs`"
  os.exit(1)
end
