--- The fifth provider against its simulator, as a program outside of idv would test its own.
---
--- In a clone: make test-lua5.4 SPECS=examples/fifth_provider

local idv = require "idv"
local larkspur = require "examples.fifth_provider.larkspur"
local remote = require "idv.sandbox.remote"
local support = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", external_id = "order-7" }

describe("a provider of one's own", function()
  local sandbox, provider
  setup(function()
    sandbox = assert(remote.start(support.interpreter()
      .. " bin/idv-sandbox --simulator examples/fifth_provider/simulator.lua"))
    provider = idv.provider(larkspur, { access_key = "key_1", base_url = sandbox.https, ca_file = sandbox.ca_file })
  end)
  teardown(function()
    sandbox:stop()
  end)
  before_each(function()
    assert(sandbox.control:reset())
  end)

  it("opens a session and waits for its end", function()
    local session = assert(provider:create_session(ada))
    assert.are_same({ "larkspur", "created", "order-7", false },
      { session.provider, session.status, session.external_id, session.final })
    assert.is_truthy(session.url:find("/check/" .. session.id, 1, true))
    assert(sandbox.control:advance(session.id, "PASSED"))
    local done = assert(provider:wait_session(session.id, { interval = 0.01 }))
    assert.are_same({ "approved", true }, { done.status, done.final })
  end)

  it("checks parameters before anything is sent", function()
    local _, err = provider:create_session { first_name = "Ada", birth_date = "yesterday", level = "some" }
    assert.are_equal("validation", err.kind)
    assert.are_equal(3, #err.details)
    assert.are_equal(0, #assert(sandbox.control:journal { provider = "larkspur" }).entries)
  end)

  it("sends what Larkspur calls it, and the headers of the description", function()
    assert(provider:create_session(ada))
    local entry = assert(sandbox.control:journal { provider = "larkspur" }).entries[1]
    assert.is_truthy(entry.body:find('"given_name":"Ada"', 1, true))
    local headers = {}
    for _, header in ipairs(entry.headers) do
      headers[header[1]] = header[2]
    end
    assert.are_equal("Bearer key_1", headers.Authorization)
    assert.are_equal("eu", headers["Larkspur-Region"])
  end)

  it("walks over all pages", function()
    for _ = 1, 5 do
      assert(provider:create_session(ada))
    end
    local seen = {}
    for session, err in provider:each_session { limit = 2 } do
      assert(session, tostring(err))
      seen[#seen + 1] = session.id
    end
    assert.are_same({ "chk_000005", "chk_000004", "chk_000003", "chk_000002", "chk_000001" }, seen)
  end)

  it("tells errors in the words of all providers", function()
    local _, err = provider:get_session "chk_999999"
    assert.are_same({ "not_found", "refused", "no_such_check" }, { err.kind, err.outcome, err.code })
    assert.is_truthy(err.request_id)
    local session = assert(provider:create_session(ada))
    assert.are_equal("cancelled", assert(provider:cancel_session(session.id)).status)
    assert.are_equal("cancelled", assert(provider:cancel_session(session.id)).status)
    local stranger = idv.provider(larkspur, {
      access_key = "invalid", base_url = sandbox.https, ca_file = sandbox.ca_file,
    })
    assert.are_equal("auth", select(2, stranger:get_session(session.id)).kind)
  end)

  it("is never asked twice to open a check", function()
    assert(sandbox.control:fault { extra = { provider = "larkspur", close = true } })
    local session, err = provider:create_session(ada)
    assert.is_nil(session)
    assert.are_equal("unknown", err.outcome)
    assert.are_equal(1, #assert(sandbox.control:journal { provider = "larkspur" }).entries)
  end)

  it("has every method that its description makes, and no other", function()
    for _, name in ipairs { "create_session", "wait_session", "each_session", "cancel_session", "parse_redirect" } do
      assert.is_true(provider:supports(name), name)
    end
    assert.are_equal("unsupported", select(2, provider:get_report "chk_000001").kind)
    local back = assert(provider:parse_redirect "https://shop.example/back?check=chk_000001&result=left")
    assert.are_same({ "chk_000001", "abandoned" }, { back.session_id, back.status })
  end)
end)
