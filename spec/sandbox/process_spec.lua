-- bin/idv-sandbox as a process: its arguments, its one line, its signals, its log.

local sandbox = require "spec.support.sandbox"

local function exists(path)
  local file = io.open(path, "r")
  if file then
    file:close()
  end
  return file ~= nil
end

describe("bin/idv-sandbox", function()
  local rows = {
    { "an unknown argument", { "--nonsense" }, "unknown argument" },
    { "a word", { "word" }, "unknown argument" },
    { "a port that is none", { "--port", "x" }, "--port needs a port number" },
    { "a port that is too high", { "--tls-port", "65536" }, "--tls-port needs a port number" },
    { "no port", { "--port" }, "--port needs a port number" },
    { "no path", { "--ca-file" }, "--ca-file needs a path" },
    { "no simulator", { "--simulator" }, "--simulator needs a file" },
  }
  for _, row in ipairs(rows) do
    it("refuses " .. row[1], function()
      local status, output = sandbox.run(row[2])
      assert.equal(2, status)
      assert.truthy(output:find(row[3], 1, true))
      assert.truthy(output:find("usage: idv-sandbox", 1, true))
    end)
  end

  it("explains itself", function()
    local status, output = sandbox.run { "--help" }
    assert.equal(0, status)
    assert.truthy(output:find("^usage: idv%-sandbox"))
  end)

  it("fails in words when it cannot serve", function()
    local server = sandbox.start()
    local status, output = sandbox.run { "--port", tostring(server.http_port) }
    assert.equal(1, status)
    assert.truthy(output:find("cannot serve on 127.0.0.1:" .. server.http_port, 1, true))
    status, output = sandbox.run { "--ca-file", "/nowhere/at/all/ca.pem" }
    assert.equal(1, status)
    assert.truthy(output:find("cannot write the certificate", 1, true))
    server:stop()
  end)

  for text, complaint in pairs {
    ["return 7"] = "does not return a table with a function new",
    ["error 'at once'"] = "at once",
    ["return"] = "does not return a table with a function new",
    ["x ="] = "cannot load the simulator",
    ["return { new = function() return { name = 'impact' } end }"] = "two simulators are called impact",
    ["return { new = function() error 'later' end }"] = "later",
  } do
    it("fails in words when a simulator is none: " .. text, function()
      local path = os.tmpname()
      local file = assert(io.open(path, "w"))
      file:write(text)
      file:close()
      local status, output = sandbox.run { "--simulator", path }
      os.remove(path)
      assert.equal(1, status)
      assert.truthy(output:find(complaint, 1, true), output)
    end)
  end

  for _, signal in ipairs { "TERM", "INT" } do
    it("leaves in order on SIG" .. signal, function()
      local server = sandbox.start()
      assert.equal(200, server:send({ "GET /_sandbox/health" }).status)
      assert.is_true(exists(server.ca_file))
      assert.equal(0, server:stop(signal))
      assert.is_false(exists(server.ca_file))
      assert.is_false(exists(server.ca_file:match "^(.*)/"))
    end)
  end

  it("leaves while requests are held back, and answers none of them", function()
    local server = sandbox.start()
    server.control.fault { { path = "/v1", delay = 3000 }, { path = "/connect", slow = 3000 } }
    local held, slow = sandbox.connect(server.http_port), sandbox.connect(server.http_port)
    held:send "GET /v1/sessions HTTP/1.1\r\nHost: localhost\r\n\r\n"
    slow:send "GET /connect/token HTTP/1.1\r\nHost: localhost\r\n\r\n"
    repeat until server.control.count() == 2
    assert.equal(0, server:stop())
    assert.same({ nil, "closed", "" }, { held:receive "*a" })
    assert.falsy((slow:receive "*a" or ""):find "\r\n\r\n.")
    held:close()
    slow:close()
  end)

  it("ends with its parent", function()
    -- The parent is a shell that waits for the line and is gone then.
    local fifo = os.tmpname()
    os.remove(fifo)
    local start = ("'%s' bin/idv-sandbox --quiet --exit-with-parent >%s"):format(sandbox.interpreter(), fifo)
    local script = ("mkfifo %s; %s & read line <%s; echo \"$line\""):format(fifo, start, fifo)
    local _, line = sandbox.shell("sh -c " .. sandbox.quote(script))
    os.remove(fifo)
    local pid = assert(line:match '"pid":(%d+)', line)
    -- `tail` returns when that process has ended, or is cut off by `timeout` (124).
    local status = sandbox.tool("timeout 20 tail -s 0.01 --pid=" .. pid .. " -f /dev/null")
    sandbox.tool("kill " .. pid)
    assert.equal(0, status)
  end)

  it("ends when its parent no longer reads its output", function()
    local path = os.tmpname()
    local pipe = io.popen(("{ timeout 60 '%s' bin/idv-sandbox --quiet --exit-with-parent; echo $? >%s; }")
      :format(sandbox.interpreter(), path))
    assert.truthy(pipe:read("*l"):find('"pid":', 1, true))
    pipe:close() -- waits for the end, as Lua does when it collects a pipe
    local file = io.open(path)
    assert.equal("0\n", file:read "*a")
    file:close()
    os.remove(path)
  end)

  it("writes the certificate where it is told and leaves it there", function()
    local path = os.tmpname()
    local server = sandbox.start { "--ca-file", path, "--port", "0", "--tls-port", "0" }
    assert.equal(path, server.ca_file)
    assert.equal(server:send({ "GET /_sandbox/ca.pem" }).body, io.open(path):read "*a")
    assert.falsy(io.open(path):read("*a"):find("PRIVATE", 1, true))
    assert.equal(0, server:stop())
    assert.is_true(exists(path))
    os.remove(path)
  end)

  it("lets everybody read its certificate and nobody else write it, whatever the umask; its key is in no file", function()
    local server = sandbox.start({}, "umask 077; ")
    local folder = server.ca_file:match "^(.*)/"
    local _, modes = sandbox.tool(("stat -c %%a %s %s"):format(folder, server.ca_file))
    assert.equal("755\n644\n", modes)
    local _, names = sandbox.tool("ls -A " .. folder)
    assert.equal("ca.pem\n", names)
    assert.falsy(io.open(server.ca_file):read("*a"):find("PRIVATE", 1, true))
    server:stop()
  end)

  it("logs methods, templates and statuses, and nothing of what requests hold", function()
    local server = sandbox.start()
    local made = server:send { "POST /create-and-open-idv?secretquery=1",
      headers = { Authorization = "Bearer sk_secretkey", ["X-Secret"] = "secretheader" },
      json = { declared_data = { name = "Secret Person" }, redirect_url = "https://secret.example/" } }
    assert.equal(201, made.status)
    local id = made:json().id
    server:send { "GET /identity-verifications/" .. id, headers = { Authorization = "Bearer sk_secretkey" } }
    server:send { "POST /verification-actions-srv/account/initiation",
      form = { requestId = "secretrequest", processingType = "CODE", email = "secret@person.example" } }
    server:send { "POST /verification-actions-srv/account",
      json = { accvid = "secretaccvid", code = server.control.outbox()[1].code } }
    server:send { "SECRETMETHOD /secretpath" }
    local log = server:log()
    for _, line in ipairs {
      "POST /create-and-open-idv 201 ", "GET /identity-verifications/{identity_verification_id} 200 ",
      "POST /verification-actions-srv/account/initiation 302 ", "(other) (no route) 404 ",
    } do
      assert.truthy(log:find(line, 1, true), line)
    end
    assert.falsy(log:lower():find("secret", 1, true))
    assert.falsy(log:find(id, 1, true))
    assert.falsy(log:find(server.control.outbox()[1].code, 1, true))
    server:stop()
  end)

  it("keeps quiet when asked to", function()
    local server = sandbox.start { "--quiet" }
    server:send { "GET /v1/sessions" }
    assert.equal("", server:log())
    server:stop()
  end)

  it("listens on loopback only", function()
    local server = sandbox.start()
    local found = {}
    for line in io.lines "/proc/net/tcp" do
      local address, port = line:match("^%s*%d+: (%x+):(%x+) 00000000:0000 0A")
      found[tonumber(port or "0", 16)] = address
    end
    assert.equal("0100007F", found[server.http_port])
    assert.equal("0100007F", found[server.https_port])
    server:stop()
  end)
end)
