--- A server in the same process that answers with the bytes it was told to, each request on a connection of its own.
---
--- It neither waits nor reads more than a head, so it suits requests with a short body or none, and answers that no
--- real server gives: cut, mislabelled, longer or shorter than they say.

local idv = require "idv"
local socket = require "socket"

local scripted = {}

-- Steps after which a spec is taken to hang.
local PATIENCE = 20000

local function accept(self)
  local connection = self.listener:accept()
  if connection then
    connection:settimeout(0)
    self.connections[#self.connections + 1] = { socket = connection, head = "", sent = 0 }
  end
end

--- Reads what is there, and chooses the answer once the head is whole.
local function read(self, connection)
  local piece, _, partial = connection.socket:receive(65536)
  connection.head = connection.head .. (piece or partial or "")
  if connection.head:find("\r\n\r\n", 1, true) then
    self.requests[#self.requests + 1] = connection.head
    connection.answer = self.answer(connection.head, #self.requests)
  end
end

local function write(connection)
  local _, _, partial = connection.socket:send(connection.answer, connection.sent + 1)
  connection.sent = partial or #connection.answer
  if connection.sent >= #connection.answer then
    connection.socket:close()
    connection.is_over = true
  end
end

local function move_on(self)
  accept(self)
  for _, connection in ipairs(self.connections) do
    if not connection.answer then
      read(self, connection)
    elseif not connection.is_over then
      write(connection)
    end
  end
end

--- Runs a function as a task while the server answers, and returns what it returns.
---@param answer fun(head: string, count: integer, base: string): string  whole bytes of an answer; the connection closes then
---@param fn fun(base: string): any, any  gets the address of the server
---@return any
---@return any
---@return string[] heads  of the requests that came
function scripted.run(answer, fn)
  local self = { listener = assert(socket.bind("127.0.0.1", 0)), connections = {}, requests = {} }
  self.listener:settimeout(0)
  local _, port = self.listener:getsockname()
  local base = "http://127.0.0.1:" .. port
  self.answer = function(head, count) return answer(head, count, base) end
  local task = idv.spawn(fn, base)
  for _ = 1, PATIENCE do
    if task:status() ~= "pending" then
      break
    end
    move_on(self)
    idv.step(0.001)
  end
  self.listener:close()
  for _, connection in ipairs(self.connections) do
    connection.socket:close()
  end
  local first, second = task:result()
  return first, second, self.requests
end

--- An answer with a length.
---@param status string  "200 OK"
---@param headers string  lines, each with its end
---@param body string
---@return string
function scripted.answer(status, headers, body)
  -- joined, not formatted: Lua 5.1 ends a %s at a zero byte
  return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n"):format(status, headers, #body) .. body
end

return scripted
