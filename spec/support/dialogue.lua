--- Another side that does what a script says: listens on loopback and answers by hand, in as many turns as it likes, while idv works in a task of the
--- same process.

local idv = require "idv"
local socket = require "socket"

local dialogue = {}

local patience = 20 -- seconds after which a test is taken to hang

---@class spec.Dialogue
---@field port integer
---@field heard string[]  what came over each connection
local Dialogue = {}
Dialogue.__index = Dialogue

--- `answer` is called with all that came over a connection so far, and its number, each time that something new came. It
--- returns bytes to send, and true when the connection is to be closed then.
---@param answer fun(heard: string, number: integer): string?, boolean?
---@return spec.Dialogue
function dialogue.listen(answer)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  return setmetatable({ port = port, listener = listener, answer = answer, heard = {}, connections = {} }, Dialogue)
end

local function serve(self, number)
  local connection = self.connections[number]
  local bytes, problem, partial = connection:receive(65536)
  local new = bytes or partial or ""
  if new ~= "" then
    self.heard[number] = self.heard[number] .. new
    local reply, is_last = self.answer(self.heard[number], number)
    if reply then
      connection:send(reply)
    end
    problem = is_last and "closed" or problem
  end
  if problem == "closed" then
    connection:close()
    self.connections[number] = nil
  end
end

--- Runs `act` in a task and plays the other side until it is over.
---@param act function
---@return any ... what `act` returned
function Dialogue:play(act)
  local task = idv.spawn(act)
  local ends = socket.gettime() + patience
  while task:status() == "pending" do
    assert(socket.gettime() < ends, "the call does not end")
    idv.step(0.01)
    local connection = self.listener:accept()
    if connection then
      connection:settimeout(0)
      self.heard[#self.heard + 1] = ""
      self.connections[#self.heard] = connection
    end
    for number in pairs(self.connections) do
      serve(self, number)
    end
  end
  return task:result()
end

function Dialogue:close()
  for _, connection in pairs(self.connections) do
    connection:close()
  end
  self.listener:close()
end

return dialogue
