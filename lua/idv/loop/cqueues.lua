--- idv in a program whose loop is cqueues.
---
--- `require("idv.loop.cqueues").attach(controller)` adds a thread to the controller that polls idv.fd() and moves
--- everything on whenever it is readable; there is no timer. It ends when nothing is in flight, so it does not keep the
--- loop alive, and begins again with the next call. Code inside the controller's threads waits as cqueues waits; idv's
--- tasks are moved on too.

local host = require "idv.host"
local task = require "idv.task"

local cqueues_loop = {}

--- What holds idv and a controller together.
---@class idv.CqueuesAttachment
local Attachment = {}
Attachment.__index = Attachment

--- Moves everything on until nothing is in flight.
local function drive(self)
  while true do
    local engine = host.present_engine()
    if self.is_detached or not engine or engine:in_flight() == 0 then
      break
    end
    self.cqueues.poll { pollfd = engine:fd(), events = "r" }
    task.step(0)
  end
  self.is_driving = false
end

local function begin(self)
  if not self.is_driving then
    self.is_driving = true
    self.controller:wrap(function()
      drive(self)
    end)
  end
end

--- Waits on a condition until the function that `register` gets has been called.
local function wait(self, register)
  local condition = self.condition.new()
  local has_come = false
  register(function()
    has_come = true
    condition:signal()
  end)
  while not has_come do
    condition:wait()
  end
end

--- Stops moving things on; tasks move on only by idv.step then.
function Attachment:detach()
  self.is_detached = true
  host.unwatch(self.watcher)
  host.remove_way(self.way)
end

--- Attaches idv to a controller.
---@param controller table  what cqueues.new() returned
---@param cqueues table?    the module, when it is not to be found under "cqueues"
---@return idv.CqueuesAttachment attachment
function cqueues_loop.attach(controller, cqueues)
  local self = setmetatable({ controller = controller, is_driving = false }, Attachment)
  self.cqueues = cqueues or require "cqueues"
  self.condition = require "cqueues.condition"
  self.way = {
    applies = function()
      return self.cqueues.running() == controller
    end,
    wait = function(register)
      wait(self, register)
    end,
  }
  host.add_way(self.way)
  self.watcher = function()
    begin(self)
  end
  host.watch(self.watcher)
  local engine = host.present_engine()
  if engine and engine:in_flight() > 0 then
    begin(self)
  end
  return self
end

return cqueues_loop
