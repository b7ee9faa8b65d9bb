--- Identifiers in the shapes that the providers use, from the system's randomness.

local httpd = require "idv.httpd"

local ids = {}

local base32 = "abcdefghijklmnopqrstuvwxyz234567"

--- A prefix and 26 characters of lower-case base32, the way Checkout.com names things.
---@param prefix string
---@return string
function ids.token(prefix)
  local letters = httpd.random(26):gsub(".", function(byte)
    local index = byte:byte() % 32 + 1
    return base32:sub(index, index)
  end)
  return prefix .. letters
end

--- Lower-case hexadecimal digits.
---@param bytes integer how many bytes they stand for
---@return string
function ids.hex(bytes)
  return (httpd.random(bytes):gsub(".", function(byte)
    return string.format("%02x", byte:byte())
  end))
end

--- A random UUID.
---@return string
function ids.uuid()
  local hex = ids.hex(16)
  local variant = ("89ab"):sub(httpd.random(1):byte() % 4 + 1):sub(1, 1)
  return table.concat({
    hex:sub(1, 8), hex:sub(9, 12), "4" .. hex:sub(14, 16), variant .. hex:sub(18, 20), hex:sub(21, 32),
  }, "-")
end

--- Decimal digits.
---@param count integer
---@return string
function ids.digits(count)
  return (httpd.random(count):gsub(".", function(byte)
    return tostring(byte:byte() % 10)
  end))
end

return ids
