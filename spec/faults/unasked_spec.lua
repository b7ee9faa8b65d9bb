--- An answer that comes unasked on a connection that rests is nobody's: whenever it comes between two calls, in every
--- host, the next call gets its own answer, over a fresh connection, and its request is sent once.

local faults = require "spec.support.faults"
local idv = require "idv"
local nginx = require "spec.support.nginx"
local socket = require "socket"

-- A libcurl that does not ask before it sends uses no connection again.
local asks_first = require("idv.core").versions.asks_first

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

-- ---- what servers say ----

local function answer(status, id, more)
  local body = ('{"id":"%s","session_url":"https://example.com/%s"}'):format(id, id)
  return ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"):format(status, more or "",
    #body, body)
end

local function in_chunks(id)
  local body = ('{"id":"%s","session_url":"https://example.com/%s"}'):format(id, id)
  return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n")
    :format(#body, body)
end

local first, mine = answer("201 Created", "first"), answer("201 Created", "mine")
local mine_and_last = answer("201 Created", "mine", "Connection: close\r\n")
local stranger = answer("201 Created", "stranger")
local refusal = answer("429 Too Many Requests", "stranger", "Retry-After: 0\r\n")
local half = #stranger - 30

--- What happens on the first connection after a whole request has come. "note" says that it has happened.
local moments = {
  { "with the first answer, in one segment", { "send", first .. stranger } },
  { "with half of the first answer", { "send", first:sub(1, 40) }, { "send", first:sub(41) .. stranger } },
  { "with the body of the first answer", { "send", first:sub(1, -20) }, { "send", first:sub(-19) .. stranger } },
  { "right after the first answer", { "send", first }, { "send", stranger } },
  { "later", { "send", first }, { "pause", 30 }, { "send", stranger } },
  { "twice", { "send", first }, { "send", stranger }, { "send", stranger } },
  { "in two pieces", { "send", first }, { "send", stranger:sub(1, half) }, { "pause", 10 },
    { "send", stranger:sub(half + 1) } },
  { "byte by byte", { "send", first }, { "send", "H" }, { "send", "T" }, { "send", "TP/1.1 201 Created\r\n" } },
  { "as a refusal that asks to come again", { "send", first }, { "send", refusal } },
  { "as a 408 before the end", { "send", first }, { "send", answer("408 Request Timeout", "stranger") }, "notify" },
  { "as an interim answer", { "send", first }, { "send", "HTTP/1.1 103 Early Hints\r\n\r\n" } },
  { "as an empty line", { "send", first }, { "send", "\r\n" } },
  { "as something that is no HTTP", { "send", first }, { "send", "\0\1\2" } },
}

--- The script for a moment: the first connection would go on with a stranger's answer, every other gives the caller's.
local function script(moment)
  local steps = { "request" }
  for i = 2, #moment do
    steps[#steps + 1] = moment[i]
  end
  for _, step in ipairs { "note", "request", { "send", stranger }, "connection" } do
    steps[#steps + 1] = step
  end
  steps[#steps + 1] = "request"
  steps[#steps + 1] = { "send", mine_and_last }
  return steps
end

-- ---- the hosts ----

local function optional(name)
  local ok, module = pcall(require, name)
  return ok and module or nil
end

local luv, cqueues = optional "luv", optional "cqueues"

--- Each runs a function that makes calls, in its way.
local hosts = {
  script = function(act) act() end,
  task = function(act)
    idv.spawn(act)
    while idv.step(1) > 0 do -- luacheck: ignore 542
    end
  end,
  luv = luv and function(act)
    local attachment = require("idv.loop.luv").attach()
    coroutine.wrap(act)()
    luv.run()
    attachment:detach()
    luv.run()
  end,
  cqueues = cqueues and function(act)
    local controller = cqueues.new()
    local attachment = require("idv.loop.cqueues").attach(controller)
    controller:wrap(act)
    assert(controller:loop())
    attachment:detach()
  end,
}

-- ---- the calls ----

local function client(door, more)
  local scheme = door == "scripted" and "http" or "https"
  local options = {
    api_key = "k", base_url = ("%s://127.0.0.1:%d"):format(scheme, faults.door(door)), allow_http = true,
    ca_file = faults.authority(), timeout = 20,
  }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.deepidv(options)
end

--- Waits until the server has said so often that what was to come has come.
local function await_note(door, count)
  for _ = 1, 2000 do
    if faults.counts(door .. "-note") >= count then
      return
    end
    socket.sleep(0.005)
  end
  error "the server did not come so far"
end

local function id_of(session, err)
  return session and session.id or tostring(err)
end

--- Calls twice, with the moment in between, in a host. `rest` is what the host does meanwhile.
local function check(door, moment, more, host, rest)
  faults.script(door, script(moment))
  faults.reset()
  local deepidv = client(door, more)
  local before, after
  hosts[host or "script"](function() -- asserts nothing, so that no loop sees anything thrown
    before = id_of(deepidv:create_session(ada))
    await_note(door, 1)
    if rest then
      idv.sleep(0.01)
    end
    after = id_of(deepidv:create_session(ada))
  end)
  assert.are_same({ "first", "mine" }, { before, after })
  assert.are_same({ 2, 2 }, { faults.counts(door) })
end

describe("an answer that comes unasked", function()
  for _, door in ipairs { "scripted", "tls-scripted" } do
    for _, moment in ipairs(moments) do
      it(("%s: %s: is nobody's"):format(door, moment[1]), function()
        check(door, moment)
      end)
    end
  end

  -- libcurl before 8 drops what came with the last chunk; then the connection is clean, and is used again.
  for _, rest in ipairs { "", stranger:sub(half + 1) } do
    local title = rest == "" and "whole" or "in two pieces"
    it(("with the last chunk of the first answer, %s, is nobody's"):format(title), function()
      local begin = in_chunks "first" .. stranger:sub(1, #stranger - #rest)
      faults.script("scripted", { "request", { "send", begin }, { "send", rest }, "note", "request",
        { "send", mine_and_last }, "connection", "request", { "send", mine_and_last } })
      faults.reset()
      local deepidv = client "scripted"
      assert.are_equal("first", id_of(deepidv:create_session(ada)))
      await_note("scripted", 1)
      assert.are_equal("mine", id_of(deepidv:create_session(ada)))
      assert.are_equal(2, (faults.counts "scripted"))
    end)
  end

  for name in pairs(hosts) do
    for _, door in ipairs { "scripted", "tls-scripted" } do
      for _, rests in ipairs { false, true } do
        local title = ("is nobody's in the host %s at %s, which %s meanwhile"):format(name, door,
          rests and "goes on" or "does nothing")
        it(title, function()
          for _, moment in ipairs { moments[4], moments[6], moments[10] } do
            check(door, moment, nil, name, rests)
          end
        end)
      end
    end
  end

  it("is no attempt: a call that may not be repeated is made all the same", function()
    local told = {}
    check("scripted", moments[5], { max_retries = 0, on_event = function(event)
      told[#told + 1] = event.type .. " " .. event.attempt
    end })
    assert.are_same({ "request 1", "response 1", "request 1", "response 1" }, told)
  end)

  it("is no reason not to use a connection again on which none came", function()
    faults.script("tls-scripted", {
      "request", { "send", mine }, "request", { "send", mine }, "request", { "send", mine_and_last },
    })
    faults.reset()
    local deepidv = client "tls-scripted"
    for _ = 1, 3 do
      assert(deepidv:create_session(ada))
    end
    local requests, connections = faults.counts "tls-scripted"
    assert.are_same({ 3, asks_first and 1 or 3 }, { requests, connections })
  end)

  it("on every connection costs a connection for each call, and no call", function()
    faults.script("scripted", { "request", { "send", mine }, { "send", refusal }, "note" })
    faults.reset()
    local deepidv = client("scripted", { max_retries = 0 })
    for i = 1, 20 do
      assert.are_equal("mine", id_of(deepidv:create_session(ada)))
      await_note("scripted", i)
    end
    local requests, connections = faults.counts "scripted"
    assert.are_same({ 20, 20 }, { requests, connections })
  end)

  it("may be a session ticket of TLS, which costs a connection and no call", function()
    local steps = {}
    for _ = 1, 5 do -- where the ticket is read together with the answer, the connection is used again
      for _, step in ipairs { "request", { "send", mine }, "ticket", "note" } do
        steps[#steps + 1] = step
      end
    end
    faults.script("tls-scripted", steps)
    faults.reset()
    local deepidv = client("tls-scripted", { max_retries = 0 })
    for i = 1, 5 do
      assert.are_equal("mine", id_of(deepidv:create_session(ada)))
      await_note("tls-scripted", i)
    end
    assert.are_equal(5, (faults.counts "tls-scripted"))
  end)

  it("comes to no download either", function()
    local pdf = "%PDF-1.4\n" .. ("x"):rep(3000) .. "\n%%EOF\n"
    local function file(text)
      return ("HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: %d\r\n\r\n%s"):format(#text, text)
    end
    local mark = pdf:gsub("x", "y", 1)
    faults.script("scripted", { "request", { "send", file(pdf) }, { "send", file(mark) }, "note", "request",
      { "send", file(mark) }, "connection", "request", { "send", file(pdf) }, "finish" })
    faults.reset()
    local checkout = idv.checkout {
      secret_key = "sk_x", base_url = ("http://127.0.0.1:%d"):format(faults.door "scripted"), allow_http = true,
    }
    local id = "idv_" .. ("a"):rep(26)
    assert.are_equal(pdf, assert(checkout:get_report(id)).content)
    await_note("scripted", 1)
    assert.are_equal(pdf, assert(checkout:get_report(id)).content)
  end)
end)

describe("the second half of a head that was cut by TLS's goodbye", function()
  it("is nobody's", function()
    faults.script("tls-scripted", { "request", { "send", stranger:sub(1, 30) }, "notify", "note", "request",
      { "send", stranger }, "connection", "request", { "send", mine_and_last } })
    faults.reset()
    local deepidv = client("tls-scripted", { max_retries = 0 })
    local session, err = deepidv:create_session(ada)
    assert.is_nil(session)
    assert.are_equal("unknown", err.outcome)
    assert.are_equal("mine", id_of(deepidv:create_session(ada)))
    assert.are_same({ 2, 2 }, { faults.counts "tls-scripted" })
  end)
end)

-- ---- OpenResty ----

local configuration = [[
worker_processes 1;
pid nginx.pid;
error_log error.log notice;
env FAULTS;
env CA_FILE;
events { worker_connections 64; }
http {
  access_log off;
  lua_paths;
  init_by_lua_block {
    idv = require "idv"
    deepidv = idv.deepidv {
      api_key = "k", base_url = os.getenv "FAULTS", ca_file = os.getenv "CA_FILE", allow_http = true,
    }
    ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
  }
  server {
    listen 127.0.0.1:PORT;
    location = /create {
      content_by_lua_block {
        local session, err = deepidv:create_session(ada)
        ngx.print(session and session.id or tostring(err))
      }
    }
  }
}
]]

describe("an answer that comes unasked in OpenResty", function()
  for _, door in ipairs { "scripted", "tls-scripted" } do
    it("is nobody's at " .. door, function()
      if not nginx.is_there() then
        return pending "nginx with Lua is for LuaJIT"
      end
      local scheme = door == "scripted" and "http" or "https"
      local server = nginx.start(configuration, {
        FAULTS = ("%s://127.0.0.1:%d"):format(scheme, faults.door(door)), CA_FILE = faults.authority(),
      })
      local ok, why = pcall(function()
        for _, moment in ipairs { moments[4], moments[5], moments[6], moments[10] } do
          faults.script(door, script(moment))
          faults.reset()
          local _, before = server:send("GET", "/create")
          assert.are_equal("first", before:gsub("%s+$", ""))
          await_note(door, 1)
          local _, after = server:send("GET", "/create")
          assert.are_equal("mine", after:gsub("%s+$", ""))
          assert.are_same({ 2, 2 }, { faults.counts(door) })
        end
      end)
      server:stop()
      assert.is_true(ok, why)
    end)
  end
end)
