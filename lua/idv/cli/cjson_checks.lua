--- What the installed lua-cjson can do, for `idv doctor`: tried, and not guessed from its version.

local cjson = require "cjson"
local core = require "idv.core"

local FIFTEEN_DIGITS = 540285012345678

local function exact_integers()
  local text = core.json_encode(FIFTEEN_DIGITS)
  if text then
    return "ok", "written exactly, also with more than 14 digits"
  end
  return "ok", "written exactly up to 14 digits; longer ones are refused, never rounded"
end

local function empty_lists()
  return "info", rawget(cjson, "empty_array") ~= nil and "it can write empty lists"
    or "it writes an empty table as an object"
end

return {
  { name = "lua-cjson", run = function() return "info", tostring(rawget(cjson, "_VERSION") or "unknown version") end },
  { name = "lua-cjson integers", run = exact_integers },
  { name = "lua-cjson lists", run = empty_lists },
}
