--- The page of one provider: options, methods with their fields, answers, errors and sources.

local annotations = require "tools.reference.annotations"
local core_description = require "idv.description"
local markdown = require "tools.reference.markdown"
local model = require "tools.reference.model"
local words_of_limits = require "tools.reference.limits"
local refusal = require "idv.refusal"

local code = markdown.code

local base_classes

--- The classes that every provider's records build on, by name.
local function base_class(name)
  if not base_classes then
    base_classes = annotations.by_name(annotations.read("lua/idv/records.lua").classes)
    for _, class in ipairs(annotations.read("lua/idv/webhook.lua").classes) do
      base_classes[class.name] = class
    end
  end
  return base_classes[name]
end

-- ---- options ----

local function options_table(page, options)
  local rows = {}
  for _, name in ipairs(model.sorted(options)) do
    local option = options[name]
    local default = option.default ~= nil and code(model.value_text(option.default)) or ""
    rows[#rows + 1] = {
      code(name), code(model.type_of_option(option)), option.required and "required" or default,
      option.about .. (option.secret and ". Secret" or ""),
    }
  end
  page:table({ "option", "type", "default", "meaning" }, rows)
end

-- ---- methods ----

local function call_of(provider, method)
  local names = {}
  for _, argument in ipairs(method.arguments) do
    names[#names + 1] = argument.name
  end
  if method.params then
    names[#names + 1] = "params"
  end
  if method.options_class then
    names[#names + 1] = "options"
  end
  local results = method.can_fail and method.returns_name .. ", err = " or "each = "
  return ("local %s%s:%s(%s)"):format(results, provider.name, method.name, table.concat(names, ", "))
end

local function parameter_rows(rows, class, parameters, prefix)
  for _, parameter in ipairs(parameters) do
    local notes = { parameter.about }
    local limits = words_of_limits(parameter)
    notes[#notes + 1] = limits ~= "" and limits or nil
    local spellings = model.spellings(parameter)
    if #spellings > 0 then
      notes[#notes + 1] = "also " .. code(table.concat(spellings, "`, `"))
    end
    notes[#notes + 1] = parameter.sensitive and "never shown" or nil
    rows[#rows + 1] = {
      code(prefix .. parameter.name), parameter.fields and "table" or code(model.type_of(class, parameter)),
      parameter.required and "yes" or "", table.concat(notes, "; "),
    }
    if parameter.fields then
      parameter_rows(rows, class, parameter.fields, prefix .. parameter.name .. ".")
    end
  end
end

local function argument_rows(rows, class, arguments)
  for _, argument in ipairs(arguments) do
    if argument.luacats then
      rows[#rows + 1] = { code(argument.name), code(argument.luacats), "yes", argument.about }
    else
      parameter_rows(rows, class, { argument }, "")
    end
  end
end

local function parameters(page, provider, method)
  local rows = {}
  argument_rows(rows, provider.class, method.arguments)
  if method.params then
    parameter_rows(rows, provider.class, method.params, #method.arguments > 0 and "params." or "")
  end
  page:table({ "parameter", "type", "required", "meaning" }, rows)
  local choice = method.params and method.operation.choice
  if choice then
    page:add("Exactly one of `%s`%s.", table.concat(choice, "`, `"),
      choice.unless and (", or none with `%s`"):format(choice.unless) or "")
  end
end

local encodings = { json = "JSON", form = "form" }

local function request_line(page, provider, method)
  local operation = method.operation
  if not operation then
    page:add "Sends nothing."
    return
  end
  local encoding = operation.encoding
  local words = ""
  if type(encoding) == "table" then
    words = ", form or JSON (option `encoding`)"
  elseif encoding then
    words = ", " .. encodings[encoding]
  end
  local path = (provider.described.base_path or "") .. operation.path
  local repeats = operation.safe and "Safe to repeat."
    or "Not safe to repeat: see [errors](errors.md#what-is-repeated)."
  page:add("Request: `%s %s`%s. %s", operation.method, path, words, repeats)
end

local function errors_table(page, method)
  local errors = method.operation and method.operation.errors
  local rows = {}
  local statuses = model.sorted(errors)
  for _, status in ipairs(statuses) do
    local kind = status == 302 and "rejected" or refusal.kind_of(status)
    rows[#rows + 1] = { ("%d"):format(status), code(kind), errors[status] }
  end
  page:table({ "status", "kind of error", "meaning here" }, rows)
end

local function options_line(page, method)
  if method.options_class == "idv.CallOptions" then
    page:add "`options`: [those of every call](idv.md#options-of-a-call)."
  elseif method.options_class == "idv.ReportOptions" then
    page:add "`options`: [those of get_report](idv.md#options-of-get_report)."
  elseif method.options_class == "idv.WaitOptions" then
    page:add "`options`: [those of wait_session](idv.md#options-of-wait_session)."
  end
end

local function answer_line(page, method)
  if not method.can_fail then
    page:add("Returns an iterator for `for item, err in`; an item is a record: [%s](#record-%s).", method.record,
      method.record)
  elseif method.returns:find "Page$" then
    page:add("Returns a page, or nil and an [error](errors.md): its `items` are a list of [%s](#record-%s).",
      method.record, method.record)
  else
    page:add("Returns [%s](#record-%s), or nil and an [error](errors.md).", method.record, method.record)
  end
end

local function source_line(page, item)
  if item.source then
    page:add("Source: %s", item.page and ("[%s](%s)"):format(item.source, item.page) or item.source)
  end
end

local function method_section(page, provider, method)
  page:add("### %s", method.name)
  page:add(method.about)
  page:add("```\n%s\n```", call_of(provider, method))
  request_line(page, provider, method)
  parameters(page, provider, method)
  options_line(page, method)
  answer_line(page, method)
  errors_table(page, method)
  source_line(page, method)
end

-- ---- checks ----

--- Adds a row for every parameter that is checked, once for all methods that check it alike.
local function check_rows(rows, seen, list, prefix)
  for _, parameter in ipairs(list or {}) do
    local name = prefix .. parameter.name
    local limits = parameter.values and "one of " .. table.concat(parameter.values, ", ") or words_of_limits(parameter)
    local row = { code(name), limits, parameter.document or "" }
    local key = table.concat(row, "\n")
    if parameter.document and not seen[key] then
      seen[key] = true
      rows[#rows + 1] = row
    end
    check_rows(rows, seen, parameter.fields, name .. ".")
  end
end

local function checks_section(page, described)
  local rows, seen = {}, {}
  for _, name in ipairs(model.sorted(described.operations)) do
    local operation = described.operations[name]
    check_rows(rows, seen, not operation.internal and operation.parameters, "")
  end
  if #rows > 0 then
    page:add "## What is checked"
    page:add("Before anything is sent, because a document of the provider says so. All else is for the provider to "
      .. "decide, as long as it is text in UTF-8 without control characters.")
    page:table({ "parameter", "check", "document" }, rows)
  end
end

-- ---- records ----

local function record_section(page, record)
  page:add("### Record: %s", record.name)
  local rows, own = {}, {}
  for _, field in ipairs(record.fields) do
    own[field.name] = true
  end
  for _, field in ipairs(base_class(record.base).fields) do
    if not own[field.name] and not record.absent[field.name] then
      rows[#rows + 1] = { code(field.name), code(field.type), field.about }
    end
  end
  for _, field in ipairs(record.fields) do
    rows[#rows + 1] = { code(field.name), code(field.type .. "?"), field.about }
  end
  page:table({ "field", "type", "meaning" }, rows)
  if record.frame then
    page:add("A page of them has `items`%s, and `raw`.", #record.frame > 0
      and (", `%s`"):format(table.concat(record.frame, "`, `")) or "")
  end
end

local function statuses_table(page, described)
  local rows = {}
  for _, theirs in ipairs(model.sorted(described.statuses)) do
    local ours = described.statuses[theirs]
    rows[#rows + 1] = { code(theirs), code(ours), core_description.finals[ours] and "yes" or "" }
  end
  if #rows > 0 then
    page:add "## Statuses"
    page:add "Any other becomes `unknown` and stays readable in `raw`."
    page:table({ "the provider's", "in a record", "final" }, rows)
  end
end

local function contents(page, provider)
  local links = {}
  for i, method in ipairs(provider.methods) do
    links[i] = ("[%s](#%s)"):format(method.name, markdown.anchor(method.name))
  end
  page:add("Methods: %s. Every object also has [supports and preview](idv.md#every-provider-object).",
    table.concat(links, ", "))
end

--- The page of a provider.
---@param provider table  from model.of
---@return string
return function(provider)
  local page = markdown.page()
  page:add("# %s", provider.title)
  page:add "<!-- Generated by `make docs` from the description of the provider: change that, not this. -->"
  if provider.name == "sandbox" then
    page:add "What `require(\"idv.sandbox.remote\").connect` returns: it steers a [sandbox](../sandbox.md)."
  else
    page:add("`idv.%s(options)` makes an object. Source: [%s](%s).", provider.name, provider.source, provider.page)
  end
  contents(page, provider)
  page:add "## Options"
  page:add "Besides [those of every provider](idv.md#options-of-every-provider):"
  options_table(page, provider.options)
  page:add "## Methods"
  page:add "What is *never shown* is hidden in errors, events and previews."
  for _, method in ipairs(provider.methods) do
    method_section(page, provider, method)
  end
  checks_section(page, provider.described)
  page:add "## Records"
  for _, record in ipairs(provider.records) do
    record_section(page, record)
  end
  statuses_table(page, provider.described)
  return page:text()
end
