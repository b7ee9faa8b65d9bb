--- Tasks: coroutines that wait without blocking anybody, moved on by idv.step.
---
--- A task runs until it first waits, and goes on whenever what it waits for has come. It can be cancelled: the call or
--- the sleep that it is in ends at once, and whatever it begins afterwards is refused, so a task ends by its own code
--- and not in the middle of it. What a task throws goes to whoever waits for its result, or to stderr when nobody does.

local host = require "idv.host"

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

--- A coroutine that waits without blocking anybody.
---@class idv.Task
local Task = {}
Task.__index = Task
Task.__name = "idv.Task"

local task_module = {}

local by_coroutine = setmetatable({}, { __mode = "k" })
local pending = 0

--- The task that is running, or nil.
---@return idv.Task?
function task_module.current()
  if pending == 0 then
    return nil
  end
  local running = coroutine.running()
  return running and by_coroutine[running]
end

--- How many tasks have not ended yet.
---@return integer pending
function task_module.pending()
  return pending
end

-- ---- running ----

local way = {} -- of waiting, for tasks: filled in below

--- One task more, or one less. As long as there are tasks they are asked first how one waits.
local function count(difference)
  if pending == 0 then
    host.add_way(way, true)
  end
  pending = pending + difference
  if pending == 0 then
    host.remove_way(way)
  end
end

local function tell_end(self)
  local list = self.waiting
  self.waiting = {}
  for _, call_back in ipairs(list) do
    call_back()
  end
end

--- What was thrown as a text. It may be anything, and turning it into a text may throw as well.
local function text_of(thrown)
  local ok, text = pcall(tostring, thrown)
  return ok and type(text) == "string" and text or ("an error that is a %s without a text"):format(type(thrown))
end

--- Says on stderr what a task threw that no other part of the program sees. A stream that is closed takes nothing.
local function complain(thrown)
  pcall(function()
    io.stderr:write("idv: a task failed: ", text_of(thrown), "\n")
  end)
end

local function finish(self, ok, ...)
  self.status_word = ok and "done" or "failed"
  self.results = { n = select("#", ...), ... }
  self.thread, self.interrupt = nil, nil
  count(-1)
  if not ok and #self.waiting == 0 and not self.has_observer then
    complain(self.results[1])
  end
  tell_end(self)
end

local resume

--- A task that yields by itself, waiting for nothing, goes on with the next step.
local function resume_soon(self)
  self.sleeper = host.engine():sleeper(0)
  host.when_news(self.sleeper:id(), function()
    self.sleeper = nil
    resume(self)
  end)
end

--- A text that was thrown, with where it was thrown; anything else, and where a host has no debug library, as it is.
local function with_traceback(thread, thrown)
  if type(thrown) ~= "string" then
    return thrown
  end
  local ok, text = pcall(function()
    return debug.traceback(thread, thrown)
  end)
  return ok and type(text) == "string" and text or thrown
end

local function take(self, ok, ...)
  if not ok then
    finish(self, false, with_traceback(self.thread, ...))
  elseif coroutine.status(self.thread) == "dead" then
    finish(self, true, ...)
  elseif not self.is_waiting then
    resume_soon(self)
  end
end

function resume(self, ...)
  if self.thread then
    take(self, coroutine.resume(self.thread, ...))
  end
end

--- What a task leaves behind wherever it waits: made once, since a task waits for one thing at a time. A call of it
--- that comes late, from what the task has stopped waiting for, does no harm: whoever waits looks at what has come.
local function make_waker(self)
  return function()
    self.has_come = true
    if self.is_waiting then
      self.is_waiting = false
      resume(self)
    end
  end
end

--- Runs the task in a thread of the host's own, which waits as the host waits.
local function run_in_host(self, spawn, fn, ...)
  local arguments = { n = select("#", ...), ... }
  spawn(function()
    local running = coroutine.running()
    by_coroutine[running] = self
    finish(self, pcall(fn, unpack(arguments, 1, arguments.n)))
  end)
end

--- A coroutine that runs a function. Lua 5.1 makes coroutines of functions in Lua only.
local function new_thread(fn)
  local is_made, thread = pcall(coroutine.create, fn)
  return is_made and thread or coroutine.create(function(...)
    return fn(...)
  end)
end

local function start(fn, has_observer, ...)
  if type(fn) ~= "function" then
    error("idv: a task is made of a function, not of a " .. type(fn), 3)
  end
  local self = setmetatable({ waiting = {}, status_word = "pending", has_observer = has_observer }, Task)
  local here = host.way()
  local problem = here and here.problem and here.problem()
  if problem then
    error("idv: " .. problem, 3)
  end
  count(1)
  if here and here.spawn then
    run_in_host(self, here.spawn, fn, ...)
  else
    self.thread = new_thread(fn)
    self.waker = make_waker(self)
    by_coroutine[self.thread] = self
    resume(self, ...)
  end
  return self
end

--- Starts a task: runs `fn` with the arguments that follow until it first waits.
---@param fn function  what the task does
---@param ... any      its arguments
---@return idv.Task task
function task_module.spawn(fn, ...)
  return start(fn, false, ...)
end

-- ---- waiting ----

--- Yields the task to whoever resumes it, until its waker has been called.
local function yield_until_woken(self)
  while not self.has_come do
    self.is_waiting = true
    coroutine.yield()
    self.is_waiting = false
  end
end

local function applies()
  local self = task_module.current()
  return self ~= nil and self.thread ~= nil
end

local function wait_in_task(register)
  local self = task_module.current()
  self.has_come = false
  register(self.waker)
  yield_until_woken(self)
end

way.applies, way.wait = applies, wait_in_task

--- Waits until the function that `register` gets has been called, the running task is cancelled, or the program is
--- interrupted.
local function wait(register, needs_others)
  local self = task_module.current()
  host.wait(function(call_back)
    if self then
      self.interrupt = call_back
    end
    register(call_back)
  end, needs_others)
  if self then
    self.interrupt = nil
  end
end

--- Waits until there is news of the thing with this id (or with the other one), or the running task is cancelled.
--- Leaves nothing behind that could be mistaken for the news of a later wait.
local function await(id, other_id)
  local registered
  wait(function(call_back)
    registered = call_back
    host.when_news(id, call_back)
    if other_id then
      host.when_news(other_id, call_back)
    end
  end)
  host.forget_news(id, registered)
  if other_id then
    host.forget_news(other_id, registered)
  end
end

--- Whether the running task has been cancelled.
---@return boolean
function task_module.is_cancelled()
  local self = task_module.current()
  return self ~= nil and self.has_been_cancelled == true
end

--- Why nothing more is to be begun: the running task has been cancelled, or the program interrupted since the last
--- wait.
---@return string? message
function task_module.cancellation()
  if task_module.is_cancelled() then
    return "the task was cancelled"
  end
  return host.take_interruption() and "the program was interrupted" or nil
end

-- Plain Lua 5.1 can not yield out of the function that a for loop calls; LuaJIT and everything newer can.
local loops_can_not_wait = _VERSION == "Lua 5.1" and type(jit) ~= "table"

--- Throws where an iterator would have to wait and can not. A for loop calls its iterator with arguments, which is how
--- it is known from a call by hand.
---@param arguments integer  how many the iterator was called with
function task_module.check_iterator(arguments)
  if loops_can_not_wait and arguments > 0 and task_module.current() then
    error("idv: plain Lua 5.1 can not wait inside a for loop of a task; call the iterator: local following = "
      .. "provider:each_...() and then following() until it returns nil", 3)
  end
end

--- Waits for a call in a task that yields: nothing is made for the wait.
local function await_yielding(self, call, id, on_news)
  while not call:is_finished() do
    if self.has_been_cancelled then
      host.forget_news(id, self.waker)
      call:cancel()
    else
      self.has_come, self.interrupt = false, self.waker
      host.when_news(id, self.waker)
      yield_until_woken(self)
      self.interrupt = nil
      if on_news then
        on_news()
      end
    end
  end
end

--- Waits until a call is finished. A task that is cancelled meanwhile, or a program that is interrupted, cancels the
--- call.
---@param call userdata      handed to the engine
---@param id integer?        its id; nil when the engine does not have it, because it is finished
---@param on_news function?  called whenever the call moved on, the end included
function task_module.await_call(call, id, on_news)
  local self = task_module.current()
  if self and self.thread and host.is_yieldable() then
    return await_yielding(self, call, id, on_news)
  elseif not on_news and not host.way() then
    return host.step_until_finished(call)
  end
  while not call:is_finished() do
    if task_module.is_cancelled() then
      call:cancel()
    elseif host.take_interruption() then
      call:interrupt()
    else
      await(id)
      if on_news then
        on_news()
      end
    end
  end
end

--- Waits until a call that others wait for too is finished, the running task is cancelled, the program is interrupted,
--- or it is too late. The call goes on in any case.
---@param call userdata
---@param ends number  when it is too late, by core.clock
---@return boolean finished
---@return string? cancelled  why the wait was given up before it was too late
function task_module.await_shared_call(call, ends)
  local clock = require("idv.core").clock
  local sleeper = host.engine():sleeper(math.max(0, ends - clock()))
  local cancelled = task_module.cancellation()
  while not call:is_finished() and not cancelled and clock() < ends do
    await(call:id(), sleeper:id())
    cancelled = task_module.cancellation()
  end
  sleeper:close()
  return call:is_finished(), cancelled
end

--- A time to wait. What is less than nothing is nothing, and more than 1e9 is as long as it takes. Throws for what
--- is no time at all.
local function time_of(seconds, name)
  if type(seconds) ~= "number" or seconds ~= seconds then
    local given = type(seconds) == "number" and "one that is not a number" or "a " .. type(seconds)
    error(("idv.%s: seconds must be a number, not %s"):format(name, given), 3)
  end
  return math.max(0, seconds)
end

--- Waits for some time; calls and other tasks move on meanwhile.
---@param seconds number  how long
---@return boolean slept     false when the task was cancelled or the program interrupted
---@return string? cancelled  which of the two
function task_module.sleep(seconds)
  seconds = time_of(seconds, "sleep")
  local cancelled = task_module.cancellation()
  if cancelled then
    return false, cancelled
  end
  local sleeper = host.engine():sleeper(seconds)
  host.tell_watchers()
  await(sleeper:id())
  sleeper:close()
  cancelled = task_module.cancellation()
  return not cancelled, cancelled
end

-- ---- many at once ----

--- Moves everything on that can be, waiting for at most `seconds` (0 when left out) for something to happen.
---@param seconds number?  how long to wait
---@return integer pending  tasks that have not ended
function task_module.step(seconds)
  seconds = time_of(seconds or 0, "step")
  local engine = host.present_engine()
  if engine and engine:in_flight() > 0 then
    host.step(seconds)
  elseif engine and engine:has_leftovers() then
    host.step(0)
  end
  return pending
end

--- Runs a function as a task and waits for it. Returns what it returns and throws what it throws.
---@param fn function  what the task does
---@param ... any      its arguments
---@return any ...
function task_module.run(fn, ...)
  return start(fn, true, ...):result()
end

--- Runs functions at the same time and waits for all of them.
---@param list (function|idv.Task)[]  what to run, or tasks that run already
---@return table results  in the order of the list, with their number in `n`; nil where one failed
---@return table errors   by position: what a function returned besides nil or false, or what it threw
function task_module.all(list)
  local tasks, results, errors = {}, { n = #list }, {}
  for i, item in ipairs(list) do
    tasks[i] = getmetatable(item) == Task and item or start(item, true)
  end
  for i, one in ipairs(tasks) do
    one:finish()
    results[i] = one.status_word == "done" and one.results[1] or nil
    if not results[i] then
      errors[i] = one.results[one.status_word == "done" and 2 or 1]
    end
    if one.status_word == "failed" and not errors[i] then
      errors[i] = "the task threw " .. text_of(one.results[1])
    end
  end
  return results, errors
end

-- ---- what a program does with a task ----

--- Cancels the task: what it waits for ends, and what it begins afterwards is refused with kind "cancelled".
function Task:cancel()
  if self.status_word == "pending" and not self.has_been_cancelled then
    self.has_been_cancelled = true
    local interrupt = self.interrupt
    if interrupt then
      interrupt()
    end
  end
end

--- What has become of the task.
---@return "pending"|"done"|"failed" status
function Task:status()
  return self.status_word
end

--- Cancels every task: the program that waits for some of them was interrupted.
local function cancel_all()
  local list = {}
  for _, one in pairs(by_coroutine) do
    list[#list + 1] = one
  end
  for _, one in ipairs(list) do
    one:cancel()
  end
end

--- Waits until the task has ended, without looking at what came of it. A program that is interrupted meanwhile cancels
--- all its tasks, and goes on when this one has ended.
function Task:finish()
  while self.status_word == "pending" do
    wait(function(call_back)
      table.insert(self.waiting, call_back)
    end, true)
    if host.take_interruption() then
      cancel_all()
    end
    local engine = host.present_engine()
    local can_go_on = host.way() or (engine and engine:in_flight() > 0)
    if self.status_word == "pending" and not can_go_on then
      error("idv: the task waits for something that will never come", 0)
    end
  end
end

--- Waits until the task has ended and returns what its function returned. Throws what that threw.
---@return any ...
function Task:result()
  self:finish()
  if self.status_word == "failed" then
    error(self.results[1], 0)
  end
  return unpack(self.results, 1, self.results.n)
end

function Task:__tostring()
  return "idv task (" .. self.status_word .. ")"
end

return task_module
