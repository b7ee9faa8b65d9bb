--- What Ctrl-C becomes: one line that says what to look for, and an exit code.
---
--- A method that is interrupted returns an error of kind "cancelled". Where the program is interrupted between two
--- methods, the interpreter throws, and only what was begun before tells whether the provider can have acted.

local status = require "idv.cli.status"

local interruption = {}

local begun -- the operation that changes something and has been begun, {provider =, name =}

--- Whether a method can change something at the provider. What is made of several operations only reads.
local function can_change(provider, name)
  local known, described = pcall(require, "idv.providers." .. tostring(provider))
  local operation = known and described.operations[name]
  return operation and operation.method ~= "GET" or false
end

--- How one finds out what a creation or a change has become.
local function advice(provider)
  local described = require("idv.providers." .. provider)
  local _, pages = next(described.pages or {})
  local list = pages and described.operations[pages.list]
  if list and #(list.arguments or {}) == 0 then
    return ("look with 'idv call %s %s' before you do it again"):format(provider, pages.list)
  end
  return ("look in %s's console before you do it again"):format(described.title)
end

--- Remembers that a method is about to be called.
---@param provider string
---@param name string
function interruption.begin(provider, name)
  begun = can_change(provider, name) and { provider = provider, name = name } or nil
end

--- Whether an error is an interruption; if so, the line to print and the exit code.
---@param err idv.Error
---@return string? line
---@return integer? exit_code
function interruption.of_error(err)
  if err.kind ~= "cancelled" then
    return nil
  end
  local changes = can_change(err.provider, err.operation)
  if changes and err.outcome == "unknown" then
    return ("interrupted: %s may have carried out %s; %s"):format(
      require("idv.providers." .. err.provider).title, err.operation, advice(err.provider)), status.of_error(err)
  elseif changes and err.outcome == "not_sent" then
    return "interrupted before anything was sent", status.INTERRUPTED
  end
  return "interrupted; nothing was changed", status.INTERRUPTED
end

--- The same for what was thrown, where the interpreter threw it.
---@param thrown any
---@return string? line
---@return integer? exit_code
function interruption.of_thrown(thrown)
  if type(thrown) ~= "string" or not thrown:find "interrupted!$" then
    return nil
  elseif begun then
    return ("interrupted while %s was under way; %s"):format(begun.name, advice(begun.provider)),
      status.of_kind "cancelled" + status.UNKNOWN_OUTCOME
  end
  return "interrupted", status.INTERRUPTED
end

return interruption
