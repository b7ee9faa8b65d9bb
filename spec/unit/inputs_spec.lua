--- What a person types, or an app is called: everything goes through that no document of the provider forbids, byte for
--- byte; what is refused is refused for a reason that comes first, with the provider whose rule it is, and never shown.

local cjson = require "cjson"
local idv = require "idv"
local capture = require "spec.support.capture"

local providers = {
  deepidv = { options = { api_key = "k" }, answer = capture.json(200, '{"id":"s","sessions":[]}') },
  checkout = { options = { secret_key = "sk_x" }, answer = capture.json(201, '{"id":"idv_1","data":[]}') },
  impact = { options = { account_sid = "S", auth_token = "t" }, answer = capture.json(200, '{"id":"1"}') },
  cidaas = {
    options = { base_url = "https://t.cidaas.de", encoding = "json" },
    answer = { status = 302, headers = { Location = "/identity/verification_complete?accvid=a" } },
  },
}

--- The request that a method made, and its error.
local function perform(name, method, ...)
  local transport = capture.new(providers[name].answer)
  local options = { transport = transport }
  for key, value in pairs(providers[name].options) do
    options[key] = value
  end
  local object = idv.provider(name, options)
  local record, err = object[method](object, ...)
  return transport[1], err, record
end

local function message_of(err, field)
  for _, detail in ipairs(err and err.details or {}) do
    if detail.field == field then
      return detail.message
    end
  end
end

local function copy(params, more)
  local all = {}
  for _, list in ipairs { params, more } do
    for name, value in pairs(list) do
      all[name] = value
    end
  end
  return all
end

-- Each way to hand a value to a method: provider, method, a function that makes the arguments, the body's place.
local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
local cidaas = { request_id = "r", processing_type = "CODE" }

local function deepidv(name)
  return function(value)
    local request, err = perform("deepidv", "create_session", copy(ada, { [name] = value }))
    return request and cjson.decode(request.body)[name], message_of(err, name), request
  end
end

local function declared(name)
  return function(value)
    local request, err = perform("checkout", "create_session", {
      declared_data = copy({ name = "Ada" }, { [name] = value }), redirect_url = "https://a.bc/",
    })
    return request and cjson.decode(request.body).declared_data[name], message_of(err, "declared_data." .. name), request
  end
end

local function redirect_url(value)
  local request, err = perform("checkout", "create_session", { declared_data = { name = "Ada" }, redirect_url = value })
  return request and cjson.decode(request.body).redirect_url, message_of(err, "redirect_url"), request
end

local function attempt_url(value)
  local request, err = perform("checkout", "create_attempt", "idv_1", { redirect_url = value })
  return request and cjson.decode(request.body).redirect_url, message_of(err, "redirect_url"), request
end

local function callback_url(value)
  local request, err = perform("impact", "create_session", { user_id = 5, callback_url = value })
  return request and cjson.decode(request.body).CallbackUrl, message_of(err, "callback_url"), request
end

local function identifier(name)
  return function(value)
    local request, err = perform("cidaas", "create_session", copy(cidaas, { [name] = value }))
    return request and cjson.decode(request.body)[name], message_of(err, name), request
  end
end

local function applicant_email(value)
  local request, err = perform("checkout", "create_applicant", { email = value })
  return request and cjson.decode(request.body).email, message_of(err, "email"), request
end

local function date(name)
  return function(value)
    local request, err = perform("deepidv", "list_sessions", { [name] = value })
    local sent = request and request.url:match(name .. "=([^&]*)")
    return sent and sent:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end),
      message_of(err, name), request
  end
end

local function phone_part(name)
  return function(value)
    local parts = copy({ country_code = "+44", number = "7123456789" }, { [name] = value })
    local request, err = perform("checkout", "create_attempt", "idv_1", {
      redirect_url = "https://a.bc/", phone_number = parts,
    })
    return request and cjson.decode(request.body).phone_number[name], message_of(err, "phone_number." .. name), request
  end
end

local emails = { deepidv "email", declared "email", applicant_email, identifier "email" }
local addresses = { redirect_url, attempt_url, callback_url }
local dates = { date "start_date", date "end_date" }

--- Values that go through, each place in which they do.
local taken = {
  { "an e-mail address", emails, {
    "ada@example.com", "a..da@docomo.example", "ada.@docomo.example", ".ada@example.com", "ada@localhost", "ada@b",
    "ada+idv@example.com", '"ada"@example.com', "o'hara@example.com", "ada@bücher.example", "зоя@почта.рф", "ada@例え.jp",
    "ada@[192.0.2.1]", "ada@[IPv6:2001:db8::1]", "ada@ex_ample.com", "ada@-example.com", "ada@example.com.",
    "a@b@example.com", "ada%relay@example.com", "!#$%&'*+/=?^_`{|}~-@example.com", ("x"):rep(65) .. "@example.com",
    "ada@" .. ("x"):rep(300) .. ".com", "ADA@EXAMPLE.COM", "ada(comment)@example.com", "a,b;c@example.com", "1@2",
  } },
  { "an address to return to", addresses, {
    "http://localhost:3000/cb", "myapp://verified", "com.example.app:/cb", "http://127.0.0.1/", "http://10.0.2.2:8080/cb",
    "http://shop.example/cb", "https://user:pw@staging.example/cb", "https://shop.example/#/verified",
    "https://shop.example/cb?next=%2Fhome&x[]=1", "HTTPS://SHOP.EXAMPLE/cb", "https://xn--bcher-kva.example/caf%C3%A9",
    "intent://cb#Intent;scheme=myapp;package=com.example;end", "exp://192.168.0.1:19000/--/cb", "myapp:", "myapp:/",
    "ms-appx-web://x/y", "urn:ietf:wg:oauth:2.0:oob", "https://[::1]:3000/cb", "web+game://back",
    "https://shop.example/cb?state=" .. ("x"):rep(9000), "myapp://javascript:alert(1)",
  } },
  { "an https address", { deepidv "redirect_url" }, {
    "https://shop.example/cb", "HTTPS://shop.example", "https://user:pw@staging.example/cb", "https://localhost:8443/cb",
    "https://127.0.0.1/", "https://shop.example/#/verified", "https://shop.example/?s=" .. ("x"):rep(9000),
  } },
  { "a dialling prefix", { phone_part "country_code" }, { "+1", "+44", "+1684", "+12345", "+0", "+12345678901234567890" } },
  { "a number without it", { phone_part "number" }, { "1", "07123456789", "00000000000000", "12345678901234" } },
  { "a phone number", { deepidv "phone" }, { "+15192223333", "+1234567890", "+123456789012345", "+4915112345678" } },
  { "a phone number of any form", { identifier "phone", identifier "mobile" }, {
    "+49 (0)151 / 123 45-67", "0151 1234567", "+1 519 222 3333 ext. 12", "１２３", "call me", ("1"):rep(300),
  } },
  { "a name", { deepidv "first_name", deepidv "last_name" }, {
    "A", "Ò", "O'Hara", "Nguyễn Văn A", "李", "Jean-Luc", "d’Arc", "María José", "X Æ A-12", "بنت", "שָׁלוֹם", "Renée-Zoë",
    "Mc Donald ", "Null", "N/A", "Jr.", "王\226\128\139小明", ("ж"):rep(5000), ("Adam "):rep(1000), "<b>", "50 Cent", "🙂",
  } },
  { "a name of two characters or more", { declared "name" }, { "Li", "李明", "O'", ("ж"):rep(255), "A B" } },
  { "a reference of one's own", { deepidv "external_id", deepidv "workflow_id" }, {
    "a/b", "wf/1", "user 7", "é", ("x"):rep(3000), "#1", "a?b&c", "{}", "..",
  } },
  { "a date of birth", { declared "birth_date" }, { "2024-02-29", "2000-02-29", "0001-01-01", "1900-12-31", "9999-12-31" } },
  { "a date or time", dates, {
    "2026-01-05", "20260105", "2026-01", "2026", "2026-W02-1", "2026W021", "2026-005", "2026005", "2024-366", "2020-W53-7",
    "2026-01-05T09:00:00Z", "2026-01-05T09:00Z", "2026-01-05T09Z", "20260105T090000Z", "20260105T0900+0100",
    "2026-01-05T09:00:00", "2026-01-05T09:00:00.123456Z", "2026-01-05T09:00:00,5Z", "2026-01-05T09:00:00+01",
    "2026-01-05T09:00:00-05:30", "2026-01-05t09:00:00z", "2026-01-05T24:00:00Z", "2026-12-31T23:59:60Z",
    "2024-02-29T00:00:00+14:00",
  } },
}

--- Values that do not, and how the reason begins.
local refused = {
  { "an e-mail address", emails, {
    { "ada", "has no @" }, { "@example.com", "has nothing before the @" }, { "ada@", "has nothing behind the @" },
    { " ada@example.com", "begins with a blank" }, { "ada@example.com ", "ends with a blank" },
    { "ada @example.com", "holds a blank at byte 4" }, { "ada@example.com\n", "holds a control character (byte 16)" },
    { "\tada@example.com", "holds a control character (byte 1)" }, { "ada@example.com\194\160", "ends with a blank" },
    { "\239\187\191ada@example.com", "begins with a blank" }, { "Ada L <ada@example.com>", "holds a blank at byte 4" },
    { "ada\227\128\128@example.com", "holds a blank at byte 4" }, { "ada@example.com\0", "holds a control" },
    { "ada\226\128\139@example.com", "holds a blank at byte 4" }, { "   ", "is empty" },
  } },
  { "an address to return to", addresses, {
    { "javascript:alert(1)", "begins with javascript:" }, { "JavaScript:alert(1)", "begins with javascript:" },
    { " javascript:alert(1)", "begins with a blank" }, { "\1javascript:alert(1)", "holds a control" },
    { "java\tscript:alert(1)", "holds a control" }, { "\226\128\139javascript:alert(1)", "begins with a blank" },
    { "data:text/html,x", "begins with javascript:, data:" }, { "DATA:,", "begins with" }, { "vbscript:x", "begins with" },
    { "file:///etc/passwd", "begins with" }, { "blob:https://a.bc/1", "begins with" }, { "about:blank", "begins with" },
    { "View-Source:https://a.bc/", "begins with" }, { "shop.example/cb", "is not absolute" }, { "/cb", "is not absolute" },
    { "//shop.example/cb", "is not absolute" }, { "https://shop.example/a b", "holds a blank at byte 23: write it as %20" },
    { "https://shop.example/cb ", "ends with a blank" }, { "https:///cb", "has no host" },
    { "https:shop.example", "has no host" }, { "http://localhost:port/", "has no host, or one or a port" },
    { "https://bücher.example/", "holds a character that is not ASCII at byte 10: write it as xn--... or %C3%A9" },
    { "https://a.bc/café", "holds a character that is not ASCII at byte 17: write it as xn--... or %C3%A9" },
    { "https://a.bc/<x>", "holds a character that no address has at byte 14" }, { "%6aavascript:x", "is not absolute" },
    { "https://a.bc\\@evil.example", "holds a character that no address has" }, { " ", "is empty" }, { "?x", "is not abs" },
  } },
  { "an https address", { deepidv "redirect_url" }, {
    { "http://localhost:3000/cb", "is an http address, but deepIDV takes https only" },
    { "myapp://verified", "has another scheme, but deepIDV takes https only" },
    { "com.example.app:/cb", "has another scheme, but deepIDV takes https only" },
    { "javascript:alert(1)", "begins with javascript:" }, { "https://bücher.example/", "holds a character that is not ASCII" },
    { " https://a.bc/", "begins with a blank" }, { "https://a.bc/ ", "ends with a blank" }, { "a.bc", "is not absolute" },
  } },
  { "a phone number", { deepidv "phone" }, {
    { "+1 519 222 3333", "holds a blank at byte 3" }, { "+1\194\1605192223333", "holds a blank at byte 3" },
    { "+44(0)2079460000", "holds a bracket at byte 4" }, { "+1-519-222-3333", "holds a hyphen at byte 3" },
    { "+1.519.222.3333", "holds a dot at byte 3" }, { "+49/15112345678", "holds a slash at byte 4" },
    { "0015192223333", "begins with 00 instead of a plus" }, { "15192223333", "does not begin with a plus" },
    { "(519) 222-3333", "holds a blank at byte 6" }, { "tel:+15192223333", "does not begin with a plus" },
    { "+15192223333x12", "holds a letter at byte 13" }, { "+15192223333,,12", "holds a character that is not a digit" },
    { "+１５１９２２２３３３３", "holds a character that is not ASCII at byte 2" }, { "＋15192223333", "holds a character that is not" },
    { "+29012345", "has 8 digits, but deepIDV takes 10 to 15" }, { "+1234567890123456", "has 16 digits, but deepIDV" },
    { "+0151234567", "has a 0 behind the plus" }, { " +15192223333", "begins with a blank" },
    { "+15192223333\n", "holds a control" }, { "+1519222–3333", "holds a character that is not ASCII at byte 9" },
  } },
  { "a dialling prefix", { phone_part "country_code" }, {
    { "44", "does not begin with a plus" }, { "0044", "begins with 00" }, { "+", "has no digit" }, { "+1-684", "holds a hyphen" },
    { "+ 44", "holds a blank" }, { "GB", "does not begin with a plus" }, { "+４４", "holds a character that is not ASCII" },
  } },
  { "a number without it", { phone_part "number" }, {
    { "+447123456789", "holds a plus at byte 1" }, { "7123 456789", "holds a blank at byte 5" },
    { "(0)7123", "holds a bracket" }, { "123456789012345", "has 15 digits, but Checkout.com Identities takes 1 to 14" },
  } },
  { "a name", { deepidv "first_name" }, { { "Ada\nEve", "holds a control" }, { "  ", "is empty" }, { "\194\160", "is empty" } } },
  { "a name of two characters or more", { declared "name" }, {
    { "A", "has 1 character; Checkout.com Identities takes at least 2" },
    { ("ж"):rep(256), "has 256 characters; Checkout.com Identities takes at most 255" },
  } },
  { "a date of birth", { declared "birth_date" }, {
    { "2023-02-29", "is a day that the calendar does not have" }, { "1900-02-29", "is a day that" },
    { "2023-04-31", "is a day that" }, { "19900102", "is not written YYYY-MM-DD, as Checkout.com Identities takes dates" },
    { "1990-01-02T00:00:00Z", "is not written" }, { "02/01/1990", "is not written" }, { "1990-1-2", "is not written" },
    { "1990-W01-1", "is not written" }, { " 1990-01-02", "begins with a blank" }, { "90-01-02", "is not written" },
  } },
  { "a date or time", dates, {
    { "2026-01-05 09:00:00", "holds a blank at byte 11" }, { "2026-02-30", "is a day that the calendar does not have" },
    { "2025-02-29T00:00:00Z", "is a day that" }, { "yesterday", "is none of the forms of ISO 8601; must be" },
    { "1767600000", "is none" }, { "05.01.2026", "is none" }, { "2026-01-05T25:00", "is none" }, { "2026-W54", "is none" },
    { "2026-01-05T24:00:01Z", "is none" }, { "202601", "is none" }, { "2026-366", "is none" }, { "P1D", "is none" },
    { "2026-01-05T09:00:00Z[UTC]", "is none" }, { "2026-01-05T09:00:00 GMT", "holds a blank" }, { "2026T09:00Z", "is none" },
  } },
}

local function spot(value)
  return #value > 60 and value:sub(1, 60) .. "..." or value
end

for _, group in ipairs(taken) do
  describe(group[1], function()
    for _, value in ipairs(group[3]) do
      it("goes through: " .. spot(value), function()
        for _, hand in ipairs(group[2]) do
          local sent, message = hand(value)
          assert.are_equal(value, sent, message)
        end
      end)
    end
  end)
end

for _, group in ipairs(refused) do
  describe(group[1], function()
    for _, row in ipairs(group[3]) do
      it(("is refused (%s): %q"):format(row[2], spot(row[1])), function()
        for _, hand in ipairs(group[2]) do
          local _, message, request = hand(row[1])
          assert.is_nil(request)
          assert.are_equal(row[2], message and message:sub(1, #row[2]))
          local shown = message:gsub("such as %S+", "") -- an example is no value
          assert.is_nil(#row[1] > 8 and shown:find(row[1], 1, true) or nil)
        end
      end)
    end
  end)
end

describe("a request whose address is too long", function()
  it("is refused, not thrown", function()
    for _, params in ipairs { { external_id = ("ж"):rep(3000) }, { next_token = ("x"):rep(9000) } } do
      local request, err = perform("deepidv", "list_sessions", params)
      assert.is_nil(request)
      assert.are_same({ "validation", "not_sent" }, { err.kind, err.outcome })
      assert.is_truthy(err.message:find "longer than 8 KiB")
    end
    local request, err = perform("deepidv", "get_session", ("x"):rep(9000))
    assert.is_nil(request)
    assert.are_equal("validation", err.kind)
  end)

  it("is sent as long as it fits", function()
    assert.is_truthy(perform("deepidv", "list_sessions", { next_token = ("x"):rep(8000) }))
    assert.is_truthy(perform("deepidv", "get_session", ("x"):rep(300)))
  end)
end)

describe("a whole number without an upper limit", function()
  it("goes through, and one below the lower limit does not", function()
    for _, limit in ipairs { 1, 1001, 2147483648, 9007199254740991 } do
      local request = assert(perform("checkout", "list_attempts", "idv_1", { limit = limit, skip = limit }))
      assert.is_truthy(request.url:find(("limit=%.0f"):format(limit), 1, true))
    end
    local _, err = perform("checkout", "list_attempts", "idv_1", { limit = 0, skip = -1 })
    assert.are_equal("must be at least 1", message_of(err, "limit"))
    assert.are_equal("must be at least 0", message_of(err, "skip"))
  end)
end)

describe("every check of a parameter", function()
  local unchecked = { text = true, boolean = true, object = true }

  local function walk(where, parameters, problems)
    for _, parameter in ipairs(parameters or {}) do
      local is_checked = not unchecked[parameter.type] or parameter.min or parameter.max or parameter.prefix
      if is_checked and not parameter.document then
        problems[#problems + 1] = where .. "." .. parameter.name
      end
      walk(where .. "." .. parameter.name, parameter.fields, problems)
    end
  end

  it("names the document that it is from", function()
    local problems = {}
    for _, name in ipairs(idv.providers()) do
      for operation, described in pairs(require("idv.providers." .. name).operations) do
        if operation ~= "fetch_token" then
          walk(name .. "." .. operation, described.parameters, problems)
        end
      end
    end
    assert.are_same({}, problems)
  end)
end)
