--- What belongs into which rock, read off the tree: `idv`, the library, and `idv-sandbox`, so that the library does not
--- need libmicrohttpd. The rockspecs and the source archives are made from these lists.

local rocks = {}

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  pipe:close()
  return list
end

local function is_there(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

local function files_in(folder, pattern)
  return lines_of(("find %s -type f -name '%s' | LC_ALL=C sort"):format(folder, pattern))
end

local function is_of_sandbox(path)
  return path:find "^lua/idv/sandbox/" ~= nil or path:find "^bin/idv%-sandbox$" ~= nil
end

--- The files of a list that belong to the sandbox, or those that do not.
local function only(list, of_sandbox)
  local chosen = {}
  for _, path in ipairs(list) do
    if is_of_sandbox(path) == of_sandbox then
      chosen[#chosen + 1] = path
    end
  end
  return chosen
end

--- "lua/idv/loop/ngx.lua" -> "idv.loop.ngx"; "lua/idv/init.lua" -> "idv"
local function module_name(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

local function modules_of(paths)
  local modules = {}
  for _, path in ipairs(paths) do
    modules[module_name(path)] = path
  end
  return modules
end

local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do
    for _, path in ipairs(list) do
      all[#all + 1] = path
    end
  end
  return all
end

--- Where the compiler finds a header: beside the file that includes it, or in the first of the folders that has it.
local function find_header(name, includer, folders)
  for _, folder in ipairs(joined({ includer:match "^(.*)/" }, folders)) do
    if is_there(folder .. "/" .. name) then
      return folder .. "/" .. name
    end
  end
end

--- The headers that sources include, directly or through one another.
local function headers_of(sources, folders)
  local seen, queue, headers = {}, joined(sources), {}
  while #queue > 0 do
    local includer = table.remove(queue)
    for line in io.lines(includer) do
      local name = line:match '^%s*#%s*include%s+"([^"]+)"'
      local path = name and find_header(name, includer, folders)
      if path and not seen[path] then
        seen[path] = true
        headers[#headers + 1] = path
        queue[#queue + 1] = path
      end
    end
  end
  table.sort(headers)
  return headers
end

local function library()
  return {
    name = "idv", core = "idv.core",
    summary = "Identity verification with impact.com, deepIDV, Checkout.com and cidaas",
    detailed = [[
One require, four identity-verification providers that feel the same, on a C core (libcurl, lua-cjson) that never sends
a request twice and never leaks a secret or personal data.]],
    dependencies = { "lua >= 5.1, < 5.6", "lua-cjson >= 2.1.0" },
    external = { CURL = "curl", OPENSSL = "crypto" },
    libraries = { "curl", "ssl", "crypto", "m" },
    folders = { "src/core", "src/lua" },
    sources = joined(files_in("src/core", "*.c"), files_in("src/lua", "*.c")),
    modules = modules_of(only(files_in("lua", "*.lua"), false)),
    scripts = only(files_in("bin", "*"), false),
    copied = { "docs", "examples" },
  }
end

local function sandbox()
  return {
    name = "idv-sandbox", core = "idv.httpd",
    summary = "The four providers of idv, simulated on this machine over HTTP and HTTPS",
    detailed = [[
Serves what impact.com, deepIDV, Checkout.com and cidaas document, without keys, with faults to order and a journal of
what came in; for developing and testing programs that use idv.]],
    dependencies = { "lua >= 5.1, < 5.6", "lua-cjson >= 2.1.0", "idv >= 0.1.0" },
    external = { MICROHTTPD = "microhttpd", GNUTLS = "gnutls", OPENSSL = "crypto" },
    libraries = { "microhttpd", "gnutls", "crypto" },
    folders = { "src/httpd", "src/lua" },
    sources = joined(files_in("src/httpd", "*.c"), { "src/lua/compat.c" }),
    modules = modules_of(only(files_in("lua", "*.lua"), true)),
    scripts = only(files_in("bin", "*"), true),
    copied = {},
  }
end

--- Both rocks: name, texts, dependencies, and the lists `sources`, `headers`, `modules`, `scripts`, `copied`.
---@return table[]
function rocks.all()
  local list = { library(), sandbox() }
  for _, rock in ipairs(list) do
    rock.headers = headers_of(rock.sources, rock.folders)
  end
  return list
end

--- Every file that a source archive of a rock holds, sorted. Documents and examples are those that git knows.
---@param rock table
---@return string[]
function rocks.files(rock)
  local modules = {}
  for _, path in pairs(rock.modules) do
    modules[#modules + 1] = path
  end
  local copied = #rock.copied > 0 and lines_of("git ls-files " .. table.concat(rock.copied, " ")) or {}
  local files = joined(rock.sources, rock.headers, modules, rock.scripts, copied, { "LICENSE", "README.md" })
  table.sort(files)
  return files
end

--- The version, from where everything reads it.
rocks.version = dofile "lua/idv/version.lua"

return rocks
