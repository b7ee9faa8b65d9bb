--- Waits for what another process or thread is about to do: `eventually("the server is gone", function() ... end)`.
---
--- The patience is for a machine on which other programs have the processors; a spec never waits for that long unless it
--- fails.

local socket = require "socket"

local PATIENCE, PAUSE = 120, 0.01 -- seconds

--- Calls a function again and again until it returns something true, and returns that; fails when it never does.
---@generic T
---@param what string  what is waited for, in the words of a failure
---@param condition fun(): T
---@return T
return function(what, condition)
  local ends = socket.gettime() + PATIENCE
  repeat
    local result = condition()
    if result then
      return result
    end
    socket.sleep(PAUSE)
  until socket.gettime() > ends
  error("waited in vain: " .. what, 2)
end
