--- The servers that the contenders speak to: bench/server.c, and nginx where .ci/nginx has unpacked it.

local cores = require "bench.cores"
local lfs = require "lfs"
local nginx = require "spec.support.nginx"

local servers = {}

local here = lfs.currentdir()

--- Whether there is an nginx.
---@return boolean
function servers.has_nginx()
  return lfs.attributes "build/nginx/root/usr/sbin/nginx" ~= nil
end

--- Starts the server in C. It ends when `stop` is called or this program ends.
---@return table server  http and https (addresses), ca (a file), folder, stop()
function servers.start_plain()
  local folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
  assert(os.execute(("mkfifo %s/input"):format(folder)))
  local output = assert(io.popen(("%sbuild/bench/server %s < %s/input"):format(cores.prefix "served", folder, folder),
    "r"))
  local input = assert(io.open(folder .. "/input", "w"))
  local http, https = assert(output:read "l", "the server did not start"):match "^(%d+) (%d+)$"
  return {
    http = "http://127.0.0.1:" .. http, https = "https://127.0.0.1:" .. https,
    ca = folder .. "/ca.pem", folder = folder,
    stop = function()
      input:write "end"
      input:close()
      output:close()
      os.execute("rm -rf " .. folder)
    end,
  }
end

local answer = [['{"id":"sess_01HZX3V9K2J4M5N6P7Q8R9S0T1","session_url":"https:\\/\\/verify.example\\/s\\/1",]]
  .. [["externalId":"order-1001","links":[],"expires_at":"2030-01-05T09:00:00.000Z"}']]

local tls = [[
worker_processes 1;
CORE
pid nginx.pid;
error_log error.log crit;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  lua_paths;
  default_type application/json;
  ssl_certificate CERTIFICATE;
  ssl_certificate_key KEY;
  SESSIONS
  server {
    listen 127.0.0.1:PORT ssl http2 backlog=4096;
    http2_max_concurrent_streams 128;
    location /kept/ { content_by_lua_block { ngx.req.read_body() ngx.status = 201 ngx.print(ANSWER) } }
    location /closed/ { keepalive_timeout 0; return 201 ANSWER; }
  }
}
]]

local function fill(text, values)
  return (text:gsub("%u+", values))
end

--- nginx with TLS and HTTP/2: /kept/ keeps connections, /closed/ does not. TLS sessions can be taken up again or not.
---@param plain table          the server whose certificate is used
---@param keeps_sessions boolean
function servers.start_tls(plain, keeps_sessions)
  local server = nginx.start(fill(tls, {
    CORE = cores.nginx "served", ANSWER = answer,
    CERTIFICATE = plain.folder .. "/certificate.pem", KEY = plain.folder .. "/key.pem",
    SESSIONS = keeps_sessions and "ssl_session_tickets on;" or "ssl_session_tickets off; ssl_session_cache off;",
  }))
  return { https = "https://127.0.0.1:" .. server.port, stop = function() server:stop() end }
end

local openresty = [[
worker_processes 1;
CORE
pid nginx.pid;
error_log error.log warn;
env BENCH_URL;
env BENCH_CA;
env BENCH_LIBCURL_TIME;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  lua_paths;
  init_by_lua_block {
    package.path = "HERE/?.lua;" .. package.path
    handlers = require "bench.openresty"
  }
  server {
    listen 127.0.0.1:PORT backlog=4096;
    location = /unrelated { return 200 "ok"; }
    location = /nothing/soon { content_by_lua_block { handlers.nothing() } }
    location = /nothing/late { content_by_lua_block { handlers.nothing() } }
    location = /idv/late { content_by_lua_block { handlers.idv "/late" } }
    location = /idv/soon { content_by_lua_block { handlers.idv "" } }
    location = /cosocket/late { content_by_lua_block { handlers.cosocket "/late" } }
    location = /ticking/late { content_by_lua_block { handlers.ticking "/late" } }
    location = /cosocket/soon { content_by_lua_block { handlers.cosocket "" } }
  }
}
]]

--- nginx with Lua, whose handlers (bench/openresty.lua) call the plain server.
---@param plain table
---@param libcurl_time string?  a file for bench/libcurl_time.c, which is loaded then
local function start_openresty(plain, libcurl_time)
  local environment = { BENCH_URL = plain.http, BENCH_CA = plain.ca, BENCH_LIBCURL_TIME = libcurl_time }
  if libcurl_time then
    local file = assert(io.open(libcurl_time, "w"))
    file:write(("0"):rep(20))
    file:close()
    environment.LD_PRELOAD = here .. "/build/bench/libcurl_time.so"
  end
  local server = nginx.start(fill(openresty, { HERE = here, CORE = cores.nginx "measured" }), environment)
  return {
    port = server.port, worker = server:workers()[1], libcurl_time = libcurl_time,
    log = function() return server:log() end, stop = function() server:stop() end,
  }
end

--- Two of them: one that is left alone and, as `timed`, one that tells how long it is inside libcurl.
---@param plain table
function servers.start_openresty_twice(plain)
  local server, timed = start_openresty(plain), start_openresty(plain, plain.folder .. "/libcurl_time")
  server.timed = timed
  local stop_first = server.stop
  function server.stop()
    stop_first()
    timed.stop()
  end
  return server
end

return servers
