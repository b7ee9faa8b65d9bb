--- Keys of tables in a settled order, so that what is made of them is the same every time and on every Lua.

local keys = {}

--- The keys of all the tables, each once, sorted.
---@param ... table?  at least one; nil has no keys
---@return any[]
function keys.sorted(...)
  local list, seen = {}, {}
  for i = 1, select("#", ...) do
    for key in pairs((select(i, ...)) or {}) do
      if not seen[key] then
        seen[key] = true
        list[#list + 1] = key
      end
    end
  end
  table.sort(list)
  return list
end

--- A key as a message may show it: a short name, not something that slipped in. Nil for anything else.
---@param key any
---@return string?
function keys.shown(key)
  return type(key) == "string" and #key <= 64 and key:find "^[%w_]+$" and key or nil
end

return keys
