--- Answers: successes become records, refusals become errors, in every shape that the providers document, and hostile
--- ones become neither a crash nor a lie.

local idv = require "idv"
local capture = require "spec.support.capture"

local options = {
  deepidv = { api_key = "deep-key-canary" },
  impact = { account_sid = "SIDcanary", auth_token = "token-canary" },
  checkout = { secret_key = "sk_canary" },
  cidaas = { base_url = "https://tenant.cidaas.de" },
}

local params = {
  deepidv = { first_name = "Adacanary", last_name = "Example", email = "ada@canary.example", phone = "+15192223333" },
  impact = { user_id = 5402850 },
  checkout = { declared_data = { name = "Adacanary Example" }, redirect_url = "https://me.example/canary" },
  cidaas = { request_id = "canary-request", processing_type = "CODE", email = "ada@canary.example" },
}

--- Calls create_session of a provider with one answer.
local function answered(name, answer, method, ...)
  local own = { transport = capture.new(answer) }
  for key, value in pairs(options[name]) do
    own[key] = value
  end
  local provider = idv.provider(name, own)
  if method then
    return provider[method](provider, ...)
  end
  return provider:create_session(params[name])
end

local json = capture.json

describe("a session record", function()
  it("of impact.com keeps ids as texts and knows no status", function()
    local session = assert(answered("impact", json(200, [[{"Status":"OK",
      "Uri":"/Mediapartners/S/IdentityVerification/Session/48944","id":"48944",
      "sessionId":"8f0e","sessionUrl":"https://verification.impact.com/v/secret","memberId":"5402850"}]])))
    assert.are_equal("impact", session.provider)
    assert.are_equal("48944", session.id)
    assert.are_equal("https://verification.impact.com/v/secret", session.url)
    assert.are_equal("5402850", session.member_id)
    assert.is_nil(session.status)
    assert.is_false(session.final)
    assert.are_equal("OK", session.raw.Status)
    assert.are_equal("impact session 48944", tostring(session))
  end)

  it("of impact.com keeps an id a text even when it comes as a number", function()
    local session = assert(answered("impact", json(200, '{"id":48944,"sessionUrl":"https://x.example/"}')))
    assert.are_equal("48944", session.id)
  end)

  it("of deepIDV takes id, or the older idv_id", function()
    for _, name in ipairs { "id", "idv_id" } do
      local session = assert(answered("deepidv", json(200,
        '{"' .. name .. '":"a1b2","session_url":"https://app.deepidv.com","externalId":"user-12345","links":[]}')))
      assert.are_equal("a1b2", session.id)
      assert.are_equal("https://app.deepidv.com", session.url)
      assert.are_equal("user-12345", session.external_id)
      assert.is_nil(session.status)
      assert.are_equal("deepidv session a1b2", tostring(session))
    end
  end)

  local statuses = {
    deepidv = {
      PENDING = "pending", SUBMITTED = "processing", VERIFIED = "approved", REJECTED = "declined", VOIDED = "cancelled",
      EXPIRED = "expired", FAILED = "failed", TOMORROW = "unknown",
    },
    checkout = {
      created = "created", pending = "pending", capture_in_progress = "in_progress", checks_in_progress = "processing",
      approved = "approved", declined = "declined", retry_required = "retry_required", inconclusive = "inconclusive",
      refused = "cancelled", tomorrow = "unknown",
    },
  }
  local finals = {
    approved = true, declined = true, inconclusive = true, cancelled = true, expired = true, failed = true,
  }

  for theirs, ours in pairs(statuses.deepidv) do
    it(("of deepIDV that is %s is %s"):format(theirs, ours), function()
      local session = assert(answered("deepidv", json(200,
        '{"session_record":{"id":"s","status":"' .. theirs .. '","external_id":"e"},"resource_links":{}}'),
        "get_session", "s"))
      assert.are_equal(ours, session.status)
      assert.are_equal(finals[ours] == true, session.final)
      assert.are_equal("e", session.external_id)
      assert.are_equal(theirs, session.raw.session_record.status)
      assert.are_equal(("deepidv session s (%s)"):format(ours), tostring(session))
    end)
  end

  for theirs, ours in pairs(statuses.checkout) do
    it(("of Checkout.com that is %s is %s"):format(theirs, ours), function()
      local session = assert(answered("checkout", json(200,
        '{"id":"idv_1","status":"' .. theirs .. '","applicant_id":"aplt_1","response_codes":[],'
        .. '"_links":{"verification_url":{"href":"https://idv.checkout.com/secret"}}}'), "get_session", "idv_1"))
      assert.are_equal(ours, session.status)
      assert.are_equal(finals[ours] == true, session.final)
      assert.are_equal("https://idv.checkout.com/secret", session.url)
      assert.are_equal("aplt_1", session.applicant_id)
      assert.is_nil(tostring(session):find "secret")
    end)
  end

  local attempt_statuses = {
    pending_redirection = "pending", capture_in_progress = "in_progress", capture_aborted = "abandoned",
    capture_refused = "cancelled", expired = "expired", checks_in_progress = "processing",
    checks_inconclusive = "inconclusive", completed = "completed", terminated = "cancelled", other = "unknown",
  }
  for theirs, ours in pairs(attempt_statuses) do
    it(("of an attempt that is %s is %s"):format(theirs, ours), function()
      local attempt = assert(answered("checkout", json(200, '{"id":"iatp_1","status":"' .. theirs .. '"}'),
        "get_attempt", "idv_1", "iatp_1"))
      assert.are_equal(ours, attempt.status)
      assert.are_equal("idv_1", attempt.session_id)
    end)
  end

  it("has integers as integers and no null in its raw", function()
    local session = assert(answered("deepidv", json(200,
      '{"session_record":{"id":"s","status":null,"n":5402850,"f":1.5,"list":[1,null,{"x":null}]},"user":null}'),
      "get_session", "s"))
    local record = session.raw.session_record
    assert.are_equal("5402850", tostring(record.n))
    assert.are_equal(1.5, record.f)
    assert.is_nil(record.status)
    assert.is_nil(session.raw.user)
    assert.are_same({}, record.list[3])
    assert.is_nil(session.status)
  end)
end)

describe("the record of cidaas", function()
  local function session_of(location, headers)
    return answered("cidaas", { status = 302, headers = headers or { Location = location } })
  end

  it("is read from a relative redirect", function()
    local session = assert(session_of("/identity/verification_complete?accvid=acc-1&email=a%2A%2A%40example.com"
      .. "&processingType=CODE&requestId=r1&track_id=t1&type=email"))
    assert.are_equal("acc-1", session.accvid)
    assert.are_equal("a**@example.com", session.email)
    assert.are_equal("CODE", session.processing_type)
    assert.are_equal("t1", session.track_id)
    assert.are_equal("email", session.type)
    assert.are_equal("r1", session.request_id)
    assert.is_nil(session.id)
    assert.are_equal("cidaas session", tostring(session))
  end)

  it("is read from an absolute redirect, letter case of names ignored", function()
    local session = assert(session_of("https://tenant.cidaas.de/custom/page?ACCVID=acc-1&Mobile=%2B49***&Type=sms"))
    assert.are_equal("acc-1", session.accvid)
    assert.are_equal("+49***", session.mobile)
  end)

  it("needs no accvid: a link has none", function()
    local page = { status = 302, headers = { Location = "/identity/verification_complete?processingType=LINK&track_id=t" } }
    local link = { request_id = "r", processing_type = "LINK", email = "ada@canary.example" }
    local session = assert(answered("cidaas", page, "create_session", link))
    assert.is_nil(session.accvid)
    assert.are_equal("t", session.track_id)
  end)

  it("does not take the page of a link for a code that was sent", function()
    local session, err = session_of("/identity/verification_complete?processingType=LINK&track_id=t")
    assert.is_nil(session)
    assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
  end)

  it("is an error with the code for any error", function()
    for _, location in ipairs {
      "/identity/error?error=Expectation%20Failed&error_code=VER_0005&error_description=requestId+or+token+is+missing",
      "/somewhere/else?error_code=VER_0005&error_description=requestId%20or%20token%20is%20missing",
      "https://tenant.cidaas.de/identity/verification_complete?accvid=x&error_code=VER_0005"
        .. "&error_description=requestId%20or%20token%20is%20missing",
    } do
      local session, err = session_of(location)
      assert.is_nil(session)
      assert.are_equal("rejected", err.kind)
      assert.are_equal("refused", err.outcome)
      assert.are_equal("VER_0005", err.code)
      assert.are_equal("requestId or token is missing", err.message)
      assert.are_equal(302, err.status)
    end
    local _, err = session_of "/identity/error"
    assert.are_equal("rejected", err.kind)
  end)

  it("leaves the outcome open when cidaas says that it failed itself", function()
    local _, err = session_of("/identity/error?error=Internal%20Server%20Error&error_code=VER_0105")
    assert.are_equal("server", err.kind)
    assert.are_equal("unknown", err.outcome)
    assert.is_false(err.retryable)
  end)

  it("is read from JSON too", function()
    local session = assert(answered("cidaas", json(200, '{"success":true,"status":200,"data":{"accvid":"353446"}}')))
    assert.are_equal("353446", session.accvid)
    session = assert(answered("cidaas", json(200, '{"data":{"accvid":353446,"email":5,"mobile":{},"type":[1]}}')))
    assert.are_equal("353446", session.accvid)
    assert.are_equal("5", session.email)
    assert.is_nil(session.mobile)
    assert.is_nil(session.type)
    local _, err = answered("cidaas", json(200, '{"data":{"accvid":{}}}'))
    assert.are_equal("protocol", err.kind)
    _, err = answered("cidaas", json(200, '{"success":false,"status":417,"error":{"code":"VER_0005","error":"missing"}}'))
    assert.are_equal("rejected", err.kind)
    assert.are_equal("VER_0005", err.code)
    assert.are_equal("missing", err.message)
    _, err = answered("cidaas", json(417, '{"success":false,"code":"VER_0004","error":"bad payload"}'))
    assert.are_equal("rejected", err.kind)
    assert.are_equal(417, err.status)
    assert.are_equal("VER_0004", err.code)
    assert.are_equal("bad payload", err.message)
  end)

  it("is a protocol error when Location is no address", function()
    for _, headers in ipairs { {}, { Location = "http://[x" }, { Location = "a b\255" }, { Location = ("x"):rep(9000) } } do
      local _, err = session_of(nil, headers)
      assert.are_equal("protocol", err.kind)
      assert.are_equal("unknown", err.outcome)
    end
  end)

  it("of verify_code says that it is verified", function()
    for _, answer in ipairs {
      json(200, '{"success":true,"status":200,"data":{"suggested_action":"CONTINUE","trackId":"t"}}'),
      { status = 302, headers = { Location = "/identity/verification_complete?track_id=t" } },
    } do
      local record = assert(answered("cidaas", answer, "verify_code", { accvid = "a", code = "123456" }))
      assert.is_true(record.verified)
      assert.are_equal("approved", record.status)
      assert.are_equal("t", record.track_id)
    end
    for _, answer in ipairs {
      json(200, '{"success":false,"error":{"code":"VER_0006"}}'), json(417, '{"success":false}'),
      json(400, '{"error":"bad code"}'),
      { status = 302, headers = { Location = "/identity/error?error_code=VER_0006" } },
    } do
      local record, err = answered("cidaas", answer, "verify_code", { accvid = "a", code = "123456" })
      assert.is_nil(record)
      assert.are_equal("rejected", err.kind)
    end
  end)
end)

describe("a refusal", function()
  local kinds = {
    [400] = "rejected", [401] = "auth", [402] = "payment", [403] = "auth", [404] = "not_found", [405] = "rejected",
    [409] = "conflict", [410] = "not_found", [417] = "rejected", [422] = "rejected", [429] = "rate_limited",
    [500] = "server", [502] = "server", [503] = "server", [504] = "server", [301] = "protocol", [304] = "protocol",
  }
  for status, kind in pairs(kinds) do
    it(("with status %d is %s, whatever the body"):format(status, kind), function()
      for _, body in ipairs { "", "{}", "[]", "null", "plain", "<html>x</html>", "{", '"x"', "\255\254" } do
        local session, err = answered("deepidv", { status = status, headers = {}, body = body })
        assert.is_nil(session)
        assert.are_equal(kind, err.kind)
        assert.are_equal(status, err.status)
        local is_refusal = status >= 400 and status < 500
        assert.are_equal(is_refusal and "refused" or "unknown", err.outcome)
        assert.are_equal("deepidv", err.provider)
        assert.are_equal("create_session", err.operation)
        assert.is_truthy(#err.message > 0)
        assert.is_nil(err.message:find "<html>")
        assert.are_equal(kind == "rate_limited", err.retryable)
      end
    end)
  end

  it("of a safe operation may be tried again when it passes", function()
    for status, expected in pairs { [503] = true, [500] = true, [429] = true, [404] = false, [400] = false } do
      local _, err = answered("deepidv", json(status, "{}"), "get_session", "s")
      assert.are_equal(expected, err.retryable)
    end
  end)

  -- provider, status, body, expected code, message, details
  local shapes = {
    { "impact", 400, '{"Status":"ERROR","Message":"Validation Errors","Errors":{"Error":{"Field":"UserId","Message":'
      .. '"Invalid value [null] for parameter [UserId]"}}}', nil, "Validation Errors",
      { { "user_id", "Invalid value [null] for parameter [UserId]" } } },
    { "impact", 400, '{"Status":"ERROR","Message":"UserId [99999999] is not accessible for account [1924609]","Errors":[]}',
      nil, "UserId [99999999] is not accessible for account [1924609]", {} },
    { "impact", 400, '{"Status":"ERROR","Message":"Validation Errors","Errors":[{"Field":"UserId","Message":"a"},'
      .. '{"Field":"CallbackUrl","Message":"b"}]}', nil, "Validation Errors", { { "user_id", "a" }, { "callback_url", "b" } } },
    { "impact", 400, '{"Status":"ERROR","Message":"Validation Errors","Errors":{"Error":[{"Field":"UserId","Message":"a"},'
      .. '{"Field":"Other","Message":"b"}]}}', nil, "Validation Errors", { { "user_id", "a" }, { "Other", "b" } } },
    { "impact", 400, '{"Status":"ERROR","Message":"No errors"}', nil, "No errors", {} },
    { "impact", 401, '{"status":401,"title":"Unauthorized"}', nil, "Unauthorized", {} },
    { "deepidv", 401, '{"error":"Invalid API key"}', nil, "Invalid API key", {} },
    { "deepidv", 401, '{"detail":"Invalid or missing API key"}', nil, "Invalid or missing API key", {} },
    { "deepidv", 400, '{"message":"Invalid input","hints":[{"path":["phone"],"message":"Invalid phone"},'
      .. '{"path":["firstName"],"message":"Required"},{"path":[],"message":"Odd"}]}', nil, "Invalid input",
      { { "phone", "Invalid phone" }, { "first_name", "Required" }, { "?", "Odd" } } },
    { "deepidv", 402, "Insufficient funds or subscription.", nil, "Insufficient funds or subscription.", {} },
    { "deepidv", 402, '{"error":"Insufficient token balance"}', nil, "Insufficient token balance", {} },
    { "deepidv", 404, '{"message":"Workflow not found","code":"WORKFLOW_NOT_FOUND"}', "WORKFLOW_NOT_FOUND",
      "Workflow not found", {} },
    { "deepidv", 403, '{"error":"This is a sandbox API key. Use a live API key to create or modify resources."}', nil,
      "This is a sandbox API key. Use a live API key to create or modify resources.", {} },
    { "deepidv", 429, '{"error":"Rate limit exceeded"}', nil, "Rate limit exceeded", {} },
    { "checkout", 422, '{"request_id":"0HL80RJLS76I7","error_type":"request_invalid","error_codes":'
      .. '["declared_data__name__required","redirect_url__invalid","phone_number__country_code__invalid","oops"]}',
      "request_invalid", "request_invalid", {
        { "declared_data.name", "is required" }, { "redirect_url", "is invalid" },
        { "phone_number.country_code", "is invalid" }, { "?", "is refused: oops" },
      } },
    { "checkout", 422, '{"error_type":"unprocessable_entity","error_codes":["organization__no_configuration"]}',
      "unprocessable_entity", "unprocessable_entity", { { "organization", "is refused: no_configuration" } } },
  }
  for _, shape in ipairs(shapes) do
    it(("of %s with %d is read: %s"):format(shape[1], shape[2], shape[5]), function()
      local _, err = answered(shape[1], { status = shape[2], headers = {}, body = shape[3] })
      assert.are_equal(shape[4], err.code)
      assert.are_equal(shape[5], err.message)
      local details = {}
      for i, detail in ipairs(err.details) do
        details[i] = { detail.field, detail.message }
      end
      assert.are_same(shape[6], details)
    end)
  end

  it("of deepIDV with 402 is payment and never retryable", function()
    local _, err = answered("deepidv", { status = 402, headers = {}, body = "Insufficient funds or subscription." })
    assert.are_equal("payment", err.kind)
    assert.is_false(err.retryable)
  end)

  it("of Checkout.com with 409 is a conflict", function()
    local _, err = answered("checkout", { status = 409, headers = { ["Cko-Request-Id"] = "req-1" } }, "create_attempt",
      "idv_1", { redirect_url = "https://me.example/" })
    assert.are_equal("conflict", err.kind)
    assert.are_equal("refused", err.outcome)
    assert.are_equal("req-1", err.request_id)
  end)

  it("of impact.com tells the rate limit, from either family of headers", function()
    local _, err = answered("impact", json(429, "{}", {
      ["x-ratelimit-limit-HOUR"] = "1000", ["X-RateLimit-Remaining-hour"] = "0", ["RateLimit-Reset"] = "120",
      ["Retry-After"] = "7",
    }))
    assert.are_same({ limit = 1000, remaining = 0, reset = 120 }, err.rate_limit)
    assert.are_equal(7, err.retry_after)
    _, err = answered("impact", json(429, "{}", {
      ["X-RateLimit-Limit"] = "50", ["X-RateLimit-Remaining"] = "0", ["X-RateLimit-Reset"] = tostring(os.time() + 100),
    }))
    assert.are_equal(50, err.rate_limit.limit)
    assert.is_true(err.rate_limit.reset > 90 and err.rate_limit.reset <= 100)
    assert.are_equal(err.rate_limit.reset, err.retry_after)
    local session = assert(answered("impact", json(200, '{"id":"1","sessionUrl":"https://x.example/"}', {
      ["X-RateLimit-Remaining-hour"] = "999",
    })))
    assert.are_equal(999, session.rate_limit.remaining)
  end)

  it("has no rate limit that is not a plain number, and none that asks to wait longer than a year", function()
    for reset, seconds in pairs {
      ["-5"] = false, nan = false, inf = false, ["1e3"] = false, ["0x10"] = false, soon = false, ["12"] = 12,
      [("9"):rep(15)] = 365 * 86400, [("9"):rep(400)] = false,
    } do
      local _, err = answered("impact", json(429, "{}", { ["RateLimit-Reset"] = reset }))
      assert.are_equal(seconds or nil, err.retry_after, reset)
    end
  end)

  it("with success in its status and failure in its body is a refusal", function()
    local session, err = answered("impact", json(200, '{"Status":"ERROR","Message":"Nope"}'))
    assert.is_nil(session)
    assert.are_equal("rejected", err.kind)
    assert.are_equal("Nope", err.message)
    local _, invalid = answered("deepidv", json(200, '{"valid":false}'), "check_credentials")
    assert.are_equal("auth", invalid.kind)
  end)

  it("never repeats credentials or what was sent of the applicant", function()
    for name, given in pairs(options) do
      local echoes = {}
      local function add(values)
        for _, value in pairs(values) do
          if type(value) == "table" then
            add(value)
          else
            echoes[#echoes + 1] = tostring(value)
          end
        end
      end
      add(given)
      add(params[name])
      local text = table.concat(echoes, " then ")
      local body = ('{"message":"%s","Message":"%s","error":"%s","error_type":"%s","hints":[{"path":["%s"],"message":"%s"}],'
        .. '"Errors":[{"Field":"%s","Message":"%s"}],"error_codes":["%s"],"request_id":"%s"}'):gsub("%%s", (text:gsub("%%", "%%%%")))
      local _, err = answered(name, json(400, body))
      local shown = tostring(err) .. (err.request_id or "") .. (err.code or "")
      for _, detail in ipairs(err.details) do
        shown = shown .. detail.field .. detail.message .. (detail.code or "")
      end
      assert.is_nil(shown:lower():find "canary", shown)
    end
  end)

  it("never repeats a credential as a code or as the id of the request", function()
    local _, err = answered("deepidv", json(400, '{"code":"deep-key-canary","hints":[]}', { ["X-Request-Id"] = "deep-key-canary" }))
    assert.is_nil(err.code)
    assert.is_nil(err.request_id)
    _, err = answered("checkout", json(422, '{"error_type":"sk_canary","error_codes":["sk_canary"],"request_id":"sk_canary"}'))
    assert.is_nil(err.code)
    assert.is_nil(err.request_id)
    assert.is_nil(err.details[1].code)
    _, err = answered("checkout", json(200, "{}", { ["Cko-Request-Id"] = "sk_canary" })) -- one that can not be right
    assert.are_equal("protocol", err.kind)
    assert.is_nil(err.request_id)
  end)

  it("repeats neither a token nor one of several webhook secrets", function()
    local answers = { json(200, '{"access_token":"token-canary"}'), json(409, '{"message":"token-canary or hook-canary"}') }
    local checkout = idv.checkout {
      client_id = "ack_1", client_secret = "s", webhook_secret = { "other", "hook-canary" },
      transport = capture.new(function(_, number) return answers[number] end),
    }
    local _, err = checkout:get_session "idv_1"
    assert.are_equal("[hidden] or [hidden]", err.message)
  end)
end)

describe("a token that can not be sent", function()
  for label, token in pairs { newline = "a\\nb", blank = "a b", ["byte above 7f"] = "\xc3\xa9", size = ("x"):rep(8193), nothing = "" } do
    it("is a protocol error and not a throw: " .. label, function()
      local checkout = idv.checkout {
        client_id = "ack_1", client_secret = "s", transport = capture.new(json(200, '{"access_token":"' .. token .. '"}')),
      }
      local session, err = checkout:get_session "idv_1"
      assert.is_nil(session)
      assert.are_equal("protocol", err.kind)
      assert.are_equal("get_session", err.operation)
    end)
  end
end)

describe("an answer that can not be right", function()
  local deep = ("["):rep(100000)
  local cases = {
    { "is HTML", '<html><body>Proxy says no</body></html>', "not JSON" },
    { "is empty", "", "no body" },
    { "is cut off", '{"id":"s"', "not JSON" },
    { "is a list", '[{"id":"s"}]', "no usable 'id'" },
    { "is a text", '"s"', "not an object" },
    { "is a number", "5", "not an object" },
    { "is null", "null", "not an object" },
    { "has no id", '{"session_url":"https://x.example"}', "no usable 'id'" },
    { "has an id of a wrong type", '{"id":{"a":1}}', "no usable 'id'" },
    { "has a list for an id", '{"id":[1]}', "no usable 'id'" },
    { "is nested 100,000 deep", deep, "deeper than 64" },
    { "is nested 65 deep", ("["):rep(65) .. ("]"):rep(65), "deeper than 64" },
    { "holds NaN", '{"id":nan}', "not JSON" },
    { "holds hexadecimal", '{"id":0x10}', "not JSON" },
    { "is two values", '{"id":"s"}{"id":"t"}', "not JSON" },
    { "holds a NUL", '{"id":"s"}\0', "not JSON" },
  }
  for _, case in ipairs(cases) do
    it("because it " .. case[1], function()
      local session, err = answered("deepidv", json(200, case[2]))
      assert.is_nil(session)
      assert.are_equal("protocol", err.kind)
      assert.are_equal("unknown", err.outcome)
      assert.is_truthy(err.message:find(case[3], 1, true), err.message)
      assert.is_false(err.retryable)
    end)
  end

  it("but nested 64 deep it may be", function()
    local value = ("["):rep(63) .. ("]"):rep(63)
    assert(answered("deepidv", json(200, '{"id":"s","session_url":"https://x.example/","links":' .. value .. "}")))
  end)

  it("because it is larger than max_response_bytes", function()
    local session, err = answered("deepidv", json(200, '{"id":"' .. ("x"):rep(9 * 1024 * 1024) .. '"}'))
    assert.is_nil(session)
    assert.are_equal("protocol", err.kind)
    assert.is_truthy(err.message:find "max_response_bytes")
  end)

  it("because a list is not one", function()
    for _, body in ipairs { '{"sessions":5}', "{}", '{"sessions":[5]}', '{"sessions":[{"no":"id"}]}' } do
      local page, err = answered("deepidv", json(200, body), "list_sessions")
      assert.is_nil(page)
      assert.are_equal("protocol", err.kind)
    end
  end)

  it("because it has no body, whatever the operation changes", function()
    for _, body in ipairs { "", "<html/>", "{}", "[]" } do
      local session, err = answered("checkout", { status = 200, headers = {}, body = body }, "anonymize_session", "idv_1")
      assert.is_nil(session)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
      session, err = answered("deepidv", { status = 200, headers = {}, body = body }, "decide_session", "s", "REJECTED")
      assert.is_nil(session)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
    end
  end)
end)

describe("a list", function()
  it("has items and what frames them", function()
    local page = assert(answered("deepidv", json(200,
      '{"sessions":[{"id":"a","status":"PENDING"},{"id":"b","status":"VERIFIED"}],"next_token":"t"}'), "list_sessions"))
    assert.are_equal(2, #page.items)
    assert.are_equal("approved", page.items[2].status)
    assert.are_equal("b", page.items[2].raw.id)
    assert.are_equal("deepidv session b (approved)", tostring(page.items[2]))
    assert.are_equal("t", page.next_token)
    page = assert(answered("checkout", json(200, '{"total_count":2,"skip":0,"limit":10,"data":[{"id":"iatp_1"}]}'),
      "list_attempts", "idv_1"))
    assert.are_equal(2, page.total_count)
    assert.are_equal("iatp_1", page.items[1].id)
    page = assert(answered("checkout", json(200, '{"total_count":1,"skip":0,"limit":10,"data":[{"type":"face_image",'
      .. '"_links":{"asset_url":{"href":"https://s.example/x"}}}]}'), "list_assets", "idv_1", "iatp_1"))
    assert.are_equal("face_image", page.items[1].type)
    assert.are_equal("https://s.example/x", page.items[1].url)
    assert.are_equal("checkout asset", tostring(page.items[1]))
  end)

  it("of deepIDV is walked over by its tokens", function()
    local pages = {
      '{"sessions":[{"id":"a"},{"id":"b"}],"next_token":"t 1"}', '{"sessions":[],"next_token":"t2"}',
      '{"sessions":[{"id":"c"}],"next_token":null}',
    }
    local transport = capture.new(function(_, n) return json(200, pages[n]) end)
    local deepidv = idv.deepidv { api_key = "k", transport = transport }
    local ids = {}
    for session in deepidv:each_session { limit = 2 } do
      ids[#ids + 1] = session.id
    end
    assert.are_same({ "a", "b", "c" }, ids)
    assert.are_equal("https://api.deepidv.com/v1/sessions?limit=2&next_token=t%201", transport[2].url)
    assert.are_equal(3, #transport)
  end)

  it("of Checkout.com is walked over by skip and limit", function()
    local transport = capture.new(function(request)
      local skip = tonumber(request.url:match "skip=(%d+)" or 0)
      local data = {}
      for i = skip + 1, math.min(skip + 2, 5) do
        data[#data + 1] = ('{"id":"iatp_%d"}'):format(i)
      end
      return json(200, ('{"total_count":5,"skip":%d,"limit":2,"data":[%s]}'):format(skip, table.concat(data, ",")))
    end)
    local checkout = idv.checkout { secret_key = "sk_x", transport = transport }
    local ids = {}
    for attempt in checkout:each_attempt("idv_1", { limit = 2 }) do
      ids[#ids + 1] = attempt.id
    end
    assert.are_same({ "iatp_1", "iatp_2", "iatp_3", "iatp_4", "iatp_5" }, ids)
    assert.are_equal(3, #transport)
  end)

  it("that breaks off says so in a last round", function()
    local transport = capture.new(function(_, n)
      return n == 1 and json(200, '{"sessions":[{"id":"a"}],"next_token":"t"}') or json(500, "{}")
    end)
    local deepidv = idv.deepidv { api_key = "k", transport = transport }
    local seen, failure = {}, nil
    for session, err in deepidv:each_session() do
      seen[#seen + 1] = session
      failure = err
    end
    assert.are_equal(2, #seen)
    assert.is_false(seen[2])
    assert.are_equal("server", failure.kind)
  end)
end)

describe("a transport of the caller's own", function()
  it("that fails becomes an error record", function()
    local cases = {
      { function() error "secret canary" end, "network", "unknown" },
      { function() return nil, "secret canary" end, "network", "unknown" },
      { function() return nil end, "network", "unknown" },
      { function() return nil, { kind = "timeout", message = "slow", outcome = "not_sent" } end, "timeout", "not_sent" },
      { function() return nil, { kind = "nonsense", outcome = "maybe" } end, "network", "unknown" },
      { function() return 5 end, "protocol", "unknown" },
      { function() return { status = "200" } end, "protocol", "unknown" },
      { function() return { status = 20 } end, "protocol", "unknown" },
      { function() return { status = 200, body = {} } end, "protocol", "unknown" },
    }
    for _, case in ipairs(cases) do
      local deepidv = idv.deepidv { api_key = "k", transport = case[1] }
      local session, err = deepidv:create_session(params.deepidv)
      assert.is_nil(session)
      assert.are_equal(case[2], err.kind)
      assert.are_equal(case[3], err.outcome)
      assert.are_equal(1, err.attempts)
      assert.is_nil(tostring(err):find "canary")
    end
  end)
end)
