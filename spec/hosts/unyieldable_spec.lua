--- Calls where a coroutine cannot yield: inside a function of C, a finalizer, a hook. Each is carried, with the host held
--- up meanwhile, and nothing else of the program moves on inside of what the coroutine cannot leave.

local client = require "spec.support.client"
local core = require "idv.core"
local idv = require "idv"
local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

--- Runs `fn` when a value that nothing refers to is collected. LuaJIT's compiler is off meanwhile: in a trace that runs
--- inside of a finalizer, LuaJIT 2.1 sometimes spins for ever.
local function finalize(fn)
  local compiler = rawget(_G, "jit")
  if compiler then
    compiler.off()
    compiler.flush()
  end
  if rawget(_G, "newproxy") then
    getmetatable(newproxy(true)).__gc = fn -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = fn })
  end
  collectgarbage()
  collectgarbage()
  if compiler then
    compiler.on()
  end
end

--- Ways to call a function: each takes one, and calls it exactly once.
local places = {
  ["string.gsub"] = function(fn) return (("x"):gsub("x", function() fn() end)) end,
  ["string.gsub in string.gsub"] = function(fn)
    return (("x"):gsub("x", function() ("y"):gsub("y", function() fn() end) end))
  end,
  ["table.sort"] = function(fn)
    local was_called = false
    table.sort({ 2, 1 }, function(a, b)
      if not was_called then
        was_called = true
        fn()
      end
      return a < b
    end)
  end,
  ["require"] = function(fn)
    package.preload["spec.unyieldable"] = fn
    package.loaded["spec.unyieldable"] = nil
    require "spec.unyieldable"
    package.loaded["spec.unyieldable"], package.preload["spec.unyieldable"] = nil, nil
  end,
  ["__index"] = function(fn) return setmetatable({}, { __index = function() return fn() end }).x end,
  ["__newindex"] = function(fn) setmetatable({}, { __newindex = function() fn() end }).x = 1 end,
  ["__call"] = function(fn) setmetatable({}, { __call = function() return fn() end })() end,
  ["__concat"] = function(fn) return setmetatable({}, { __concat = function() fn() return "" end }) .. "" end,
  ["__eq"] = function(fn)
    local meta = { __eq = function() fn() return true end }
    return setmetatable({}, meta) == setmetatable({}, meta)
  end,
  ["__tostring"] = function(fn) return tostring(setmetatable({}, { __tostring = function() fn() return "" end })) end,
  ["pcall"] = function(fn) assert(pcall(fn)) end,
  ["xpcall"] = function(fn) assert(xpcall(fn, debug.traceback)) end,
  ["the handler of xpcall"] = function(fn) xpcall(error, function() fn() end) end,
  ["a for loop's iterator"] = function(fn)
    for _ in function(_, last)
      if not last then
        fn()
        return 1
      end
    end do -- luacheck: ignore 542
    end
  end,
  ["load"] = function(fn)
    local was_called = false
    load(function()
      if not was_called then
        was_called = true
        fn()
      end
    end)
  end,
  ["a coroutine of the task's own"] = function(fn) coroutine.wrap(fn)() end,
  ["string.gsub in a coroutine of the task's own"] = function(fn)
    coroutine.wrap(function() return (("x"):gsub("x", function() fn() end)) end)()
  end,
  ["a finalizer"] = finalize,
  ["a hook"] = function(fn)
    local hook, mask, count = debug.gethook()
    debug.sethook(function()
      debug.sethook(hook, mask, count)
      fn()
    end, "", 1)
    return 1 + #tostring(fn)
  end,
  ["a tail call of a metamethod"] = function(fn)
    local function last() return fn() end
    return setmetatable({}, { __index = function() return last() end }).x
  end,
}

describe("a call where the coroutine cannot yield", function()
  local control = sandbox.shared().control
  local deepidv

  before_each(function()
    control.reset()
    deepidv = client.new("http", "deepidv")
  end)

  --- The sessions that were created, by how often their creation arrived.
  local function creations()
    return control.count { provider = "deepidv", method = "POST" }
  end

  for name, place in pairs(places) do
    it("is carried inside " .. name .. ", in a task", function()
      local record, err
      idv.run(function()
        place(function()
          record, err = deepidv:create_session(ada)
        end)
      end)
      assert.is_nil(err)
      assert.is_string(record.id)
      assert.are_equal(1, creations())
    end)

    it("tells a refusal inside " .. name .. ", in a task that others run beside", function()
      control.fault { provider = "deepidv", path = "/v1/sessions", status = 402, delay = 0.1, times = 2 }
      local seen, errors = {}, {}
      local _, failures = idv.all {
        function()
          place(function()
            errors[1] = select(2, deepidv:create_session(ada))
            seen[#seen + 1] = "first"
          end)
        end,
        function()
          errors[2] = select(2, deepidv:create_session(ada))
          seen[#seen + 1] = "second"
        end,
      }
      assert.is_nil(failures[1] or failures[2])
      assert.are_equal("payment refused", errors[1].kind .. " " .. errors[1].outcome)
      assert.are_equal("payment refused", errors[2].kind .. " " .. errors[2].outcome)
      assert.are_equal(2, creations())
      assert.are_equal(2, #seen)
    end)
  end

  it("lets nothing else move on inside of it", function()
    control.fault { provider = "deepidv", delay = 0.2, path = "/v1/sessions" }
    local is_inside, moved_inside, moved = false, 0, 0
    local other = idv.spawn(function()
      for _ = 1, 5 do
        idv.sleep(0.01)
        moved, moved_inside = moved + 1, moved_inside + (is_inside and 1 or 0)
      end
    end)
    idv.run(function()
      ("x"):gsub("x", function()
        is_inside = true
        assert(deepidv:create_session(ada))
        is_inside = false
      end)
    end)
    other:result()
    assert.are_same({ 5, 0 }, { moved, moved_inside })
  end)

  it("sleeps, waits for other tasks and runs several at once there", function()
    local slept, results
    idv.run(function()
      ("x"):gsub("x", function()
        slept = idv.sleep(0.01)
        results = { idv.run(function() return assert(deepidv:create_session(ada)).id end) }
        local list = idv.all { function() return deepidv:get_session(results[1]) end, function() return "two" end }
        results[2], results[3] = list[1].id, list[2]
      end)
    end)
    assert.is_true(slept)
    assert.are_same({ results[1], results[1], "two" }, results)
    assert.are_equal(0, idv.pending())
  end)

  it("waits for a session, with pauses, and goes through pages there", function()
    local status, count = nil, 0
    idv.run(function()
      for _ = 1, 3 do
        assert(deepidv:create_session(ada))
      end
      local id = assert(deepidv:create_session(ada)).id
      control.advance(id, "VERIFIED");
      ("x"):gsub("x", function()
        status = assert(deepidv:wait_session(id, { interval = 0.01 })).status
        local following = deepidv:each_session { limit = 1 }
        while following() do
          count = count + 1
        end
      end)
    end)
    assert.are_equal("approved", status)
    assert.are_equal(4, count)
  end)

  it("tells events and progress there", function()
    local events = {}
    local telling = client.new("http", "deepidv", { on_event = function(event) events[#events + 1] = event.type end })
    idv.run(function()
      ("x"):gsub("x", function() assert(telling:create_session(ada)) end)
    end)
    assert.are_same({ "request", "response" }, events)
  end)

  it("fetches a token that another task is fetching too", function()
    local checkout = client.new("http", "checkout", { secret_key = false, client_id = "ack_1", client_secret = "secret_1" })
    control.fault { provider = "checkout", path = "/connect/token", delay = 0.1 }
    local ids = idv.all {
      function() return checkout:create_applicant { external_applicant_name = "Ada" } end,
      function()
        local record, err;
        ("x"):gsub("x", function() record, err = checkout:create_applicant { external_applicant_name = "Bea" } end)
        return record, err
      end,
    }
    assert.is_string(ids[1].id)
    assert.is_string(ids[2].id)
    assert.are_equal(1, control.count { path = "/connect/token" })
  end)

  if core.is_yieldable then
    it("is told from one where it can, on a Lua that does not say so itself", function()
      local function asked_in(place, ...)
        local arguments, answer = { ... }, nil
        coroutine.wrap(function()
          place(function() answer = core.is_yieldable() end, unpack(arguments))
        end)()
        return answer
      end
      assert.is_true(asked_in(function(fn) fn() end))
      assert.is_true(asked_in(function(fn) (function() return fn() end)() end))
      assert.is_true(asked_in(places["a coroutine of the task's own"]))
      assert.is_false(asked_in(places["string.gsub"]))
      assert.is_false(asked_in(places["table.sort"]))
      assert.is_false(asked_in(places["a hook"]))
      assert.is_false(asked_in(places["a finalizer"]))
      local is_plain_51 = _VERSION == "Lua 5.1" and not rawget(_G, "jit")
      assert.are_equal(not is_plain_51, asked_in(places["__index"]))
      assert.are_equal(not is_plain_51, asked_in(places["a tail call of a metamethod"]))
      assert.are_equal(not is_plain_51, asked_in(places["pcall"]))
    end)
  end
end)

local function optional(name)
  local ok, module = pcall(require, name)
  return ok and module or nil
end

--- Runs a function in a coroutine of a host's loop until the loop ends.
local loops = {
  luv = optional "luv" and function(fn)
    local attachment = require("idv.loop.luv").attach()
    coroutine.wrap(fn)()
    require("luv").run()
    attachment:detach()
    require("luv").run()
  end,
  cqueues = optional "cqueues" and function(fn)
    local controller = require("cqueues").new()
    local attachment = require("idv.loop.cqueues").attach(controller)
    controller:wrap(fn)
    assert(controller:loop())
    attachment:detach()
  end,
}

for host_name, run in pairs(loops) do
  describe("a call where a coroutine of " .. host_name .. " cannot yield", function()
    local control = sandbox.shared().control
    local deepidv

    before_each(function()
      control.reset()
      deepidv = client.new("http", "deepidv")
    end)

    for name, place in pairs(places) do
      if not name:find "coroutine of the task's own" then -- which yields to the one who made it, as any coroutine does
        it("is carried inside " .. name, function()
          local record, err
          run(function()
            place(function()
              record, err = deepidv:create_session(ada)
            end)
            assert(deepidv:get_session(record.id))
          end)
          assert.is_nil(err)
          assert.is_string(record.id)
          assert.are_equal(1, control.count { provider = "deepidv", method = "POST" })
        end)
      end
    end
  end)
end

if nginx.is_there() then
  describe("a call where a request of OpenResty cannot yield", function()
    local services = sandbox.shared()
    local server

    before_each(function()
      services.control.reset()
    end)

    after_each(function()
      server:stop()
    end)

    it("is refused before anything is sent, and the worker goes on serving", function()
      server = nginx.start([[
        worker_processes 1;
        pid nginx.pid;
        error_log error.log notice;
        env SANDBOX;
        env CA_FILE;
        events { }
        http {
          access_log off;
          lua_paths;
          init_by_lua_block {
            deepidv = require("idv").deepidv {
              api_key = "live_1", base_url = os.getenv "SANDBOX", ca_file = os.getenv "CA_FILE",
            }
            ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
            function tell(session, err)
              said = session and "created" or err.kind .. " " .. err.outcome
            end
            function create()
              tell(deepidv:create_session(ada))
            end
            places = {
              gsub = function() ("x"):gsub("x", create) end,
              sort = function() table.sort({ 2, 1 }, function() create() return false end) end,
              require = function()
                package.preload["some.module"] = create
                package.loaded["some.module"] = nil
                require "some.module"
              end,
              tostring = function() tostring(setmetatable({}, { __tostring = function() create() return "" end })) end,
              finalizer = function()
                getmetatable(newproxy(true)).__gc = create
                collectgarbage()
                collectgarbage()
              end,
              pcall = function() pcall(create) end,
              index = function() return setmetatable({}, { __index = create }).x end,
              task = function() require("idv").run(create) end,
              task_in_gsub = function()
                ("x"):gsub("x", function() said = pcall(require("idv").run, create) and "ran" or "refused" end)
              end,
              sleep_in_gsub = function()
                ("x"):gsub("x", function() said = pcall(require("idv").sleep, 0.01) and "slept" or "refused" end)
              end,
              plainly = create,
            }
          }
          server {
            listen 127.0.0.1:PORT;
            location / {
              content_by_lua_block {
                said = nil
                places[ngx.var.uri:sub(2)]()
                ngx.print(said, " ", require("idv").pending())
              }
            }
          }
        }
      ]], { SANDBOX = services.https, CA_FILE = services.ca_file })
      local expected = {
        { "gsub", "unsupported not_sent 0", 0 }, { "sort", "unsupported not_sent 0", 0 },
        { "require", "unsupported not_sent 0", 0 }, { "finalizer", "unsupported not_sent 0", 0 },
        { "task_in_gsub", "refused 0", 0 }, { "sleep_in_gsub", "refused 0", 0 },
        -- LuaJIT yields out of these
        { "tostring", "created 0", 1 }, { "pcall", "created 0", 2 }, { "index", "created 0", 3 },
        { "task", "created 0", 4 }, { "plainly", "created 0", 5 },
      }
      for _, row in ipairs(expected) do
        local status, body = server:send("GET", "/" .. row[1])
        assert.are_same({ row[1], 200, row[2] }, { row[1], status, (body:gsub("%s+$", "")) })
        assert.are_equal(row[3], services.control.count { provider = "deepidv", method = "POST" }, row[1])
      end
    end)
  end)
end
