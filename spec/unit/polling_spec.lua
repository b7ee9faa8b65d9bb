--- Waiting for a session, in time that is made up: when it is looked at, and what the error says when it does not end.

local idv = require "idv"
local capture = require "spec.support.capture"
local Error = require "idv.error"

-- What polling is built on, and what stands for it here: looks and sleeps move a clock of ours.
local world

local stubs = {
  ["idv.core"] = { clock = function() return world.now end, release = function() world.released = world.released + 1 end },
  ["idv.task"] = {
    sleep = function(seconds)
      assert(seconds >= 0, "a pause that is less than none")
      if world.cancelled_in and world.now + seconds >= world.cancelled_in then
        world.now = world.cancelled_in
        return false, "the task was cancelled"
      end
      world.now = world.now + seconds
      return true
    end,
  },
  ["idv.calls"] = {
    perform = function(_, _, _, given)
      local count = #world.looks + 1
      world.looks[count] = world.now
      local took = math.min(world.took or 0, given.timeout)
      world.now = world.now + took
      local call = { facts = function() return { attempts = 1 } end }
      if world.took and world.took > given.timeout then
        return nil, Error.new { kind = "timeout", outcome = "unknown", attempts = 1, retryable = true, message = "late" }, call
      end
      local answer = world.answers[math.min(count, #world.answers)]
      if type(answer) == "string" then
        return { status = answer, final = answer == "approved" }, nil, call
      end
      local fields = { kind = "network", message = "it broke", attempts = 1, outcome = "unknown", retryable = true }
      for name, value in pairs(answer) do
        fields[name] = value
      end
      return nil, Error.new(fields), call
    end,
  },
}

local function load_polling()
  local kept = { ["idv.polling"] = package.loaded["idv.polling"] }
  for name, stub in pairs(stubs) do
    kept[name] = package.loaded[name]
    package.loaded[name] = stub
  end
  package.loaded["idv.polling"] = nil
  local polling = require "idv.polling"
  for name in pairs(stubs) do
    package.loaded[name] = kept[name]
  end
  package.loaded["idv.polling"] = kept["idv.polling"]
  return polling
end

local polling = load_polling()
local state = { values = { timeout = 30 }, operations = {}, provider = { name = "deepidv" } }

--- Waits in a world in which looks answer with `answers`, the last of them for ever.
local function wait(answers, given, more)
  world = { now = 100, looks = {}, answers = answers, released = 0 }
  for name, value in pairs(more or {}) do
    world[name] = value
  end
  local session, err = polling.wait(state, "sess_1", given)
  assert.are_equal(#world.looks, world.released)
  return session, err
end

local function check_looks(expected)
  local looks = {}
  for i, moment in ipairs(world.looks) do
    looks[i] = ("%.3g"):format(moment - 100)
  end
  assert.are_equal(expected, table.concat(looks, " "))
end

local function check_error(err, kind, outcome, attempts)
  assert.are_equal(kind, err.kind)
  assert.are_equal(outcome, err.outcome)
  assert.are_equal(attempts, err.attempts)
  assert.are_equal("wait_session", err.operation)
  assert.are_equal("deepidv", err.provider)
end

describe("a wait that runs out of time", function()
  it("has used all of it: a last look comes at the end", function()
    local _, err = wait({ "pending" }, { timeout = 2 })
    check_looks "0 1 1.95"
    check_error(err, "timeout", "unknown", 3)
    assert.is_true(err.retryable)
    assert.is_nil(tostring(err):find "nothing was sent")
    assert.is_truthy(err.message:find("(it is pending)", 1, true))
    assert.is_true(world.now <= 102)
  end)

  it("looks at the beginning and at the end when it is shorter than a pause", function()
    wait({ "pending" }, { timeout = 0.5 })
    check_looks "0 0.45"
    wait({ "pending" }, { timeout = 0.01 })
    check_looks "0 0.005"
    wait({ "pending" }, { timeout = 0.5, interval = 3600 })
    check_looks "0 0.45"
  end)

  it("keeps as much for the last look as looks take", function()
    local session = wait({ "pending", "pending", "approved" }, { timeout = 2 }, { took = 0.2 })
    assert.are_equal("approved", session.status)
    check_looks "0 1.2 1.7"
    assert.is_true(world.now <= 102)
  end)

  it("gives up with the first look where that took all the time", function()
    local _, err = wait({ "pending" }, { timeout = 2 }, { took = 5 })
    check_looks "0"
    check_error(err, "timeout", "unknown", 1)
    assert.is_truthy(err.message:find "late")
  end)

  it("pauses longer and longer, up to max_interval, and finds what comes last", function()
    local answers = {}
    for i = 1, 8 do
      answers[i] = i < 8 and "pending" or "approved"
    end
    local session = wait(answers, { timeout = 12, interval = 1, max_interval = 2 })
    assert.are_equal("approved", session.status)
    check_looks "0 1 2.5 4.5 6.5 8.5 10.5 12"
  end)

  it("says what the last look met when that failed", function()
    local _, err = wait({ "pending", { retryable = true } }, { timeout = 2 })
    check_error(err, "timeout", "unknown", 3)
    assert.is_truthy(err.message:find("it is pending", 1, true))
    assert.is_truthy(err.message:find("it broke", 1, true))
  end)

  it("says that nothing was sent when nothing was", function()
    local _, err = wait({ { outcome = "not_sent", attempts = 3 } }, { timeout = 2 })
    check_error(err, "timeout", "not_sent", 9)
    assert.is_truthy(err.message:find("it broke", 1, true))
  end)

  it("knows that something was sent when one look of several was", function()
    local _, err = wait({ { outcome = "unknown" }, { outcome = "not_sent" } }, { timeout = 2 })
    check_error(err, "timeout", "unknown", 3)
  end)
end)

describe("a wait", function()
  it("goes on over looks that fail for the moment", function()
    local session = wait({ "pending", {}, { kind = "server" }, "approved" }, { timeout = 60 })
    assert.are_equal("approved", session.status)
    check_looks "0 1 2.5 4.75"
  end)

  it("ends with a final status, and with one that needs the caller, at once", function()
    for _, status in ipairs { "approved", "retry_required" } do
      assert.are_equal(status, wait({ status }).status)
      check_looks "0"
    end
  end)

  it("ends with an error that will not pass, and counts all that was sent", function()
    local _, err = wait { { kind = "not_found", outcome = "refused", retryable = false } }
    check_error(err, "not_found", "refused", 1)
    _, err = wait { "pending", {}, { kind = "auth", outcome = "refused", retryable = false } }
    check_error(err, "auth", "refused", 3)
    _, err = wait { { kind = "validation", outcome = "not_sent", attempts = 0, retryable = false } }
    check_error(err, "validation", "not_sent", 0)
  end)

  it("waits as long as the provider asks", function()
    local limited = { kind = "rate_limited", outcome = "refused", retry_after = 7 }
    local session = wait({ limited, "approved" }, { timeout = 60 })
    assert.are_equal("approved", session.status)
    check_looks "0 7"
  end)

  it("gives up at once when the provider asks for more time than there is", function()
    local limited = { kind = "rate_limited", outcome = "refused", retry_after = 60, message = "too many requests" }
    local _, err = wait({ "pending", limited }, { timeout = 20 })
    check_looks "0 1"
    check_error(err, "timeout", "unknown", 2)
    assert.are_equal(60, err.retry_after)
    assert.is_truthy(err.message:find("too many requests", 1, true))
  end)

  it("looks no earlier than it was asked to, even at the end", function()
    wait({ { retry_after = 1.99 } }, { timeout = 2 })
    check_looks "0 1.99"
  end)

  it("that is cancelled between two looks says what it has sent", function()
    local _, err = wait({ "pending" }, { timeout = 60 }, { cancelled_in = 102 })
    check_looks "0 1"
    check_error(err, "cancelled", "unknown", 2)
    assert.is_false(err.retryable)
  end)

  it("that is cancelled in a look says the same", function()
    local _, err = wait { "pending", { kind = "cancelled", outcome = "not_sent", attempts = 0, retryable = false } }
    check_error(err, "cancelled", "unknown", 1)
  end)
end)

describe("wait_session", function()
  it("tells the truth of a real wait, in a task too", function()
    local function waited(...)
      local transport = capture.new(capture.json(200, '{"session_record":{"id":"sess_1","status":"PENDING"}}'))
      local deepidv = idv.deepidv { api_key = "k", transport = transport }
      local _, err = deepidv:wait_session("sess_1", ...)
      return err, transport
    end
    for _, run in ipairs { function(fn, ...) return fn(...) end, idv.run } do
      local err, transport = run(waited, { timeout = 0.2, interval = 0.01 })
      assert.are_equal("timeout", err.kind)
      assert.are_equal("unknown", err.outcome)
      assert.are_equal("wait_session", err.operation)
      assert.is_true(#transport >= 1)
      assert.are_equal(#transport, err.attempts)
    end
  end)
end)
