--- The engine of this Lua state, and how one waits for what is in it.
---
--- The engine is made on first use and remade after a fork. News comes by id; whoever waits for an id leaves a function
--- that is called when there is news of it. Nobody waits without being able to tell afterwards whether what it waited
--- for has really come, so news that nobody waits for can be dropped.

local core = require "idv.core"

local host = {}

local engine
local waiting = {} -- id -> list of functions to call when there is news of it

local function open_engine()
  local made, why = core.engine()
  if not made then
    error("idv: the engine could not be opened: " .. why, 0)
  end
  waiting = {}
  return made
end

--- The engine, opened when there is none that this process may use.
---@return userdata
function host.engine()
  if not engine or not engine:is_usable() then
    if engine then
      engine:close()
    end
    engine = open_engine()
  end
  return engine
end

local function wake(id)
  local list = waiting[id]
  waiting[id] = nil
  for _, call_back in ipairs(list or {}) do
    call_back()
  end
end

--- Does what there is to do, waits for at most `seconds` (nil: as long as it takes) for news, and tells it.
---@param seconds number?
function host.step(seconds)
  local own = host.engine()
  own:step(seconds)
  local id = own:next_news()
  while id do
    wake(id)
    id = own:next_news()
  end
end

local function when_news(id, call_back)
  local list = waiting[id] or {}
  list[#list + 1] = call_back
  waiting[id] = list
end

--- Waits until there is news of the thing with this id: a call that finished or moved on, a sleeper that is due.
---@param id integer
function host.await(id)
  local has_come = false
  when_news(id, function()
    has_come = true
  end)
  while not has_come do
    host.step()
  end
end

--- Waits until a call is finished.
---@param call userdata      submitted to the engine
---@param on_news function?  called whenever the call moved on, the end included
function host.await_call(call, on_news)
  while not call:is_finished() do
    host.await(call:id())
    if on_news then
      on_news()
    end
  end
end

--- Waits for some time; calls in flight move on meanwhile.
---@param seconds number
function host.sleep(seconds)
  local sleeper = host.engine():sleeper(seconds)
  host.await(sleeper:id())
end

return host
