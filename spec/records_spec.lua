--- Records are checked as inputs are: an id is an id and an address leads to a web page, wherever a provider names one.
---
--- Programs put ids into paths, logs and pages, and send people to addresses. What a hostile or a broken server writes
--- there is an error of kind `protocol`, in answers, lists, webhooks and redirects alike, of every provider.

local idv = require "idv"
local capture = require "spec.support.capture"
local crypto = require "idv.httpd"
local larkspur = require "examples.fifth_provider.larkspur"

-- what is no id, as JSON
local bad_ids = {
  '""', '" "', '"a b"', '" a"', '"a "', '"a\\nb"', '"a\\r\\nX-Evil: 1"', '"a\\tb"', '"a\\u0000b"', '"\\u001b[2Ja"', '"a\\u007f"',
  '"a\\u0085b"', '"a\\u2028b"', '"a\\u202eb"', '"\\ufeffa"', '"caf\\u00e9"', '"https://evil.example/x"', '"//evil.example"',
  '"javascript:alert(1)"', '"../../admin"', '"a/b"', '"a\\\\b"', '"a?b=c"', '"a#b"', '"a%2fb"', '"<script>"', '"a\\"b"', '"a\'b"',
  '"a;b"', '".."', '"-"', '"' .. ("x"):rep(256) .. '"', '"' .. ("x"):rep(4096) .. '"', "true", "{}", "[]", '["a"]', '{"a":1}',
}

-- what is no address of a web page, as JSON
local bad_urls = {
  '"javascript:alert(1)"', '"JavaScript:alert(1)"', '"java\\nscript:alert(1)"', '" javascript:alert(1)"',
  '"data:text/html,<script>"', '"vbscript:x"', '"file:///etc/passwd"', '"ftp://x.example/"', '"blob:https://x.example/1"',
  '"/relative"', '"//x.example/a"', '"x.example"', '"https:"', '"https://"', '"https:///a"', '"https:x.example"',
  '"https://x.example/a b"', '"https://x.example/\\n"', '"https://x.example/\\r\\nSet-Cookie: a=b"', '"https://x.example/\\u001b[2J"',
  '"https://x.example/\\"onclick=\\""', '"https://x.example/<b>"', '"https://x.example\\\\@evil.example"',
  '"https://x.example@evil.example/"', '"https://a:b@x.example/"', '"https://x.example:0/"', '"https://x y.example/"',
  '"https://x.example/\\u202e"', '"https://x.example/' .. ("a"):rep(8192) .. '"', '"myapp://back"', '"intent://x"',
}

local names = {
  deepidv = { { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" } },
  checkout = { { declared_data = { name = "Ada" }, redirect_url = "https://me.example/" } },
}

local options = {
  checkout = { secret_key = "sk_sbox_1", environment = "sandbox" }, deepidv = { api_key = "k" },
  impact = { account_sid = "S", auth_token = "t" }, larkspur = { access_key = "k" },
}

-- provider, method, arguments, and an answer with %s for the id or the address
local of_ids = {
  { "deepidv", "create_session", names.deepidv, '{"id":%s,"session_url":"https://x.example/"}' },
  { "deepidv", "get_session", { "s" }, '{"session_record":{"id":%s,"status":"VERIFIED"}}' },
  { "deepidv", "list_sessions", {}, '{"sessions":[{"id":"good","status":"PENDING"},{"id":%s,"status":"PENDING"}]}' },
  { "deepidv", "get_report", { "s" }, '{"session_record":{"id":%s,"status":"VERIFIED"}}' },
  { "impact", "create_session", { { user_id = 1 } }, '{"id":%s,"sessionUrl":"https://x.example/"}' },
  { "larkspur", "get_session", { "chk_1" }, '{"check_id":%s,"state":"NEW"}' },
  { "larkspur", "list_sessions", {}, '{"checks":[{"check_id":%s,"state":"NEW"}]}' },
  { "checkout", "create_session", names.checkout, '{"id":%s,"status":"created"}' },
  { "checkout", "list_attempts", { "idv_1" }, '{"total_count":1,"data":[{"id":%s,"status":"completed"}]}' },
  { "checkout", "create_applicant", { {} }, '{"id":%s}' },
}
local of_urls = {
  { "deepidv", "create_session", names.deepidv, '{"id":"s","session_url":%s}' },
  { "impact", "create_session", { { user_id = 1 } }, '{"id":"1","sessionUrl":%s}' },
  { "larkspur", "get_session", { "chk_1" }, '{"check_id":"chk_1","state":"NEW","link":{"href":%s}}' },
  { "larkspur", "list_sessions", {}, '{"checks":[{"check_id":"chk_1","state":"NEW","link":{"href":%s}}]}' },
  { "checkout", "get_session", { "idv_1" }, '{"id":"idv_1","status":"pending","_links":{"verification_url":{"href":%s}}}' },
  { "checkout", "get_attempt", { "idv_1", "iatp_1" }, '{"id":"iatp_1","_links":{"verification_url":{"href":%s}}}' },
  { "checkout", "list_assets", { "idv_1", "iatp_1" },
    '{"total_count":1,"data":[{"type":"face_image","_links":{"asset_url":{"href":%s}}}]}' },
}

local function call(entry, value)
  local answer = capture.json(200, (entry[4]:gsub("%%s", (value:gsub("%%", "%%%%")))))
  local own = { transport = function() return answer end }
  for key, option in pairs(options[entry[1]]) do
    own[key] = option
  end
  local provider = idv.provider(entry[1] == "larkspur" and larkspur or entry[1], own)
  return provider[entry[2]](provider, entry[3][1], entry[3][2])
end

local function check_refused(entry, values, name)
  for _, value in ipairs(values) do
    local record, err = call(entry, value)
    assert.is_nil(record, value)
    assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome }, value)
    assert.is_truthy(err.message:find("no usable '" .. name .. "'", 1, true), err.message)
    assert.is_nil(tostring(err):find("[%c\128-\255]"))
  end
end

for _, entry in ipairs(of_ids) do
  describe(("the id in %s of %s"):format(entry[2], entry[1]), function()
    it("is an id", function()
      check_refused(entry, bad_ids, "id")
    end)
  end)
end

for _, entry in ipairs(of_urls) do
  describe(("the address in %s of %s"):format(entry[2], entry[1]), function()
    it("leads to a web page", function()
      check_refused(entry, bad_urls, "url")
    end)

    it("may have everything that such an address has", function()
      for _, url in ipairs {
        "https://x.example", "http://localhost:3000/a", "HTTPS://X.example/a?b=c&d=%20#e", "https://[::1]:8443/",
        "https://s.example/r.pdf?X-Amz-Signature=0f&X-Amz-Date=20260105T090000Z&a=b+c", "https://x.example/a|b{c}",
      } do
        local record = assert(call(entry, '"' .. url .. '"'))
        assert.are_equal(url, record.items and record.items[1].url or record.url)
      end
    end)
  end)
end

describe("an address that a provider leaves out or leaves empty", function()
  it("is none", function()
    for _, value in ipairs { '""', "null", "5e999", "{}" } do
      local ok, record = pcall(call, of_urls[5], value)
      assert.is_true(ok)
      assert.is_true(record == nil or record.url == nil)
    end
  end)
end)

describe("a name in a webhook", function()
  local checkout = idv.checkout { secret_key = "sk_sbox_1", environment = "sandbox", webhook_secret = "key" }

  local function event_of(id, session)
    local body = ('{"id":%s,"type":"identity_verification_checks_completed","data":{"identity_verification_id":%s,'
      .. '"status":"approved","applicant_id":"aplt_1"}}'):format(id, session)
    return checkout:parse_webhook({ ["Cko-Signature"] = crypto.hmac_sha256("key", body) }, body)
  end

  it("is an id, or there is no verdict", function()
    assert.are_equal("approved", assert(event_of('"evt_1"', '"idv_1"')).status)
    for _, value in ipairs(bad_ids) do
      for _, place in ipairs { 1, 2 } do
        local event, err = event_of(place == 1 and value or '"evt_1"', place == 2 and value or '"idv_1"')
        if event then
          -- what is no text counts as left out: such an event has an id of its own making, or names no session
          assert.is_truthy(event.id:find "^[%w_]+$", value)
          assert.is_true(event.session_id == nil or event.session_id == "idv_1", value)
          assert.is_true(event.status == nil or event.session_id == "idv_1", value)
        else
          assert.are_equal("protocol", err.kind)
        end
      end
    end
    assert.are_equal("protocol", select(2, event_of('"a b"', '"idv_1"')).kind)
    for _, value in ipairs { '"idv_1 "', '"idv_1/../idv_2"', '"idv_1\\n"', '"idv_1?x"', '"idv_' .. ("1"):rep(4096) .. '"' } do
      assert.are_equal("protocol", select(2, event_of('"evt_1"', value)).kind)
    end
  end)

  it("is an id in those of deepIDV, too", function()
    local deepidv = idv.deepidv { api_key = "k", webhook_secret = "whsec_1" }
    for _, value in ipairs(bad_ids) do
      local body = ('{"type":"session.status.verified","data":{"id":%s,"status":"VERIFIED"}}'):format(value)
      local event, err = deepidv:parse_webhook({ ["deepidv-signature"] = "whsec_1" }, body)
      assert.is_true(event == nil and err.kind == "protocol" or event.session_id == nil and event.status == nil, value)
    end
  end)
end)

describe("a name in a redirect", function()
  it("is an id", function()
    local deepidv = idv.deepidv { api_key = "k" }
    local checkout = idv.checkout { secret_key = "sk_sbox_1", environment = "sandbox" }
    for _, value in ipairs {
      "a%20b", "a%0Ab", "%1B%5B2J", "https%3A%2F%2Fevil.example", "javascript:alert(1)", "..%2Fadmin", "%3Cb%3E", "%E2%80%AE", "%00",
      "%FF", "a/b", "", ("x"):rep(4096),
    } do
      for _, back in ipairs {
        { deepidv:parse_redirect("?status=success&session_id=" .. value) }, { checkout:parse_redirect("?event=x&id=idv_" .. value) },
      } do
        assert.is_nil(back[1], value)
        assert.are_equal("protocol", back[2].kind)
      end
    end
  end)
end)
