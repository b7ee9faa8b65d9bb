--- From a description to a provider object.
---
--- An object is an empty table whose methods are found through its metatable; what it knows, credentials included, is
--- in the methods' upvalues and nowhere else, so printing or walking the object shows nothing. A method that a provider
--- does not have returns an error of kind "unsupported".

local calls = require "idv.calls"
local core = require "idv.core"
local description = require "idv.description"
local Error = require "idv.error"
local keys = require "idv.keys"
local options = require "idv.options"
local paging = require "idv.paging"
local polling = require "idv.polling"
local records = require "idv.records"
local redirect = require "idv.redirect"
local routes = require "idv.routes"
local sendable = require "idv.sendable"
local webhook = require "idv.webhook"

local provider = {}

-- ---- operations ----

--- Whether an operation takes a table of parameters: it has some besides its positional arguments, or it has a body and
--- no arguments at all, so that `extra` can be passed.
local function takes_params(operation)
  local count = operation.argument_count
  return #operation.plain.parameters > count or (count == 0 and operation.encoding ~= "none")
end

--- Compiles the operations of a description, checked before, each in the encoding that the options choose.
local function compile(described, checked, values)
  local operations = {}
  for name, plain in pairs(checked) do
    local operation = {}
    for key, value in pairs(described.operations[name]) do
      operation[key] = value
    end
    plain.encoding = #plain.encodings > 1 and values.encoding or plain.encodings[1]
    operation.key, operation.name = name, operation.part_of or name
    operation.plain, operation.encoding = plain, plain.encoding
    operation.compiled = core.operation(plain)
    operation.positions = {}
    for position, argument in ipairs(operation.arguments or {}) do
      operation.positions[argument] = position
    end
    operation.argument_count = #(operation.arguments or {})
    operation.has_params = takes_params(operation)
    operations[name] = operation
  end
  return operations
end

local no_arguments = {} -- never written to

--- Sorts the arguments of a method into positional ones, parameters and options.
local function sort_arguments(operation, a, b, c, d)
  local count, has_params = operation.argument_count, operation.has_params
  if count == 0 then
    if has_params then
      return no_arguments, a, b
    end
    return no_arguments, nil, a
  elseif count == 1 then
    if has_params then
      return { a }, b, c
    end
    return { a }, nil, b
  elseif has_params then
    return { a, b }, c, d
  end
  return { a, b }, nil, c
end

-- ---- methods ----

local function validation(state, name, details)
  return nil, Error.validation(state.provider.name, name, details)
end

--- Where the host of an operation is, for those that do not go to the API's.
local hosts = {
  access_url = function(state)
    local values = state.values
    if values.access_url then
      return (values.access_url:gsub("/+$", ""))
    elseif values.base_url then
      return state.base
    end
    local prefix = values.subdomain and (values.subdomain .. ".") or ""
    local environment = values.environment == "sandbox" and "sandbox." or ""
    return ("https://%saccess.%scheckout.com"):format(prefix, environment)
  end,
}

--- Throws at the caller of a method, which was called with "." instead of ":".
local function throw_colon(state, name)
  error(("idv.%s: call %s with a colon: provider:%s(...)"):format(state.provider.name, name, name), 3)
end

--- A method that performs one operation. Nothing on its way is asked or looked up that is known beforehand: it is what
--- programs call all the time.
local function method_of(state, operation)
  local perform, release = calls.performer(state, operation), core.release
  local takes_only_params = operation.argument_count == 0 and operation.has_params
  return function(self, a, b, c, d)
    if self ~= state.object then
      throw_colon(state, operation.name)
    end
    local arguments, params, given = no_arguments, a, b
    if not takes_only_params then
      arguments, params, given = sort_arguments(operation, a, b, c, d)
    end
    if given ~= nil then
      local problems
      given, problems = calls.check_options(given)
      if problems then
        return validation(state, operation.name, problems)
      end
    end
    local record, err, call = perform(params, given, arguments)
    if call then
      release(call)
    end
    return record, err
  end
end

--- A method that is more than one operation: `run` is called with the state, the positional argument (nil where it
--- takes none) and checked options.
local function method_of_hook(state, name, hook)
  return function(_, argument, given)
    if not hook.argument then
      argument, given = nil, argument
    end
    local checked, problems = calls.check_options(given, hook.options)
    if problems then
      return validation(state, name, problems)
    end
    return hook.run(state, argument, checked)
  end
end

local function add_operations(state, methods)
  for name, operation in pairs(state.operations) do
    if not operation.part_of and not methods[name] then
      methods[name] = method_of(state, operation)
    end
  end
end

local function add_hooks(state, methods)
  for name, hook in pairs(state.provider.methods or {}) do
    methods[name] = method_of_hook(state, name, hook)
  end
  if state.operations.get_session then
    methods.wait_session = method_of_hook(state, "wait_session", polling.method)
  end
end

local function add_iterators(state, methods)
  for name, pages in pairs(state.provider.pages or {}) do
    local operation = state.operations[pages.list]
    methods[name] = function(_, a, b, c, d)
      local arguments, params, given = sort_arguments(operation, a, b, c, d)
      local checked, problems = calls.check_options(given)
      if problems then
        local _, err = validation(state, name, problems)
        return paging.none(err)
      end
      return paging.each(state, pages, params, checked, arguments)
    end
  end
end

local function add_common(state, methods)
  function methods.supports(_, name)
    return rawget(methods, name) ~= nil
  end

  function methods.preview(_, name, a, b, c, d)
    local operation = state.operations[name]
    if not operation or operation.part_of then
      return validation(state, "preview", { { field = "operation", message = "is not one that sends a request" } })
    end
    local arguments, params = sort_arguments(operation, a, b, c, d)
    return calls.preview(state, operation, params, arguments)
  end

  if state.provider.redirect then
    function methods.parse_redirect(_, url)
      return redirect.parse(state, url)
    end
  end
end

local function add_webhooks(state, methods)
  local described = state.provider.webhook
  if not described then
    return
  end
  function methods.parse_webhook(_, headers, raw_body)
    return webhook.parse(state, headers, raw_body)
  end
  if described.report_type then
    function methods.get_webhook_report(self, event, given)
      local id, problem = webhook.report_session(state, event)
      if not id then
        return validation(state, "get_webhook_report", problem)
      end
      return methods.get_report(self, id, given)
    end
  end
end

-- ---- objects ----

--- Makes the methods refuse to be called with "." instead of ":". No method has more than five arguments.
local function guard(state, methods)
  for name, method in pairs(methods) do
    methods[name] = function(self, a, b, c, d, e)
      if self ~= state.object then
        throw_colon(state, name)
      end
      return method(self, a, b, c, d, e)
    end
  end
end

--- What a missing method does.
local function unsupported(state, methods, name)
  local nearest = core.nearest(name, keys.sorted(methods))
  return function()
    return nil, Error.new {
      kind = "unsupported", provider = state.provider.name,
      message = ("%s has no method %s%s"):format(state.provider.title, name,
        nearest and (" (did you mean %s?)"):format(nearest) or ""),
    }
  end
end

--- What is looked up in the object is found in the methods without a call; only what is missing there takes one.
local function metatable_of(state, methods)
  setmetatable(methods, {
    __index = function(_, name)
      if type(name) ~= "string" or name:find "^_" then
        return nil
      end
      return unsupported(state, methods, name:find "^[%w_]+$" and name:sub(1, 64) or "?")
    end,
  })
  return {
    __name = "idv.Provider",
    __metatable = false,
    __tostring = function()
      return "idv provider " .. state.provider.name
    end,
    __index = methods,
    __newindex = function()
      error(("idv.%s: a provider object can not be changed"):format(state.provider.name), 2)
    end,
  }
end

--- Makes a provider object. Throws for a mistake in the description or the options.
---@param described table  a description
---@param given table?     options
---@return table
function provider.new(described, given)
  local checked = description.check(described, records.metatables)
  local values = options.check(described, given)
  local state = {
    provider = described, values = values, routes = {}, route_tokens = {}, shown_routes = {}, hosts = hosts,
    object = {}, tells_nobody = not values.on_event and not values.transport,
  }
  state.auth = routes.choose_auth(described, values)
  state.base, state.shown_base = routes.bases(described, values)
  state.operations = compile(described, checked, values)
  if state.auth and state.auth.scheme == "oauth" then
    state.tokens = described.oauth(state, state.auth)
  end
  sendable.check(state)
  local methods = {}
  add_hooks(state, methods)
  add_iterators(state, methods)
  add_common(state, methods)
  add_webhooks(state, methods)
  guard(state, methods)
  add_operations(state, methods) -- which guard themselves
  return setmetatable(state.object, metatable_of(state, methods))
end

return provider
