--- The options with which a command reaches a provider, and the object that it gets for them.

local catalogue = require "idv.cli.catalogue"
local core = require "idv.core"
local credentials = require "idv.cli.credentials"
local failure = require "idv.cli.failure"
local idv = require "idv"
local options = require "idv.options"

local connection = {}

local function of_common(name, value, kind)
  return { name = name:gsub("_", "-"), value = value, type = kind, about = options.common[name].about }
end

--- For commands that speak to a provider.
---@type idv.cli.Option[]
connection.options = {
  of_common("timeout", "SECONDS", "number"),
  of_common("connect_timeout", "SECONDS", "number"),
  of_common("max_retries", "N", "integer"),
  of_common("max_response_bytes", "N", "integer"),
  {
    name = "base-url", value = "URL",
    about = "Address of the API, when it is not the provider's own; http only to this machine",
  },
  of_common("ca_file", "FILE", "file"),
  { name = "credentials", value = "FILE", type = "file", about = "File of credentials, mode 0600" },
}

local constructor_options = {
  "timeout", "connect_timeout", "max_retries", "max_response_bytes", "base_url", "ca_file",
}

--- Options of the command line go over those of the environment. Problems are named as they were given.
local function add_given(values, described, given)
  for _, name in ipairs(constructor_options) do
    if given[name] ~= nil then
      local why = options.problem(name, given[name], options.find(described, name), true)
      if why then
        failure.usage("--%s %s", (name:gsub("_", "-")), why)
      end
      values[name] = given[name]
    end
  end
  local parts = values.base_url and core.uri_split(values.base_url)
  if parts and (parts.scheme or ""):lower() == "http" then
    values.allow_http = true -- the address was checked to be of this machine
  end
end

--- The options for a provider's object.
---@param described table
---@param given table       options of the command line
---@param is_preview boolean?
---@return table
function connection.values(described, given, is_preview)
  local file = credentials.read_file(given.credentials)
  local values = credentials.options(described, file)
  add_given(values, described, given)
  if is_preview then
    credentials.fill_in(described, values)
  end
  return values
end

--- Where the requests of a provider go.
---@param described table
---@param values table  its options
---@return string
function connection.address(described, values)
  local address = values.base_url or described.base_url
  if not address then
    local chooser = described.base_urls.option
    address = described.base_urls[values[chooser] or described.options[chooser].default]
  end
  return (address:gsub("/+$", ""))
end

--- The object of a provider, with the credentials that are set.
---@param name string
---@param given table       options of the command line
---@param is_preview boolean?  whether credentials may be missing, because nothing will be sent
---@return table
function connection.open(name, given, is_preview)
  local described = catalogue.provider(name)
  local ok, object = pcall(idv.provider, name, connection.values(described, given, is_preview))
  if ok then
    return object
  end
  failure.setup("%s; see 'idv doctor'", credentials.explain(described, tostring(object)))
end

return connection
