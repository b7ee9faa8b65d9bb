--- The transport: TLS is always verified, http only to this machine, redirects are not followed, the environment has no
--- say.

local client = require "spec.support.client"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"
local socket = require "socket"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

describe("TLS", function()
  it("is refused when the authority is not trusted, with nothing sent", function()
    local server = sandbox.shared()
    server.control.reset()
    local session, err = client.new("https", "deepidv", { ca_file = false }):create_session(ada)
    assert.is_nil(session)
    assert.are_equal("network", err.kind)
    assert.are_equal("not_sent", err.outcome)
    assert.are_equal(1, err.attempts)
    assert.is_false(err.retryable)
    assert.is_truthy(err.message:find "certificate")
    assert.are_equal(0, server.control.count { provider = "deepidv" })
  end)

  it("is refused when the certificate is for another host", function()
    local server = sandbox.shared()
    local deepidv = client.new("https", "deepidv", { base_url = ("https://127.0.0.2:%d"):format(server.https_port) })
    local _, err = deepidv:create_session(ada)
    assert.are_equal("not_sent", err.outcome)
    assert.are_equal("network", err.kind)
  end)

  it("is refused when the file of trusted certificates is not there", function()
    local _, err = client.new("https", "deepidv", { ca_file = "/nonexistent/ca.pem" }):create_session(ada)
    assert.are_equal("network", err.kind)
    assert.are_equal("not_sent", err.outcome)
    assert.is_truthy(err.message:find "trusted certificates", err.message)
  end)

  it("can not be switched off", function()
    for _, name in ipairs { "verify", "ssl_verify", "insecure", "verify_peer", "tls_verify" } do
      assert.has_error(function() idv.deepidv { api_key = "k", [name] = false } end)
    end
  end)

  it("works by name and by address, as the certificate says", function()
    local server = sandbox.shared()
    for _, host in ipairs { "localhost", "127.0.0.1" } do
      assert(client.new("https", "deepidv", { base_url = ("https://%s:%d"):format(host, server.https_port) }):create_session(ada))
    end
  end)
end)

describe("plain http", function()
  it("goes to this machine only", function()
    for _, url in ipairs {
      "http://example.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://[::2]",
      "http://0.0.0.0", "http://128.0.0.1", "http://127.0.0.1@example.com", "http://10.0.0.1",
    } do
      assert.has_error(function() idv.deepidv { api_key = "k", base_url = url, allow_http = true } end)
    end
    for _, url in ipairs { "http://localhost:1", "http://127.0.0.1:1", "http://127.1.2.3", "http://[::1]:80" } do
      idv.deepidv { api_key = "k", base_url = url, allow_http = true }
    end
  end)
end)

describe("a redirect where none belongs", function()
  it("is not followed", function()
    local server = sandbox.shared()
    server.control.reset()
    server.control.fault {
      provider = "deepidv", status = 307, headers = { Location = server.http .. "/v1/sessions" },
    }
    local session, err = client.new("http", "deepidv"):create_session(ada)
    assert.is_nil(session)
    assert.are_equal("protocol", err.kind)
    assert.are_equal(307, err.status)
    assert.are_equal("unknown", err.outcome)
    assert.are_equal(1, server.control.count {})
  end)
end)

--- Runs a program under variables of the environment. Returns what it wrote.
local function run_under(variables, program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(program)
  file:close()
  local status, output = sandbox.shell(variables .. " " .. sandbox.interpreter() .. " " .. path)
  os.remove(path)
  assert.are_equal(0, status, output)
  return output
end

describe("the environment", function()
  for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY" } do
    it("can not put a proxy in between: " .. name, function()
      local server = sandbox.shared()
      for _, options in ipairs {
        ("base_url = %q, allow_http = true"):format(server.http), ("base_url = %q, ca_file = %q"):format(server.https, server.ca_file),
      } do
        assert.are_equal("deepidv credentials", run_under(name .. "=http://127.0.0.1:1", ([[
          local deepidv = require("idv").deepidv { api_key = "k", max_retries = 0, %s }
          io.write(tostring(deepidv:check_credentials()))
        ]]):format(options)))
      end
    end)
  end

  it("can not take a proxy away", function()
    for _, variable in ipairs { "NO_PROXY='*'", "no_proxy='*'", "no_proxy=127.0.0.1,localhost" } do
      local output = run_under(variable, ([[
        local deepidv = require("idv").deepidv {
          api_key = "k", base_url = %q, allow_http = true, proxy = "http://127.0.0.1:1", max_retries = 0,
        }
        io.write(tostring(select(2, deepidv:check_credentials())))
      ]]):format(sandbox.shared().http))
      assert.is_truthy(output:find("no connection to the proxy", 1, true), output)
    end
  end)
end)

describe("a proxy of the caller's", function()
  it("is used, and what it says goes wrong is told", function()
    local _, err = client.new("https", "deepidv", { proxy = "http://127.0.0.1:1", max_retries = 0 }):create_session(ada)
    assert.are_equal("network", err.kind)
    assert.are_equal("not_sent", err.outcome)
  end)

  it("hears where the call goes, and nothing else", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local deepidv = idv.deepidv {
      api_key = "the-key", base_url = "https://api.example.invalid", max_retries = 0, timeout = 20,
      proxy = ("http://127.0.0.1:%d"):format(port),
    }
    local task = idv.spawn(function() return deepidv:create_session(ada) end)
    listener:settimeout(0)
    local connection
    repeat
      idv.step(0.05)
      connection = listener:accept()
    until connection or task:status() ~= "pending"
    connection:settimeout(0)
    local head = ""
    repeat
      idv.step(0.05)
      local bytes, _, partial = connection:receive(1000)
      head = head .. (bytes or partial or "")
    until head:find "\r\n\r\n"
    connection:send "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    local _, err = task:result()
    connection:close()
    listener:close()
    assert.is_truthy(head:find("^CONNECT api%.example%.invalid:443 HTTP/1%.1\r\n"), head)
    for _, secret in ipairs { "the%-key", "x%-api%-key", "Ada", "/v1" } do
      assert.is_nil(head:find(secret), secret)
    end
    assert.are_same({ "network", "not_sent" }, { err.kind, err.outcome })
  end)
end)

describe("HTTP/2", function()
  it("is an option", function()
    -- the sandbox speaks HTTP/1.1; what matters here is that asking for 2 falls back
    assert(client.new("https", "deepidv", { http_version = "2" }):create_session(ada))
  end)
end)
