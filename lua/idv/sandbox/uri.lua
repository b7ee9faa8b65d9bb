--- Percent encoding, query strings and forms.
--
-- Everything here works on bytes and never fails: a stray percent sign stays what it is. Where a name comes
-- twice the first one counts.

local uri = {}

--- Encodes everything but the unreserved characters.
---@param text string
---@return string
function uri.encode(text)
  return (text:gsub("[^%w%-._~]", function(character)
    return string.format("%%%02X", character:byte())
  end))
end

--- Decodes percent encoding.
---@param text string
---@return string
function uri.decode(text)
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

--- The names and values of a query string or a form.
---@param text string|nil
---@return table<string, string>
function uri.parse_query(text)
  local values = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name = uri.decode((name:gsub("%+", " ")))
    if values[name] == nil then
      values[name] = uri.decode((value:gsub("%+", " ")))
    end
  end
  return values
end

--- A query string from a list of {name, value}; pairs without a value are left out.
---@param pairs_in_order table[]
---@return string
function uri.build_query(pairs_in_order)
  local parts = {}
  for _, pair in ipairs(pairs_in_order) do
    if pair[2] ~= nil then
      parts[#parts + 1] = uri.encode(pair[1]) .. "=" .. uri.encode(tostring(pair[2]))
    end
  end
  return table.concat(parts, "&")
end

--- The address with further query parameters, before its fragment if it has one.
---@param address string
---@param pairs_in_order table[]
---@return string
function uri.add_query(address, pairs_in_order)
  local start, fragment = address:match("^([^#]*)(.*)$")
  local query = uri.build_query(pairs_in_order)
  if query == "" then
    return address
  end
  return start .. (start:find("?", 1, true) and "&" or "?") .. query .. fragment
end

return uri
