--- idv in a program whose loop is luv (libuv).
---
--- `require("idv.loop.luv").attach()` watches idv.fd() and moves everything on whenever it is readable; there is no
--- timer. The loop is kept alive only while something is in flight. Once attached, every coroutine may wait, not only
--- idv's tasks: it yields, and is resumed when what it waits for has come. The main program can not yield, so a plain
--- call there still blocks.

local host = require "idv.host"
local task = require "idv.task"

local luv_loop = {}

--- Says that a coroutine which the loop resumed has failed, the way luv itself would: by throwing out of the callback.
local function resume(thread)
  local ok, thrown = coroutine.resume(thread)
  if not ok then
    error(type(thrown) == "string" and debug.traceback(thread, thrown) or thrown, 0)
  end
end

--- Yields the coroutine that is running until the function that `register` gets has been called.
local function wait(register)
  local thread = coroutine.running()
  local has_come, is_waiting = false, false
  register(function()
    has_come = true
    if is_waiting then
      is_waiting = false
      resume(thread)
    end
  end)
  while not has_come do
    is_waiting = true
    coroutine.yield()
  end
end

local function in_coroutine()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

--- What holds idv and the loop together.
---@class idv.LuvAttachment
local Attachment = {}
Attachment.__index = Attachment

--- Watches the descriptor of the engine of this moment, if it is not being watched.
local function watch(self)
  local fd = host.engine():fd()
  if self.fd ~= fd then
    self:stop()
    local poll, why = self.luv.new_poll(fd)
    if not poll then
      error("idv: luv does not watch the engine: " .. tostring(why), 0)
    end
    self.fd, self.poll, self.turn = fd, poll, self.luv.new_prepare()
  end
  if not self.is_watching then
    self.is_watching = true
    self.poll:start("r", function()
      task.step(0)
      self:rest()
    end)
    self.turn:start(function() -- a call that blocked has come to its end without the loop
      self:rest()
    end)
  end
end

--- Lets the loop end when nothing is in flight any more.
function Attachment:rest()
  local engine = host.present_engine()
  if self.is_watching and (not engine or engine:in_flight() == 0) then
    self.is_watching = false
    self.poll:stop()
    self.turn:stop()
  end
end

--- Stops watching the descriptor; the next call begins to watch again.
function Attachment:stop()
  if self.poll then
    self.poll:stop()
    self.poll:close()
    self.turn:stop()
    self.turn:close()
  end
  self.fd, self.poll, self.turn, self.is_watching = nil, nil, nil, false
end

--- Stops watching; tasks move on only by idv.step then.
function Attachment:detach()
  self:stop()
  host.unwatch(self.watcher)
  host.remove_way(self.way)
end

--- Attaches idv to luv's loop.
---@param luv table?  the module, when it is not to be found under "luv"
---@return idv.LuvAttachment attachment
function luv_loop.attach(luv)
  local self = setmetatable({ luv = luv or require "luv", is_watching = false }, Attachment)
  self.way = { applies = in_coroutine, wait = wait }
  host.add_way(self.way)
  self.watcher = function()
    watch(self)
  end
  host.watch(self.watcher)
  local engine = host.present_engine()
  if engine and engine:in_flight() > 0 then
    watch(self)
  end
  return self
end

return luv_loop
