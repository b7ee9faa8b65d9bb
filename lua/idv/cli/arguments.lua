--- Options and words of a command line.
---
--- A command lists its options as {name, value, short, about, type, repeated}: `--name VALUE`, `--name=VALUE` or
--- `-o VALUE`; without `value` it is a switch. Options may stand anywhere; `--` ends them and `-` alone is a word.
--- Whatever looks like a credential is refused before it can be taken for an unknown option.

local credentials = require "idv.cli.credentials"
local failure = require "idv.cli.failure"

local arguments = {}

---@class idv.cli.Option
---@field name string       without the dashes
---@field short string?     one letter
---@field value string?     what its value is called in the help; a switch when left out
---@field about string
---@field type "number"|"integer"|"file"|nil  a text when left out
---@field repeated boolean? whether it may be given more than once, and is a list then

--- What every command takes.
arguments.help = { name = "help", short = "h", about = "This text" }

--- The options of a command, `--help` among them.
---@param command table
---@return idv.cli.Option[]
function arguments.options_of(command)
  local list = {}
  for i, option in ipairs(command.options or {}) do
    list[i] = option
  end
  list[#list + 1] = arguments.help
  return list
end

--- "--max-retries" -> "max_retries", the name of its value in what `parse` returns.
local function key_of(option)
  return (option.name:gsub("-", "_"))
end

local function long_names(options)
  local names = {}
  for i, option in ipairs(options) do
    names[i] = "--" .. option.name
  end
  return names
end

local function find(options, field, name)
  for _, option in ipairs(options) do
    if option[field] == name then
      return option
    end
  end
end

--- The option that a word begins, and the value that is attached to it.
local function option_of(options, word)
  local name, value = word:match "^%-%-([^=]+)=?(.*)$"
  if name then
    local option = find(options, "name", name)
    if not option then
      credentials.refuse_option(name)
      failure.usage("unknown option %s%s", failure.shown("--" .. name),
        failure.suggestion("--" .. name, long_names(options)))
    end
    return option, word:find("=", 1, true) and value or nil
  end
  local option = find(options, "short", word:sub(2, 2))
  if not option then
    failure.usage("unknown option %s", failure.shown(word:sub(1, 2)))
  end
  return option, #word > 2 and word:sub(3) or nil
end

local function convert(option, text)
  if option.type == "number" or option.type == "integer" then
    local number = tonumber(text)
    if not number or (option.type == "integer" and number % 1 ~= 0) then
      failure.usage("--%s needs %s", option.name, option.type == "integer" and "an integer" or "a number")
    end
    return number
  elseif text == "" then
    failure.usage("--%s needs %s", option.name, option.value)
  end
  return text
end

local function keep(given, option, value)
  local key = key_of(option)
  if option.repeated then
    given[key] = given[key] or {}
    table.insert(given[key], value)
  elseif given[key] ~= nil then
    failure.usage("--%s is given twice", option.name)
  else
    given[key] = value
  end
end

--- Reads one option at `words[i]`; returns how many words it took.
local function read_option(given, options, words, i)
  local option, attached = option_of(options, words[i])
  if not option.value then
    if attached then
      failure.usage("--%s takes no value", option.name)
    end
    keep(given, option, true)
    return 1
  end
  local text = attached or words[i + 1]
  if not text then
    failure.usage("--%s needs %s", option.name, option.value)
  end
  keep(given, option, convert(option, text))
  return attached and 1 or 2
end

--- Splits the words of a command into options and the rest.
---@param command table
---@param words string[]
---@return table<string, any> given  by name, with "_" for "-"
---@return string[] rest
function arguments.parse(command, words)
  local options, given, rest = arguments.options_of(command), {}, {}
  local i, has_ended = 1, false
  while words[i] do
    local word = words[i]
    if has_ended or word == "-" or word:sub(1, 1) ~= "-" then
      rest[#rest + 1] = word
      i = i + 1
    elseif word == "--" then
      has_ended = true
      i = i + 1
    else
      i = i + read_option(given, options, words, i)
    end
  end
  return given, rest
end

--- Refuses too few and too many words.
---@param rest string[]
---@param names string[]     what the words are called
---@param most integer?      #names when left out
function arguments.expect(rest, names, most)
  if #rest < #names then
    failure.usage("%s is missing", names[#rest + 1])
  elseif #rest > (most or #names) then
    failure.usage("there is an argument too many: number %d", (most or #names) + 1)
  end
end

return arguments
