--- `idv redirect` and `idv webhook`: what comes back from a provider, read without asking it anything.

local cjson = require("cjson").new()
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

describe("idv redirect", function()
  local rows = {
    { "deepidv", "https://s.example/?session_id=s1&status=success", "session_id: s1" },
    { "deepidv", "?session_id=s1&status=abandoned&reason=tired", "status: abandoned" },
    { "checkout", "https://s.example/back?id=idv_1&event=completed&response_code=10000", "id: idv_1" },
    { "cidaas", "https://s.example/verify?accvid=a1&requestId=r1&type=email", "accvid: a1" },
  }
  for _, row in ipairs(rows) do
    it("knows whose it is: " .. row[2], function()
      local result = program.run { "redirect", row[2] }
      assert.are_equal(0, result.status, result.err)
      assert.is_truthy(result.out:find("provider: " .. row[1], 1, true))
      assert.is_truthy(result.out:find(row[3], 1, true))
      assert.is_truthy(result.out:find("trusted: false", 1, true))
      assert.are_equal(result.out, program.run({ "redirect", row[1], row[2] }).out)
      assert.are_equal(result.out, program.run({ "redirect", "-" }, { stdin = row[2] .. "\n" }).out)
    end)
  end

  it("tells an error that the redirect reports", function()
    local address = "https://t.example/identity/error?error=bad+request&error_code=VER_0105"
    local result = program.run { "redirect", address, "--json" }
    assert.are_equal(11, result.status)
    local err = cjson.decode(result.out).error
    assert.are_equal("cidaas", err.provider)
    assert.are_equal("VER_0105", err.code)
  end)

  it("asks for the provider where the address does not show it, and does not repeat the address", function()
    for _, address in ipairs { "https://canary.example/", "https://canary.example/?id=1&session_id=2", "canary" } do
      local result = program.run { "redirect", address }
      assert.are_equal(2, result.status)
      assert.is_truthy(result.err:find("name the provider", 1, true))
      assert.is_nil(result.err:find("canary", 1, true))
    end
    assert.are_equal(20, program.run({ "redirect", "deepidv", "https://canary.example/" }).status)
    assert.are_equal(2, program.run({ "redirect", "impact", "https://canary.example/?id=1" }).status)
    assert.are_equal(2, program.run({ "redirect" }).status)
  end)

  it("lets nothing through that a terminal would obey", function()
    local result = program.run { "redirect", "deepidv", "?session_id=s1&status=failed&reason=%1B%5B2Jx" }
    assert.is_nil(result.out:find "\27")
    for _, word in ipairs { "--json", "--" } do
      result = program.run { "redirect", word, "deepidv", "?session_id=s1&status=failed&reason=%C2%9B2Jx" }
      assert.is_nil(result.out:find "\194\155")
      assert.is_truthy(result.out:find("\\u009B2Jx", 1, true), result.out)
    end
  end)
end)

describe("idv webhook", function()
  local control = sandbox.shared().control
  local order

  before_each(function()
    control.reset()
    local made = program.run({
      "call", "checkout", "create_session", "declared_data.name=Ada Example", "redirect_url=https://shop.example/",
    }, { env = program.credentials() })
    order = control.webhook { id = made.out:match "\nid: (%S+)\n", secret = "canary_secret" }
  end)

  local function signature()
    for _, header in ipairs(order.headers) do
      if header[1] == "Cko-Signature" then
        return header[2]
      end
    end
  end

  local function webhook(provider, words, env, body)
    return program.run({ "webhook", provider, unpack(words) }, { env = env, stdin = body or order.body })
  end

  local secret = { CHECKOUT_WEBHOOK_SECRET = "canary_secret" }

  it("prints what is signed as it should be", function()
    local result = webhook("checkout", { "-H", "Cko-Signature: " .. signature() }, secret)
    assert.are_equal(0, result.status, result.err)
    assert.is_truthy(result.out:find("type: identity_verification_", 1, true))
    assert.is_truthy(result.out:find("trusted: true", 1, true))
    local record = cjson.decode(webhook("checkout", { "-Hcko-signature:" .. signature(), "--json" }, secret).out)
    assert.is_true(record.trusted)
  end)

  it("prints nothing of what is not", function()
    for _, words in ipairs { { "-H", "Cko-Signature: " .. ("0"):rep(64) }, {} } do
      local result = webhook("checkout", words, secret)
      assert.are_equal(22, result.status)
      assert.are_equal("", result.out)
      assert.is_nil(result.err:find("canary", 1, true))
    end
    assert.are_equal(22, webhook("checkout", { "-H", "Cko-Signature: " .. signature() }, secret, order.body .. " ").status)
  end)

  it("takes two secrets from the file while one is rotated", function()
    local path = program.file "CHECKOUT_WEBHOOK_SECRET=new\nCHECKOUT_WEBHOOK_SECRET=canary_secret\n"
    local result = webhook("checkout", { "-H", "Cko-Signature: " .. signature(), "--credentials", path })
    os.remove(path)
    assert.are_equal(0, result.status, result.err)
  end)

  it("needs a secret", function()
    local result = webhook("checkout", { "-H", "Cko-Signature: " .. signature() })
    assert.are_equal(3, result.status)
    assert.is_truthy(result.err:find("neither CHECKOUT_WEBHOOK_SECRET nor CHECKOUT_WEBHOOK_AUTHORIZATION is set", 1, true))
  end)

  it("takes headers that are secrets from a file only", function()
    local body = '{"type":"session.status.verified","data":{"id":"s1","status":"VERIFIED"}}'
    local env = { DEEPIDV_WEBHOOK_SECRET = "canary_whsec" }
    for _, header in ipairs { "deepidv-signature: canary_whsec", "AUTHORIZATION: canary" } do
      local result = webhook("deepidv", { "-H", header }, env, body)
      assert.are_equal(2, result.status)
      assert.is_truthy(result.err:find("give -H @FILE", 1, true))
      assert.is_nil(result.err:find("canary", 1, true))
    end
    local path = program.file "Host: x\r\n\ndeepidv-signature: canary_whsec\r\n"
    local result = webhook("deepidv", { "-H", "@" .. path }, env, body)
    os.remove(path)
    assert.are_equal(0, result.status, result.err)
    assert.is_truthy(result.out:find("status: approved", 1, true))
  end)

  it("takes a webhook that its Authorization header alone protects", function()
    local env = { CHECKOUT_WEBHOOK_AUTHORIZATION = "Basic canary" }
    for value, expected in pairs { ["Basic canary"] = 0, ["Basic canari"] = 22 } do
      local path = program.file("Authorization: " .. value .. "\n")
      local result = webhook("checkout", { "-H", "@" .. path }, env)
      os.remove(path)
      assert.are_equal(expected, result.status, result.err)
      assert.is_nil((result.out .. result.err):find("canar", 1, true))
    end
  end)

  it("does not wait for a body from a terminal", function()
    local output = program.on_terminal({ "webhook", "checkout" }, secret)
    if not output then
      return pending "this machine hands out no terminals"
    end
    assert.is_truthy(output:find("comes from stdin", 1, true), output)
    assert.is_truthy(output:find("status 2", 1, true))
  end)

  it("refuses what makes no sense", function()
    assert.are_equal(2, webhook("impact", {}, secret).status)
    assert.are_equal(2, webhook("checkout", { "-H", "nonsense" }, secret).status)
    assert.are_equal(21, webhook("checkout", { "-H", "@/nonexistent/file" }, secret).status)
    assert.are_equal(2, program.run({ "webhook" }).status)
  end)
end)
