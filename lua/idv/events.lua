--- Telling a program what its calls do, without saying anything about whom they are for.
---
--- An event holds names, numbers and words of ours. The function that is told may fail: the first time is reported on
--- stderr, and no call ever notices.

local events = {}

--- Something that happened to a call.
---@class idv.Event
---@field type "request"|"response"|"retry"|"error"  what happened
---@field provider string          name of the provider
---@field operation string         the method; the fetch of a token is part of check_credentials
---@field attempt integer?         which copy of the request this is about
---@field status integer?          HTTP status, when there was an answer
---@field kind idv.Kind?           "retry" and "error"
---@field outcome idv.Outcome?     "error"
---@field duration number?         seconds from the beginning of the call
---@field delay number?            "retry": seconds until the next attempt
---@field bytes_sent integer?      of the attempt; not of "request"
---@field bytes_received integer?  of the attempt; not of "request"
---@field reused boolean?          whether a kept-alive connection served
---@field request_id string?       "response" and "error": the provider's id of the request

local has_complained = setmetatable({}, { __mode = "k" })

--- Calls a function of the program's. What it throws is reported on stderr the first time, and never goes further.
---@param state table
---@param name string  what the function is called in the program
---@param listener function
---@param ... any  its arguments
function events.tell(state, name, listener, ...)
  local ok = pcall(listener, ...)
  if not ok and not has_complained[state] then
    has_complained[state] = true
    pcall(function() -- a stream that is closed takes nothing
      io.stderr:write(("idv.%s: %s failed; further failures are not reported\n"):format(state.provider.name, name))
    end)
  end
end

--- Tells the listener of a provider object, if it has one.
---@param state table
---@param event idv.Event
function events.emit(state, event)
  if state.values.on_event then
    event.provider = state.provider.name
    events.tell(state, "on_event", state.values.on_event, event)
  end
end

return events
