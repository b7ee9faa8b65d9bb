--- Waiting for a session to come to an end, by asking again and again with growing pauses.

local calls = require "idv.calls"
local core = require "idv.core"
local Error = require "idv.error"
local task = require "idv.task"

local polling = {}

--- What wait_session takes. `timeout` is for the whole wait here.
polling.options = {
  timeout = { type = "number", min = 0.001, max = 30 * 86400, default = 600, about = "Seconds to wait at most" },
  interval = {
    type = "number", min = 0.001, max = 3600, default = 1,
    about = "Seconds before the second question; pauses grow from there",
  },
  max_interval = { type = "number", min = 0.001, max = 3600, default = 15, about = "Longest pause in seconds" },
}

local GROWTH = 1.5

-- Seconds that are kept for the last look at least, and how many times the look before it they are.
local SHORTEST_LAST, LAST_LOOKS = 0.05, 2

--- Whether there is nothing more to wait for: it is final, or it waits for the caller to make another attempt.
local function is_over(session)
  return session.final or session.status == "retry_required"
end

-- A wait is {state, id, given, ends} and what is known so far: `attempts`, whether a request `was_sent`, the last
-- session, the error of the last look, and how many seconds that took.

--- Looks once at the session. Returns it, or nil and an error.
local function look(wait)
  local state, given = wait.state, wait.given
  local began = core.clock()
  local one_call = {
    timeout = math.max(0.001, math.min(wait.ends - began, state.values.timeout)), max_retries = given.max_retries,
    connect_timeout = given.connect_timeout, max_response_bytes = given.max_response_bytes,
  }
  local session, err, call = calls.perform(state, state.operations.get_session, nil, one_call, { wait.id })
  wait.attempts = wait.attempts + (err and err.attempts or call:facts().attempts)
  wait.was_sent = wait.was_sent or session ~= nil or err.outcome ~= "not_sent"
  wait.session, wait.err, wait.took = session or wait.session, err, core.clock() - began
  if call then
    core.release(call)
  end
  return session, err
end

--- An error of the whole wait, out of that of one look or of the time between two.
local function fail(wait, err)
  err.provider, err.operation, err.attempts = wait.state.provider.name, "wait_session", wait.attempts
  if err.outcome == "not_sent" and wait.was_sent then
    err.outcome = "unknown"
  end
  return nil, err
end

local function timed_out(wait)
  local err, session = wait.err, wait.session
  local message = "the session did not come to an end in time"
  if session and session.status then
    message = ("%s (it is %s)"):format(message, session.status)
  end
  if err and (err.kind ~= "timeout" or not session) then
    message = ("%s; the last look at it failed: %s"):format(message, err.message)
  end
  return fail(wait, Error.new {
    kind = "timeout", retryable = true, message = message, retry_after = err and err.retry_after,
  })
end

--- How long to wait before the next look, and whether that is the last one: it gets a share of the time that is left.
--- Nil when there can be none, because the time is over, or the provider asked to be left alone for longer.
local function pause_before_next(wait, pause)
  local left = wait.ends - core.clock()
  local asked = wait.err and wait.err.retry_after or 0
  if left <= 0 or asked >= left then
    return nil
  end
  local share = math.min(left / 2, math.max(SHORTEST_LAST, LAST_LOOKS * wait.took))
  local wanted = math.max(pause, asked)
  if wanted + share < left then
    return wanted, false
  end
  return math.max(asked, left - share), true
end

--- Asks until the session is final, or needs the caller (`retry_required`), or the time is over.
---@param state table
---@param id string
---@param given table?
---@return idv.Session? session
---@return idv.Error? err
function polling.wait(state, id, given)
  given = given or {}
  local wait = {
    state = state, id = id, given = given, attempts = 0, was_sent = false,
    ends = core.clock() + (given.timeout or polling.options.timeout.default),
  }
  local interval = given.interval or polling.options.interval.default
  local longest = given.max_interval or polling.options.max_interval.default
  local is_last = false
  while true do
    local session, err = look(wait)
    if session and is_over(session) then
      return session
    elseif err and not err.retryable then
      return fail(wait, err)
    end
    local pause
    if not is_last then
      pause, is_last = pause_before_next(wait, interval)
    end
    if not pause then
      return timed_out(wait)
    end
    local slept, cancelled = task.sleep(pause)
    if not slept then
      return fail(wait, Error.new { kind = "cancelled", message = cancelled })
    end
    interval = math.min(interval * GROWTH, longest)
  end
end

--- wait_session, as a description would say it; every provider whose sessions can be asked for has it.
polling.method = {
  run = polling.wait, argument = "id", options = polling.options, record = "session",
  about = "Asks for a session again and again, with growing pauses, until it is final, needs another attempt "
    .. "(`retry_required`), or the time is over (kind `timeout`).",
}

return polling
