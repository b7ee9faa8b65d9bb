--- Checkout.com Identities, end to end against the sandbox.

local client = require "spec.support.client"
local sandbox = require "spec.support.sandbox"

local params = {
  declared_data = {
    name = "Hannah Bret", birth_date = "1934-10-02", email = "hannah@example.com",
    phone_number = { country_code = "+44", number = "7700900123" },
    address = { address_line1 = "1 Main Street", city = "London", zip = "N1", country = "GB" },
  },
  redirect_url = "https://me.example/back?a=1", user_journey_id = "usj_tkoi5db4hryu5cei5vwoabr7we",
}

client.over_both("Checkout.com", function(scheme, control)
  it("takes a verification from its creation to its verdict", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    assert.is_truthy(session.id:find "^idv_%w+$")
    assert.is_truthy(session.url:find "^https?://")
    assert.are_equal("pending", session.status)
    assert.is_truthy(session.applicant_id:find "^aplt_")
    for _, step in ipairs {
      { "capture_in_progress", "in_progress", false }, { "checks_in_progress", "processing", false },
      { "approved", "approved", true },
    } do
      control.advance(session.id, step[1])
      local seen = assert(checkout:get_session(session.id))
      assert.are_equal(step[2], seen.status)
      assert.are_equal(step[3], seen.final)
    end
    local final = assert(checkout:wait_session(session.id))
    assert.are_equal("approved", final.status)
    assert.are_equal(10000, final.response_codes[1].code)
    assert.are_equal("Hannah Bret", final.raw.verified_identity.full_name)
  end)

  it("hands a verification that needs another attempt back to the caller", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    control.advance(session.id, "retry_required")
    local seen = assert(checkout:wait_session(session.id, { timeout = 20 }))
    assert.are_equal("retry_required", seen.status)
    assert.is_false(seen.final)
    local attempt = assert(checkout:create_attempt(session.id, {
      redirect_url = "https://me.example/again",
      client_information = { pre_selected_residence_country = "FR", pre_selected_language = "en-US" },
    }))
    assert.is_truthy(attempt.id:find "^iatp_")
    assert.are_equal("pending", attempt.status)
    assert.are_equal(session.id, attempt.session_id)
    assert.is_truthy(attempt.url:find "^https?://")
    assert.are_equal("pending", assert(checkout:get_session(session.id)).status)
  end)

  it("creates applicant, verification and attempt one by one", function()
    local checkout = client.new(scheme, "checkout")
    local applicant = assert(checkout:create_applicant {
      external_applicant_id = "me-1", external_applicant_name = "Hannah", email = "hannah@example.com",
    })
    assert.is_truthy(applicant.id:find "^aplt_")
    assert.are_equal("me-1", applicant.external_id)
    local verification = assert(checkout:create_verification {
      applicant_id = applicant.id, declared_data = { name = "Hannah Bret" },
    })
    assert.are_equal("created", verification.status)
    assert.are_equal(applicant.id, verification.applicant_id)
    assert.is_nil(verification.url)
    local attempt = assert(checkout:create_attempt(verification.id, { redirect_url = "https://me.example/" }))
    local seen = assert(checkout:get_attempt(verification.id, attempt.id))
    assert.are_equal(attempt.id, seen.id)
    assert.are_equal("checkout attempt " .. attempt.id .. " (pending)", tostring(seen))
  end)

  it("reads, changes and anonymizes an applicant", function()
    local checkout = client.new(scheme, "checkout")
    local id = assert(checkout:create_applicant { email = "old@example.com" }).id
    assert.are_equal("old@example.com", assert(checkout:get_applicant(id)).email)
    assert.are_equal("new@example.com", assert(checkout:update_applicant(id, { email = "new@example.com" })).email)
    local anonymous = assert(checkout:anonymize_applicant(id))
    assert.are_equal(id, anonymous.id)
    assert.is_nil(anonymous.email)
    local _, err = checkout:get_applicant "aplt_nobody"
    assert.are_equal("not_found", err.kind)
  end)

  it("anonymizes a verification", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    control.advance(session.id, "approved")
    local anonymous = assert(checkout:anonymize_session(session.id))
    assert.are_equal(session.id, anonymous.id)
    assert.is_nil(anonymous.raw.verified_identity)
    local _, err = checkout:anonymize_session "idv_nobody"
    assert.are_equal("not_found", err.kind)
  end)

  it("walks over attempts and assets", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    local made = { assert(checkout:list_attempts(session.id)).items[1].id }
    for i = 2, 5 do
      made[i] = assert(checkout:create_attempt(session.id, { redirect_url = "https://me.example/" })).id
    end
    local seen = {}
    for attempt, err in checkout:each_attempt(session.id, { limit = 2 }) do
      assert(attempt, err)
      seen[#seen + 1] = attempt.id
    end
    for i = 1, 5 do
      assert.are_equal(made[i], seen[6 - i])
    end
    local page = assert(checkout:list_attempts(session.id, { skip = 3, limit = 10 }))
    assert.are_equal(2, #page.items)
    assert.are_equal(5, page.total_count)
    control.advance(session.id, "approved")
    local types = {}
    for asset, err in checkout:each_asset(session.id, made[5]) do
      assert(asset, err)
      assert.is_truthy(asset.url:find "^https?://")
      types[#types + 1] = asset.type
    end
    assert.is_true(#types > 0)
  end)

  it("calls a second attempt at the wrong time a conflict", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    control.advance(session.id, "checks_in_progress")
    local attempt, err = checkout:create_attempt(session.id, { redirect_url = "https://me.example/" })
    assert.is_nil(attempt)
    assert.are_equal("conflict", err.kind)
    assert.are_equal("refused", err.outcome)
    assert.is_string(err.request_id)
  end)

  it("hears of faulty fields by their names", function()
    control.fault {
      provider = "checkout", status = 422,
      body = { request_id = "r1", error_type = "request_invalid",
        error_codes = { "declared_data__name__required", "redirect_url__invalid" } },
    }
    local _, err = client.new(scheme, "checkout"):create_session(params)
    assert.are_equal("rejected", err.kind)
    assert.are_equal("request_invalid", err.code)
    assert.are_equal("declared_data.name", err.details[1].field)
    assert.are_equal("is required", err.details[1].message)
    assert.are_equal("declared_data__name__required", err.details[1].code)
    assert.are_equal("redirect_url", err.details[2].field)
  end)

  it("does not know an applicant that nobody created", function()
    local _, err = client.new(scheme, "checkout"):create_verification {
      applicant_id = "aplt_nobody", declared_data = { name = "Hannah Bret" },
    }
    assert.are_equal("not_found", err.kind)
  end)

  it("checks credentials with a secret key and with OAuth", function()
    assert.is_true(assert(client.new(scheme, "checkout"):check_credentials()).valid)
    local _, err = client.new(scheme, "checkout", { secret_key = "sk_invalid" }):check_credentials()
    assert.are_equal("auth", err.kind)
    assert.are_equal("check_credentials", err.operation)
    local oauth = { secret_key = false, client_id = "ack_1", client_secret = "secret" }
    assert.is_true(assert(client.new(scheme, "checkout", oauth):check_credentials()).valid)
    oauth.client_secret = "invalid"
    _, err = client.new(scheme, "checkout", oauth):check_credentials()
    assert.are_equal("auth", err.kind)
    oauth.client_id, oauth.client_secret = "ack_invalid", "secret"
    _, err = client.new(scheme, "checkout", oauth):check_credentials()
    assert.are_equal("auth", err.kind)
    assert.are_equal("invalid_client", err.code)
  end)

  it("brings the applicant back with a redirect that it can read", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    local server = sandbox.shared()
    local page = server:get((session.url:gsub("^https://[^/]+", server.http)))
    local seen = 0
    for link in page.body:gmatch 'href="([^"]+)"' do
      local target = link:gsub("&amp;", "&")
      local location = server:get(target:find "^http" and target or server.http .. target).headers.location
      if location then
        local record = assert(checkout:parse_redirect(location))
        assert.are_equal(session.id, record.session_id)
        assert.is_truthy(record.event:find "^identity_verification_")
        seen = seen + 1
      end
    end
    assert.is_true(seen >= 1)
  end)
end)

client.over_both("OAuth of Checkout.com", function(scheme, control)
  local oauth = { secret_key = false, client_id = "ack_1", client_secret = "s3 cret" }

  local function tokens_fetched()
    return control.count { path = "/connect/token" }
  end

  it("fetches one token for many calls", function()
    local checkout = client.new(scheme, "checkout", oauth)
    local session = assert(checkout:create_session(params))
    for _ = 1, 3 do
      assert(checkout:get_session(session.id))
    end
    assert.are_equal(1, tokens_fetched())
    local body = control.journal({ path = "/connect/token" })[1].body
    assert.are_equal("grant_type=client_credentials&client_id=ack_1&client_secret=s3%20cret&scope=identity-verification", body)
  end)

  it("fetches the next one shortly before the last expires", function()
    control.settings { checkout = { token_expires_in = 0 } }
    local checkout = client.new(scheme, "checkout", oauth)
    assert(checkout:check_credentials())
    assert(checkout:check_credentials())
    assert.are_equal(2, tokens_fetched())
  end)

  it("replaces a token that is not accepted any more, once, and reads again", function()
    local checkout = client.new(scheme, "checkout", oauth)
    local session = assert(checkout:create_session(params))
    control.revoke_tokens()
    control.clear_journal()
    local again = assert(checkout:get_session(session.id))
    assert.are_equal(session.id, again.id)
    assert.are_equal(1, tokens_fetched())
    assert.are_equal(2, control.count { path = "/identity-verifications" })
  end)

  it("gives up when the new token is not accepted either", function()
    local checkout = client.new(scheme, "checkout", oauth)
    control.fault { path = "/identity-verifications", status = 401, times = 5 }
    local _, err = checkout:get_session "idv_1"
    assert.are_equal("auth", err.kind)
    assert.are_equal(2, err.attempts)
    assert.are_equal(2, tokens_fetched())
    assert.are_equal(2, control.count { path = "/identity-verifications" })
  end)

  it("tells the caller when there is no token to be had", function()
    local checkout = client.new(scheme, "checkout", { secret_key = false, client_id = "ack_invalid", client_secret = "x" })
    local session, err = checkout:create_session(params)
    assert.is_nil(session)
    assert.are_equal("auth", err.kind)
    assert.are_equal("create_session", err.operation)
    assert.are_equal("refused", err.outcome)
    assert.are_equal(0, control.count { path = "/create-and-open-idv" })
  end)

  it("is not even asked for a token when the parameters are wrong", function()
    local checkout = client.new(scheme, "checkout", oauth)
    local _, err = checkout:create_session {}
    assert.are_equal("validation", err.kind)
    assert.are_equal(0, tokens_fetched())
  end)

  it("repeats the fetch when the token host stumbles", function()
    control.fault { path = "/connect/token", status = 503, times = 1 }
    assert(client.new(scheme, "checkout", oauth):check_credentials())
    assert.are_equal(2, tokens_fetched())
  end)
end)
