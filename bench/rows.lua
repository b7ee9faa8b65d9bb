--- The rows of the table, as data: a name, a unit, what idv took, what its reference took, and a goal.
---
--- Both are figures (bench/figures.lua). A goal is a bound on the ratio of idv to its reference, on the difference, or
--- on idv's own value; rows without one are there to be compared.

local figures = require "bench.figures"

local of, sum = figures.of, figures.sum

local units = {
  us = { name = "µs", scale = 1e6 }, ms = { name = "ms", scale = 1e3 }, seconds = { name = "s", scale = 1 },
  per_second = { name = "/s", scale = 1 }, KiB = { name = "KiB", scale = 1 / 1024 },
  MiB = { name = "MiB", scale = 1 / 1024 ^ 2 }, each = { name = "", scale = 1 },
}

local rows = {}

local function add(number, name, unit, idv, reference, goal)
  rows[#rows + 1] = {
    number = number, name = name, unit = units[unit], idv = idv, reference = reference, goal = goal,
  }
end

local five, jit = "idv, Lua 5.4", "idv, LuaJIT"

local function ratio_at_most(limit) return { of = "ratio", at_most = limit } end
local function ratio_at_least(limit) return { of = "ratio", at_least = limit } end
local function value_at_most(limit) return { of = "value", at_most = limit } end

-- ---- 1: one after the other ----

--- The least, and what preparing create_session and reading its answer take beyond lua-cjson, one after the other.
local function least_and_own(least, lua)
  local idv, cjson = "idv, " .. lua, "cjson, " .. lua
  return sum(idv, {
    { factor = 1, of = least },
    { factor = 1, of = of("prepare_deepidv", idv, "cpu") }, { factor = -1, of = of("prepare_deepidv", cjson, "cpu") },
    { factor = 1, of = of("read_deepidv", idv, "cpu") }, { factor = -1, of = of("read_deepidv", cjson, "cpu") },
  })
end

for _, scheme in ipairs { "http", "https" } do
  local name = scheme .. ", sequential, kept alive: CPU of a call"
  local bare = of(scheme, "libcurl in C", "cpu")
  for _, idv in ipairs { five, jit } do
    add(1, name, "us", of(scheme, idv, "cpu"), bare, ratio_at_most(1.2))
  end
  add(1, name .. ", without Lua", "us", of(scheme, "idv's engine in C", "cpu"), bare)
  for _, lua in ipairs { "Lua 5.4", "LuaJIT" } do
    local least = of(scheme, "the least, " .. lua, "cpu")
    add(1, name .. ", nothing but libcurl and lua-cjson", "us", least, bare)
    add(1, name .. ", nothing but these, plus what row 6 says is idv's own", "us", least_and_own(least, lua), bare)
  end
  add(1, scheme .. ", sequential, kept alive: time of a call", "us", of(scheme, five, "wall"),
    of(scheme, "libcurl in C", "wall"))
  local others = {
    { jit, "lua-curl, LuaJIT" }, { five, "LuaSocket, Lua 5.4" },
    { jit, "LuaSocket, LuaJIT" }, { jit, "lua-http, LuaJIT" },
  }
  for _, pair in ipairs(others) do
    add(1, name, "us", of(scheme, pair[1], "cpu"), of(scheme, pair[2], "cpu"), ratio_at_most(1))
  end
end

-- ---- 2: many at once ----

for _, flight in ipairs { 64, 512, 4096 } do
  for _, idv in ipairs { five, jit } do
    local group = "many_" .. flight
    local goal = flight <= 512 and ratio_at_least(0.85) or nil
    add(2, ("%d in flight: calls"):format(flight), "per_second", of(group, idv, "per_second"),
      of(group, "curl_multi in C", "per_second"), goal)
    add(2, ("%d in flight: CPU of a call"):format(flight), "us", of(group, idv, "cpu"),
      of(group, "curl_multi in C", "cpu"))
  end
end

-- ---- 3 and 4: many that wait ----

add(3, "idv.step(0), 1,000 in flight, nothing to do", "us", of("idle_1000", five, "cpu"), nil, value_at_most(50e-6))
add(3, "idv.step(0), 10,000 in flight, against 1,000", "us", of("idle_10000", five, "cpu"),
  of("idle_1000", five, "cpu"), ratio_at_most(1.25))

for _, flight in ipairs { 1000, 10000 } do
  local group = "memory_" .. flight
  add(4, ("memory of a call, %d in flight"):format(flight), "KiB", of(group, five, "per_call"), nil,
    value_at_most(64 * 1024))
  add(4, ("memory kept when %d have just ended"):format(flight), "MiB", of(group, five, "kept"))
  add(4, ("memory left when %d have ended and none has followed"):format(flight), "MiB", of(group, five, "left"), nil,
    value_at_most(2 * 1024 ^ 2))
end

-- ---- 5: a report ----

add(5, "1 GiB report to disk: extra memory", "MiB", of("report", five, "extra"), nil, value_at_most(2 * 1024 ^ 2))
add(5, "1 GiB report to disk: speed", "per_second", of("report", five, "per_second"),
  of("report", "curl, then sync", "per_second"), ratio_at_least(0.95))
add(5, "1 GiB report to disk: speed, against a file not synced", "per_second", of("report", five, "per_second"),
  of("report", "curl", "per_second"))

-- ---- 6: the halves of a call ----

for _, half in ipairs { "prepare", "read" } do
  for _, provider in ipairs { "deepidv", "checkout", "impact", "cidaas" } do
    local group = half .. "_" .. provider
    local name = ("%s, %s: "):format(half == "prepare" and "preparing create_session" or "reading its answer", provider)
    add(6, name .. "CPU", "us", of(group, five, "cpu"), of(group, "cjson, Lua 5.4", "cpu"))
    add(6, name .. "CPU", "us", of(group, jit, "cpu"), of(group, "cjson, LuaJIT", "cpu"))
    add(6, name .. "allocations", "each", of(group, five, "allocations"), of(group, "cjson, Lua 5.4", "allocations"))
  end
end
add(6, "reading a list of 1 MiB: CPU", "ms", of("read_list", five, "cpu"), of("read_list", "cjson, Lua 5.4", "cpu"))
add(6, "reading a list of 1 MiB: CPU", "ms", of("read_list", jit, "cpu"), of("read_list", "cjson, LuaJIT", "cpu"))

-- ---- 7: OpenResty ----

for _, moment in ipairs { "late", "soon" } do
  local group = "openresty_" .. moment
  local name = ("OpenResty, 500 at once, upstream answers %s: "):format(
    moment == "late" and "after 100 ms" or "at once")
  add(7, name .. "requests", "per_second", of(group, "idv", "per_second"), of(group, "cosocket", "per_second"),
    ratio_at_least(1))
  if moment == "late" then
    add(7, name .. "requests, seen once a millisecond", "per_second", of(group, "cosocket, ticking", "per_second"),
      of(group, "cosocket", "per_second"))
  else
    add(7, "OpenResty, 500 at once, nothing is asked upstream: requests", "per_second",
      of(group, "no upstream", "per_second"), of(group, "cosocket", "per_second"))
  end
  local nothing = of(group, "no upstream", "worker_cpu")
  local cosocket = sum("cosocket", {
    { factor = 1, of = of(group, "cosocket", "worker_cpu") }, { factor = -1, of = nothing },
  })
  add(7, name .. "CPU of a call, without nginx's own", "us",
    sum("idv", { { factor = 1, of = of(group, "idv", "worker_cpu") }, { factor = -1, of = nothing } }), cosocket)
  add(7, name .. "of that, inside libcurl", "us", of(group, "idv, its libcurl timed", "libcurl"), cosocket)
  add(7, name .. "median", "ms", of(group, "idv", "p50"), of(group, "cosocket", "p50"))
  add(7, name .. "99th percentile", "ms", of(group, "idv", "p99"), of(group, "cosocket", "p99"))
  add(7, name .. "99th percentile of an unrelated location", "ms", of(group, "idv", "unrelated_p99"),
    of(group, "cosocket", "unrelated_p99"), value_at_most(0.005))
  add(7, name .. "the same beside requests that ask nothing upstream", "ms", of(group, "no upstream", "unrelated_p99"),
    of(group, "cosocket", "unrelated_p99"))
end

-- ---- 8: TLS ----

local tls = { { "kept", "connection kept" }, { "resumed", "TLS session resumed" }, { "full", "full handshake" } }
for _, pair in ipairs(tls) do
  local group = "tls_" .. pair[1]
  add(8, ("TLS, %s: calls"):format(pair[2]), "per_second", of(group, five, "per_second"),
    of(group, "libcurl in C", "per_second"))
  add(8, ("TLS, %s: CPU of a call"):format(pair[2]), "us", of(group, five, "cpu"), of(group, "libcurl in C", "cpu"))
end
for _, idv in ipairs { five, jit } do
  add(8, "HTTP/2, 100 at once on one connection: calls", "per_second", of("http_2", idv, "per_second"),
    of("http_2", "curl_multi in C", "per_second"))
end

-- ---- 9: loading ----

local function more_than(limit) return { of = "difference", at_most = limit } end

add(9, "require \"idv\", over an empty interpreter", "ms", of("loading", five, "wall"),
  of("loading", "nothing, Lua 5.4", "wall"), more_than(0.003))
add(9, "require \"idv\", over an empty interpreter", "ms", of("loading", jit, "wall"),
  of("loading", "nothing, LuaJIT", "wall"), more_than(0.003))
add(9, "require \"idv\" and an object, over a C program that loads libcurl", "ms",
  of("loading", "idv with an object, Lua 5.4", "wall"), of("loading", "libcurl alone", "wall"))

return rows
