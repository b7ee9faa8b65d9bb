--- What the numbers were taken on: machine, kernel, versions.

local machine = {}

local function first_line(command)
  local pipe = io.popen("(" .. command .. ") 2>/dev/null", "r")
  local line = pipe:read "l"
  pipe:close()
  return line and line:match "^%s*(.-)%s*$" or nil
end

local commands = {
  { "processor", "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo" },
  { "cores", "nproc" },
  { "memory", "awk '/MemTotal/ {printf \"%.0f GiB\", $2 / 1048576}' /proc/meminfo" },
  { "kernel", "uname -sr" },
  { "system", "sed -n 's/^PRETTY_NAME=\"\\(.*\\)\"/\\1/p' /etc/os-release" },
  { "compiler", "cc --version" },
  { "Lua", "lua5.4 -v" },
  { "LuaJIT", "luajit -v" },
  { "nginx", "LD_LIBRARY_PATH=$(ls -d build/nginx/root/usr/lib/*-linux-gnu) build/nginx/root/usr/sbin/nginx -v 2>&1" },
}

--- Debian's version of a package, where there is one.
local function package_version(name)
  return first_line("dpkg-query -W -f '${Version}' " .. name)
end

--- A list of {name, value}.
---@return string[][]
function machine.facts()
  local facts = {}
  for _, pair in ipairs(commands) do
    facts[#facts + 1] = { pair[1], first_line(pair[2]) or "not known" }
  end
  local versions = require("idv.core").versions
  facts[#facts + 1] = { "idv", require "idv.version" }
  facts[#facts + 1] = { "libcurl", versions.libcurl }
  facts[#facts + 1] = { "TLS", versions.tls }
  local packages = { "libmicrohttpd12", "lua-cjson", "lua-curl", "lua-socket", "lua-sec", "lua-http" }
  for _, name in ipairs(packages) do
    facts[#facts + 1] = { name, package_version(name) or "not installed" }
  end
  return facts
end

return machine
