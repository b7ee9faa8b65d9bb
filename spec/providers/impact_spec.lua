--- impact.com, end to end against the sandbox.

local client = require "spec.support.client"

client.over_both("impact.com", function(scheme, control)
  it("creates a session, and resumes it while it is in progress", function()
    local impact = client.new(scheme, "impact")
    local first = assert(impact:create_session { user_id = "I-5402850", callback_url = "https://me.example/done" })
    assert.is_truthy(first.id:find "^%d+$")
    assert.is_truthy(first.url:find "^https?://")
    assert.are_equal("5402850", first.member_id)
    assert.are_equal("OK", first.raw.Status)
    assert.is_nil(first.status)
    local second = assert(impact:create_session { user_id = 5402850 })
    assert.are_equal(first.id, second.id)
    assert.are_equal(first.session_id, second.session_id)
    local entries = control.journal { provider = "impact" }
    assert.are_equal(2, #entries)
    assert.are_equal("POST", entries[1].method)
    assert.are_equal("/Mediapartners/IRsid/IdentityVerification/Session", entries[1].path)
    assert.are_equal('{"UserId":5402850,"CallbackUrl":"https:\\/\\/me.example\\/done"}', entries[1].body)
  end)

  it("gets a new session after the one before has ended", function()
    local impact = client.new(scheme, "impact")
    local first = assert(impact:create_session { user_id = 7 })
    control.advance(first.id, "completed")
    local second = assert(impact:create_session { user_id = 7 })
    assert.are_not_equal(first.id, second.id)
  end)

  it("tells the rate limit with every answer", function()
    local session = assert(client.new(scheme, "impact"):create_session { user_id = 7 })
    assert.is_number(session.rate_limit.limit)
    assert.is_number(session.rate_limit.remaining)
    assert.is_number(session.rate_limit.reset)
  end)

  it("hears that a user is not accessible", function()
    local session, err = client.new(scheme, "impact"):create_session { user_id = 99999999 }
    assert.is_nil(session)
    assert.are_equal("rejected", err.kind)
    assert.are_equal(400, err.status)
    assert.is_truthy(err.message:find "not accessible")
    assert.are_same({}, err.details)
    assert.are_equal("refused", err.outcome)
  end)

  it("hears that credentials are bad", function()
    local session, err = client.new(scheme, "impact", { auth_token = "invalid" }):create_session { user_id = 7 }
    assert.is_nil(session)
    assert.are_equal("auth", err.kind)
    assert.are_equal(401, err.status)
    assert.are_equal("Unauthorized", err.message)
  end)

  it("hears about a faulty field under its own name", function()
    control.fault {
      provider = "impact", status = 400,
      body = { Status = "ERROR", Message = "Validation Errors",
        Errors = { Error = { Field = "CallbackUrl", Message = "Invalid value" } } },
    }
    local _, err = client.new(scheme, "impact"):create_session { user_id = 7 }
    assert.are_equal("callback_url", err.details[1].field)
    assert.are_equal("Invalid value", err.details[1].message)
  end)

  it("repeats after 503, because resuming makes it safe", function()
    control.fault { provider = "impact", status = 503, times = 1 }
    local session = assert(client.new(scheme, "impact"):create_session { user_id = 7 })
    assert.is_truthy(session.id)
    assert.are_equal(2, control.count { provider = "impact" })
  end)

  it("sends the version it is told", function()
    assert(client.new(scheme, "impact", { api_version = "16" }):create_session { user_id = 7 })
    local headers = control.journal({ provider = "impact" })[1].headers
    local found
    for _, header in ipairs(headers) do
      found = header[1]:lower() == "ir-version" and header[2] or found
    end
    assert.are_equal("16", found)
  end)
end)
