--- Provider objects: construction, what they show, what they do not have.

local idv = require "idv"
local capture = require "spec.support.capture"

local function message_of(fn, ...)
  local ok, message = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_string(message)
  return message
end

describe("constructing a provider", function()
  -- constructor, options, pattern of the message
  local mistakes = {
    { "deepidv", {}, "option 'api_key' is missing" },
    { "deepidv", nil, "option 'api_key' is missing" },
    { "deepidv", { api_key = "" }, "'api_key' is empty" },
    { "deepidv", { api_key = 5 }, "'api_key' must be a string, not a number" },
    { "deepidv", { api_key = "a\nb" }, "'api_key' holds a control character" },
    { "deepidv", { api_key = "k", apikey = "k" }, "unknown option 'apikey' %(did you mean 'api_key'%?%)" },
    { "deepidv", { api_key = "k", [1] = "k" }, "unknown option '%?'" },
    { "deepidv", { api_key = "k", ["a canary"] = "k" }, "unknown option '%?'" },
    { "deepidv", "k", "options must be a table" },
    { "deepidv", { api_key = "k", timeout = 0 }, "'timeout' must be a number from" },
    { "deepidv", { api_key = "k", timeout = "30" }, "'timeout' must be a number" },
    { "deepidv", { api_key = "k", max_retries = 1.5 }, "'max_retries' must be an integer" },
    { "deepidv", { api_key = "k", base_url = "http://api.example" }, "'base_url' must be https" },
    { "deepidv", { api_key = "k", base_url = "http://api.example", allow_http = true }, "'base_url' must be https" },
    { "deepidv", { api_key = "k", base_url = "http://127.0.0.1:1" }, "allow_http" },
    { "deepidv", { api_key = "k", base_url = "https://u:p@api.example" }, "must not hold a user name" },
    { "deepidv", { api_key = "k", base_url = "https://api.example?x" }, "must not have a query" },
    { "deepidv", { api_key = "k", base_url = "ftp://api.example" }, "must be https" },
    { "deepidv", { api_key = "k", base_url = "api.example" }, "is not an address" },
    { "deepidv", { api_key = "k", base_url = 5 }, "must be a string" },
    { "deepidv", { api_key = "k", on_event = 5 }, "'on_event' must be a function" },
    { "deepidv", { api_key = "k", transport = {} }, "'transport' must be a function" },
    { "deepidv", { api_key = "k", allow_http = "yes" }, "'allow_http' must be a boolean" },
    { "deepidv", { api_key = "k", http_version = "3" }, "'http_version' must be one of: 1.1, 2" },
    { "impact", { account_sid = "S" }, "'auth_token' is missing" },
    { "impact", { account_sid = "S", auth_token = "t", api_version = "v16" }, "'api_version' must look like 16" },
    { "impact", { account_sid = "..", auth_token = "t" }, "'account_sid' can not be part of an address" },
    { "checkout", {}, "give secret_key, or client_id and client_secret" },
    { "checkout", { client_id = "ack" }, "credentials are half there, client_secret is missing: give secret_key, or" },
    { "checkout", { client_secret = "s" }, "half there, client_id is missing" },
    { "checkout", { secret_key = "sk_x", client_id = "ack", client_secret = "s" }, "'client_id' does not go with secret_key" },
    { "checkout", { secret_key = "sk_x", client_id = "ack" }, "'client_id' does not go with secret_key: give .* not both" },
    { "checkout", { secret_key = "sk_x", client_secret = "s" }, "'client_secret' does not go with secret_key" },
    { "checkout", { secret_key = "sk_sbox_abc" }, 'environment = "sandbox" %(sk_sbox_.*is "production", as when it is left out' },
    { "checkout", { secret_key = "sk_sbox_abc", environment = "production" }, '"production": one of them is wrong' },
    { "checkout", { secret_key = "sk_sbox_", environment = "production" }, "'secret_key' is one for" },
    { "checkout", { secret_key = "sk_abc", environment = "sandbox" }, 'environment = "production".*is "sandbox": one of' },
    { "checkout", { secret_key = "sk_abcdefghijklmnopqrstuvwxyz2$", environment = "sandbox" }, "is one for" },
    { "checkout", { secret_key = "sk_live_1-2", environment = "sandbox" }, "is one for" },
    { "deepidv", { api_key = "k", max_response_bytes = 0 }, "must be an integer from 1 to 1073741824" },
    { "checkout", { secret_key = "sk_abc", environment = "sandbox", base_url = "https://t" }, "is one for" },
    { "checkout", { secret_key = "sk_sbox_abc", environment = "production", base_url = "https://t" }, "is one for" },
    { "checkout", { secret_key = "pk_x" }, "'secret_key' must look like sk_" },
    { "checkout", { secret_key = "sk_x", environment = "live" }, "'environment' must be one of: sandbox, production" },
    { "checkout", { secret_key = "sk_x", subdomain = "evil.example/" }, "'subdomain' must look like" },
    { "cidaas", {}, "'base_url' is missing" },
    { "cidaas", { base_url = "https://t", encoding = "xml" }, "'encoding' must be one of: form, json" },
  }
  for _, mistake in ipairs(mistakes) do
    it(("throws: %s: %s"):format(mistake[1], mistake[3]), function()
      local message = message_of(idv[mistake[1]], mistake[2])
      assert.is_truthy(message:find(mistake[3]), message)
    end)
  end

  it("take a key whose form says nothing of the environment, or where the environment has no say", function()
    for _, options in ipairs {
      { secret_key = "sk_sbox_abc", environment = "sandbox" }, { secret_key = "sk_abc" },
      { secret_key = "sk_abc", environment = "production" }, { secret_key = "sk_sbox_abc", base_url = "https://t" },
      { secret_key = "sk_abc", base_url = "https://t" }, { secret_key = "sk_test_1-2", environment = "sandbox" },
      { secret_key = "sk_test_1-2" }, { secret_key = "sk_b37b8b6b-fc9a", environment = "sandbox" },
      { client_id = "ack", client_secret = "s", environment = "sandbox" }, { client_id = "ack", client_secret = "sk_sbox_a" },
      { secret_key = "sk_abc", subdomain = "abcd1234" }, { secret_key = "sk_sboxabc" },
    } do
      assert(idv.checkout(options))
    end
    assert(idv.impact { account_sid = "S", auth_token = "t", username = "u" })
  end)

  it("never shows the value of an option", function()
    for _, options in ipairs {
      { api_key = "canary\n" }, { api_key = "k", base_url = "http://canary.example" }, { api_key = "k", proxy = "canary\n" },
    } do
      assert.is_nil(message_of(idv.deepidv, options):find "canary")
    end
    for _, options in ipairs {
      { secret_key = "canary" }, { secret_key = "sk_sbox_canary" }, { secret_key = "sk_canary", environment = "sandbox" },
      { secret_key = "sk_canary", client_id = "canary" }, { client_id = "canary" }, { client_secret = "canary" },
    } do
      assert.is_nil(message_of(idv.checkout, options):find "canary")
    end
  end)

  it("by name throws for a name that is none", function()
    assert.is_truthy(message_of(idv.provider, "stripe", {}):find "there are checkout, cidaas, deepidv, impact")
    assert.are_same({ "checkout", "cidaas", "deepidv", "impact" }, idv.providers())
  end)

  it("are made of a description of one's own, which is checked first", function()
    assert.is_truthy(message_of(idv.provider, {}, {}):find "description of a provider: '%w+' is missing")
    assert.is_truthy(message_of(idv.provider, { name = "acme", colour = 1 }):find "description of acme: unknown key 'colour'")
    local acme = idv.provider({
      name = "acme", title = "Acme", source = "a page", base_url = "https://api.acme.test", options = {},
      refusal = { message = {}, code = {} },
      operations = {
        get_session = {
          about = "Gets it.", source = "a page", method = "GET", path = "/s/{id}", safe = true, arguments = { "id" },
          parameters = { { name = "id", type = "token", required = true, about = "Id" } },
          answer = { record = "session", fields = { id = "id" }, required = { "id" } },
        },
      },
    })
    assert.are_equal("https://api.acme.test/s/7", acme:preview("get_session", "7").url)
  end)

  it("takes the host of the environment, or another", function()
    local function url_of(options)
      options.secret_key = options.environment == "sandbox" and "sk_sbox_x" or "sk_x"
      return idv.checkout(options):preview("get_session", "idv_1").url
    end
    assert.are_equal("https://identity-verification.checkout.com/identity-verifications/idv_1", url_of {})
    assert.are_equal("https://identity-verification.sandbox.checkout.com/identity-verifications/idv_1",
      url_of { environment = "sandbox" })
    assert.are_equal("https://p.api.checkout.com/x/identity-verifications/idv_1", url_of { base_url = "https://p.api.checkout.com/x/" })
  end)

  it("takes another user name for Basic auth where there is one", function()
    local transport = capture.new { status = 500 }
    local impact = idv.impact { account_sid = "SID", auth_token = "t", username = "u", transport = transport }
    impact:create_session { user_id = 1 }
    assert.are_equal("Basic dTp0", capture.header(transport[1], "Authorization"))
    assert.are_equal("https://api.impact.com/Mediapartners/SID/IdentityVerification/Session", transport[1].url)
    assert.is_nil(capture.header(transport[1], "IR-Version"))
  end)
end)

describe("a provider object", function()
  local deepidv = idv.deepidv { api_key = "canary" }

  it("shows its name and nothing else", function()
    assert.are_equal("idv provider deepidv", tostring(deepidv))
    assert.is_nil(next(deepidv))
    assert.is_false(getmetatable(deepidv))
  end)

  it("can not be changed", function()
    assert.has_error(function() deepidv.x = 1 end)
  end)

  it("answers to a method it does not have with an error, and with a hint", function()
    local session, err = deepidv:create_attempt "x"
    assert.is_nil(session)
    assert.are_equal("unsupported", err.kind)
    assert.are_equal("not_sent", err.outcome)
    session, err = deepidv:create_sesion {}
    assert.is_nil(session)
    assert.is_truthy(err.message:find "did you mean create_session")
    local impact = idv.impact { account_sid = "S", auth_token = "t" }
    for _, method in ipairs { "get_session", "wait_session", "get_report", "check_credentials", "verify_code" } do
      session, err = impact[method](impact, "x")
      assert.is_nil(session)
      assert.are_equal("unsupported", err.kind)
      assert.is_false(impact:supports(method))
    end
  end)

  it("says what it supports", function()
    local table_of_methods = {
      checkout = {
        "create_session", "get_session", "wait_session", "get_report", "create_verification", "create_attempt",
        "list_attempts", "each_attempt", "get_attempt", "anonymize_session", "create_applicant", "get_applicant",
        "update_applicant", "anonymize_applicant", "check_credentials", "parse_redirect", "list_assets", "each_asset",
      },
      deepidv = {
        "create_session", "get_session", "wait_session", "list_sessions", "each_session", "get_report", "decide_session",
        "check_credentials", "parse_redirect",
      },
      impact = { "create_session" },
      cidaas = { "create_session", "verify_code", "parse_redirect" },
    }
    local objects = {
      checkout = idv.checkout { secret_key = "sk_x" }, deepidv = deepidv,
      impact = idv.impact { account_sid = "S", auth_token = "t" }, cidaas = idv.cidaas { base_url = "https://t" },
    }
    for name, methods in pairs(table_of_methods) do
      for _, method in ipairs(methods) do
        assert.is_true(objects[name]:supports(method), name .. "." .. method)
      end
    end
    assert.is_false(deepidv:supports "fetch_token")
    assert.is_false(objects.checkout:supports "locate_report")
  end)

  it("throws when it is called with a dot", function()
    local message = message_of(deepidv.create_session, { first_name = "canary" })
    assert.is_truthy(message:find "with a colon")
    assert.is_nil(message:find "canary")
  end)
end)

describe("preview", function()
  it("shows the request with everything secret hidden", function()
    local impact = idv.impact { account_sid = "canarysid", auth_token = "canarytoken" }
    local request = assert(impact:preview("create_session", { user_id = 5, callback_url = "https://canary.example/" }))
    assert.are_equal("POST", request.method)
    assert.are_equal("https://api.impact.com/Mediapartners/[hidden]/IdentityVerification/Session", request.url)
    assert.are_equal('{"UserId":5,"CallbackUrl":"[hidden]"}', request.body)
    assert.are_equal("Basic [hidden]", capture.header(request, "Authorization"))
    local deepidv = idv.deepidv { api_key = "canarykey" }
    request = assert(deepidv:preview("create_session", {
      first_name = "canary", last_name = "canary", email = "canary@canary.example", phone = "+15192223333",
      external_id = "canary", workflow_id = "wf_1", extra = { canary1 = "canary" },
    }))
    assert.are_equal('{"first_name":"[hidden]","last_name":"[hidden]","email":"[hidden]","phone":"[hidden]",'
      .. '"external_id":"[hidden]","workflow_id":"wf_1","canary1":"[hidden]"}', request.body)
    assert.are_equal("[hidden]", capture.header(request, "x-api-key"))
  end)

  it("works for OAuth without fetching a token", function()
    local transport = capture.new { status = 500 }
    local checkout = idv.checkout { client_id = "canary", client_secret = "canary", transport = transport }
    local request = assert(checkout:preview("get_session", "idv_1"))
    assert.are_equal("Bearer [hidden]", capture.header(request, "Authorization"))
    assert.are_equal(0, #transport)
  end)

  it("validates", function()
    local deepidv = idv.deepidv { api_key = "k" }
    local request, err = deepidv:preview("create_session", {})
    assert.is_nil(request)
    assert.are_equal("validation", err.kind)
    request, err = deepidv:preview("nonsense")
    assert.is_nil(request)
    assert.are_equal("validation", err.kind)
    local checkout = idv.checkout { secret_key = "sk_x" }
    request, err = checkout:preview("fetch_token", {})
    assert.is_nil(request)
    assert.are_equal("validation", err.kind)
  end)
end)

describe("events", function()
  it("tell what happens, and nothing about whom", function()
    local events = {}
    local deepidv = idv.deepidv {
      api_key = "canary", on_event = function(event) events[#events + 1] = event end,
      transport = capture.new(function(_, n)
        return n == 1 and capture.json(200, '{"id":"canary","session_url":"https://canary"}') or capture.json(402, "canary")
      end),
    }
    local params = { first_name = "canary", last_name = "canary", email = "c@canary.example", phone = "+15192223333" }
    assert(deepidv:create_session(params))
    deepidv:create_session(params)
    local types = {}
    for i, event in ipairs(events) do
      types[i] = event.type
      for key, value in pairs(event) do
        assert.is_nil(tostring(value):find "canary", key)
      end
    end
    assert.are_same({ "request", "response", "request", "error" }, types)
    assert.are_equal("deepidv", events[1].provider)
    assert.are_equal("create_session", events[1].operation)
    assert.are_equal(200, events[2].status)
    assert.are_equal("payment", events[4].kind)
    assert.are_equal("refused", events[4].outcome)
  end)
end)
