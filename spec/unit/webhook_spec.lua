--- parse_webhook: the signature first, then the body.

local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local vector = {
  key = "whsec_example",
  body = '{"id":"evt_test","type":"identity_verification_checks_completed"}',
  hex = "76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9fe5",
}

local function checkout(more)
  local options = { secret_key = "sk_x", webhook_secret = vector.key }
  for name, value in pairs(more or {}) do
    options[name] = value or nil
  end
  return idv.checkout(options)
end

describe("a webhook of Checkout.com", function()
  it("passes with the test vector of the fact sheet", function()
    local event = assert(checkout():parse_webhook({ ["Cko-Signature"] = vector.hex }, vector.body))
    assert.are_equal("evt_test", event.id)
    assert.are_equal("identity_verification_checks_completed", event.type)
    assert.is_nil(event.session_id)
    assert.is_true(event.trusted)
    assert.are_equal("checkout webhook evt_test", tostring(event))
  end)

  it("passes in either letter case of the signature and of the header, in every form of headers", function()
    for _, headers in ipairs {
      { ["cko-signature"] = vector.hex:upper() }, { ["CKO-SIGNATURE"] = vector.hex }, { cko_signature = vector.hex },
      { { "X", "y" }, { "Cko-Signature", vector.hex } }, { ["Cko-Signature"] = { vector.hex } },
    } do
      assert(checkout():parse_webhook(headers, vector.body))
    end
  end)

  it("passes with any of several secrets", function()
    assert(checkout { webhook_secret = { "new", vector.key } }:parse_webhook({ ["Cko-Signature"] = vector.hex }, vector.body))
    assert(checkout { webhook_secret = { vector.key, "old" } }:parse_webhook({ ["Cko-Signature"] = vector.hex }, vector.body))
  end)

  local refused = {
    { "unsigned", {}, vector.body, "Cko%-Signature is missing" },
    { "signed with nothing", { ["Cko-Signature"] = "" }, vector.body, "is missing" },
    { "wrongly signed", { ["Cko-Signature"] = ("0"):rep(64) }, vector.body, "does not match" },
    { "cut short", { ["Cko-Signature"] = vector.hex:sub(1, 63) }, vector.body, "does not match" },
    { "changed by a byte", { ["Cko-Signature"] = vector.hex }, vector.body .. " ", "does not match" },
    { "signed twice", { ["Cko-Signature"] = { vector.hex, vector.hex } }, vector.body, "more than once" },
    { "signed twice under two letter cases", { ["Cko-Signature"] = vector.hex, ["cko-signature"] = vector.hex }, vector.body, "more than once" },
    { "of the other scheme", { ["Cko-Signature"] = "1700000000:org-live-v1:MIGI" }, vector.body, "another scheme" },
  }
  for _, case in ipairs(refused) do
    it("is refused, unread, when it is " .. case[1], function()
      local event, err = checkout():parse_webhook(case[2], case[3])
      assert.is_nil(event)
      assert.are_equal("signature", err.kind)
      assert.is_truthy(err.message:find(case[4]), err.message)
      assert.are_equal("parse_webhook", err.operation)
    end)
  end

  it("is refused when no secret is set", function()
    local event, err = checkout { webhook_secret = false }:parse_webhook({ ["Cko-Signature"] = vector.hex }, vector.body)
    assert.is_nil(event)
    assert.are_equal("signature", err.kind)
    assert.are_equal("neither webhook_secret nor webhook_authorization is set, so no webhook can be trusted", err.message)
    event, err = idv.deepidv { api_key = "k" }:parse_webhook({ ["deepidv-signature"] = "" }, vector.body)
    assert.is_nil(event)
    assert.are_equal("webhook_secret is not set, so no webhook can be trusted", err.message)
  end)

  it("passes by its Authorization header alone where only that was set", function()
    local open = checkout { webhook_secret = false, webhook_authorization = { "Basic old", "Basic new" } }
    for _, headers in ipairs {
      { Authorization = "Basic new" }, { authorization = "Basic old" }, { { "AUTHORIZATION", "Basic new" } },
      { Authorization = "Basic new", ["Cko-Signature"] = "1:2" }, { Authorization = { "Basic new" } },
    } do
      assert.are_equal("evt_test", assert(open:parse_webhook(headers, vector.body)).id)
    end
    for _, headers in ipairs {
      {}, { Authorization = "" }, { Authorization = "Basic ne" }, { Authorization = "basic new" },
      { Authorization = "Basic new " }, { Authorization = { "Basic new", "Basic new" } }, { ["Cko-Signature"] = vector.hex },
    } do
      local event, err = open:parse_webhook(headers, vector.body)
      assert.is_nil(event)
      assert.are_equal("signature", err.kind)
      assert.is_truthy(err.message:find "the header Authorization")
    end
  end)

  it("needs the Authorization header only where one was set", function()
    local strict = checkout { webhook_authorization = { "Basic old", "Basic new" } }
    local headers = { ["Cko-Signature"] = vector.hex }
    local _, err = strict:parse_webhook(headers, vector.body)
    assert.are_equal("signature", err.kind)
    headers.authorization = "Basic wrong"
    _, err = strict:parse_webhook(headers, vector.body)
    assert.are_equal("signature", err.kind)
    headers.authorization = "Basic new"
    assert(strict:parse_webhook(headers, vector.body))
    assert(checkout():parse_webhook({ ["Cko-Signature"] = vector.hex, Authorization = "whatever" }, vector.body))
  end)

  it("is never parsed before it is checked, and is refused when it can not be read", function()
    local core = require "idv.core"
    local _, err = checkout():parse_webhook({ ["Cko-Signature"] = ("0"):rep(64) }, ("["):rep(100000))
    assert.are_equal("signature", err.kind)
    -- a secret of one's own signs anything, so that reading can be tried
    local crypto = require "idv.httpd"
    for _, body in ipairs { "", "not json", "[]", "5", "null", "{}", '{"type":5}', ("["):rep(1000) } do
      local hex = crypto.hmac_sha256(vector.key, body)
      local event
      event, err = checkout():parse_webhook({ ["Cko-Signature"] = hex }, body)
      assert.is_nil(event)
      assert.are_equal("protocol", err.kind)
    end
    assert.is_function(core.is_hmac_sha256)
  end)

  it("names things with texts, whatever the body has there", function()
    local crypto = require "idv.httpd"
    local cases = { ["5"] = "5", ['"evt"'] = "evt", ["{}"] = false, ["[1]"] = false, ["true"] = false, ['""'] = false, ["1.5"] = false }
    for value, id in pairs(cases) do
      local body = ('{"id":%s,"type":"t","data":{"applicant_id":%s}}'):format(value, value)
      local hex = crypto.hmac_sha256(vector.key, body)
      local event = assert(checkout():parse_webhook({ ["Cko-Signature"] = hex }, body))
      assert.are_equal(id or require("idv.core").sha256(body), event.id)
      assert.are_equal(id or nil, event.applicant_id)
    end
  end)

  it("reads what stands in a table before it asks a metatable, and is refused where that throws or says nonsense", function()
    local function throw() error "asked a metatable" end
    local endless = setmetatable({}, { __index = function() return "x" end, __tostring = throw, __len = throw })
    for _, case in ipairs {
      { { ["Cko-Signature"] = endless }, "no header could be read" }, { { endless }, "no header could be read" },
      { setmetatable({}, { __pairs = throw, __index = throw }), "no header could be read" },
      { { ["Cko-Signature"] = { endless } }, "no header could be read" }, { { ["Cko-Signature"] = true }, "no header could be read" },
      { { ["Cko-Signature"] = print, Host = "h" }, "is missing" }, { endless, "does not match" },
      { { true, 5, print }, "no header could be read" }, { function() end, "no header could be read" }, { throw, "no header could be read" },
      { io.stdout, "no header could be read" }, { { _n = 1, _data = {} }, "no header could be read" },
    } do
      local _, err = checkout():parse_webhook(case[1], vector.body)
      assert.are_equal("signature", err.kind)
      assert.is_truthy(err.message:find(case[2], 1, true), err.message)
    end
    local openresty = setmetatable({ ["cko-signature"] = vector.hex }, { __index = throw })
    assert(checkout():parse_webhook(openresty, vector.body))
  end)

  --- A headers object as lua-http has it.
  local function http_headers(...)
    local entries = { ... }
    return setmetatable({ _n = #entries, _data = entries, _index = {} }, { __index = {
      get = function(_, name)
        local found = {}
        for _, entry in ipairs(entries) do
          found[#found + 1] = entry.name == name and entry.value or nil
        end
        return (table.unpack or unpack)(found) -- luacheck: ignore
      end,
      has = function() return true end,
    } })
  end

  --- A table that knows nothing until it is asked for this name.
  local function lazy(name, value)
    return setmetatable({}, { __index = function(_, key) return key == name and value or nil end })
  end

  it("takes headers in the forms that hosts have them", function()
    local hex = vector.hex
    for i, headers in ipairs {
      { HTTP_CKO_SIGNATURE = hex, REQUEST_METHOD = "POST" }, { http_cko_signature = hex }, { ["Cko_Signature"] = hex },
      { { name = "cko-signature", value = hex } }, { "Host: x", "Cko-Signature: " .. hex }, { ["cko-signature"] = { [0] = hex } },
      http_headers({ name = ":method", value = "POST" }, { name = "cko-signature", value = hex }),
      lazy("http_cko_signature", hex), lazy("HTTP_CKO_SIGNATURE", hex), lazy("cko-signature", hex), lazy("Cko-Signature", hex),
      lazy("cko_signature", { hex }), function(name) return name == "cko-signature" and hex or nil end,
      function(name) return name == "HTTP_CKO_SIGNATURE" and hex or "" end,
      setmetatable({}, { __index = { get = function(_, name) return name == "Cko-Signature" and hex or nil, 1 end } }),
      setmetatable({ Host = "x" }, { __index = function(_, name) return name:lower() == "cko-signature" and hex or nil end }),
    } do
      local event, err = checkout():parse_webhook(headers, vector.body)
      assert(event, i .. ": " .. tostring(err))
    end
  end)

  it("is refused where a form of headers has none, or two", function()
    local hex = vector.hex
    for i, case in ipairs {
      { { HTTP_HOST = "x" }, "is missing" }, { lazy("http_host", "x"), "is missing" }, { {}, "is missing" },
      { http_headers({ name = "host", value = "x" }), "is missing" }, { http_headers(), "no header could be read" },
      { http_headers({ name = "cko-signature", value = hex }, { name = "cko-signature", value = hex }), "more than once" },
      { { HTTP_CKO_SIGNATURE = hex, ["Cko-Signature"] = hex }, "more than once" }, { lazy("cko-signature", { hex, "x" }), "more than once" },
      { { ["cko-signature"] = { [0] = hex, "x" } }, "more than once" }, { { "cko-signature: " .. hex, "CKO-SIGNATURE: x" }, "more than once" },
      { { ["cko-signature"] = hex .. ", " .. hex }, "more than once" }, { function() return "" end, "no header could be read" },
      { lazy("cko-signature", { "", hex }), "more than once" },
    } do
      local _, err = checkout():parse_webhook(case[1], vector.body)
      assert.are_equal("signature", err.kind)
      assert.is_truthy(err.message:find(case[2], 1, true), i .. ": " .. err.message)
    end
  end)

  it("takes the headers of lua-http, where that is installed", function()
    local ok, http = pcall(require, "http.headers")
    local headers = ok and http.new() or http_headers({ name = "cko-signature", value = vector.hex })
    if ok then
      headers:append(":method", "POST")
      headers:append("cko-signature", vector.hex)
    end
    assert(checkout():parse_webhook(headers, vector.body))
  end)

  it("has a ceiling", function()
    local _, err = checkout():parse_webhook({ ["Cko-Signature"] = vector.hex }, ("x"):rep(1024 * 1024 + 1))
    assert.are_equal("protocol", err.kind)
  end)

  it("is refused when it is not one at all, and the reason is told", function()
    local file = assert(io.tmpfile())
    for _, case in ipairs {
      { nil, "x", "headers as a table, not a nil" }, { "x", "y", "headers as a table, not a string" }, { {}, nil, "there is no body" },
      { {}, 5, "not a number" }, { {}, { id = 1 }, "as the string that came" }, { {}, file, "not a file" }, { {}, true, "not a boolean" },
    } do
      local _, err = checkout():parse_webhook(case[1], case[2])
      assert.are_equal("validation", err.kind)
      assert.is_truthy(err.message:find(case[3], 1, true), err.message)
    end
    file:close()
    local _, err = checkout():parse_webhook({ ["Cko-Signature"] = vector.hex }, "")
    assert.are_equal("protocol", err.kind)
    assert.is_truthy(err.message:find("the body is empty", 1, true))
  end)
end)

describe("a webhook of the sandbox", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
  end)

  local function options(more)
    local all = { base_url = sandbox.shared().http, allow_http = true }
    for name, value in pairs(more) do
      all[name] = value
    end
    return all
  end

  it("of Checkout.com is read for every status", function()
    local provider = idv.checkout(options { secret_key = "sk_x", webhook_secret = "s" })
    local session = assert(provider:create_session {
      declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/",
    })
    for _, case in ipairs {
      { "capture_in_progress", "in_progress", false }, { "checks_in_progress", "processing", false },
      { "approved", "approved", true },
    } do
      control.advance(session.id, case[1])
      local sent = control.webhook { id = session.id, secret = "s" }
      local event = assert(provider:parse_webhook(sent.headers, sent.body))
      assert.are_equal(session.id, event.session_id)
      assert.are_equal(case[2], event.status)
      assert.are_equal(case[3], event.final)
      assert.is_truthy(event.id:find "^evt_")
      assert.are_equal("checkout webhook " .. event.id .. " (" .. case[2] .. ")", tostring(event))
    end
  end)

  it("that says a report is there fetches it", function()
    local provider = idv.checkout(options { secret_key = "sk_x", webhook_secret = "s" })
    local session = assert(provider:create_session {
      declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/",
    })
    control.advance(session.id, "approved")
    local sent = control.webhook { id = session.id, secret = "s", type = "identity_verification_report_created" }
    local event = assert(provider:parse_webhook(sent.headers, sent.body))
    local report = assert(provider:get_webhook_report(event))
    assert.are_equal("%PDF-", report.content:sub(1, 5))
    sent = control.webhook { id = session.id, secret = "s" }
    event = assert(provider:parse_webhook(sent.headers, sent.body))
    local _, err = provider:get_webhook_report(event)
    assert.are_equal("validation", err.kind)
    for _, value in ipairs { "x", {}, { type = "identity_verification_report_created", session_id = "idv_1" } } do
      _, err = provider:get_webhook_report(value)
      assert.are_equal("validation", err.kind)
    end
  end)

  it("of deepIDV is read, and has the same id each time it is delivered", function()
    local provider = idv.deepidv(options { api_key = "live_1", webhook_secret = { "whsec_new", "whsec_old" } })
    local session = assert(provider:create_session {
      first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333", external_id = "e1",
    })
    control.advance(session.id, "SUBMITTED")
    local sent = control.webhook { id = session.id, secret = "whsec_old" }
    local event = assert(provider:parse_webhook(sent.headers, sent.body))
    assert.are_equal(session.id, event.session_id)
    assert.are_equal("processing", event.status)
    assert.is_truthy(event.type:find "^session%.")
    assert.are_equal("e1", event.external_id)
    assert.are_equal(event.id, assert(provider:parse_webhook(sent.headers, sent.body)).id)
    for _, secret in ipairs { "whsec_wrong", "whsec_ol", "whsec_old " } do
      local _, err = provider:parse_webhook({ ["deepidv-signature"] = secret }, sent.body)
      assert.are_equal("signature", err.kind)
    end
    local _, err = provider:parse_webhook({}, sent.body)
    assert.are_equal("signature", err.kind)
  end)

  it("is something that the others do not have", function()
    for _, provider in ipairs {
      idv.impact { account_sid = "S", auth_token = "t" }, idv.cidaas { base_url = "https://t" },
    } do
      local _, err = provider:parse_webhook({}, "")
      assert.are_equal("unsupported", err.kind)
    end
  end)
end)
