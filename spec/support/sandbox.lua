--- Starts and steers the sandbox for specs.
--
-- `sandbox.shared()` gives one server for the whole busted run; it ends with the run, by its process id.
-- Specs that need a server of their own (other arguments, signals) call `sandbox.start` and stop it
-- themselves. The client in here is a few lines over LuaSocket: one connection per request, everything read,
-- nothing followed and nothing retried, so that it can test the sandbox without the library that the sandbox
-- is to test.

local cjson = require("cjson").new()
local socket = require "socket"

local sandbox = {}

local patience = 20 -- seconds after which a test is taken to hang; nothing here waits for time to pass

-- busted reloads modules for every spec file; what must outlive that stands in the registry.
local registry_key = "idv.spec.sandbox"

--- A word as the shell takes it.
---@param word string
---@return string
function sandbox.quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The interpreter that runs this spec, as the shell would call it.
---@return string
function sandbox.interpreter()
  local i = 0
  while arg[i - 1] do
    i = i - 1
  end
  return arg[i]
end

-- ---- a client ----

---@class spec.Answer
---@field status integer|nil nil when what came is no HTTP answer
---@field reason string
---@field headers table<string, string> by name in lower case
---@field header_list string[][] {name, value} as sent
---@field body string
---@field raw string everything that came
local Answer = {}
Answer.__index = Answer

--- The decoded JSON body.
---@return any
function Answer:json()
  return cjson.decode(self.body)
end

local function parse_answer(raw)
  local answer = setmetatable({ raw = raw, headers = {}, header_list = {}, body = "" }, Answer)
  local head, body = raw:match("^(.-\r\n)\r\n(.*)$")
  local status, reason = (head or ""):match("^HTTP/1%.[01] (%d%d%d) ?([^\r\n]*)\r\n")
  if not status then
    return answer
  end
  answer.status, answer.reason, answer.body = tonumber(status), reason, body
  for name, value in head:gmatch("([^\r\n:]+): ?([^\r\n]*)\r\n") do
    answer.header_list[#answer.header_list + 1] = { name, value }
    answer.headers[name:lower()] = value
  end
  return answer
end

--- Opens a connection to a port on loopback.
---@param port integer
---@return any socket of LuaSocket
function sandbox.connect(port)
  local connection = assert(socket.tcp())
  connection:settimeout(patience)
  assert(connection:connect("127.0.0.1", port))
  return connection
end

--- Sends bytes as they are and reads until the other side closes.
---@param port integer
---@param bytes string
---@return string received
---@return string|nil problem "closed" is none and is not told
function sandbox.raw(port, bytes)
  local connection = sandbox.connect(port)
  local sent, problem = connection:send(bytes)
  local received, partial
  if sent then
    received, problem, partial = connection:receive "*a"
  end
  connection:close()
  return received or partial or "", problem ~= "closed" and problem or nil
end

local function header_lines(headers)
  local lines = {}
  for name, value in pairs(headers or {}) do
    local pair = type(name) == "number" and value or { name, value }
    lines[#lines + 1] = pair[1] .. ": " .. pair[2] .. "\r\n"
  end
  return table.concat(lines)
end

---@class spec.Request
---@field [1] string|nil method and path in one: "GET /v1/sessions"
---@field headers table|nil by name, or a list of {name, value}
---@field json any|nil a body to encode
---@field form table<string, string>|nil fields of a form
---@field body string|nil a body as it is

local function encode_form(fields)
  local parts = {}
  for name, value in pairs(fields) do
    parts[#parts + 1] = name .. "=" .. value:gsub("[^%w_.-]", function(byte)
      return string.format("%%%02X", byte:byte())
    end)
  end
  return table.concat(parts, "&")
end

-- The bytes of a request, which asks for the connection to be closed.
local function request_bytes(request)
  local method, path = request[1]:match("^(%S+) (.+)$")
  local body, content_type = request.body, nil
  if request.json ~= nil then
    body, content_type = cjson.encode(request.json), "application/json"
  elseif request.form then
    body, content_type = encode_form(request.form), "application/x-www-form-urlencoded"
  end
  return table.concat {
    method, " ", path, " HTTP/1.1\r\nHost: ", request.host, "\r\nConnection: close\r\n",
    content_type and "Content-Type: " .. content_type .. "\r\n" or "", header_lines(request.headers),
    body and "Content-Length: " .. #body .. "\r\n" or "", "\r\n", body or "",
  }
end

-- ---- the server ----

---@class spec.Server
---@field http string base URL
---@field https string base URL
---@field http_port integer
---@field https_port integer
---@field ca_file string
---@field pid integer
---@field control spec.Control
local Server = {}
Server.__index = Server

--- Sends a request over plain HTTP.
---@param request spec.Request
---@return spec.Answer
function Server:send(request)
  request.host = "127.0.0.1:" .. self.http_port
  return parse_answer((sandbox.raw(self.http_port, request_bytes(request))))
end

--- Follows a URL of this server with GET.
---@param url string
---@param headers table|nil
---@return spec.Answer
function Server:get(url, headers)
  assert(url:sub(1, #self.http) == self.http, "not a URL of this server")
  return self:send { "GET " .. url:sub(#self.http + 1), headers = headers }
end

--- Everything the server has logged so far.
---@return string
function Server:log()
  self.log_handle:seek "set"
  return self.log_handle:read "*a"
end

--- Whether a process of that id exists.
---@return boolean
function Server:is_alive()
  local ok = os.execute("kill -0 " .. self.pid .. " 2>/dev/null")
  return ok == true or ok == 0
end

--- Sends a signal and waits for the end; does nothing the second time.
---@param signal string|nil "TERM" when absent
---@return integer|nil exit status
function Server:stop(signal)
  if not self.pipe then
    return nil
  end
  os.execute("kill -" .. (signal or "TERM") .. " " .. self.pid)
  return self:wait()
end

--- Waits until the server has ended by itself.
---@return integer|nil exit status
function Server:wait()
  local rest = self.pipe:read "*a"
  self.pipe:close()
  self.pipe = nil
  return tonumber(rest:match("exit (%d+)"))
end

---@class spec.Control
local Control = {}

-- A control request that has to work; its JSON answer.
local function ask(server, line, value)
  local answer = server:send { line, json = value }
  if answer.status ~= 200 then
    error(line .. ": " .. tostring(answer.status) .. " " .. answer.body, 3)
  end
  return answer:json()
end

local function query_of(filter)
  local parts = {}
  for name, value in pairs(filter or {}) do
    parts[#parts + 1] = name .. "=" .. tostring(value)
  end
  return #parts > 0 and "?" .. table.concat(parts, "&") or ""
end

--- Forgets everything: sessions, tokens, settings, journal, faults, outbox.
function Control.reset(server)
  ask(server, "POST /_sandbox/reset")
end

--- The requests that came in, the oldest first.
---@param filter {path?: string, method?: string, provider?: string, operation?: string, after?: integer}|nil
---@return table[]
function Control.journal(server, filter)
  return ask(server, "GET /_sandbox/journal" .. query_of(filter)).entries
end

--- How many requests came in.
---@return integer
function Control.count(server, filter)
  return ask(server, "GET /_sandbox/journal" .. query_of(filter)).count
end

--- Forgets the requests.
function Control.clear_journal(server)
  ask(server, "DELETE /_sandbox/journal")
end

--- Orders a fault, or a list of them.
function Control.fault(server, order)
  return ask(server, "POST /_sandbox/faults", order)
end

--- The faults that still wait.
function Control.faults(server)
  return ask(server, "GET /_sandbox/faults").faults
end

--- Takes back all faults.
function Control.clear_faults(server)
  ask(server, "DELETE /_sandbox/faults")
end

--- Moves a session to a status, or a step along; `more` are further fields of the order.
function Control.advance(server, id, status, more)
  local order = { id = id, status = status }
  for name, value in pairs(more or {}) do
    order[name] = value
  end
  return ask(server, "POST /_sandbox/advance", order)
end

--- Changes settings; all of them as they are then.
function Control.settings(server, changes)
  return ask(server, "PATCH /_sandbox/settings", changes)
end

--- Makes every access token worthless.
function Control.revoke_tokens(server)
  ask(server, "POST /_sandbox/tokens/revoke")
end

--- All sessions of all providers: provider, id, status.
function Control.sessions(server)
  return ask(server, "GET /_sandbox/sessions").sessions
end

--- Messages that would have been sent, the oldest first.
function Control.outbox(server)
  return ask(server, "GET /_sandbox/outbox").messages
end

--- The webhook for a session's present status: headers (a list of {name, value}) and the exact body.
function Control.webhook(server, order)
  return ask(server, "POST /_sandbox/webhook", order)
end

-- The control functions with the server filled in, so that specs call `control.reset()`.
local function control_of(server)
  return setmetatable({}, { __index = function(_, name)
    local act = assert(Control[name], "no control function " .. tostring(name))
    return function(...)
      return act(server, ...)
    end
  end })
end

-- ---- starting ----

local function shell_words(words)
  local quoted = {}
  for i, word in ipairs(words) do
    quoted[i] = sandbox.quote(word)
  end
  return table.concat(quoted, " ")
end

-- Starts a command line that prints the sandbox's one line. Its log goes into a file that only the open
-- handles know.
local function launch(command)
  local log_file = os.tmpname()
  local pipe = assert(io.popen(command .. " 2>" .. sandbox.quote(log_file), "r"))
  local line = pipe:read "*l"
  local log = assert(io.open(log_file, "rb"))
  os.remove(log_file)
  local ok, facts = pcall(cjson.decode, line or "")
  if not ok then
    pipe:close()
    error("the sandbox did not start: " .. log:read "*a", 3)
  end
  for name, value in pairs(facts) do
    facts[name] = type(value) == "number" and math.floor(value) or value -- lua-cjson decodes into floats
  end
  local server = setmetatable(facts, Server)
  server.pipe, server.log_handle = pipe, log
  server.control = control_of(server)
  return server
end

--- Starts a server of one's own. It is ended after a minute should nobody stop it.
---@param arguments string[]|nil for bin/idv-sandbox
---@param before string|nil      shell commands that come first, each with its end
---@return spec.Server
function sandbox.start(arguments, before)
  local command = (before or "") .. "timeout 60 " .. shell_words { sandbox.interpreter(), "bin/idv-sandbox" } .. " "
    .. shell_words(arguments or {})
  return launch("{ " .. command .. "; echo exit $?; }")
end

--- Runs bin/idv-sandbox to its end, for arguments with which it does not serve.
---@param arguments string[]
---@return integer status
---@return string output what it wrote to both streams
function sandbox.run(arguments)
  return sandbox.shell("timeout 60 " .. shell_words { sandbox.interpreter(), "bin/idv-sandbox" } .. " "
    .. shell_words(arguments))
end

--- Runs a shell command.
---@param command string
---@return integer status
---@return string output what it wrote to both streams
function sandbox.shell(command)
  local pipe = assert(io.popen("{ " .. command .. "; } 2>&1; echo \"exit $?\"", "r"))
  local output = pipe:read "*a"
  pipe:close()
  local text, status = output:match("^(.*)exit (%d+)\n$")
  return tonumber(status), text
end

--- Runs a shell command that is no Lua: without what a sanitizer's build preloads into this process.
---@param command string
---@return integer status
---@return string output
function sandbox.tool(command)
  return sandbox.shell("env -u LD_PRELOAD " .. command)
end

--- Runs the curl tool.
---@param ... string arguments
---@return integer status
---@return string output
function sandbox.curl(...)
  return sandbox.tool("curl -sS -m " .. patience .. " " .. shell_words { ... })
end

--- The server of this run, started when it is first asked for. It is ended with the run, and should the run
--- break off it ends by itself, because its parent or the reader of its pipe is gone.
---@return spec.Server
function sandbox.shared()
  local registry = debug.getregistry()
  if not registry[registry_key] then
    local command = "exec " .. shell_words { sandbox.interpreter(), "bin/idv-sandbox", "--exit-with-parent" }
    local server = launch(command)
    require("busted").subscribe({ "exit" }, function()
      server:stop()
      return nil, true
    end)
    registry[registry_key] = server
  end
  return registry[registry_key]
end

--- Where the headers of libcurl are, for a compiler.
---@return string
function sandbox.libcurl_flags()
  local pipe = assert(io.popen "pkg-config --cflags libcurl")
  local flags = pipe:read "*l" or ""
  pipe:close()
  return flags
end

return sandbox
