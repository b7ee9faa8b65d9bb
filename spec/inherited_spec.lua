--- What a process takes over and hands on: no descriptor of idv's passes to a program that is executed, and the variable
--- SSLKEYLOGFILE, which a program inherits, does not have the keys of its connections written.

local client = require "spec.support.client"
local lfs = require "lfs"
local sandbox = require "spec.support.sandbox"

local build = os.getenv "IDV_BUILD" or "build"
local services = sandbox.shared()

--- Runs a program after the shell has done `set`. Returns what it wrote.
local function run(set, program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(program)
  file:close()
  -- a sanitizer's search for leaks stops all threads, which it can not do with one that looks up a name for ever
  local status, output = sandbox.shell(("export ASAN_OPTIONS=detect_leaks=0; %s %s %s"):format(set, sandbox.interpreter(),
    path))
  os.remove(path)
  assert.are_equal(0, status, output)
  return output
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

--- A shell's words to have libraries of the tests loaded first.
local function preload(name)
  return ('export LD_PRELOAD="$LD_PRELOAD $PWD/%s/%s";'):format(build, name)
end

local beginning = ([[
  local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
  local function client(url, more)
    local options = { api_key = "live_1", base_url = url, ca_file = %q, allow_http = true }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return require("idv").deepidv(options)
  end
  local http, https = %q, %q
]]):format(services.ca_file, services.http, services.https)

-- ---- descriptors ----

local counting = beginning .. [[
  local function count(what)
    local pipe = io.popen "ls /proc/self/fd | wc -l"
    io.write(what, " ", pipe:read("*a"):match "%d+", "\n")
    pipe:close()
  end
  count "before"
]]

--- Asserts that a program that is executed never has more descriptors than before idv was there, wherever it is counted.
local function inherits_none(program, places, set)
  local seen, counted = {}, 0
  for what, count in run(set or "", counting .. program .. '\ncount "after"\n'):gmatch "(%a+) (%d+)\n" do
    seen[what], counted = count, counted + 1
  end
  assert.are_equal(places, counted)
  for what, count in pairs(seen) do
    assert.are_equal(seen.before, count, what)
  end
end

describe("a program that is executed", function()
  before_each(function() services.control.reset() end)

  it("inherits none of the connections that are kept, nor what is waited on", function()
    inherits_none([[
      assert(client(http):create_session(ada))
      assert(client(https):create_session(ada))
      assert(client(https, { http_version = "2" }):create_session(ada))
    ]], 2)
  end)

  it("inherits none of many connections at once", function()
    inherits_none([[
      local idv = require "idv"
      local deepidv = client(http, { max_connections = 300 })
      for _ = 1, 300 do
        idv.spawn(function() assert(deepidv:create_session(ada)) end)
      end
      idv.step(0)
      count "meanwhile"
      while idv.step(1) > 0 do end
    ]], 3)
  end)

  it("inherits none while names are looked up", function()
    inherits_none([[
      local idv = require "idv"
      for i = 1, 5 do
        local slow = client("https://slow" .. i .. ".invalid", { timeout = 20 })
        idv.spawn(function() slow:create_session(ada) end)
      end
      idv.step(0.05)
      count "meanwhile"
    ]], 3, preload "slow_names.so")
  end)

  it("inherits none while a report is saved", function()
    local checkout = client.new("http", "checkout")
    local session = assert(checkout:create_session {
      declared_data = { name = "Hannah Bret" }, redirect_url = "https://me.example/back",
    })
    services.control.advance(session.id, "approved")
    services.control.settings { checkout = { report_bytes = 4 * 1024 * 1024 } }
    inherits_none(([[
      local checkout = require("idv").checkout {
        secret_key = "sk_sbox_key", environment = "sandbox", base_url = %q, allow_http = true,
      }
      local path, is_told = os.tmpname(), false
      local record, err = checkout:get_report(%q, { path = path, on_progress = function()
        if not is_told then
          is_told = true
          count "saving"
        end
      end })
      os.remove(path)
      assert(record, err)
    ]]):format(services.http, session.id), 3)
  end)

  it("inherits none of a server of the sandbox's that is in the same process", function()
    inherits_none([[
      local httpd = require "idv.httpd"
      local authority = httpd.authority()
      local server = assert(httpd.server {
        port = 0, tls_port = 0, certificate = authority.certificate, key = authority.key,
      })
      local port = server:ports()
      local connection = assert(require("socket").connect("127.0.0.1", port))
      connection:send "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
      require("socket").sleep(0.05)
      connection:close()
      count "listening"
      server:close()
    ]], 3)
  end)
end)

-- ---- keys ----

describe("a program with SSLKEYLOGFILE in its environment", function()
  local path

  before_each(function()
    services.control.reset()
    path = os.tmpname()
    os.remove(path)
  end)

  after_each(function() os.remove(path) end)

  local function call(options, set)
    run(("export SSLKEYLOGFILE=%s; %s"):format(path, set or ""), beginning .. ([[
      assert(client(https, %s):create_session(ada))
      assert(os.getenv "SSLKEYLOGFILE" == %q)
    ]]):format(options, path))
  end

  it("writes no keys", function()
    call "{}"
    assert.is_nil(read(path))
  end)

  it("writes no keys where somebody else has started libcurl before", function()
    call("{}", "export CURL_IS_STARTED=yes; " .. preload "new_curl.so")
    assert.are_equal("", read(path) or "") -- libcurl has made the file then
  end)

  it("writes them when an option says so, for its owner only", function()
    call "{ tls_key_log = true }"
    local text = read(path) or ""
    assert.is_truthy(text:find "CLIENT_TRAFFIC_SECRET_0 %x+ %x+\n" or text:find "CLIENT_RANDOM %x+ %x+\n", text)
    assert.are_equal("rw-------", lfs.attributes(path, "permissions"))
  end)

  it("is no worse off when the file can not be written", function()
    path = "/nonexistent/keys"
    call "{ tls_key_log = true }"
  end)
end)
