--- What a parameter has to look like, in words.

local words = {
  email = "such as `ada@example.com`", phone = "in E.164 form such as `+15192223333`", dial_code = "such as `+44`",
  national_number = "1 to 14 digits, without the dialling prefix", date = "`YYYY-MM-DD`",
  time = "ISO 8601, such as `2026-01-05T09:00:00Z`", country = "two letters, such as `FR`",
  language = "a language tag such as `en-US`", token = "letters, digits and `- . _ ~`",
  https_url = "an https address", numeric_id = "positive; as a number or its digits",
}

--- What the engine allows a text when its description sets no limit.
local DEFAULT_MAX = 2048

local counted = { integer = true, boolean = false, enum = false, object = false, numeric_id = false }

local function range(parameter)
  local is_number = parameter.type == "integer"
  if is_number then
    return parameter.min and ("%d to %d"):format(parameter.min, parameter.max) or nil
  elseif counted[parameter.type] == false then
    return nil
  elseif parameter.min then
    return ("%d to %d characters"):format(parameter.min, parameter.max or DEFAULT_MAX)
  end
  return parameter.max and ("at most %d characters"):format(parameter.max) or nil
end

---@param parameter table  of a description
---@return string  "" when there is nothing to say
return function(parameter)
  local parts = {}
  parts[#parts + 1] = words[parameter.type]
  if parameter.prefix then
    local says = parameter.type == "numeric_id" and "may begin with `%s`" or "begins with `%s`"
    parts[#parts + 1] = says:format(parameter.prefix)
  end
  parts[#parts + 1] = range(parameter)
  return table.concat(parts, "; ")
end
