-- cidaas as the sandbox plays it: initiate in its three manners of answering, validate, codes, links.

local sandbox = require "spec.support.sandbox"

describe("cidaas", function()
  local server = sandbox.shared()
  local control = server.control

  before_each(function()
    control.reset()
  end)

  local initiation = "POST /verification-actions-srv/account/initiation"
  local validation = "POST /verification-actions-srv/account"

  local function query_of(location)
    local found = {}
    for name, value in location:match("%?(.*)$"):gmatch("([^&=]+)=([^&]*)") do
      found[name] = value:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
    end
    return found
  end

  local function initiate(fields, as_json)
    local answer = server:send { initiation, form = not as_json and fields or nil,
      json = as_json and fields or nil }
    assert.equal(302, answer.status, answer.body)
    return answer.headers.location:match("^([^?]*)"), query_of(answer.headers.location), answer
  end

  local function code_for(fields)
    local _, query = initiate(fields or { requestId = "r1", processingType = "CODE",
      email = "ada@example.com" })
    local messages = control.outbox()
    return query.accvid, messages[#messages].code
  end

  local function validate(accvid, code)
    return server:send { validation, json = { accvid = accvid, code = code } }
  end

  describe("initiate", function()
    for _, as_json in ipairs { false, true } do
      it("sends a code and leads to verification_complete (" .. (as_json and "JSON" or "form") .. ")",
        function()
        local path, query = initiate({ requestId = "r 1", processingType = "CODE",
          email = "ada@example.com" }, as_json)
        assert.equal("/identity/verification_complete", path)
        assert.same({ "ada@example.com", "CODE", "r 1", "email" },
          { query.email, query.processingType, query.requestId, query.type })
        assert.truthy(query.accvid:find "^%x+%-")
        assert.truthy(query.track_id:find "^%x+%-")
        assert.truthy(query.mobile:find "%*")
        local message = control.outbox()[1]
        assert.same({ "ada@example.com", "email", query.accvid, "r 1" },
          { message.to, message.medium, message.accvid, message.request_id })
        assert.truthy(message.code:find "^%d%d%d%d%d%d$")
      end)
    end

    it("sends a link without an accvid", function()
      local _, query = initiate { requestId = "r1", processingType = "LINK", email = "ada@example.com" }
      assert.is_nil(query.accvid)
      assert.equal("LINK", query.processingType)
      local message = control.outbox()[1]
      assert.same({ nil, nil }, { message.code, message.accvid })
      assert.equal(200, server:get(message.link).status)
      assert.equal(410, server:get(message.link).status)
      assert.equal("verified", control.sessions()[1].status)
    end)

    it("masks what was not given", function()
      local _, query = initiate { requestId = "r1", processingType = "CODE", username = "ada" }
      assert.truthy(query.email:find "^a%*+@" and query.mobile:find "^%+49%*+00$")
      _, query = initiate { requestId = "r1", processingType = "CODE", verificationMedium = "sms",
        mobile = "+4917012345" }
      assert.same({ "+4917012345", "sms" }, { query.mobile, query.type })
      assert.truthy(query.email:find "%*")
      assert.equal("+4917012345", control.outbox()[2].to)
    end)

    for _, name in ipairs { "q", "email", "mobile", "username", "phone", "sub" } do
      it("takes the identifier " .. name .. ", and empty fields as absent", function()
        local fields = { requestId = "r1", processingType = "CODE", verificationMedium = "ivr", trackId = "",
          q = "", email = "", mobile = "", username = "", phone = "", sub = "" }
        fields[name] = "ada"
        local path, query = initiate(fields)
        assert.same({ "/identity/verification_complete", "ivr" }, { path, query.type })
      end)
    end

    it("takes a track without an identifier, and no other identifier for it", function()
      local base = { requestId = "r1", processingType = "CODE", trackId = "t1" }
      local _, query = initiate(base)
      assert.equal("t1", query.track_id)
      base.email = "ada@example.com"
      assert.equal("/identity/verification_complete", (initiate(base)))
      base.email = "eve@example.com"
      local path, told = initiate(base)
      assert.same({ "/identity/error", "VER_0006" }, { path, told.error_code })
    end)

    local rows = {
      { { processingType = "CODE", email = "a@b.c" }, "Expectation Failed", "VER_0005",
        "requestId or token is missing" },
      { { requestId = "r1", processingType = "CODE" }, "Expectation Failed", "VER_0005",
        "missing required field: Email or Mobile or Phone or Username or q" },
      { { requestId = "r1", email = "a@b.c" }, "Expectation Failed", "VER_0005",
        "missing required field: processingType" },
      { { requestId = "r1", email = "a@b.c", processingType = "GENERAL" }, "Expectation Failed", "VER_0004" },
      { { requestId = "r1", email = "a@b.c", processingType = "CODE", verificationMedium = "post" },
        "Expectation Failed", "VER_0004" },
      { { requestId = "r1", email = "a@b.c", mobile = "1", processingType = "CODE" }, "Expectation Failed",
        "VER_0004" },
      { { requestId = "invalid", email = "a@b.c", processingType = "CODE" }, "Expectation Failed",
        "VER_0006" },
      { { requestId = "r1", username = "unknown", processingType = "CODE" }, "Internal Server Error",
        "VER_0105",
        "error while processing request" },
    }
    for i, row in ipairs(rows) do
      it("leads to an error and sends nothing (" .. i .. ")", function()
        local path, query = initiate(row[1])
        assert.same({ "/identity/error", row[2], row[3] }, { path, query.error, query.error_code })
        assert.equal(row[4] or query.error_description, query.error_description)
        assert.same({}, control.outbox())
      end)
    end

    it("leads to an error for what it cannot read", function()
      local answer = server:send { initiation, body = "{",
        headers = { ["Content-Type"] = "application/json" } }
      assert.equal("VER_0004", query_of(answer.headers.location).error_code)
      answer = server:send { initiation, json = { requestId = 7, processingType = "CODE", email = "a@b.c" } }
      assert.equal("VER_0004", query_of(answer.headers.location).error_code)
    end)

    it("can answer with an absolute Location", function()
      control.settings { cidaas = { initiate_answer = "absolute" } }
      local path = initiate { requestId = "r1", processingType = "CODE", email = "a@b.c" }
      assert.equal(server.http .. "/identity/verification_complete", path)
      assert.equal(server.http .. "/identity/error", (initiate { x = "1" }))
    end)

    it("can answer with JSON", function()
      control.settings { cidaas = { initiate_answer = "json" } }
      local answer = server:send { initiation, form = { requestId = "r1", processingType = "CODE",
        email = "a@b.c" } }
      local told = answer:json()
      assert.same({ 200, true, 200, control.outbox()[1].accvid },
        { answer.status, told.success, told.status, told.data.accvid })
      answer = server:send { initiation, form = { requestId = "r1", processingType = "CODE" } }
      assert.same({ 417, false, "VER_0005" }, { answer.status, answer:json().success,
        answer:json().error.code })
    end)

    it("gives a reference with every answer", function()
      local _, _, answer = initiate { x = "1" }
      assert.is_string(answer.headers["x-ref-number"])
    end)
  end)

  describe("validate", function()
    it("takes the code, once", function()
      local accvid, code = code_for()
      local answer = validate(accvid, code)
      assert.equal(200, answer.status)
      local told = answer:json()
      assert.same({ true, 200 }, { told.success, told.status })
      assert.is_string(told.data.trackId)
      assert.equal(400, validate(accvid, code).status)
    end)

    it("can lead to verification_complete", function()
      control.settings { cidaas = { validate_answer = "redirect" } }
      local accvid, code = code_for()
      local answer = validate(accvid, code)
      assert.equal(302, answer.status)
      assert.equal(accvid, query_of(answer.headers.location).accvid)
      assert.equal(200, server:get(server.http .. answer.headers.location).status)
    end)

    it("gives few tries", function()
      control.settings { cidaas = { tries = 2 } }
      local accvid, code = code_for()
      local wrong = code == "000000" and "000001" or "000000"
      assert.equal(400, validate(accvid, wrong).status)
      assert.equal(200, validate(accvid, code).status)
      accvid, code = code_for()
      wrong = code == "000000" and "000001" or "000000"
      assert.equal(400, validate(accvid, wrong).status)
      assert.equal(400, validate(accvid, wrong).status)
      assert.equal(400, validate(accvid, code).status)
    end)

    it("takes no code that is too old", function()
      local accvid, code = code_for()
      control.settings { clock_offset = 601 }
      assert.equal(400, validate(accvid, code).status)
    end)

    local rows = {
      { { accvid = "unknown", code = "1" }, 400, "VER_0006", "invalid_request" },
      { { accvid = "x" }, 417, "VER_0005", "missing_data" }, { { code = "x" }, 417, "VER_0005",
        "missing_data" },
      { { accvid = "", code = "" }, 417, "VER_0005", "missing_data" },
      { { accvid = 7, code = 7 }, 417, "VER_0005", "missing_data" },
    }
    for i, row in ipairs(rows) do
      it("refuses in both documented shapes (" .. i .. ")", function()
        local answer = server:send { validation, json = row[1] }
        assert.equal(row[2], answer.status)
        assert.same({ success = false, status = row[2], error = { code = row[3], error = row[4] } },
          answer:json())
        control.settings { cidaas = { error_shape = "flat" } }
        assert.same({ success = false, status = row[2], code = row[3], error = row[4] },
          server:send({ validation, json = row[1] }):json())
      end)
    end

    it("refuses what is no JSON with 417", function()
      local answer = server:send { validation, form = { accvid = "a", code = "b" } }
      assert.same({ 417, "VER_0004" }, { answer.status, answer:json().error.code })
    end)
  end)

  it("shows pages where it leads to", function()
    local _, _, answer = initiate { requestId = "r1", processingType = "CODE", email = "a@b.c" }
    assert.equal(200, server:get(server.http .. answer.headers.location).status)
    _, _, answer = initiate { requestId = "<script>", processingType = "LINK" }
    local page = server:get(server.http .. answer.headers.location)
    assert.truthy(page.body:find("Expectation Failed", 1, true))
    page = server:get(server.http .. "/identity/error?error=%3Cscript%3E")
    assert.falsy(page.body:find("<script>", 1, true))
    assert.equal(410, server:get(server.http .. "/_hosted/cidaas/unknown").status)
  end)

  it("cannot be steered", function()
    local accvid = code_for()
    assert.equal(404, server:send({ "POST /_sandbox/advance", json = { id = accvid } }).status)
    assert.equal(404, server:send({ "POST /_sandbox/webhook", json = { id = accvid } }).status)
  end)
end)
