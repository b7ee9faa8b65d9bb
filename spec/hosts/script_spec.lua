--- A plain program: a call is all that is waited for, and goes through Lua only once.

local client = require "spec.support.client"
local core = require "idv.core"
local host = require "idv.host"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local control = sandbox.shared().control

describe("a plain program", function()
  before_each(function()
    control.reset()
  end)

  --- How often Lua steps the engine for itself while `fn` runs.
  local function steps_during(fn)
    local original, count = host.step_until_finished, 0
    host.step_until_finished = function(call) -- luacheck: ignore 122
      count = count + (call:is_finished() and 0 or 1)
      return original(call)
    end
    fn()
    host.step_until_finished = original -- luacheck: ignore 122
    return count
  end

  it("waits for a call in one go", function()
    local deepidv = client.new("http", "deepidv")
    assert(deepidv:create_session(ada)) -- opens the engine
    assert.are_equal(0, steps_during(function()
      for _ = 1, 3 do
        local session = assert(deepidv:create_session(ada))
        assert.are_same(session.id, assert(deepidv:get_session(session.id)).id)
      end
    end))
  end)

  it("hears of everything that goes wrong", function()
    local deepidv = client.new("http", "deepidv")
    assert(deepidv:create_session(ada))
    local _, invalid = deepidv:create_session { first_name = "Ada" }
    assert.are_equal("validation", invalid.kind)
    local _, missing = deepidv:get_session "sess_none"
    assert.are_equal("not_found", missing.kind)
    control.fault { provider = "deepidv", status = 500 }
    local _, failed = deepidv:create_session(ada)
    assert.are_equal("server unknown", failed.kind .. " " .. failed.outcome)
    assert.are_equal(1, failed.attempts)
    control.fault { provider = "deepidv", garbage = true }
    local _, unreadable = deepidv:create_session(ada)
    assert.are_equal("protocol unknown", unreadable.kind .. " " .. unreadable.outcome)
  end)

  it("goes on waiting when a signal comes between", function()
    local deepidv = client.new("http", "deepidv")
    assert(deepidv:create_session(ada))
    local session
    control.fault { provider = "deepidv", delay = 4 }
    local before = control.count { path = "/v1/sessions" }
    local interrupted = steps_during(function()
      os.execute "(sleep 0.3; kill -STOP $PPID; kill -CONT $PPID) >/dev/null 2>&1 &"
      session = assert(deepidv:create_session(ada))
    end)
    assert.is_string(session.id)
    assert.are_equal(1, interrupted)
    assert.are_equal(before + 1, control.count { path = "/v1/sessions" })
  end)

  it("opens the engine with its first call, and anew after it was closed", function()
    local deepidv = client.new("http", "deepidv")
    assert(deepidv:create_session(ada))
    host.engine():close()
    assert.is_nil(host.present_engine())
    assert(deepidv:create_session(ada))
    assert.are_equal(0, core.engine and host.engine():in_flight())
  end)

  it("moves tasks on while a call outside of them is waited for", function()
    local deepidv = client.new("http", "deepidv")
    local woke = 0
    local task = idv.spawn(function()
      for _ = 1, 3 do
        idv.sleep(0.01)
        woke = woke + 1
      end
    end)
    control.fault { provider = "deepidv", delay = 1 }
    assert(deepidv:create_session(ada))
    assert.is_true(woke > 0)
    task:result()
    assert.are_equal(3, woke)
  end)
end)
