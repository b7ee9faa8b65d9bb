--- `idv report`: fetches a report into a file, with a progress bar where somebody looks, or to a pipe.

local arguments = require "idv.cli.arguments"
local catalogue = require "idv.cli.catalogue"
local connection = require "idv.cli.connection"
local core = require "idv.core"
local failure = require "idv.cli.failure"
local idv = require "idv"
local output = require "idv.cli.output"
local progress = require "idv.cli.progress"
local status = require "idv.cli.status"

local STDOUT = 1

local report = {
  name = "report",
  usage = { "report PROVIDER ID [-o FILE] [OPTIONS]" },
  about = "Fetches the report of a session: a PDF, or JSON where the provider has no PDF",
  text = [[
The file appears when it is complete, replaces an older one of that name, and can be read by you only. Without -o the
report goes to stdout, unless that is a terminal and the report a PDF; it is then held in memory, so it may be as large
as --max-response-bytes.]],
  options = {
    { name = "output", short = "o", value = "FILE", type = "file", about = "Where to save it; - for stdout" },
    { name = "no-progress", about = "No progress bar, on a terminal either" },
    { name = "json", about = "One line of JSON about the saved file, or the error; needs -o FILE" },
  },
}

for _, option in ipairs(connection.options) do
  report.options[#report.options + 1] = option
end

local function save(object, id, path, given)
  local bar = not given.no_progress and progress.new() or nil
  local record, err = object:get_report(id, { path = path, on_progress = bar and bar.told })
  if bar then
    bar.clear()
  end
  if not record then
    return nil, err
  elseif given.json then
    output.record({ provider = record.provider, id = record.id, path = path, bytes = record.bytes,
      content_type = record.content_type }, true)
  else
    io.stderr:write(("%s: %s\n"):format(output.plain(path), progress.size(record.bytes)))
  end
  return record
end

local function print_report(object, id)
  local record, err = object:get_report(id)
  if not record then
    return nil, err
  elseif record.content and core.is_terminal(STDOUT) then
    failure.usage "a PDF is not for a terminal: give -o FILE, or a pipe"
  elseif record.content then
    output.write(record.content)
  else
    output.record(record.raw, true)
  end
  return record
end

function report.run(rest, given)
  arguments.expect(rest, { "PROVIDER", "ID" })
  catalogue.method(catalogue.provider(rest[1]), "get_report")
  local path = given.output ~= "-" and given.output or nil
  if given.json and not path then
    failure.usage "--json needs -o FILE: without it stdout is for the report"
  end
  local object = connection.open(rest[1], given)
  local record, err
  if path then
    record, err = save(object, rest[2], path, given)
  else
    record, err = print_report(object, rest[2])
  end
  return record and status.OK or output.error(err, given.json)
end

--- What may stand at a place.
function report.complete(position)
  local able = {}
  for _, name in ipairs(position == 1 and idv.providers() or {}) do
    able[#able + 1] = catalogue.provider(name).methods and catalogue.provider(name).methods.get_report and name or nil
  end
  return able
end

return report
