--- TLS that fails: which of the repairs it needs, the clock, the name or the authority, is in the sentence.

local faults = require "spec.support.faults"
local idv = require "idv"
local dialogue = require "spec.support.dialogue"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local function create(base_url, more)
  local options = { api_key = "k", base_url = base_url, ca_file = faults.authority() }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.deepidv(options):create_session(ada)
end

local function check(err, words, retryable, attempts)
  assert.are_same({ "network", "not_sent", retryable, attempts },
    { err.kind, err.outcome, err.retryable, err.attempts }, tostring(err))
  assert.is_truthy(err.message:find(words, 1, true), err.message)
end

describe("a server whose TLS is", function()
  for door, words in pairs {
    ["tls-expired"] = "has expired, or the clock of this machine is wrong",
    ["tls-early"] = "is not valid yet, or the clock of this machine is wrong",
    ["tls-wrong-host"] = "is for another host: check the name in the address",
    ["tls-untrusted"] = "comes from an authority that this machine does not trust",
    ["tls-stranger"] = "comes from an authority that this machine does not trust",
    ["tls-orphan"] = "or the certificates in between are not sent",
    ["tls-by-itself"] = "is signed by itself",
    ["tls-1.1"] = "speaks no version of TLS that is still safe",
  } do
    it(door .. " is told from the others, and not asked twice", function()
      local _, err = create(("https://127.0.0.1:%d"):format(faults.door(door)))
      check(err, words, false, 1)
    end)
  end

  it("good, while the trusted certificates are none", function()
    local _, err = create(("https://127.0.0.1:%d"):format(faults.door "tls"), { ca_file = "/dev/null" })
    assert.are_same({ "network", "not_sent", 1 }, { err.kind, err.outcome, err.attempts })
    assert.is_truthy(err.message:find("ca_file", 1, true), err.message)
  end)

  it("good, while the file of trusted certificates is not there", function()
    local _, err = create(("https://127.0.0.1:%d"):format(faults.door "tls"), { ca_file = "/nonexistent" })
    check(err, "install ca-certificates", false, 1)
  end)

  -- the first five bytes of a record of TLS, an alert that is fatal, and its reason
  for name, row in pairs {
    ["handshake failure"] = { "\21\3\3\0\2\2\40", "offers nothing that is still safe" },
    ["protocol version"] = { "\21\3\3\0\2\2\70", "speaks no version of TLS that is still safe" },
    ["insufficient security"] = { "\21\3\3\0\2\2\71", "offers nothing that is still safe" },
    ["unrecognized name"] = { "\21\3\3\0\2\2\112", "does not know the host" },
    ["certificate required"] = { "\21\3\3\0\2\2\116", "wants a certificate of the client" },
    ["plain HTTP"] = { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "does not speak TLS at that port" },
    ["a greeting of SMTP"] = { "220 mail.example ESMTP\r\n", "does not speak TLS" },
  } do
    it("ended with: " .. name, function()
      local server = dialogue.listen(function() return row[1], true end)
      local _, err = server:play(function() return create(("https://127.0.0.1:%d"):format(server.port)) end)
      server:close()
      check(err, row[2], false, 1)
      assert.are_equal(1, #server.heard)
    end)
  end

  it("ended with an alert that may be gone the next time", function()
    local server = dialogue.listen(function() return "\21\3\3\0\2\2\80", true end) -- internal error
    local _, err = server:play(function()
      return create(("https://127.0.0.1:%d"):format(server.port), { max_retries = 1 })
    end)
    server:close()
    check(err, "the TLS handshake failed", true, 2)
  end)
end)
