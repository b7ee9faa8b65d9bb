--- Fuzz target: parse_webhook with arbitrary headers and body.
---
--- The first byte says what the headers are: the right signature, a wrong one in one of the forms that headers come in,
--- or any Lua value at all. The body is the rest. A body that is not signed must not pass, whatever the headers; one
--- that is becomes a record or an error of kind "protocol".

local core = require "idv.core"
local support = require "fuzz.support"

local demand = support.demand
local checkout, deepidv = support.object "checkout", support.object "deepidv"
local names = {
  "Cko-Signature", "cko-signature", "CKO_SIGNATURE", "deepidv-signature", "Authorization", "authorization",
  support.CREDENTIAL, ("0"):rep(64), "1:2", "",
}

-- ---- signing, out of the one primitive that there is ----

local function bytes_of(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function padded(key, with)
  return (key .. ("\0"):rep(64 - #key)):gsub(".", function(c) return string.char(c:byte() ~ with) end)
end

local function sign(key, body)
  local inner = core.sha256(padded(key, 0x36) .. body)
  return core.sha256(padded(key, 0x5c) .. bytes_of(inner))
end

local key = support.CREDENTIAL

-- ---- the ways of signing ----

--- Signed as it should be: what comes of it depends on the body alone.
local function check_signed(reader)
  local body = reader:text(#reader.bytes)
  local authorization = { "Authorization", support.CREDENTIAL }
  for _, pair in ipairs {
    { checkout, { { "cko-signature", sign(key, body):upper() }, authorization } },
    { deepidv, { ["Deepidv-Signature"] = { key } } },
  } do
    local event, err = pair[1]:parse_webhook(pair[2], body)
    support.check_outcome(event, err)
    demand(event or err.kind == "protocol", "what is signed passes")
    if event then
      demand(event.trusted == true and type(event.id) == "string" and event.id ~= "", "an event has an id")
      demand(type(event.type) == "string", "an event has a type")
    end
  end
end

--- Signed wrongly: the signature of a body that is another by a byte, or what the input says.
local function check_unsigned(reader)
  local forged = reader:line()
  local body = reader:text(#reader.bytes)
  local too_long = sign(key, body) .. forged:sub(1, 1) .. "0"
  for _, value in ipairs { forged, sign(key, body .. "x"), sign("other", body), too_long } do
    for _, object in ipairs { checkout, deepidv } do
      local event, err = object:parse_webhook({
        ["Cko-Signature"] = value, ["deepidv-signature"] = value, Authorization = support.CREDENTIAL,
      }, body)
      support.check_outcome(event, err)
      local is_right = value == key or value:lower() == sign(key, body)
      demand(not event or is_right, "nothing passes that is not signed")
      demand(event or is_right or err.kind == "signature" or err.kind == "protocol", "it is called a wrong signature")
    end
  end
end

--- Headers and body of any kind.
local function check_any(reader)
  local headers, body = reader:value(), reader:value()
  for _, object in ipairs { checkout, deepidv } do
    support.check_outcome(object:parse_webhook(headers, body))
  end
end

local ways = { check_signed, check_unsigned, check_any }

return function(bytes)
  local reader = support.reader(bytes, names)
  reader:pick(ways)(reader)
end
