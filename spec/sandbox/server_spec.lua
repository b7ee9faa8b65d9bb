-- The sandbox as a server: TLS, faults, the journal, the control API, and clients that misbehave.

local sandbox = require "spec.support.sandbox"

describe("the sandbox", function()
  local server = sandbox.shared()
  local control = server.control

  before_each(function()
    control.reset()
  end)

  local verify = { "GET /v1/auth/verify", headers = { ["x-api-key"] = "live" } }

  local function create()
    return server:send { "POST /v1/sessions", headers = { ["x-api-key"] = "live" },
      json = { first_name = "A", last_name = "B", email = "a@b.example", phone = "+15192223333" } }
  end

  local function count_sessions()
    return #control.sessions()
  end

  describe("over TLS", function()
    it("is trusted through its certificate, by name and by address", function()
      for _, host in ipairs { "localhost", "127.0.0.1" } do
        local url = "https://" .. host .. ":" .. server.https_port .. "/_sandbox/health"
        local status, output = sandbox.curl("--cacert", server.ca_file, url)
        assert.same({ 0, '{"status":"ok"}' }, { status, output })
      end
    end)

    it("is trusted by nobody else", function()
      local not_trusted = { [60] = true, [77] = true } -- 77: there is nobody whom this machine trusts
      assert.is_true(not_trusted[sandbox.curl(server.https .. "/_sandbox/health")])
      assert.equal(60, (sandbox.curl("--cacert", server.ca_file, "--resolve",
        "elsewhere.example:" .. server.https_port .. ":127.0.0.1",
        "https://elsewhere.example:" .. server.https_port .. "/_sandbox/health")))
    end)

    it("speaks TLS 1.2 and 1.3 and nothing older", function()
      local url = server.https .. "/_sandbox/health"
      assert.equal(0, (sandbox.curl("--cacert", server.ca_file, "--tls-max", "1.2", url)))
      assert.equal(0, (sandbox.curl("--cacert", server.ca_file, "--tlsv1.3", url)))
      assert.are_not.equal(0, (sandbox.curl("--cacert", server.ca_file, "--tls-max", "1.1",
        "--ciphers", "DEFAULT@SECLEVEL=0", url)))
    end)

    it("answers as over HTTP, and says so in its URLs", function()
      local status, output = sandbox.curl("--cacert", server.ca_file, "-X", "POST",
        "-H", "x-api-key: live", "-H", "Content-Type: application/json",
        "-d", '{"firstName":"A","lastName":"B","email":"a@b.example","phone":"+15192223333"}',
        "https://localhost:" .. server.https_port .. "/v1/sessions")
      assert.equal(0, status)
      assert.truthy(output:find('"session_url":"https://localhost:' .. server.https_port .. "/session/", 1,
        true))
      assert.equal("https", control.journal()[1].scheme)
    end)
  end)

  describe("faults", function()
    it("replace the answer, and the provider does not act", function()
      control.fault { method = "POST", path = "/v1/sessions", status = 503, body = { busy = true },
        headers = { ["Retry-After"] = 7 } }
      local answer = create()
      assert.same({ 503, "7", "application/json", '{"busy":true}' },
        { answer.status, answer.headers["retry-after"], answer.headers["content-type"], answer.body })
      assert.equal(0, count_sessions())
      assert.equal(200, create().status)
    end)

    it("replace the answer of a provider that acted, if asked to", function()
      control.fault { path = "/v1/sessions", status = 500, process = true, body = "<html>",
        headers = { ["Content-Type"] = "text/html" } }
      local answer = create()
      assert.same({ 500, "text/html", "<html>" }, { answer.status, answer.headers["content-type"],
        answer.body })
      assert.equal(1, count_sessions())
    end)

    local lost = {
      { "reset", { reset = true }, 56, "reset by peer" },
      { "close", { close = true }, 52, "Empty reply" },
      { "garbage", { garbage = true }, 1, "HTTP/0.9" },
      { "truncate", { truncate = 5 }, 18, "curl: (18)" },
      { "truncate before the first byte", { truncate = 0 }, 18, "curl: (18)" },
    }
    for _, row in ipairs(lost) do
      for _, scheme in ipairs { "http", "https" } do
        it(row[1] .. ": the answer is lost, but the provider acted (" .. scheme .. ")", function()
          control.fault(row[2])
          local status, output = sandbox.curl("--cacert", server.ca_file, "-X", "POST",
            "-H", "x-api-key: live", "-H", "Content-Type: application/json",
            "-d", '{"firstName":"A","lastName":"B","email":"a@b.example","phone":"+15192223333"}',
            server[scheme] .. "/v1/sessions")
          assert.equal(row[3], status, output)
          assert.truthy(output:find(row[4], 1, true), output)
          assert.equal(1, count_sessions())
          assert.equal(1, #control.journal { operation = "create_session" })
          assert.is_number(control.journal()[1].fault)
        end)
      end
    end

    it("lose the answer of a provider that did not act, if asked to", function()
      control.fault { close = true, process = false }
      assert.equal("", create().raw)
      assert.equal(0, count_sessions())
    end)

    it("cut a body off after so many bytes", function()
      control.fault { truncate = 5 }
      local answer = server:send(verify)
      assert.equal(5, #answer.body)
      assert.is_true(tonumber(answer.headers["content-length"]) > 5)
    end)

    it("let a body dribble", function()
      control.fault { slow = 0.001 }
      local answer = server:send(verify)
      assert.equal(tonumber(answer.headers["content-length"]), #answer.body)
    end)

    it("hold an answer back while others are answered", function()
      control.fault { path = "/v1/auth", delay = 3000 }
      local held = sandbox.connect(server.http_port)
      held:send "GET /v1/auth/verify HTTP/1.1\r\nHost: localhost\r\nx-api-key: live\r\n\r\n"
      repeat until control.count { path = "/v1/auth" } == 1
      assert.equal(200, server:send(verify).status)
      held:settimeout(0)
      assert.same({ nil, "timeout", "" }, { held:receive "*a" })
      held:close()
    end)

    it("come in the order of their delays, not of the requests", function()
      control.fault { { path = "/v1/auth", delay = 3000 }, { path = "/v1/auth", delay = 0.01 } }
      local first, second = sandbox.connect(server.http_port), sandbox.connect(server.http_port)
      local bytes = "GET /v1/auth/verify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-api-key: live\r\n\r\n"
      first:send(bytes)
      repeat until control.count { path = "/v1/auth" } == 1
      second:send(bytes)
      assert.truthy(second:receive("*a"):find("^HTTP/1.1 200"))
      first:settimeout(0)
      assert.same({ nil, "timeout", "" }, { first:receive "*a" })
      first:close()
      second:close()
    end)

    it("apply as often as ordered, after as many as ordered, in the order ordered", function()
      control.fault { { path = "/v1/auth", status = 500, times = 2, after = 1 }, { path = "/v1",
        status = 501 } }
      local seen = {}
      for i = 1, 5 do
        seen[i] = server:send(verify).status
      end
      assert.same({ 501, 500, 500, 200, 200 }, seen)
      assert.same({}, control.faults())
    end)

    it("match by method, provider and operation", function()
      control.fault {
        { method = "POST", status = 500 }, { provider = "impact", status = 501 },
        { operation = "verify_key", provider = "deepidv", status = 502 },
      }
      assert.equal(502, server:send(verify).status)
      assert.equal(2, #control.faults())
      control.clear_faults()
      assert.same({}, control.faults())
    end)

    it("apply where there is no route, too", function()
      control.fault { path = "/nowhere", status = 418 }
      assert.equal(418, server:send({ "GET /nowhere/at/all" }).status)
    end)

    it("do not touch the control API", function()
      control.fault { reset = true, times = 1000 }
      assert.equal(200, server:send({ "GET /_sandbox/health" }).status)
    end)

    it("hit the second request on a connection that is kept alive", function()
      control.fault { path = "/v1/auth", reset = true, after = 1 }
      local connection = sandbox.connect(server.http_port)
      local bytes = "GET /v1/auth/verify HTTP/1.1\r\nHost: localhost\r\nx-api-key: live\r\n\r\n"
      connection:send(bytes)
      assert.equal("HTTP/1.1 200 OK", (connection:receive "*l"))
      connection:send(bytes)
      repeat
        local _, problem = connection:receive "*l"
      until problem
      connection:close()
      local entries = control.journal { path = "/v1/auth" }
      assert.equal(entries[1].connection, entries[2].connection)
      assert.same({ 200, nil }, { entries[1].status, entries[2].status })
    end)

    local bad = {
      { { nonsense = 1 }, "no field nonsense" }, { { path = "/" }, "needs one of" }, { { status = "x" },
        "must be a" },
      { { status = 99 }, "out of bounds" }, { { delay = -1 }, "out of bounds" }, { { status = 500,
        times = 0 }, "bounds" },
      { { reset = "yes" }, "must be a" }, { { 1 }, "must be an object" },
    }
    for i, row in ipairs(bad) do
      it("are refused when they make no sense (" .. i .. ")", function()
        local answer = server:send { "POST /_sandbox/faults", json = row[1] }
        assert.equal(400, answer.status)
        assert.truthy(answer:json().problem:find(row[2], 1, true), answer.body)
        assert.same({}, control.faults())
      end)
    end
  end)

  describe("journal", function()
    it("keeps what came in, byte for byte", function()
      server:send { "POST /v1/sessions?a=%41", body = "\0\255 raw", headers = { { "X-OdD", "1" }, { "x-odd",
        "2" } } }
      local entry = control.journal()[1]
      assert.same({ "POST", "/v1/sessions", "a=%41", "00ff20726177", "deepidv", "create_session", 401 },
        { entry.method, entry.path, entry.query, entry.body_hex, entry.provider, entry.operation,
          entry.status })
      local seen = {}
      for _, header in ipairs(entry.headers) do
        seen[#seen + 1] = header[1]:lower() == "x-odd" and header[1] .. header[2] or nil
      end
      assert.same({ "X-OdD1", "x-odd2" }, seen)
      assert.truthy(entry.time:find "^%d%d%d%d%-%d%d%-%d%dT")
    end)

    it("finds by path, method, provider, operation and serial", function()
      server:send(verify)
      create()
      server:send { "GET /nowhere" }
      assert.equal(3, control.count())
      assert.equal(2, control.count { path = "/v1" })
      assert.equal(1, control.count { method = "POST" })
      assert.equal(2, control.count { provider = "deepidv" })
      assert.equal(1, control.count { operation = "verify_key" })
      assert.equal(1, control.count { after = control.journal()[2].serial })
      control.clear_journal()
      assert.equal(0, control.count())
    end)

    it("tells one connection from another", function()
      local connection = sandbox.connect(server.http_port)
      for i = 1, 2 do
        connection:send("GET /one/" .. i .. " HTTP/1.1\r\nHost: localhost\r\n\r\n")
        repeat until connection:receive "*l" == ""
        connection:receive(#'{"error":"Not Found"}')
      end
      connection:close()
      server:send { "GET /other" }
      local entries = control.journal()
      assert.equal(entries[1].connection, entries[2].connection)
      assert.are_not.equal(entries[1].connection, entries[3].connection)
    end)
  end)

  describe("control API", function()
    it("starts afresh", function()
      create()
      control.settings { clock_offset = 100 }
      control.fault { status = 500 }
      control.reset()
      assert.same({ 0, 0, 0, 0 }, { count_sessions(), control.count(), #control.faults(), #control.outbox() })
      assert.equal(0, control.settings({}).clock_offset)
    end)

    it("hands out the certificate", function()
      local answer = server:send { "GET /_sandbox/ca.pem" }
      assert.equal(io.open(server.ca_file):read "*a", answer.body)
    end)

    local refusals = {
      { "PATCH /_sandbox/settings", { nonsense = 1 }, 400 }, { "PATCH /_sandbox/settings",
        { cidaas = { tries = -1 } }, 400 },
      { "POST /_sandbox/advance", { id = "unknown" }, 404 }, { "POST /_sandbox/advance", {}, 400 },
      { "POST /_sandbox/advance", { id = 1 }, 400 }, { "POST /_sandbox/advance", { id = "x",
        colour = "red" }, 400 },
      { "POST /_sandbox/webhook", { id = "unknown" }, 404 }, { "POST /_sandbox/webhook", {}, 400 },
      { "POST /_sandbox/reset/now", {}, 404 }, { "DELETE /_sandbox/reset", nil, 405 },
    }
    for i, row in ipairs(refusals) do
      it("refuses what it cannot do (" .. i .. ": " .. row[1] .. ")", function()
        assert.equal(row[3], server:send({ row[1], json = row[2] }).status)
      end)
    end

    it("refuses bodies that are no JSON objects", function()
      for _, body in ipairs { "{", "1", '"x"', "nan" } do
        assert.equal(400, server:send({ "PATCH /_sandbox/settings", body = body }).status)
        assert.equal(400, server:send({ "POST /_sandbox/faults", body = body }).status)
        assert.equal(400, server:send({ "POST /_sandbox/advance", body = body }).status)
      end
    end)
  end)

  describe("with clients that misbehave", function()
    it("answers 404 and 405 with the methods it knows", function()
      assert.equal(404, server:send({ "GET /" }).status)
      assert.equal(404, server:send({ "GET /v1/sessions/" }).status)
      local answer = server:send { "PUT /v1/sessions" }
      assert.same({ 405, "GET, POST" }, { answer.status, answer.headers.allow })
    end)

    it("refuses a body that is too large", function()
      local answer = server:send { "POST /v1/sessions", body = ("x"):rep(1024 * 1024 + 1) }
      assert.equal(413, answer.status)
      assert.equal(1, control.count())
    end)

    it("answers to no name that is not its own, and repeats none", function()
      control.settings { cidaas = { initiate_answer = "absolute" } }
      for _, host in ipairs { "evil.example/path", "a b", "x@y", "", "127.0.0.1@evil.example", "127.0.0.1.evil.example" } do
        local raw = sandbox.raw(server.http_port,
          "POST /verification-actions-srv/account/initiation HTTP/1.1\r\nHost: "
          .. host .. "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        assert.truthy(raw:find("^HTTP/1.1 403"), raw)
        assert.falsy(raw:find("evil", 1, true), raw)
      end
      local raw = sandbox.raw(server.http_port, "POST /verification-actions-srv/account/initiation HTTP/1.0\r\n"
        .. "Content-Length: 0\r\n\r\n")
      assert.truthy(raw:find("Location: http://127.0.0.1:" .. server.http_port .. "/identity/error", 1, true), raw)
    end)

    local nasty = {
      "", "\r\n\r\n", "GET", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
      "\0\1\2\3\255\254 garbage\r\n\r\n", ("A"):rep(70000),
        "GET /" .. ("a"):rep(70000) .. " HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nX: " .. ("a"):rep(70000) .. "\r\n\r\n",
      "GET /%00%ff%zz?%00=%ff&&&=== HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "GET /v1/sessions/%00%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-api-key: live\r\n\r\n",
      "GET /identity-verifications/%2e%2e%2f/attempts/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nshort",
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "HEAD /v1/auth/verify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "GET http://elsewhere.example/v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      ("X"):rep(40) .. " /v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\n" .. ("X: y\r\n"):rep(500) .. "Connection: close\r\n\r\n",
      "\22\3\1\0\200\1\0\0\196\3\3", -- a TLS greeting on the plain port
    }
    for i, bytes in ipairs(nasty) do
      it("goes on after nonsense (" .. i .. ")", function()
        local plain, secure = sandbox.connect(server.http_port), sandbox.connect(server.https_port)
        plain:send(bytes)
        secure:send(bytes)
        assert.equal(200, server:send(verify).status)
        plain:close()
        secure:close()
        assert.equal(200, server:send(verify).status)
      end)
    end

    local depth = ("["):rep(2000)
    local bodies = {
      "", "{", "[]", "null", "1", '"x"', depth, '{"a":' .. depth, "\255\254", "{}",
        '{"firstName":{"a":[1,2,3]}}',
      '{"declared_data":[1,2]}', '{"declared_data":{"name":["x"],"phone_number":[[]],"address":7}}',
      '{"UserId":"x"}', '{"UserId":1e999}', '{"UserId":-5}', '{"UserId":{},"CallbackUrl":[]}',
        '{"accvid":{},"code":[]}',
      '{"requestId":{},"processingType":[]}', '{"new_status":{}}', '{"grant_type":1}', "a=b&%zz=%00&&=",
    }
    local places = {
      "POST /v1/sessions", "POST /create-and-open-idv", "POST /identity-verifications", "POST /applicants",
      "POST /connect/token", "POST /Mediapartners/IR1/IdentityVerification/Session",
      "POST /verification-actions-srv/account/initiation", "POST /verification-actions-srv/account",
    }
    for _, place in ipairs(places) do
      it("refuses every odd body at " .. place, function()
        for _, content_type in ipairs { "application/json", "application/x-www-form-urlencoded",
          "text/plain" } do
          for _, body in ipairs(bodies) do
            local answer = server:send { place, body = body, headers = {
              ["Content-Type"] = content_type, ["x-api-key"] = "live", Accept = "application/json",
              Authorization = place:find "Mediapartners" and "Basic YTpi" or "Bearer sk_x",
            } }
            local fine = place == "POST /applicants" and answer.status == 201
            assert.is_true(fine or answer.status == 302 or answer.status >= 400 and answer.status < 500,
              body .. " " .. tostring(answer.status))
          end
        end
        assert.falsy(server:log():find("mistake", 1, true))
      end)
    end
  end)
end)
