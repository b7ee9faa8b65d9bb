--- Redirects as servers and browsers write them: loosely. What is told in them is not lost, and not changed.

local client = require "spec.support.client"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local tenant = "https://tenant.cidaas.de"
local flow = { request_id = "req-1", processing_type = "CODE", email = "ada@example.com" }
local complete = "/identity/verification_complete"

--- What create_session of cidaas makes of a Location, or of other headers.
local function session_of(location, headers)
  local cidaas = idv.cidaas {
    base_url = tenant,
    transport = function() return { status = 302, headers = headers or { Location = location } } end,
  }
  return cidaas:create_session(flow)
end

describe("a Location that is written loosely", function()
  -- what follows the question mark of the error page, and the message; the texts are the documentation's own
  local errors = {
    { "error=Expectation Failed&error_code=VER_0005&error_description=requestId or token is missing",
      "requestId or token is missing" },
    { "error=Expectation Failed&error_code=VER_0005"
      .. "&error_description=missing required field: Email or Mobile or Phone or Username or q",
      "missing required field: Email or Mobile or Phone or Username or q" },
    { "error=Internal Server Error&error_code=VER_0005&error_description=error while processing request",
      "error while processing request" },
    { "error=x&error_code=VER_0005&error_description=requestId+or+token+is+missing", "requestId or token is missing" },
    { "error=x&error_code=VER_0005&error_description=requestId%20or%20token+is missing", "requestId or token is missing" },
    { "error=x&error_code=VER_0005&error_description=d\195\169j\195\160 vu", "d\195\169j\195\160 vu" },
    { "error=x&error_code=VER_0005&error_description=\"a\" <b> {c} |d| ^e^ `f`", "\"a\" <b> {c} |d| ^e^ `f`" },
    { "error=x&error_code=VER_0005&error_description=100% of it", "100% of it" },
    { "error=x&error_code=VER_0005&error_description=a\\b", "a\\b" },
    { "error=x&error_code=VER_0005&error_description=c+%2B+d", "c + d" },
    -- a text that is not UTF-8, or holds controls, is not shown; the code is
    { "error=Failed&error_code=VER_0005&error_description=d\233j\224 vu", "Failed" },
    { "error=Failed&error_code=VER_0005&error_description=a\tb", "Failed" },
    { "error_code=VER_0005&error=Failed&error_description=%00%0D%0A", "Failed" },
    { "error_code=VER_0001&error=Failed&error_code=VER_0005", "Failed" },
  }

  for _, case in ipairs(errors) do
    it("keeps the error's code: " .. case[1]:gsub("[^ -~]", "?"), function()
      for _, start in ipairs { "/identity/error?", tenant .. "/identity/error?", "/own page/error?" } do
        local session, err = session_of(start .. case[1])
        assert.is_nil(session)
        assert.are_equal("VER_0005", err.code)
        assert.are_equal(case[2], err.message)
        assert.is_truthy(err.kind == "rejected" or err.kind == "server")
      end
    end)
  end

  it("keeps the accvid of a code that was sent", function()
    for _, rest in ipairs {
      "accvid=a1&email=ada@example.com", "email=ada lovelace&accvid=a1", "accvid=a1&email=\195\169&x=\255",
      "x=\"{}|^`<>\\&accvid=a1", "x=%&accvid=a1&y=%zz", "&&&accvid=a1&&", "accvid=a0&accvid=a1", "accvid&accvid=a1",
      "ACCVID=a0&accvid=a1", "accvid=a1#x y\255", "accvid=%61%31", "next=https://x.example/?a=b&accvid=a1", "x=\1&accvid=a1",
    } do
      for _, start in ipairs { complete .. "?", tenant .. complete .. "?", "/own page\195\169?", "?" } do
        local session = assert(session_of(start .. rest))
        assert.are_equal("a1", session.accvid, rest)
      end
    end
  end)

  it("has a limit", function()
    local start = complete .. "?accvid=a1&x="
    local session = assert(session_of(start .. (" "):rep(8191 - #start) .. "y"))
    assert.are_equal("a1", session.accvid)
    local none, err = session_of(start .. (" "):rep(8192 - #start) .. "y")
    assert.is_nil(none)
    assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
  end)

  it("is none when there are two", function()
    for _, locations in ipairs {
      { complete .. "?accvid=a1", "/identity/error?error_code=VER_0005" }, { complete .. "?accvid=a1", "/login" },
      { "", complete .. "?accvid=a1" }, { complete .. "?accvid=a1", complete .. "?accvid=a1" },
    } do
      local headers = { { "Location", locations[1] }, { "location", locations[2] } }
      local session, err = session_of(nil, headers)
      assert.is_nil(session)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
    end
  end)

  it("comes through the engine as it was written", function()
    local control = sandbox.shared().control
    for _, scheme in ipairs { "http", "https" } do
      control.reset()
      control.fault {
        provider = "cidaas", status = 302,
        headers = { Location = "/identity/error?error=Expectation Failed&error_code=VER_0005"
          .. "&error_description=requestId or token is missing d\195\169j\195\160" },
      }
      local session, err = client.new(scheme, "cidaas"):create_session(flow)
      assert.is_nil(session)
      assert.are_same({ "VER_0005", "requestId or token is missing d\195\169j\195\160" }, { err.code, err.message })
      control.fault {
        provider = "cidaas", status = 302,
        headers = { Location = complete .. "?accvid=a1&email=ada+x@example.com&mobile=+49 151 2345" },
      }
      session = assert(client.new(scheme, "cidaas"):create_session(flow))
      assert.are_same({ "a1", "ada+x@example.com", "+49 151 2345" }, { session.accvid, session.email, session.mobile })
    end
  end)
end)

describe("a plus in a redirect", function()
  -- as it is written, and as it is read
  local contacts = {
    { "+491511234567", "+491511234567" }, { "%2B491511234567", "+491511234567" }, { "%2b49+151+1234567", "+49 151 1234567" },
    { "+49%201511234567", "+49 1511234567" }, { "+49****67", "+49****67" }, { "%2B49****67", "+49****67" },
    { "00491511234567", "00491511234567" }, { "ada+x@example.com", "ada+x@example.com" },
    { "ada+x%40example.com", "ada+x@example.com" }, { "ada%2Bx%40example.com", "ada+x@example.com" },
    { "a++b@example.com", "a++b@example.com" }, { "+@example.com", "+@example.com" }, { "a****+@example.com", "a****+@example.com" },
  }

  it("is a plus in an e-mail address and a phone number", function()
    local cidaas = idv.cidaas { base_url = tenant }
    for _, case in ipairs(contacts) do
      for _, name in ipairs { "email", "mobile" } do
        local query = ("?accvid=a1&%s=%s"):format(name, case[1])
        assert.are_equal(case[2], assert(session_of(complete .. query))[name])
        assert.are_equal(case[2], assert(cidaas:parse_redirect(query))[name])
        assert.are_equal(case[2], assert(cidaas:parse_redirect(query)).raw[name])
      end
    end
  end)

  it("is a plus in an id, and a blank in a sentence", function()
    assert.are_equal("a+1/=", assert(session_of(complete .. "?accvid=a+1/=")).accvid)
    local deepidv = idv.deepidv { api_key = "k" }
    local back = assert(deepidv:parse_redirect "?session_id=s1&status=failed&reason=it+was+late")
    assert.are_equal("it was late", back.reason)
    assert.are_equal("protocol", select(2, deepidv:parse_redirect "?session_id=s+1&status=failed").kind)
  end)
end)

describe("a parameter that comes twice", function()
  local deepidv = idv.deepidv { api_key = "k" }
  local checkout = idv.checkout { secret_key = "sk_sbox_1", environment = "sandbox" }

  it("has its last value, which the provider appended; raw has all", function()
    local back = assert(deepidv:parse_redirect(
      "https://me.example/cb?session_id=mine&status=open&a=1&session_id=theirs&status=failed&status=success"))
    assert.are_same({ "theirs", "success" }, { back.session_id, back.status })
    assert.are_same({ session_id = { "mine", "theirs" }, status = { "open", "failed", "success" }, a = "1" }, back.raw)
    back = assert(checkout:parse_redirect "https://me.example/?id=42&event=x&id=idv_1&event=y&response_code=1&response_code=61101")
    assert.are_same({ "idv_1", "y", 61101 }, { back.session_id, back.event, back.response_code })
    assert.are_same({ "42", "idv_1" }, back.raw.id)
  end)

  it("has none when the last is none", function()
    assert.are_equal("protocol", select(2, checkout:parse_redirect "?id=idv_1&id=").kind)
    assert.are_equal("protocol", select(2, checkout:parse_redirect "?id=idv_1&id=idv_%0A").kind)
    assert.are_equal("protocol", select(2, checkout:parse_redirect "?id=idv_1&id=idv_%FF").kind)
  end)

  it("is found behind however many of the program's own", function()
    local many = ("a&"):rep(3900)
    local back = assert(deepidv:parse_redirect("?" .. many .. "session_id=s1&status=success"))
    assert.are_equal("s1", back.session_id)
    assert.are_equal(3900, #back.raw.a)
  end)

  it("is written in whatever case where the provider's own clients say so", function()
    local cidaas = idv.cidaas { base_url = tenant }
    local back = assert(cidaas:parse_redirect "?accvid=a0&ACCVID=a1&AccVid=a2")
    assert.are_equal("a2", back.accvid)
    assert.are_same({ accvid = "a0", ACCVID = "a1", AccVid = "a2" }, back.raw)
    assert.are_equal("protocol", select(2, deepidv:parse_redirect "?SESSION_ID=s1&STATUS=success").kind)
  end)

  it("does not turn an error into a success", function()
    local cidaas = idv.cidaas { base_url = tenant }
    for _, query in ipairs { "?error_code=VER_0005&accvid=a1&error_code=", "?accvid=a1&error_code=%00", "?error&accvid=a1" } do
      local record, err = cidaas:parse_redirect(query)
      assert.is_nil(record)
      assert.are_equal("protocol", err.kind)
      assert.is_nil(session_of(complete .. query))
    end
  end)
end)
