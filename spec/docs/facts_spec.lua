--- What the reference says of records and of statuses, held against what happens in the sandbox.

local annotations = require "tools.reference.annotations"
local client = require "spec.support.client"
local errors_page = require "tools.reference.errors_page"
local model = require "tools.reference.model"
local sandbox = require "spec.support.sandbox"

local control = sandbox.shared().control

local bases = annotations.by_name(annotations.read("lua/idv/records.lua").classes)
bases["idv.Webhook"] = annotations.by_name(annotations.read("lua/idv/webhook.lua").classes)["idv.Webhook"]

local providers = {}
for _, provider in ipairs(model.providers()) do
  providers[provider.name] = provider
end

--- Fails for a field of a record that no page names.
local function check(noun, record)
  assert.is_table(record)
  local known = {}
  for _, described in ipairs(providers[record.provider].records) do
    if described.name == noun then
      for _, list in ipairs { described.fields, bases[described.base].fields } do
        for _, field in ipairs(list) do
          known[field.name] = true
        end
      end
    end
  end
  for name in pairs(record) do
    assert.is_true(known[name], ("%s: the record %s has %s"):format(record.provider, noun, tostring(name)))
  end
  return record
end

local function webhook_of(object, order)
  local sent = control.webhook(order)
  return object:parse_webhook(sent.headers, sent.body)
end

describe("the fields of records are all on their page", function()
  before_each(function()
    control.reset()
  end)

  it("deepIDV", function()
    local deepidv = client.new("http", "deepidv", { webhook_secret = "whsec_1" })
    local session = check("session", assert(deepidv:create_session {
      first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
      expires_in_hours = 2, external_id = "me-1",
    }))
    control.advance(session.id, "SUBMITTED")
    check("session", assert(deepidv:get_session(session.id)))
    check("session", assert(deepidv:list_sessions()).items[1])
    check("session", assert(deepidv:decide_session(session.id, "VERIFIED")))
    check("report", assert(deepidv:get_report(session.id)))
    check("credentials", assert(deepidv:check_credentials()))
    check("redirect", assert(deepidv:parse_redirect "?session_id=s&status=failed&reason=x"))
    check("webhook", assert(webhook_of(deepidv, { id = session.id, secret = "whsec_1" })))
  end)

  it("Checkout.com", function()
    local checkout = client.new("http", "checkout", { webhook_secret = "key" })
    local applicant = check("applicant", assert(checkout:create_applicant {
      external_applicant_id = "me-1", external_applicant_name = "Ada", email = "ada@example.com",
    }))
    local session = check("session", assert(checkout:create_session {
      declared_data = { name = "Ada Example" }, redirect_url = "https://shop.example/back",
      applicant_id = applicant.id, user_journey_id = "usj_1",
    }))
    control.advance(session.id, "capture_in_progress")
    local page = assert(checkout:list_attempts(session.id))
    local attempt = check("attempt", page.items[1])
    check("attempt", assert(checkout:get_attempt(session.id, attempt.id)))
    control.advance(session.id, "checks_in_progress")
    control.advance(session.id, "approved")
    check("session", assert(checkout:wait_session(session.id)))
    check("asset", assert(checkout:list_assets(session.id, attempt.id)).items[1])
    check("report", assert(checkout:get_report(session.id)))
    check("webhook", assert(webhook_of(checkout, { id = session.id, secret = "key" })))
    check("session", assert(checkout:anonymize_session(session.id)))
    check("applicant", assert(checkout:anonymize_applicant(applicant.id)))
    check("credentials", assert(checkout:check_credentials()))
    check("redirect", assert(checkout:parse_redirect "?id=idv_1&event=e&response_code=61101"))
  end)

  it("impact.com", function()
    check("session", assert(client.new("http", "impact"):create_session { user_id = 5402850 }))
  end)

  it("cidaas", function()
    local cidaas = client.new("http", "cidaas")
    for _, answer in ipairs { "relative", "json" } do
      control.settings { cidaas = { initiate_answer = answer } }
      check("session", assert(cidaas:create_session {
        request_id = "r", processing_type = "CODE", email = "ada@example.com", track_id = "t",
      }))
    end
    local session = assert(cidaas:create_session { request_id = "r", processing_type = "CODE", email = "a@example.com" })
    local messages = control.outbox()
    local code = messages[#messages].code
    check("verification", assert(cidaas:verify_code { accvid = session.accvid, code = code }))
    check("redirect", assert(cidaas:parse_redirect "?accvid=1&email=a&type=email&processingType=CODE&track_id=t&requestId=r"))
  end)
end)

describe("what a status becomes is as the page says", function()
  before_each(function()
    control.reset()
  end)

  local deepidv = client.new("http", "deepidv", { max_retries = 1 })

  --- Sends one request that is answered with a status, twice if it is repeated.
  local function ask(status, is_safe)
    control.fault { status = status, body = "", times = 2, headers = { ["Retry-After"] = "0" } }
    if is_safe then
      return deepidv:get_session "sess_1"
    end
    return deepidv:create_session { first_name = "A", last_name = "B", email = "a@example.com", phone = "+15192223333" }
  end

  for _, status in ipairs { 400, 401, 402, 403, 404, 408, 409, 410, 417, 422, 425, 429, 500, 501, 502, 503, 504, 505 } do
    it(tostring(status), function()
      local fact = errors_page.of_status(status)
      for _, is_safe in ipairs { true, false } do
        control.reset()
        local session, err = ask(status, is_safe)
        assert.is_nil(session)
        assert.are_equal(fact.kind, err.kind)
        assert.are_equal(fact.outcome, err.outcome)
        assert.are_equal(fact.retryable == "yes" or (fact.retryable == "when safe" and is_safe), err.retryable)
        local repeats = fact.repeated == "yes" or (fact.repeated == "when safe" and is_safe)
        assert.are_equal(repeats and 2 or 1, err.attempts)
        assert.are_equal(err.attempts, control.count {})
      end
    end)
  end

  it("a redirect is no success", function()
    control.fault { status = 302, body = "", times = 1 }
    local _, err = deepidv:get_session "sess_1"
    assert.are_equal("protocol unknown false", ("%s %s %s"):format(err.kind, err.outcome, tostring(err.retryable)))
  end)
end)
