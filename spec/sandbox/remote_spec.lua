--- idv.sandbox.remote: a program starts, steers and ends a sandbox.

local idv = require "idv"
local remote = require "idv.sandbox.remote"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

describe("idv.sandbox.remote", function()
  local process

  setup(function()
    process = assert(remote.start(sandbox.interpreter() .. " bin/idv-sandbox"))
  end)

  teardown(function()
    process:stop()
  end)

  before_each(function()
    assert(process.control:reset())
  end)

  local function deepidv()
    return idv.deepidv { api_key = "live_1", base_url = process.https, ca_file = process.ca_file }
  end

  it("is ended once, however often that is asked for", function()
    local other = assert(remote.start(sandbox.interpreter() .. " bin/idv-sandbox"))
    other:stop()
    local execute, commands = os.execute, 0
    os.execute = function() -- luacheck: ignore 122
      commands = commands + 1
    end
    local ok, problem = pcall(other.stop, other)
    os.execute = execute -- luacheck: ignore 122
    assert.is_true(ok, tostring(problem))
    assert.are_equal(0, commands)
  end)

  it("serves both schemes", function()
    assert.is_truthy(process.http:find "^http://127%.0%.0%.1:%d+$")
    assert.is_truthy(process.https:find "^https://127%.0%.0%.1:%d+$")
    assert.are_equal("ok", assert(process.control:health()).status)
  end)

  it("moves sessions along", function()
    local session = assert(deepidv():create_session(ada))
    assert.are_equal("SUBMITTED", assert(process.control:advance(session.id, "SUBMITTED")).status)
    assert.are_equal("processing", assert(deepidv():get_session(session.id)).status)
    local _, err = process.control:advance("nobody", "SUBMITTED")
    assert.are_equal("not_found", err.kind)
  end)

  it("counts requests, orders faults, changes settings, reads messages", function()
    assert(process.control:fault { extra = { provider = "deepidv", status = 402 } })
    local _, err = deepidv():create_session(ada)
    assert.are_equal("payment", err.kind)
    assert.are_equal(1, assert(process.control:journal { provider = "deepidv" }).count)
    assert(process.control:clear_journal())
    assert.are_equal(0, assert(process.control:journal()).count)
    assert(process.control:fault { extra = { provider = "deepidv", status = 500, times = 9 } })
    assert(process.control:clear_faults())
    assert(process.control:settings { extra = { deepidv = { balance_empty = true } } })
    _, err = deepidv():create_session(ada)
    assert.are_equal("payment", err.kind)
    local cidaas = idv.cidaas { base_url = process.https, ca_file = process.ca_file }
    local sent = assert(cidaas:create_session { request_id = "r", processing_type = "CODE", email = "a@b.cc" })
    local message = assert(process.control:outbox()).messages[1]
    assert(cidaas:verify_code { accvid = sent.accvid, code = message.code })
  end)

  it("makes webhooks", function()
    local session = assert(deepidv():create_session(ada))
    local webhook = assert(process.control:webhook(session.id, { secret = "whsec_1" }))
    assert.is_string(webhook.body)
    assert.is_table(webhook.headers)
  end)

  it("says when there is nothing to start", function()
    local none, problem = remote.start "/nonexistent/idv-sandbox 2>/dev/null"
    assert.is_nil(none)
    assert.is_truthy(problem:find "did not start")
  end)
end)
