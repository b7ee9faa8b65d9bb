--- The never-twice rule: a request that may have been processed is never sent again by itself, not by idv and not by
--- libcurl, which repeats a POST when a kept-alive connection dies under it.
---
--- A libcurl before 7.80 does not ask before it sends. There each call goes on a fresh connection, which this server
--- always answers. The same specs run on both: `asks_first` says which it is.

local asks_first = require("idv.core").versions.asks_first
local client_of = require("spec.support.client").new
local faults = require "spec.support.faults"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

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
    assert.are_equal(asks_first and 3 or 2, requests)
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

describe("a token that is not accepted any more", function()
  local control = sandbox.shared().control
  local oauth = { secret_key = false, client_id = "ack_1", client_secret = "secret" }
  local params = { declared_data = { name = "Hannah Bret" }, redirect_url = "https://me.example/back" }

  -- Operations that may not arrive twice, with their arguments and the path that they go to.
  local creations = {
    { "create_session", "/create-and-open-idv", params },
    { "create_verification", "/identity-verifications", { applicant_id = "aplt_1", declared_data = { name = "Hannah" } } },
    { "create_attempt", "/attempts", "idv_1", { redirect_url = "https://me.example/back" } },
    { "create_applicant", "/applicants", { email = "ada@example.com" } },
  }

  before_each(function()
    control.reset()
  end)

  --- A client whose token the sandbox has forgotten.
  local function with_stale_token(more)
    local options = { max_retries = more and more.max_retries }
    for name, value in pairs(oauth) do
      options[name] = value
    end
    local checkout = client_of("http", "checkout", options)
    assert(checkout:check_credentials())
    control.revoke_tokens()
    control.clear_journal()
    return checkout
  end

  for _, creation in ipairs(creations) do
    it("is no reason to send " .. creation[1] .. " twice, and the next call has a new one", function()
      local checkout = with_stale_token()
      local record, err = checkout[creation[1]](checkout, creation[3], creation[4])
      assert.is_nil(record)
      assert.are_equal("auth", err.kind)
      assert.are_equal("refused", err.outcome)
      assert.are_equal(1, err.attempts)
      assert.are_equal(creation[1], err.operation)
      assert.is_truthy(err.message:find("the next call fetches a new one", 1, true), err.message)
      assert.are_equal(1, control.count { method = "POST" })
      assert.are_equal(0, control.count { path = "/connect/token" })
      assert(checkout:create_session(params))
      assert.are_equal(1, control.count { path = "/connect/token" })
    end)
  end

  it("is replaced for a read, which arrives once more", function()
    local checkout = with_stale_token()
    local _, err = checkout:get_session "idv_nobody"
    assert.are_equal("not_found", err.kind)
    assert.are_equal(2, err.attempts)
    assert.are_equal(2, control.count { path = "/identity-verifications" })
  end)

  for _, where in ipairs { "object", "call" } do
    it("is not replaced at once where max_retries of the " .. where .. " is 0", function()
      local checkout = with_stale_token(where == "object" and { max_retries = 0 } or nil)
      local _, err = checkout:get_session("idv_nobody", where == "call" and { max_retries = 0 } or nil)
      assert.are_equal("auth", err.kind)
      assert.are_equal(1, err.attempts)
      assert.are_equal(1, control.count {})
      _, err = checkout:get_session "idv_nobody"
      assert.are_equal("not_found", err.kind)
    end)
  end

  it("does not raise the number of copies above max_retries", function()
    local checkout = with_stale_token()
    control.fault { path = "/identity-verifications", status = 503, times = 1 }
    local _, err = checkout:get_session("idv_nobody", { max_retries = 1 })
    assert.are_equal("auth", err.kind)
    assert.are_equal(2, err.attempts)
    assert.are_equal(2, control.count { path = "/identity-verifications" })
  end)

  it("says that the request was refused when there is no other to be had", function()
    local checkout = with_stale_token()
    control.fault { path = "/connect/token", close = true, times = 9 }
    local _, err = checkout:get_session("idv_nobody", { max_retries = 1 })
    assert.are_equal("network", err.kind)
    assert.are_equal("refused", err.outcome)
    assert.are_equal("get_session", err.operation)
    assert.are_equal(1, control.count { path = "/identity-verifications" })
  end)
end)

describe("a creation whose token can not be fetched", function()
  local control = sandbox.shared().control
  local params = { declared_data = { name = "Hannah Bret" }, redirect_url = "https://me.example/back" }

  before_each(function()
    control.reset()
  end)

  for label, fault in pairs {
    ["the host resets"] = { reset = true }, ["the host closes"] = { close = true }, ["cut"] = { truncate = 20 },
    ["not HTTP"] = { garbage = true }, ["500"] = { status = 500 }, ["429"] = { status = 429 },
    ["a page"] = { status = 200, body = "<html>log in</html>", headers = { ["Content-Type"] = "text/html" } },
    ["empty"] = { status = 200, body = "" }, ["no token"] = { status = 200, body = '{"token_type":"Bearer"}' },
    ["a token with a line break"] = { status = 200, body = [[{"access_token":"a\r\nX: y","expires_in":3600}]] },
    ["a token of 20 KB"] = { status = 200, body = '{"access_token":"' .. ("x"):rep(20000) .. '","expires_in":3600}' },
    ["401"] = { status = 401 }, ["a redirect"] = { status = 302, headers = { Location = "https://other.example/" } },
    ["late"] = { delay = 2 },
  } do
    it("was not sent: " .. label, function()
      fault.path, fault.times = "/connect/token", 9
      control.fault(fault)
      local checkout = client_of("http", "checkout", {
        secret_key = false, client_id = "ack_1", client_secret = "secret", max_retries = 0,
      })
      local session, err = checkout:create_session(params, { timeout = fault.delay and 0.2 or 20 })
      assert.is_nil(session)
      assert.are_equal("create_session", err.operation)
      assert.is_true(err.outcome == "not_sent" or err.outcome == "refused", tostring(err))
      assert.are_equal(0, control.count { path = "/create-and-open-idv" })
    end)
  end
end)
