-- The binding of the HTTP server itself: its misuse, its ceilings, and answers that never come.

local httpd = require "idv.httpd"
local sandbox = require "spec.support.sandbox"

describe("idv.httpd", function()
  local server

  before_each(function()
    server = assert(httpd.server { max_body = 10 })
  end)

  after_each(function()
    server:close()
  end)

  local function send(bytes)
    local connection = sandbox.connect((server:ports()))
    assert(connection:send(bytes))
    return connection
  end

  local function next_request()
    local request
    for _ = 1, 100 do
      server:step(1)
      request = server:next()
      if request then
        return request
      end
    end
    error "no request came"
  end

  -- Lets the server work until the other side has an answer (or its end).
  local function receive(connection)
    connection:settimeout(0)
    local parts = {}
    for _ = 1, 1000 do
      server:step(0.01)
      local data, problem, partial = connection:receive(4096)
      parts[#parts + 1] = data or partial
      if problem == "closed" then
        break
      end
    end
    connection:close()
    return table.concat(parts)
  end

  it("says what came in", function()
    local connection = send("POST /a%20b?x=%41 HTTP/1.1\r\nHost: h\r\nX-OdD: one\r\nx-odd: two\r\n"
      .. "Content-Length: 2\r\n\r\nhi")
    local facts = next_request():facts()
    assert.same({ "POST", "/a%20b", "x=%41", "hi", false, "http" },
      { facts.method, facts.path, facts.query, facts.body, facts.too_large, facts.scheme })
    assert.same({ { "Host", "h" }, { "X-OdD", "one" }, { "x-odd", "two" }, { "Content-Length", "2" } },
      facts.headers)
    assert.equal((server:ports()), facts.port)
    connection:close()
  end)

  it("keeps no body over the ceiling", function()
    local connection = send "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n01234567890"
    local facts = next_request():facts()
    assert.is_true(facts.too_large)
    assert.equal("", facts.body)
    connection:close()
  end)

  it("numbers connections", function()
    local first = send "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    local one = next_request():facts().connection
    local second = send "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    assert.equal(one + 1, next_request():facts().connection)
    first:close()
    second:close()
  end)

  it("sends head, filler and tail", function()
    local connection = send "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    next_request():respond { status = 201, headers = { { "X-OdD", "1" } }, body = "<", filler = 3,
      tail = ">" }
    local raw = receive(connection)
    assert.truthy(raw:find("^HTTP/1.1 201 "))
    assert.truthy(raw:find("X-OdD: 1\r\n", 1, true))
    assert.truthy(raw:find("Content-Length: 5\r\n", 1, true))
    assert.equal("<   >", raw:sub(-5))
  end)

  local misuse = {
    { "an unknown field", { nonsense = 1 }, "no field 'nonsense'" },
    { "a name that is none", { 1 }, "no field" },
    { "a status that is none", { status = 99 }, "'status' must be between" },
    { "a delay that is no number", { delay = "1" }, "'delay' must be a number" },
    { "a pace below zero", { slow = -1 }, "'slow' must be between" },
    { "a delay that is not a number", { delay = 0 / 0 }, "'delay' must be between" },
    { "a body that is no text", { body = 1 }, "'body' must be a string" },
    { "headers that are no list", { headers = "x" }, "'headers' must be a list" },
    { "a header that is no pair", { headers = { "x" } }, "table of name and value" },
    { "a header without a value", { headers = { { "x" } } }, "can not be sent" },
    { "a header that would split the answer", { headers = { { "x", "1\r\ny: 2" } } }, "can not be sent" },
  }
  for _, row in ipairs(misuse) do
    it("refuses " .. row[1] .. ", and can still answer", function()
      local connection = send "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
      local request = next_request()
      local ok, message = pcall(request.respond, request, row[2])
      assert.is_false(ok)
      assert.truthy(message:find(row[3], 1, true), message)
      request:respond { body = "after all" }
      assert.equal("after all", receive(connection):sub(-9))
    end)
  end

  it("answers once", function()
    local connection = send "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    local request = next_request()
    request:respond {}
    for _, method in ipairs { "respond", "facts" } do
      local ok, message = pcall(request[method], request, {})
      assert.is_false(ok)
      assert.truthy(message:find("answered already", 1, true))
    end
    connection:close()
  end)

  it("closes a request that is forgotten", function()
    local connection = send "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    assert.truthy(next_request())
    collectgarbage()
    collectgarbage()
    assert.equal("", receive(connection))
  end)

  it("outlives its requests, and they outlive it", function()
    local connections = {}
    for i = 1, 4 do
      connections[i] = send "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    end
    local kept, held = next_request(), next_request()
    held:respond { delay = 100 }
    next_request():respond { slow = 100, body = "slow" }
    server:step(0)
    server:close()
    assert.is_false((pcall(kept.facts, kept)))
    assert.is_false((pcall(server.step, server, 0)))
    assert.is_false((pcall(server.next, server)))
    server:close()
    for _, connection in ipairs(connections) do
      connection:close()
    end
  end)

  it("says why it cannot listen", function()
    local other, problem = httpd.server { port = (server:ports()) }
    assert.is_nil(other)
    assert.truthy(problem:find("cannot serve on 127.0.0.1:%d+: Address already in use"), problem)
    assert.is_nil((httpd.server { certificate = "no PEM", key = "no PEM" }))
    for _, options in ipairs { { port = 65536 }, { port = "x" }, { max_body = -1 }, { certificate = 1 } } do
      assert.is_false((pcall(httpd.server, options)))
    end
  end)

  it("has two ports only with a certificate", function()
    assert.is_nil((select(2, server:ports())))
    local authority = httpd.authority()
    local both = assert(httpd.server { certificate = authority.certificate, key = authority.key })
    assert.is_number((select(2, both:ports())))
    both:close()
    assert.truthy(authority.ca:find("^%-%-%-%-%-BEGIN CERTIFICATE"))
    assert.are_not.equal(authority.ca, httpd.authority().ca)
  end)

  it("signs as the published vector says", function()
    assert.equal("76dd1bec3d430b7d7cdf444fe24e9aab30fdf572e37d67e7f73814daac5c9fe5",
      httpd.hmac_sha256("whsec_example", '{"id":"evt_test","type":"identity_verification_checks_completed"}'))
    -- RFC 4231, test case 2
    assert.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      httpd.hmac_sha256("Jefe", "what do ya want for nothing?"))
  end)

  it("gives randomness and time", function()
    assert.equal(64, #httpd.random(64))
    assert.is_false((pcall(httpd.random, 65)))
    assert.is_false((pcall(httpd.random, 0)))
    assert.is_true(httpd.clock() <= httpd.clock())
    assert.is_true(math.abs(httpd.time() - os.time()) < 5)
  end)
end)
