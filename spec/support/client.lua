--- Provider objects that speak to the sandbox of the run, over plain HTTP and over TLS.

local busted = require "busted"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local client = {}

local credentials = {
  deepidv = { api_key = "live_key_1" },
  impact = { account_sid = "IRsid", auth_token = "token" },
  checkout = { secret_key = "sk_sbox_key" },
  cidaas = {},
}

--- The options that lead a provider object to the sandbox.
---@param scheme "http"|"https"
---@param name string
---@param more table?  options on top; `false` takes one away
---@return table
function client.options(scheme, name, more)
  local server = sandbox.shared()
  local options = { base_url = server[scheme] }
  if scheme == "https" then
    options.ca_file = server.ca_file
  else
    options.allow_http = true
  end
  for _, set in ipairs { credentials[name], more or {} } do
    for key, value in pairs(set) do
      options[key] = value or nil
    end
  end
  return options
end

---@return table
function client.new(scheme, name, more)
  return idv.provider(name, client.options(scheme, name, more))
end

--- Runs a block of specs once over HTTP and once over TLS, with a fresh sandbox before each.
---@param label string
---@param block fun(scheme: string, control: table)
function client.over_both(label, block)
  for _, scheme in ipairs { "http", "https" } do
    busted.describe(("%s over %s"):format(label, scheme), function()
      local control = sandbox.shared().control
      busted.before_each(function()
        control.reset()
      end)
      block(scheme, control)
    end)
  end
end

return client
