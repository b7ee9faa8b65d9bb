--- parse_redirect: pure, safe on any bytes, never a verdict.

local idv = require "idv"

local deepidv = idv.deepidv { api_key = "k" }
local checkout = idv.checkout { secret_key = "sk_x" }
local cidaas = idv.cidaas { base_url = "https://tenant.cidaas.de" }
local impact = idv.impact { account_sid = "S", auth_token = "t" }

describe("the redirect of deepIDV", function()
  local base = "https://yourapp.com/verify-callback?session_id=sess_abc"

  it("tells success, without a reason and without a verdict", function()
    local record = assert(deepidv:parse_redirect(base .. "&status=success"))
    assert.are_equal("sess_abc", record.session_id)
    assert.are_equal("success", record.status)
    assert.is_nil(record.reason)
    assert.is_false(record.trusted)
    assert.are_equal("deepidv", record.provider)
    assert.is_nil(record.final)
  end)

  for _, reason in ipairs {
    "document_unreadable", "face_mismatch", "session_expired", "internal_error", "user_cancelled", "unknown",
    "reason_of_tomorrow",
  } do
    it("tells the reason " .. reason, function()
      local record = assert(deepidv:parse_redirect(base .. "&status=failed&reason=" .. reason))
      assert.are_equal("failed", record.status)
      assert.are_equal(reason, record.reason)
    end)
  end

  it("tells abandonment", function()
    local record = assert(deepidv:parse_redirect(base .. "&status=abandoned&reason=user_cancelled"))
    assert.are_equal("abandoned", record.status)
    assert.are_equal("user_cancelled", record.reason)
  end)

  it("calls a status that nobody has seen yet unknown, and keeps it in raw", function()
    local record = assert(deepidv:parse_redirect(base .. "&status=APPROVED"))
    assert.are_equal("unknown", record.status)
    assert.are_equal("APPROVED", record.raw.status)
  end)

  it("may be a whole address or only its query, with anything around it", function()
    for _, text in ipairs {
      "https://yourapp.com/cb?session_id=s-1&status=success", "?session_id=s-1&status=success",
      "session_id=s%2D1&status=success", "session_id=s-1&status=success#top", "/cb?session_id=s%2d1&status=success",
      "https://yourapp.com/?x=1&session_id=s-1&status=success&y#f?session_id=other", "myapp://back?session_id=s-1&status=success",
      "&&session_id=first&&=x&status=success&session_id=s-1",
    } do
      local record = assert(deepidv:parse_redirect(text))
      assert.are_equal("s-1", record.session_id, text)
      assert.are_equal("success", record.status)
    end
  end)

  it("is refused when it is not one", function()
    for _, text in ipairs { "", "https://yourapp.com/", "https://yourapp.com/?a=b", "hello", "?", "#" } do
      local record, err = deepidv:parse_redirect(text)
      assert.is_nil(record)
      assert.are_equal("protocol", err.kind)
    end
    for _, value in ipairs { 5, true, {}, ("x"):rep(8193) } do
      local record, err = deepidv:parse_redirect(value)
      assert.is_nil(record)
      assert.are_equal("validation", err.kind)
    end
    local _, err = deepidv:parse_redirect(nil)
    assert.are_equal("validation", err.kind)
  end)

  it("shows nothing of the applicant's in tostring", function()
    local record = assert(deepidv:parse_redirect("?session_id=canary&status=canary&reason=canary"))
    assert.are_equal("deepidv redirect (unknown)", tostring(record))
  end)
end)

describe("the redirect of Checkout.com", function()
  it("tells id, event and response code", function()
    local record = assert(checkout:parse_redirect(
      "https://me.example/back?a=1&id=idv_1&event=identity_verification_capture_aborted&response_code=61101"))
    assert.are_equal("idv_1", record.id)
    assert.are_equal("idv_1", record.session_id)
    assert.are_equal("identity_verification_capture_aborted", record.event)
    assert.are_equal(61101, record.response_code)
    assert.are_equal("applicant_never_started", record.reason)
    assert.is_nil(record.status)
    assert.is_false(record.trusted)
  end)

  it("may lack a code, or have one of tomorrow", function()
    local record = assert(checkout:parse_redirect "?id=idv_1&event=identity_verification_checks_completed")
    assert.is_nil(record.response_code)
    assert.is_nil(record.reason)
    record = assert(checkout:parse_redirect "?id=idv_1&response_code=69998")
    assert.are_equal(69998, record.response_code)
    assert.is_nil(record.reason)
    assert.is_nil(assert(checkout:parse_redirect "?id=idv_1&response_code=0x10").response_code)
  end)
end)

describe("the redirect of cidaas", function()
  it("tells accvid and what goes with it", function()
    local record = assert(cidaas:parse_redirect("/identity/verification_complete?accvid=a&email=x%2A&type=email&track_id=t"))
    assert.are_equal("a", record.accvid)
    assert.are_equal("t", record.track_id)
    assert.is_false(record.trusted)
    assert.is_nil(tostring(record):find "accvid")
  end)

  it("with an error is an error", function()
    local record, err = cidaas:parse_redirect("https://t/identity/error?error=Expectation+Failed&error_code=VER_0005"
      .. "&error_description=mail+ada%40example.com+is+bad")
    assert.is_nil(record)
    assert.are_equal("VER_0005", err.code)
    assert.are_equal("mail [email] is bad", err.message)
  end)
end)

describe("any redirect", function()
  it("never throws and never claims a verdict, whatever the bytes", function()
    math.randomseed(7)
    local seeds = {
      "https://a/?session_id=s&status=success", "?id=idv_1&event=x&response_code=61101",
      "/identity/verification_complete?accvid=a&error=", "%%%&&==??##\0\255",
    }
    for round = 1, 3000 do
      local bytes = { seeds[round % #seeds + 1]:byte(1, -1) }
      for _ = 1, math.random(8) do
        bytes[math.random(#bytes)] = math.random(0, 255)
      end
      local text = string.char((table.unpack or unpack)(bytes)) -- luacheck: ignore 143 113
      for _, provider in ipairs { deepidv, checkout, cidaas } do
        local record, err = provider:parse_redirect(text)
        assert.is_truthy(record or err)
        if record then
          assert.is_false(record.trusted)
          assert.is_nil(record.final)
          local said = record.status
          assert.is_truthy(said == nil or said == "success" or said == "failed" or said == "abandoned" or said == "unknown")
        end
        assert.is_string(tostring(record or err))
      end
    end
  end)

  it("is not something that impact.com documents", function()
    local record, err = impact:parse_redirect "https://a/?b=c"
    assert.is_nil(record)
    assert.are_equal("unsupported", err.kind)
    assert.is_false(impact:supports "parse_redirect")
  end)
end)
