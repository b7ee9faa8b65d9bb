--- Starts nginx with its Lua module for specs: as `openresty` where there is one, else as unpacked by .ci/nginx.
---
--- Each server has a folder of its own, listens on loopback on a free port, and is ended by its process id.

local eventually = require "spec.support.eventually"
local lfs = require "lfs"
local socket = require "socket"

local nginx = {}

local root = "build/nginx/root"

local function shell(command)
  local pipe = assert(io.popen(command .. " 2>&1", "r"))
  local output = pipe:read "*a"
  pipe:close()
  return output
end

local function exists(path)
  return lfs.attributes(path) ~= nil
end

--- Whether there is an nginx on this machine at all.
---@return boolean
function nginx.is_unpacked()
  return exists(root .. "/usr/sbin/nginx")
end

--- Whether there is an nginx with Lua on this machine, for LuaJIT's specs only: it is what nginx runs.
---@return boolean
function nginx.is_there()
  return rawget(_G, "jit") ~= nil and nginx.is_unpacked()
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = io.open(path, "r")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

local function free_port()
  local probe = assert(socket.bind("127.0.0.1", 0))
  local _, port = probe:getsockname()
  probe:close()
  return tonumber(port)
end

local here = lfs.currentdir()

local modules = ([[
load_module %s/%s/usr/lib/nginx/modules/ndk_http_module.so;
load_module %s/%s/usr/lib/nginx/modules/ngx_http_lua_module.so;
user USER;
]]):format(here, root, here, root)

local package_path = ("%s/lua/?.lua;%s/lua/?/init.lua;%s/%s/usr/share/lua/5.1/?.lua;;"):format(here, here, here, root)
local package_cpath = ("%s/%s/luajit/?.so;;"):format(here, os.getenv "IDV_BUILD" or "build")

-- Debian's nginx keeps these in /var/lib/nginx, which is made by its package: not there when it is only unpacked.
local temporary_paths = [[
client_body_temp_path PREFIX/body;
  proxy_temp_path PREFIX/proxy;
  fastcgi_temp_path PREFIX/fastcgi;
  scgi_temp_path PREFIX/scgi;
  uwsgi_temp_path PREFIX/uwsgi;
  ]]

---@class spec.Nginx
local Server = {}
Server.__index = Server

local function is_listening(port)
  local connection = socket.connect("127.0.0.1", port)
  if connection then
    connection:close()
  end
  return connection ~= nil
end

local function write_configuration(self, config, user)
  local settings = temporary_paths .. ('lua_package_path "%s";\n  lua_package_cpath "%s";'):format(
    package_path, package_cpath)
  config = config:gsub("lua_paths;", (settings:gsub("%%", "%%%%"))):gsub("PORT", tostring(self.port))
    :gsub("PREFIX", self.folder)
  write(self.folder .. "/nginx.conf", modules:gsub("USER", user or "root") .. config)
end

local function command_of(self, environment)
  local words = {}
  for name, value in pairs(environment or {}) do
    words[#words + 1] = ("%s='%s'"):format(name, value)
  end
  local libraries = shell("ls -d " .. root .. "/usr/lib/*-linux-gnu " .. root .. "/lib/*-linux-gnu 2>/dev/null")
  libraries = libraries:gsub("%S+", here .. "/%0"):gsub("%s+", ":")
  return ("%s LD_LIBRARY_PATH=%s timeout -k 5 600 %s/usr/sbin/nginx -p %s -c nginx.conf -e error.log"):format(
    table.concat(words, " "), libraries, root, self.folder)
end

--- Whether it serves; nil as long as that is not known.
local function serves(self)
  self.pid = tonumber(read(self.folder .. "/nginx.pid")) -- written a moment after it begins to listen
  if self.pid and is_listening(self.port) then
    return "yes"
  end
  return self:log():find "%[emerg%]" and "no" or nil
end

--- Starts a server. In the configuration, PORT stands for the port, PREFIX for its folder, and the line `lua_paths;` for
--- where modules are found and temporary files go; it belongs into the block of http.
---@param config string
---@param environment table<string, string>?
---@param user string?  of the workers; root, when this is root, when left out
---@return spec.Nginx
function nginx.start(config, environment, user)
  for _ = 1, 3 do -- another program may take the port before nginx does
    local self = setmetatable({ folder = os.tmpname(), port = free_port() }, Server)
    os.remove(self.folder)
    assert(lfs.mkdir(self.folder))
    write_configuration(self, config, user)
    self.command = command_of(self, environment)
    self.pipe = assert(io.popen(self.command .. " -g 'daemon off;' 2>&1", "r"))
    if eventually("nginx", function() return serves(self) end) == "yes" then
      return self
    end
    local log = self.pipe:read "*a" .. self:log()
    self.pipe:close()
    shell("rm -rf " .. self.folder)
    if not log:find "still could not bind" then
      error("nginx did not start: " .. log, 2)
    end
  end
  error("nginx found no port", 2)
end

function Server:log()
  return read(self.folder .. "/error.log")
end

--- How many requests it has answered, by the log PREFIX/access.log.
---@return integer
function Server:requests()
  local _, count = read(self.folder .. "/access.log"):gsub("\n", "")
  return count
end

--- Sends a signal to the master: "HUP", "QUIT", "TERM".
function Server:signal(name)
  os.execute(("kill -%s %d"):format(name, self.pid))
end

--- The process ids of the workers.
---@return integer[]
function Server:workers()
  local list = {}
  for pid in shell("pgrep -P " .. self.pid):gmatch "%d+" do
    list[#list + 1] = tonumber(pid)
  end
  return list
end

--- Ends the server and waits for it.
function Server:stop()
  self:signal "TERM"
  self.pipe:read "*a"
  self.pipe:close()
  shell("rm -rf " .. self.folder)
end

--- Opens a connection and sends a request on it, without waiting.
function Server:begin(method, path, body)
  local connection = assert(socket.connect("127.0.0.1", self.port))
  connection:settimeout(120)
  assert(connection:send(("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"):format(
    method, path, #(body or ""), body or "")))
  return connection
end

--- Reads the answer: status and body.
function nginx.finish(connection)
  local raw = connection:receive "*a" or ""
  connection:close()
  local status, body = raw:match "^HTTP/1%.%d (%d+).-\r\n\r\n(.*)$"
  if raw:lower():find "transfer%-encoding: chunked" then
    body = body:gsub("%x+\r\n(.-)\r\n", "%1", 1):gsub("\n?0\r\n\r\n$", "\n")
  end
  return tonumber(status), body
end

--- Sends a request and reads the answer.
---@return integer? status
---@return string? body
function Server:send(method, path, body)
  return nginx.finish(self:begin(method, path, body))
end

--- How many descriptors the workers have open.
function Server:descriptors()
  local count = 0
  for _, pid in ipairs(self:workers()) do
    count = count + tonumber(shell(("ls /proc/%d/fd | wc -l"):format(pid)))
  end
  return count
end

return nginx
