--- Messages that the providers would have sent to applicants: codes and links.
--
-- Nothing is ever sent. Bounded; the oldest are forgotten.

local Store = require "idv.sandbox.store"

local most_messages = 5000

---@class idv.sandbox.Outbox
local Outbox = {}
Outbox.__index = Outbox

---@return idv.sandbox.Outbox
function Outbox.new()
  return setmetatable({ messages = Store.new(most_messages), serial = 0 }, Outbox)
end

--- Keeps a message.
---@param message table
function Outbox:add(message)
  self.serial = self.serial + 1
  message.serial = self.serial
  self.messages:add(tostring(self.serial), message)
end

---@return table[] the messages, the oldest first
function Outbox:list()
  local list, at = {}, self.messages:count()
  for message in self.messages:each() do -- which starts at the newest
    list[at], at = message, at - 1
  end
  return list
end

return Outbox
