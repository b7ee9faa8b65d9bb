--- What a parameter has to look like, in words.

local words = {
  email = "something, `@`, something", phone = "in E.164 form such as `+15192223333`, 10 to 15 digits",
  dial_code = "such as `+44`",
  national_number = "1 to 14 digits, without the dialling prefix", date = "`YYYY-MM-DD`",
  time = "ISO 8601, such as `2026-01-05` or `2026-01-05T09:00:00Z`", country = "two letters, such as `FR`",
  language = "a language tag such as `en-US`", token = "letters, digits and `- . _ ~`",
  uri = "an absolute address, not `javascript:` or the like", https_url = "an https address",
  numeric_id = "positive; as a number or its digits",
}

local counted = { integer = true, boolean = false, enum = false, object = false, numeric_id = false }

local function range(parameter)
  local least, most = parameter.min, parameter.max
  if counted[parameter.type] == false or not (least or most) then
    return nil
  end
  local words_of_range = least and most and ("%d to %d"):format(least, most)
    or least and ("at least %d"):format(least) or ("at most %d"):format(most)
  return words_of_range .. (parameter.type == "integer" and "" or " characters")
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
  parts[#parts + 1] = parameter.nullable and "or `cjson.null`" or nil
  return table.concat(parts, "; ")
end
