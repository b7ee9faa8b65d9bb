--- cidaas, end to end against the sandbox.

local client = require "spec.support.client"

client.over_both("cidaas", function(scheme, control)
  local request = { request_id = "req-1", processing_type = "CODE", email = "ada@example.com" }

  for _, encoding in ipairs { "form", "json" } do
    it("sends a code and validates it, with a body as " .. encoding, function()
      local cidaas = client.new(scheme, "cidaas", { encoding = encoding })
      local session = assert(cidaas:create_session(request))
      assert.is_string(session.accvid)
      assert.are_equal("ada@example.com", session.email)
      assert.are_equal("email", session.type)
      assert.are_equal("CODE", session.processing_type)
      local messages = control.outbox()
      assert.are_equal(1, #messages)
      local verified = assert(cidaas:verify_code { accvid = session.accvid, code = messages[1].code })
      assert.is_true(verified.verified)
      local content_type
      for _, header in ipairs(control.journal({ provider = "cidaas" })[1].headers) do
        content_type = header[1]:lower() == "content-type" and header[2] or content_type
      end
      assert.are_equal(encoding == "form" and "application/x-www-form-urlencoded" or "application/json", content_type)
    end)
  end

  for _, answer in ipairs { "relative", "absolute", "json" } do
    it("reads an answer that is " .. answer, function()
      control.settings { cidaas = { initiate_answer = answer } }
      local session = assert(client.new(scheme, "cidaas"):create_session(request))
      assert.is_string(session.accvid)
    end)
  end

  it("reads both answers to a code", function()
    for _, answer in ipairs { "json", "redirect" } do
      control.settings { cidaas = { validate_answer = answer } }
      local cidaas = client.new(scheme, "cidaas")
      local session = assert(cidaas:create_session(request))
      local messages = control.outbox()
      assert.is_true(assert(cidaas:verify_code { accvid = session.accvid, code = messages[#messages].code }).verified)
    end
  end)

  it("sends to a phone, masked unless it was given", function()
    local session = assert(client.new(scheme, "cidaas"):create_session {
      request_id = "r", processing_type = "CODE", verification_medium = "sms", mobile = "+491511234567",
    })
    assert.are_equal("+491511234567", session.mobile)
    assert.are_equal("sms", session.type)
    session = assert(client.new(scheme, "cidaas"):create_session {
      request_id = "r", processing_type = "CODE", q = "masked-sub",
    })
    assert.is_truthy(session.email:find("*", 1, true))
  end)

  it("sends to whom phone or sub names", function()
    for _, encoding in ipairs { "form", "json" } do
      for name, value in pairs { phone = "+491511234567", sub = "4d1c-sub" } do
        local session = assert(client.new(scheme, "cidaas", { encoding = encoding }):create_session {
          request_id = "r", processing_type = "CODE", verification_medium = "sms", [name] = value,
        })
        assert.is_string(session.accvid)
        local messages = control.outbox()
        assert.are_equal(name == "phone" and value or "+491700000000", messages[#messages].to)
      end
    end
  end)

  it("sends a link, which has no accvid and is a success", function()
    local session = assert(client.new(scheme, "cidaas"):create_session {
      request_id = "r", processing_type = "LINK", email = "ada@example.com",
    })
    assert.is_nil(session.accvid)
    assert.are_equal("LINK", session.processing_type)
    assert.are_equal(1, #control.outbox())
  end)

  it("works from a track alone", function()
    local session = assert(client.new(scheme, "cidaas"):create_session {
      request_id = "r", processing_type = "CODE", track_id = "track-1",
    })
    assert.are_equal("track-1", session.track_id)
  end)

  it("hears of errors with their code, in a redirect and in JSON", function()
    local cidaas = client.new(scheme, "cidaas")
    control.fault {
      provider = "cidaas", status = 302,
      headers = { Location = "/identity/error?error=Expectation%20Failed&error_code=VER_0005"
        .. "&error_description=requestId%20or%20token%20is%20missing" },
    }
    local session, err = cidaas:create_session(request)
    assert.is_nil(session)
    assert.are_equal("rejected", err.kind)
    assert.are_equal("VER_0005", err.code)
    assert.are_equal("requestId or token is missing", err.message)
    for _, shape in ipairs { "nested", "flat" } do
      control.settings { cidaas = { error_shape = shape } }
      local verified
      verified, err = cidaas:verify_code { accvid = "nobody", code = "000000" }
      assert.is_nil(verified)
      assert.are_equal("rejected", err.kind)
      assert.is_truthy(err.code:find "^VER_")
    end
  end)

  it("never sends a second message by itself", function()
    for _, fault in ipairs { { status = 500 }, { status = 503 }, { reset = true }, { close = true } } do
      control.reset()
      fault.provider = "cidaas"
      control.fault(fault)
      local session, err = client.new(scheme, "cidaas"):create_session(request)
      assert.is_nil(session)
      assert.are_equal("unknown", err.outcome)
      assert.are_equal(1, control.count { provider = "cidaas" })
    end
  end)
end)
