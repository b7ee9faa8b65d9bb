--- A proxy that does not connect: what it said is told, nothing was sent, and nobody asks it a second time.

local faults = require "spec.support.faults"
local idv = require "idv"
local dialogue = require "spec.support.dialogue"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local operations = {
  create = function(deepidv) return deepidv:create_session(ada) end,
  read = function(deepidv) return deepidv:get_session "sess_1" end,
}

local function client(proxy, more)
  local options = { api_key = "the-key", base_url = "https://api.example.invalid", proxy = proxy, timeout = 20 }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.deepidv(options)
end

--- Performs an operation through a proxy that answers as told. Returns the error and what the proxy heard.
local function through(answer, name, more, scheme, userinfo)
  local proxy = dialogue.listen(answer)
  local address = ("%s://%s127.0.0.1:%d"):format(scheme or "http", userinfo or "", proxy.port)
  local record, err = proxy:play(function() return operations[name](client(address, more)) end)
  proxy:close()
  assert.is_nil(record)
  return err, proxy.heard
end

--- A proxy that gives this answer to each CONNECT.
local function answering(answer, is_last)
  return function(heard)
    if heard:find "\r\n\r\n$" then
      return answer, is_last
    end
  end
end

local function check_unsent(err, attempts, retryable)
  assert.are_same({ "network", "not_sent", attempts, retryable }, { err.kind, err.outcome, err.attempts, err.retryable },
    tostring(err))
  assert.is_nil(err.status)
end

describe("a proxy that answers CONNECT with", function()
  for _, row in ipairs {
    { "407 Proxy Authentication Required", "user name and password", "Proxy-Authenticate: Basic realm=\"x\"\r\n" },
    { "407 Proxy Authentication Required", "user name and password", "Proxy-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n" },
    { "407 Proxy Authentication Required", "user name and password", "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n" },
    { "407 No", "user name and password", "Connection: close\r\n" },
    { "401 Unauthorized", "did not connect" }, { "403 Forbidden", "does not allow" }, { "400 Bad Request", "did not connect" },
    { "404 Not Found", "did not connect" }, { "405 Method Not Allowed", "did not connect" },
    { "429 Too Many Requests", "did not connect", "Retry-After: 1\r\n" }, { "500 Oops", "did not connect" },
    { "502 Bad Gateway", "could not reach" }, { "503 Unavailable", "could not reach", "Retry-After: 1\r\n" },
    { "504 Timeout", "could not reach" }, { "302 Found", "did not connect", "Location: https://login.example/?canary=1\r\n" },
    { "304 Not Modified", "did not connect" },
  } do
    for name in pairs(operations) do
      it(("%s (%s, %s)"):format(row[1], row[3] or "no more", name), function()
        local body = "<html>canary</html>"
        local err, heard = through(answering(("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s"):format(row[1], row[3] or "",
          #body, body)), name, nil, "http", "me:wrong-password@")
        check_unsent(err, 1, false)
        assert.are_equal(1, #heard)
        assert.are_equal(1, select(2, heard[1]:gsub("CONNECT ", "")))
        assert.is_truthy(err.message:find("the proxy answered " .. row[1]:sub(1, 3), 1, true), err.message)
        assert.is_truthy(err.message:find(row[2], 1, true), err.message)
        for _, secret in ipairs { "canary", "wrong", "the%-key", "me:", "Ada" } do
          assert.is_nil(tostring(err):find(secret))
        end
      end)
    end
  end

  it("a status and a body without end, and closes", function()
    local err = through(answering("HTTP/1.0 403 Forbidden\r\n\r\nno", true), "create")
    check_unsent(err, 1, false)
    assert.is_truthy(err.message:find("the proxy answered 403", 1, true), err.message)
  end)

  it("nothing but the end of the connection, which is worth another try", function()
    local err, heard = through(answering("", true), "create", { max_retries = 1 })
    check_unsent(err, 2, true)
    assert.are_equal(2, #heard)
    assert.is_truthy(err.message:find("proxy", 1, true), err.message)
  end)

  it("half a head, and closes", function()
    local err = through(answering("HTTP/1.1 200 Conn", true), "create", { max_retries = 0 })
    check_unsent(err, 1, true)
    assert.is_truthy(err.message:find("proxy", 1, true), err.message)
  end)

  it("something that is no HTTP", function()
    local err = through(answering("SSH-2.0-OpenSSH_9.2\r\n\r\n", true), "create", { max_retries = 0 })
    assert.are_same({ "network", "not_sent" }, { err.kind, err.outcome })
    assert.is_truthy(err.message:find("proxy", 1, true), err.message)
  end)
end)

describe("plain http through a proxy on this machine", function()
  local function plain(answer)
    return through(answer, "create", { base_url = "http://127.0.0.1:9", allow_http = true })
  end

  it("asks for a tunnel too, so the proxy hears no key when it refuses", function()
    local err, heard = plain(answering "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    check_unsent(err, 1, false)
    assert.is_truthy(heard[1]:find "^CONNECT 127%.0%.0%.1:9 HTTP/1%.1\r\n")
    assert.is_nil(heard[1]:find "the%-key")
  end)

  it("is told apart from the answer of the server once there is a tunnel", function()
    local err = plain(function(heard)
      if heard:find "^CONNECT [^\n]+\r\n[^{]*\r\n\r\n$" and not heard:find "POST" then
        return "HTTP/1.1 200 Connected\r\n\r\n"
      elseif heard:find "POST" and heard:find "}$" then
        return "HTTP/1.1 407 Odd\r\nContent-Length: 0\r\n\r\n"
      end
    end)
    assert.are_same({ "rejected", "refused", 407 }, { err.kind, err.outcome, err.status })
  end)

  it("has an unknown outcome when the connection breaks in the tunnel", function()
    local err = plain(function(heard)
      if heard:find "POST" then
        return "", true
      elseif heard:find "\r\n\r\n$" then
        return "HTTP/1.1 200 Connected\r\n\r\n"
      end
    end)
    assert.are_same({ "network", "unknown", 1 }, { err.kind, err.outcome, err.attempts })
    assert.is_nil(err.message:find "proxy")
  end)
end)

describe("a proxy that cannot be reached", function()
  it("because nobody listens", function()
    local _, err = client(("http://127.0.0.1:%d"):format(faults.door "closed"), { max_retries = 0 }):create_session(ada)
    check_unsent(err, 1, true)
    assert.is_truthy(err.message:find("no connection to the proxy", 1, true), err.message)
  end)

  it("because its name is nobody's", function()
    local _, err = client("http://" .. ("x"):rep(64) .. ".invalid:3128", { max_retries = 0 }):create_session(ada)
    check_unsent(err, 1, true)
    assert.is_truthy(err.message:find("name of the proxy", 1, true), err.message)
  end)
end)

describe("a SOCKS proxy", function()
  --- Answers the greeting, and then the request.
  local function socks(choice, reply)
    return function(heard)
      if #heard <= 4 then
        return "\5" .. choice, choice == "\255"
      end
      return reply, true
    end
  end

  it("that wants what was not given is not asked again", function()
    local err, heard = through(socks("\255", ""), "create", nil, "socks5h")
    check_unsent(err, 1, false)
    assert.are_equal(1, #heard)
    assert.is_truthy(err.message:find("proxy", 1, true), err.message)
  end)

  it("that does not accept the password is not asked again", function()
    local err, heard = through(function(bytes)
      if #bytes <= 5 then
        return "\5\2"
      end
      return "\1\1", true
    end, "create", nil, "socks5h", "me:wrong@")
    check_unsent(err, 1, false)
    assert.are_equal(1, #heard)
    assert.is_truthy(err.message:find("user name and password", 1, true), err.message)
  end)

  it("that does not allow it, or cannot connect, says so", function()
    for code, words in pairs { ["\2"] = "does not allow", ["\5"] = "could not connect", ["\4"] = "could not connect" } do
      local err, heard = through(socks("\0", "\5" .. code .. "\0\1\0\0\0\0\0\0"), "create", nil, "socks5h")
      check_unsent(err, 1, false)
      assert.are_equal(1, #heard)
      assert.is_truthy(err.message:find(words, 1, true), err.message)
    end
  end)
end)

describe("a proxy over TLS", function()
  local https_proxies = pcall(idv.deepidv, { api_key = "k", proxy = "https://127.0.0.1:1" })

  for _, row in ipairs {
    { "tls-expired", "certificate of the proxy has expired" }, { "tls-untrusted", "certificate of the proxy comes from" },
    { "tls-wrong-host", "certificate of the proxy is for another host" }, { "tls-1.1", "proxy speaks no version of TLS" },
  } do
    it("has its own faults: " .. row[1], function()
      if not https_proxies then
        return
      end
      local _, err = client(("https://127.0.0.1:%d"):format(faults.door(row[1])), { ca_file = faults.authority() })
        :create_session(ada)
      check_unsent(err, 1, false)
      assert.is_truthy(err.message:find(row[2], 1, true), err.message)
    end)
  end

  it("is trusted by ca_file, and what it answers is told", function()
    if not https_proxies then
      return
    end
    local _, err = client(("https://127.0.0.1:%d"):format(faults.door "tls-proxy"), { ca_file = faults.authority() })
      :create_session(ada)
    check_unsent(err, 1, false)
    assert.is_truthy(err.message:find("the proxy answered 407", 1, true), err.message)
  end)

  it("that is none is told as such", function()
    if not https_proxies then
      return
    end
    local err = through(function() return "HTTP/1.1 400 Bad Request\r\n\r\n", true end, "create", nil, "https")
    check_unsent(err, 1, false)
    assert.is_truthy(err.message:find("the proxy does not speak TLS", 1, true), err.message)
  end)
end)
