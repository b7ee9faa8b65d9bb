--- Starts build/fault_server, once for the busted run, and asks it what it saw.
---
--- A client whose base address is `faults.url(name)` is treated as that name says; `faults.door(name)` is the port
--- where every connection is. The names stand in fault_behaviours.c and in fault_server.c.

local cjson = require("cjson").new()
local socket = require "socket"

local faults = {}

-- busted reloads modules for every spec file; the server must outlive that
local registry_key = "idv.spec.fault_server"

local function start()
  local build = os.getenv "IDV_BUILD" or "build"
  local pipe = assert(io.popen("exec " .. build .. "/fault_server", "r"))
  local line = assert(pipe:read "*l", "the fault server did not start")
  local facts = cjson.decode(line)
  local server = { port = math.floor(facts.port), pid = math.floor(facts.pid), doors = facts.doors, pipe = pipe }
  local busted = require "busted"
  busted.subscribe({ "exit" }, function()
    os.execute("kill " .. server.pid .. " 2>/dev/null")
    if server.authority then
      os.remove(server.authority)
    end
    return nil, true
  end)
  return server
end

local function server()
  local registry = debug.getregistry()
  registry[registry_key] = registry[registry_key] or start()
  return registry[registry_key]
end

--- The base address for one behaviour.
---@param name string
---@return string
function faults.url(name)
  return ("http://127.0.0.1:%d/%s"):format(server().port, name)
end

--- The port of a door.
---@param name string
---@return integer
function faults.door(name)
  return math.floor(assert(server().doors[name], name))
end

local function ask(method, path, content)
  local connection = assert(socket.connect("127.0.0.1", server().port))
  connection:settimeout(20)
  content = content or ""
  connection:send(("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"):format(method, path, #content) .. content)
  local length = 0
  for line in function() return connection:receive "*l" end do
    length = tonumber(line:lower():match "^content%-length: (%d+)") or length
    if line == "" then
      break
    end
  end
  local body = connection:receive(length)
  connection:close()
  return body
end

--- Forgets all counts.
function faults.reset()
  ask("POST", "/@reset")
end

--- How many whole requests with that behaviour, or through that door, came in, and on how many connections.
---@param name string
---@return integer requests
---@return integer connections
function faults.counts(name)
  local counts = cjson.decode(ask("GET", "/@counts"))[name] or { requests = 0, connections = 0 }
  return counts.requests, counts.connections
end

--- How many whole requests came in altogether.
---@return integer
function faults.all_requests()
  local sum = 0
  for _, counts in pairs(cjson.decode(ask("GET", "/@counts"))) do
    sum = sum + math.floor(counts.requests) -- lua-cjson decodes into floats
  end
  return sum
end

--- Has the connections at a scripted door ("scripted", "tls-scripted", "h2-scripted") do what a list of steps says: see
--- fault_script.h. A step is a word ("request", "reset"), {"send", bytes} or {"pause", milliseconds}.
---@param door string
---@param steps table
function faults.script(door, steps)
  local lines = {}
  for _, step in ipairs(steps) do
    local word, value = step, nil
    if type(step) == "table" then
      word, value = step[1], step[2]
    end
    if word == "send" then
      lines[#lines + 1] = ("send %d\n"):format(#value) .. value -- Lua 5.1 and 5.2 end a %s at a zero byte
    else
      lines[#lines + 1] = value and ("%s %d\n"):format(word, value) or word .. "\n"
    end
  end
  ask("POST", "/@script/" .. door, table.concat(lines))
end

--- What became of the calls "call-0" to "call-999" of a batch: how often each was asked, how often accepted.
---@return {asked: integer[], accepted: integer[]}
function faults.calls()
  return cjson.decode(ask("GET", "/@calls"))
end

--- A file with the certificate of the authority that the doors with good certificates have theirs from.
---@return string
function faults.authority()
  local running = server()
  if not running.authority then
    running.authority = os.tmpname()
    local file = assert(io.open(running.authority, "w"))
    file:write(ask("GET", "/@authority"))
    file:close()
  end
  return running.authority
end

--- A key and a certificate for this machine from the same authority, as PEM.
---@return string
function faults.pair()
  return ask("GET", "/@pair")
end

return faults
