--- What a program is told of its calls: each kind of event with all that is known at that moment.

local client = require "spec.support.client"
local sandbox = require "spec.support.sandbox"

local function names_of(event)
  local names = {}
  for name in pairs(event) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, " ")
end

describe("events", function()
  local control = sandbox.shared().control
  local events

  local function new(more)
    events = {}
    more = more or {}
    more.on_event = function(event) events[#events + 1] = event end
    return client.new("http", "deepidv", more)
  end

  before_each(function()
    control.reset()
  end)

  it("tell of a request, a retry and a response, with attempt, status, duration, bytes and connection", function()
    control.fault { provider = "deepidv", status = 503, body = "{}", headers = { ["Retry-After"] = 0 } }
    control.fault { provider = "deepidv", status = 200, body = '{"sessions":[]}', headers = { ["X-Request-Id"] = "req-7" } }
    new():list_sessions {}
    assert.are_equal(3, #events)
    local request, retry, response = events[1], events[2], events[3]
    assert.are_equal("attempt operation provider type", names_of(request))
    assert.are_equal("request", request.type)
    assert.are_equal("attempt bytes_received bytes_sent delay duration kind operation provider reused status type",
      names_of(retry))
    assert.are_same({ "retry", 2, 503, "server", false }, {
      retry.type, retry.attempt, retry.status, retry.kind, retry.reused,
    })
    assert.is_true(retry.bytes_sent > 100 and retry.bytes_received == 2 and retry.duration > 0 and retry.delay >= 0)
    assert.are_equal("attempt bytes_received bytes_sent duration operation provider request_id reused status type",
      names_of(response))
    assert.are_same({ "response", 2, 200, "req-7", true }, {
      response.type, response.attempt, response.status, response.request_id, response.reused,
    })
    assert.is_true(response.duration >= retry.duration + retry.delay - 0.002) -- timers count milliseconds
    for _, event in ipairs(events) do
      assert.are_same({ "deepidv", "list_sessions" }, { event.provider, event.operation })
    end
  end)

  it("tell of an error what the error tells", function()
    control.fault { provider = "deepidv", status = 402, body = { message = "pay" }, headers = { ["X-Request-Id"] = "req-8" } }
    local _, err = new():get_session "x1"
    local event = events[#events]
    assert.are_same({ "error", "payment", "refused", 402, "req-8" }, {
      event.type, event.kind, event.outcome, event.status, event.request_id,
    })
    assert.are_equal(err.request_id, event.request_id)
  end)

  it("tell of a call without an answer how far it came", function()
    control.fault { provider = "deepidv", close = true }
    new { max_retries = 0 }:get_session "x1"
    local event = events[#events]
    assert.are_same({ "error", "network", "unknown", 1 }, { event.type, event.kind, event.outcome, event.attempt })
    assert.is_nil(event.status)
    assert.is_true(event.bytes_sent > 100)
  end)
end)
