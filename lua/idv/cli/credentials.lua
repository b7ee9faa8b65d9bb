--- Where credentials come from: the environment, or a file that is nobody else's. Never the command line.
---
--- Every option of a provider has a variable, PROVIDER_OPTION: DEEPIDV_API_KEY, CHECKOUT_CLIENT_ID, CIDAAS_BASE_URL.
--- The file has lines NAME=value under the same names; the environment wins. Nothing here ever shows a value.

local core = require "idv.core"
local failure = require "idv.cli.failure"
local idv = require "idv"
local options = require "idv.options"

local credentials = {}

-- Types of options that a text can stand for.
local textual = {
  string = true, number = true, integer = true, boolean = true, choice = true, url = true, secrets = true,
  proxy = true, hosts = true,
}

-- Types of options that may be given more than once.
local plural = { secrets = true, hosts = true }

--- The name of an option in the environment.
---@param described table
---@param option string
---@return string
function credentials.variable(described, option)
  return (described.name .. "_" .. option):upper()
end

--- A variable of the environment; one that is empty counts as not set.
local function variable_of(name)
  local text = os.getenv(name)
  return text ~= "" and text or nil
end

--- What a variable of the environment says; nil when it is empty or not set.
---@param name string
---@return string?
function credentials.of_environment(name)
  return variable_of(name)
end

--- The file that is read when none is named.
---@return string?
function credentials.default_file()
  local home = variable_of "HOME"
  local base = variable_of "XDG_CONFIG_HOME" or home and home .. "/.config"
  return base and base .. "/idv/credentials"
end

-- ---- refusing ----

--- Where a credential of a provider belongs, in words.
local function place(variable)
  return ("set %s in the environment, or write %s=... into %s with mode 0600"):format(variable, variable,
    credentials.default_file() or "a file")
end

local function refuse(where)
  failure.usage("credentials do not belong on the command line, where other users and the history of the shell see "
    .. "them: %s", where)
end

local function sounds_secret(name)
  return name:find "password" or name:find "secret" or name:find "token$" or name:find "key$"
end

--- Gives up where an option, or a parameter, is a credential by its name.
---@param name string       as on the command line
---@param described table?  only options of this provider count
function credentials.refuse_option(name, described)
  local wanted = name:lower():gsub("-", "_")
  for _, provider in ipairs(idv.providers()) do
    local candidate = require("idv.providers." .. provider)
    local option = options.find(candidate, wanted)
    if option and option.secret and (not described or described == candidate) then
      refuse(place(credentials.variable(candidate, wanted)))
    end
  end
  if not described and sounds_secret(wanted) then
    refuse(("put them into the environment, or into %s with mode 0600; 'idv doctor' names the variables")
      :format(credentials.default_file() or "a file"))
  end
end

-- ---- the file ----

-- Names that stand beside credentials in the examples, and so perhaps in the same file.
local neighbours = { "CHECKOUT_USER_JOURNEY_ID", "CIDAAS_REQUEST_ID", "IMPACT_USER_ID" }

--- Every variable that there is.
local function all_variables()
  local names = {}
  for i, name in ipairs(neighbours) do
    names[i] = name
  end
  for _, provider in ipairs(idv.providers()) do
    local described = require("idv.providers." .. provider)
    for _, option in ipairs(options.names(described)) do
      names[#names + 1] = credentials.variable(described, option)
    end
  end
  return names
end

local function unquote(text)
  return text:match '^"(.*)"$' or text:match "^'(.*)'$" or text
end

--- Adds a line of the file to `found`: name -> list of values.
local function read_line(found, known, path, number, line)
  local name, value = line:match "^%s*([%w_]+)%s*=%s*(.-)%s*$"
  name = name or line:match "^%s*export%s+([%w_]+)%s*="
  value = value or line:match "^%s*export%s+[%w_]+%s*=%s*(.-)%s*$"
  if not name then
    failure.setup("%s, line %d: must be NAME=value", path, number)
  elseif not known[name] then
    local nearest = core.nearest(name, known)
    if nearest then
      failure.setup("%s, line %d: unknown name (did you mean %s?)", path, number, nearest)
    end
  end
  found[name] = found[name] or {}
  table.insert(found[name], unquote(value))
end

local function parse(path, text)
  local known, found, number = all_variables(), {}, 0
  for _, name in ipairs(known) do
    known[name] = true
  end
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    number = number + 1
    if line:find "%S" and not line:find "^%s*#" then
      read_line(found, known, path, number, line)
    end
  end
  return found
end

--- Reads the file of credentials: the one that is named, else IDV_CREDENTIALS, else the default one if it is there.
---@param named string?
---@return table<string, string[]> values
---@return string? path  of the file that was read
function credentials.read_file(named)
  named = named or variable_of "IDV_CREDENTIALS"
  local path = named or credentials.default_file()
  if not path then
    return {}
  end
  local text, why, is_missing = core.read_private(path)
  if text then
    return parse(path, text), path
  elseif is_missing and not named then
    return {}
  end
  failure.setup("the file of credentials %s %s", path, why)
end

-- ---- options ----

local function convert(option, text)
  if option.type == "number" or option.type == "integer" then
    return tonumber(text) or text
  elseif option.type == "boolean" and (text == "true" or text == "false") then
    return text == "true"
  elseif option.type == "hosts" then
    local list = {}
    for host in text:gmatch "[^,%s]+" do
      list[#list + 1] = host
    end
    return list
  end
  return text
end

--- The texts that are set for an option: the environment's, or those of the file.
local function texts_of(file, variable)
  local text = variable_of(variable)
  if text then
    return { text }, "environment"
  end
  return file[variable], "file"
end

--- Which variables of a provider are set, and where: "environment" or "file".
---@param described table
---@param file table<string, string[]>
---@return {variable: string, place: string, secret: boolean}[]
function credentials.set(described, file)
  local list = {}
  for _, name in ipairs(options.names(described)) do
    local variable = credentials.variable(described, name)
    local texts, where = texts_of(file, variable)
    if texts then
      list[#list + 1] = { variable = variable, place = where, secret = options.find(described, name).secret == true }
    end
  end
  return list
end

--- The options of a provider that are set.
---@param described table
---@param file table<string, string[]>
---@return table
function credentials.options(described, file)
  local values = {}
  for _, name in ipairs(options.names(described)) do
    local option, variable = options.find(described, name), credentials.variable(described, name)
    local texts = textual[option.type] and texts_of(file, variable)
    if texts and #texts > 1 and not plural[option.type] then
      failure.setup("%s is there more than once", variable)
    elseif texts then
      values[name] = #texts > 1 and texts or convert(option, texts[1])
      local why = options.problem(name, values[name], option, true)
      if why then
        failure.setup("%s %s", variable, why)
      end
    end
  end
  return values
end

--- What a constructor complained about, with the names of variables in place of options.
---@param described table
---@param complaint string
---@return string
function credentials.explain(described, complaint)
  local words = complaint:gsub("^idv%.%w+: ", ""):gsub("option '([%w_]+)'", function(name)
    return credentials.variable(described, name)
  end)
  words = words:gsub("[%l_]+", function(word)
    return described.options[word] and word:find "_" and credentials.variable(described, word) or nil
  end)
  return words
end

--- The options of a provider that one of its ways of authenticating names.
local function names_of(described, auth)
  local names = {}
  for key, name in pairs(auth) do
    names[#names + 1] = key ~= "scheme" and key ~= "name" and described.options[name] and name or nil
  end
  return names
end

--- Whether all of `some` are in `all`.
local function are_among(some, all)
  local set = {}
  for _, name in ipairs(all) do
    set[name] = true
  end
  for _, name in ipairs(some) do
    if not set[name] then
      return false
    end
  end
  return true
end

--- The variables of each way to authenticate that is not another one with more, with what is required in any case.
---@param described table
---@return string[][]
function credentials.needed(described)
  local ways = {}
  for i, auth in ipairs(described.auth or { {} }) do
    local wanted, way = {}, {}
    for _, name in ipairs(names_of(described, auth)) do
      wanted[name] = true
    end
    for _, name in ipairs(options.names(described)) do
      if wanted[name] or (described.options[name] or {}).required then
        way[#way + 1] = credentials.variable(described, name)
      end
    end
    ways[i] = way
  end
  local list = {}
  for i, way in ipairs(ways) do
    local is_more = false
    for j, other in ipairs(ways) do
      is_more = is_more or i ~= j and #other < #way and are_among(other, way)
    end
    list[#list + 1] = not is_more and way or nil
  end
  return list
end

--- The way of authenticating that some of the options are for, else the first.
local function way_of(described, values)
  local ways = described.auth or { {} }
  for _, auth in ipairs(ways) do
    for _, name in ipairs(names_of(described, auth)) do
      if values[name] ~= nil then
        return auth
      end
    end
  end
  return ways[1]
end

--- Placeholders for credentials, so that a request can be looked at without any.
---@param described table
---@param values table  gets what is missing
function credentials.fill_in(described, values)
  local function fill(name)
    if values[name] == nil then
      values[name] = described.options[name].example or "none"
    end
  end
  for _, name in ipairs(names_of(described, way_of(described, values))) do
    fill(name)
  end
  for name, option in pairs(described.options) do
    if option.required and option.secret then
      fill(name)
    end
  end
end

return credentials
