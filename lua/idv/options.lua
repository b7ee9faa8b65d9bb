--- The options of a provider object: checked at construction, where a mistake is the programmer's and throws.
---
--- Messages name the option and what is right, never the value: options are credentials.

local core = require "idv.core"
local keys = require "idv.keys"

local options = {}

--- What every provider takes. Times are seconds, sizes bytes.
options.common = {
  base_url = { type = "url", about = "Address of the API, when it is not the provider's own" },
  timeout = {
    type = "number", min = 0.001, max = 86400, default = 30, about = "Seconds for a whole call, retries included",
  },
  connect_timeout = {
    type = "number", min = 0.001, max = 86400, default = 5, about = "Seconds for each attempt to connect",
  },
  max_retries = {
    type = "integer", min = 0, max = 10, default = 2, about = "Repeats of a request, where that is safe",
  },
  max_response_bytes = {
    type = "integer", min = 1, max = 1024 ^ 3, default = 8 * 1024 ^ 2, about = "Largest answer that is read",
  },
  max_connections = {
    type = "integer", min = 1, max = 100000, default = 64, about = "Connections to one host at the same time",
  },
  http_version = {
    type = "choice", values = { "1.1", "2" }, default = "1.1", about = "HTTP version; 2 needs https",
  },
  proxy = { type = "proxy", secret = true, about = "Proxy such as http://proxy:3128; the environment is not asked" },
  ca_file = { type = "string", about = "File of trusted certificates, when it is not the system's" },
  allow_http = { type = "boolean", default = false, about = "Whether plain http to this machine is fine" },
  report_hosts = {
    type = "hosts",
    about = "Hosts, addresses or networks (10.0.0.0/8) that reports may be fetched from although they are not public",
  },
  tls_key_log = {
    type = "boolean", default = false,
    about = "Whether keys of TLS go to the file that SSLKEYLOGFILE names; for debugging: with them all traffic is read",
  },
  user_agent = { type = "string", about = "What to say in User-Agent" },
  on_event = {
    type = "function", signature = "fun(event: idv.Event)", about = "Is told of requests, answers, retries and errors",
  },
  transport = { type = "transport", about = "Carries the requests instead of the engine" },
}

--- The options that a single call may bring along.
options.per_call = {
  timeout = options.common.timeout, connect_timeout = options.common.connect_timeout,
  max_retries = options.common.max_retries, max_response_bytes = options.common.max_response_bytes,
}

local function check_number(_, value, option)
  if type(value) ~= "number" or value ~= value then
    return "must be a number"
  end
  local is_integer = option.type == "integer"
  if value < option.min or value > option.max or (is_integer and value % 1 ~= 0) then
    return ("must be %s from %.14g to %.14g"):format(is_integer and "an integer" or "a number", option.min, option.max)
  end
end

-- Bytes of an option. Nothing that a request or the system takes is longer.
local LONGEST = 65536

local function check_string(_, value, option)
  if type(value) ~= "string" then
    return "must be a string, not a " .. type(value)
  elseif value == "" then
    return "is empty"
  elseif #value > LONGEST then
    return ("is longer than %d bytes"):format(LONGEST)
  elseif value:find "%c" then
    return "holds a control character"
  elseif option.pattern and not value:find(option.pattern) then
    return "must look like " .. (option.example or option.pattern)
  end
end

local function check_secrets(name, value, option)
  if type(value) ~= "table" then
    return check_string(name, value, option)
  end
  local count = 0
  for _ in next, value do
    count = count + 1
  end
  if count == 0 or count ~= #value then
    return "must be a string or a list of strings without gaps"
  end
  for i = 1, count do
    local why = check_string(name, value[i], option)
    if why then
      return why
    end
  end
end

local function check_choice(_, value, option)
  for _, allowed in ipairs(option.values) do
    if value == allowed then
      return nil
    end
  end
  return "must be one of: " .. table.concat(option.values, ", ")
end

local function check_url(_, value, _, allow_http)
  if type(value) ~= "string" then
    return "must be a string, not a " .. type(value)
  end
  local parts = core.uri_split(value)
  local why = core.uri_problem(value, allow_http)
  if why then
    return why
  elseif parts.query or parts.fragment then
    return "must not have a query or a fragment"
  end
end

local function check_proxy(_, value)
  if type(value) ~= "string" then
    return "must be a string, not a " .. type(value)
  elseif value:find("\0", 1, true) then
    return "holds a control character"
  end
  return (core.proxy_problem(value))
end

local MOST_HOSTS = 1000

local function check_hosts(_, value)
  local list = type(value) == "string" and { value } or value
  if type(list) ~= "table" or #list == 0 or #list > MOST_HOSTS then
    return ("must be a host or a list of 1 to %d of them"):format(MOST_HOSTS)
  end
  for i = 1, #list do
    if type(list[i]) ~= "string" or not core.is_permit(list[i]) then
      return ("must hold hosts (storage.example), addresses or networks (10.0.0.0/8), without scheme and port: "
        .. "entry %d is none"):format(i)
    end
  end
end

local function of_type(wanted)
  return function(_, value)
    if type(value) ~= wanted then
      return ("must be a %s, not a %s"):format(wanted, type(value))
    end
  end
end

local function check_transport(_, value)
  local metatable = getmetatable(value)
  local is_callable = type(value) == "function" or (type(metatable) == "table" and metatable.__call ~= nil)
  if not is_callable then
    return "must be a function or something that can be called"
  end
end

local checks = {
  string = check_string, secrets = check_secrets, choice = check_choice, url = check_url,
  boolean = of_type "boolean", ["function"] = of_type "function", transport = check_transport,
  number = check_number, integer = check_number, proxy = check_proxy, hosts = check_hosts,
}

--- What stands for nothing where Lua has no nil: the null of lua-cjson and of OpenResty.
options.null = core.null

--- A copy of a table that nothing changes meanwhile: read once, without metamethods, and without what stands for
--- nothing.
---@param given table
---@return table
function options.copy(given)
  local own = {}
  for name, value in next, given do
    if value ~= options.null then
      own[name] = value
    end
  end
  return own
end

--- Says what is wrong with the value of an option, or nil.
---@param name string
---@param value any
---@param option table
---@param allow_http boolean?
---@return string?
function options.problem(name, value, option, allow_http)
  return checks[option.type](name, value, option, allow_http)
end

--- The option `name` of a provider: its own, or the common one.
---@param provider table  the description
---@param name string
---@return table? option
function options.find(provider, name)
  return provider.options[name] or options.common[name]
end

--- Every option that a provider takes, sorted.
---@param provider table  the description
---@return string[] names
function options.names(provider)
  return keys.sorted(provider.options, options.common)
end

local function complain(provider, message, ...)
  error(("idv.%s: " .. message):format(provider.name, ...), 0)
end

local function refuse_unknown(provider, given)
  for name in next, given do
    if type(name) ~= "string" or not options.find(provider, name) then
      local shown = keys.shown(name) or "?"
      local nearest = core.nearest(shown, options.names(provider))
      complain(provider, "unknown option '%s'%s", shown, nearest and (" (did you mean '%s'?)"):format(nearest) or "")
    end
  end
end

--- Whether the option `name` has a say: the one that chooses the host has none where the address is given instead.
local function has_a_say(provider, given, name)
  local chooses_host = provider.base_urls and provider.base_urls.option == name
  return not chooses_host or given.base_url == nil or given[name] ~= nil
end

--- Throws where the form of an option's value, such as that of a key, says that another option has to be another one.
local function check_told(provider, given, values, name)
  local option = options.find(provider, name)
  for other, forms in pairs(option.tells or {}) do
    for _, form in ipairs(values[name] and has_a_say(provider, given, other) and forms or {}) do
      if values[name]:find(form.pattern) and values[other] ~= form.value then
        complain(provider, "option '%s' is one for %s = \"%s\" (%s), but option '%s' is \"%s\"%s: "
          .. "one of them is wrong", name, other, form.value, form.example, other, values[other],
          given[other] == nil and ", as when it is left out" or "")
      end
    end
  end
end

--- Throws where what is meant for this machine would go through a proxy on another one, in the clear.
local function check_plain(provider, values)
  local is_remote = values.proxy and not select(2, core.proxy_problem(values.proxy))
  for _, name in ipairs(is_remote and options.names(provider) or {}) do
    local is_address = options.find(provider, name).type == "url" and values[name]
    if is_address and values[name]:find "^[Hh][Tt][Tt][Pp]:" then
      complain(provider, "option '%s' is plain http, which is for this machine only, and option 'proxy' is on another "
        .. "one: credentials would go there in the clear", name)
    end
  end
end

--- The value as it is kept: a list is the caller's, who may change it later.
local function own_value(option, value)
  if type(value) == "table" and (option.type == "secrets" or option.type == "hosts") then
    return options.copy(value)
  end
  return type(value) == "string" and option.type == "hosts" and { value } or value
end

--- Checks what a caller gave and fills in defaults. It is read once, without metamethods, and lists are copied, so that
--- nothing changes what has been checked. Throws on a mistake.
---@param provider table  the description
---@param given table?
---@return table
function options.check(provider, given)
  if given ~= nil and given ~= options.null and type(given) ~= "table" then
    complain(provider, "options must be a table, not a %s", type(given))
  end
  given = type(given) == "table" and options.copy(given) or {}
  refuse_unknown(provider, given)
  local values = {}
  for _, name in ipairs(options.names(provider)) do
    local option, value = options.find(provider, name), given[name]
    value = own_value(option, value)
    if value == nil then
      value = option.default
    else
      local why = options.problem(name, value, option, given.allow_http == true)
      if why then
        complain(provider, "option '%s' %s", name, why)
      end
    end
    if value == nil and option.required then
      complain(provider, "option '%s' is missing: %s", name, option.about)
    end
    values[name] = value
  end
  for _, name in ipairs(options.names(provider)) do
    check_told(provider, given, values, name)
  end
  check_plain(provider, values)
  return values
end

return options
