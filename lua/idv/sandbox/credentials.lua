--- Which credentials the sandbox takes.
--
-- Any of the right shape is good, so that nobody has to register one. Two words inside a credential make it
-- bad on purpose: `invalid` (the provider does not know it) and `forbidden` (it knows it, but it may not do
-- this). That way a program can meet both refusals without asking the control API.

local credentials = {}

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- Decodes base64; nil when it is none.
local function decode_base64(text)
  local digits = text:match("^([%w+/]*)=?=?$")
  if not digits or #digits % 4 == 1 then
    return nil
  end
  local bytes, value, bits = {}, 0, 0
  for digit in digits:gmatch(".") do
    value = value * 64 + alphabet:find(digit, 1, true) - 1
    bits = bits + 6
    if bits >= 8 then
      bits = bits - 8
      bytes[#bytes + 1] = string.char(math.floor(value / 2 ^ bits))
      value = value % 2 ^ bits
    end
  end
  return table.concat(bytes)
end

--- What a credential is worth.
---@param secret string|nil
---@return "good"|"invalid"|"forbidden"
function credentials.judge(secret)
  if not secret or secret == "" or secret:find("invalid", 1, true) then
    return "invalid"
  end
  return secret:find("forbidden", 1, true) and "forbidden" or "good"
end

--- The bearer token of an Authorization header.
---@param header string|nil
---@return string|nil
function credentials.bearer(header)
  return header and header:match("^[Bb]earer +(%S+)$")
end

--- User name and password of an Authorization header with HTTP Basic.
---@param header string|nil
---@return string|nil user
---@return string|nil password
function credentials.basic(header)
  local encoded = header and header:match("^[Bb]asic +(%S+)$")
  local decoded = encoded and decode_base64(encoded)
  if not decoded then
    return nil, nil
  end
  return decoded:match("^([^:]*):(.*)$")
end

return credentials
