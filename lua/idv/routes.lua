--- Routes: for each operation of one provider object, where its requests go and with which headers.
---
--- Built from the description and the checked options. Every route has a twin for eyes, in which each credential is
--- replaced, so that showing a request can not show a secret.

local core = require "idv.core"
local version = require "idv.version"

local routes = {}

local HIDDEN = "[hidden]"

--- "{api_version}" and the like filled in, or nil when an option that is named is not set.
local function fill(template, values)
  local is_complete = true
  local text = template:gsub("{([%w_]+)}", function(name)
    if values[name] == nil then
      is_complete = false
    end
    return tostring(values[name])
  end)
  return is_complete and text or nil
end

--- The options with every secret replaced.
local function hidden_values(provider, values)
  local hidden = {}
  for name, value in pairs(values) do
    local option = provider.options[name]
    hidden[name] = option and option.secret and HIDDEN or value
  end
  return hidden
end

local function is_there(values, ...)
  for _, name in ipairs { ... } do
    if values[name] == nil then
      return false
    end
  end
  return true
end

-- Which options each way of authenticating needs.
local needed = {
  header = function(auth) return auth.value end,
  bearer = function(auth) return auth.token end,
  basic = function(auth) return auth.user, auth.password end,
  oauth = function(auth) return auth.id, auth.secret end,
}

--- The options that a way of authenticating needs, in words.
local function words_of(auth)
  return table.concat({ needed[auth.scheme](auth) }, " and ")
end

--- Every way of authenticating, in words.
local function words_of_ways(provider)
  local words = {}
  for i, auth in ipairs(provider.auth) do
    words[i] = words_of(auth)
  end
  return table.concat(words, ", or ")
end

--- Throws where an option is given that only another way of authenticating needs. One that is required belongs to all.
local function refuse_second_way(provider, values, chosen)
  local is_used = {}
  for _, name in ipairs { needed[chosen.scheme](chosen) } do
    is_used[name] = true
  end
  for _, auth in ipairs(provider.auth) do
    for _, name in ipairs { needed[auth.scheme](auth) } do
      if values[name] ~= nil and not is_used[name] and not provider.options[name].required then
        error(("idv.%s: option '%s' does not go with %s: give %s, not both"):format(provider.name, name,
          words_of(chosen), words_of_ways(provider)), 0)
      end
    end
  end
end

--- What is there of a way of authenticating that is not all there, in words, or nil.
local function words_of_half(auth, values)
  local missing, has_some = {}, false
  for _, name in ipairs { needed[auth.scheme](auth) } do
    has_some = has_some or values[name] ~= nil
    missing[#missing + 1] = values[name] == nil and name or nil
  end
  return has_some and ("%s is missing"):format(table.concat(missing, " and ")) or nil
end

local function throw_missing(provider, values)
  for _, auth in ipairs(provider.auth) do
    local half = words_of_half(auth, values)
    if half then
      error(("idv.%s: credentials are half there, %s: give %s"):format(provider.name, half, words_of_ways(provider)), 0)
    end
  end
  error(("idv.%s: credentials are missing: give %s"):format(provider.name, words_of_ways(provider)), 0)
end

--- The way of authenticating whose options are all there. Throws when there is none, or a second one besides.
---@param provider table
---@param values table
---@return table?
function routes.choose_auth(provider, values)
  for _, auth in ipairs(provider.auth or {}) do
    if is_there(values, needed[auth.scheme](auth)) then
      refuse_second_way(provider, values, auth)
      return auth
    end
  end
  return provider.auth and throw_missing(provider, values)
end

--- The header that authenticates, from `values` (real or hidden) and the token of the moment.
local function auth_header(auth, values, token)
  if auth.scheme == "header" then
    return { auth.name, values[auth.value] }
  elseif auth.scheme == "bearer" then
    return { "Authorization", "Bearer " .. values[auth.token] }
  elseif auth.scheme == "basic" then
    local is_hidden = values[auth.password] == HIDDEN
    local pair = values[auth.user] .. ":" .. values[auth.password]
    return { "Authorization", "Basic " .. (is_hidden and HIDDEN or core.base64(pair)) }
  end
  return { "Authorization", "Bearer " .. token }
end

--- What the header that authenticates says, without the name of its scheme; nil where there is none.
---@param state table
---@param token string?  of the moment, where the object authenticates by one
---@return string?
function routes.credential(state, token)
  local is_known = state.auth and (token or state.auth.scheme ~= "oauth")
  return is_known and auth_header(state.auth, state.values, token)[2]:match "%S+$" or nil
end

--- The options that a header is made of, and how: {name, value, options} for each that options have a say in.
---@param state table
---@return {name: string, value: string, options: string[]}[]
function routes.headers_of_options(state)
  local list, values, auth = {}, state.values, state.auth
  if values.user_agent then
    list[1] = { name = "User-Agent", value = values.user_agent, options = { "user_agent" } }
  end
  for _, header in ipairs(state.provider.headers or {}) do
    local value, names = fill(header[2], values), {}
    for name in header[2]:gmatch "{([%w_]+)}" do
      names[#names + 1] = name
    end
    if value then
      list[#list + 1] = { name = header[1], value = value, options = names }
    end
  end
  if auth and auth.scheme ~= "oauth" then
    local header = auth_header(auth, values)
    list[#list + 1] = { name = header[1], value = header[2], options = { needed[auth.scheme](auth) } }
  end
  return list
end

local content_types = { json = "application/json", form = "application/x-www-form-urlencoded", none = "" }

local function headers_of(state, operation, values, token)
  local list = {
    { "User-Agent", values.user_agent or ("idv/%s (%s)"):format(version, _VERSION) },
    { "Accept", "application/json" },
  }
  if operation.method ~= "GET" then
    -- without a value it takes away the form type that libcurl would add to a POST
    list[#list + 1] = { "Content-Type", content_types[operation.encoding] }
  end
  for _, header in ipairs(state.provider.headers or {}) do
    local value = fill(header[2], values)
    if value then
      list[#list + 1] = { header[1], value }
    end
  end
  if state.auth and not operation.anonymous then
    list[#list + 1] = auth_header(state.auth, values, token)
  end
  return list
end

--- The address of the API: the option, the host of the environment, or the description's only one.
local function host_of(provider, values)
  local base = values.base_url or provider.base_url
  if not base then
    base = provider.base_urls[values[provider.base_urls.option]]
  end
  return (base:gsub("/+$", ""))
end

--- `base_path` with its placeholders filled, each as one segment.
local function path_of(provider, values, encode)
  return ((provider.base_path or ""):gsub("{([%w_]+)}", function(name)
    local segment = encode(values[name])
    if not segment then
      error(("idv.%s: option '%s' can not be part of an address"):format(provider.name, name), 0)
    end
    return segment
  end))
end

--- What every path of the API is appended to: for sending, and with secrets hidden. Throws when an option can not be
--- part of an address.
---@param provider table
---@param values table
---@return string real
---@return string shown
function routes.bases(provider, values)
  local host = host_of(provider, values)
  local hidden = hidden_values(provider, values)
  return host .. path_of(provider, values, core.template_segment), host .. path_of(provider, hidden, tostring)
end

local function settings_of(state, operation)
  local values = state.values
  return {
    method = operation.method, safe = operation.safe, allow_http = values.allow_http, ca_file = values.ca_file,
    proxy = values.proxy, http_version = values.http_version, timeout = values.timeout,
    connect_timeout = values.connect_timeout, max_retries = values.max_retries,
    max_response_bytes = values.max_response_bytes, max_connections = values.max_connections,
    tls_key_log = values.tls_key_log,
  }
end

--- The route for requests of an operation; `token` where the provider object authenticates by one.
---@param state table
---@param operation table
---@param token string?
function routes.real(state, operation, token)
  local settings = settings_of(state, operation)
  settings.base = operation.base and state.hosts[operation.base](state) or state.base
  settings.headers = headers_of(state, operation, state.values, token)
  return core.route(settings)
end

--- The route for requests that are only looked at.
---@param state table
---@param operation table
---@return userdata route
function routes.shown(state, operation)
  local settings = settings_of(state, operation)
  local hidden = hidden_values(state.provider, state.values)
  settings.base = operation.base and state.hosts[operation.base](state) or state.shown_base
  settings.headers = headers_of(state, operation, hidden, HIDDEN)
  settings.proxy = nil
  return core.route(settings)
end

--- A route for an address that the provider handed out, such as that of a report: without any credentials, to public
--- hosts and listed ones, and to this machine where the API is on it or `allow_http` says that tests run.
---@param state table
---@return userdata route
function routes.bare(state)
  local settings = settings_of(state, { method = "GET", safe = true })
  settings.download, settings.handed_out = true, true
  settings.permits = state.values.report_hosts
  settings.this_machine = settings.allow_http or core.uri_is_local(state.base)
  settings.headers = { { "User-Agent", state.values.user_agent or ("idv/%s (%s)"):format(version, _VERSION) } }
  return core.route(settings)
end

return routes
