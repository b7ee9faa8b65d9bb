--- What a command prints: results on stdout, everything else on stderr.
---
--- For people a record is a list of `name: value`; with --json it is one line that also has what the provider sent,
--- under `raw`. What a terminal obeys or does not show never reaches it. What cannot be written, because the disk is
--- full, is an error.

local core = require "idv.core"
local failure = require "idv.cli.failure"
local interruption = require "idv.cli.interruption"
local json = require "idv.cli.json"
local status = require "idv.cli.status"
local visible = require "idv.visible"

local output = {}

-- ---- writing ----

--- Writes to stdout.
---@param text string
function output.write(text)
  if not io.stdout:write(text) then
    failure.file "stdout can not be written to"
  end
end

--- Writes a line to stdout.
---@param line string?
function output.line(line)
  output.write((line or "") .. "\n")
end

--- Hands everything over; gives up when that fails.
function output.flush()
  if not io.stdout:flush() then
    failure.file "stdout can not be written to"
  end
end

--- A text without anything that a terminal would obey.
---@param text string
---@return string
function output.plain(text)
  return visible.escaped(text)
end

-- ---- records ----

-- Fields that come first, in this order.
local first = { "provider", "id", "session_id", "type", "status", "final", "url" }
local rank = {}
for i, name in ipairs(first) do
  rank[name] = i
end

--- The names of a record's fields in the order in which they are shown; `raw` and `items` are not.
local function shown_names(record)
  local names = {}
  for name in pairs(record) do
    if type(name) == "string" and name ~= "raw" and name ~= "items" then
      names[#names + 1] = name
    end
  end
  table.sort(names, function(a, b)
    local left, right = rank[a] or #first + 1, rank[b] or #first + 1
    if left ~= right then
      return left < right
    end
    return a < b
  end)
  return names
end

local function shown_value(value, name)
  if type(value) == "table" or type(value) == "number" then
    return json.encode(value, name)
  end
  return output.plain(tostring(value))
end

local function write_fields(record)
  for _, name in ipairs(shown_names(record)) do
    output.line(("%s: %s"):format(output.plain(name), shown_value(record[name], name)))
  end
end

--- Prints a record, or a page of records.
---@param record table
---@param as_json boolean?
function output.record(record, as_json)
  if as_json then
    return output.line(json.encode(record))
  end
  for _, item in ipairs(type(record.items) == "table" and record.items or {}) do
    write_fields(item)
    output.line()
  end
  write_fields(record)
end

-- ---- errors ----

--- An error record as a table for JSON.
local function plain_error(err)
  local copy = {}
  for name, value in pairs(err) do
    copy[name] = value
  end
  return copy
end

local function write_error(err)
  local line = output.plain(tostring(err))
  io.stderr:write("idv: ", line, "\n")
  for _, detail in ipairs(err.details) do
    local text = ("%s %s"):format(output.plain(detail.field), output.plain(detail.message))
    if not line:find(text, 1, true) then
      io.stderr:write("  ", text, "\n")
    end
  end
  if err.request_id then
    io.stderr:write("  request id: ", output.plain(err.request_id), "\n")
  end
end

--- Tells an error: one line on stderr and a line for each field that the provider named; with --json one line of JSON
--- on stdout.
---@param err idv.Error
---@param as_json boolean?
---@return integer exit_code
function output.error(err, as_json)
  local line, exit_code = interruption.of_error(err)
  if line and not as_json then
    output.interruption(line)
    return exit_code
  elseif as_json then
    output.line(json.encode { error = plain_error(err) })
  else
    write_error(err)
  end
  return exit_code or status.of_error(err)
end

local STDERR = 2

--- Tells that the program was interrupted, in a line of its own: a terminal shows ^C in the one before.
---@param line string
function output.interruption(line)
  io.stderr:write(core.is_terminal(STDERR) and "\n" or "", "idv: ", line, "\n")
end

--- Prints what a method returned: a record, or nil and an error.
---@param as_json boolean?
---@param record table?
---@param err idv.Error?
---@return integer exit_code
function output.result(as_json, record, err)
  if not record then
    return output.error(err, as_json)
  end
  output.record(record, as_json)
  return status.OK
end

--- Tells a failure of the command itself.
---@param failed idv.cli.Failure
---@param as_json boolean?
function output.failure(failed, as_json)
  if as_json then
    return output.line(json.encode { error = {
      kind = failed.kind, message = failed.message, outcome = "not_sent", details = {},
    } })
  end
  io.stderr:write("idv: ", output.plain(failed.message), "\n")
  if failed.command then
    io.stderr:write(("Try 'idv %s'.\n"):format(failed.command))
  end
end

return output
