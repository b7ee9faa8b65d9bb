--- Ctrl-C while a program waits: what it waits for ends as cancelled, with the outcome that is true, and the program goes
--- on to say so.

local cjson = require("cjson").new()
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"
local socket = require "socket"

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

local services = sandbox.shared()
local control = services.control

-- What every script of these specs begins with.
local PREAMBLE = ([[
local idv = require "idv"
local deepidv = idv.deepidv { api_key = "live_1", base_url = "%s", allow_http = true, max_retries = 5 }
local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
local function tell(record, err)
  print(record and "record" or err.kind .. " " .. err.outcome .. " " .. err.attempts .. ": " .. err.message)
end
]]):format(services.http)

local function read_and_remove(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  os.remove(path)
  return text
end

--- Runs a command and sends SIGINT to it when `is_time` says so. Returns its streams and its exit code, as a shell tells
--- it.
local function interrupt(command, is_time)
  local out, err, code = os.tmpname(), os.tmpname(), os.tmpname()
  local pipe = assert(io.popen(([[%s >%s 2>%s 3>&- & pid=$!; echo $pid
    (exec >/dev/null; sleep 60; kill -KILL $pid) & guard=$!
    wait $pid; echo $? >%s; kill $guard]]):format(command, out, err, code)))
  local pid = tonumber(pipe:read "*l")
  local tries = 0
  while not is_time(pid) do
    socket.sleep(0.02)
    tries = tries + 1
    assert(tries < 3000, "the program never came to it")
  end
  os.execute("kill -INT " .. pid)
  pipe:read "*a"
  pipe:close()
  return { out = read_and_remove(out), err = read_and_remove(err), status = tonumber(read_and_remove(code)) }
end

--- Whether so many requests have arrived.
local function arrived(count, method)
  return function()
    return control.count { provider = "deepidv", method = method } >= count
  end
end

--- A script that is interrupted at a moment.
local function script(code, is_time)
  local path = program.file(PREAMBLE .. code)
  local result = interrupt(program.command({}, {}, path), is_time)
  os.remove(path)
  return result
end

--- Whether a file is there: a script makes it with io.open when it has come to a place.
local function made(path)
  return function()
    local file = io.open(path)
    return file and file:close()
  end
end

--- Whether a script has come to a place and then waits: its process is found asleep several times in a row.
local function and_asleep(has_come)
  local times = 0
  return function(pid)
    local file = has_come() and io.open(("/proc/%d/stat"):format(pid))
    if file then
      times = file:read "*a":find "%) S " and times + 1 or 0
      file:close()
    end
    return times >= 5
  end
end

describe("Ctrl-C in a script", function()
  before_each(function()
    control.reset()
  end)

  it("ends a creation that has arrived: cancelled, and the outcome is unknown", function()
    control.fault { provider = "deepidv", delay = 20 }
    local result = script("tell(deepidv:create_session(ada)) print 'goes on'", arrived(1))
    assert.are_equal("", result.err)
    assert.are_equal("cancelled unknown 1: the program was interrupted\ngoes on\n", result.out)
    assert.are_equal(0, result.status)
    assert.are_equal(1, control.count { provider = "deepidv" })
  end)

  it("ends it too where the engine is open already, and where events are told", function()
    control.fault { provider = "deepidv", delay = 20, path = "/v1/sessions", method = "POST" }
    for _, code in ipairs {
      "deepidv:check_credentials() tell(deepidv:create_session(ada))",
      [[local count = 0
      local telling = idv.deepidv { api_key = "live_1", base_url = deepidv and "]] .. services.http .. [[",
        allow_http = true, on_event = function() count = count + 1 end }
      tell(telling:create_session(ada)) assert(count == 2)]],
      "tell(deepidv:create_session(ada, { timeout = 25 }))",
    } do
      control.reset()
      control.fault { provider = "deepidv", delay = 20, path = "/v1/sessions" }
      local result = script(code, arrived(1, "POST"))
      assert.are_equal("", result.err)
      assert.are_equal("cancelled unknown 1: the program was interrupted\n", result.out)
    end
  end)

  it("ends a call whose connection never comes up: nothing was sent", function()
    local listener = assert(socket.bind("127.0.0.1", 0, 1)) -- answers nothing: a TLS handshake waits for ever
    local _, port = listener:getsockname()
    listener:settimeout(0)
    local held
    local result = script(([[
      deepidv = idv.deepidv { api_key = "live_1", base_url = "https://127.0.0.1:%d", connect_timeout = 20 }
      tell(deepidv:create_session(ada))]]):format(port), function()
      held = held or listener:accept()
      return held
    end)
    held:close()
    listener:close()
    assert.are_equal("", result.err)
    assert.is_truthy(result.out:find "^cancelled not_sent 1: the program was interrupted\n", result.out)
  end)

  it("ends a pause between two attempts, with what the first one has left", function()
    control.fault { provider = "deepidv", status = 429, headers = { ["Retry-After"] = "15" }, times = 9 }
    local result = script("tell(deepidv:create_session(ada))", and_asleep(arrived(1)))
    assert.are_equal("", result.err)
    assert.are_equal("cancelled refused 1: the program was interrupted\n", result.out)
  end)

  it("ends wait_session and sleep in their pauses", function()
    local result = script([[
      local session = assert(deepidv:create_session(ada))
      tell(deepidv:wait_session(session.id, { interval = 20 }))]], arrived(1, "GET"))
    assert.are_equal("", result.err)
    assert.is_truthy(result.out:find("the program was interrupted", 1, true), result.out)
    local flag = os.tmpname()
    os.remove(flag)
    result = script(([[io.open("%s", "w"):close() print(idv.sleep(20))]]):format(flag), and_asleep(made(flag)))
    os.remove(flag)
    assert.are_equal("false\tthe program was interrupted\n", result.out)
  end)

  it("cancels all tasks that the program waits for, and each tells its outcome", function()
    control.fault { provider = "deepidv", delay = 20, times = 3 }
    local result = script([[
      local function create() return deepidv:create_session(ada) end
      local results, errors = idv.all { create, create, create, function() idv.sleep(20) return nil, "slept" end }
      for i = 1, 3 do tell(results[i], errors[i]) end
      print(errors[4], idv.pending())]], arrived(3))
    assert.are_equal("", result.err)
    assert.are_equal(("cancelled unknown 1: the call was cancelled\n"):rep(3) .. "slept\t0\n", result.out)
  end)

  it("is an error to throw, as ever, where the program does not wait for idv", function()
    local flag = os.tmpname()
    os.remove(flag)
    local result = script(([[io.open("%s", "w"):close() while true do os.time() end]]):format(flag), made(flag))
    os.remove(flag)
    assert.are_equal(1, result.status)
    assert.is_truthy(result.err:find("interrupted!", 1, true))
  end)
end)

describe("Ctrl-C on the command line", function()
  local fields = { "first_name=Ada", "last_name=Example", "email=ada@example.com", "phone=+15192223333" }

  before_each(function()
    control.reset()
  end)

  local function command(words, env)
    local options = program.credentials()
    for name, value in pairs(env or {}) do
      options[name] = value
    end
    return program.command(words, options)
  end

  local function create(...)
    local words = { "call", "deepidv", "create_session" }
    for _, list in ipairs { fields, { ... } } do
      for _, word in ipairs(list) do
        words[#words + 1] = word
      end
    end
    return command(words)
  end

  it("says what to look for when a session may exist", function()
    control.fault { provider = "deepidv", delay = 20 }
    local result = interrupt(create(), arrived(1))
    assert.are_equal("", result.out)
    assert.are_equal("idv: interrupted: deepIDV may have carried out create_session; look with "
      .. "'idv call deepidv list_sessions' before you do it again\n", result.err)
    assert.are_equal(24 + 32, result.status)
  end)

  it("says so in JSON where that is asked for", function()
    control.fault { provider = "deepidv", delay = 20 }
    local result = interrupt(create "--json", arrived(1))
    local err = cjson.decode(result.out).error
    assert.are_same({ "cancelled", "unknown" }, { err.kind, err.outcome })
    assert.are_equal("", result.err)
    assert.are_equal(24 + 32, result.status)
  end)

  it("ends with 130 where nothing can have happened", function()
    local id = "sess_1"
    for _, words in ipairs {
      { "call", "deepidv", "get_session", id }, { "call", "deepidv", "wait_session", id },
      { "call", "deepidv", "list_sessions" }, { "call", "deepidv", "each_session" },
      { "call", "deepidv", "check_credentials" }, { "report", "deepidv", id },
    } do
      control.reset()
      control.fault { provider = "deepidv", delay = 20, times = 9 }
      local result = interrupt(command(words), arrived(1))
      assert.are_equal("", result.out, words[3])
      assert.are_equal("idv: interrupted; nothing was changed\n", result.err, words[3])
      assert.are_equal(130, result.status, words[3])
    end
  end)

  it("ends with 130 where a creation was not sent, or was refused", function()
    control.fault { provider = "deepidv", status = 429, headers = { ["Retry-After"] = "15" }, times = 9 }
    local result = interrupt(create(), arrived(1))
    assert.are_same({ "idv: interrupted; nothing was changed\n", 130 }, { result.err, result.status })
  end)

  it("says that a change may have been made, though it can be made twice", function()
    control.fault { provider = "deepidv", delay = 20, times = 9 }
    local result = interrupt(command { "call", "deepidv", "decide_session", "sess_1", "VERIFIED" }, arrived(1))
    assert.is_truthy(result.err:find("may have carried out decide_session", 1, true), result.err)
    assert.are_equal(24 + 32, result.status)
  end)

  it("ends with 130 between the questions of wait_session", function()
    local created = program.run({ "call", "deepidv", "create_session", "--json", unpack(fields) },
      { env = program.credentials() })
    local id = cjson.decode(created.out).id
    local result = interrupt(command { "call", "deepidv", "wait_session", id, "--interval", "20" },
      arrived(1, "GET"))
    assert.are_equal("idv: interrupted; nothing was changed\n", result.err)
    assert.are_equal(130, result.status)
  end)

  it("leaves no file behind when a report is on its way", function()
    control.fault { provider = "deepidv", delay = 20, times = 9 }
    local path = os.tmpname()
    os.remove(path)
    local result = interrupt(command { "report", "deepidv", "sess_1", "-o", path }, arrived(1))
    assert.are_equal(130, result.status)
    assert.is_nil(io.open(path))
    local _, left = sandbox.tool("ls -a " .. path .. "* 2>/dev/null")
    assert.are_equal("", left)
  end)
end)
