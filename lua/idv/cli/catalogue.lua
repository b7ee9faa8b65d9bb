--- What the providers can do, read from their descriptions: for `describe`, `call` and the completion.

local failure = require "idv.cli.failure"
local idv = require "idv"
local polling = require "idv.polling"
local report = require "idv.report"

local catalogue = {}

---@class idv.cli.Method
---@field name string
---@field about string
---@field arguments string[]     names of the positional arguments
---@field parameters table[]     of the description, the positional ones included
---@field takes_params boolean   whether a table of parameters follows the arguments
---@field operation table?       the description of the request, where there is just one
---@field previewed string?      the operation whose preview shows what would be sent
---@field options table?         what it takes besides the options of every call
---@field is_iterator boolean?

local id_parameter = { { name = "id", type = "token", required = true, about = "Id of the session" } }

--- The description of a provider. Gives up when there is none of that name.
---@param name string
---@return table
function catalogue.provider(name)
  local names = idv.providers()
  for _, known in ipairs(names) do
    if known == name then
      return require("idv.providers." .. name)
    end
  end
  failure.usage("there is no provider %s%s; there are %s", failure.shown(name), failure.suggestion(name, names),
    table.concat(names, ", "))
end

local function of_operation(name, operation)
  local positional = operation.arguments or {}
  local parameters = operation.parameters or {}
  return {
    name = name, about = operation.about, arguments = positional, parameters = parameters, operation = operation,
    takes_params = #parameters > #positional or (#positional == 0 and operation.encoding ~= nil), previewed = name,
  }
end

local function of_pages(described, name, pages)
  local method = of_operation(name, described.operations[pages.list])
  method.about = ("Goes through everything that %s lists, page by page."):format(pages.list)
  method.previewed, method.is_iterator = pages.list, true
  return method
end

-- Methods made of several requests, which no description explains in words.
local hooks = {
  get_report = {
    about = "Fetches the report of a session.", arguments = { "id" }, parameters = id_parameter,
    options = report.options,
  },
  check_credentials = { about = "Says whether the credentials are good.", arguments = {}, parameters = {} },
  wait_session = {
    about = "Asks until the session has come to its end, or needs you.", arguments = { "id" },
    parameters = id_parameter, options = polling.options, previewed = "get_session",
  },
}

local function of_hook(name)
  local method = { name = name, takes_params = false }
  for key, value in pairs(hooks[name]) do
    method[key] = value
  end
  return method
end

--- The methods of a provider that make requests, sorted by name.
---@param described table
---@return idv.cli.Method[]
function catalogue.methods(described)
  local list = {}
  for name, operation in pairs(described.operations) do
    if not operation.part_of then
      list[#list + 1] = of_operation(name, operation)
    end
  end
  for name, pages in pairs(described.pages or {}) do
    list[#list + 1] = of_pages(described, name, pages)
  end
  for name in pairs(described.methods or {}) do
    list[#list + 1] = of_hook(name)
  end
  if described.operations.get_session then
    list[#list + 1] = of_hook "wait_session"
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- One method of a provider. Gives up when there is none of that name.
---@param described table
---@param name string
---@return idv.cli.Method
function catalogue.method(described, name)
  local names = {}
  for i, method in ipairs(catalogue.methods(described)) do
    if method.name == name then
      return method
    end
    names[i] = method.name
  end
  failure.usage("%s has no method %s%s; it has %s", described.name, failure.shown(name),
    failure.suggestion(name, names), table.concat(names, ", "))
end

--- Whether a parameter is known under a name: its own, the provider's, or a further spelling.
---@param parameter table
---@param name string
---@return boolean
function catalogue.is_called(parameter, name)
  if parameter.name == name or parameter.sends == name then
    return true
  end
  for _, spelling in ipairs(parameter.also or {}) do
    if spelling == name then
      return true
    end
  end
  return false
end

--- The parameter of a list that is called so, or nil.
---@param parameters table[]?
---@param name string
---@return table?
function catalogue.find(parameters, name)
  for _, parameter in ipairs(parameters or {}) do
    if catalogue.is_called(parameter, name) then
      return parameter
    end
  end
end

--- Whether a parameter is one of the positional arguments.
---@param method idv.cli.Method
---@param parameter table
---@return boolean
function catalogue.is_positional(method, parameter)
  for _, name in ipairs(method.arguments) do
    if name == parameter.name then
      return true
    end
  end
  return false
end

return catalogue
