--- Retries as a program sees them: drawn from a seed, bounded by the policy and the deadline, counted in errors and in
--- events. What is decided in which situation is tested row by row in spec/core/test_retry.c.

local faults = require "spec.support.faults"
local host = require "idv.host"
local idv = require "idv"

-- With this seed the first pauses that are drawn are a few milliseconds each.
local SEED = 30957

--- A creation whose request says which one it is.
local function applicant(number)
  return {
    first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
    external_id = "call-" .. number,
  }
end

--- A client, and the list of its events.
local function client(behaviour, options)
  local events = {}
  local all = {
    api_key = "k", base_url = faults.url(behaviour), allow_http = true,
    on_event = function(event) events[#events + 1] = event end,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return idv.deepidv(all), events
end

local function events_of(events, kind)
  local list = {}
  for _, event in ipairs(events) do
    list[#list + 1] = event.type == kind and event or nil
  end
  return list
end

--- Begins again with a fresh engine and the seed's first number.
local function reseed()
  local engine = host.present_engine()
  if engine then
    engine:close()
  end
end

describe("retries", function()
  setup(function()
    host.seed = SEED
  end)

  teardown(function()
    reseed()
    host.seed = nil
  end)

  before_each(function()
    reseed()
    faults.reset()
  end)

  it("pause for what the seed says, and never longer than the ceiling of the attempt", function()
    local runs = {}
    for run = 1, 2 do
      reseed()
      local deepidv, events = client "429"
      deepidv:create_session(applicant(run))
      runs[run] = {}
      for i, event in ipairs(events_of(events, "retry")) do
        runs[run][i] = event.delay
        assert.is_true(event.delay >= 0 and event.delay < 0.5 * 2 ^ (i - 1))
      end
    end
    assert.are_equal(2, #runs[1])
    assert.are_same(runs[1], runs[2])
  end)

  it("are told with what made them necessary", function()
    local deepidv, events = client "429"
    local _, err = deepidv:create_session(applicant(1))
    assert.are_equal(3, err.attempts)
    local retries = events_of(events, "retry")
    for i, event in ipairs(retries) do
      assert.are_equal(i + 1, event.attempt)
      assert.are_equal(429, event.status)
      assert.are_equal("rate_limited", event.kind)
      assert.are_equal("create_session", event.operation)
    end
    assert.are_equal(2, #retries)
    assert.are_equal(1, events_of(events, "request")[1].attempt)
    assert.are_equal(3, events_of(events, "error")[1].attempt)
  end)

  for retries = 0, 3 do
    it(("are at most max_retries = %d, for the object and for one call"):format(retries), function()
      local by_object = client("429", { max_retries = retries })
      local _, err = by_object:create_session(applicant(1))
      assert.are_equal(retries + 1, err.attempts)
      assert.are_equal(retries + 1, (faults.counts "429"))
      faults.reset()
      reseed()
      local by_call = client "429"
      _, err = by_call:create_session(applicant(1), { max_retries = retries })
      assert.are_equal(retries + 1, err.attempts)
      assert.are_equal(retries + 1, (faults.counts "429"))
    end)
  end

  it("do not happen when one call says so, whatever is wrong", function()
    local none = { max_retries = 0 }
    for _, behaviour in ipairs { "429", "429-seconds", "500", "503-seconds", "close", "reset", "bad-chunk" } do
      faults.reset()
      local deepidv, events = client(behaviour)
      local _, err = deepidv:get_session("sess_1", none)
      assert.are_equal(1, err.attempts, behaviour)
      assert.are_equal(1, (faults.counts(behaviour)), behaviour)
      assert.are_equal(0, #events_of(events, "retry"), behaviour)
      assert.is_true(err.retryable, behaviour)
    end
  end)

  it("that the provider wants after the deadline are not waited for; the caller hears at once", function()
    for _, behaviour in ipairs { "429-seconds", "503-seconds" } do
      local deepidv, events = client(behaviour, { timeout = 0.9 })
      local _, err = deepidv:get_session "sess_1"
      assert.are_equal(1, err.attempts)
      assert.are_equal(1, err.retry_after)
      assert.is_true(err.retryable)
      assert.is_true(events_of(events, "error")[1].duration < 0.9)
    end
  end)
end)

describe("a thousand creations at once, to a provider that answers every second request with 429", function()
  local CALLS, TRIES = 1000, 3

  it("are each done once or refused, with no more requests than the policy allows", function()
    faults.reset()
    local deepidv, events = client "half"
    local answered, refused = {}, {}
    for number = 0, CALLS - 1 do
      idv.spawn(function()
        local session, err = deepidv:create_session(applicant(number))
        if session then
          answered[#answered + 1] = number
        else
          assert.are_same({ "rate_limited", "refused", true, TRIES },
            { err.kind, err.outcome, err.retryable, err.attempts })
          refused[#refused + 1] = number
        end
      end)
    end
    while idv.step(1) > 0 do -- luacheck: ignore 542
    end
    assert.are_equal(CALLS, #answered + #refused)
    assert.is_true(#answered > CALLS / 2 and #refused > 0)

    local calls = faults.calls()
    for _, number in ipairs(answered) do
      assert.are_equal(1, calls.accepted[number + 1])
      assert.is_true(calls.asked[number + 1] <= TRIES)
    end
    for _, number in ipairs(refused) do
      assert.are_equal(0, calls.accepted[number + 1])
      assert.are_equal(TRIES, calls.asked[number + 1])
    end

    local told = 0
    for _, kind in ipairs { "response", "error" } do
      for _, event in ipairs(events_of(events, kind)) do
        told = told + event.attempt
      end
    end
    local requests = faults.counts "half"
    assert.are_equal(told, requests)
    assert.are_equal(requests, CALLS + #events_of(events, "retry"))
    assert.is_true(requests <= CALLS * TRIES)
  end)
end)
