--- Values that nobody could mistake: one for each credential, parameter and field of an answer, and how to find them again.
---
--- They are made from the descriptions, so a parameter that is added tomorrow gets one too. Each looks like what its
--- type asks for: an e-mail address, a phone number, a date. What is not secret (ids, countries, enums) gets a plain value.

local core = require "idv.core"

local canary = {}

-- Every value holds one of these, in some letter case.
canary.needles = { "zq7kn", "1519777", "777519", "1907%-07", "%%2b1519" }

local count = 0

local function fresh(pattern)
  count = count + 1
  return (pattern:format(count))
end

local by_type = {
  text = function() return fresh "Zq7Kn%04d" end,
  email = function() return fresh "zq7kn%04d@zq7kn.example" end,
  phone = function() return fresh "+1519777%04d" end,
  national_number = function() return fresh "777519%04d" end,
  date = function() return "1907-07-07" end,
  time = function() return "1907-07-07T10:00:00Z" end,
  uri = function() return fresh "https://zq7kn.example/%04d" end,
  https_url = function() return fresh "https://zq7kn.example/%04d" end,
  token = function() return fresh "zq7kn%04d" end,
}

local plain_by_type = {
  text = "plain", token = "x1", integer = 1, numeric_id = 5402850, boolean = true, country = "GB", dial_code = "+44",
  language = "en-US", time = "2026-01-05", date = "2026-01-05",
}

--- A value for a parameter.
local function value_of(parameter)
  if parameter.type == "object" then
    return canary.fields(parameter.fields)
  elseif parameter.type == "enum" then
    return parameter.values[1]
  elseif parameter.sensitive and by_type[parameter.type] then
    return (parameter.prefix or "") .. by_type[parameter.type]()
  end
  local plain = assert(plain_by_type[parameter.type], parameter.type .. " is not sensitive: no plain value for it")
  return parameter.type == "token" and (parameter.prefix or "") .. plain or plain
end

--- A value for each parameter of a list.
---@param parameters table[]
---@return table
function canary.fields(parameters)
  local values = {}
  for _, parameter in ipairs(parameters) do
    values[parameter.name] = value_of(parameter)
  end
  return values
end

--- The positional arguments and the table of parameters for a call of an operation. Of a choice, the `pick`-th is made.
---@return any[] arguments
---@return table params
function canary.call(operation, pick)
  local params, arguments = canary.fields(operation.parameters or {}), {}
  for i, name in ipairs(operation.choice or {}) do
    if i ~= pick then
      params[name] = nil
    end
  end
  for i, name in ipairs(operation.arguments or {}) do
    arguments[i], params[name] = params[name], nil
  end
  if operation.encoding then
    params.extra = { spare = by_type.text() }
  end
  return arguments, params
end

--- A value for each of the named options, which are secret. It looks like the option's example where there is one.
---@param described table<string, table>
---@param names string[]
---@return table<string, string>
function canary.credentials(described, names)
  local values = {}
  for _, name in ipairs(names) do
    assert(described[name].secret, name)
    values[name] = (described[name].example or "cred..."):gsub("%.%.%.$", "") .. by_type.text()
  end
  return values
end

--- Adds what a header makes of credentials to what is looked for.
function canary.watch_basic(user, password)
  local encoded = core.base64(user .. ":" .. password):gsub("=+$", "")
  canary.needles[#canary.needles + 1] = (encoded:lower():gsub("%p", "%%%0"))
end

--- Every text inside a value, in one list.
function canary.texts(value, list)
  list = list or {}
  if type(value) == "table" then
    for _, inner in pairs(value) do
      canary.texts(inner, list)
    end
  elseif type(value) == "string" then
    list[#list + 1] = value
  end
  return list
end

local function put(body, keys, value)
  for i = 1, #keys - 1 do
    body[keys[i]] = type(body[keys[i]]) == "table" and body[keys[i]] or {}
    body = body[keys[i]]
  end
  body[keys[#keys]] = body[keys[#keys]] or value
end

local function paths_in(source)
  if type(source) == "table" then
    return source.any and { source.any } or source
  end
  return { source }
end

--- A body in which every documented field of an operation's answer, but for the ids, holds a value.
---@param answer table?  of the description
---@return table
function canary.answer(answer)
  local body = { accvid = by_type.text(), email = by_type.email(), success = true, data = { mobile = by_type.phone() } }
  for name, source in pairs(answer and answer.fields or {}) do
    for _, path in ipairs(paths_in(source)) do
      local keys = {}
      for key in path:gmatch "[^.]+" do
        keys[#keys + 1] = key
      end
      put(body, keys, name == "id" and "id1" or name == "url" and by_type.https_url() or by_type.text())
    end
  end
  if answer and answer.list then
    body = { [answer.list] = { body } }
  end
  return body
end

--- A refusal in every shape that the providers document, which repeats whatever it was told.
---@param texts string[]
---@return table
function canary.refusal(texts)
  local all = table.concat(texts, " and ")
  local entry = { Message = all, message = all, FieldName = all, field = all, path = { texts[1] }, code = texts[1] }
  return {
    message = all, Message = all, error = all, error_description = all, detail = all, title = all, code = texts[1],
    error_code = texts[#texts], error_type = texts[1], request_id = texts[1], error_codes = texts, hints = { entry },
    Errors = { entry }, Status = "ERROR", Uri = all,
  }
end

--- The first needle in a text, and where it is; nil when there is none.
---@param text string
---@return string?
function canary.find(text)
  local lower = text:lower()
  for _, needle in ipairs(canary.needles) do
    local first, last = lower:find(needle)
    if first then
      return text:sub(math.max(1, first - 200), last + 60)
    end
  end
end

return canary
