--- OpenResty, as Debian's nginx with its Lua module, over TLS to the sandbox.

local cjson = require("cjson").new()
local eventually = require "spec.support.eventually"
local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"
local socket = require "socket"

if not nginx.is_there() then
  if rawget(_G, "jit") then
    pending "nginx with Lua is not on this machine (.ci/nginx unpacks it on Debian)"
  end
  return
end

local applicant = cjson.encode {
  first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

--- A configuration with idv in it: `http` goes into the http block, `locations` into the server.
local function configuration(http, locations, workers)
  return ([[
worker_processes %d;
pid nginx.pid;
error_log error.log notice;
env SANDBOX;
env CA_FILE;
events { worker_connections 4096; }
http {
  access_log off;
  lua_paths;
  lua_shared_dict counts 1m;
  %s
  server {
    listen 127.0.0.1:PORT backlog=4096;
    location = /health { return 200 "ok"; }
    %s
  }
}
]]):format(workers or 1, http, locations)
end

local make_object = [[
  init_by_lua_block {
    idv = require "idv"
    deepidv = idv.deepidv {
      api_key = "live_1", base_url = os.getenv "SANDBOX", ca_file = os.getenv "CA_FILE", max_connections = 2000,
    }
    ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
    init_session, init_error = deepidv:create_session(ada)
  }
]]

local create = [[
  location = /create {
    content_by_lua_block {
      local session, err = deepidv:create_session(ada)
      ngx.say(session and "created" or tostring(err))
    }
  }
  location = /timers {
    content_by_lua_block { ngx.say(ngx.timer.running_count()) }
  }
]]

describe("OpenResty", function()
  local services = sandbox.shared()
  local control = services.control
  local server

  local function start(config, address)
    server = nginx.start(config, { SANDBOX = address or services.https, CA_FILE = services.ca_file })
    return server
  end

  --- Waits until so many requests have come to deepIDV.
  local function until_sent(count)
    eventually(count .. " requests", function()
      return control.count { provider = "deepidv" } >= count
    end)
  end

  before_each(function()
    control.reset()
  end)

  after_each(function()
    if server then
      local log = server:log()
      server:stop()
      server = nil
      assert.is_nil(log:match "signal 11[^\n]*", "a worker crashed")
      assert.is_nil(log:match "exited on signal[^\n]*")
    end
  end)

  --- Starts the example of examples/openresty against the sandbox.
  local function start_example(user)
    local config, replaced = read "examples/openresty/nginx.conf":gsub("listen 8080;", "listen 127.0.0.1:PORT;")
    assert.are_equal(1, replaced)
    local package_line
    config, package_line = config:gsub('lua_package_path "%$prefix/%?%.lua;;";', "lua_paths;")
    assert.are_equal(1, package_line)
    config = config:gsub("env DEEPIDV_API_KEY;", "env DEEPIDV_API_KEY; env LUA_PATH;")
    server = nginx.start(config, {
      DEEPIDV_API_KEY = "live_1", DEEPIDV_WEBHOOK_SECRET = "whsec_1", DEEPIDV_BASE_URL = services.https,
      DEEPIDV_CA_FILE = services.ca_file, LUA_PATH = "./examples/openresty/?.lua;;",
      REDIRECT_URL = not user and "https://shop.example/return" or nil,
    }, user)
  end

  it("runs the example with workers that are nobody, who can read the certificate of the sandbox", function()
    -- a clone in root's own folder can be read by nobody but root, and then there is nothing to show
    local file = select(2, sandbox.tool "pwd"):match "[^\n]+" .. "/lua/idv/init.lua"
    if sandbox.tool("sh -c " .. sandbox.quote("test $(id -u) = 0 && su -s /bin/sh nobody -c 'test -r " .. file .. "'")) ~= 0 then
      return pending "this is not root, or nobody else can read this clone"
    end
    start_example "nobody nogroup"
    local status, body = server:send("POST", "/start", applicant)
    assert.are_equal(201, status, body .. server:log())
    assert.is_nil(cjson.decode(body).url:find("redirect_url", 1, true))
  end)

  it("runs the example: start, return, webhook", function()
    start_example()
    local status, body = server:send("POST", "/start", '{"first_name":"Ada"}')
    assert.are_equal(422, status, body)
    assert.are_equal("last_name", cjson.decode(body).details[1].field)
    assert.are_equal(400, (server:send("POST", "/start", "nonsense")))
    status, body = server:send("POST", "/start", applicant)
    assert.are_equal(201, status, body)
    local session = cjson.decode(body)
    assert.is_truthy(session.url:find("redirect_url=https%3A%2F%2Fshop.example%2Freturn", 1, true))
    control.advance(session.id, "SUBMITTED")
    status, body = server:send("GET", "/return?session_id=" .. session.id .. "&status=success")
    assert.are_equal(200, status, body)
    assert.are_equal("processing", cjson.decode(body).status)
    assert.are_equal(400, (server:send("GET", "/return?hello=1")))
    control.advance(session.id, "VERIFIED")
    local sent = control.webhook { id = session.id, secret = "whsec_1" }
    local head = {}
    for _, header in ipairs(sent.headers) do
      head[#head + 1] = header[1] .. ": " .. header[2]
    end
    for _ = 1, 2 do
      local raw = sandbox.raw(server.port, ("POST /webhook HTTP/1.0\r\n%s\r\nContent-Length: %d\r\n\r\n%s"):format(
        table.concat(head, "\r\n"), #sent.body, sent.body))
      assert.is_truthy(raw:find "^HTTP/1%.1 204")
    end
    assert.are_equal(401, (server:send("POST", "/webhook", sent.body)))
    assert.are_equal(400, (server:send("POST", "/webhook", "")))
    status, body = server:send("GET", "/status?id=" .. session.id)
    assert.are_equal(200, status)
    assert.are_equal("approved", cjson.decode(body).status)
  end)

  it("reads a webhook whose body nginx put into a file, with headers from the request or from ngx.var", function()
    local page = read "docs/hosts/openresty.md"
    local recipe = assert(page:match "(ngx%.req%.read_body%(%).-\nend\n)```")
    local answer = "ngx.say(event.type)"
    start(configuration(make_object:gsub('api_key = "live_1",', 'api_key = "live_1", webhook_secret = "whsec_1",'), ([[
      client_body_buffer_size 1k;
      location = /page { content_by_lua_block { %s %s } }
      location = /variables { content_by_lua_block { %s %s } }
    ]]):format(recipe, answer, recipe:gsub("ngx%.req%.get_headers%(%)", "ngx.var"), answer)))
    for _, size in ipairs { 10, 1000, 100000, 900000 } do
      local body = cjson.encode { type = "session.created", padding = ("x"):rep(size) }
      for _, path in ipairs { "/page", "/variables" } do
        local raw = sandbox.raw(server.port, ("POST %s HTTP/1.0\r\ndeepidv-signature: %s\r\nContent-Length: %d\r\n\r\n%s")
          :format(path, "whsec_1", #body, body))
        assert.is_truthy(raw:find "session%.created", raw:sub(1, 300))
      end
    end
    assert.are_equal(401, (server:send("POST", "/variables", "{}")))
  end)

  it("runs the configuration of its page", function()
    local config = read "docs/hosts/openresty.md":match "```nginx\n(.-)```"
    local replaced
    config, replaced = config:gsub("timeout = 10", 'timeout = 10, base_url = os.getenv "SANDBOX", ca_file = os.getenv "CA_FILE"')
    assert.are_equal(1, replaced)
    config, replaced = config:gsub("listen 8080;", "listen 127.0.0.1:PORT;")
    assert.are_equal(1, replaced)
    server = nginx.start("pid nginx.pid; env SANDBOX; env CA_FILE; env DEEPIDV_API_KEY; events {}"
      .. config:gsub("http {", "http { access_log off; lua_paths;", 1), {
      SANDBOX = services.https, CA_FILE = services.ca_file, DEEPIDV_API_KEY = "live_1",
    })
    assert.are_equal(302, (server:send("GET", "/start")))
    assert.are_equal(1, control.count { operation = "create_session" })
  end)

  it("carries requests over cosockets by the example's transport, over TLS and never twice", function()
    start(configuration([[
      lua_ssl_trusted_certificate ]] .. services.ca_file .. [[;
      lua_ssl_verify_depth 3;
      init_by_lua_block {
        package.path = "./examples/openresty/?.lua;" .. package.path
        idv = require "idv"
        carry = require("cosocket").new { addresses = { localhost = "127.0.0.1" } }
        options = function(more)
          local all = {
            api_key = "live_1", base_url = os.getenv("SANDBOX"):gsub("127%.0%.0%.1", "localhost"), transport = carry,
          }
          for name, value in pairs(more or {}) do
            all[name] = value
          end
          return all
        end
        deepidv = idv.deepidv(options())
        ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
        word = function(value, err)
          return value and tostring(value.status or value.id and "created") or ("%s %s"):format(err.kind, err.outcome)
        end
        say = function(...) ngx.say(word(...)) end
      }
    ]], [[
      location = /flow {
        content_by_lua_block {
          local session = assert(deepidv:create_session(ada))
          local words = { word(session) }
          for i = 1, 3 do
            words[i + 1] = word(deepidv:get_session(session.id))
          end
          ngx.say(table.concat(words, " "))
        }
      }
      location = /create { content_by_lua_block { say(deepidv:create_session(ada)) } }
      location = /small { content_by_lua_block { say(idv.deepidv(options { max_response_bytes = 10 }):list_sessions()) } }
      location = /late { content_by_lua_block { say(idv.deepidv(options { timeout = 3 }):list_sessions()) } }
      location = /v1/sessions { # an answer in chunks
        content_by_lua_block {
          ngx.print '{"sessions":['
          ngx.flush(true)
          ngx.print '{"id":"s1","status":"PENDING"}],"next_token":null}'
        }
      }
      location = /chunks {
        content_by_lua_block {
          local own = idv.deepidv { api_key = "x", base_url = "http://127.0.0.1:PORT", allow_http = true, transport = carry }
          ngx.say(own:list_sessions().items[1].id, own:list_sessions().items[1].id)
        }
      }
      location = /nobody {
        content_by_lua_block { say(idv.deepidv(options { base_url = "https://localhost:1" }):list_sessions()) }
      }
      location = /untrusted {
        content_by_lua_block {
          local url = os.getenv("SANDBOX"):gsub("127%.0%.0%.1", "other.example")
          local elsewhere = require("cosocket").new { addresses = { ["other.example"] = "127.0.0.1" } }
          say(idv.deepidv(options { base_url = url, transport = elsewhere }):list_sessions())
        }
      }
    ]]))
    local _, body = server:send("GET", "/flow")
    assert.are_equal("created pending pending pending\n", body)
    local connections = {}
    for _, entry in ipairs(control.journal { method = "GET" }) do
      connections[entry.connection] = true
    end
    assert.is_not_nil(next(connections))
    assert.is_nil(next(connections, (next(connections))), "kept-alive connections are used again")
    control.clear_journal()
    for _, fault in ipairs { { reset = true }, { close = true }, { truncate = 20 }, { garbage = true } } do
      control.fault(fault)
      _, body = server:send("GET", "/create")
      assert.is_truthy(body:find "^%a+ unknown", body)
    end
    assert.are_equal(4, control.count {})
    control.fault { status = 500, body = "" }
    assert.are_equal("server unknown\n", select(2, server:send("GET", "/create")))
    assert.are_equal("protocol unknown\n", select(2, server:send("GET", "/small")))
    assert.are_equal("s1s1\n", select(2, server:send("GET", "/chunks")))
    control.fault { delay = 60 }
    assert.are_equal("timeout unknown\n", select(2, server:send("GET", "/late")))
    assert.are_equal("network not_sent\n", select(2, server:send("GET", "/nobody")))
    assert.are_equal("network not_sent\n", select(2, server:send("GET", "/untrusted")))
  end)

  it("lets objects be made in init_by_lua and says where to call instead", function()
    start(configuration(make_object, [[
      location = / { content_by_lua_block { ngx.say(tostring(init_session), " ", init_error.kind, " ", tostring(init_error)) } }
    ]]))
    local _, body = server:send("GET", "/")
    assert.is_truthy(body:find "^nil unsupported deepidv%.create_session: nothing can be waited for in init_by_lua")
    assert.is_truthy(body:find("ngx.timer.at", 1, true))
    assert.are_equal(0, control.count {})
  end)

  it("names ngx.timer.at in phases that can not yield, and works there through a timer", function()
    start(configuration(make_object .. [[
      init_worker_by_lua_block { _, worker_error = deepidv:create_session(ada) }
    ]], [[
      location = / {
        header_filter_by_lua_block { _, header_error = deepidv:create_session(ada) }
        body_filter_by_lua_block { _, body_error = deepidv:create_session(ada) }
        log_by_lua_block {
          _, log_error = deepidv:create_session(ada)
          ngx.timer.at(0, function()
            local session, err = deepidv:create_session(ada)
            timer_result = tostring(session or err)
          end)
        }
        set_by_lua_block $nothing { _, set_error = deepidv:create_session(ada) return "" }
        return 200 "fine";
      }
      location = /errors {
        content_by_lua_block {
          for i, err in ipairs { worker_error, set_error, header_error, body_error, log_error } do
            ngx.say(err.kind, " ", err.message)
          end
          while not timer_result do
            ngx.sleep(0.02)
          end
          ngx.say(timer_result)
        }
      }
    ]]))
    server:send("GET", "/")
    local _, body = server:send("GET", "/errors")
    local phases = {}
    for phase in body:gmatch "unsupported nothing can be waited for in ([%w_]+)_by_lua%*; hand the call to ngx%.timer%.at" do
      phases[#phases + 1] = phase
    end
    assert.are_same({ "init_worker", "set", "header_filter", "body_filter", "log" }, phases)
    assert.is_truthy(body:find "deepidv session", body)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)

  it("refuses a call inside a function of C, before anything is sent, and carries it outside of one", function()
    start(configuration(make_object, create .. [[
      location = /inside {
        content_by_lua_block {
          local err
          ("x"):gsub("x", function() _, err = deepidv:create_session(ada) end)
          ngx.say(err.kind, " ", err.outcome)
        }
      }
    ]]))
    assert.are_equal("unsupported not_sent\n", select(2, server:send("GET", "/inside")))
    assert.are_equal(0, control.count {})
    assert.are_equal("created\n", select(2, server:send("GET", "/create")))
  end)

  it("reuses connections across requests, leaks none, and polls nothing when nothing is in flight", function()
    start(configuration(make_object, create))
    for _ = 1, 20 do
      local _, body = server:send("GET", "/create")
      assert.are_equal("created\n", body)
    end
    local before = server:descriptors()
    for _ = 1, 100 do
      server:send("GET", "/create")
    end
    assert.is_true(server:descriptors() <= before + 1)
    local connections = {}
    for _, entry in ipairs(control.journal { provider = "deepidv" }) do
      connections[entry.connection] = true
    end
    local count = 0
    for _ in pairs(connections) do
      count = count + 1
    end
    assert.are_equal(1, count)
    eventually("the driver's end", function()
      return select(2, server:send("GET", "/timers")) == "0\n"
    end)
    local _, body = server:send("GET", "/create") -- and begins again
    assert.are_equal("created\n", body)
  end)

  it("sends off at once what a request begins at once, but not more than others have time for", function()
    -- A clock of which each reading takes a twentieth of a millisecond, however busy the machine is.
    local counted_clock = make_object .. [[
      init_worker_by_lua_block {
        local now = 0
        require("idv.core").clock = function() now = now + 0.00005 return now end
      }
    ]]
    start(configuration(counted_clock, [[
      location = /at_once {
        content_by_lua_block {
          local function sockets()
            local pipe = io.popen("ls -l /proc/" .. ngx.worker.pid() .. "/fd | grep -c socket")
            local count = tonumber(pipe:read "*a")
            pipe:close()
            return count
          end
          assert(deepidv:create_session(ada)) -- leaves a connection that the first of them takes
          ngx.sleep(0.1) -- the driver has had its turn
          local before, threads = sockets(), {}
          for i = 1, tonumber(ngx.var.arg_calls) do
            threads[i] = ngx.thread.spawn(deepidv.create_session, deepidv, ada)
          end
          local opened = sockets() - before -- no other thread has had a turn
          for _, thread in ipairs(threads) do
            ngx.thread.wait(thread)
          end
          ngx.say(opened)
        }
      }
    ]]))
    local function opened(calls)
      control.fault { provider = "deepidv", delay = 2, after = 1, times = calls } -- none has a connection to spare
      return tonumber((select(2, server:send("GET", "/at_once?calls=" .. calls))))
    end
    assert.are_equal(3, opened(4))
    local of_many = opened(300)
    assert.is_true(of_many <= 10, of_many .. " of 300") -- fewer than are sent off: some connections are there
  end)

  it("keeps an unrelated location fast while 500 calls wait on a slow upstream", function()
    local CALLS, LOOKS = 500, 201
    local idle = nginx.start(configuration(make_object, create), { SANDBOX = services.https, CA_FILE = services.ca_file })
    start(configuration(make_object, create))
    assert(server:send("GET", "/create"))
    control.fault { provider = "deepidv", delay = 10, times = CALLS }
    local waiting = {}
    for i = 1, CALLS do
      waiting[i] = server:begin("GET", "/create")
    end
    until_sent(CALLS + 1)
    -- Looked at in turn with a server that has nothing else to do, so that both find the machine equally busy.
    local function look_at(one)
      local began = socket.gettime()
      assert.are_equal(200, (one:send("GET", "/health")))
      return socket.gettime() - began
    end
    local times = { [idle] = {}, [server] = {} }
    for i = 1, LOOKS do
      times[idle][i], times[server][i] = look_at(idle), look_at(server)
    end
    idle:stop()
    local function median(list)
      table.sort(list)
      return list[(#list + 1) / 2]
    end
    local ratio = median(times[server]) / median(times[idle])
    for i = 1, CALLS do
      local _, body = nginx.finish(waiting[i])
      assert.are_equal("created\n", body)
    end
    assert.are_equal(CALLS + 1, control.count { provider = "deepidv" })
    assert.is_true(ratio < 3, ratio) -- 1.1 is usual
  end)

  it("works with several workers", function()
    start(configuration(make_object, create, 4))
    local waiting = {}
    for i = 1, 60 do
      waiting[i] = server:begin("GET", "/create")
    end
    for i = 1, 60 do
      local _, body = nginx.finish(waiting[i])
      assert.are_equal("created\n", body)
    end
    assert.are_equal(60, control.count { provider = "deepidv" })
  end)

  it("answers those who wait when it is reloaded, and serves with the new workers", function()
    start(configuration(make_object, create, 2))
    server:send("GET", "/create")
    local old = server:workers()
    control.fault { provider = "deepidv", delay = 1.5, times = 4 }
    local waiting = {}
    for i = 1, 4 do
      waiting[i] = server:begin("GET", "/create")
    end
    until_sent(5)
    server:signal "HUP"
    for i = 1, 4 do
      local _, body = nginx.finish(waiting[i])
      assert.are_equal("created\n", body)
    end
    local _, body = server:send("GET", "/create")
    assert.are_equal("created\n", body)
    eventually("the end of the old workers", function()
      local left = 0
      for _, pid in ipairs(server:workers()) do
        left = left + ((pid == old[1] or pid == old[2]) and 1 or 0)
      end
      return left == 0
    end)
  end)

  it("begins calls even in a worker that is exiting", function()
    start(configuration(make_object, create .. [[
      location = /two {
        content_by_lua_block {
          local first = deepidv:create_session(ada)
          repeat -- until the reload has come and the driver has ended
            ngx.sleep(0.02)
          until ngx.worker.exiting() and ngx.timer.running_count() == 0
          local second, err = deepidv:create_session(ada)
          ngx.say(tostring(ngx.worker.exiting()), " ", first and second and "both" or tostring(err))
        }
      }
    ]]))
    local waiting = server:begin("GET", "/two")
    until_sent(1)
    server:signal "HUP"
    local _, body = nginx.finish(waiting)
    assert.are_equal("true both\n", body)
  end)

  it("goes on when clients give up", function()
    start(configuration(make_object, create .. [[
      location = /abort {
        lua_check_client_abort on;
        content_by_lua_block {
          ngx.on_abort(function() ngx.shared.counts:incr("aborted", 1, 0) ngx.exit(499) end)
          deepidv:create_session(ada)
          ngx.say "created"
        }
      }
      location = /aborted { content_by_lua_block { ngx.say(ngx.shared.counts:get "aborted" or 0) } }
    ]]))
    control.fault { provider = "deepidv", delay = 60, times = 30 }
    local impatient = {}
    for i = 1, 30 do
      impatient[i] = server:begin("GET", "/abort")
    end
    until_sent(30)
    for i = 1, 30 do
      impatient[i]:close()
    end
    eventually("the end of the requests", function()
      return select(2, server:send("GET", "/aborted")) == "30\n"
    end)
    local before = server:descriptors()
    control.clear_faults()
    for _ = 1, 5 do
      local _, body = server:send("GET", "/create")
      assert.are_equal("created\n", body)
    end
    assert.is_true(server:descriptors() <= before + 1)
  end)

  it("works with the code cache off", function()
    start(configuration("lua_code_cache off;", [[
      location = /create {
        content_by_lua_block {
          local idv = require "idv"
          local deepidv = idv.deepidv { api_key = "live_1", base_url = os.getenv "SANDBOX", ca_file = os.getenv "CA_FILE" }
          local session, err = deepidv:create_session {
            first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
          }
          ngx.say(session and "created" or tostring(err))
        }
      }
    ]]))
    for _ = 1, 5 do
      local _, body = server:send("GET", "/create")
      assert.are_equal("created\n", body)
    end
  end)

  it("runs tasks in light threads, cancels them, and polls with wait_session", function()
    start(configuration(make_object, [[
      location = /all {
        content_by_lua_block {
          local list = {}
          for i = 1, 20 do
            list[i] = function() return deepidv:create_session(ada) end
          end
          local sessions, errors = idv.all(list)
          local count = 0
          for i = 1, sessions.n do
            count = count + (sessions[i] and 1 or 0)
          end
          ngx.say(count, " ", next(errors) and "errors" or "no errors")
        }
      }
      location = /begin {
        content_by_lua_block {
          task = idv.spawn(function() return deepidv:create_session(ada) end)
          local session, err = task:result()
          ngx.say(tostring(session), " ", err.kind, " ", err.outcome)
        }
      }
      location = /cancel { content_by_lua_block { task:cancel() } }
      location = /wait {
        content_by_lua_block {
          local session = deepidv:create_session(ada)
          local final, err = deepidv:wait_session(session.id, { interval = 0.01, timeout = 20 })
          ngx.say(tostring(final and final.final), " ", tostring(err))
        }
      }
      location = /each {
        content_by_lua_block {
          local count = 0
          for session in deepidv:each_session { limit = 3 } do
            count = count + 1
          end
          ngx.say(count)
        }
      }
    ]]))
    local _, body = server:send("GET", "/all")
    assert.are_equal("20 no errors\n", body)
    _, body = server:send("GET", "/each")
    assert.are_equal("20\n", body)
    control.reset()
    control.fault { provider = "deepidv", delay = 60 }
    local begun = server:begin("GET", "/begin")
    until_sent(1)
    server:send("GET", "/cancel")
    _, body = nginx.finish(begun)
    assert.are_equal("nil cancelled unknown\n", body)
    control.reset()
    control.settings { deepidv = { automatic = true } }
    _, body = server:send("GET", "/wait")
    assert.are_equal("true nil\n", body)
  end)

  it("does not crash when it is ended with calls in flight", function()
    for _, signal in ipairs { "TERM", "QUIT" } do
      start(configuration(make_object, create))
      server:send("GET", "/create")
      control.fault { provider = "deepidv", delay = 2, times = 5 }
      local waiting = {}
      for i = 1, 5 do
        waiting[i] = server:begin("GET", "/create")
      end
      until_sent(6)
      server:signal(signal)
      for i = 1, 5 do
        nginx.finish(waiting[i])
      end
      server.pipe:read "*a"
      local log = server:log()
      assert.is_nil(log:match "exited on signal[^\n]*")
      server.pipe:close()
      os.execute("rm -rf " .. server.folder)
      server = nil
      control.reset()
    end
  end)
end)
