--- The command line: finds the command, runs it, and turns whatever comes of it into an exit code.

local arguments = require "idv.cli.arguments"
local failure = require "idv.cli.failure"
local help = require "idv.cli.help"
local interruption = require "idv.cli.interruption"
local output = require "idv.cli.output"
local status = require "idv.cli.status"

local cli = {}

local names = {
  "providers", "describe", "call", "report", "redirect", "webhook", "sandbox", "run", "doctor", "__complete",
}

--- Every command, in the order of the help.
---@return table[]
function cli.commands()
  local list = {}
  for i, name in ipairs(names) do
    list[i] = require("idv.cli.commands." .. name:gsub("^__", ""))
  end
  return list
end

local function find(name)
  local shown = {}
  for i, known in ipairs(names) do
    if known == name then
      return require("idv.cli.commands." .. name:gsub("^__", ""))
    end
    shown[i] = known:sub(1, 2) ~= "__" and known or nil
  end
  failure.usage("there is no command %s%s", failure.shown(name), failure.suggestion(name, shown))
end

local function rest_of(words)
  local rest = {}
  for i = 2, #words do
    rest[i - 1] = words[i]
  end
  return rest
end

--- Runs a command with its words. Returns its exit code.
local function run_command(command, words)
  if command.takes_raw_words then
    return command.run(words) or status.OK
  end
  local given, rest = arguments.parse(command, words)
  if given.help then
    output.write(help.of_command(command))
    return status.OK
  end
  return command.run(rest, given) or status.OK
end

--- `idv help COMMAND` is `idv COMMAND --help`.
local function give_help(words)
  output.write(words[2] and help.of_command(find(words[2])) or help.overall(cli.commands()))
end

local function run(words)
  local name = words[1]
  if name == nil then
    io.stderr:write(help.overall(cli.commands()))
    return status.USAGE
  elseif name == "--help" or name == "-h" or name == "help" then
    return give_help(words)
  elseif name == "--version" then
    return output.line("idv " .. require "idv.version")
  elseif name:sub(1, 1) == "-" then
    arguments.parse({}, words)
    failure.usage "the command is missing"
  end
  return run_command(find(name), rest_of(words))
end

--- Whether JSON was asked for, also where the words can not be understood.
local function wants_json(words)
  for _, word in ipairs(words) do
    if word == "--" then
      return false
    elseif word == "--json" then
      return true
    end
  end
  return false
end

--- Which help to point to.
local function hint_for(words)
  for _, name in ipairs(names) do
    if words[1] == name then
      return name .. " --help"
    end
  end
  return "--help"
end

local function tell_failure(thrown, words)
  local line, exit_code = interruption.of_thrown(thrown)
  if line then
    output.interruption(line)
    return exit_code
  elseif not failure.is(thrown) then
    io.stderr:write("idv: a mistake in idv itself: ", output.plain(tostring(thrown)), "\n")
    return status.MISTAKE
  end
  if thrown.kind == "usage" then
    thrown.command = hint_for(words)
  end
  pcall(output.failure, thrown, wants_json(words))
  return thrown.exit
end

--- Runs the program.
---@param words string[]  what stands after its name
---@return integer exit_code
function cli.main(words)
  local ok, result = pcall(function()
    local code = run(words) or status.OK
    output.flush()
    return code
  end)
  if ok then
    return result
  end
  return tell_failure(result, words)
end

return cli
