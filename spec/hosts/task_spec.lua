--- Tasks: coroutines that wait without blocking anybody, on every Lua.

local client = require "spec.support.client"
local core = require "idv.core"
local faults = require "spec.support.faults"
local host = require "idv.host"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

-- plain Lua 5.1 can not yield across pcall, metamethods and the iterator of a for loop
local is_plain_51 = _VERSION == "Lua 5.1" and not rawget(_G, "jit")

--- Steps until every task has ended.
local function finish_all()
  while idv.step(1) > 0 do -- luacheck: ignore 542
  end
end

describe("tasks", function()
  local control = sandbox.shared().control
  local deepidv

  before_each(function()
    control.reset()
    faults.reset()
    deepidv = client.new("http", "deepidv", { max_connections = 1000 })
  end)

  it("wait without blocking: many calls are in flight at the same time", function()
    local silent = idv.deepidv { api_key = "k", base_url = faults.url "silent", allow_http = true, max_connections = 1000 }
    local tasks = {}
    for i = 1, 50 do
      tasks[i] = idv.spawn(function() return silent:create_session(ada) end)
    end
    assert.are_equal(50, idv.pending())
    while faults.counts "silent" < 50 do -- all of which wait for an answer
      idv.step(0.01)
    end
    assert.are_equal(50, idv.pending())
    for _, task in ipairs(tasks) do
      task:cancel()
    end
    finish_all()
    assert.are_equal(0, idv.pending())
  end)

  it("share the connections that a host is allowed, and use them again, however many they are", function()
    local ALLOWED, CALLS, TIMES = 150, 200, 3
    local wide = client.new("http", "deepidv", { max_connections = ALLOWED })
    for _ = 1, TIMES do
      control.fault { provider = "deepidv", delay = 0.2, times = CALLS }
      for _ = 1, CALLS do
        idv.spawn(function() assert(wide:create_session(ada)) end)
      end
      finish_all()
    end
    local connections, count = {}, 0
    for _, entry in ipairs(control.journal { provider = "deepidv" }) do
      count = count + (connections[entry.connection] and 0 or 1)
      connections[entry.connection] = true
    end
    assert.are_equal(TIMES * CALLS, control.count { provider = "deepidv" })
    assert.is_true(count <= ALLOWED, count .. " connections") -- fewer where some end before others begin
  end)

  it("have as many connections at the same time as a host is allowed", function()
    local ALLOWED, CALLS = 150, 200
    local wide = idv.deepidv {
      api_key = "k", base_url = faults.url "silent", allow_http = true, max_connections = ALLOWED, timeout = 120,
    }
    local tasks = {}
    for i = 1, CALLS do
      tasks[i] = idv.spawn(function() return wide:create_session(ada) end)
    end
    while faults.counts "silent" < ALLOWED do
      idv.step(0.01)
    end
    for _ = 1, 20 do
      idv.step(0.001)
    end
    assert.are_same({ ALLOWED, ALLOWED }, { faults.counts "silent" })
    for i = CALLS, 1, -1 do
      tasks[i]:cancel()
    end
    finish_all()
  end)

  it("run at once until they first wait, and get their arguments", function()
    local seen = {}
    local task = idv.spawn(function(...)
      seen = { ... }
      return "end", nil, 3
    end, 1, nil, "x")
    assert.are_equal(1, seen[1])
    assert.are_equal("x", seen[3])
    assert.are_equal("done", task:status())
    assert.are_same({ n = 3, "end", nil, 3 }, { n = select("#", task:result()), task:result() })
    assert.are_equal("idv task (done)", tostring(task))
  end)

  it("give idv.step(0) nothing to wait for", function()
    control.fault { provider = "deepidv", delay = 0.5 }
    idv.spawn(function() deepidv:create_session(ada) end)
    local began, steps = core.clock(), 0
    while idv.step(0) > 0 do
      steps = steps + 1
    end
    assert.is_true(steps > 100)
    assert.is_true(core.clock() - began >= 0.5)
  end)

  it("are moved along by a plain call outside of any", function()
    local order = {}
    control.fault { method = "GET", delay = 2 }
    idv.spawn(function()
      deepidv:create_session(ada)
      order[#order + 1] = "task"
    end)
    assert(deepidv:list_sessions())
    order[#order + 1] = "plain"
    assert.are_same({ "task", "plain" }, order)
  end)

  it("are run by idv.run, which returns and throws what they do", function()
    assert.are_same({ 1, nil, 3 }, { idv.run(function(a) return a, nil, 3 end, 1) })
    assert.is_truthy(idv.run(function() return deepidv:create_session(ada) end))
    local ok, thrown = pcall(idv.run, function() error "oops" end)
    assert.is_false(ok)
    assert.is_truthy(thrown:find "oops")
    local err = setmetatable({}, { __tostring = function() return "object" end })
    ok, thrown = pcall(idv.run, function() error(err) end)
    assert.is_false(ok)
    assert.are_equal(err, thrown)
    assert.has_error(function() idv.spawn(5) end)
  end)

  it("may be nested", function()
    local result = idv.run(function()
      local inner = idv.spawn(function()
        idv.sleep(0.01)
        return assert(deepidv:create_session(ada)).id
      end)
      local direct = idv.run(function() return assert(deepidv:create_session(ada)).id end)
      return inner:result() ~= direct
    end)
    assert.is_true(result)
  end)

  it("are gathered by idv.all: results in order, errors kept per entry", function()
    local thrown = { "thrown" }
    local results, errors = idv.all {
      function() idv.sleep(0.03) return "slow" end,
      function() return "fast" end,
      function() return deepidv:create_session {} end,
      function() error(thrown) end,
      idv.spawn(function() idv.sleep(0.01) return "spawned" end),
      function() return false, "no" end,
      function() end,
    }
    assert.are_equal(7, results.n)
    assert.are_equal("slow", results[1])
    assert.are_equal("fast", results[2])
    assert.is_nil(results[3])
    assert.are_equal("validation", errors[3].kind)
    assert.are_equal(thrown, errors[4])
    assert.are_equal("spawned", results[5])
    assert.are_equal("no", errors[6])
    assert.is_nil(results[7])
    assert.is_nil(errors[7])
    assert.are_same({ n = 0 }, (idv.all {}))
  end)

  it("tell stderr when they fail and nobody waits", function()
    local script = os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write [[
      local idv = require "idv"
      idv.spawn(function() error "first" end)
      idv.spawn(function() idv.sleep(0.01) error "second" end)
      while idv.step(1) > 0 do end
      io.write "still here"
    ]]
    file:close()
    local status, output = sandbox.shell(sandbox.interpreter() .. " " .. script)
    os.remove(script)
    assert.are_equal(0, status)
    assert.is_truthy(output:find "idv: a task failed: [^\n]*first")
    assert.is_truthy(output:find "idv: a task failed: [^\n]*second")
    assert.is_truthy(output:find "still here")
  end)

  it("may yield by themselves and go on with the next step", function()
    local turns = {}
    for name in ("ab"):gmatch "." do
      idv.spawn(function()
        for _ = 1, 3 do
          turns[#turns + 1] = name
          coroutine.yield()
        end
      end)
    end
    finish_all()
    assert.are_equal("ababab", table.concat(turns))
  end)

  it("sleep, in order of their time", function()
    local due = {}
    for _, time in ipairs { 0.03, 0.01, 0.02 } do
      idv.spawn(function()
        local wakes_at = core.clock() + time
        assert.is_true(idv.sleep(time))
        due[#due + 1] = wakes_at
      end)
    end
    finish_all()
    for i = 2, 3 do
      assert.is_true(due[i - 1] <= due[i] + 0.002) -- timers count milliseconds
    end
    assert.are_equal(3, #due)
    assert.is_true(idv.sleep(0.001)) -- a plain program may sleep too
  end)

  it("make idv.fd readable whenever a step has something to do", function()
    local socket = require "socket"
    local fd = idv.fd()
    local watched = { getfd = function() return fd end }
    local function is_readable(seconds)
      return #socket.select({ watched }, nil, seconds) == 1
    end
    finish_all()
    idv.step(0)
    assert.is_false(is_readable(0))
    local done = false
    idv.spawn(function()
      assert(deepidv:create_session(ada))
      idv.sleep(0.01)
      done = true
    end)
    local steps = 0
    while not done do
      assert.is_true(is_readable(10))
      idv.step(0)
      steps = steps + 1
    end
    assert.is_false(is_readable(0))
    assert.is_true(steps < 100, "a busy loop: " .. steps .. " steps")
  end)
end)

describe("a task that is cancelled", function()
  local control = sandbox.shared().control
  local deepidv

  before_each(function()
    control.reset()
    deepidv = client.new("http", "deepidv")
  end)

  --- Steps until the sandbox has seen so many requests.
  local function step_until_seen(count)
    while control.count { provider = "deepidv" } < count do
      idv.step(0.01)
    end
  end

  it("in a call ends it, with the outcome told truly", function()
    control.fault { provider = "deepidv", delay = 20 }
    local task = idv.spawn(function() return deepidv:create_session(ada) end)
    step_until_seen(1)
    task:cancel()
    local session, err = task:result()
    assert.is_nil(session)
    assert.are_equal("cancelled", err.kind)
    assert.are_equal("unknown", err.outcome)
    assert.are_equal(1, err.attempts)
    assert.are_equal(0, idv.pending())
  end)

  it("before its call was sent says that it was not", function()
    control.fault { provider = "deepidv", delay = 20, times = 9 }
    local narrow = client.new("http", "deepidv", { max_connections = 1 })
    local first = idv.spawn(function() return narrow:create_session(ada) end)
    local second = idv.spawn(function() return narrow:create_session(ada) end)
    step_until_seen(1)
    second:cancel()
    local _, err = second:result()
    assert.are_equal("cancelled", err.kind)
    assert.are_equal("not_sent", err.outcome)
    first:cancel()
    _, err = first:result()
    assert.are_equal("unknown", err.outcome)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)

  it("ends by its own code: sleeps end, and new calls are refused", function()
    local slept, err
    local task = idv.spawn(function()
      slept = idv.sleep(100)
      local _
      _, err = deepidv:create_session(ada)
      return "cleaned up"
    end)
    task:cancel()
    task:cancel()
    assert.are_equal("cleaned up", task:result())
    assert.is_false(slept)
    assert.are_equal("cancelled", err.kind)
    assert.are_equal("not_sent", err.outcome)
    assert.are_equal(0, control.count { provider = "deepidv" })
    task:cancel() -- it has ended; nothing happens
    assert.are_equal("done", task:status())
  end)

  it("stops waiting for a session, a page, a pause between attempts", function()
    local session = assert(deepidv:create_session(ada))
    local waiting = idv.spawn(function() return deepidv:wait_session(session.id, { interval = 100 }) end)
    step_until_seen(2)
    idv.step(0.01)
    waiting:cancel()
    local _, err = waiting:result()
    assert.are_equal("cancelled", err.kind)
    control.reset()
    control.fault { provider = "deepidv", status = 429, headers = { ["Retry-After"] = "20" } }
    local is_refused = false
    deepidv = client.new("http", "deepidv", { on_event = function(event) is_refused = event.type == "retry" end })
    local pausing = idv.spawn(function() return deepidv:create_session(ada) end)
    while not is_refused do
      idv.step(0.01)
    end
    pausing:cancel()
    _, err = pausing:result()
    assert.are_equal("cancelled", err.kind)
    assert.are_equal("refused", err.outcome)
  end)
end)

describe("inside a task", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
  end)

  --- Runs a function as a task beside a counter of turns, and returns what it returns and the turns: more than the first
  --- one when the function yields. On a busy machine there may be one only while it waits for something.
  local function beside_a_counter(fn)
    local turns, is_over = 0, false
    idv.spawn(function()
      while not is_over do
        turns = turns + 1
        idv.sleep(0.002)
      end
    end)
    local results = { idv.run(fn) }
    is_over = true
    finish_all()
    return turns, (table.unpack or unpack)(results) -- luacheck: ignore 143 113
  end

  it("wait_session yields", function()
    local deepidv = client.new("http", "deepidv")
    control.settings { deepidv = { automatic = true } }
    local turns, final = beside_a_counter(function()
      local session = assert(deepidv:create_session(ada))
      return deepidv:wait_session(session.id, { interval = 0.02 })
    end)
    assert.is_true(final.final)
    assert.is_true(turns >= control.count { method = "GET" })
  end)

  it("an iterator over pages yields", function()
    local deepidv = client.new("http", "deepidv")
    for _ = 1, 6 do
      assert(deepidv:create_session(ada))
    end
    control.fault { provider = "deepidv", delay = 0.03, times = 9 }
    local turns, count = beside_a_counter(function()
      local seen = 0
      local following = deepidv:each_session { limit = 2 }
      while following() do
        seen = seen + 1
      end
      return seen
    end)
    assert.are_equal(6, count)
    assert.is_true(turns > control.count { method = "GET" })
  end)

  it("a for loop over pages yields, or says that plain Lua 5.1 can not", function()
    local deepidv = client.new("http", "deepidv")
    assert(deepidv:create_session(ada))
    local function loop()
      local seen = 0
      for session, err in deepidv:each_session() do
        assert(session, err)
        seen = seen + 1
      end
      return seen
    end
    if is_plain_51 then
      local ok, message = pcall(idv.run, loop)
      assert.is_false(ok)
      assert.is_truthy(message:find "Lua 5.1 can not wait inside a for loop")
    else
      assert.are_equal(1, idv.run(loop))
    end
    assert.are_equal(1, loop()) -- outside of a task it always works
  end)

  it("a token is fetched once for many, and the fetch yields", function()
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s" }
    local checkout = client.new("http", "checkout", oauth)
    control.fault { path = "/connect/token", delay = 0.05 }
    local list = {}
    for i = 1, 20 do
      list[i] = function() return checkout:create_applicant { external_applicant_name = "Ada" } end
    end
    local turns, results, errors = beside_a_counter(function() return idv.all(list) end)
    assert.is_nil(next(errors))
    assert.are_equal(20, #results)
    assert.are_equal(1, control.count { path = "/connect/token" })
    assert.is_true(turns > 1)
  end)

  it("a token is still fetched when the first who wanted it is cancelled", function()
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s" }
    local checkout = client.new("http", "checkout", oauth)
    control.fault { path = "/connect/token", delay = 0.1 }
    local first = idv.spawn(function() return checkout:check_credentials() end)
    local second = idv.spawn(function() return checkout:check_credentials() end)
    first:cancel()
    local _, err = first:result()
    assert.are_equal("cancelled", err.kind)
    assert.is_truthy((second:result()))
    assert.are_equal(1, control.count { path = "/connect/token" })
  end)

  it("a token is waited for no longer than the call may take, and serves the next", function()
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s" }
    local checkout = client.new("http", "checkout", oauth)
    control.fault { path = "/connect/token", delay = 1 }
    local applicant, err = checkout:create_applicant({ external_applicant_name = "Ada" }, { timeout = 0.05 })
    assert.is_nil(applicant)
    assert.are_same({ "timeout", "not_sent", true }, { err.kind, err.outcome, err.retryable })
    assert(checkout:create_applicant({ external_applicant_name = "Ada" }, { timeout = 10 }))
    assert.are_equal(1, control.count { path = "/connect/token" })
    assert.are_equal(1, control.count { path = "/applicants" })
  end)

  it("a failure to get a token that nobody waited for is not told to who comes much later", function()
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s", max_retries = 0 }
    local checkout = client.new("http", "checkout", oauth)
    control.fault { path = "/connect/token", delay = 0.8, close = true }
    local _, err = checkout:create_applicant({ external_applicant_name = "Ada" }, { timeout = 0.05 })
    assert.are_equal("timeout", err.kind)
    idv.run(function() idv.sleep(2.2) end)
    assert(checkout:create_applicant { external_applicant_name = "Ada" })
  end)

  it("a call for which there was no token was not sent", function()
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s", max_retries = 0 }
    local checkout = client.new("http", "checkout", oauth)
    control.fault { path = "/connect/token", reset = true }
    local _, err = checkout:create_applicant { external_applicant_name = "Ada" }
    assert.are_same({ "network", "not_sent", true }, { err.kind, err.outcome, err.retryable })
    assert.are_equal(0, control.count { path = "/applicants" })
  end)

  it("a token that can not be had is told to all who wait for it", function()
    local checkout = client.new("http", "checkout", { secret_key = false, client_id = "invalid", client_secret = "s" })
    local list = {}
    for i = 1, 5 do
      list[i] = function() return checkout:check_credentials() end
    end
    local results, errors = idv.all(list)
    assert.are_equal(5, results.n)
    for i = 1, 5 do
      assert.are_equal("auth", errors[i].kind)
    end
    assert.are_equal(1, control.count { path = "/connect/token" })
  end)

  it("a token revoked under many is replaced once", function()
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s" }
    local checkout = client.new("http", "checkout", oauth)
    local applicant = assert(checkout:create_applicant { external_applicant_name = "Ada" })
    control.revoke_tokens()
    control.clear_journal()
    local list = {}
    for i = 1, 10 do
      list[i] = function() return checkout:get_applicant(applicant.id) end
    end
    local _, errors = idv.all(list)
    assert.is_nil(next(errors))
    assert.are_equal(1, control.count { path = "/connect/token" })
    assert.are_equal(20, control.count { path = "/applicants/" .. applicant.id })
  end)

  it("a report is downloaded while others go on", function()
    local checkout = client.new("http", "checkout")
    control.settings { checkout = { report_bytes = 32 * 1024 * 1024 } }
    local session = assert(checkout:create_session {
      declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/",
    })
    control.advance(session.id, "approved")
    local path = os.tmpname()
    local told = 0
    local turns, report = beside_a_counter(function()
      return checkout:get_report(session.id, { path = path, on_progress = function() told = told + 1 end })
    end)
    os.remove(path)
    assert.are_equal(path, report.path)
    assert.is_true(told >= 1)
    assert.is_true(turns > 1)
  end)

  it("pauses between attempts yield", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", status = 429, headers = { ["Retry-After"] = "1" } }
    local turns = beside_a_counter(function() return assert(deepidv:create_session(ada)) end)
    assert.is_true(turns > 2) -- one for the answer, one at least in the second of the pause
  end)
end)

describe("what must never happen", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
    collectgarbage()
    collectgarbage()
  end)

  it("a call, a sleeper or a cancelled task that is dropped in flight leaves anything behind", function()
    local before = host.engine():in_flight()
    local route = core.route { method = "GET", allow_http = true }
    for _ = 1, 20 do
      host.submit(route:call(faults.url "silent"))
      host.engine():sleeper(100)
      local deepidv = client.new("http", "deepidv")
      idv.spawn(function() return deepidv:create_session(ada) end):cancel()
      idv.step(0.01)
      collectgarbage()
    end
    finish_all()
    collectgarbage()
    collectgarbage()
    idv.step(0)
    assert.are_equal(before, host.engine():in_flight())
  end)

  it("a coroutine that waits and is forgotten breaks the engine", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.1, times = 3 }
    local ended = 0
    for _ = 1, 3 do
      idv.spawn(function()
        deepidv:create_session(ada)
        ended = ended + 1
      end)
    end
    collectgarbage()
    collectgarbage()
    finish_all()
    assert.are_equal(3, ended)
  end)

  it("the state closes with calls in flight", function()
    local script = os.tmpname()
    local file = assert(io.open(script, "w"))
    file:write(([[
      local idv = require "idv"
      local deepidv = idv.deepidv { api_key = "k", base_url = %q, allow_http = true, max_connections = 100 }
      for i = 1, 50 do
        idv.spawn(function()
          return deepidv:create_session { first_name = "A", last_name = "B", email = "a@b.cc", phone = "+15192223333" }
        end)
      end
      idv.spawn(function() idv.sleep(100) end)
      for i = 1, 20 do idv.step(0.01) end
      io.write(idv.pending())
    ]]):format(faults.url "silent"))
    file:close()
    local status, output = sandbox.shell(sandbox.interpreter() .. " " .. script)
    os.remove(script)
    assert.are_equal(0, status)
    assert.are_equal("51", output)
  end)

  it("an error thrown by on_event or on_progress breaks a call, or is told more than once", function()
    local checkout = client.new("http", "checkout", { on_event = function() error "mine" end })
    local stderr, said = io.stderr, {}
    io.stderr = { write = function(_, text) said[#said + 1] = text end } -- luacheck: ignore 122
    local path = os.tmpname()
    local ok, problem = pcall(function()
      local session = assert(checkout:create_session {
        declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/",
      })
      control.advance(session.id, "approved")
      assert(checkout:get_report(session.id, { path = path, on_progress = function() error "mine" end }))
    end)
    io.stderr = stderr -- luacheck: ignore 122
    os.remove(path)
    assert.is_true(ok, tostring(problem))
    assert.are_same({ "idv.checkout: on_event failed; further failures are not reported\n" }, said)
  end)

  it("descriptors are leaked per call", function()
    local lfs = require "lfs"
    local function descriptors()
      local count = 0
      for _ in lfs.dir "/proc/self/fd" do
        count = count + 1
      end
      return count
    end
    local deepidv = client.new("https", "deepidv")
    assert(deepidv:create_session(ada))
    local before = descriptors()
    for _ = 1, 50 do
      assert(deepidv:create_session(ada))
    end
    assert.is_true(descriptors() <= before)
  end)

  it("the collector running all the time changes anything", function()
    local deepidv = client.new("http", "deepidv", { on_event = function() collectgarbage() end })
    if collectgarbage and _VERSION == "Lua 5.4" then
      collectgarbage "generational"
    end
    local list = {}
    for i = 1, 20 do
      list[i] = function()
        collectgarbage()
        local session = assert(deepidv:create_session(ada))
        collectgarbage "step"
        return deepidv:get_session(session.id)
      end
    end
    local results, errors = idv.all(list)
    assert.is_nil(next(errors))
    assert.are_equal(20, #results)
    if _VERSION == "Lua 5.4" then
      collectgarbage "incremental"
    end
  end)
end)
