--- The engine of this Lua state, and the one question asked of every host: how does one wait here?
---
--- The engine is made on first use and remade after a fork. News comes by id; whoever waits for an id leaves a function
--- that is called when there is news of it. Nobody waits without being able to tell afterwards whether what it waited
--- for has really come, so news that nobody waits for can be dropped.
---
--- Waiting is done by the first way that applies: a task yields to idv.step, a coroutine of OpenResty or of an attached
--- loop yields to that, and everything else steps the engine until what it waits for has come. A coroutine that cannot
--- yield where it is, inside string.gsub for one, steps the engine too, and nothing else moves on meanwhile. Where a
--- way has a `problem`, as OpenResty's has, such a place is one.

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

local can_yield

local function never()
  return false
end

--- Whether the running function may yield to the one that resumed its coroutine: no function of C that cannot be left,
--- such as string.gsub, table.sort, require or a finalizer's caller, is in between.
---@return boolean
function host.is_yieldable()
  can_yield = can_yield or coroutine.isyieldable or require("idv.core").is_yieldable or never
  return can_yield()
end

--- Whether the program was interrupted while it waited. True once for each time.
---@return boolean
function host.take_interruption()
  return require("idv.core").take_interruption()
end

--- Waits by stepping the engine until `has_come` or the program is interrupted; hands over what has come meanwhile.
local function step_until(has_come, hand_over)
  local is_interrupted = false
  while not has_come() and not is_interrupted and host.engine():in_flight() > 0 do
    local own = host.engine()
    local has_news
    has_news, is_interrupted = own:wait()
    if has_news then
      hand_over(own)
    end
  end
end

--- Waits by stepping the engine; what else is in flight moves on meanwhile.
local function wait_by_stepping(register)
  local has_come = false
  register(function()
    has_come = true
  end)
  step_until(function() return has_come end, tell_news)
end

--- Takes all who wait for an id away from it. Calls `call_back` if it is among them; the others are for later.
local function set_aside(id, call_back, late)
  local who = waiting[id]
  waiting[id] = nil
  for _, one in ipairs(type(who) == "table" and who or { who }) do
    if one == call_back then
      one()
    else
      late[#late + 1] = one
    end
  end
end

--- Calls the functions in a list with the next step.
local function call_later(list)
  local sleeper = host.engine():sleeper(0)
  host.when_news(sleeper:id(), function()
    sleeper = nil
    tell_all(list)
  end)
  host.tell_watchers()
end

--- Waits by stepping the engine in a coroutine that cannot yield. Nothing else moves on: it would do so inside of what
--- the coroutine cannot leave.
local function wait_alone(register)
  local has_come, late = false, {}
  local function come()
    has_come = true
  end
  register(come)
  step_until(function() return has_come end, function(own)
    local id = own:next_news()
    while id do
      set_aside(id, come, late)
      id = own:next_news()
    end
  end)
  if late[1] then
    call_later(late)
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

--- Waits until the function that `register` is given has been called, or the program is interrupted.
---@param register fun(call_back: function)
---@param needs_others boolean?  only something else that moves on meanwhile can call the function
function host.wait(register, needs_others)
  local way = host.way()
  if way and host.is_yieldable() then
    way.wait(register)
  elseif way and way.problem then
    error("idv: " .. (way.problem() or "nothing can be waited for here"), 0)
  elseif way and not needs_others then
    wait_alone(register)
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
