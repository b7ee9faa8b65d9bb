--- `idv describe`: the fields, rules, limits, answers and sources of a method, as its description has them.

local arguments = require "idv.cli.arguments"
local catalogue = require "idv.cli.catalogue"
local credentials = require "idv.cli.credentials"
local idv = require "idv"
local json = require "idv.cli.json"
local keys = require "idv.keys"
local options = require "idv.options"
local output = require "idv.cli.output"

local describe = {
  name = "describe",
  usage = { "describe PROVIDER [METHOD] [--json]" },
  about = "Tells the methods of a provider, or all about one of them",
  text = "A method's fields come with their types, limits and rules; then its answer, its errors and its source.",
  options = { { name = "json", about = "One line of JSON" } },
}

-- ---- words ----

local about_types = {
  text = "text", email = "e-mail address", phone = "phone number in E.164 form, such as +15192223333",
  dial_code = "dialling prefix", national_number = "phone number without its prefix", date = "date, YYYY-MM-DD",
  time = "ISO 8601 date or time, such as 2026-01-31T12:00:00Z", country = "two-letter country code",
  language = "language code", token = "word", uri = "absolute address", https_url = "https address",
  integer = "integer", numeric_id = "number, or text with digits", boolean = "true or false", object = "object",
}

--- The rules of a parameter in words: "text, 2 to 255 characters, begins with idv_".
local function rules_of(parameter)
  local rules = { about_types[parameter.type] or parameter.type }
  if parameter.values then
    rules[1] = "one of: " .. table.concat(parameter.values, ", ")
  end
  local unit = parameter.type == "integer" and "" or " characters"
  if parameter.min and parameter.max then
    rules[#rules + 1] = ("%.0f to %.0f%s"):format(parameter.min, parameter.max, unit)
  elseif parameter.max then
    rules[#rules + 1] = ("at most %.0f%s"):format(parameter.max, unit)
  elseif parameter.min then
    rules[#rules + 1] = ("at least %.0f%s"):format(parameter.min, unit)
  end
  if parameter.prefix then
    rules[#rules + 1] = "begins with " .. parameter.prefix
  end
  if parameter.sensitive then
    rules[#rules + 1] = "hidden in previews and errors"
  end
  return table.concat(rules, ", ")
end

local function spellings_of(parameter)
  local list = {}
  for _, spelling in ipairs(parameter.also or {}) do
    list[#list + 1] = spelling
  end
  if parameter.sends and parameter.sends ~= parameter.name then
    list[#list + 1] = parameter.sends
  end
  return list
end

local function write_parameters(parameters, prefix)
  for _, parameter in ipairs(parameters) do
    local name, spellings = prefix .. parameter.name, spellings_of(parameter)
    local also = #spellings > 0 and (" (also %s)"):format(table.concat(spellings, ", ")) or ""
    output.line(("  %s%s%s"):format(name, parameter.required and " *" or "", also))
    output.line(("      %s: %s"):format(parameter.about, rules_of(parameter)))
    if parameter.fields then
      write_parameters(parameter.fields, name .. ".")
    end
  end
end

--- Fields of the record that a method returns; nil where a function decides.
local function answer_of(method)
  local answer = method.operation and method.operation.answer
  if not answer then
    return nil
  end
  local fields = keys.sorted(answer.fields)
  if (answer.record == "session" or answer.record == "attempt") and answer.fields.status then
    fields[#fields + 1] = "final"
  end
  fields[#fields + 1] = "raw"
  return fields, keys.sorted(answer.frame)
end

local function write_answer(method)
  local operation = method.operation
  local fields, frame = answer_of(method)
  if not operation then
    return
  elseif not fields then
    output.line(("\nAnswer: %s"):format(operation.record))
    return
  end
  local record = operation.answer.record
  local is_page = operation.answer.list and not method.is_iterator
  output.line(("\nAnswer: %s%s"):format(is_page and "a page of items, each " or "", record))
  output.line("  " .. table.concat(fields, ", "))
  if is_page and #frame > 0 then
    output.line("  beside the items: " .. table.concat(frame, ", "))
  end
end

local function write_statuses(described, method)
  local answer = method.operation and method.operation.answer
  if not (answer and answer.fields.status and described.statuses) then
    return
  end
  output.line "\nStatuses:"
  for _, theirs in ipairs(keys.sorted(described.statuses)) do
    output.line(("  %-24s %s"):format(theirs, described.statuses[theirs]))
  end
end

local errors = [[

Errors (kind, and the exit code of 'idv call'):
  validation 10     a field is missing, unknown or breaks its rule; nothing is sent
  rejected 11       400, 417, 422 and other 4xx        auth 12           401, 403
  payment 13        402                                not_found 14      404, 410
  conflict 15       409                                rate_limited 16   429
  server 17         5xx                                network 18, timeout 19, protocol 20]]

local function write_request(method)
  local operation = method.operation
  if not operation then
    return
  end
  output.line(("  %s %s"):format(operation.method, operation.path))
  output.line(operation.safe and "  Repeating it does no harm, so it is retried."
    or "  Repeating it may do it twice, so it is retried only where nothing can have reached the provider.")
end

--- "create_session first_name=... [external_id=...]"
local function synopsis(method)
  local words = { method.name }
  for _, name in ipairs(method.arguments) do
    words[#words + 1] = name:upper()
  end
  if method.takes_params then
    words[#words + 1] = "[name=value...]"
  end
  return table.concat(words, " ")
end

-- ---- a method, a provider ----

local function write_options(method)
  for _, name in ipairs(keys.sorted(method.options)) do
    output.line(("  --%s\n      %s"):format(name:gsub("_", "-"), method.options[name].about))
  end
end

local function write_method(described, method)
  output.line(("%s: %s"):format(described.title, synopsis(method)))
  output.line("  " .. method.about)
  write_request(method)
  if #method.parameters > 0 then
    output.line "\nFields, those with a * required:"
    write_parameters(method.parameters, "")
  end
  local choice = method.operation and method.operation.choice
  if choice then
    output.line(("  Exactly one of %s%s"):format(table.concat(choice, ", "),
      choice.unless and (", or none with " .. choice.unless) or ""))
  end
  write_options(method)
  write_answer(method)
  write_statuses(described, method)
  output.line(errors)
  output.line("\nSource: " .. (method.operation and method.operation.source or described.source))
end

local function write_variables(described)
  output.line "\nOptions, as variables of the environment, those with a * required:"
  for _, name in ipairs(keys.sorted(described.options)) do
    local option = described.options[name]
    local variable = credentials.variable(described, name)
    local choices = option.values and ": " .. table.concat(option.values, ", ") or ""
    output.line(("  %s%s\n      %s%s"):format(variable, option.required and " *" or "", option.about, choices))
  end
end

local function write_provider(described)
  output.line(described.title)
  output.line("  " .. described.source)
  output.line "\nMethods:"
  for _, method in ipairs(catalogue.methods(described)) do
    output.line("  " .. synopsis(method))
    output.line("    " .. method.about)
  end
  for _, part in ipairs { "redirect", "webhook" } do
    if described[part] then
      output.line(("  idv %s %s\n    %s"):format(part, described.name, described[part].about))
    end
  end
  write_variables(described)
end

-- ---- JSON ----

local function plain_parameters(parameters)
  local list = {}
  for i, parameter in ipairs(parameters) do
    list[i] = {
      name = parameter.name, type = parameter.type, required = parameter.required == true, about = parameter.about,
      sensitive = parameter.sensitive == true, min = parameter.min, max = parameter.max, prefix = parameter.prefix,
      values = parameter.values, spellings = spellings_of(parameter)[1] and spellings_of(parameter) or nil,
      fields = parameter.fields and plain_parameters(parameter.fields) or nil,
    }
  end
  return list
end

local function plain_method(described, method)
  local operation = method.operation or {}
  return {
    provider = described.name, name = method.name, about = method.about, arguments = method.arguments,
    parameters = plain_parameters(method.parameters), method = operation.method, path = operation.path,
    safe = operation.safe, source = operation.source or described.source,
    record = operation.answer and operation.answer.record or operation.record, answer = answer_of(method),
  }
end

local function plain_provider(described)
  local methods, variables = {}, {}
  for i, method in ipairs(catalogue.methods(described)) do
    methods[i] = plain_method(described, method)
  end
  for i, name in ipairs(options.names(described)) do
    local option = options.find(described, name)
    variables[i] = {
      name = name, variable = credentials.variable(described, name), type = option.type, about = option.about,
      required = option.required == true, secret = option.secret == true,
    }
  end
  return {
    name = described.name, title = described.title, source = described.source, methods = methods, options = variables,
  }
end

function describe.run(rest, given)
  arguments.expect(rest, { "PROVIDER" }, 2)
  local described = catalogue.provider(rest[1])
  local method = rest[2] and catalogue.method(described, rest[2])
  if given.json then
    return output.line(json.encode(method and plain_method(described, method) or plain_provider(described)))
  elseif method then
    return write_method(described, method)
  end
  write_provider(described)
end

--- What may stand at a place.
function describe.complete(position, words)
  if position == 1 then
    return idv.providers()
  elseif position == 2 then
    return catalogue.methods(catalogue.provider(words[1]))
  end
end

return describe
