--- Nothing secret gets out: not in errors, events, tostring, previews, the sandbox's log, or on stderr.
---
--- drive.lua does the driving, in a process of its own. Every line it prints, and all that was said on stderr meanwhile, is
--- searched for the values that went in.

local canary = require "spec.secrets.canary"
local sandbox = require "spec.support.sandbox"

--- Runs the driver against a server. Returns its exit status and all that it wrote to both streams.
local function drive(server, environment)
  return sandbox.shell(("%s %s spec/secrets/drive.lua %s"):format(environment or "", sandbox.interpreter(), server.http))
end

describe("values that went in", function()
  local server, status, output

  setup(function()
    canary.watch_basic("credZq7Kn0001", "credZq7Kn0002")
    server = sandbox.start {}
    status, output = drive(server)
  end)

  teardown(function()
    server:stop()
  end)

  it("went in, and far", function()
    assert.are_equal(0, status, output:sub(-2000))
    local calls, observations = output:match "calls (%d+) observations (%d+)"
    assert.is_true(tonumber(calls) > 700, calls)
    assert.is_true(tonumber(observations) > 10000, observations)
    for _, operation in ipairs { "checkout.create_session", "deepidv.create_session", "cidaas.verify_code" } do
      assert.is_truthy(output:find(operation .. ", reset error", 1, true), operation)
    end
    for _, kind in ipairs { "request", "response", "retry", "error" } do
      assert.is_truthy(output:find("event.type: " .. kind, 1, true), kind)
    end
  end)

  it("are in nothing that a program sees, and in nothing on stderr", function()
    for line in output:gmatch "[^\n]+" do
      assert.is_nil(canary.find(line))
    end
  end)

  it("are not in the sandbox's log", function()
    local log = server:log()
    assert.is_true(#log > 1000)
    assert.is_nil(canary.find(log))
  end)

  it("would be found", function()
    local _, spilled = drive(server, "IDV_SPILL=1")
    assert.is_truthy(canary.find(spilled))
  end)
end)
