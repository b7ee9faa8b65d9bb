--- What is measured together: contenders that take turns, round by round, so that whatever else the machine does hits
--- them alike.
---
--- A group says how many rounds there are and how many calls are in each, and names its contenders: a command and its
--- environment, given the servers, and the part it plays (bench/cores.lua). `is_fresh` starts a process for each round;
--- `goes` has all rounds run so many times with new processes, because how memory happens to be laid out moves one by a
--- few per cent.

local lfs = require "lfs"

local groups = {}

local here = lfs.currentdir()
local lua_path = ("%s/?.lua;%s/lua/?.lua;%s/lua/?/init.lua;;"):format(here, here, here)

local function merge(...)
  local all = {}
  for _, part in ipairs { ... } do
    for name, value in pairs(part) do
      all[name] = value
    end
  end
  return all
end

--- A contender in Lua, from bench/contenders.
local function lua(name, interpreter, settings)
  return {
    command = interpreter .. " bench/worker.lua " .. name, part = "measured",
    environment = merge(settings, {
      LUA_PATH = lua_path, LUA_CPATH = ("%s/build/%s/?.so;;"):format(here, interpreter),
    }),
  }
end

--- A contender in C.
local function c(name, settings)
  return { command = "build/bench/" .. name, environment = settings, part = "measured" }
end

local function speaks_to(url, ca, more)
  local agent = ("idv/%s (Lua 5.4)"):format(require "idv.version")
  return merge({ BENCH_URL = url, BENCH_CA = ca, BENCH_AGENT = agent }, more or {})
end

local function sequential(scheme)
  return function(plain)
    local settings = speaks_to(plain[scheme] .. "/v1/sessions", plain.ca)
    return {
      ["libcurl in C"] = c("reference_sequential", settings),
      ["idv's engine in C"] = c("engine_sequential", settings),
      ["idv, Lua 5.4"] = lua("idv_sequential", "lua5.4", settings),
      ["idv, LuaJIT"] = lua("idv_sequential", "luajit", settings),
      ["the least, Lua 5.4"] = lua("bare", "lua5.4", settings),
      ["the least, LuaJIT"] = lua("bare", "luajit", settings),
      ["lua-curl, LuaJIT"] = lua("luacurl", "luajit", settings),
      ["LuaSocket, Lua 5.4"] = lua("luasocket", "lua5.4", settings),
      ["LuaSocket, LuaJIT"] = lua("luasocket", "luajit", settings),
      ["lua-http, LuaJIT"] = lua("luahttp", "luajit", settings),
    }
  end
end

local function many(flight)
  return function(plain)
    local settings = speaks_to(plain.http .. "/v1/sessions", plain.ca, { BENCH_FLIGHT = flight })
    return {
      ["curl_multi in C"] = c("reference_multi", settings),
      ["idv, Lua 5.4"] = lua("idv_many", "lua5.4", settings),
      ["idv, LuaJIT"] = lua("idv_many", "luajit", settings),
    }
  end
end

local function idle(flight)
  return function(plain)
    local settings = speaks_to(plain.http .. "/held/v1/sessions", plain.ca, { BENCH_FLIGHT = flight })
    return { ["idv, Lua 5.4"] = lua("idv_idle_step", "lua5.4", settings) }
  end
end

local function memory(flight)
  return function(plain)
    local settings = speaks_to(plain.http .. "/held/v1/sessions", plain.ca, { BENCH_FLIGHT = flight })
    return { ["idv, Lua 5.4"] = lua("idv_memory", "lua5.4", settings) }
  end
end

local function report(plain)
  local file = plain.folder .. "/report.pdf"
  local get = ("curl -sS -o %s %s/report"):format(file, plain.http)
  return {
    ["idv, Lua 5.4"] = lua("idv_report", "lua5.4", speaks_to(plain.http .. "/v1/sessions", plain.ca, {
      BENCH_OPTION = plain.folder .. "/report_idv.pdf",
    })),
    ["curl"] = lua("command", "lua5.4", { BENCH_OPTION = "rm -f " .. file .. "; " .. get }),
    ["curl, then sync"] = lua("command", "lua5.4", {
      BENCH_OPTION = "rm -f " .. file .. "; " .. get .. "; sync " .. file,
    }),
  }
end

local function half(idv, reference, option)
  return function()
    local counted = { BENCH_OPTION = option, LD_PRELOAD = here .. "/build/bench/allocations.so" }
    return {
      ["idv, Lua 5.4"] = lua(idv, "lua5.4", counted),
      ["idv, LuaJIT"] = lua(idv, "luajit", { BENCH_OPTION = option }),
      ["cjson, Lua 5.4"] = lua(reference, "lua5.4", counted),
      ["cjson, LuaJIT"] = lua(reference, "luajit", { BENCH_OPTION = option }),
    }
  end
end

local function openresty(moment)
  return function(_, nginx)
    local function load(server, handler)
      local load_on_nginx = c("load", {
        BENCH_PORT = server.port, BENCH_PATH = ("/%s/%s"):format(handler, moment), BENCH_UNRELATED = "/unrelated",
        BENCH_FLIGHT = 500, BENCH_WORKER = server.worker, BENCH_LIBCURL_TIME = server.libcurl_time,
      })
      load_on_nginx.part = "served" -- here nginx is what is measured
      return load_on_nginx
    end
    return {
      idv = load(nginx, "idv"), cosocket = load(nginx, "cosocket"), ["no upstream"] = load(nginx, "nothing"),
      ["idv, its libcurl timed"] = load(nginx.timed, "idv"),
      ["cosocket, ticking"] = moment == "late" and load(nginx, "ticking") or nil,
    }
  end
end

local function tls(path)
  return function(plain, nginx)
    local settings = speaks_to(nginx.https .. path .. "/v1/sessions", plain.ca)
    return {
      ["libcurl in C"] = c("reference_sequential", settings),
      ["idv, Lua 5.4"] = lua("idv_sequential", "lua5.4", settings),
    }
  end
end

local function http_2(plain, nginx)
  local settings = speaks_to(nginx.https .. "/kept/v1/sessions", plain.ca, { BENCH_FLIGHT = 100 })
  return {
    ["curl_multi in C"] = c("reference_multi", merge(settings, { BENCH_HTTP2 = 1 })),
    ["idv, Lua 5.4"] = lua("idv_many", "lua5.4", merge(settings, { BENCH_OPTION = "http2" })),
    ["idv, LuaJIT"] = lua("idv_many", "luajit", merge(settings, { BENCH_OPTION = "http2" })),
  }
end

local function loading()
  local function runs(interpreter, program)
    local environment = ("env LUA_PATH=\"%s\" LUA_CPATH=\"%s/build/%s/?.so;;\""):format(lua_path, here, interpreter)
    return lua("command", "lua5.4", { BENCH_OPTION = ("%s %s -e \"%s\""):format(environment, interpreter, program) })
  end
  return {
    ["idv, Lua 5.4"] = runs("lua5.4", "require [[idv]]"),
    ["idv with an object, Lua 5.4"] = runs("lua5.4", "require [[idv]].deepidv { api_key = [[k]] }"),
    ["nothing, Lua 5.4"] = runs("lua5.4", "return"),
    ["libcurl alone"] = lua("command", "lua5.4", { BENCH_OPTION = "build/bench/reference_loading" }),
    ["idv, LuaJIT"] = runs("luajit", "require [[idv]]"),
    ["nothing, LuaJIT"] = runs("luajit", "return"),
  }
end

groups.http = { goes = 7, rounds = 5, calls = 1000, contenders = sequential "http" }
groups.https = { goes = 7, rounds = 5, calls = 700, contenders = sequential "https" }
groups.many_64 = { rounds = 15, calls = 5000, contenders = many(64) }
groups.many_512 = { rounds = 15, calls = 5000, contenders = many(512) }
groups.many_4096 = { rounds = 5, calls = 8192, contenders = many(4096) }
groups.idle_1000 = { rounds = 9, calls = 20000, contenders = idle(1000) }
groups.idle_10000 = { rounds = 9, calls = 20000, contenders = idle(10000) }
groups.memory_1000 = { rounds = 3, calls = 1, is_fresh = true, contenders = memory(1000) }
groups.memory_10000 = { rounds = 3, calls = 1, is_fresh = true, contenders = memory(10000) }
groups.report = { rounds = 5, calls = 1, is_fresh = true, contenders = report }
for _, name in ipairs { "deepidv", "checkout", "impact", "cidaas" } do
  groups["prepare_" .. name] = {
    goes = 3, rounds = 5, calls = 20000, contenders = half("idv_prepare", "cjson_encode", name),
  }
  groups["read_" .. name] = {
    goes = 3, rounds = 5, calls = 20000, contenders = half("idv_read", "cjson_decode", name),
  }
end
groups.read_list = { rounds = 9, calls = 10, contenders = half("idv_read", "cjson_decode", "list") }
groups.openresty_late = { rounds = 5, calls = 15000, nginx = "openresty", contenders = openresty "late" }
groups.openresty_soon = { rounds = 7, calls = 10000, nginx = "openresty", contenders = openresty "soon" }
groups.tls_kept = { rounds = 9, calls = 1000, nginx = "tls", contenders = tls "/kept" }
groups.tls_resumed = { rounds = 9, calls = 300, nginx = "tls_sessions", contenders = tls "/closed" }
groups.tls_full = { rounds = 9, calls = 300, nginx = "tls", contenders = tls "/closed" }
groups.http_2 = { rounds = 9, calls = 5000, nginx = "tls", contenders = http_2 }
groups.loading = { rounds = 15, calls = 10, contenders = loading }

return groups
