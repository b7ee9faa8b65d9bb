--- The fault matrix: each fault that a network or a provider can have, for an operation that may be repeated and for
--- one that may not. spec/support/matrix.lua says what is expected; what was observed becomes docs/reliability.md.

local core = require "idv.core"
local faults = require "spec.support.faults"
local host = require "idv.host"
local idv = require "idv"
local level = require "spec.support.level"
local matrix = require "spec.support.matrix"
local nginx = require "spec.support.nginx"
local reliability = require "spec.support.reliability"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

-- Seconds. Deadlines are held against these as ratios: a call that does not stall ends within the EARLY part of its
-- deadline, one that stalls within LATE times of it.
local SHORT, LONG = 1, 20
local EARLY, LATE = 0.5, 12

-- With this seed the first pauses that are drawn are a few milliseconds each.
local SEED = 30957

-- Bytes that may be kept after a call (caches of Lua and of libraries), and be in use during one: twice the ceiling of
-- an answer, because a buffer that grows is copied, and some room.
local MOST_KEPT, MOST_AT_PEAK = 128 * 1024, 24 * 1024 * 1024

-- With the collector at work all the time (spec/support/collector.lua) Lua itself keeps a table of hooks that has had an
-- entry for each coroutine; it never gets smaller.
if os.getenv "IDV_COLLECTOR" then
  MOST_KEPT = 2 * MOST_KEPT
end

-- ---- performing a cell ----

local operations = {
  read = function(deepidv) return deepidv:get_session "sess_1" end,
  create = function(deepidv, more)
    local params = {}
    for _, set in ipairs { ada, more or {} } do
      for name, value in pairs(set) do
        params[name] = value
      end
    end
    return deepidv:create_session(params)
  end,
}

--- Closes the engine: the next call begins with a fresh one and with the same dice.
local function close_engine()
  local engine = host.present_engine()
  if engine then
    engine:close()
  end
end

local function base_url(fault)
  if fault.at then
    return faults.url(fault.at)
  end
  local port = fault.door and faults.door(fault.door)
  return ("%s://%s%s"):format(fault.scheme or "https", fault.host or "127.0.0.1", port and ":" .. port or "")
end

local function client(fault, on_event)
  local options = {
    api_key = "k", base_url = base_url(fault), allow_http = true, ca_file = faults.authority(), on_event = on_event,
    timeout = fault.stalls and SHORT or LONG,
  }
  for name, value in pairs(fault.call or {}) do
    options[name] = value
  end
  return idv.deepidv(options)
end

--- Performs the operation once. Returns what was observed: what the caller got, what the events told and what the
--- server saw.
local function observe(fault, class)
  local seen = { retries = {} }
  local deepidv = client(fault, function(event)
    if event.type == "retry" then
      seen.retries[#seen.retries + 1] = event
    else
      seen.last_event = event
    end
  end)
  if fault.warm then
    assert(operations[class](deepidv))
  end
  faults.reset()
  local began = core.clock()
  local record, err = operations[class](deepidv, fault.params)
  seen.ratio = (core.clock() - began) / (fault.stalls and SHORT or LONG)
  seen.requests = faults.all_requests()
  seen.err = err
  seen.kind = record and "answered" or err.kind
  return seen
end

-- ---- asserting ----

local function check_answer(cell, seen)
  local err = seen.err or {}
  local what = tostring(seen.err or "answered")
  assert.are_equal(cell.kind, seen.kind, what)
  assert.are_equal(cell.requests, seen.requests, what)
  assert.are_equal(cell.outcome, err.outcome, what)
  assert.are_equal(cell.retryable, err.retryable, what)
  assert.are_equal(cell.retry_after, err.retry_after, what)
  if seen.err then
    assert.are_equal(cell.attempts, err.attempts, what)
  end
end

--- Events number the attempts as the error does, and a pause is at least what the provider asked for.
local function check_events(cell, seen)
  assert.are_equal(cell.attempts - 1, #seen.retries)
  assert.are_equal(cell.attempts, seen.last_event.attempt)
  assert.are_equal(seen.err and "error" or "response", seen.last_event.type)
  for i, retry in ipairs(seen.retries) do
    assert.are_equal(i + 1, retry.attempt)
    assert.is_true(retry.delay >= (cell.delay or 0))
  end
end

local function check_deadline(fault, seen)
  if fault.stalls then
    assert.is_true(seen.ratio > 0.98 and seen.ratio < LATE, seen.ratio)
  else
    assert.is_true(seen.ratio < EARLY, seen.ratio)
  end
end

--- Runs `act` and asserts that afterwards this process holds what it held before, and at no time `most` bytes more.
local function keeping_its_level(most, act)
  close_engine()
  local descriptors, lua, c = level.descriptors(), level.memory()
  local resident = level.resident()
  level.forget_peak()
  act()
  local peak = level.peak()
  close_engine()
  local lua_after, c_after = level.memory()
  assert.is_true(level.descriptors() <= descriptors) -- fewer, when a name server's thread of before has ended meanwhile
  assert.is_true(lua_after - lua < MOST_KEPT, lua_after - lua)
  assert.is_true(c_after - c < MOST_KEPT, c_after - c)
  if level.is_plain then
    assert.is_true(peak - resident < most, peak - resident)
  end
end

-- ---- the matrix ----

local report = reliability.new()

describe("the fault matrix:", function()
  local seed_before = host.seed

  setup(function()
    host.seed = SEED
    close_engine()
    for _, class in ipairs(matrix.classes) do -- what is made on first use is no leak
      assert(operations[class.name](client { at = "fine" }, matrix.large))
      assert(operations[class.name](client { door = "tls", call = { http_version = "2" } }))
    end
  end)

  teardown(function()
    close_engine()
    host.seed = seed_before
  end)

  for _, group in ipairs(matrix.groups) do
    for _, fault in ipairs(group.rows) do
      for _, class in ipairs(matrix.classes) do
        local cell = fault.cells[class.name]
        if cell then
          it(("%s: %s: %s"):format(group.title, fault.title, class.title), function()
            keeping_its_level(MOST_AT_PEAK, function()
              local seen = observe(fault, class.name)
              check_answer(cell, seen)
              check_events(cell, seen)
              check_deadline(fault, seen)
              report:add(group.title, fault.title, class.title, {
                requests = seen.requests, kind = seen.kind, outcome = (seen.err or {}).outcome,
                retryable = (seen.err or {}).retryable,
              })
            end)
          end)
        end
      end
    end
  end
end)

-- ---- many calls on one connection ----

local nginx_config = [[
pid PREFIX/nginx.pid;
events { worker_connections 1024; }
http {
  lua_paths;
  access_log PREFIX/access.log;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:PORT ssl http2;
    http2_max_concurrent_streams 512;
    ssl_certificate %s;
    ssl_certificate_key %s;
    location / {
      default_type application/json;
      return 200 '{"id": "sess_1", "session_url": "https://example.com/s"}';
    }
  }
}
]]

describe("calls in flight together over HTTP/2 to a server that answers before it has read their bodies", function()
  local CALLS, MOST_OF_ONE = 1000, 96 * 1024
  local server, pair

  setup(function()
    if nginx.is_unpacked() then
      pair = os.tmpname()
      local file = assert(io.open(pair, "w"))
      file:write(faults.pair())
      file:close()
      server = nginx.start(nginx_config:format(pair, pair))
    end
  end)

  teardown(function()
    if server then
      server:stop()
      os.remove(pair)
    end
  end)

  it("are each sent once; what is not answered has an unknown outcome", function()
    if not server then
      return pending "nginx is not there"
    end
    local deepidv = idv.deepidv {
      api_key = "k", base_url = ("https://127.0.0.1:%d"):format(server.port), ca_file = faults.authority(),
      http_version = "2", max_connections = 100,
    }
    local answered, kinds = 0, {}
    keeping_its_level(CALLS * MOST_OF_ONE, function()
      for _ = 1, CALLS do
        idv.spawn(function()
          local session, err = operations.create(deepidv, matrix.sizeable)
          if session then
            answered = answered + 1
          else
            assert.are_same({ "unknown", false, 1 }, { err.outcome, err.retryable, err.attempts }, tostring(err))
          end
          kinds[session and "answered" or err.kind] = true
        end)
      end
      while idv.step(1) > 0 do -- luacheck: ignore 542
      end
    end)
    local requests = server:requests()
    assert.is_true(requests <= CALLS and requests >= answered)
    report:add("HTTP/2", "calls in flight together, answered before their bodies were read (nginx)", "create (POST)", {
      requests = "1 each, or 0", kind = reliability.list(kinds), outcome = "unknown", retryable = false,
    })
  end)
end)

describe("docs/reliability.md", function()
  it("says what was observed", function()
    local expected = nginx.is_unpacked() and 1 or 0
    for _, group in ipairs(matrix.groups) do
      for _, fault in ipairs(group.rows) do
        expected = expected + (fault.cells.read and 1 or 0) + (fault.cells.create and 1 or 0)
      end
    end
    assert.are_equal(expected, report:count())
    if _VERSION == "Lua 5.4" and nginx.is_unpacked() and level.is_plain then
      report:write "docs/reliability.md"
    end
  end)
end)
