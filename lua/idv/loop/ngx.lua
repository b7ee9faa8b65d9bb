--- idv in OpenResty: found by itself, nothing to attach.
---
--- While calls are in flight, one light thread per worker steps the engine and posts a semaphore for each who waits; it
--- belongs to a timer and not to a request, so no request's end can stop it. When nothing is in flight it waits on a
--- semaphore of its own for a moment, and then ends. Where a timer can not be had any more, because the worker is
--- exiting, each request steps the engine for itself.
---
--- Objects may be made in init_by_lua*; calls need a phase that can yield.

local core = require "idv.core"
local host = require "idv.host"

local ngx_loop = {}

-- Seconds between two steps while calls are in flight.
local TICK = 0.001

-- Seconds for which the engine is stepped in one go, at most: somebody who has nothing to do with idv waits that long.
local LONGEST_GO = 0.0007

-- Seconds that requests may take, between two steps of the driver, to send themselves off without waiting for it.
local MOST_SPENT = 0.0003

-- Seconds for which the driver stays when nothing is in flight. Short, because a worker that exits waits for it.
local LINGER = 0.5

-- Seconds after which one who waits makes sure that the driver is still there.
local PATIENCE = 1

local can_wait = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true,
  ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true,
}

local ngx = ngx -- luacheck: ignore 431

-- `beat` is when it last stepped, `spent` the seconds that requests have taken since.
local driver = { is_running = false, beat = 0, spent = 0 }

local function in_flight()
  local engine = host.present_engine()
  return engine and engine:in_flight() or 0
end

--- Steps the engine; what a waiting program's function throws is logged and stops nobody else.
local function step()
  local ok, thrown = pcall(host.step, 0)
  if not ok then
    ngx.log(ngx.ERR, "idv: ", tostring(thrown))
  end
end

--- Steps as long as there is something to do, but no longer than others in this worker should have to wait.
local function step_for_a_while()
  local ends = core.clock() + LONGEST_GO
  repeat
    step()
    local engine = host.present_engine()
  until not engine or not engine:is_pressed() or core.clock() >= ends
end

--- The body of the light thread.
local function drive()
  local semaphore = driver.semaphore
  repeat
    while in_flight() > 0 do
      driver.beat = ngx.now()
      step_for_a_while()
      ngx.sleep(TICK)
      driver.spent = 0
    end
    driver.is_idle = true
    local was_called = not ngx.worker.exiting() and semaphore:wait(LINGER)
    driver.is_idle = false
  until not was_called and in_flight() == 0
  driver.is_running = false
end

local function start_driver()
  driver.semaphore = driver.semaphore or require("ngx.semaphore").new(0)
  driver.is_running, driver.beat = true, ngx.now()
  local ok = ngx.timer.at(0, drive)
  driver.is_running = ok == true or ok == 1
end

--- Whether somebody steps the engine; makes sure of it if that can be done.
local function ensure_driver()
  local is_stuck = driver.is_running and ngx.now() - driver.beat > 5 * PATIENCE and in_flight() > 0
  if not driver.is_running or is_stuck then
    start_driver()
  elseif driver.is_idle then
    driver.is_idle = false
    driver.semaphore:post(1)
  end
  return driver.is_running
end

-- Places that nobody waits in. A wake that comes late does no harm: whoever waits looks at what has come.
local idle = {}
local MOST_IDLE = 1000

--- Where one waits: a semaphore, and the function that posts it. Made once and used by one after the other.
local function new_place()
  local place = { semaphore = require("ngx.semaphore").new(0), has_come = false }
  function place.wake()
    if not place.has_come then
      place.has_come = true
      place.semaphore:post(1)
    end
  end
  return place
end

local function take_place()
  local count = #idle
  local place = idle[count]
  idle[count] = nil
  return place or new_place()
end

local function give_back(place)
  if #idle < MOST_IDLE and place.semaphore:count() <= 0 then
    idle[#idle + 1] = place
  end
end

--- Waits in a place that the driver will wake.
local function wait(register)
  local place = take_place()
  place.has_come = false
  register(place.wake)
  while not place.has_come do
    if ensure_driver() then
      place.semaphore:wait(PATIENCE)
    else
      step()
      if not place.has_come then
        ngx.sleep(TICK)
      end
    end
  end
  give_back(place)
end

local function problem()
  local phase = ngx.get_phase()
  if can_wait[phase] then
    return not host.is_yieldable() and "nothing can be waited for inside a function of C such as string.gsub, "
      .. "table.sort or require, nor in a finalizer or a hook; make the call outside of it" or nil
  elseif phase == "init" then
    return "nothing can be waited for in init_by_lua*; make the object there and call it in a request or in "
      .. "ngx.timer.at"
  end
  return ("nothing can be waited for in %s_by_lua*; hand the call to ngx.timer.at"):format(phase)
end

local function spawn(fn)
  ngx.thread.spawn(fn)
end

--- A call was submitted: its request leaves now and not with the next tick. When there are many, the others are left to
--- the driver, lest somebody who has nothing to do with them waits until all of them have left.
local function send_off()
  if ensure_driver() and driver.spent < MOST_SPENT then
    local began = core.clock()
    step()
    driver.spent = driver.spent + core.clock() - began
  end
end

--- Makes OpenResty's way of waiting the first to be asked. Called by idv itself.
function ngx_loop.attach()
  host.add_way({
    applies = function()
      return true
    end,
    wait = wait, problem = problem, spawn = spawn,
  }, true)
  host.watch(send_off)
end

return ngx_loop
