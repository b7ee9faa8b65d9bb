--- What stands for nothing: "" as a form brings it, null as JSON does; and what is passed through at every level.

local capture = require "spec.support.capture"
local idv = require "idv"

local null = require("cjson").null
local unpack = table.unpack or unpack -- luacheck: ignore 143 113

local function sent(name, options, method, ...)
  options.transport = capture.new(capture.json(200, '{"id":"1"}'))
  local provider = idv.provider(name, options)
  local _, err = provider[method](provider, ...)
  local request = options.transport[1]
  return request and (request.body or request.url), err
end

local function deepidv(method, ...)
  return sent("deepidv", { api_key = "k" }, method, ...)
end

local function checkout(method, ...)
  return sent("checkout", { secret_key = "sk_x" }, method, ...)
end

local function cidaas(encoding, params)
  return sent("cidaas", { base_url = "https://t.example", encoding = encoding }, "create_session", params)
end

local function person(changes)
  local params = { first_name = "Ada", last_name = "B", email = "a@b.cc", phone = "+15192223333" }
  for name, value in pairs(changes) do
    params[name] = value
  end
  return params
end

local function verification(declared, more)
  local params = { declared_data = declared, redirect_url = "https://a.bc/" }
  for name, value in pairs(more or {}) do
    params[name] = value
  end
  return params
end

for label, nothing in pairs { ["null"] = null, ['""'] = "" } do
  describe(label .. " for a parameter that is not required", function()
    it("leaves it out, whatever its type", function()
      local plain = deepidv("create_session", person {})
      for _, name in ipairs {
        "external_id", "send_email_invite", "workflow_id", "redirect_url", "expires_in_hours", "externalId", "sendPhoneInvite",
      } do
        assert.are_equal(plain, (deepidv("create_session", person { [name] = nothing })), name)
      end
      assert.are_equal("https://api.deepidv.com/v1/sessions", (deepidv("list_sessions", {
        limit = nothing, next_token = nothing, start_date = nothing, by_organization = nothing,
      })))
    end)

    it("leaves it out in nested tables, and a table of nothing else as well", function()
      local plain = checkout("create_session", verification { name = "Ada" })
      for _, declared in ipairs {
        { name = "Ada", birth_date = nothing, phone_number = nothing, address = nothing },
        { name = "Ada", address = { city = nothing, country = nothing, zip = nothing } },
        { name = "Ada", phone_number = { country_code = nothing } },
        { name = "Ada", address = { extra = nothing, city = nothing } },
      } do
        assert.are_equal(plain, (checkout("create_session", verification(declared))))
      end
      assert.are_equal(plain, (checkout("create_session", verification({ name = "Ada" }, {
        user_journey_id = nothing, applicant_id = nothing,
      }))))
    end)

    it("does not win over a value in the other spelling", function()
      assert.are_equal((deepidv("create_session", person { external_id = "e" })),
        (deepidv("create_session", person { external_id = "e", externalId = nothing })))
    end)

    it("is none of those of which one is needed", function()
      for _, encoding in ipairs { "form", "json" } do
        local plain = cidaas(encoding, { request_id = "r", processing_type = "CODE", email = "a@b.cc" })
        assert.are_equal(plain, (cidaas(encoding, {
          request_id = "r", processing_type = "CODE", email = "a@b.cc", mobile = nothing, q = nothing, username = nothing,
          verification_medium = nothing,
        })))
        local _, err = cidaas(encoding, { request_id = "r", processing_type = "CODE", email = nothing })
        assert.is_truthy(err.message:find "exactly one of them is needed.*; 0 were given", err.message)
      end
    end)

    it("leaves the walk over a list alone", function()
      local transport = capture.new(function(_, n)
        return capture.json(200, ('{"total_count":2,"skip":%d,"limit":1,"data":[{"id":"iatp_%d"}]}'):format(n - 1, n))
      end)
      local provider = idv.checkout { secret_key = "sk_x", transport = transport }
      local count = 0
      for attempt, err in provider:each_attempt("idv_1", { skip = nothing, limit = nothing }) do
        assert(attempt, tostring(err))
        count = count + 1
      end
      assert.are_equal(2, count)
    end)
  end)
end

describe("null", function()
  it("for what is required is as if it were missing", function()
    for _, case in ipairs {
      { deepidv, "create_session", { person { email = null } }, "email is required" },
      { checkout, "create_session", { verification { name = null } }, "declared_data.name is required" },
      { checkout, "create_session", { verification(null) }, "declared_data is required" },
      { deepidv, "get_session", { null }, "id is required" },
      { deepidv, "decide_session", { "s", null }, "new_status is required" },
      { deepidv, "create_session", { null }, "first_name is required" },
    } do
      local body, err = case[1](case[2], unpack(case[3]))
      assert.is_nil(body)
      assert.is_truthy(err.message:find(case[4], 1, true), err.message)
    end
  end)

  it("goes out where a document says that it is a value", function()
    assert.are_equal('{"email":null}', (checkout("update_applicant", "aplt_1", { email = null })))
    assert.are_equal('{"external_applicant_name":"Ada"}',
      (checkout("update_applicant", "aplt_1", { external_applicant_name = "Ada", email = "" })))
    assert.are_equal("{}", (checkout("update_applicant", "aplt_1", { external_applicant_name = null })))
    assert.are_equal("{}", (checkout("create_applicant", { email = null })))
    local body = checkout("create_session", verification { name = "Ada", email = null })
    assert.is_truthy(body:find('"email":null', 1, true))
    local provider = idv.checkout { secret_key = "sk_x" }
    assert.are_equal('{"email":null}', assert(provider:preview("update_applicant", "aplt_1", { email = null })).body)
  end)

  it("in extra goes out as it was written; a form, which has none, leaves it out", function()
    assert.are_equal('{"a":null,"b":[1,null,{"c":null}]}',
      (checkout("create_applicant", { extra = { a = null, b = { 1, null, { c = null } } } })))
    local body = cidaas("form", { request_id = "r", processing_type = "CODE", q = "q", extra = { a = null, b = 1 } })
    assert.are_equal("requestId=r&processingType=CODE&q=q&b=1", body)
    assert.are_equal("{}", (checkout("create_applicant", { extra = null })))
  end)

  it("for options is as if they were left out", function()
    assert.is_truthy((deepidv("get_session", "s", null)))
    assert.is_truthy((deepidv("get_session", "s", { timeout = null, max_retries = null })))
    local provider = idv.deepidv { api_key = "k", base_url = null, on_event = null, proxy = null, webhook_secret = { "a", null } }
    assert(provider:parse_webhook({ ["deepidv-signature"] = "a" }, '{"type":"t"}'))
    assert.has_error(function() idv.deepidv { api_key = null } end)
    assert.has_error(function() idv.deepidv(null) end)
  end)
end)

describe('"" where something is required', function()
  it("is refused with the reason", function()
    for _, case in ipairs {
      { deepidv, "create_session", { person { first_name = "" } }, "first_name is empty" },
      { deepidv, "create_session", { person { email = "" } }, "email" },
      { checkout, "create_session", { verification { name = "" } }, "declared_data.name" },
      { checkout, "create_session", { verification { name = "Ada", phone_number = { country_code = "+44", number = "" } } },
        "declared_data.phone_number.number" },
      { checkout, "create_session", { verification "" }, "declared_data is a string" },
      { deepidv, "get_session", { "" }, "id" },
      { deepidv, "decide_session", { "s", "" }, "new_status must be one of" },
    } do
      local body, err = case[1](case[2], unpack(case[3]))
      assert.is_nil(body)
      assert.are_equal("validation", err.kind)
      assert.is_truthy(err.message:find(case[4], 1, true), err.message)
    end
  end)

  it("only counts where the table around it was filled in at all", function()
    assert.are_equal((checkout("create_session", verification { name = "Ada" })),
      (checkout("create_session", verification { name = "Ada", phone_number = { country_code = "", number = "" } })))
  end)
end)

describe("extra", function()
  it("is taken at every level, after what is known there", function()
    assert.are_equal('{"declared_data":{"name":"Ada","address":{"city":"X","district":"Y"},"nickname":"A"},'
      .. '"redirect_url":"https:\\/\\/a.bc\\/","webhook":true}', (checkout("create_session", verification({
        name = "Ada", extra = { nickname = "A" }, address = { city = "X", extra = { district = "Y" } },
      }, { extra = { webhook = true } }))))
  end)

  it("makes an object of a table that has nothing else", function()
    local body = checkout("create_session", verification { name = "Ada", address = { extra = { district = "Y" } } })
    assert.is_truthy(body:find('"address":{"district":"Y"}', 1, true), body)
  end)

  it("is hidden in a preview, and never in an error, at every level", function()
    local provider = idv.checkout {
      secret_key = "sk_x", transport = capture.new(capture.json(422, '{"error_type":"canary-text is wrong"}')),
    }
    local params = verification { name = "Ada", extra = { note = "canary-text" } }
    assert.is_nil(assert(provider:preview("create_session", params)).body:find "canary")
    local _, err = provider:create_session(params)
    assert.is_nil(tostring(err):find "canary")
  end)

  it("carries numbers, booleans and texts in a form and a query, and nothing that they can not say", function()
    local form = cidaas("form", {
      request_id = "r", processing_type = "CODE", q = "q", extra = { a = true, b = 1.5, c = 9007199254740991, d = "é" },
    })
    assert.are_equal("requestId=r&processingType=CODE&q=q&a=true&b=1.5&c=9007199254740991&d=%C3%A9", form)
    assert.are_equal("https://api.deepidv.com/v1/sessions?limit=1&tag=x", (deepidv("list_sessions", { limit = 1, extra = { tag = "x" } })))
    for _, value in ipairs { {}, print, 0 / 0, math.huge, "\255", 2 ^ 60 } do
      local body, err = cidaas("form", { request_id = "r", processing_type = "CODE", q = "q", extra = { a = value } })
      assert.is_nil(body)
      assert.are_equal("extra.a", err.details[1].field)
    end
  end)

  it("is recommended only where it is taken", function()
    local ways = {
      { deepidv, "create_session", { person { zzzzzz = "1" } } }, { deepidv, "list_sessions", { { zzzzzz = "1" } } },
      { checkout, "list_attempts", { "idv_1", { zzzzzz = "1" } } }, { checkout, "create_attempt",
        { "idv_1", { redirect_url = "https://a.bc/", client_information = { zzzzzz = "1" } } } },
    }
    for _, way in ipairs(ways) do
      local _, err = way[1](way[2], unpack(way[3]))
      assert.is_truthy(err.message:find "go into extra")
      local function follow(params)
        for name, value in pairs(params) do
          if name == "zzzzzz" then
            params.zzzzzz, params.extra = nil, { zzzzzz = value }
            return
          elseif type(value) == "table" then
            follow(value)
          end
        end
      end
      follow(way[3])
      local request = assert(way[1](way[2], unpack(way[3])))
      assert.is_truthy(request:find "zzzzzz")
    end
  end)
end)

describe("an argument of a method", function()
  it("is no field of its table, nor of extra: the request is for the one that was named", function()
    for _, params in ipairs { { id = "aplt_2", email = "a@b.cc" }, { extra = { id = "aplt_2" } } } do
      local body, err = checkout("update_applicant", "aplt_1", params)
      assert.is_nil(body)
      assert.is_truthy(err.message:find "argument", err.message)
    end
  end)
end)

describe("a request whose address would be too long", function()
  it("is refused, not thrown", function()
    local url, err = deepidv("list_sessions", { next_token = ("&"):rep(4000) })
    assert.is_nil(url)
    assert.are_equal("validation", err.kind)
    assert.are_equal("not_sent", err.outcome)
    assert.is_truthy(err.message:find "longer than 8 KiB")
  end)
end)
