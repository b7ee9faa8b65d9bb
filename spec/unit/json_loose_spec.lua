--- What servers write loosely in JSON, and what becomes of it: in answers, in lists, in webhooks, in redirects.

local capture = require "spec.support.capture"
local core = require "idv.core"
local idv = require "idv"

local function answered(name, options, body, method, ...)
  options.transport = capture.new(capture.json(200, body))
  local provider = idv.provider(name, options)
  return provider[method](provider, ...)
end

local function impact_session(body)
  return answered("impact", { account_sid = "S", auth_token = "t" }, body, "create_session", { user_id = 1 })
end

local function deepidv_session(body, id)
  return answered("deepidv", { api_key = "k" }, body, "get_session", id or "s")
end

local function webhook(body)
  return idv.deepidv { api_key = "k", webhook_secret = "w" }:parse_webhook({ ["deepidv-signature"] = "w" }, body)
end

local function checkout_webhook(body)
  local checkout = idv.checkout { secret_key = "sk_x", webhook_authorization = "a" }
  return checkout:parse_webhook({ Authorization = "a" }, body)
end

local has_integers = math.type ~= nil

--- The number as every Lua reads it: an integer where there are some of 64 bits, else the digits.
local function exact(digits)
  local number = has_integers and math.tointeger(tonumber(digits))
  return number and math.type(tonumber(digits)) == "integer" and number or digits
end

describe("an integer beyond 2^53", function()
  local beyond = {
    "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "12345678901234567890", "99999999999999999999999999999999", "10000000000000001",
  }

  for _, digits in ipairs(beyond) do
    it("keeps its digits: " .. digits, function()
      local expected = exact(digits)
      for _, text in ipairs { '{"n":%s}', '{"n": %s }', '{"a":[{"b":[1,%s]}]}', '[%s]', "[[%s\n]]", "%s", " %s\t" } do
        local value = assert(core.json_decode((text:gsub("%%s", digits))))
        while type(value) == "table" do
          value = value.n or value.a or value.b or value[2] or value[1]
        end
        assert.are_equal(expected, value)
      end
    end)

    it("is that id and no other, wherever it stands: " .. digits, function()
      assert.are_equal(digits, assert(impact_session(('{"id":%s,"Uri":"/x","sessionUrl":"https://v.example/"}'):format(digits))).id)
      assert.are_equal(digits, assert(deepidv_session(
        ('{"session_record":{"id":%s,"external_id":%s,"status":"PENDING"}}'):format(digits, digits), digits)).external_id)
      local event = assert(webhook(('{"id":%s,"type":"session.status.verified","data":{"id":%s}}'):format(digits, digits)))
      assert.are_equal(digits, event.session_id)
      event = assert(checkout_webhook(
        ('{"id":%s,"type":"identity_verification_approved","data":{"applicant_id":%s}}'):format(digits, digits)))
      assert.are_equal(digits, event.id)
      assert.are_equal(digits, event.applicant_id)
    end)
  end

  it("in a list is one id for each item", function()
    local page = assert(answered("deepidv", { api_key = "k" },
      '{"sessions":[{"id":9007199254740993},{"id":9007199254740992},{"id":7}]}', "list_sessions"))
    assert.are_equal("9007199254740993 9007199254740992 7",
      table.concat({ page.items[1].id, page.items[2].id, page.items[3].id }, " "))
  end)

  it("in a redirect is no code, and no id but the text that stands there", function()
    local checkout = idv.checkout { secret_key = "sk_x", environment = "production" }
    local record = assert(checkout:parse_redirect(
      "https://me.example/?id=idv_9007199254740993&event=identity_verification_capture_aborted&response_code=9007199254740993"))
    assert.are_equal("idv_9007199254740993", record.id)
    assert.is_nil(record.response_code)
    assert.are_equal("9007199254740993", record.raw.response_code)
  end)
end)

describe("a number that is an id", function()
  it("is its digits when it is integral, however it is written", function()
    for text, id in pairs { ["1e3"] = "1000", ["1.0"] = "1", ["-0"] = "0", ["0"] = "0", ["1E+2"] = "100", ["25.0e1"] = "250" } do
      assert.are_equal(id, assert(webhook('{"type":"session.status.verified","data":{"id":' .. text .. "}}")).session_id, text)
    end
  end)

  it("is none when it may be another one, and none when it is no integer", function()
    for _, text in ipairs { "1.5", "9007199254740993.0", "9.007199254740993e15", "1e22", "0.1", "1234567890.123456789" } do
      local session, err = impact_session('{"id":' .. text .. ',"Uri":"/x","sessionUrl":"https://v.example/"}')
      assert.is_nil(session, text)
      assert.are_equal("protocol", err.kind)
      assert.are_equal("unknown", err.outcome)
      assert.is_nil(assert(webhook('{"id":"e","type":"session.status.verified","data":{"id":' .. text .. "}}")).session_id, text)
    end
  end)

  it("that no float holds is a text, and never infinite", function()
    for _, text in ipairs { "1e308", "1e400", "1.e400", "-1e400", "123456e305", "1" .. ("0"):rep(400) .. ".5", "1e99999999999999999999" } do
      assert.are_equal(text, assert(core.json_decode("[" .. text .. "]"))[1])
    end
    for text, number in pairs { ["1e307"] = 1e307, ["0.00001e310"] = 1e305, ["1e-400"] = 0, ["0e999999"] = 0 } do
      assert.are_equal(number, assert(core.json_decode("[" .. text .. "]"))[1], text)
    end
  end)
end)

describe("digits that are no number", function()
  it("are refused as before, not made good", function()
    for _, text in ipairs {
      "{12345678901234567890:1}", '{"a":1,12345678901234567890:2}', "[012345678901234567890]", "[12345678901234567890 1]",
      "[--12345678901234567890]", '["a"12345678901234567890]', "[1e400x]", "[+1e400]",
      "12345678901234567890x", "[1 12345678901234567890]", "[.1e400]", "[1e]",
    } do
      local value, why = core.json_decode(text)
      assert.is_nil(value, text)
      assert.are_equal("is not JSON", why)
    end
  end)

  it("in a string stay a string", function()
    for _, inner in ipairs { "12345678901234567890", ":12345678901234567890,", "\\\",12345678901234567890,\\\"", "[1e400]", "\255 1" } do
      local value = assert(core.json_decode('{"t":"' .. inner .. '","n":12345678901234567890,"z":null}'))
      assert.are_equal((inner:gsub('\\"', '"')), value.t)
      assert.are_equal("12345678901234567890", value.n)
      assert.is_nil(value.z)
    end
  end)

  it("that begin like a mark of ours are what they are", function()
    local value = assert(core.json_decode '["\2557", "\255", 9007199254740993, 7]')
    assert.are_equal("\2557", value[1])
    assert.are_equal("\255", value[2])
    assert.are_equal("9007199254740993", value[3])
    assert.are_equal("7", tostring(value[4]))
  end)
end)

describe("a byte order mark", function()
  local MARK = "\239\187\191"

  it("is passed over, once", function()
    assert.are_equal("s", assert(deepidv_session(MARK .. '{"session_record":{"id":"s"}}')).id)
    assert.are_equal("session.status.verified", assert(webhook(MARK .. '{"type":"session.status.verified","data":{"id":"s"}}')).type)
    assert.are_equal(1, #assert(core.json_decode(MARK .. " [1]")))
    for _, text in ipairs { MARK .. MARK .. "{}", " " .. MARK .. "{}", "{" .. MARK .. "}", "\239\187{}", "{}" .. MARK } do
      assert.are_equal("is not JSON", select(2, core.json_decode(text)))
    end
    assert.are_equal("is empty", select(2, core.json_decode(MARK)))
  end)

  it("of UTF-16 is no JSON, whichever way round", function()
    for _, text in ipairs { "\255\254{\0}\0", "\254\255\0{\0}", "{\0}\0", "\0{\0}", "\255\254[\0]\0" } do
      assert.are_equal("is not JSON", select(2, core.json_decode(text)))
    end
  end)

  it("is kept where it is data", function()
    assert.are_equal(MARK .. "x", assert(core.json_decode('["' .. MARK .. 'x"]'))[1])
  end)
end)

describe("null for a list", function()
  it("is an empty list", function()
    local page = assert(answered("deepidv", { api_key = "k" }, '{"sessions":null,"next_token":null}', "list_sessions"))
    assert.are_same({}, page.items)
    assert.are_same({}, page.raw.sessions)
    page = assert(answered("checkout", { secret_key = "sk_x" }, '{"total_count":0,"skip":0,"limit":10,"data":null}',
      "list_attempts", "idv_1"))
    assert.are_same({}, page.items)
    assert.are_equal(0, page.total_count)
  end)

  it("ends a walk without an error", function()
    local deepidv = idv.deepidv { api_key = "k", transport = capture.new(capture.json(200, '{"sessions":null}')) }
    for session in deepidv:each_session() do
      assert.is_nil(session)
    end
  end)

  it("is not a list that is missing, and not an item", function()
    for _, body in ipairs { "{}", '{"Sessions":null}', '{"sessions":[null]}', '{"sessions":{"a":null}}', "null", "[null]" } do
      local page, err = answered("deepidv", { api_key = "k" }, body, "list_sessions")
      if body ~= '{"sessions":{"a":null}}' then -- an object without positions has no items
        assert.is_nil(page, body)
        assert.are_equal("protocol", err.kind)
      end
    end
  end)
end)

describe("half of a surrogate pair", function()
  local halves = {
    "\\ud800", "\\uDFFF", "\\ud83dx", "\\ud83d\\u0041", "\\udc00\\ud800", "\\ud83d\\ud83d\\ude00", "x\\ud800", "\\\\\\ud800",
  }

  for _, half in ipairs(halves) do
    it("becomes U+FFFD, and the answer stays readable: " .. half, function()
      local session = assert(deepidv_session('{"session_record":{"id":"s","status":"VERIFIED","name":"' .. half .. '"}}'))
      assert.are_equal("s", session.id)
      assert.are_equal("approved", session.status)
      assert.is_truthy(session.raw.session_record.name:find("\239\191\189", 1, true))
      assert.is_true(core.is_utf8(session.raw.session_record.name))
      assert.are_equal("s", assert(webhook('{"type":"session.status.verified","data":{"id":"s","n":"' .. half .. '"}}')).session_id)
    end)
  end

  it("in the name of a field is no harm either", function()
    assert.are_equal("s", assert(deepidv_session('{"\\ud800":1,"session_record":{"id":"s","\\udfff":2}}')).id)
  end)

  it("leaves whole pairs and everything like them alone", function()
    for text, value in pairs {
      ["\\ud83d\\ude00"] = "\240\159\152\128", ["\\\\ud800"] = "\\ud800", ["\\uD83D\\uDE00\\u0041"] = "\240\159\152\128A",
      ["\\u00e9"] = "é", ["\\\\\\\\ud800"] = "\\\\ud800",
    } do
      assert.are_equal(value, assert(core.json_decode('["' .. text .. '"]'))[1], text)
    end
    for _, text in ipairs { '["\\uZZZZ"]', '["\\ud8"]', '["\\u"]', '["\\ud80"', '["\\' } do
      assert.are_equal("is not JSON", select(2, core.json_decode(text)))
    end
  end)

  it("takes no longer the more there are", function()
    local text = '["' .. ("\\n"):rep(200000) .. ("\\ud800"):rep(100000) .. ('\\"'):rep(100000) .. '"]'
    assert.are_equal(200000 + 300000 + 100000, #assert(core.json_decode(text))[1])
  end)
end)

describe("members of one name", function()
  it("count by the last of them", function()
    assert.are_equal("b", assert(deepidv_session('{"session_record":{"id":"a","id":"b"}}', "b")).id)
    assert.are_equal("declined",
      assert(deepidv_session '{"session_record":{"id":"s","status":"VERIFIED","status":"REJECTED"}}').status)
    assert.is_nil((deepidv_session '{"session_record":{"id":"a","id":null}}'))
  end)
end)

describe("other bytes", function()
  it("that are not UTF-8 do not make an answer unreadable, and stay as they are", function()
    local session = assert(deepidv_session '{"session_record":{"id":"s","name":"M\252ller","x":"\237\160\128"}}')
    assert.are_equal("s", session.id)
    assert.are_equal("M\252ller", session.raw.session_record.name)
  end)

  it("such as an escaped NUL are data, and a raw one is not JSON", function()
    assert.are_equal("a\0b", assert(core.json_decode '["a\\u0000b"]')[1])
    assert.are_equal("is not JSON", select(2, core.json_decode '["a\0b"]'))
  end)
end)
