--- Finalizers that run at every allocation: garbage with a `__gc`, and a collector that is never finished.
---
--- `finalizers.during(act, fn)` calls `fn` while finalizers keep calling `act`, MOST times at most, and returns how often
--- they did and what `fn` returned. A finalizer does not run inside another.

local finalizers = {}

local MOST = 300

--- Makes garbage whose finalizer is `fn`, on every Lua.
local function leave(fn)
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = fn -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = fn })
  end
end

local settings = {}

--- Makes the collector take a step at the next allocation, always.
local function hurry()
  if _VERSION >= "Lua 5.4" then
    settings.mode = collectgarbage("incremental", 10, 1000, 1)
  else
    settings.pause, settings.stepmul = collectgarbage("setpause", 1), collectgarbage("setstepmul", 100000)
  end
end

local function calm()
  if _VERSION >= "Lua 5.4" then
    collectgarbage("incremental", 200, 100, 13)
  else
    collectgarbage("setpause", settings.pause)
    collectgarbage("setstepmul", settings.stepmul)
  end
end

---@param act function  what each finalizer does
---@param fn function   what they disturb
---@return integer count
---@return any result  of fn
function finalizers.during(act, fn)
  local count, is_on, is_acting, failure = 0, false, false, nil
  local function on_collected()
    if not is_on then
      return
    end
    leave(on_collected)
    if not is_acting then
      is_acting, count = true, count + 1
      local ok, why = pcall(act)
      failure = failure or not ok and why or nil
      is_acting = false
    end
    if count == MOST then
      is_on = false
      calm()
    end
  end
  if jit then -- compiled code would do nothing but collect
    jit.off()
    jit.flush()
  end
  hurry()
  collectgarbage()
  is_on = true
  leave(on_collected)
  local ok, result = pcall(fn)
  is_on = false
  calm()
  if jit then
    jit.on()
  end
  assert(ok, result)
  assert(not failure, failure)
  return count, result
end

return finalizers
