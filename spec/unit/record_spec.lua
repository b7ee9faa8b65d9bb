--- idv.transport.record: prepared answers for people's own tests.

local client = require "spec.support.client"
local idv = require "idv"
local lfs = require "lfs"
local record = require "idv.transport.record"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

describe("idv.transport.record", function()
  it("answers from a table, in order, and keeps the requests", function()
    local transport = record.new {
      { "POST /v1/sessions", json = { id = "s1", session_url = "https://x.example/" } },
      { "POST /v1/sessions", status = 402, body = "Insufficient funds or subscription." },
      { "GET /v1/sessions/*", times = 2, json = { session_record = { id = "s1", status = "VERIFIED" } } },
    }
    local deepidv = idv.deepidv { api_key = "k", transport = transport }
    assert.are_equal("s1", assert(deepidv:create_session(ada)).id)
    local _, err = deepidv:create_session(ada)
    assert.are_equal("payment", err.kind)
    assert.is_false(transport:is_used_up())
    assert.are_equal("approved", assert(deepidv:wait_session "s1").status)
    assert.are_equal("approved", assert(deepidv:get_session "s1").status)
    assert.is_true(transport:is_used_up())
    assert.are_equal(4, #transport.requests)
    assert.is_truthy(transport.requests[1].body:find('"first_name":"Ada"', 1, true))
    _, err = deepidv:get_session "s1"
    assert.are_equal("protocol", err.kind)
    assert.are_equal("not_sent", err.outcome)
    assert.are_equal("no answer is prepared for GET /v1/sessions/s1", err.message)
  end)

  it("plays failures, so that a workflow can be tried with them", function()
    local deepidv = idv.deepidv {
      api_key = "k",
      transport = record.new {
        { "POST /v1/sessions", fails = { kind = "timeout", outcome = "unknown", message = "too slow" } },
      },
    }
    local _, err = deepidv:create_session(ada)
    assert.are_equal("timeout", err.kind)
    assert.are_equal("unknown", err.outcome)
  end)

  it("throws for an entry that is none", function()
    for _, entry in ipairs { "x", {}, { "v1/sessions" }, { 5 } } do
      assert.has_error(function() record.new { entry } end)
    end
  end)

  it("keeps what really happened in a file and answers from it", function()
    local path = os.tmpname()
    local control = sandbox.shared().control
    control.reset()
    local options = client.options("https", "deepidv")
    options.transport = assert(record.keep(path, { ca_file = options.ca_file }))
    options.api_key = "live_canary"
    local deepidv = idv.deepidv(options)
    local session = assert(deepidv:create_session(ada))
    local seen = assert(deepidv:get_session(session.id))
    local _, missing = deepidv:get_session "nobody"
    assert.are_equal("rw-------", lfs.attributes(path, "permissions"))
    local file = assert(io.open(path))
    local text = file:read "*a"
    file:close()
    assert.is_nil(text:find "live_canary")

    local replayed = idv.deepidv { api_key = "k", transport = assert(record.open(path)) }
    assert.are_same(session.raw, assert(replayed:create_session(ada)).raw)
    assert.are_same(seen.raw, assert(replayed:get_session(session.id)).raw)
    local _, err = replayed:get_session "nobody"
    assert.are_equal(missing.kind, err.kind)
    assert.are_equal(missing.message, err.message)
    assert.are_equal(3, control.count { provider = "deepidv" })
    os.remove(path)
  end)

  it("says what is wrong with a file", function()
    local transport, problem = record.open "/nonexistent/file"
    assert.is_nil(transport)
    assert.is_string(problem)
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write "nonsense\n"
    file:close()
    transport, problem = record.open(path)
    assert.is_nil(transport)
    assert.is_truthy(problem:find "line 1 is not a kept answer")
    os.remove(path)
    transport, problem = record.keep "/nonexistent/folder/file"
    assert.is_nil(transport)
    assert.are_equal("the folder does not exist", problem)
  end)

  it("tells what went wrong while it was keeping", function()
    local path = os.tmpname()
    local deepidv = idv.deepidv {
      api_key = "k", base_url = "http://127.0.0.1:1", allow_http = true,
      transport = assert(record.keep(path, { allow_http = true })),
    }
    local _, err = deepidv:create_session(ada)
    assert.are_equal("network", err.kind)
    assert.are_equal("not_sent", err.outcome)
    os.remove(path)
  end)
end)
