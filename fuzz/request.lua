--- Fuzz target: building requests, from arbitrary Lua values.
---
--- The first byte chooses the method (support.methods, "A" is the first), the second what is done with it: the sample
--- of its parameters is changed in some places, or all arguments are made from the input; the third way makes the
--- options of a provider object, and the fourth writes any value as JSON. A call never throws: it sends a request
--- that is what it should be, or returns an error that shows no value. An option that is wrong throws, and shows none
--- either.

local core = require "idv.core"
local idv = require "idv"
local support = require "fuzz.support"

local demand = support.demand
local names = support.parameter_names()
local sent

local function transport(request)
  sent = request
  return { status = 418, headers = {}, body = "" }
end

local objects = {}
for _, name in ipairs(support.names) do
  objects[name] = support.object(name, name ~= "checkout_with_oauth" and transport or function(request)
    if request.url:find "/connect/token$" then
      return { status = 200, headers = {}, body = '{"access_token":"t","expires_in":3600}' }
    end
    return transport(request)
  end)
end

-- ---- what was made of the values ----

local function check_request(request)
  local url = request.url:gsub("%[hidden%]", "hidden")
  demand(url:find "^https://[%w.-]+/[%w/._~%%?=&-]*$", "the address is one: " .. url)
  demand(not request.url:find("/../", 1, true) and not request.url:find("//", 9, true), "no segment is left")
  local content_type
  for _, header in ipairs(request.headers) do
    demand(not header[2]:find "%c", "headers are lines")
    content_type = header[1] == "Content-Type" and header[2] or content_type
  end
  if content_type == "application/json" then
    local body, why = core.json_decode(request.body)
    demand(type(body) == "table" or why:find "nested", "the body is JSON") -- one level more than extra may have
    demand(core.is_utf8(request.body), "the body is UTF-8")
  end
end

--- Throws what a call threw, unless it was a metamethod of the input that did.
local function checked(ok, ...)
  if ok then
    return ...
  end
  local thrown = ...
  demand(tostring(thrown):find(support.METAMETHOD, 1, true), "a call never throws: " .. tostring(thrown))
  return false
end

local function try(object, chosen, arguments, count)
  sent = nil
  local record, err = checked(pcall(object[chosen.method], object, table.unpack(arguments, 1, count)))
  if record == false then
    return
  end
  support.check_outcome(record, err)
  demand(sent or record or err.kind ~= "rejected", "only what was sent is refused")
  if sent then
    check_request(sent)
  end
  local shown, problem = checked(pcall(object.preview, object, chosen.method, table.unpack(arguments, 1, count)))
  if shown then
    check_request(shown)
    demand(not shown.url:find(support.CREDENTIAL, 1, true), "a preview shows no credential")
    demand(not (shown.body or ""):find(support.APPLICANT, 1, true), "a preview shows no applicant")
  elseif shown == nil then
    support.check_error(problem)
  end
end

-- ---- the ways ----

local function last_table(arguments)
  local last = arguments[#arguments]
  if type(last) ~= "table" then
    last = {}
    arguments[#arguments + 1] = last
  end
  return last
end

--- A sample with some of its places changed.
local function try_changed(reader, chosen)
  local arguments = support.copy(support.samples[chosen.object][chosen.method])
  local params = last_table(arguments)
  for _ = 1, 6 do
    if reader:is_done() then
      break
    end
    local where = reader:byte()
    local inner = params[where % 3 == 1 and "declared_data" or where % 3 == 2 and "extra" or ""]
    local target = type(inner) == "table" and inner or params
    local key = reader:key(10)
    if key ~= nil then
      rawset(target, key, reader:value())
    end
  end
  try(objects[chosen.object], chosen, arguments, #arguments)
end

--- Arguments that are anything.
local function try_any(reader, chosen)
  local arguments = { reader:value(), reader:value(), reader:value(), reader:value() }
  try(objects[chosen.object], chosen, arguments, 4)
end

local option_names = {
  "secret_key", "environment", "client_id", "client_secret", "subdomain", "access_url", "webhook_secret", "api_key",
  "account_sid", "auth_token", "username", "api_version", "base_url", "encoding", "timeout", "connect_timeout",
  "max_retries", "max_response_bytes", "max_connections", "http_version", "proxy", "ca_file", "allow_http",
  "user_agent", "on_event", "transport", "sandbox", "1.1", "2", "https://x.example", "http://127.0.0.1:80", "form",
}

--- An object with options that are anything. A mistake in them throws a sentence.
local function try_options(reader, chosen)
  reader.names = option_names
  local options = {}
  for _ = 1, 8 do
    if reader:is_done() then
      break
    end
    options[reader:pick(option_names)] = reader:value()
  end
  local provider = chosen.object:match "^%a+_" and chosen.object:match "^%a+" or chosen.object
  local ok, object = pcall(idv.provider, provider, options)
  if ok then
    options.transport = options.transport or transport
    local arguments = support.samples[chosen.object][chosen.method]
    local record, err = object:preview(chosen.method, table.unpack(arguments))
    demand(record or err, "a preview says something")
  else
    demand(type(object) == "string" and (object:find "^idv%." or object == support.METAMETHOD),
      "a mistake is named: " .. tostring(object))
    demand(not object:find(support.VALUE, 1, true), "a mistake is named without its value: " .. object)
  end
end

local function try_json(reader)
  local value = reader:value()
  local text, why = core.json_encode(value)
  demand(text and not why or why, "a text or what is wrong")
  if text then
    demand(core.is_utf8(text), "JSON is UTF-8")
    local _, problem = core.json_decode(text)
    demand(not problem, "what was written can be read: " .. text)
  end
end

local ways = { try_changed, try_any, try_options, try_json }

return function(bytes)
  local reader = support.reader(bytes, names)
  local chosen = support.methods[(reader:byte() - 65) % #support.methods + 1]
  reader:pick(ways)(reader, chosen)
end
