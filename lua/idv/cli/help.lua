--- The texts of --help, made of what the commands say about themselves.

local arguments = require "idv.cli.arguments"
local status = require "idv.cli.status"

local help = {}

local function option_words(option)
  local words = option.short and ("-%s, "):format(option.short) or "    "
  return words .. "--" .. option.name .. (option.value and " " .. option.value or "")
end

local function add_options(lines, command)
  local width = 0
  local options = arguments.options_of(command)
  for _, option in ipairs(options) do
    width = math.max(width, #option_words(option))
  end
  lines[#lines + 1] = "\nOptions:"
  for _, option in ipairs(options) do
    lines[#lines + 1] = ("  %-" .. width .. "s  %s"):format(option_words(option), option.about)
  end
end

--- The help of one command.
---@param command table
---@return string
function help.of_command(command)
  local lines = {}
  for i, usage in ipairs(command.usage) do
    lines[i] = (i == 1 and "usage: idv " or "       idv ") .. usage
  end
  lines[#lines + 1] = "\n" .. command.about
  if command.text then
    lines[#lines + 1] = "\n" .. command.text
  end
  add_options(lines, command)
  return table.concat(lines, "\n") .. "\n"
end

local head = [[
usage: idv COMMAND [ARGUMENTS] [OPTIONS]

Identity verification with impact.com, deepIDV, Checkout.com Identities and cidaas.

Commands:
]]

local tail = [[

'idv COMMAND --help' tells more about each. 'idv --version' says the version.

Credentials come from the environment (DEEPIDV_API_KEY, CHECKOUT_SECRET_KEY, ...; 'idv doctor' names them all) or from
a file with lines NAME=value that only you can read: ~/.config/idv/credentials, or the one that IDV_CREDENTIALS or
--credentials names. Never from the command line.

Exit codes:
]]

--- The help of the program.
---@param commands table[]
---@return string
function help.overall(commands)
  local lines = {}
  for _, command in ipairs(commands) do
    if not command.is_hidden then
      lines[#lines + 1] = ("  %-10s %s"):format(command.name, command.about)
    end
  end
  return head .. table.concat(lines, "\n") .. "\n" .. tail .. table.concat(status.lines(), "\n") .. "\n"
end

return help
