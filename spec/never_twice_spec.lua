--- The never-twice rule: a request that may have been processed is never sent again by itself, not by idv and not by
--- libcurl, which repeats a POST when a kept-alive connection dies under it.
---
--- A libcurl before 7.80 does not ask before it sends. There each creation goes on a fresh connection, which this server
--- always answers; and reads, which may be repeated, are repeated by libcurl itself when a kept connection dies. The same
--- specs run on both: `asks_first` says which it is.

local asks_first = require("idv.core").versions.asks_first
local faults = require "spec.support.faults"
local idv = require "idv"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local function client(behaviour, more)
  local options = { api_key = "k", base_url = faults.url(behaviour), allow_http = true }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.deepidv(options)
end

describe("a kept-alive connection that reads a whole second request and closes", function()
  before_each(function()
    faults.reset()
  end)

  it("has seen exactly one copy of each creation, and the caller is told that the outcome is unknown", function()
    local deepidv = client "close-second"
    assert(deepidv:create_session(ada))
    local session, err = deepidv:create_session(ada)
    if asks_first then
      assert.is_nil(session)
      assert.are_equal("network", err.kind)
      assert.are_equal("unknown", err.outcome)
      assert.is_false(err.retryable)
      assert.are_equal(1, err.attempts)
    else
      assert(session, err)
    end
    local requests, connections = faults.counts "close-second"
    assert.are_equal(2, requests)
    assert.are_equal(asks_first and 1 or 2, connections)
  end)

  it("gets a read a second time, on a fresh connection, and answers it", function()
    local deepidv = client "close-second"
    assert(deepidv:get_session "sess_1")
    assert(deepidv:get_session "sess_1")
    local requests, connections = faults.counts "close-second"
    assert.are_equal(3, requests)
    assert.are_equal(2, connections)
  end)

  it("gets a read only once when repeats are switched off", function()
    local deepidv = client "close-second"
    assert(deepidv:get_session "sess_1")
    faults.reset()
    local session, err = deepidv:get_session("sess_1", { max_retries = 0 })
    if asks_first then
      assert.is_nil(session)
      assert.are_equal("network", err.kind)
      assert.is_true(err.retryable)
    else
      assert(session, err)
    end
    local requests = faults.counts "close-second"
    assert.are_equal(1, requests)
  end)

  it("is no reason to lose count over many calls", function()
    local deepidv = client "close-second"
    local answered, unknown = 0, 0
    for _ = 1, 40 do
      local session, err = deepidv:create_session(ada)
      if session then
        answered = answered + 1
      else
        assert.are_equal("unknown", err.outcome)
        unknown = unknown + 1
      end
    end
    local requests = faults.counts "close-second"
    assert.are_equal(40, requests)
    assert.are_equal(40, answered + unknown)
    assert.is_true(unknown >= (asks_first and 19 or 0))
  end)
end)

describe("a server that closes every connection without an answer", function()
  before_each(function()
    faults.reset()
  end)

  it("sees a creation once", function()
    local session, err = client("close"):create_session(ada)
    assert.is_nil(session)
    assert.are_equal("network", err.kind)
    assert.are_equal("unknown", err.outcome)
    local requests = faults.counts "close"
    assert.are_equal(1, requests)
  end)

  it("sees a read as often as the policy allows", function()
    local session, err = client("close"):get_session "sess_1"
    assert.is_nil(session)
    assert.are_equal("network", err.kind)
    assert.are_equal(3, err.attempts)
    assert.is_true(err.retryable)
    local requests = faults.counts "close"
    assert.is_true(requests == 3 or not asks_first and requests > 3)
  end)
end)

describe("a port that nobody listens on", function()
  it("leaves a creation certainly unsent, and it is tried again", function()
    local retries = 0
    local deepidv = idv.deepidv {
      api_key = "k", base_url = "http://127.0.0.1:1", allow_http = true,
      on_event = function(event) retries = retries + (event.type == "retry" and 1 or 0) end,
    }
    local session, err = deepidv:create_session(ada)
    assert.is_nil(session)
    assert.are_equal("network", err.kind)
    assert.are_equal("not_sent", err.outcome)
    assert.is_true(err.retryable)
    assert.are_equal(3, err.attempts)
    assert.are_equal(2, retries)
  end)
end)
