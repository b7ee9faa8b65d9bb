--- Fuzz target: reading answers, for every method of every provider.
---
--- The first byte chooses the method (support.methods, "A" is the first), the rest is what the server says: answers
--- after one another, each a line with the status, header lines, an empty line and the body, and a line "---" between
--- two. When they run out, the transport fails. A byte 1 stands for a credential and a byte 2 for a word of the
--- applicant's data, so that the server repeats them in places that nobody expects. Whatever it says becomes a record
--- or an error, and no error holds either of them.

local support = require "fuzz.support"

local answers, used

local function split(text)
  local list, from = {}, 1
  while true do
    local first, last = text:find("\n---\n", from, true)
    list[#list + 1] = text:sub(from, (first or #text + 1) - 1)
    if not first then
      return list
    end
    from = last + 1
  end
end

local function parse(text)
  local status, rest = text:match "^(%d+)[^\n]*\n?(.*)$"
  local lines, body = (rest or ""):match "^(.-)\n\n(.*)$"
  local headers = {}
  for name, value in (lines or rest or ""):gmatch "([^\n:]+): *([^\n]*)" do
    headers[#headers + 1] = { name, value }
  end
  return { status = tonumber(status) or 200, headers = headers, body = body or "" }
end

local function transport()
  used = used + 1
  local text = answers[used]
  if not text or text == "" then
    return nil, { kind = "network", message = "the connection broke", outcome = "unknown" }
  end
  return parse(text)
end

local objects = {}

--- The input without the secrets themselves, which it may have learnt: who was never told one can not repeat it.
local function without_secrets(bytes)
  for _, secret in ipairs { support.CREDENTIAL, support.APPLICANT, support.VALUE } do
    bytes = bytes:gsub(secret, "learnt")
  end
  return bytes
end

return function(bytes)
  local chosen = support.methods[((bytes:byte() or 0) - 65) % #support.methods + 1]
  local has_token = chosen.object == "checkout_with_oauth"
  local credential = chosen.object:find "^cidaas" and "something" or support.CREDENTIAL
  -- the token host never hears of the applicant, so its answers are not searched for what was sent elsewhere
  local applicant = chosen.sends_applicant and not has_token and support.APPLICANT or "somebody"
  answers, used = split((without_secrets(bytes:sub(2)):gsub("\1", credential):gsub("\2", applicant))), 0
  -- a token of the input before would spoil this one
  local object = not has_token and objects[chosen.object] or support.object(chosen.object, transport)
  objects[chosen.object] = object
  local arguments = support.samples[chosen.object][chosen.method]
  support.check_outcome(object[chosen.method](object, table.unpack(arguments)))
end
