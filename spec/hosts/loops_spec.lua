--- idv in the loops of luv and cqueues, driven by the readiness of idv.fd() alone; and in a process that forks.

local client = require "spec.support.client"
local core = require "idv.core"
local forking = require "forking"
local host = require "idv.host"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local function optional(name)
  local ok, module = pcall(require, name)
  return ok and module or nil
end

local control = sandbox.shared().control

describe("luv", function()
  local luv = optional "luv"
  if not luv then
    pending "lua-luv is not installed"
    return
  end

  local attachment

  before_each(function()
    control.reset()
    attachment = require("idv.loop.luv").attach()
  end)

  after_each(function()
    attachment:detach()
    luv.run() -- closes the handle
  end)

  it("moves tasks on, and its loop ends when nothing is in flight", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.05, times = 10 }
    local done = 0
    for _ = 1, 10 do
      idv.spawn(function()
        assert(deepidv:create_session(ada))
        idv.sleep(0.01)
        done = done + 1
      end)
    end
    luv.run()
    assert.are_equal(10, done)
    assert.are_equal(0, idv.pending())
    luv.run() -- nothing keeps it alive
  end)

  it("lets any coroutine wait", function()
    local deepidv = client.new("https", "deepidv")
    local seen = {}
    for i = 1, 5 do
      coroutine.wrap(function()
        local session = assert(deepidv:create_session(ada))
        seen[i] = assert(deepidv:get_session(session.id)).status
      end)()
    end
    luv.run()
    assert.are_same({ "pending", "pending", "pending", "pending", "pending" }, seen)
  end)

  it("polls nothing: its loop turns as often as there is something to do", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.5 }
    local steps, step = 0, host.step
    host.step = function(seconds)
      steps = steps + 1
      return step(seconds)
    end
    local done = false
    coroutine.wrap(function()
      assert(deepidv:create_session(ada))
      done = true
    end)()
    luv.run()
    host.step = step
    assert.is_true(done)
    assert.is_true(steps < 30, steps .. " steps")
  end)

  it("has its loop end after calls that blocked: in the main program, and where nothing can yield", function()
    local deepidv = client.new("http", "deepidv")
    assert(deepidv:create_session(ada))
    local session
    coroutine.wrap(function()
      ("x"):gsub("x", function() session = deepidv:create_session(ada) end)
    end)()
    assert.is_not_nil(session)
    local is_late, timer = false, luv.new_timer()
    timer:start(20000, 0, function()
      is_late = true
      luv.stop()
    end)
    timer:unref()
    luv.run()
    timer:close()
    assert.is_false(is_late)
  end)

  it("goes on beside luv's own timers", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.2 }
    local ticks, timer = 0, luv.new_timer()
    timer:start(5, 5, function() ticks = ticks + 1 end)
    coroutine.wrap(function()
      assert(deepidv:create_session(ada))
      timer:stop()
      timer:close()
    end)()
    luv.run()
    assert.is_true(ticks > 1) -- few on a busy machine, none where idv blocks
  end)
end)

describe("cqueues", function()
  local cqueues = optional "cqueues"
  if not cqueues then
    pending "lua-cqueues is not installed"
    return
  end

  local controller, attachment

  before_each(function()
    control.reset()
    controller = cqueues.new()
    attachment = require("idv.loop.cqueues").attach(controller)
  end)

  after_each(function()
    attachment:detach()
  end)

  it("lets its threads wait, and its loop ends when nothing is in flight", function()
    local deepidv = client.new("https", "deepidv")
    control.fault { provider = "deepidv", delay = 0.05, times = 10 }
    local done = 0
    for _ = 1, 10 do
      controller:wrap(function()
        local session = assert(deepidv:create_session(ada))
        assert(deepidv:get_session(session.id))
        done = done + 1
      end)
    end
    assert(controller:loop())
    assert.are_equal(10, done)
  end)

  it("moves tasks on and runs its own threads beside them", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.2 }
    local turns, done = 0, false
    idv.spawn(function()
      assert(deepidv:create_session(ada))
      done = true
    end)
    controller:wrap(function()
      while not done do
        turns = turns + 1
        cqueues.sleep(0.005)
      end
    end)
    assert(controller:loop())
    assert.is_true(done)
    assert.is_true(turns > 1) -- few on a busy machine, one where idv blocks
  end)

  it("polls nothing", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.5 }
    local steps, step = 0, host.step
    host.step = function(seconds)
      steps = steps + 1
      return step(seconds)
    end
    controller:wrap(function() assert(deepidv:create_session(ada)) end)
    assert(controller:loop())
    host.step = step
    assert.is_true(steps < 30, steps .. " steps")
  end)
end)

describe("a process that forks", function()
  before_each(function()
    control.reset()
  end)

  --- Runs a function in a child and returns the status it ends with.
  local function in_child(fn)
    local pid = forking.fork()
    if pid == 0 then
      local ok, result = pcall(fn)
      forking.exit(ok and result or 99)
    end
    return forking.wait(pid)
  end

  it("has a fresh engine in the child, which never touches the parent's connections", function()
    local reused
    local deepidv = client.new("https", "deepidv", {
      on_event = function(event) reused = event.reused end,
    })
    assert(deepidv:create_session(ada))
    control.fault { provider = "deepidv", delay = 0.5 }
    local task = idv.spawn(function() return deepidv:create_session(ada) end)
    while control.count { provider = "deepidv" } < 2 do
      idv.step(0.01)
    end
    local status = in_child(function()
      local session = deepidv:create_session(ada)
      if not session then
        return 1
      elseif reused ~= false then
        return 2 -- a connection of the parent's
      elseif not deepidv:get_session(session.id) then
        return 3
      end
      return 0
    end)
    assert.are_equal(0, status)
    assert.is_truthy(task:result())
    assert(deepidv:create_session(ada))
    assert.is_true(reused)
  end)

  it("fetches a token of its own in the child when the parent was fetching one", function()
    local checkout = client.new("http", "checkout", { secret_key = false, client_id = "ack_1", client_secret = "s" })
    control.fault { path = "/connect/token", delay = 0.3 }
    local task = idv.spawn(function() return checkout:check_credentials() end)
    while control.count { path = "/connect/token" } < 1 do
      idv.step(0.01)
    end
    local status = in_child(function()
      return checkout:check_credentials() and 0 or 1
    end)
    assert.are_equal(0, status)
    assert.is_truthy(task:result())
    assert.are_equal(2, control.count { path = "/connect/token" })
  end)

  it("does not run the parent's tasks in the child", function()
    local deepidv = client.new("http", "deepidv")
    control.fault { provider = "deepidv", delay = 0.3 }
    local ran_in = {}
    local task = idv.spawn(function()
      deepidv:create_session(ada)
      ran_in[#ran_in + 1] = forking.pid()
    end)
    local status = in_child(function()
      local ends = core.clock() + 0.6
      while core.clock() < ends do
        idv.sleep(0.05)
      end
      return #ran_in
    end)
    assert.are_equal(0, status)
    task:result()
    assert.are_same({ forking.pid() }, ran_in)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)
end)
