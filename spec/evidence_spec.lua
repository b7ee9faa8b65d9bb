--- A success needs evidence: no operation of any provider takes an answer for a success that could be anyone's.
---
--- What a login page, a page of maintenance, a proxy, a captive portal, a look-alike host or another API would answer is
--- given to every operation of every provider, the one of the examples included. An operation without arguments here
--- fails the spec, and so does one that nothing but these answers reaches: each also gets an answer as it is documented.

local idv = require "idv"
local capture = require "spec.support.capture"
local client = require "spec.support.client"
local larkspur = require "examples.fifth_provider.larkspur"
local sandbox = require "spec.support.sandbox"

local tenant = "https://tenant.cidaas.de"
local declared = { name = "Ada Example" }
local flow = { request_id = "req-1", processing_type = "CODE", email = "ada@example.com" }
local link = { request_id = "req-1", processing_type = "LINK", email = "ada@example.com" }

--- An answer of a provider, with a Location or a body.
local function good(status, body)
  if status >= 300 then
    return { status = status, headers = { Location = body }, body = "" }
  end
  return capture.json(status, body)
end

local verification = good(200, '{"id":"idv_1","status":"approved"}')
local attempt = good(200, '{"id":"iatp_1","status":"completed"}')
local applicant = good(200, '{"id":"aplt_1"}')
local session_record = good(200, '{"session_record":{"id":"s1","status":"VERIFIED"},"resource_links":{}}')
local check = good(200, '{"check_id":"chk_1","state":"NEW"}')

-- provider -> options, and method -> arguments and an answer as it is documented; `also` are further calls of a method
local rows = {
  checkout = {
    options = { secret_key = "sk_sbox_1", environment = "sandbox" },
    methods = {
      create_session = { { { declared_data = declared, redirect_url = "https://me.example/" } }, verification },
      create_verification = { { { applicant_id = "aplt_1", declared_data = declared } }, verification },
      get_session = { { "idv_1" }, verification },
      wait_session = { { "idv_1", { timeout = 30 } }, verification },
      anonymize_session = { { "idv_1" }, verification },
      create_attempt = { { "idv_1", { redirect_url = "https://me.example/" } }, attempt },
      list_attempts = { { "idv_1" }, good(200, '{"total_count":0,"skip":0,"limit":10,"data":[]}') },
      get_attempt = { { "idv_1", "iatp_1" }, attempt },
      list_assets = { { "idv_1", "iatp_1" }, good(200, '{"total_count":0,"skip":0,"limit":10,"data":[]}') },
      get_report = { { "idv_1" }, { status = 200, headers = {}, body = "%PDF-1.4\n1 0 obj\n%%EOF\n" } },
      create_applicant = { { {} }, applicant },
      get_applicant = { { "aplt_1" }, applicant },
      update_applicant = { { "aplt_1", { email = "ada@example.com" } }, applicant },
      anonymize_applicant = { { "aplt_1" }, applicant },
      check_credentials = { {}, good(404, "{}") },
    },
  },
  deepidv = {
    options = { api_key = "k" },
    methods = {
      create_session = {
        { { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" } },
        good(200, '{"id":"s1","session_url":"https://app.deepidv.com","links":[]}'),
      },
      get_session = { { "s1" }, session_record },
      wait_session = { { "s1", { timeout = 30 } }, session_record },
      list_sessions = { { {} }, good(200, '{"sessions":[],"next_token":null}') },
      decide_session = { { "s1", "VERIFIED" }, session_record },
      get_report = { { "s1" }, session_record },
      check_credentials = { {}, good(200, '{"valid":true,"organization":{"id":"o","name":"n","status":"ACTIVE"}}') },
    },
  },
  impact = {
    options = { account_sid = "IRsid", auth_token = "t" },
    methods = {
      create_session = {
        { { user_id = 5402850 } },
        good(200, '{"Status":"OK","id":"48944","sessionUrl":"https://verification.impact.com/v/1"}'),
      },
    },
  },
  cidaas = {
    options = { base_url = tenant },
    methods = {
      create_session = { { flow }, good(302, "/identity/verification_complete?accvid=a1&processingType=CODE") },
      verify_code = { { { accvid = "a1", code = "123456" } }, good(200, '{"success":true,"status":200}') },
    },
    also = {
      create_session = { { link }, good(302, "/identity/verification_complete?processingType=LINK&type=email") },
    },
  },
  larkspur = {
    description = larkspur,
    options = { access_key = "key_1" },
    methods = {
      create_session = {
        { { first_name = "Ada", last_name = "Example" } }, good(201, '{"check_id":"chk_1","state":"NEW"}'),
      },
      get_session = { { "chk_1" }, check },
      wait_session = { { "chk_1", { timeout = 30 } }, good(200, '{"check_id":"chk_1","state":"PASSED"}') },
      list_sessions = { { {} }, good(200, '{"checks":[]}') },
      cancel_session = { { "chk_1" }, check },
    },
  },
}

-- ---- what anyone could answer ----

local bodies = {
  "", " ", "{}", "[]", "null", "true", "200", '"ok"', "OK", "\239\187\191{}", '{"ok":true}', '{"status":"ok"}',
  '{"status":200}', '{"success":true}', '{"success":"true","status":200}', '{"success":1,"status":200}',
  '{"success":true,"status":"200"}', '{"success":true,"status":0}', '{"success":true,"status":200,"error":"x"}',
  '{"success":false,"status":200}', '{"verified":true}', '{"approved":true}', '{"valid":"true"}', '{"valid":1}',
  '{"valid":false}', '{"id":7}', '{"id":7,"name":"Widget","status":"approved"}', '{"id":"x","status":"VERIFIED"}',
  '{"id":"","session_url":""}', '{"id":"x","session_url":"/relative"}', '{"id":"x","url":"javascript:alert(1)"}',
  '{"id":"fav_1","status":"approved"}', '{"id":"iddv_1","status":"approved"}', '{"id":"idv_","status":"approved"}',
  '{"session":{"id":"s1","status":"VERIFIED"}}', '{"session_record":{"status":"VERIFIED"}}', '{"session_record":[]}',
  '{"data":[]}', '{"data":{"id":"idv_1"}}', '{"data":{"accvid":""}}', '{"data":{"accvid":true}}', '{"accvid":"a1"}',
  '{"items":[],"total":0}', '{"sessions":{"a":1}}', '{"sessions":5}',
  '{"sessions":[1]}', '{"checks":"none"}', '{"check_id":"chk_"}', '{"check_id":"chk_1"}', '{"pdf_report":""}',
  '{"pdf_report":true}', '{"signed_url":["https://s.example/r.pdf"]}', '{"message":"Forbidden"}',
  -- a success in one place, and none in another
  '{"success":true,"status":200,"error_code":"VER_0006"}', '{"success":true,"status":200,"errors":["x"]}',
  '{"success":true,"status":200,"error":"x"}', '{"success":true,"status":200,"data":{"accvid":"a","verified":false}}',
  '{"success":true,"status":200,"data":{"accvid":"a","success":false}}', '{"success":true,"status":200,"verified":false}',
  '{"success":true,"status":200,"data":{"accvid":"a","error":{"code":"x"}}}', '{"success":true,"status":400,"data":{"accvid":"a"}}',
  '{"success":false,"status":200,"data":{"accvid":"a"}}', '{"success":true,"status":201,"data":{"accvid":"undefined"}}',
  '{"message":null,"error":null}', '{"loginUrl":"https://portal.example/login"}',
  "<html><head><title>Log in</title></head><body>Welcome</body></html>",
  "<!DOCTYPE html><html><body>We are down for maintenance</body></html>", "<?xml version='1.0'?><id>idv_1</id>",
}

local complete = "/identity/verification_complete"
local whole = complete .. "?accvid=a1&email=a%40b.example&processingType=CODE&requestId=r&track_id=t&type=email"

local locations = {
  "", " ", "#", "?", "/", "//", "/login", "/login?requestId=r&track_id=t", "/identity/login?requestId=r&view_type=login",
  "/maintenance.html", "/verification-actions-srv/account", "/identity/error", "/identity/error/", "/identity/error/x",
  "/identity", "/identity/", "/identity/verification_completed", "/identity/verification_complete_failed",
  "/identity/verification_complete/../error", "/x" .. complete, "/identity//verification_complete",
  "/identity/verification_complete%2f", "/identity/verification%5Fcomplete", "/IDENTITY/VERIFICATION_COMPLETE",
  "/identity/verification_complete;x", "identity/verification_complete", "/.." .. complete .. ".html",
  -- another host, or one that only looks like the tenant's
  "https://evil.example" .. whole, "https://tenant.cidaas.de.evil.example" .. whole, "https://evil.cidaas.de" .. whole,
  "https://xtenant.cidaas.de" .. whole, "https://tenant.cidaas.de@evil.example" .. whole,
  "https://user@tenant.cidaas.de" .. whole, "https://tenant.cidaas.de:8443" .. whole, "http://tenant.cidaas.de" .. whole,
  "http://tenant.cidaas.de:443" .. whole, "//evil.example" .. whole, "///evil.example" .. whole,
  "https://tenant.cidaas.de%2eevil.example" .. whole, "https://tenant.cidaas.de\\@evil.example" .. whole,
  "/\\evil.example" .. whole, "\\\\evil.example" .. whole, "https:\\\\tenant.cidaas.de" .. whole,
  "https:" .. whole, "https://[::1]" .. whole, "https://tenant.cidaas.de." .. whole, "https://t\195\169nant.cidaas.de" .. whole,
  "javascript:alert(1)//" .. whole, "data:text/html," .. whole, "ftp://tenant.cidaas.de" .. whole, "mailto:a@b.example",
  "https://tenant.cidaas.de evil.example" .. whole, "https://tenant.cidaas.de\tevil.example" .. whole,
  -- an error beside what a success has
  whole .. "&error=Expectation%20Failed", whole .. "&error_code=VER_0006", whole .. "&ERROR_CODE=VER_0006",
  whole .. "&error=", whole .. "&error_code", whole .. "&error_description=x", whole .. "&error=%00", "/identity/error?" .. whole,
  whole .. "&errorCode=12", whole .. "&errors=1", whole .. "&error_msg=x", whole .. "&error%5B%5D=1", whole .. "&error.code=3",
  whole .. "#error=access_denied", whole .. "#x=1&error_code=VER_0006", whole .. "?error=x", whole .. ";error=x", whole .. "#/error?x",
  whole .. "&success=false", whole .. "&verified=false", complete .. "?errorCode=12", complete .. "#error=access_denied",
  complete .. "?x=1;error=2", complete .. "?a=b?error_code=VER_0006", complete .. "?success=false", complete .. "?verified=false",
  "/identity/error/?accvid=a1", "/identity/error/x?accvid=a1",
  "/identity/error?accvid=a1&error_code=VER_0006", whole .. "&error_code=VER_0006&error_code=",
  tenant .. whole .. "&Error_Code=VER_0006", "?accvid=a1&error=access_denied",
  -- what a success has, but nothing in it
  "/login?accvid=undefined", "/login?accvid=null",
  complete .. "?error_code=VER_0105", "/login?accvid=", "/login?accvid", "/login?accvid=%20", "/login?accvid=a%0Ab",
  "/login?accvid=a1&accvid=", "/login#accvid=a1", "/login?x=accvid=a1", "/login?accvid=" .. ("a"):rep(8200),
  "https://evil.example/?next=" .. tenant .. complete,
}

-- status -> one out of how many bodies and Locations is tried with it
local statuses = {
  [200] = 1, [201] = 2, [202] = 8, [203] = 8, [204] = 4, [205] = 8, [206] = 4, [207] = 8, [226] = 8, [300] = 8, [301] = 4,
  [302] = 1, [303] = 4, [304] = 8, [305] = 8, [307] = 4, [308] = 4,
}

--- Calls `visit` with a sentence and an answer for all of them.
local function each_answer(visit)
  for status, share in pairs(statuses) do
    for i = 1, #bodies, share do
      visit(("%d with the body %s"):format(status, bodies[i]), capture.json(status, bodies[i]))
    end
    for i = 1, #locations, share do
      visit(("%d to %s"):format(status, locations[i]), {
        status = status, headers = { Location = locations[i], ["Content-Type"] = "text/html" }, body = "<a>Moved</a>",
      })
    end
    visit(("%d without anything"):format(status), { status = status, headers = {} })
  end
end

--- A provider object and what it is given as the answer: `set(answer)`.
local function client_of(name)
  local row = rows[name]
  local answer
  local options = { max_retries = 0, transport = function() return answer end }
  for key, value in pairs(row.options) do
    options[key] = value
  end
  local provider = idv.provider(row.description or name, options)
  return provider, function(given) answer = given end
end

local function call(provider, method, arguments)
  return provider[method](provider, (table.unpack or unpack)(arguments, 1, 3)) -- luacheck: ignore 143 113
end

--- What no record of a call may say that did not succeed.
local function assert_no_success(sentence, record, err)
  assert.is_true(not record, sentence)
  assert.is_truthy(err and err.kind, sentence)
  assert.is_truthy(err.outcome == "unknown" or err.outcome == "refused", sentence)
  assert.is_false(err.retryable, sentence)
  for _, name in ipairs { "verified", "valid", "final", "accvid" } do
    assert.is_nil(err[name], sentence)
  end
  assert.is_true(err.status ~= "approved", sentence)
end

--- The methods that send requests, iterators aside.
local function methods_of(name)
  local description = rows[name].description or require("idv.providers." .. name)
  local methods = {}
  for method, operation in pairs(description.operations) do
    methods[method] = not operation.part_of or nil
  end
  for method in pairs(description.methods or {}) do
    methods[method] = true
  end
  methods.wait_session = methods.get_session
  return methods, description
end

for name, row in pairs(rows) do
  describe("an answer that could be anyone's, to " .. name, function()
    local provider, set = client_of(name)

    it("is tried with every method", function()
      local methods = methods_of(name)
      for method in pairs(methods) do
        assert.is_table(row.methods[method], method .. " has no row in this spec")
      end
      for method in pairs(row.methods) do
        assert.is_true(methods[method], method .. " is no method any more")
      end
    end)

    for _, set_of_calls in ipairs { row.methods, row.also or {} } do
      for method, entry in pairs(set_of_calls) do
        it("is no success of " .. method, function()
          each_answer(function(sentence, answer)
            set(answer)
            local record, err = call(provider, method, entry[1])
            assert_no_success(("%s.%s: %s"):format(name, method, sentence), record, err)
          end)
        end)

        it("is no success of " .. method .. ", which has one", function()
          set(entry[2])
          local record = assert(call(provider, method, entry[1]))
          assert.are_equal(name, record.provider)
        end)

        it("is no success of " .. method .. ", nor is a part of the answer that is", function()
          set { status = 206, headers = entry[2].headers, body = entry[2].body }
          assert_no_success(name .. "." .. method, call(provider, method, entry[1]))
        end)
      end
    end

    it("ends an iterator with the error", function()
      local _, description = methods_of(name)
      for method, pages in pairs(description.pages or {}) do
        each_answer(function(sentence, answer)
          set(answer)
          local rounds, failure = 0, nil
          for item, err in call(provider, method, row.methods[pages.list][1]) do
            rounds, failure = rounds + 1, err
            assert.is_false(item, sentence)
          end
          assert.are_equal(1, rounds)
          assert_no_success(sentence, nil, failure)
        end)
      end
    end)
  end)
end

describe("the redirect of cidaas", function()
  local provider, set = client_of "cidaas"

  local function answered(location, method, params)
    set { status = 302, headers = { Location = location }, body = "" }
    return provider[method](provider, params)
  end

  it("is a protocol error with its outcome open where it proves nothing", function()
    for _, location in ipairs {
      "", "/login", "/maintenance", "https://evil.example/", "/identity/error/", "https://tenant.cidaas.de.evil.example" .. complete,
    } do
      for method, params in pairs { create_session = flow, verify_code = { accvid = "a1", code = "1" } } do
        local record, err = answered(location, method, params)
        assert.is_nil(record)
        assert.are_same({ "protocol", "unknown", false }, { err.kind, err.outcome, err.retryable }, location)
      end
    end
  end)

  it("proves that a code was sent with its accvid, on any page of the tenant's host", function()
    for _, location in ipairs {
      whole, tenant .. whole, "https://TENANT.cidaas.de:443" .. whole, "/own/page?accvid=a1", "?accvid=a1", "/?accvid=a1",
      "https://tenant.cidaas.de?accvid=a1", "//tenant.cidaas.de/own?accvid=a1", "done?ACCVID=a1#top",
    } do
      local session = assert(answered(location, "create_session", flow))
      assert.are_equal("a1", session.accvid, location)
    end
    assert.is_nil(answered(complete, "create_session", flow))
    assert.is_nil(answered(complete .. "?processingType=CODE&track_id=t", "create_session", flow))
  end)

  it("proves that a link was sent with the page, or with what it says", function()
    for _, location in ipairs {
      complete, complete .. "?track_id=t", tenant .. complete, "/own/page?processingType=LINK",
    } do
      local session = assert(answered(location, "create_session", link))
      assert.is_nil(session.accvid)
    end
    assert.is_nil(answered("/own/page", "create_session", link))
    assert.is_nil(answered("/own/page?processingType=LINKED", "create_session", link))
    assert.is_truthy(answered(complete, "create_session", { requestId = "r", processingType = "LINK", email = "a@b.example" }))
  end)

  it("proves a code with the documented page only", function()
    local verify = { accvid = "a1", code = "123456" }
    for _, location in ipairs { complete, whole, tenant .. whole, "https://tenant.cidaas.de:443" .. complete .. "?track_id=t" } do
      assert.is_true(assert(answered(location, "verify_code", verify)).verified)
    end
    for _, location in ipairs { "/own/page?accvid=a1", "/login?accvid=a1&track_id=t", complete .. "/" } do
      local record, err = answered(location, "verify_code", verify)
      assert.is_nil(record)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
    end
  end)

  it("may lead to a page of the tenant's own on another host, where the option names it", function()
    local answer
    local own = idv.cidaas {
      base_url = tenant, completion_page = "https://login.acme.example/verified",
      transport = function() return { status = 302, headers = { Location = answer }, body = "" } end,
    }
    answer = "https://login.acme.example/verified?accvid=a1&track_id=t"
    assert.are_equal("a1", assert(own:create_session(flow)).accvid)
    assert.is_true(assert(own:verify_code { accvid = "a1", code = "1" }).verified)
    for _, location in ipairs {
      "https://login.acme.example/verified/x?accvid=a1", "https://login.acme.example/login?accvid=a1",
      "https://acme.example/verified?accvid=a1", "http://login.acme.example/verified?accvid=a1",
    } do
      answer = location
      assert.is_nil(own:create_session(flow))
      assert.is_nil(own:verify_code { accvid = "a1", code = "1" })
    end
  end)
end)

describe("an answer about something else than was asked for", function()
  it("is a protocol error", function()
    local provider, set = client_of "checkout"
    local cases = {
      { "get_session", { "idv_1" }, '{"id":"idv_2","status":"approved"}' },
      { "wait_session", { "idv_1" }, '{"id":"idv_2","status":"approved"}' },
      { "anonymize_session", { "idv_1" }, '{"id":"idv_1x","status":"approved"}' },
      { "get_attempt", { "idv_1", "iatp_1" }, '{"id":"iatp_2","status":"completed"}' },
      { "get_applicant", { "aplt_1" }, '{"id":"aplt_11"}' },
      { "update_applicant", { "aplt_1", { email = "a@b.example" } }, '{"id":"aplt_2"}' },
      { "anonymize_applicant", { "aplt_1" }, '{"id":"aplt_2"}' },
    }
    for _, case in ipairs(cases) do
      set(good(200, case[3]))
      local record, err = call(provider, case[1], case[2])
      assert.is_nil(record, case[1])
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
      assert.is_truthy(err.message:find("another 'id'", 1, true), err.message)
    end
    provider, set = client_of "deepidv"
    set(good(200, '{"session_record":{"id":"s2","status":"VERIFIED"}}'))
    for asked, told in pairs { VERIFIED = "REJECTED", REJECTED = "VERIFIED" } do
      set(good(200, ('{"session_record":{"id":"s1","status":"%s"}}'):format(told)))
      local record, err = provider:decide_session("s1", asked)
      assert.is_nil(record)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
      assert.is_truthy(err.message:find("another 'status'", 1, true), err.message)
      set(good(200, ('{"session_record":{"id":"s1","status":"%s"}}'):format(asked)))
      assert(provider:decide_session("s1", asked))
    end
    set(good(200, '{"session_record":{"id":"s2","status":"VERIFIED"}}'))
    for method, arguments in pairs {
      decide_session = { "s1", "VERIFIED" }, get_session = { "s1" }, wait_session = { "s1" }, get_report = { "s1" },
    } do
      local record, err = call(provider, method, arguments)
      assert.is_nil(record, method)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome }, method)
    end
  end)

  it("is no session where it names errors, too", function()
    local provider, set = client_of "impact"
    for body, kind in pairs {
      ['"Status":"ERROR"'] = "rejected", ['"Status":"error"'] = "rejected", ['"Status":"Failed"'] = "rejected",
      ['"Status":"OK","Errors":[{"Field":"UserId","Message":"x"}]'] = "protocol",
      ['"Errors":{"Error":{"Field":"UserId","Message":"x"}}'] = "protocol",
    } do
      set(good(200, '{"id":"1","sessionUrl":"https://v.example/1",' .. body .. "}"))
      local record, err = provider:create_session { user_id = 5402850 }
      assert.is_nil(record, body)
      assert.are_equal(kind, err.kind, body)
    end
    for _, body in ipairs { '"Status":"OK"', '"Status":"OK","Errors":[]', '"Errors":{}', '"Errors":null', '"Status":"QUEUED"' } do
      set(good(200, '{"id":"1","sessionUrl":"https://v.example/1",' .. body .. "}"))
      assert.are_equal("1", assert(provider:create_session { user_id = 5402850 }).id)
    end
  end)

  it("says nothing of credentials where it is a page of somebody's", function()
    local provider, set = client_of "checkout"
    for _, page in ipairs { "<html>404</html>", "  <!doctype html>" } do
      set { status = 404, headers = {}, body = page }
      local record, err = provider:check_credentials()
      assert.is_nil(record)
      assert.are_equal("check_credentials", err.operation)
    end
    set { status = 404, headers = { ["Content-Type"] = "text/html; charset=utf-8" }, body = "not here" }
    assert.is_nil(provider:check_credentials())
  end)

  it("says nothing of credentials where a gateway or another API answers", function()
    local provider, set = client_of "checkout"
    for _, case in ipairs {
      { 404, '{"message":"no Route matched with those values"}' }, { 404, "404 page not found" }, { 404, "{}" }, { 404, "[]" },
      { 404, '{"fault":{"faultstring":"Unable to identify proxy for host"}}' }, { 410, "" }, { 410, "{}" }, { 404, "null" },
      { 404, "default backend - 404" }, { 404, '{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/x"}' },
    } do
      set { status = case[1], headers = { ["Content-Type"] = "application/json" }, body = case[2] }
      local record, err = provider:check_credentials()
      assert.is_nil(record, case[2])
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome }, case[2])
    end
    for _, answer in ipairs {
      { status = 404, headers = {}, body = "" }, { status = 404, headers = { ["Cko-Request-Id"] = "r1" }, body = "nothing" },
      capture.json(404, '{"request_id":"0HL80RJLS76I7"}'), capture.json(404, '{"error_type":"resource_not_found"}'),
    } do
      set(answer)
      assert.is_true(assert(provider:check_credentials()).valid)
    end
  end)
end)

describe("an answer that comes through the engine", function()
  local control = sandbox.shared().control

  it("needs the same evidence", function()
    local cases = {
      { "cidaas", "verify_code", { { accvid = "a1", code = "123456" } }, { status = 302, headers = { Location = "/login" } } },
      { "cidaas", "create_session", { flow }, { status = 302, headers = { Location = "/identity/error/" } } },
      { "cidaas", "verify_code", { { accvid = "a1", code = "123456" } }, { status = 200, body = '{"success":true}' } },
      { "checkout", "get_session", { "idv_1" }, { status = 200, body = '{"id":"idv_2","status":"approved"}' } },
      { "checkout", "anonymize_session", { "idv_1" }, { status = 204 } },
      { "deepidv", "decide_session", { "s1", "VERIFIED" }, { status = 200, body = "{}" } },
      { "deepidv", "get_session", { "s1" }, { status = 206, body = '{"session_record":{"id":"s1","status":"VERIFIED"}}' } },
      { "impact", "create_session", { { user_id = 1 } }, { status = 200, body = '{"id":"1"}' } },
    }
    for _, case in ipairs(cases) do
      control.reset()
      case[4].provider = case[1]
      control.fault(case[4])
      local record, err = call(client.new("http", case[1]), case[2], case[3])
      assert.is_nil(record, case[2])
      assert.are_same({ "protocol", "unknown", 1 }, { err.kind, err.outcome, err.attempts }, case[2])
    end
  end)
end)

describe("an address that is not a return of a provider's", function()
  local providers = {}
  for name in pairs(rows) do
    providers[name] = client_of(name)
  end

  it("is no redirect", function()
    local addresses = {
      "", "https://shop.example/", "https://shop.example/?page=2", "?id=5", "?id=5&event=click", "?status=success",
      "?status=approved&verified=true", "?session_id=abc", "?session_id=&status=success", "?session_id=a%20b&status=success",
      "?session_id=https%3A%2F%2Fevil.example&status=success", "?session_id=" .. ("x"):rep(4096) .. "&status=success",
      "?session_id=a%0Ab&status=success", "?session_id=..%2F..%2Fx&status=success", "?id=idv_", "?id=idv_%20", "?id=idv_1%0A",
      "?id=idv_%3Cscript%3E", "?id=xidv_1", "?id=fav_1&event=face_authentication_checks_completed", "?code=abc&state=xyz",
      "?accvid=", "?accvid=%20", "/identity/verification_complete", "/identity/login?requestId=r&track_id=t",
      "?processingType=CODE&track_id=t", "?accvid=a&error=", "?check=", "?check=chk_1", "?check=a%20b&result=done", "?utm_source=mail",
    }
    for _, address in ipairs(addresses) do
      for name, provider in pairs(providers) do
        if provider:supports "parse_redirect" then
          local record, err = provider:parse_redirect(address)
          assert.is_nil(record, name .. ": " .. address)
          assert.are_equal("protocol", err.kind, name .. ": " .. address)
        end
      end
    end
  end)
end)
