--- deepIDV, end to end against the sandbox.

local client = require "spec.support.client"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local function with(changes)
  local params = {}
  for _, set in ipairs { ada, changes } do
    for name, value in pairs(set) do
      params[name] = value
    end
  end
  return params
end

client.over_both("deepIDV", function(scheme, control)
  it("creates a session, follows it, and fetches the evidence", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session(with {
      external_id = "user-1", redirect_url = "https://me.example/back?a=1", workflow_id = "wf_abc123",
    }))
    assert.are_equal("user-1", session.external_id)
    assert.is_truthy(session.url:find("redirect_url=https%3A%2F%2Fme.example", 1, true))
    local seen = assert(deepidv:get_session(session.id))
    assert.are_equal("pending", seen.status)
    assert.is_false(seen.final)
    control.advance(session.id, "SUBMITTED")
    assert.are_equal("processing", assert(deepidv:get_session(session.id)).status)
    control.advance(session.id, "VERIFIED")
    local final = assert(deepidv:wait_session(session.id, { timeout = 20, interval = 0.01 }))
    assert.are_equal("approved", final.status)
    assert.is_true(final.final)
    local report = assert(deepidv:get_report(session.id))
    assert.are_equal("application/json", report.content_type)
    assert.are_equal("approved", report.status)
    assert.is_table(report.resources)
    assert.are_equal(("deepidv report %s (approved)"):format(session.id), tostring(report))
  end)

  it("waits until the verdict is there, asking again meanwhile", function()
    local deepidv = client.new(scheme, "deepidv")
    control.settings { deepidv = { automatic = true } }
    local session = assert(deepidv:create_session(ada))
    control.clear_journal()
    local final = assert(deepidv:wait_session(session.id, { timeout = 20, interval = 0.01 }))
    assert.is_true(final.final)
    assert.is_true(control.count { provider = "deepidv" } >= 2)
  end)

  it("stops waiting when the time is over", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session(ada))
    local final, err = deepidv:wait_session(session.id, { timeout = 2, interval = 10 })
    assert.is_nil(final)
    assert.are_equal("timeout", err.kind)
    assert.is_truthy(err.message:find "it is pending")
    assert.are_equal("wait_session", err.operation)
  end)

  it("goes on waiting over passing failures and stops at others", function()
    local deepidv = client.new(scheme, "deepidv", { max_retries = 0 })
    local session = assert(deepidv:create_session(ada))
    control.advance(session.id, "VERIFIED")
    control.fault { provider = "deepidv", status = 503, times = 3 }
    assert.are_equal("approved", assert(deepidv:wait_session(session.id, { timeout = 20, interval = 0.01 })).status)
    local _, err = deepidv:wait_session("nobody", { timeout = 20, interval = 0.01 })
    assert.are_equal("not_found", err.kind)
  end)

  it("lists and walks over sessions", function()
    local deepidv = client.new(scheme, "deepidv")
    local created = {}
    for i = 1, 5 do
      created[assert(deepidv:create_session(with { external_id = "u" .. i })).id] = true
    end
    local page = assert(deepidv:list_sessions { limit = 2 })
    assert.are_equal(2, #page.items)
    assert.is_string(page.next_token)
    local seen = 0
    for session, err in deepidv:each_session { limit = 2 } do
      assert(session, err)
      assert.is_true(created[session.id])
      assert.are_equal("pending", session.status)
      seen = seen + 1
    end
    assert.are_equal(5, seen)
    page = assert(deepidv:list_sessions { external_id = "u3" })
    assert.are_equal(1, #page.items)
    assert.are_equal("u3", page.items[1].external_id)
  end)

  it("decides a session by hand", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session(ada))
    control.advance(session.id, "SUBMITTED")
    local decided = assert(deepidv:decide_session(session.id, "REJECTED"))
    assert.are_equal(session.id, decided.id)
    assert.are_equal("declined", assert(deepidv:get_session(session.id)).status)
    local _, err = deepidv:decide_session(session.id, "VOIDED")
    assert.are_equal("validation", err.kind)
  end)

  it("holds the options of a call when a report is fetched", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session(ada))
    local _, err = deepidv:get_report(session.id, { max_response_bytes = 10 })
    assert.are_equal("protocol", err.kind)
  end)

  it("says which option of an iterator is wrong, in its only round", function()
    local each = client.new(scheme, "deepidv"):each_session({ limit = 2 }, { timeout = "soon" })
    local item, err = each()
    assert.is_false(item)
    assert.are_equal("validation", err.kind)
    assert.are_equal("options.timeout", err.details[1].field)
    assert.is_nil(each())
  end)

  it("checks credentials", function()
    assert.is_true(assert(client.new(scheme, "deepidv"):check_credentials()).valid)
    local _, err = client.new(scheme, "deepidv", { api_key = "invalid" }):check_credentials()
    assert.are_equal("auth", err.kind)
  end)

  it("does not send invitations that are not wanted", function()
    assert(client.new(scheme, "deepidv"):create_session(with { send_email_invite = false, sendPhoneInvite = false }))
    local body = control.journal({ provider = "deepidv" })[1].body
    assert.is_truthy(body:find('"send_email_invite":false,"send_phone_invite":false', 1, true))
    assert.are_equal(0, #control.outbox())
  end)

  it("hears of an empty balance as payment", function()
    control.settings { deepidv = { balance_empty = true } }
    local _, err = client.new(scheme, "deepidv"):create_session(ada)
    assert.are_equal("payment", err.kind)
    assert.are_equal("Insufficient funds or subscription.", err.message)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)

  it("hears of a workflow that does not exist", function()
    local _, err = client.new(scheme, "deepidv"):create_session(with { workflow_id = "wf_none" })
    assert.are_equal("not_found", err.kind)
  end)

  it("hears that a sandbox key may not write, and reads its fixtures", function()
    local deepidv = client.new(scheme, "deepidv", { api_key = "sandbox_1" })
    local _, err = deepidv:create_session(ada)
    assert.are_equal("auth", err.kind)
    assert.is_truthy(err.message:find "sandbox API key")
    for id, status in pairs { test_verified = "approved", test_rejected = "declined", test_submitted = "processing",
      test_pending = "pending", test_voided = "cancelled" } do
      assert.are_equal(status, assert(deepidv:get_session(id)).status)
    end
  end)

  it("brings the applicant back with a redirect that it can read", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session(with { redirect_url = "https://me.example/back?a=1" }))
    local page = sandbox.shared():get((session.url:gsub("^https://[^/]+", sandbox.shared().http)))
    local seen = 0
    for link in page.body:gmatch 'href="([^"]+)"' do
      local target = link:gsub("&amp;", "&")
      local answer = sandbox.shared():get(target:find "^http" and target or sandbox.shared().http .. target)
      local location = answer.headers.location
      if location then
        local record = assert(deepidv:parse_redirect(location))
        assert.are_equal(session.id, record.session_id)
        assert.are_equal("1", record.raw.a)
        seen = seen + 1
      end
    end
    assert.is_true(seen >= 1, page.body)
  end)

  it("never repeats a creation whose outcome is open", function()
    for _, fault in ipairs {
      { status = 500 }, { status = 502 }, { status = 503 }, { status = 504 }, { reset = true }, { close = true },
      { truncate = 5 },
    } do
      control.reset()
      fault.provider = "deepidv"
      control.fault(fault)
      local session, err = client.new(scheme, "deepidv"):create_session(ada)
      assert.is_nil(session)
      assert.are_equal("unknown", err.outcome)
      assert.is_false(err.retryable)
      assert.are_equal(1, err.attempts)
      assert.are_equal(1, control.count { provider = "deepidv", method = "POST" })
    end
  end)

  it("repeats a creation that was turned away with 429, and gives up in the end", function()
    control.fault { provider = "deepidv", status = 429, times = 2, headers = { ["Retry-After"] = "0" } }
    assert(client.new(scheme, "deepidv"):create_session(ada))
    assert.are_equal(3, control.count { provider = "deepidv" })
    control.reset()
    control.fault { provider = "deepidv", status = 429, times = 9, headers = { ["Retry-After"] = "0" } }
    local _, err = client.new(scheme, "deepidv"):create_session(ada)
    assert.are_equal("rate_limited", err.kind)
    assert.are_equal("refused", err.outcome)
    assert.are_equal(3, err.attempts)
    assert.is_true(err.retryable)
    assert.are_equal(3, control.count { provider = "deepidv" })
  end)

  it("gives up at once when it is asked to wait longer than it may", function()
    control.fault { provider = "deepidv", status = 429, headers = { ["Retry-After"] = "3600" } }
    local _, err = client.new(scheme, "deepidv"):create_session(ada)
    assert.are_equal("rate_limited", err.kind)
    assert.are_equal(3600, err.retry_after)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)

  it("repeats what is safe to repeat", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session(ada))
    for _, fault in ipairs { { status = 500 }, { status = 503 }, { reset = true }, { close = true }, { truncate = 5 } } do
      control.clear_journal()
      fault.provider = "deepidv"
      control.fault(fault)
      assert.are_equal(session.id, assert(deepidv:get_session(session.id)).id)
      assert.are_equal(2, control.count { provider = "deepidv", method = "GET" })
    end
    control.clear_journal()
    control.fault { provider = "deepidv", status = 500, times = 5 }
    local _, err = deepidv:get_session(session.id, { max_retries = 0 })
    assert.are_equal("server", err.kind)
    assert.is_true(err.retryable)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)

  it("keeps to its deadline when the answer is slow", function()
    local deepidv = client.new(scheme, "deepidv")
    for _, fault in ipairs { { delay = 60 }, { slow = 30 } } do
      assert(deepidv:check_credentials()) -- a connection is there
      control.reset()
      fault.provider = "deepidv"
      control.fault(fault)
      local _, err = deepidv:create_session(ada, { timeout = 2 })
      assert.are_equal("timeout", err.kind)
      assert.are_equal("unknown", err.outcome)
      assert.are_equal(1, control.count { provider = "deepidv" })
    end
  end)

  it("takes garbage for what it is", function()
    control.fault { provider = "deepidv", garbage = true }
    local _, err = client.new(scheme, "deepidv"):create_session(ada)
    assert.are_equal("protocol", err.kind)
    assert.are_equal("unknown", err.outcome)
  end)

  it("keeps connections alive", function()
    local reused = 0
    local deepidv = client.new(scheme, "deepidv", {
      on_event = function(event) reused = reused + (event.reused and 1 or 0) end,
    })
    for _ = 1, 5 do
      assert(deepidv:create_session(ada))
    end
    assert.is_true(reused >= 4)
  end)
end)
