--- A description as readers want it: the methods of a provider object with their arguments, answers and errors.
---
--- Types and reference are written from this, so that they can not say different things. Nothing here is written by
--- hand that a description says already.

local calls_options = require "idv.options"
local keys = require "idv.keys"
local polling = require "idv.polling"

local model = {}

---@class tools.Method
---@field name string
---@field about string
---@field arguments table[]      positional ones: {name, type, about}
---@field params table[]?        the description's parameters that go into a table
---@field params_class string?
---@field options_class string?
---@field returns string         type of what it returns
---@field record string?         record of the answer
---@field returns_name string
---@field can_fail boolean       whether it returns nil and an error
---@field operation table?       the description's operation behind it
---@field source string?
---@field page string?

-- ---- names ----

local function camel(name)
  return (name:gsub("^%l", string.upper):gsub("_(%w)", string.upper))
end

model.camel = camel

--- "deepIDV" -> "DeepIDV", "Checkout.com Identities" -> "Checkout", "the sandbox" -> "Sandbox"
local function class_of(described)
  return (described.title:gsub("^the ", ""):match "^%w+":gsub("^%l", string.upper))
end

local text_types = { integer = "integer", boolean = "boolean", numeric_id = "integer|string" }

local function union(values)
  local quoted = {}
  for i, value in ipairs(values) do
    quoted[i] = ("%q"):format(value)
  end
  return table.concat(quoted, "|")
end

--- The type of a parameter.
function model.type_of(class, parameter)
  if parameter.type == "object" then
    return ("idv.%s.%s"):format(class, camel(parameter.name))
  elseif parameter.type == "enum" then
    return union(parameter.values)
  end
  local name = text_types[parameter.type] or "string"
  return parameter.nullable and name .. "|lightuserdata" or name
end

local option_types = {
  string = "string", url = "string", number = "number", integer = "integer", boolean = "boolean",
  secrets = "string|string[]", proxy = "string", hosts = "string|string[]", transport = "idv.Transport",
}

--- The type of an option.
function model.type_of_option(option)
  if option.type == "choice" then
    return union(option.values)
  end
  return option.signature or option_types[option.type]
end

--- A value as Lua code would say it, whichever Lua writes it.
function model.value_text(value)
  return type(value) == "number" and ("%.14g"):format(value) or tostring(value)
end

local sorted = keys.sorted
model.sorted = sorted

--- Every spelling that a parameter is accepted in besides its name.
function model.spellings(parameter)
  local list = {}
  for _, spelling in ipairs(parameter.also or {}) do
    list[#list + 1] = spelling
  end
  if parameter.sends and parameter.sends ~= parameter.name then
    list[#list + 1] = parameter.sends
  end
  return list
end

-- ---- methods ----

--- Sorts an operation's parameters into positional arguments and those that go into a table (nil when it takes none).
local function split_parameters(operation)
  local by_name, arguments, params = {}, {}, {}
  for _, parameter in ipairs(operation.parameters or {}) do
    by_name[parameter.name] = parameter
  end
  for i, name in ipairs(operation.arguments or {}) do
    arguments[i] = by_name[name]
    by_name[name] = nil
  end
  for _, parameter in ipairs(operation.parameters or {}) do
    if by_name[parameter.name] then
      params[#params + 1] = parameter
    end
  end
  local has_table = #params > 0 or (#arguments == 0 and operation.encoding ~= nil)
  return arguments, has_table and params or nil
end

local function record_class(class, record)
  return ("idv.%s.%s"):format(class, camel(record))
end

--- What a method that performs an operation looks like.
local function method_of(class, name, operation)
  local arguments, params = split_parameters(operation)
  local answer = operation.answer
  local record = answer and answer.record or operation.record
  local returns = record_class(class, record)
  return {
    name = name, performs = name, about = operation.about, arguments = arguments, params = params,
    operation = operation,
    params_class = params and ("idv.%s.%s"):format(class, camel(name)) or nil, options_class = "idv.CallOptions",
    returns = answer and answer.list and returns .. "Page" or returns, record = record,
    returns_name = answer and answer.list and "page" or record, can_fail = true, source = operation.source,
    page = operation.page,
  }
end

local options_classes = { [polling.options] = "idv.WaitOptions", [require("idv.report").options] = "idv.ReportOptions" }

local function argument_of(operation, name)
  for _, parameter in ipairs(operation.parameters or {}) do
    if parameter.name == name then
      return parameter
    end
  end
end

--- What a method that is more than one operation looks like.
local function hook_method(class, name, hook, operation)
  return {
    name = name, about = hook.about, arguments = { hook.argument and argument_of(operation, hook.argument) },
    options_class = options_classes[hook.options] or "idv.CallOptions", options = hook.options, record = hook.record,
    returns = record_class(class, hook.record), returns_name = hook.record, can_fail = true, operation = operation,
    source = hook.source, page = hook.page,
  }
end

local function wait_method(class, described)
  local operation = described.operations.get_session
  local method = hook_method(class, "wait_session", polling.method, operation)
  method.source, method.page = operation.source, operation.page
  return method
end

local function iterator(class, name, pages, described)
  local method = method_of(class, pages.list, described.operations[pages.list])
  local item = record_class(class, method.record)
  method.name, method.can_fail, method.returns_name = name, false, "each"
  method.returns = ("fun(): %s|false|nil, idv.Error?"):format(item)
  method.about = ("Walks over everything that `%s` lists, page by page. A page that can not be fetched ends the walk "
    .. "with one last round in which the item is `false` and an error says why."):format(pages.list)
  return method
end

local headers_argument = {
  name = "headers", luacats = "table|userdata|function",
  about = "Of the request, in the form in which the server has them: a table, a list, an object with `get`, a function",
}
local body_argument = { name = "raw_body", luacats = "string", about = "The body as it came, byte for byte" }
local url_argument = { name = "url", luacats = "string", about = "The address that was opened, or its query" }

local function add_readers(class, described, add)
  if described.redirect then
    add {
      name = "parse_redirect", about = described.redirect.about, arguments = { url_argument }, record = "redirect",
      returns = record_class(class, "redirect"), returns_name = "redirect", can_fail = true,
      source = described.redirect.source, page = described.redirect.page,
    }
  end
  local webhook = described.webhook
  if not webhook then
    return
  end
  add {
    name = "parse_webhook", about = webhook.about, arguments = { headers_argument, body_argument }, record = "webhook",
    returns = record_class(class, "webhook"), returns_name = "event", can_fail = true, source = webhook.source,
    page = webhook.page,
  }
  if webhook.report_type then
    add {
      name = "get_webhook_report", can_fail = true, record = "report", returns_name = "report",
      about = ("Fetches the report that a webhook of type `%s` says is there."):format(webhook.report_type),
      arguments = {
        { name = "event", luacats = record_class(class, "webhook"), about = "What parse_webhook returned" },
      },
      operation = described.operations[described.methods.get_report.performs],
      options_class = "idv.ReportOptions", returns = record_class(class, "report"), source = webhook.source,
      page = webhook.page,
    }
  end
end

local function methods_of(class, described)
  local methods = {}
  local function add(method)
    methods[#methods + 1] = method
  end
  for _, name in ipairs(sorted(described.operations)) do
    if not described.operations[name].part_of then
      add(method_of(class, name, described.operations[name]))
    end
  end
  for _, name in ipairs(sorted(described.methods)) do
    local hook = described.methods[name]
    add(hook_method(class, name, hook, described.operations[hook.performs]))
  end
  if described.operations.get_session then
    add(wait_method(class, described))
  end
  for _, name in ipairs(sorted(described.pages)) do
    add(iterator(class, name, described.pages[name], described))
  end
  add_readers(class, described, add)
  table.sort(methods, function(a, b) return a.name < b.name end)
  return methods
end

-- ---- records ----

--- The fields of a record that this provider adds, sorted: {name, type, about}.
local function added_fields(described, record)
  local list = {}
  for _, name in ipairs(sorted((described.records or {})[record])) do
    local field = described.records[record][name]
    list[#list + 1] = { name = name, type = field.type, about = field.about }
  end
  return list
end

-- Fields that a record has only where the provider's answers do.
local optional_fields = { "id", "url", "status", "external_id" }

--- Which of these fields no answer with this record has, as a set; empty where a hook reads answers, which may do
--- anything.
local function absent_fields(described, record)
  local absent, has_hook = {}, false
  for _, name in ipairs(optional_fields) do
    absent[name] = true
  end
  for _, operation in pairs(described.operations) do
    if operation.record == record then
      has_hook = true
    elseif operation.answer and operation.answer.record == record then
      for name in pairs(operation.answer.fields) do
        absent[name] = nil
      end
    end
  end
  return (has_hook or not next(absent) or absent.id) and {} or absent
end

--- The records that the methods return, sorted by name: {name, class, fields}; those that come in lists have `frame`.
local function records_of(class, described, methods)
  local records, seen = {}, {}
  for _, method in ipairs(methods) do
    local record = method.record
    if not seen[record] then
      seen[record] = {
        name = record, class = record_class(class, record), fields = added_fields(described, record),
        absent = absent_fields(described, record),
        base = record == "answer" and "idv.SandboxAnswer" or "idv." .. camel(record),
      }
      records[#records + 1] = seen[record]
    end
    local answer = method.operation and method.operation.answer
    if answer and answer.list then
      seen[record].frame = sorted(answer.frame)
    end
  end
  table.sort(records, function(a, b) return a.name < b.name end)
  return records
end

-- ---- the whole ----

--- The objects among parameters, inner ones first: {class, fields}. Throws when one name stands for two of them.
local function objects_of(class, methods)
  local list, seen = {}, {}
  local function walk(parameters)
    for _, parameter in ipairs(parameters or {}) do
      if parameter.fields then
        local name = model.type_of(class, parameter)
        assert(not seen[name] or seen[name] == parameter.fields, "two objects are called " .. name)
        walk(parameter.fields)
        if not seen[name] then
          seen[name] = parameter.fields
          list[#list + 1] = { class = name, about = parameter.about, fields = parameter.fields }
        end
      end
    end
  end
  for _, method in ipairs(methods) do
    walk(method.params)
  end
  return list
end

--- What there is to know about a provider.
---@param described table  a description
---@return table
function model.of(described)
  local class = class_of(described)
  local methods = methods_of(class, described)
  return {
    name = described.name, title = described.title, source = described.source, page = described.page, class = class,
    described = described, methods = methods, records = records_of(class, described, methods),
    objects = objects_of(class, methods), options = described.options,
  }
end

model.common_options = calls_options.common
model.call_options = calls_options.per_call
model.wait_options = polling.options
model.report_options = require("idv.report").options

--- Every provider, sorted by name.
---@return table[]
function model.providers()
  local list = {}
  for i, name in ipairs(require("idv").providers()) do
    list[i] = model.of(require("idv.providers." .. name))
  end
  return list
end

return model
