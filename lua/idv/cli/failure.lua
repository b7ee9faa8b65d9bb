--- How a command gives up: it throws a failure, which the top of the program turns into words and an exit code.
---
--- Words are made of names of options, parameters and files, never of values: whatever stands on a command line may be
--- a secret or somebody's data.

local core = require "idv.core"
local status = require "idv.cli.status"

local failure = {}

---@class idv.cli.Failure
---@field exit integer
---@field kind string      as in idv.cli.status
---@field message string
---@field command string?  whose help to point to
local Failure = { __name = "idv.cli.Failure" }

local function throw(kind, message, ...)
  local words = select("#", ...) > 0 and message:format(...) or message
  error(setmetatable({ exit = status.of_kind(kind), kind = kind, message = words }, Failure), 0)
end

--- Gives up because the command line is wrong.
function failure.usage(message, ...)
  throw("usage", message, ...)
end

--- Gives up because of the environment or the file of credentials.
function failure.setup(message, ...)
  throw("setup", message, ...)
end

--- Gives up because a file can not be read or written.
function failure.file(message, ...)
  throw("file", message, ...)
end

---@param value any
---@return boolean
function failure.is(value)
  return type(value) == "table" and getmetatable(value) == Failure
end

--- A word from the command line as it may be shown: when it looks like a name of ours, which have no digits and are
--- short; else nothing of it, because it may be a key or a person's.
---@param word string
---@return string
function failure.shown(word)
  return word:find "^%-?%-?[%a_][%a_-]*$" and #word <= 24 and "'" .. word .. "'" or "(not shown)"
end

--- " (did you mean X?)", or nothing where no name is near.
---@param word string
---@param names string[]
---@return string
function failure.suggestion(word, names)
  local nearest = core.nearest(word, names)
  return nearest and (" (did you mean '%s'?)"):format(nearest) or ""
end

return failure
