--- Calls that are released: what becomes of them, and of the numbers that they had.

local core = require "idv.core"

local function route()
  return core.route { method = "POST", safe = false, base = "http://127.0.0.1:1", allow_http = true, headers = {} }
end

local function new_call()
  return assert(route():call "http://127.0.0.1:1/v1/sessions")
end

describe("a released call", function()
  it("is closed for whoever still has it", function()
    local call = new_call()
    core.release(call)
    for _, method in ipairs { "id", "status", "request", "cancel", "facts" } do
      assert.error_matches(function() call[method](call) end, "the call is closed")
    end
    core.release(call) -- once more does nothing
  end)

  it("serves the next one, which begins anew", function()
    local first = new_call()
    first:answer(201, "X-Secret: 1\r\n", '{"id":"sess_1"}')
    core.release(first)
    local second = new_call()
    assert.is_true(rawequal(first, second))
    assert.equal(0, second:status())
    assert.equal("", second:content())
    assert.is_nil(second:header "X-Secret")
    assert.is_false(rawequal(second, new_call()))
  end)

  it("is not given to two", function()
    local calls, seen = {}, {}
    for i = 1, 200 do
      calls[i] = new_call()
    end
    for i = 1, 200 do
      core.release(calls[i])
      core.release(calls[i])
    end
    for i = 1, 200 do
      calls[i] = new_call()
      assert.is_nil(seen[calls[i]])
      seen[calls[i]] = true
    end
  end)

  it("is cancelled when it is in flight", function()
    local engine = assert(core.engine())
    local call = new_call()
    assert.equal(1, engine:submit(call))
    core.release(call)
    assert.equal(0, engine:in_flight())
    assert.is_nil(engine:next_news())
    engine:close()
  end)
end)

describe("the number of a call", function()
  it("is given again when the call is over, so that numbers stay small", function()
    local engine, greatest = assert(core.engine()), 0
    local kept = {}
    for i = 1, 3 do
      kept[i] = new_call()
      engine:submit(kept[i])
    end
    for _ = 1, 200 do
      local call = new_call()
      greatest = math.max(greatest, engine:submit(call))
      call:cancel()
      assert.equal(call:id(), engine:next_news())
    end
    assert.equal(4, greatest)
    engine:close()
  end)
end)
