--- Runs the specs with the collector at work all the time: a step of it before each call of a function of idv.
---
--- Whatever the C part keeps without anchoring it is then gone at the next step, and shows under a sanitizer or as a
--- failure. Set going by IDV_COLLECTOR, before busted loads anything. Leaves out functions of other modules: stepping
--- there finds nothing of ours and takes an hour.

local collector = {}

local getinfo, sethook, step = debug.getinfo, debug.sethook, collectgarbage

local ours = setmetatable({}, { __mode = "k" })

local function is_ours(fn)
  if ours[fn] == nil then
    local source = getinfo(fn, "S").source
    ours[fn] = source:find("lua/idv/", 1, true) ~= nil and not source:find("lua/idv/sandbox/", 1, true)
  end
  return ours[fn]
end

local function on_call()
  local info = getinfo(2, "f")
  if info and info.func and is_ours(info.func) then
    collector.steps = collector.steps + 1
    step "step"
  end
end

--- Makes every coroutine from now on collect as well: a hook belongs to one.
local function hook_coroutines()
  local create = coroutine.create
  function coroutine.create(fn) -- luacheck: ignore 122
    local thread = create(fn)
    sethook(thread, on_call, "c")
    return thread
  end
  function coroutine.wrap(fn) -- luacheck: ignore 122
    local thread = coroutine.create(fn)
    return function(...)
      local function pass(is_fine, ...)
        if not is_fine then
          error((...), 0)
        end
        return ...
      end
      return pass(coroutine.resume(thread, ...))
    end
  end
end

--- Begins. `collector.steps` counts from here on.
function collector.start()
  collector.steps = 0
  if _VERSION >= "Lua 5.4" then
    collectgarbage "generational"
  end
  hook_coroutines()
  sethook(on_call, "c")
end

return collector
