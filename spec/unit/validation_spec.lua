--- Bad input: each slip gets a message that names the field, what was wrong and what is right, and nothing is sent.

local idv = require "idv"
local capture = require "spec.support.capture"

--- A provider whose transport fails the test when it is used.
local function unsent(name, options)
  local transport = capture.new(function()
    error "a request was sent"
  end)
  options.transport = transport
  return idv.provider(name, options), transport
end

local good = {
  first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
}

--- `good` with some fields changed; `false` in `without` takes one away.
local function with(changes)
  local params = {}
  for name, value in pairs(good) do
    params[name] = value
  end
  for name, value in pairs(changes) do
    params[name] = value
  end
  return params
end

local function without(name)
  local params = with {}
  params[name] = nil
  return params
end

--- The message about a field, or nil.
local function message_of(err, field)
  for _, detail in ipairs(err.details) do
    if detail.field == field then
      return detail.message
    end
  end
end

local cycle = {}
cycle.again = { cycle }

local deep = {}
do
  local at = deep
  for _ = 1, 80 do
    at.inner = {}
    at = at.inner
  end
end

-- description, parameters of deepidv:create_session, faulty field, pattern of the message
local cases = {
  { "missing", without "email", "email", "^is required: an e%-mail address such as" },
  { "missing text", without "first_name", "first_name", "^is required$" },
  { "empty", with { first_name = "" }, "first_name", "^is empty; must be text" },
  { "blank", with { first_name = "  " }, "first_name", "^is empty" },
  { "of a wrong type", with { first_name = 5 }, "first_name", "^is a number; must be text" },
  { "a boolean for text", with { first_name = true }, "first_name", "^is a boolean" },
  { "text for a boolean", with { send_email_invite = "false" }, "send_email_invite", "^is a string; must be true or false" },
  { "not UTF-8", with { first_name = "Ad\255a" }, "first_name", "^is not valid UTF%-8 %(byte 3%)" },
  { "a surrogate", with { first_name = "\237\160\128" }, "first_name", "^is not valid UTF%-8" },
  { "a NUL inside", with { first_name = "A\0da" }, "first_name", "^holds a control character %(byte 2%)" },
  { "a CR inside", with { last_name = "A\rb" }, "last_name", "control character" },
  { "a LF inside", with { last_name = "A\nb" }, "last_name", "control character" },
  { "no address", with { email = "ada" }, "email", "^has no @; must be an e%-mail address such as" },
  { "an address without domain", with { email = "ada@" }, "email", "^has nothing behind the @" },
  { "a phone without plus", with { phone = "15192223333" }, "phone", "E%.164 form such as %+15192223333" },
  { "a phone with blanks", with { phone = "+1 519 222 3333" }, "phone", "E%.164" },
  { "a phone that is short", with { phone = "+123456789" }, "phone", "E%.164" },
  { "a phone that is long", with { phone = "+1234567890123456" }, "phone", "E%.164" },
  { "a phone with a leading zero", with { phone = "+0234567890" }, "phone", "E%.164" },
  { "http for a redirect", with { redirect_url = "http://me.example/" }, "redirect_url", "^is an http address, but deepIDV takes https only" },
  { "no address at all", with { redirect_url = "me.example" }, "redirect_url", "must be an https address such as" },
  { "javascript for an address", with { redirect_url = "javascript:alert(1)" }, "redirect_url", "must be an https address" },
  { "an address with a blank", with { redirect_url = "https://me.example/a b" }, "redirect_url", "^holds a blank at byte 21" },
  { "zero hours", with { expires_in_hours = 0 }, "expires_in_hours", "from 1 to 8760" },
  { "too many hours", with { expires_in_hours = 8761 }, "expires_in_hours", "from 1 to 8760" },
  { "half an hour", with { expires_in_hours = 0.5 }, "expires_in_hours", "must be an integer" },
  { "NaN", with { expires_in_hours = 0 / 0 }, "expires_in_hours", "must be an integer" },
  { "infinity", with { expires_in_hours = math.huge }, "expires_in_hours", "must be an integer" },
  { "a number as text", with { expires_in_hours = "24" }, "expires_in_hours", "must be an integer" },
  { "an unknown name", with { frist_name = "Ada" }, "frist_name", "^is not a parameter %(did you mean first_name%?%)" },
  { "another unknown name", with { zzzzzz = 1 }, "zzzzzz", "go into extra" },
  { "a name that is no name", with { ["a b"] = 1 }, "?", "is not the name of a parameter" },
  { "a position", with { [1] = "Ada" }, "?", "without a name" },
  { "extra that is no table", with { extra = 1 }, "extra", "must be a table" },
  { "extra with a known field", with { extra = { email = "x@y.zz" } }, "extra.email", "pass it outside extra" },
  { "extra with a known field in the other spelling", with { extra = { firstName = "x" } }, "extra.firstName", "outside extra" },
  { "a cycle in extra", with { extra = { a = cycle } }, "extra.a", "contains itself" },
  { "depth in extra", with { extra = { a = deep } }, "extra.a", "deeper than 64" },
  { "a function in extra", with { extra = { a = print } }, "extra.a", "JSON does not have" },
  { "NaN in extra", with { extra = { a = { 0 / 0 } } }, "extra.a", "not finite" },
  { "infinity in extra", with { extra = { a = -math.huge } }, "extra.a", "not finite" },
  { "bad UTF-8 in extra", with { extra = { a = { "\255" } } }, "extra.a", "not valid UTF%-8" },
  { "a bad key in extra", with { extra = { a = { ["\255"] = 1 } } }, "extra.a", "not valid UTF%-8" },
  { "holes in extra", with { extra = { a = { 1, nil, 3 } } }, "extra.a", "neither a list without gaps nor an object" },
  { "a mixed table in extra", with { extra = { a = { 1, b = 2 } } }, "extra.a", "neither a list" },
  { "too large an integer in extra", with { extra = { a = 2 ^ 60 } }, "extra.a", "integer" },
}

describe("bad input to create_session", function()
  for _, case in ipairs(cases) do
    it("is refused when it is " .. case[1], function()
      local deepidv, transport = unsent("deepidv", { api_key = "k" })
      local session, err = deepidv:create_session(case[2])
      assert.is_nil(session)
      assert.are_equal("validation", err.kind)
      assert.are_equal("not_sent", err.outcome)
      assert.are_equal(0, err.attempts)
      assert.is_false(err.retryable)
      assert.is_truthy(message_of(err, case[3]), "no message about " .. case[3] .. " in: " .. tostring(err))
      assert.is_truthy(message_of(err, case[3]):find(case[4]), message_of(err, case[3]))
      assert.are_equal(0, #transport)
      local shown, problem = deepidv:preview("create_session", case[2])
      assert.is_nil(shown)
      assert.are_same(err.details, problem.details)
    end)
  end

  it("is refused before there is a token, too", function()
    local checkout, transport = unsent("checkout", { client_id = "ack_1", client_secret = "s" })
    local session, err = checkout:create_applicant { email = "ada@example.com", extra = { a = print } }
    assert.is_nil(session)
    assert.is_truthy(message_of(err, "extra.a"):find "JSON does not have")
    assert.are_equal(0, #transport)
  end)

  it("is refused with all faulty fields at once, in the order of the description", function()
    local deepidv = unsent("deepidv", { api_key = "k" })
    local _, err = deepidv:create_session { phone = "1", email = 2, zebra = 1, emial = 2 }
    local fields = {}
    for i, detail in ipairs(err.details) do
      fields[i] = detail.field
    end
    assert.are_same({ "emial", "zebra", "first_name", "last_name", "email", "phone" }, fields)
    for _, field in ipairs(fields) do
      assert.is_truthy(err.message:find(field, 1, true))
    end
  end)

  it("never shows a value", function()
    local deepidv = unsent("deepidv", { api_key = "k3y-canary" })
    local _, err = deepidv:create_session {
      first_name = "Canary\n", last_name = { "Canary" }, email = "canary", phone = "canary",
      redirect_url = "http://canary.example", extra = { canary1 = print },
    }
    assert.is_nil(tostring(err):gsub("canary1", ""):lower():find "canary")
  end)

  it("is refused when it is no table", function()
    local deepidv = unsent("deepidv", { api_key = "k" })
    for _, params in ipairs { "Ada", 5, true } do
      local _, err = deepidv:create_session(params)
      assert.are_equal("validation", err.kind)
      assert.is_truthy(err.message:find "parameters must be a table")
    end
  end)

  it("is refused when the request would be too large", function()
    local deepidv = unsent("deepidv", { api_key = "k" })
    local _, err = deepidv:create_session(with { extra = { a = ("x"):rep(1100000) } })
    assert.are_equal("validation", err.kind)
    assert.is_truthy(err.message:find "larger than 1 MiB")
  end)

  it("survives a thousand unknown names, telling of the first hundred", function()
    local deepidv = unsent("deepidv", { api_key = "k" })
    local params = with {}
    for i = 1, 1000 do
      params["unknown" .. i] = i
    end
    local _, err = deepidv:create_session(params)
    assert.are_equal(100, #err.details)
  end)
end)

describe("spellings", function()
  local function body_of(params)
    local transport = capture.new(capture.json(200, '{"id":"s","session_url":"https://x.example/"}'))
    local deepidv = idv.deepidv { api_key = "k", transport = transport }
    assert(deepidv:create_session(params))
    return transport[1].body
  end

  local camel = {
    firstName = "Ada", lastName = "Example", email = "ada@example.com", phone = "+15192223333", externalId = "e",
    sendEmailInvite = false, sendPhoneInvite = false, workflowId = "wf", redirectUrl = "https://a.bc/",
    expiresInHours = 5,
  }
  local snake = {
    first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333", external_id = "e",
    send_email_invite = false, send_phone_invite = false, workflow_id = "wf", redirect_url = "https://a.bc/",
    expires_in_hours = 5,
  }

  it("of deepIDV are both accepted and send the same bytes", function()
    assert.are_equal(body_of(snake), body_of(camel))
    assert.is_truthy(body_of(snake):find('"send_email_invite":false,"send_phone_invite":false', 1, true))
  end)

  it("let the provider's own win, even over a faulty one of ours", function()
    local body = body_of(with { firstName = "Grace", first_name = 5, sendEmailInvite = false, send_email_invite = true })
    assert.is_truthy(body:find('"first_name":"Grace"', 1, true))
    assert.is_truthy(body:find('"send_email_invite":false', 1, true))
  end)

  it("pass fields of a later release through extra, sorted, after the known ones", function()
    local body = body_of(with { extra = { zeta = { 1, 2 }, alpha = { b = true } } })
    assert.are_equal('{"first_name":"Ada","last_name":"Example","email":"ada@example.com","phone":"+15192223333",'
      .. '"alpha":{"b":true},"zeta":[1,2]}', body)
  end)
end)

describe("ids", function()
  local hostile = {
    "a/b", "..", ".", "", "a?b", "a#b", "a\0b", "a\r\nHost: evil", "a%2Fb", "a b", "ä", "a\\b", "a;b",
  }

  it("that could leave their place in the path are refused", function()
    for _, id in ipairs(hostile) do
      local deepidv, transport = unsent("deepidv", { api_key = "k" })
      local _, err = deepidv:get_session(id)
      assert.are_equal("validation", err.kind, ("%q"):format(id))
      assert.are_equal("id", err.details[1].field)
      assert.are_equal(0, #transport)
    end
  end)

  it("of Checkout.com need their prefix", function()
    local checkout = unsent("checkout", { secret_key = "sk_x" })
    for _, id in ipairs { "aplt_1", "idv", "idv_", "IDV_1", "idv_1/2", "idv_../x" } do
      local _, err = checkout:get_session(id)
      assert.are_equal("validation", err.kind, id)
    end
    local _, err = checkout:get_session "x"
    assert.is_truthy(err.message:find "begins with idv_")
    _, err = checkout:get_attempt("idv_1", "idv_1")
    assert.are_equal("attempt_id", err.details[1].field)
  end)

  it("of a wrong type are refused", function()
    local deepidv = unsent("deepidv", { api_key = "k" })
    for _, id in ipairs { 5, true, {} } do
      local _, err = deepidv:get_session(id)
      assert.are_equal("validation", err.kind)
    end
    local _, err = deepidv:get_session()
    assert.is_truthy(err.message:find "^id is required")
  end)
end)

describe("user_id of impact.com", function()
  local function sent(user_id)
    local transport = capture.new(capture.json(200, '{"id":"1"}'))
    local impact = idv.impact { account_sid = "S", auth_token = "t", transport = transport }
    local _, err = impact:create_session { user_id = user_id }
    return transport[1] and transport[1].body, err
  end

  it("is the same integer in every form", function()
    for _, user_id in ipairs { "I-5402850", "5402850", 5402850, 5402850.0 } do
      assert.are_equal('{"UserId":5402850}', (sent(user_id)))
    end
  end)

  it("is anything else in no form", function()
    local hostile = {
      "I-", "i-5402850", "I5402850", "I-54x", "-5", "0", "05402850", "5402850.0", " 5402850", "5402850 ", "5e6", "0x10",
      "I-I-5", "", "99999999999999999999", -5, 0, 1.5, 0 / 0, math.huge, true, {},
    }
    for _, user_id in ipairs(hostile) do
      local body, err = sent(user_id)
      assert.is_nil(body, tostring(user_id))
      assert.are_equal("validation", err.kind)
      assert.are_equal("user_id", err.details[1].field)
    end
  end)

  it("goes out with all its digits, and is refused where it may have been rounded before", function()
    for _, digits in ipairs { "540285012345678", "9007199254740993", "123456789012345678" } do
      assert.are_equal('{"UserId":' .. digits .. "}", (sent(digits)))
      assert.are_equal('{"UserId":' .. digits .. "}", (sent("I-" .. digits)))
    end
    for _, rounded in ipairs { 2 ^ 53, 2 ^ 53 + 2, 2 ^ 60, 1e18, 1e300 } do
      local body, err = sent(rounded)
      assert.is_nil(body)
      assert.is_truthy(err.message:find "may have been rounded; pass its digits as text")
    end
    if math.type then
      assert.are_equal('{"UserId":9007199254740993}', (sent(math.tointeger(2 ^ 53) + 1)))
    end
    assert.are_equal('{"UserId":99999999999999}', (sent(99999999999999)))
  end)
end)

describe("the identifiers of cidaas", function()
  local function sent(params)
    local transport = capture.new { status = 302, headers = { Location = "/identity/verification_complete?accvid=a" } }
    local cidaas = idv.cidaas { base_url = "https://t.cidaas.de", transport = transport }
    params.request_id, params.processing_type = "r", "CODE"
    local session, err = cidaas:create_session(params)
    return session and transport[1].body, err
  end

  it("are exactly one, or none with track_id", function()
    for _, params in ipairs {
      { q = "s" }, { email = "a@b.cc" }, { mobile = "+491511234" }, { username = "u" }, { track_id = "t" },
      { trackId = "t" }, { email = "a@b.cc", track_id = "t" }, { phone = "+491511234" }, { sub = "s" },
      { phone = "0151 / 1234 (abends)" }, { sub = "s", track_id = "t" }, { phone = "1", trackId = "t" },
      { email = "a@b.cc", extra = { client_id = "c", redirect_uri = "https://a.bc", response_type = "code" } },
    } do
      assert.is_truthy((sent(params)))
    end
  end)

  it("are refused when there is none or more than one", function()
    for _, params in ipairs {
      {}, { q = "s", email = "a@b.cc" }, { email = "a@b.cc", mobile = "1", username = "u" },
      { q = "s", username = "u", track_id = "t" }, { phone = "1", mobile = "1" }, { sub = "s", q = "s" },
      { email = "a@b.cc", phone = "1" }, { sub = "s", username = "u" }, { sub = "s", phone = "1", track_id = "t" },
    } do
      local body, err = sent(params)
      assert.is_nil(body)
      assert.are_equal("validation", err.kind)
      assert.is_truthy(err.message:find "exactly one of them")
    end
  end)

  it("go with a processing type and a medium out of the documented sets, the medium left out by default", function()
    assert.are_equal("requestId=r&processingType=CODE&email=a%40b.cc", (sent { email = "a@b.cc" }))
    assert.are_equal("requestId=r&processingType=CODE&phone=%2B491511234", (sent { phone = "+491511234" }))
    assert.are_equal("requestId=r&processingType=CODE&sub=4d1c", (sent { sub = "4d1c" }))
    local cidaas = unsent("cidaas", { base_url = "https://t.cidaas.de" })
    local _, err = cidaas:create_session {
      request_id = "r", processing_type = "GENERAL", verification_medium = "pigeon", email = "a@b.cc",
    }
    assert.is_truthy(message_of(err, "processing_type"):find "must be one of: CODE, LINK")
    assert.is_truthy(message_of(err, "verification_medium"):find "must be one of: email, sms, ivr")
  end)
end)

describe("declared data of Checkout.com", function()
  local function problems(declared)
    local checkout = unsent("checkout", { secret_key = "sk_x" })
    local _, err = checkout:create_session { declared_data = declared, redirect_url = "https://a.bc/" }
    return err
  end

  local faulty = {
    { { name = "A" }, "declared_data.name", "at least 2" },
    { { name = ("x"):rep(256) }, "declared_data.name", "at most 255" },
    { { name = "Ada", birth_date = "1990-02-30" }, "declared_data.birth_date", "YYYY%-MM%-DD" },
    { { name = "Ada", birth_date = "02.01.1990" }, "declared_data.birth_date", "YYYY%-MM%-DD" },
    { { name = "Ada", phone_number = {} }, "declared_data.phone_number.country_code", "is required" },
    { { name = "Ada", phone_number = { country_code = "44", number = "1" } }, "declared_data.phone_number.country_code", "%+44" },
    { { name = "Ada", phone_number = { country_code = "+44", number = "123456789012345" } }, "declared_data.phone_number.number", "1 to 14 digits" },
    { { name = "Ada", phone_number = "+44" }, "declared_data.phone_number", "is a string; must be a table" },
    { { name = "Ada", email = "x" }, "declared_data.email", "e%-mail" },
    { { name = "Ada", address = { country = "GBR" } }, "declared_data.address.country", "two%-letter" },
    { { name = "Ada", address = { city = ("x"):rep(51) } }, "declared_data.address.city", "at most 50" },
    { { name = "Ada", address = { address_line1 = ("x"):rep(251) } }, "declared_data.address.address_line1", "at most 250" },
    { { name = "Ada", adress = {} }, "declared_data.adress", "did you mean address" },
    { { name = "Ada", extra = 1 }, "declared_data.extra", "must be a table of fields" },
    { { name = "Ada", extra = { ["a b"] = 1 } }, "declared_data.extra", "each with a plain name" },
    { { name = "Ada", extra = { email = "a@b.cc" } }, "declared_data.extra.email", "pass it outside extra" },
    { { name = "Ada", extra = { a = print } }, "declared_data.extra.a", "JSON does not have" },
    { { name = "Ada", address = { extra = { city = "x" } } }, "declared_data.address.extra.city", "outside extra" },
    { { name = "Ada", address = { extra = { a = { 0 / 0 } } } }, "declared_data.address.extra.a", "not finite" },
    { { name = "Ada", address = { district = "x" } }, "declared_data.address.district", "go into extra" },
  }
  for _, case in ipairs(faulty) do
    it(("is checked at %s: %s"):format(case[2], case[3]), function()
      local err = problems(case[1])
      assert.is_truthy(message_of(err, case[2]), tostring(err))
      assert.is_truthy(message_of(err, case[2]):find(case[3]), tostring(err))
    end)
  end

  it("may hold letters of any script, counted as characters", function()
    local transport = capture.new(capture.json(201, '{"id":"idv_1"}'))
    local checkout = idv.checkout { secret_key = "sk_x", transport = transport }
    assert(checkout:create_session { declared_data = { name = ("ж"):rep(255) }, redirect_url = "https://a.bc/" })
  end)
end)

describe("options of a call", function()
  it("are checked like parameters", function()
    local deepidv = unsent("deepidv", { api_key = "k" })
    for _, case in ipairs {
      { { timeout = -1 }, "options.timeout" }, { { timeout = "5" }, "options.timeout" },
      { { max_retries = 1.5 }, "options.max_retries" }, { { max_retries = 11 }, "options.max_retries" },
      { { timeuot = 5 }, "options.timeuot" }, { { path = "x" }, "options.path" }, { 5, "options" },
      { { timeout = 0 / 0 }, "options.timeout" }, { { max_response_bytes = 0 }, "options.max_response_bytes" },
    } do
      local _, err = deepidv:get_session("s", case[1])
      assert.are_equal("validation", err.kind)
      assert.are_equal(case[2], err.details[1].field)
    end
  end)
end)
