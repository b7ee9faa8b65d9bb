--- Descriptions: a provider as a table, checked when it is loaded.
---
--- An unknown key, type or placeholder, a path without its slash, a status that is not one of ours: all of it throws,
--- because a slip in a description becomes a wrong request later. What may be written is listed below and explained in
--- docs/descriptions.md. Checking also turns each operation into the plain form that idv.core compiles.

local core = require "idv.core"
local evidence = require "idv.evidence"
local keys = require "idv.keys"
local records = require "idv.records"

local description = {}

--- The statuses that a session can have, whatever the provider calls them.
description.statuses = {
  created = true, pending = true, in_progress = true, processing = true, approved = true, declined = true,
  retry_required = true, inconclusive = true, cancelled = true, expired = true, failed = true, abandoned = true,
  completed = true, unknown = true,
}

--- Those after which nothing changes any more by itself.
description.finals = {
  approved = true, declined = true, inconclusive = true, cancelled = true, expired = true, failed = true,
  abandoned = true, completed = true,
}

-- What each kind of table may hold: name -> Lua type, "?" after it when it may be left out.
local shapes = {
  provider = {
    name = "string", title = "string", source = "string", base_url = "string?", base_urls = "table?",
    base_path = "string?", options = "table", auth = "table?", headers = "table?", statuses = "table?",
    refusal = "table", redirect = "table?", operations = "table", methods = "table?", pages = "table?",
    rate_limit = "table?", request_id = "table?", oauth = "function?", webhook = "table?", page = "string?",
    records = "table?",
  },
  option = {
    type = "string", required = "boolean?", secret = "boolean?", default = "any?", values = "table?",
    about = "string", pattern = "string?", example = "string?", min = "number?", max = "number?",
    signature = "string?", tells = "table?",
  },
  tells = { value = "string", pattern = "string", example = "string" },
  operation = {
    method = "string", path = "string", safe = "boolean", encoding = "any?", success = "table?",
    arguments = "table?", parameters = "table?", choice = "table?", answer = "table?", read = "function?",
    about = "string", source = "string", part_of = "string?", anonymous = "boolean?", base = "string?",
    record = "string?", refuses = "function?", page = "string?", errors = "table?", evidence = "table?",
  },
  method = {
    run = "function", about = "string", source = "string", page = "string?", performs = "string", record = "string",
    argument = "string?", options = "table?",
  },
  field = { type = "string", about = "string" },
  parameter = {
    name = "string", sends = "string?", also = "table?", type = "string", required = "boolean?",
    sensitive = "boolean?", min = "number?", max = "number?", prefix = "string?", values = "table?",
    fields = "table?", about = "string", place = "string?", document = "string?", nullable = "boolean?",
  },
  choice = { unless = "string?" },
  answer = {
    record = "string", fields = "table", required = "table?", list = "string?", frame = "table?", echo = "table?",
    same = "table?", verdict = "table?",
  },
  verdict = { field = "string", values = "table" },
  refusal = { message = "table", code = "table", details = "function?" },
  redirect = {
    read = "function", about = "string", source = "string?", page = "string?", evidence = "table?", prose = "table?",
    ignores_case = "boolean?",
  },
  webhook = {
    about = "string", source = "string?", page = "string?", scheme = "string", header = "string",
    secret = "string", authorization = "string?", product = "string", events = "table",
    read = "function", report_type = "string?",
  },
}

local kinds = { enum = true, integer = true, numeric_id = true, boolean = true, object = true }

--- Raises with the place in the description.
local function complain(where, message, ...)
  error(("description of %s: " .. message):format(where, ...), 0)
end

--- Checks the keys and types of one table against its shape. List entries are passed over where `has_list`.
local function check_shape(where, value, shape, has_list)
  if type(value) ~= "table" then
    complain(where, "must be a table, not a %s", type(value))
  end
  for key in pairs(value) do
    if not shape[key] and not (has_list and type(key) == "number") then
      complain(where, "unknown key '%s'", tostring(key))
    end
  end
  for key, wanted in pairs(shape) do
    local is_optional = wanted:sub(-1) == "?"
    local kind = is_optional and wanted:sub(1, -2) or wanted
    local given = value[key]
    if given == nil and not is_optional then
      complain(where, "'%s' is missing", key)
    elseif given ~= nil and kind ~= "any" and type(given) ~= kind then
      complain(where, "'%s' must be a %s, not a %s", key, kind, type(given))
    end
  end
end

--- "a.b" -> {"a", "b"}
local function split_path(path)
  local parts = {}
  for part in path:gmatch "[^.]+" do
    parts[#parts + 1] = part
  end
  return parts
end

--- A path or a list of paths -> list of lists of keys.
local function split_paths(paths)
  local list = {}
  for i, path in ipairs(type(paths) == "table" and paths or { paths }) do
    list[i] = split_path(path)
  end
  return list
end

description.split_paths = split_paths

-- ---- parameters ----

local plain_parameters

local function plain_parameter(where, parameter, positions, default_place)
  check_shape(where, parameter, shapes.parameter)
  where = where .. "." .. parameter.name
  local is_rule = core.is_rule(parameter.type)
  if not is_rule and not kinds[parameter.type] then
    complain(where, "unknown type '%s'", parameter.type)
  end
  if (parameter.type == "enum") ~= (parameter.values ~= nil) then
    complain(where, "an enum needs values, and nothing else does")
  end
  if (parameter.type == "object") ~= (parameter.fields ~= nil) then
    complain(where, "an object needs fields, and nothing else does")
  end
  local wire = parameter.sends or parameter.name
  local spellings = {}
  for _, spelling in ipairs(parameter.also or {}) do
    spellings[#spellings + 1] = spelling
  end
  if wire ~= parameter.name then
    spellings[#spellings + 1] = wire
  end
  return {
    name = parameter.name, wire = wire, spellings = spellings,
    kind = is_rule and "text" or parameter.type, rule = is_rule and parameter.type or nil,
    place = parameter.place or default_place, position = positions[parameter.name],
    required = parameter.required, sensitive = parameter.sensitive, min = parameter.min, max = parameter.max,
    nullable = parameter.nullable, prefix = parameter.prefix, values = parameter.values,
    fields = parameter.fields and plain_parameters(where, parameter.fields, {}, default_place),
  }
end

--- Refuses two parameters that share a spelling.
local function check_spellings(where, list)
  local seen = {}
  for _, parameter in ipairs(list) do
    local names = { parameter.name }
    for _, spelling in ipairs(parameter.spellings) do
      names[#names + 1] = spelling
    end
    for _, name in ipairs(names) do
      if seen[name] or name == "extra" then
        complain(where, "the name '%s' is used twice", name)
      end
      seen[name] = true
    end
  end
end

function plain_parameters(where, parameters, positions, default_place)
  local list = {}
  for i, parameter in ipairs(parameters) do
    list[i] = plain_parameter(where, parameter, positions, default_place)
  end
  check_spellings(where, list)
  return list
end

-- ---- answers ----

--- What a required field has to be: {prefix} or {expected}, both nil where any will do.
local function demand_of(wanted)
  if type(wanted) ~= "string" then
    return { expected = wanted }
  end
  local prefix = wanted:match "^(.+)%*$"
  return { prefix = prefix, expected = not prefix and wanted or nil }
end

--- `required` as field -> demand: names in its list part, and name = value.
local function demands_of(required)
  local demands = {}
  for key, value in pairs(required or {}) do
    if type(key) == "number" then
      demands[value] = {}
    else
      demands[key] = demand_of(value)
    end
  end
  return demands
end

local function plain_fields(where, fields, demands, has_statuses)
  local list = {}
  for i, name in ipairs(keys.sorted(fields or {})) do
    local paths = fields[name]
    local is_any = type(paths) == "table" and paths.any
    if name == "status" and not has_statuses then
      complain(where, "a status needs the provider's 'statuses'")
    end
    local demand = demands[name] or {}
    list[i] = {
      name = name, paths = split_paths(is_any or paths), text = not is_any and name ~= "status",
      status = name == "status", required = demands[name] ~= nil, prefix = demand.prefix, expected = demand.expected,
      form = not is_any and records.forms[name] or nil,
    }
  end
  return list
end

--- Records that can be final say so even where the provider states no status.
local has_final = { session = true, attempt = true }

--- Refuses an answer that does not say what proves a success. The frame of a list may prove it too.
local function check_required(where, answer, demands)
  for name in pairs(demands) do
    if not answer.fields[name] and not (answer.frame or {})[name] then
      complain(where, "required field '%s' is not described", tostring(name))
    end
  end
  if next(demands) == nil then
    complain(where, "'required' is missing: which fields does only a success have?")
  end
end

local function plain_answer(where, answer, provider, metatables)
  check_shape(where, answer, shapes.answer)
  local demands = demands_of(answer.required)
  local fields = plain_fields(where, answer.fields, demands, provider.statuses ~= nil)
  if has_final[answer.record] and not answer.fields.status then
    fields[#fields + 1] = { name = "status", paths = {}, status = true }
  end
  check_required(where, answer, demands)
  if not metatables[answer.record] then
    complain(where, "unknown record '%s'", answer.record)
  end
  return {
    metatable = metatables[answer.record],
    fields = fields,
    frame = plain_fields(where, answer.frame, demands, false),
    statuses = provider.statuses or {}, finals = description.finals,
    list = answer.list and split_path(answer.list) or nil,
  }
end

-- ---- operations ----

local function check_path(where, operation, parameters)
  local names = core.template_names(operation.path)
  if not names then
    complain(where, "the path '%s' must begin with '/' and have matching braces", operation.path)
  end
  local by_name = {}
  for _, parameter in ipairs(parameters) do
    by_name[parameter.name] = parameter
  end
  for _, name in ipairs(names) do
    local parameter = by_name[name]
    if not parameter then
      complain(where, "the path names '{%s}', which is not a parameter", name)
    elseif not parameter.required or parameter.kind ~= "text" then
      complain(where, "'%s' stands in the path, so it must be a required text", name)
    end
    parameter.place = "path"
  end
end

--- Where an operation of this encoding puts its parameters.
local holders = { none = "a query", form = "a form" }

--- Refuses what only a JSON body can say where there may be none: in a query or a form it would be garbage.
local function check_holder(where, encodings, parameter)
  for _, encoding in ipairs(encodings) do
    local holder = parameter.place == "path" and "a path" or holders[encoding]
    if holder and parameter.kind == "object" then
      complain(where, "'%s' is an object, which needs a JSON body; %s cannot hold one", parameter.name, holder)
    elseif holder and parameter.nullable then
      complain(where, "'%s' may be null, which needs a JSON body; %s cannot say it", parameter.name, holder)
    end
  end
end

local function check_places(where, encodings, parameters)
  for _, parameter in ipairs(parameters) do
    local expected = encodings[1] == "none" and "query" or "body"
    if parameter.place ~= "path" and parameter.place ~= expected then
      complain(where, "'%s' can not be in the %s of this operation", parameter.name, parameter.place)
    end
    check_holder(where, encodings, parameter)
  end
end

local function plain_choice(where, choice, by_name)
  if not choice then
    return nil
  end
  check_shape(where .. ".choice", choice, shapes.choice, true)
  local plain = { text = table.concat(choice, ", "), unless = choice.unless }
  for i, name in ipairs(choice) do
    plain[i] = name
    if not by_name[name] then
      complain(where, "the choice names '%s', which is not a parameter", name)
    end
  end
  if choice.unless and not by_name[choice.unless] then
    complain(where, "the choice names '%s', which is not a parameter", choice.unless)
  end
  return plain
end

--- The encodings an operation can have, the usual one first.
local function encodings_of(where, operation)
  local list = operation.encoding
  if list == nil then
    list = { "none" }
  elseif type(list) == "string" then
    list = { list }
  end
  for _, encoding in ipairs(list) do
    if encoding ~= "none" and encoding ~= "json" and encoding ~= "form" then
      complain(where, "unknown encoding '%s'", tostring(encoding))
    end
  end
  return list
end

local methods = { GET = true, POST = true, PATCH = true, PUT = true, DELETE = true }

--- Refuses a status that can not mean success: a part of an answer, or one that only a hook can read.
local function check_success(where, operation)
  for _, status in ipairs(operation.success or {}) do
    local has_body = status == 200 or status == 201 or status == 202 or status == 203
    if not has_body and not (operation.read and (status == 302 or status == 303)) then
      complain(where, "the status %s is not a success that can be read here", tostring(status))
    end
  end
end

--- Refuses an answer that is read by a hook and has no evidence, and evidence that nothing looks for.
local function check_evidence(where, operation)
  local why = operation.read and evidence.problem(operation.evidence)
  if not operation.read and operation.evidence then
    why = "'evidence' is for 'read'; the evidence of an 'answer' is its 'required'"
  end
  if why then
    complain(where, "%s", why)
  end
end

--- Refuses fields of `echo` and `same` that do not name an argument.
local function check_arguments(where, answer, positions)
  for _, key in ipairs { "echo", "same" } do
    for field, argument in pairs(answer and answer[key] or {}) do
      if not positions[argument] then
        complain(where, "'%s' of '%s' names '%s', which is not an argument", field, key, tostring(argument))
      end
    end
  end
end

--- Refuses a `verdict` on a field that is not described.
local function check_verdict(where, answer)
  local verdict = answer and answer.verdict
  if not verdict then
    return
  end
  check_shape(where .. ".answer.verdict", verdict, shapes.verdict)
  if not answer.fields[verdict.field] or not answer.fields.status then
    complain(where, "the verdict needs the fields 'status' and '%s'", verdict.field)
  end
end

--- Turns one operation into what idv.core.operation takes.
local function plain_operation(where, name, operation, provider, metatables)
  check_shape(where, operation, shapes.operation)
  if not methods[operation.method] then
    complain(where, "unknown method '%s'", operation.method)
  end
  if (operation.answer == nil) == (operation.read == nil) or (operation.read == nil) ~= (operation.record == nil) then
    complain(where, "needs either 'answer', or 'read' with 'record'")
  end
  local encodings = encodings_of(where, operation)
  local positions = {}
  for i, argument in ipairs(operation.arguments or {}) do
    positions[argument] = i
  end
  local default_place = encodings[1] == "none" and "query" or "body"
  local parameters = plain_parameters(where, operation.parameters or {}, positions, default_place)
  local by_name = {}
  for _, parameter in ipairs(parameters) do
    by_name[parameter.name] = true
  end
  for argument in pairs(positions) do
    if not by_name[argument] then
      complain(where, "the argument '%s' is not a parameter", argument)
    end
  end
  check_path(where, operation, parameters)
  check_places(where, encodings, parameters)
  check_success(where, operation)
  check_evidence(where, operation)
  check_verdict(where, operation.answer)
  check_arguments(where, operation.answer, positions)
  return {
    name = name, provider = provider.name, title = provider.title, path = operation.path, encodings = encodings,
    encoding = encodings[1], success = operation.success, parameters = parameters,
    choice = plain_choice(where, operation.choice, by_name),
    answer = operation.answer and plain_answer(where .. ".answer", operation.answer, provider, metatables),
  }
end

-- ---- the rest of a provider ----

local option_types = {
  string = true, number = true, boolean = true, choice = true, url = true, secrets = true,
  ["function"] = true, transport = true, integer = true,
}

--- Checks what the form of an option's value tells about other options.
local function check_tells(where, options, option)
  if option.tells and option.type ~= "string" then
    complain(where, "only a string tells something by its form")
  end
  for other, forms in pairs(option.tells or {}) do
    if not options[other] then
      complain(where, "'tells' names '%s', which is not an option", tostring(other))
    end
    for _, form in ipairs(forms) do
      check_shape(where .. ".tells", form, shapes.tells)
    end
  end
end

--- Checks the table of options of a provider, or the common ones.
---@param where string  what to call it in an error
---@param options table<string, table>
function description.check_options(where, options)
  for name, option in pairs(options) do
    check_shape(where .. ".options." .. name, option, shapes.option)
    if not option_types[option.type] then
      complain(where, "option '%s' has the unknown type '%s'", name, option.type)
    end
    if (option.type == "choice") ~= (option.values ~= nil) then
      complain(where, "option '%s': a choice needs values, and nothing else does", name)
    end
    check_tells(where .. ".options." .. name, options, option)
  end
end

local function check_statuses(where, statuses)
  for theirs, ours in pairs(statuses or {}) do
    if not description.statuses[ours] then
      complain(where, "'%s' becomes '%s', which is not a status", tostring(theirs), tostring(ours))
    end
  end
end

local function check_headers(where, headers)
  for _, header in ipairs(headers or {}) do
    if type(header) ~= "table" or type(header[1]) ~= "string" or type(header[2]) ~= "string" then
      complain(where, "headers are a list of {name, value}")
    end
  end
end

-- Which options each way of authenticating names, under which keys.
local schemes = {
  header = { "value" }, bearer = { "token" }, basic = { "user", "password" }, oauth = { "id", "secret" },
}

local function check_auth(where, provider)
  for _, auth in ipairs(provider.auth or {}) do
    local needed = schemes[type(auth) == "table" and auth.scheme or ""]
    if not needed then
      complain(where, "unknown scheme of 'auth'; there are header, bearer, basic, oauth")
    end
    for _, key in ipairs(needed) do
      if not provider.options[auth[key] or ""] then
        complain(where, "'auth' needs '%s', which names an option", key)
      end
    end
    if auth.scheme == "header" and type(auth.name) ~= "string" then
      complain(where, "'auth' needs 'name', the header that is sent")
    elseif auth.scheme == "oauth" and not provider.oauth then
      complain(where, "'auth' by oauth needs 'oauth'")
    end
  end
end

local function check_base(where, provider)
  local option = provider.options.base_url
  if not provider.base_url and not provider.base_urls and not (option and option.required) then
    complain(where, "needs 'base_url', 'base_urls', or a required option base_url")
  end
end

--- A redirect is proved by its query: everything before it is the program's own page.
local function check_redirect(where, redirect)
  local why = redirect and evidence.problem(redirect.evidence, { query = true, without = true })
  if why then
    complain(where, "%s", why)
  end
end

local function check_methods(where, provider)
  for name, method in pairs(provider.methods or {}) do
    check_shape(where .. ".methods." .. name, method, shapes.method)
    if not provider.operations[method.performs] then
      complain(where, "the method '%s' performs '%s', which is not an operation", name, method.performs)
    end
  end
  for name, operation in pairs(provider.operations) do
    local whole = operation.part_of
    local outer = whole and provider.operations[whole]
    if whole and (outer and outer.part_of or not outer and not (provider.methods or {})[whole]) then
      complain(where, "the operation '%s' is part of '%s', which is no method", name, whole)
    end
  end
end

-- ---- what is there for readers only ----

local function check_errors(where, errors)
  for status, about in pairs(errors or {}) do
    if type(status) ~= "number" or type(about) ~= "string" then
      complain(where, "errors are HTTP statuses with what they mean")
    end
  end
end

-- Descriptions whose documentation has been found right: it never changes, so it is looked at once.
local documented = setmetatable({}, { __mode = "k" })

--- Checks the parts of a description that the types and the reference are made of, and nothing else needs.
local function check_documentation(where, provider, metatables)
  if documented[provider] then
    return
  end
  for name, operation in pairs(provider.operations) do
    check_errors(where .. "." .. name, operation.errors)
  end
  for record, fields in pairs(provider.records or {}) do
    if not metatables[record] then
      complain(where, "unknown record '%s'", tostring(record))
    end
    for name, field in pairs(fields) do
      check_shape(("%s.records.%s.%s"):format(where, record, name), field, shapes.field)
    end
  end
  documented[provider] = true
end

--- Checks a provider's description and returns, for each operation, the form to compile.
---@param provider table     what a file such as lua/idv/providers/deepidv.lua returns
---@param metatables table   record name -> metatable
---@return table<string, table>
function description.check(provider, metatables)
  local where = type(provider) == "table" and type(provider.name) == "string" and provider.name or "a provider"
  check_shape(where, provider, shapes.provider)
  if not provider.name:find "^%l[%w_]*$" then
    complain(where, "the name must be a small letter and then letters, digits or '_'")
  end
  description.check_options(where, provider.options)
  check_statuses(where, provider.statuses)
  check_headers(where, provider.headers)
  check_auth(where, provider)
  check_base(where, provider)
  check_shape(where .. ".refusal", provider.refusal, shapes.refusal)
  for _, part in ipairs { "redirect", "webhook" } do
    if provider[part] then
      check_shape(where .. "." .. part, provider[part], shapes[part])
    end
  end
  check_redirect(where .. ".redirect", provider.redirect)
  local plain = {}
  for name, operation in pairs(provider.operations) do
    plain[name] = plain_operation(where .. "." .. name, name, operation, provider, metatables)
  end
  check_methods(where, provider)
  check_documentation(where, provider, metatables)
  return plain
end

return description
