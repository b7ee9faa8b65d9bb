--- A provider's words on their way into an error: where they are found, how lists of them are joined, which names are
--- left alone, and that nothing but one line of visible characters gets there.

local cjson = require "cjson"
local idv = require "idv"
local capture = require "spec.support.capture"
local texts = require "idv.texts"
local visible = require "idv.visible"

local options = {
  deepidv = { api_key = "deep-key-12345678" }, checkout = { secret_key = "sk_12345678abc" },
  impact = { account_sid = "SID12345", auth_token = "token-12345678" }, cidaas = { base_url = "https://tenant.cidaas.de" },
}

--- The error of a create_session that is answered with this body.
local function error_of(name, params, body, headers)
  local own = { transport = capture.new(capture.json(400, type(body) == "table" and cjson.encode(body) or body, headers)) }
  for key, value in pairs(options[name]) do
    own[key] = value
  end
  local session, err = idv.provider(name, own):create_session(params)
  assert.is_nil(session)
  return err
end

local function deepidv(first, last)
  return { first_name = first, last_name = last, email = "ada@mail.example", phone = "+15192223333" }
end

local names = {
  "Name", "Last", "Valid", "Email", "Phone", "In", "Or", "May", "Field", "Required", "Null", "Li", "Ng", "O", "José",
  "Müller", "李", "d'Arc", "de la Cruz", "First", "External", "Al", "A", "Id", "Url",
}

describe("a name of the API", function()
  it("is never redacted, whatever the applicant is called", function()
    for _, name in ipairs(names) do
      local err = error_of("deepidv", deepidv(name, name), {
        message = "last_name is wrong: " .. name, hints = {
          { path = { "lastName" }, message = name .. " is too short" }, { path = { "email" }, message = "x" },
          { path = { "external_id" }, message = "x" }, { path = { name, "deep" }, message = "x" },
        },
      })
      assert.are_equal("last_name is wrong: [hidden]", err.message)
      assert.are_equal("last_name", err.details[1].field)
      assert.are_equal("[hidden] is too short", err.details[1].message)
      assert.are_equal("email", err.details[2].field)
      assert.are_equal("external_id", err.details[3].field)
      if #name > 5 or name:find "[\128-\255]" then
        assert.are_equal("[hidden].deep", err.details[4].field)
      end
    end
  end)

  it("is known within other names", function()
    for _, name in ipairs { "Name Phone", "Declared Data", "Number", "Country Code" } do
      local err = error_of("checkout", {
        declared_data = { name = name, phone_number = { country_code = "+44", number = "7700900123" } },
        redirect_url = "https://me.example/cb",
      }, { error_type = "request_invalid", error_codes = {
        "declared_data__name__required", "declared_data__phone_number__number__invalid", "declared_data__pet__invalid",
      } })
      assert.are_equal("declared_data.name", err.details[1].field)
      assert.are_equal("declared_data__name__required", err.details[1].code)
      assert.are_equal("declared_data.phone_number.number", err.details[2].field)
      assert.are_equal("declared_data.pet", err.details[3].field)
      assert.are_equal("request_invalid", err.code)
    end
  end)
end)

describe("what was sent", function()
  it("is not repeated in a code, an id, or a detail, in any writing", function()
    local params = deepidv("Ada", "Lovelace-Byron")
    params.extra = { ssn = 123456789, deep = { pet = "Rex Harrison" } }
    for _, echo in ipairs {
      "Lovelace", "ADA", "lovelace-byron", "15192223333", "519-222-3333", "ada.lovelace", "123456789", "rex", "Byron_1",
      "deep-key-12345678", "DEEP_KEY_12345678", "key-12345678",
    } do
      local err = error_of("deepidv", params, {
        message = "not " .. echo .. "!", code = "E_" .. echo, hints = { { path = { echo }, message = "no " .. echo, code = echo } },
        request_id = "r-" .. echo,
      }, { ["X-Request-Id"] = "req." .. echo })
      assert.is_nil(err.code, err.code)
      assert.is_nil(err.request_id)
      local shown = tostring(err) .. err.details[1].field .. err.details[1].message .. tostring(err.details[1].code)
      for _, piece in ipairs { "lovelace", "byron", "ada", "222", "3333", "1519", "12345", "rex" } do
        assert.is_nil(shown:lower():find(piece), shown)
      end
    end
  end)

  it("is in raw alone, which is the program's", function()
    local provider = idv.deepidv {
      api_key = "k", transport = capture.new(capture.json(200, '{"id":"s1","session_url":"https://app.deepidv.com","name":"Ada Lovelace\\u0007"}')),
    }
    local session = assert(provider:create_session(deepidv("Ada", "Lovelace")))
    assert.are_equal("Ada Lovelace\7", session.raw.name)
  end)

  it("and is too much to look for leaves our own words", function()
    local params = deepidv("Ada", "Lovelace")
    params.extra = { image = ("abc1"):rep(20000) }
    local err = error_of("deepidv", params, { message = "Ada is wrong", code = "ada_wrong" })
    assert.are_equal("the provider found the request wrong", err.message)
    assert.is_nil(err.code)
  end)
end)

describe("a list of words", function()
  local cases = {
    { [["one"]], "one" }, { [=[["one","two"]]=], "one; two" },
    { [=[[{"message":"one"},{"message":"two"}]]=], "one; two" }, { [=[[{"msg":"one","loc":["body","x"]}]]=], "one" },
    { [[{"email":["is taken","is odd"],"phone":["is short"]}]], "email: is taken, is odd; phone: is short" },
    { [[{"errors":{"email":"is taken"}}]], "errors: email: is taken" }, { [=[["one",2,true,null,"","  ","three"]]=], "one; 2; true; three" },
    { [[5]], "5" }, { [[true]], nil }, { [[""]], nil }, { [=[[]]=], nil }, { [[{}]], nil }, { [=[[[["one"]],["two"]]]=], "one; two" },
    { [[{"message":{"message":{"message":"deep"}}}]], "deep" },
  }
  for _, case in ipairs(cases) do
    it("is joined: " .. case[1], function()
      local ok, value = pcall(cjson.decode, case[1])
      local joined = texts.joined(ok and value or nil)
      assert.are_equal(case[2], joined)
    end)
  end

  it("has a ceiling in number, length and depth", function()
    local wide, deep = {}, "x"
    for i = 1, 10000 do
      wide[i] = { message = ("y"):rep(50) }
      deep = { deep }
    end
    assert.is_true(#texts.joined(wide) < 2100)
    assert.is_true(#texts.joined({ { wide, wide }, { wide } }) < 2100)
    assert.is_nil(texts.joined(deep))
  end)

  it("reaches the message from every provider", function()
    local params = {
      deepidv = deepidv("Ada", "Lovelace"), impact = { user_id = 5 },
      checkout = { declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/" },
      cidaas = { request_id = "requ-1234", processing_type = "CODE", email = "ada@mail.example" },
    }
    for name, sent in pairs(params) do
      local key = name == "impact" and "Message" or "message"
      assert.are_equal("too short; too odd", error_of(name, sent, { [key] = { "too short", "too odd" } }).message)
      assert.are_equal("too short", error_of(name, sent, { [key] = { { message = "too short" } } }).message)
      assert.are_equal("plain words", error_of(name, sent, '"plain words"').message)
      assert.are_equal("one; two", error_of(name, sent, '["one","two"]').message)
      assert.are_equal("the provider found the request wrong", error_of(name, sent, "{}").message)
    end
    local err = error_of("deepidv", params.deepidv, { hints = { { path = "phone", message = { "too short", "too odd" } }, "Ada is odd" } })
    assert.are_equal("too short; too odd", err.details[1].message)
    assert.are_same({ field = "?", message = "[hidden] is odd" }, err.details[2])
    err = error_of("impact", params.impact, { Errors = { "one", { Field = "UserId", Message = { "two", "three" } } } })
    assert.are_same({ { field = "?", message = "one" }, { field = "user_id", message = "two; three" } }, err.details)
  end)

  it("of any length costs as much as is shown", function()
    local count, lists = 0, {}
    for i = 1, 50000 do
      lists[i] = "declared_data__name__invalid"
    end
    local body = cjson.encode { error_codes = lists, message = lists }
    debug.sethook(function() count = count + 1 end, "", 1000)
    local err = error_of("checkout", { declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/" }, body)
    debug.sethook()
    assert.are_equal(100, #err.details)
    assert.is_true(count < 3000, tostring(count))
  end)
end)

-- What breaks a line, what a terminal obeys, and what is not seen.
local hostile = {
  "\n", "\r\n", "\0", "\7", "\8", "\27[31m", "\27]0;title\7", "\27c", "\127", "\194\128", "\194\133", "\194\15531m", "\194\159",
  "\226\128\168", "\226\128\169", "\226\128\170", "\226\128\174", "\226\129\166", "\226\129\169", "\226\128\142",
  "\226\128\143", "\216\156", "\226\128\139", "\226\128\141", "\239\187\191", "\194\173", "\226\129\160", "\243\160\129\129",
  "\239\191\185", "\239\184\143",
}

--- What of the above is in a text.
local function found_in(text)
  for _, piece in ipairs(hostile) do
    if text:find(piece, 1, true) then
      return (piece:gsub(".", function(byte) return ("\\%d"):format(byte:byte()) end))
    end
  end
  return text:find "[%z\1-\31\127]" and "a control" or nil
end

describe("an error", function()
  it("is one line of visible characters, whatever the provider's bytes", function()
    for _, piece in ipairs(hostile) do
      local text = "wrong" .. piece .. "input"
      local err = error_of("deepidv", deepidv("Ada", "Lovelace"), {
        message = text, code = text, request_id = text, hints = { { path = { text, text }, message = text } },
      }, { ["X-Request-Id"] = text })
      for _, shown in ipairs {
        tostring(err), err.message, err.code or "", err.request_id or "", err.details[1].field, err.details[1].message,
      } do
        assert.is_nil(found_in(shown), shown)
      end
      assert.is_truthy(err.message:find "^wrong *input$", err.message)
    end
  end)

  it("is so with a transport's words too, and with bytes that are no UTF-8", function()
    local Error = require "idv.error"
    for _, piece in ipairs(hostile) do
      local provider = idv.deepidv { api_key = "k", transport = function()
        return nil, { kind = "network", message = "broke" .. piece .. "down" }
      end }
      local _, err = provider:create_session(deepidv("Ada", "Lovelace"))
      assert.is_nil(found_in(tostring(err)))
    end
    local err = Error.new { kind = "network", message = "a\255b", code = "c\n", details = { { field = "f\27[m", message = "m\128" } } }
    assert.are_equal("a?b", err.message)
    assert.are_equal("c", err.code)
    assert.are_same({ field = "f", message = "m?" }, err.details[1])
  end)

  it("hides what was sent in spite of them", function()
    for _, piece in ipairs(hostile) do
      local err = error_of("deepidv", deepidv("Ada", "Lovelace"), { message = "no Love" .. piece .. "lace here" })
      assert.are_equal("no [hidden] here", err.message)
    end
  end)
end)

describe("a record", function()
  it("says what it is in one line of visible characters", function()
    local records = require "idv.records"
    for _, piece in ipairs(hostile) do
      assert.is_nil(found_in(tostring(records.new("deepidv", "session", { id = "a" .. piece .. "b", status = "x" .. piece }))))
    end
  end)
end)

describe("what a terminal gets", function()
  it("shows as escapes what it would obey or hide", function()
    for _, piece in ipairs(hostile) do
      assert.is_nil(found_in(visible.escaped("a" .. piece .. "b")))
    end
    assert.are_equal("a\\x1B[31mb\\u202Ec\\u009B\\xFF", visible.escaped "a\27[31mb\226\128\174c\194\155" .. visible.escaped "\255")
    assert.are_equal("plain ü 李", visible.escaped "plain ü 李")
  end)

  it("is JSON that says the same", function()
    local json = require "idv.cli.json"
    for _, piece in ipairs(hostile) do
      local value = { ["k" .. piece] = "a" .. piece .. "b" }
      local written = json.encode(value)
      assert.is_nil(found_in(written))
      assert.are_same(value, cjson.decode(written))
    end
  end)
end)
