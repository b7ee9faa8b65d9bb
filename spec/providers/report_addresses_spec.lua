--- Addresses of reports: where they may lead, after the name was looked up, and where a storage may send on to.

local client = require "spec.support.client"
local faults = require "spec.support.faults"
local files = require "spec.support.files"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local PDF = "%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n"

local session = "idv_tkoi5db4hryu5cei5vwoabr7we"

--- A Checkout.com whose requests are answered by a table: address -> answer. Returns it and what was asked for.
local function answered(answers, more)
  local asked = {}
  local options = {
    secret_key = "sk_x", base_url = "https://api.example", transport = function(request)
      asked[#asked + 1] = request
      return answers[request.url] or { status = 404 }
    end,
  }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.checkout(options), asked
end

--- The report whose address is `url`, which a storage hands out.
local function fetch(url, more, answers)
  local all = { ["https://api.example/identity-verifications/" .. session .. "/pdf-report"] = {
    status = 200, headers = { ["Content-Type"] = "application/json" }, body = ('{"signed_url":%q}'):format(url),
  } }
  for address, answer in pairs(answers or { [url] = { status = 200, body = PDF } }) do
    all[address] = answer
  end
  local checkout, asked = answered(all, more)
  local report, err = checkout:get_report(session)
  return report, err, asked
end

local function check_refused(err, what, asked, most)
  assert.are_same({ "protocol", "unknown", false }, { err.kind, err.outcome, err.retryable }, tostring(err))
  assert.is_truthy(err.message:find(what, 1, true), err.message)
  assert.are_equal(most or 1, #asked)
end

describe("the address of a report", function()
  for _, name in ipairs {
    "8.8.8.8", "storage.example", "[2a00:1450::1]", "storage.example:8443", "2130706433.example", "localhost.example",
  } do
    it("may lead to " .. name, function()
      local report = assert(fetch("https://" .. name .. "/x.pdf"))
      assert.are_equal(PDF, report.content)
    end)
  end

  for _, row in ipairs {
    { "127.0.0.1", "this machine" }, { "127.1", "this machine" }, { "2130706433", "this machine" },
    { "0x7f000001", "this machine" }, { "017700000001", "this machine" }, { "localhost", "this machine" },
    { "LOCALHOST.", "this machine" }, { "x.localhost", "this machine" }, { "[::1]", "this machine" },
    { "[::ffff:127.0.0.1]", "this machine" }, { "10.0.0.1", "a private network" }, { "172.16.9.9", "a private network" },
    { "192.168.1.1", "a private network" }, { "100.64.0.1", "a private network" }, { "[fd00::1]", "a private network" },
    { "169.254.169.254", "a link-local address" }, { "[fe80::1]", "a link-local address" },
    { "[64:ff9b::a9fe:a9fe]", "a link-local address" }, { "[2002:a00:1::]", "a private network" },
    { "0.0.0.0", "no host at all" }, { "[::]", "no host at all" }, { "224.0.0.1", "a multicast address" },
    { "[ff02::1]", "a multicast address" }, { "255.255.255.255", "a reserved address" },
  } do
    it("may not lead to " .. row[1], function()
      local _, err, asked = fetch("https://" .. row[1] .. "/canary.pdf?canary=1")
      check_refused(err, "leads to " .. row[2], asked)
      assert.is_truthy(err.message:find("report_hosts", 1, true))
      assert.is_nil(tostring(err):find "canary")
    end)
  end

  it("may not be plain http, whatever is listed", function()
    for _, url in ipairs { "http://storage.example/x", "http://8.8.8.8/x", "http://10.0.0.1/x", "HTTP://127.0.0.1/x" } do
      local _, err, asked = fetch(url, { report_hosts = { "storage.example", "0.0.0.0/0" } })
      check_refused(err, "must be https", asked)
    end
  end)

  it("may not be of another kind", function()
    for _, url in ipairs { "file:///etc/passwd", "ftp://storage.example/x", "javascript:alert(1)", "//storage.example/x" } do
      local _, err, asked = fetch(url)
      check_refused(err, "the address in the answer", asked)
    end
  end)

  it("may lead to what report_hosts lists", function()
    for listed, url in pairs {
      ["10.0.0.0/8"] = "https://10.9.9.9/x", ["storage.internal"] = "https://storage.internal/x", ["[::1]"] = "https://[::1]/x",
      ["127.0.0.0/8"] = "https://localhost/x", ["169.254.169.254"] = "https://169.254.169.254/x", ["fd00::/8"] = "https://[fd12::1]/x",
    } do
      assert(fetch(url, { report_hosts = { "other.example", listed } }))
      assert(fetch(url, { report_hosts = listed }))
    end
    local _, err, asked = fetch("https://11.0.0.1.localhost/x", { report_hosts = "10.0.0.0/8" })
    check_refused(err, "this machine", asked)
  end)

  it("may lead to this machine, over plain http too, with allow_http, and nowhere else", function()
    assert(fetch("https://127.0.0.1/x", { allow_http = true }))
    assert(fetch("http://127.0.0.1:8/x", { allow_http = true }))
    for _, url in ipairs { "https://10.0.0.1/x", "http://10.0.0.1/x", "https://0.0.0.0/x", "http://storage.example/x" } do
      local _, err, asked = fetch(url, { allow_http = true })
      check_refused(err, "the address in the answer", asked)
    end
  end)

  it("may not lead to this machine over plain http when a proxy on another one would carry it", function()
    local _, err, asked = fetch("http://127.0.0.1:8/x", { allow_http = true, proxy = "http://proxy.example:3128" })
    check_refused(err, "must be https", asked)
    assert(fetch("http://127.0.0.1:8/x", { allow_http = true, proxy = "http://127.0.0.1:3128" }))
  end)

  it("is looked at where a proxy resolves names, as far as it is an address", function()
    local _, err, asked = fetch("https://10.0.0.1/x", { proxy = "http://proxy.example:3128" })
    check_refused(err, "a private network", asked)
  end)
end)

describe("report_hosts", function()
  it("takes hosts, addresses and networks only, and says which entry is none", function()
    for _, wrong in ipairs {
      "", {}, { "" }, { "https://storage.example" }, { "storage.example:443" }, { "10.0.0.0/33" }, { "*.example" }, { "a b" },
      { "ok.example", "10.0/8" }, { 1 }, { "a/b" }, 7, true,
    } do
      local ok, why = pcall(idv.checkout, { secret_key = "sk_x", report_hosts = wrong })
      assert.is_false(ok)
      assert.is_truthy(why:find("report_hosts", 1, true), why)
    end
  end)

  it("is copied: what becomes of the list later does not matter", function()
    local list = { "10.0.0.0/8" }
    local url = "https://192.168.0.1/x"
    local checkout = answered({
      ["https://api.example/identity-verifications/" .. session .. "/pdf-report"] = {
        status = 200, headers = { ["Content-Type"] = "application/json" }, body = ('{"signed_url":%q}'):format(url),
      }, [url] = { status = 200, body = PDF },
    }, { report_hosts = list })
    list[1] = "0.0.0.0/0"
    local report, err = checkout:get_report(session)
    assert.is_nil(report)
    assert.are_equal("protocol", err.kind)
  end)
end)

-- ---- after the look-up ----

--- Runs a program in which names under .told.invalid have the addresses that they say. Returns what it wrote.
local function run(program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(([[
    local core, host, task = require "idv.core", require "idv.host", require "idv.task"
    local function ask(url, more)
      local settings = {
        method = "GET", safe = true, handed_out = true, download = true, headers = {}, connect_timeout = 0.2, timeout = 20,
        max_retries = 2,
      }
      for name, value in pairs(more or {}) do
        settings[name] = value
      end
      local call = assert(core.route(settings):call(url))
      task.await_call(call, host.submit(call))
      local facts = call:facts()
      io.write(facts.kind or facts.status, " ", facts.leads_to or "-", " ", facts.outcome, " ", facts.attempts, "\n")
    end
  ]]), program)
  file:close()
  local build = os.getenv "IDV_BUILD" or "build"
  local status, output = sandbox.shell(('LD_PRELOAD="$LD_PRELOAD $PWD/%s/told_names.so" %s %s'):format(build,
    sandbox.interpreter(), path))
  os.remove(path)
  assert.are_equal(0, status, output)
  return output
end

describe("a name that stands for", function()
  for name, where in pairs {
    ["127-0-0-1"] = "this machine", ["10-0-0-1"] = "a private network", ["169-254-169-254"] = "a link-local address",
    ["192-168-0-1"] = "a private network", ["100-64-0-1"] = "a private network", ["0-0-0-0"] = "no host at all",
    ["224-0-0-1"] = "a multicast address", ["x---1"] = "this machine", ["x-fd00--1"] = "a private network",
    ["x-fe80--1"] = "a link-local address", ["x---ffff-7f00-1"] = "this machine", ["x-64-ff9b--a00-1"] = "a private network",
    ["x-2002-7f00-1--"] = "this machine",
  } do
    it(name .. " is not gone to", function()
      assert.are_equal("protocol " .. where .. " not_sent 1\n", run(('ask "https://%s.told.invalid/x"'):format(name)))
    end)
  end

  it("a public host first and a private network later is not gone to either", function()
    local output = run [[
      ask("https://192-0-2-1.then.10-0-0-1.told.invalid/x", { max_retries = 0, permits = { "192.0.2.0/24" } })
      require("idv.host").engine():close()
      ask("https://192-0-2-1.then.10-0-0-1.told.invalid/x", { max_retries = 0, permits = { "192.0.2.0/24" } })
    ]]
    local first, second = output:match "^(.-)\n(.-)\n$"
    assert.is_nil(first:find "private", first)
    assert.are_equal("protocol a private network not_sent 1", second)
  end)

  it("this machine is gone to where that is said, and hears the request", function()
    local url = ("https://127-0-0-1.told.invalid:%d/x"):format(faults.door "tls-closed")
    assert.are_equal("network - not_sent 1\n", run(('ask(%q, { this_machine = true, max_retries = 0 })'):format(url)))
    assert.are_equal("network - not_sent 1\n", run(('ask(%q, { permits = { "127.0.0.0/8" }, max_retries = 0 })'):format(url)))
    assert.are_equal("network - not_sent 1\n",
      run(('ask(%q, { permits = { "127-0-0-1.told.invalid" }, max_retries = 0 })'):format(url)))
  end)
end)

describe("a connection that is open already", function()
  it("is not used for an address that could not have opened it", function()
    local url = ("https://127-0-0-1.told.invalid:%d/fine"):format(faults.door "tls")
    assert.are_equal("200 - unknown 1\nprotocol this machine not_sent 1\n200 - unknown 1\n", run(([[
      local trusted = { this_machine = true, ca_file = %q }
      ask(%q, trusted)
      ask(%q, { ca_file = trusted.ca_file })
      ask(%q, trusted)
    ]]):format(faults.authority(), url, url, url)))
  end)
end)

-- ---- sending on ----

local function sends_on(to, status)
  return { status = status or 307, headers = { Location = to } }
end

describe("a storage that sends on", function()
  for _, status in ipairs { 301, 302, 303, 307, 308 } do
    it(("with %d to another host over https is followed"):format(status), function()
      local report, _, asked = fetch("https://a.example/1?sig=x", nil, {
        ["https://a.example/1?sig=x"] = sends_on("https://b.example/2?sig=y", status),
        ["https://b.example/2?sig=y"] = { status = 200, body = PDF },
      })
      assert.are_equal(PDF, report.content)
      assert.are_equal(3, #asked)
      for i = 2, 3 do
        assert.are_equal("GET", asked[i].method)
        for _, header in ipairs(asked[i].headers) do
          assert.is_nil(header[1]:lower():find "authorization")
          assert.is_nil(header[2]:find("sk_x", 1, true))
        end
      end
    end)
  end

  it("is followed three times and no more", function()
    local answers = {}
    for i = 1, 6 do
      answers[("https://a.example/%d"):format(i)] = sends_on(("https://a.example/%d"):format(i + 1))
    end
    answers["https://a.example/4"] = { status = 200, body = PDF }
    assert(fetch("https://a.example/1", nil, answers))
    answers["https://a.example/4"] = sends_on "https://a.example/5"
    local _, err, asked = fetch("https://a.example/1", nil, answers)
    check_refused(err, "more than 3 times", asked, 5)
  end)

  it("in a circle comes to an end", function()
    local _, err, asked = fetch("https://a.example/1", nil, { ["https://a.example/1"] = sends_on "https://a.example/1" })
    check_refused(err, "more than 3 times", asked, 5)
  end)

  for to, words in pairs {
    ["http://b.example/x"] = "from https to plain http", ["HTTP://127.0.0.1/x"] = "from https to plain http",
    ["https://10.0.0.1/x"] = "a private network", ["https://127.0.0.1/x"] = "this machine",
    ["https://169.254.169.254/latest"] = "a link-local address", ["https://[::ffff:10.0.0.1]/x"] = "a private network",
    ["https://user:canary@b.example/x"] = "user name", ["file:///etc/passwd"] = "without an address",
    ["ftp://b.example/x"] = "the address in the answer", ["javascript:alert(1)"] = "the address in the answer",
    ["https://"] = "without an address", [""] = "without an address",
  } do
    it(("to %q is not followed"):format(to), function()
      local _, err, asked = fetch("https://a.example/1", nil, {
        ["https://a.example/1"] = sends_on(to), ["https://b.example/x"] = { status = 200, body = PDF },
      })
      check_refused(err, words, asked, 2)
      assert.is_nil(tostring(err):find "canary")
    end)
  end

  it("without saying where is an error", function()
    local _, err, asked = fetch("https://a.example/1", nil, { ["https://a.example/1"] = { status = 302 } })
    check_refused(err, "without an address", asked, 2)
  end)

  it("to a relative address, or to one with raw blanks, other bytes and a fragment, is followed", function()
    for to, target in pairs {
      ["/2"] = "https://a.example/2", ["2?x=1"] = "https://a.example/2?x=1", ["//b.example/2"] = "https://b.example/2",
      ["?x"] = "https://a.example/1?x", ["/a b.pdf"] = "https://a.example/a%20b.pdf",
      ["/\195\188.pdf?n=\195\188#top"] = "https://a.example/%C3%BC.pdf?n=%C3%BC",
    } do
      assert(fetch("https://a.example/1", nil, {
        ["https://a.example/1"] = sends_on(to), [target] = { status = 200, body = PDF },
      }))
    end
  end)

  it("from plain http on this machine to https is followed, and not back", function()
    assert(fetch("http://127.0.0.1:8/1", { allow_http = true }, {
      ["http://127.0.0.1:8/1"] = sends_on "https://b.example/2", ["https://b.example/2"] = { status = 200, body = PDF },
    }))
    local _, err = fetch("https://a.example/1", { allow_http = true }, { ["https://a.example/1"] = sends_on "http://127.0.0.1:8/2" })
    assert.is_truthy(err.message:find("plain http", 1, true))
  end)

  it("with another 3xx is not followed", function()
    for _, status in ipairs { 300, 304, 305, 306 } do
      local _, err, asked = fetch("https://a.example/1", nil, { ["https://a.example/1"] = sends_on("https://b.example/2", status) })
      assert.are_not_equal("validation", err.kind)
      assert.are_equal(2, #asked)
    end
  end)
end)

client.over_both("a storage that sends on", function(scheme, control)
  it("has its report saved all the same", function()
    local checkout = client.new(scheme, "checkout")
    local made = assert(checkout:create_session {
      declared_data = { name = "Hannah Bret" }, redirect_url = "https://me.example/back",
    })
    control.advance(made.id, "approved")
    local entry = assert(checkout:get_report(made.id)).bytes
    local first = control.journal { path = "/_storage" }[1]
    assert(first)
    -- the fault sends on to the file that the address stood for, by another name of this machine
    control.fault {
      path = "/_storage", status = 307, times = 1,
      headers = { Location = sandbox.shared()[scheme]:gsub("127%.0%.0%.1", "localhost") .. "/_storage/x" },
    }
    -- what it is sent on to does not know the signature, so the address is asked for anew, once
    local path = os.tmpname()
    local report, err = checkout:get_report(made.id, { path = path })
    local saved = files.read(path)
    os.remove(path)
    assert(report, tostring(err))
    assert.are_equal(entry, #saved)
  end)
end)

-- ---- calls to the API are never sent on ----

describe("a redirect of the API", function()
  it("is not followed by anything that has credentials", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      local checkout, asked = answered({
        ["https://api.example/identity-verifications/" .. session .. "/pdf-report"] = sends_on("https://b.example/x", status),
        ["https://api.example/identity-verifications/" .. session] = sends_on("https://b.example/x", status),
      })
      for _, name in ipairs { "get_report", "get_session" } do
        local record, err = checkout[name](checkout, session)
        assert.is_nil(record)
        assert.are_same({ "protocol", status }, { err.kind, err.status })
        assert.is_truthy(err.message:find("redirect (" .. status .. ") to https://b.example/x", 1, true), err.message)
      end
      assert.are_equal(2, #asked)
    end
  end)
end)
