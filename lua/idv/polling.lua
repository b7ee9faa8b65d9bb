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

--- Whether there is nothing more to wait for: it is final, or it waits for the caller to make another attempt.
local function is_over(session)
  return session.final or session.status == "retry_required"
end

local function timed_out(state, last)
  local seen = last and last.status and (" (it is %s)"):format(last.status) or ""
  return nil, Error.new {
    kind = "timeout", provider = state.provider.name, operation = "wait_session", retryable = true,
    message = "the session did not come to an end in time" .. seen,
  }
end

--- Asks until the session is final, or needs the caller (`retry_required`), or the time is over.
---@param state table
---@param id string
---@param given table?
---@return idv.Session? session
---@return idv.Error? err
function polling.wait(state, id, given)
  given = given or {}
  local deadline = core.clock() + (given.timeout or polling.options.timeout.default)
  local pause = given.interval or polling.options.interval.default
  local longest = given.max_interval or polling.options.max_interval.default
  local last
  while true do
    local left = deadline - core.clock()
    local one_call = {
      timeout = math.max(0.001, math.min(left, state.values.timeout)), max_retries = given.max_retries,
      connect_timeout = given.connect_timeout, max_response_bytes = given.max_response_bytes,
    }
    local session, err = calls.perform(state, state.operations.get_session, nil, one_call, { id })
    if session and is_over(session) then
      return session
    elseif err and not err.retryable then
      err.operation = "wait_session"
      return nil, err
    end
    last = session or last
    local wanted = math.max(pause, err and err.retry_after or 0)
    if core.clock() + wanted >= deadline then
      return timed_out(state, last)
    end
    local slept, cancelled = task.sleep(wanted)
    if not slept then
      return nil, Error.new {
        kind = "cancelled", message = cancelled, provider = state.provider.name,
        operation = "wait_session",
      }
    end
    pause = math.min(pause * GROWTH, longest)
  end
end

--- wait_session, as a description would say it; every provider whose sessions can be asked for has it.
polling.method = {
  run = polling.wait, argument = "id", options = polling.options, record = "session",
  about = "Asks for a session again and again, with growing pauses, until it is final, needs another attempt "
    .. "(`retry_required`), or the time is over (kind `timeout`).",
}

return polling
