--- `idv call`: any method of any provider, with fields by their types.

local arguments = require "idv.cli.arguments"
local catalogue = require "idv.cli.catalogue"
local connection = require "idv.cli.connection"
local failure = require "idv.cli.failure"
local idv = require "idv"
local interruption = require "idv.cli.interruption"
local json = require "idv.cli.json"
local output = require "idv.cli.output"
local polling = require "idv.polling"
local status = require "idv.cli.status"
local values = require "idv.cli.values"

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

local call = {
  name = "call",
  usage = { "call PROVIDER METHOD [ARGUMENT...] [NAME=VALUE...] [OPTIONS]" },
  about = "Calls a method and prints its record",
  text = [[
  NAME=VALUE        a field, by the type that 'idv describe PROVIDER METHOD' names
  OUTER.NAME=VALUE  a field of an object: declared_data.name='Ada Example'
  NAME:=JSON        a field as JSON: declared_data:='{"name":"Ada Example"}'
  @FILE, -          fields from a file, or from stdin, that hold a JSON object; single fields win over them

Other users of this machine can see command lines. What must not be seen goes into a file, or through stdin.]],
  options = {
    { name = "dry-run", about = "Show the request, with everything sensitive hidden, and send nothing" },
    { name = "json", about = "One line of JSON on stdout, for records and for errors; one for each item of each_..." },
  },
}

for _, name in ipairs { "interval", "max_interval" } do
  call.options[#call.options + 1] = {
    name = name:gsub("_", "-"), value = "SECONDS", type = "number",
    about = "wait_session: " .. polling.options[name].about,
  }
end

for _, option in ipairs(connection.options) do
  call.options[#call.options + 1] = option
end

-- ---- options of the method ----

--- Options that a method takes per call. Where it has a timeout of its own, --timeout is that one.
local function options_of(method, given)
  local own, rest = {}, {}
  for name, value in pairs(given) do
    local is_own = method.options and method.options[name] ~= nil
    own[name] = is_own and value or nil
    rest[name] = not is_own and value or nil
  end
  return next(own) and own or nil, rest
end

--- Positional arguments, then parameters and options where the method takes them.
local function pass(object, method, positional, params, own)
  local list, count = {}, #method.arguments
  for i = 1, count do
    list[i] = positional[i]
  end
  if method.takes_params then
    count = count + 1
    list[count] = params
  end
  list[count + 1] = own
  local call_it = object[method.name]
  return call_it(object, list[1], list[2], list[3], list[4])
end

-- ---- showing ----

local function show_preview(request, as_json)
  if as_json then
    return output.line(json.encode { dry_run = true, request = request })
  end
  output.line(("%s %s"):format(request.method, request.url))
  for _, header in ipairs(request.headers) do
    if header[2] ~= "" then
      output.line(("%s: %s"):format(header[1], output.plain(header[2])))
    end
  end
  if request.body and request.body ~= "" then
    output.line()
    output.line(output.plain(request.body))
  end
end

local function preview(object, method, positional, params, as_json)
  if not method.previewed then
    failure.usage("%s is made of several requests and can not be previewed", method.name)
  end
  local request, err
  if #method.arguments > 0 then
    request, err = object:preview(method.previewed, positional[1], positional[2] or params, params)
  else
    request, err = object:preview(method.previewed, params)
  end
  if not request then
    return output.error(err, as_json)
  end
  show_preview(request, as_json)
  return status.OK
end

local function show_items(object, method, positional, params, as_json)
  local following = pass(object, method, positional, params)
  local item, err = following()
  while item do
    output.record(item, as_json)
    if not as_json then
      output.line()
    end
    item, err = following()
  end
  return err and output.error(err, as_json) or status.OK
end

function call.run(rest, given)
  arguments.expect(rest, { "PROVIDER", "METHOD" }, math.huge)
  local described = catalogue.provider(rest[1])
  local method = catalogue.method(described, rest[2])
  if method.name == "get_report" then
    failure.usage("reports have a command of their own: idv report %s ID -o FILE", described.name)
  end
  local positional, params = values.read(described, method, { unpack(rest, 3) })
  local own, others = options_of(method, given)
  local object = connection.open(described.name, others, given.dry_run)
  if given.dry_run then
    return preview(object, method, positional, params, given.json)
  end
  interruption.begin(described.name, method.name)
  if method.is_iterator then
    return show_items(object, method, positional, params, given.json)
  end
  return output.result(given.json, pass(object, method, positional, params, own))
end

-- ---- completion ----

--- The fields that may be given, those of objects included: {name = "email=", about = ...}.
local function fields(parameters, prefix, list)
  for _, parameter in ipairs(parameters) do
    local name = prefix .. parameter.name
    if parameter.fields then
      fields(parameter.fields, name .. ".", list)
    elseif parameter.values then
      for _, value in ipairs(parameter.values) do
        list[#list + 1] = { name = name .. "=" .. value, about = parameter.about }
      end
    elseif parameter.type == "boolean" then
      list[#list + 1] = { name = name .. "=true", about = parameter.about }
      list[#list + 1] = { name = name .. "=false", about = parameter.about }
    else
      list[#list + 1] = { name = name .. "=", about = parameter.about }
    end
  end
  return list
end

--- What may stand at a place.
function call.complete(position, words)
  if position == 1 then
    return idv.providers()
  end
  local described = catalogue.provider(words[1])
  if position == 2 then
    return catalogue.methods(described)
  end
  local method = catalogue.method(described, words[2])
  local open, argument = {}, method.arguments[position - 2]
  for _, parameter in ipairs(method.parameters) do
    if argument == parameter.name and parameter.values then
      return parameter.values
    elseif not argument and not catalogue.is_positional(method, parameter) then
      open[#open + 1] = parameter
    end
  end
  return fields(open, "", {})
end

return call
