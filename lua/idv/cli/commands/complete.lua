--- `idv __complete WORD...`: what could stand in place of the last word, for the shells' completion.
---
--- Prints a line for each candidate, with a tab and its meaning where it has one; `:files` asks the shell for files.

local arguments = require "idv.cli.arguments"
local output = require "idv.cli.output"

local complete = {
  name = "__complete", usage = { "__complete WORD..." }, about = "Candidates for the last word", is_hidden = true,
  takes_raw_words = true,
}

local FILES = ":files"

local function tell(candidate, current)
  local name = type(candidate) == "table" and candidate.name or candidate
  local about = type(candidate) == "table" and candidate.about or nil
  if name == FILES or name:sub(1, #current) == current then
    output.line(about and name .. "\t" .. about or name)
  end
end

local function tell_all(candidates, current)
  for _, candidate in ipairs(candidates or {}) do
    tell(candidate, current)
  end
end

local function find_command(name)
  for _, command in ipairs(require("idv.cli").commands()) do
    if command.name == name and not command.is_hidden then
      return command
    end
  end
end

local function visible_commands()
  local list = {}
  for _, command in ipairs(require("idv.cli").commands()) do
    list[#list + 1] = not command.is_hidden and command or nil
  end
  list[#list + 1] = { name = "help", about = "The help of a command" }
  list[#list + 1] = { name = "--help", about = "What there is" }
  list[#list + 1] = { name = "--version", about = "The version" }
  return list
end

local function option_candidates(command)
  local list = {}
  for i, option in ipairs(arguments.options_of(command)) do
    list[i] = { name = "--" .. option.name, about = option.about }
  end
  return list
end

--- The option that waits for a value at the end of these words.
local function waiting_option(command, words)
  local last = words[#words] or ""
  for _, option in ipairs(arguments.options_of(command)) do
    if option.value and (last == "--" .. option.name or (option.short and last == "-" .. option.short)) then
      return option
    end
  end
end

--- Words that are neither options nor their values.
local function positional_words(command, words)
  local list, i = {}, 1
  while words[i] do
    local is_option = words[i]:sub(1, 1) == "-" and words[i] ~= "-"
    if not is_option then
      list[#list + 1] = words[i]
    elseif waiting_option(command, { words[i] }) then
      i = i + 1
    end
    i = i + 1
  end
  return list
end

local function complete_command(command, words, current)
  local waiting = waiting_option(command, words)
  if waiting then
    return tell_all(waiting.type == "file" and { FILES } or {}, current)
  elseif current:sub(1, 1) == "-" then
    return tell_all(option_candidates(command), current)
  elseif command.complete then
    local before = positional_words(command, words)
    local ok, candidates = pcall(command.complete, #before + 1, before)
    tell_all(ok and candidates or {}, current)
  end
end

function complete.run(words)
  local current = table.remove(words) or ""
  local name = table.remove(words, 1)
  if name == "help" then
    return tell_all(visible_commands(), current)
  elseif not name then
    return tell_all(visible_commands(), current)
  end
  local command = find_command(name)
  if command then
    complete_command(command, words, current)
  end
end

return complete
