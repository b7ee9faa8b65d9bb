--- What was sent, read from the request itself.
---
--- The table of parameters is the caller's: it may have changed while the call was under way, and it may hold a
--- parameter in two spellings of which one went out. So whatever asks afterwards what was sent looks at the request.

local core = require "idv.core"

local sent = {}

--- The pairs of a form or a query, by name.
local function pairs_of(text)
  local values = {}
  for _, pair in ipairs(core.query_pairs(text)) do
    local name = core.uri_decode(pair[1], true)
    if name then
      values[name] = core.uri_decode(pair[2], true)
    end
  end
  return values
end

--- The values that the request of a call holds, by the provider's names: as they are in JSON, else as texts.
---@param operation table
---@param call userdata
---@return table<string, any>
function sent.values(operation, call)
  local request = call:request()
  if operation.encoding == "json" then
    return core.json_decode(request.body or "{}") or {}
  end
  return pairs_of(request.body or request.url:match "%?(.*)$" or "")
end

return sent
