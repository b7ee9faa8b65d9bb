--- Web pages of other origins, in a browser on the same machine: they neither read the sandbox nor steer it.

local sandbox = require "spec.support.sandbox"

local server = sandbox.shared()
local control = server.control

-- What can be read or steered: the control API, a provider that asks for no credentials, and one that does.
local doors = {
  "GET /_sandbox/journal", "GET /_sandbox/outbox", "GET /_sandbox/sessions", "GET /_sandbox/settings", "GET /_sandbox/ca.pem",
  "GET /_sandbox/health", "GET /_sandbox/faults", "POST /_sandbox/faults", "POST /_sandbox/reset", "POST /_sandbox/advance",
  "POST /_sandbox/webhook", "POST /_sandbox/tokens/revoke", "DELETE /_sandbox/journal", "DELETE /_sandbox/faults",
  "PATCH /_sandbox/settings", "POST /verification-actions-srv/account/initiation", "GET /v1/sessions", "GET /nothing",
  "OPTIONS /_sandbox/faults", "HEAD /_sandbox/journal",
}

--- Sends the head and body that a browser would send.
local function send(door, host, headers)
  local lines = { door .. " HTTP/1.1", "Host: " .. host, "Connection: close" }
  for _, header in ipairs(headers or {}) do
    lines[#lines + 1] = header
  end
  local body = door:find "^P" and "{}" or ""
  lines[#lines + 1] = ("Content-Length: %d\r\n\r\n%s"):format(#body, body)
  return (sandbox.raw(server.http_port, table.concat(lines, "\r\n")))
end

describe("the sandbox, where a web page of another origin asks", function()
  local own = "127.0.0.1:" .. server.http_port

  before_each(function()
    control.reset()
    control.fault { provider = "impact", status = 500 }
  end)

  --- Whether the fault that was ordered still waits, and no request is in the journal.
  local function assert_untouched()
    assert.equal(1, #control.faults())
    assert.equal(0, control.count())
  end

  local strangers = {
    ["by another name (DNS rebinding)"] = { "evil.example:" .. server.http_port },
    ["by another name without a port"] = { "evil.example" },
    ["by a name that begins like its own"] = { "127.0.0.1.evil.example" },
    ["by a name that ends like its own"] = { "evil-localhost" },
    ["by a name of a user at its own"] = { "evil.example@127.0.0.1" },
    ["by another address of this machine"] = { "0.0.0.0:" .. server.http_port },
    ["by a number for its address"] = { "2130706433:" .. server.http_port },
    ["by two names"] = { own, { "Host: evil.example" } },
    ["with the Origin of another site"] = { own, { "Origin: https://evil.example" } },
    ["with the Origin of another port"] = { own, { "Origin: http://127.0.0.1:1" } },
    ["with the Origin of another scheme"] = { own, { "Origin: https://" .. own } },
    ["with the Origin of localhost instead of the address"] = { own, { "Origin: http://localhost:" .. server.http_port } },
    ["with the Origin of a sandboxed frame or a file"] = { own, { "Origin: null" } },
    ["as an image or a script would"] = { own, { "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors" } },
    ["from another port of this machine"] = { own, { "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors" } },
    ["as a frame would"] = {
      own, { "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe" },
    },
    ["as a link would"] = {
      own, { "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document" },
    },
  }
  for name, stranger in pairs(strangers) do
    it("answers 403 " .. name, function()
      for _, door in ipairs(doors) do
        local raw = send(door, stranger[1], stranger[2])
        assert.truthy(raw:find "^HTTP/1.1 403", door .. ": " .. raw)
        assert.falsy(raw:lower():find("access-control-allow", 1, true))
      end
      assert_untouched()
    end)
  end

  it("refuses a browser's question whether a page may ask", function()
    local raw = send("OPTIONS /_sandbox/faults", own, {
      "Origin: https://evil.example", "Access-Control-Request-Method: POST",
      "Access-Control-Request-Headers: content-type",
    })
    assert.truthy(raw:find "^HTTP/1.1 403")
    assert.falsy(raw:lower():find("access-control-allow", 1, true))
  end)

  it("answers its own page, programs, and the person at the browser", function()
    local friends = {
      { own }, { "localhost:" .. server.http_port }, { "LOCALHOST:" .. server.http_port }, { "[::1]:" .. server.http_port },
      { "shop.localhost:" .. server.http_port }, { own, { "Origin: http://" .. own, "Sec-Fetch-Site: same-origin" } },
      { own, { "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document" } },
    }
    for _, friend in ipairs(friends) do
      local raw = send("GET /_sandbox/journal", friend[1], friend[2])
      assert.truthy(raw:find "^HTTP/1.1 200", raw)
      assert.truthy(raw:find("Cross-Origin-Resource-Policy: same-origin", 1, true))
      assert.truthy(raw:find("X-Content-Type-Options: nosniff", 1, true))
    end
    assert.truthy(sandbox.raw(server.http_port, "GET /_sandbox/health HTTP/1.0\r\n\r\n"):find "^HTTP/1.1 200")
  end)

  it("shows a hosted page to a visitor from another site, but lets no other page choose how it ends", function()
    local created = server:send { "POST /v1/sessions", headers = { ["x-api-key"] = "live_1" }, json = {
      firstName = "Ada", lastName = "Example", email = "ada@example.com", phone = "+15192223333",
    } }
    local path = "/session/" .. created:json().id
    local visit = { "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document" }
    assert.truthy(send("GET " .. path, own, visit):find "^HTTP/1.1 200")
    visit[3] = "Sec-Fetch-Dest: iframe"
    assert.truthy(send("GET " .. path, own, visit):find "^HTTP/1.1 403")
    visit[3] = "Sec-Fetch-Dest: document"
    assert.truthy(send("GET " .. path .. "/complete", own, visit):find "^HTTP/1.1 403")
    local image = { "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image" }
    assert.truthy(send("GET " .. path .. "/complete", own, image):find "^HTTP/1.1 403")
    local click = { "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document" }
    assert.truthy(send("GET " .. path .. "/complete", own, click):find "^HTTP/1.1 302")
  end)

  it("answers to a name that it was started with", function()
    local named = sandbox.start { "--host", "Sandbox.test" }
    for host, status in pairs { ["sandbox.test"] = 200, ["SANDBOX.test:80"] = 200, ["other.test"] = 403 } do
      local raw = sandbox.raw(named.http_port, ("GET /_sandbox/health HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n")
        :format(host))
      assert.truthy(raw:find("^HTTP/1.1 " .. status), raw)
    end
    named:stop()
  end)
end)
