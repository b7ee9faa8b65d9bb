--- The engine of this Lua state, and the one question asked of every host: how does one wait here?
---
--- The engine is made on first use and remade after a fork. News comes by id; whoever waits for an id leaves a function
--- that is called when there is news of it. Nobody waits without being able to tell afterwards whether what it waited
--- for has really come, so news that nobody waits for can be dropped.
---
--- Waiting is done by the first way that applies: a task yields to idv.step, a coroutine of OpenResty or of an attached
--- loop yields to that, and everything else steps the engine until what it waits for has come.

local host = {}

local engine
local waiting = {} -- id -> function to call when there is news of it, or a list of them
local ways = {} -- ways of waiting, the ones to ask first in front
local may_have_problems = false -- whether any way ever had a `problem`
local watchers = {} -- functions to call when there is something for the engine to do

-- ---- the engine ----

--- Opens the engine when there is none that this process may use. What a forked child inherits is the parent's: the
--- child lets go of it and begins with nothing in flight.
---@return string? problem  why there is none
function host.engine_problem()
  if engine and engine:is_usable() then
    return nil
  elseif engine then
    engine:close()
  end
  local why
  engine, why = require("idv.core").engine(host.seed)
  waiting = {}
  return not engine and "the engine could not be opened: " .. why or nil
end

--- The engine. Throws when there is none to be had.
---@return userdata
function host.engine()
  local problem = host.engine_problem()
  if problem then
    error("idv: " .. problem, 0)
  end
  return engine
end

--- The engine if there is one that this process may use, without opening any.
---@return userdata?
function host.present_engine()
  return engine and engine:is_usable() and engine or nil
end

--- Lets `watcher` know whenever something is handed to the engine.
---@param watcher function
function host.watch(watcher)
  watchers[#watchers + 1] = watcher
end

local function remove(list, item)
  for i = #list, 1, -1 do
    if list[i] == item then
      table.remove(list, i)
    end
  end
end

--- Takes a watcher back.
---@param watcher function
function host.unwatch(watcher)
  remove(watchers, watcher)
end

--- Tells the watchers that there is something to do.
function host.tell_watchers()
  for i = 1, #watchers do
    watchers[i]()
  end
end

--- Hands a call to the engine. Throws when there is none to be had.
---@param call userdata
---@return integer id  of the call
function host.submit(call)
  local id = engine and engine:submit(call) or host.engine():submit(call)
  host.tell_watchers()
  return id
end

-- ---- news ----

--- Tells everybody in a list, even when one of them fails; what the first failure threw goes on afterwards.
local function tell_all(list)
  local failure
  for _, call_back in ipairs(list) do
    local ok, thrown = pcall(call_back)
    failure = failure or not ok and { thrown } or nil
  end
  if failure then
    error(failure[1], 0)
  end
end

--- Tells all who wait for an id.
local function wake(id)
  local who = waiting[id]
  waiting[id] = nil
  if type(who) == "function" then
    who()
  elseif who then
    tell_all(who)
  end
end

--- Takes all news and tells it.
local function tell_news(own)
  local id = own:next_news()
  while id do
    wake(id)
    id = own:next_news()
  end
end

--- Does what there is to do, waits for at most `seconds` (nil: as long as it takes) for news, and tells it.
---@param seconds number?
function host.step(seconds)
  local own = host.engine()
  if own:step(seconds) then
    tell_news(own)
  end
end

--- Has a function called when there is news of the thing with this id.
---@param id integer
---@param call_back function
function host.when_news(id, call_back)
  local who = waiting[id]
  if who == nil then
    waiting[id] = call_back
  elseif type(who) == "function" then
    waiting[id] = { who, call_back }
  else
    who[#who + 1] = call_back
  end
end

--- Takes such a function back, where it has not been called.
---@param id integer
---@param call_back function
function host.forget_news(id, call_back)
  local who = waiting[id]
  if who == call_back then
    waiting[id] = nil
  elseif type(who) == "table" then
    remove(who, call_back)
  end
end

-- ---- waiting ----

--- Adds a way of waiting. `way.applies()` says whether it is the one here; `way.wait(register)` registers a function,
--- which may be called more than once, and returns once it has been; `way.problem()` may say why nothing can wait here
--- at all, and `way.spawn(fn)` may run a function in a thread of the host's own.
---@param way table
---@param is_first boolean?  asked before the others
function host.add_way(way, is_first)
  table.insert(ways, is_first and 1 or #ways + 1, way)
  may_have_problems = may_have_problems or way.problem ~= nil
end

--- Takes a way of waiting back.
---@param way table
function host.remove_way(way)
  remove(ways, way)
end

--- The way of waiting that applies here; nil when it is to step the engine.
---@return table?
function host.way()
  for i = 1, #ways do
    if ways[i].applies() then
      return ways[i]
    end
  end
end

--- Waits by stepping the engine; what else is in flight moves on meanwhile.
local function wait_by_stepping(register)
  local has_come = false
  register(function()
    has_come = true
  end)
  while not has_come and host.engine():in_flight() > 0 do
    host.step()
  end
end

--- Waits for a call by stepping the engine, where nothing else can be done meanwhile.
---@param call userdata
function host.step_until_finished(call)
  local own = host.engine()
  while not own:step_for(call) and own:in_flight() > 0 do
    tell_news(own)
    own = host.engine() -- another one if a fork happened meanwhile
  end
end

--- The engine, where one waits by stepping it and nobody else has to hear of what it is handed: a plain program.
---@return userdata?
function host.lone_engine()
  return not ways[1] and not watchers[1] and engine or nil
end

--- Waits until the function that `register` is given has been called.
---@param register fun(call_back: function)
function host.wait(register)
  local way = host.way()
  if way then
    way.wait(register)
  else
    wait_by_stepping(register)
  end
end

--- Why nothing can be waited for here, or nil.
---@return string?
function host.problem()
  local way = may_have_problems and host.way()
  return way and way.problem and way.problem() or nil
end

return host
