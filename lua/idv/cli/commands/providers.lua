--- `idv providers`: who there is.

local arguments = require "idv.cli.arguments"
local catalogue = require "idv.cli.catalogue"
local idv = require "idv"
local json = require "idv.cli.json"
local output = require "idv.cli.output"

local providers = {
  name = "providers",
  usage = { "providers [--json]" },
  about = "Lists the providers and what each can do",
  options = { { name = "json", about = "One line of JSON" } },
}

local function names_of(methods)
  local names = {}
  for i, method in ipairs(methods) do
    names[i] = method.name
  end
  return names
end

function providers.run(rest, given)
  arguments.expect(rest, {})
  local list = {}
  for i, name in ipairs(idv.providers()) do
    local described = catalogue.provider(name)
    list[i] = {
      name = name, title = described.title, methods = names_of(catalogue.methods(described)),
      redirect = described.redirect ~= nil, webhook = described.webhook ~= nil,
    }
  end
  if given.json then
    return output.line(json.encode { providers = list })
  end
  for _, one in ipairs(list) do
    output.line(("%-10s %s"):format(one.name, one.title))
    output.line("           " .. table.concat(one.methods, " "))
  end
end

return providers
