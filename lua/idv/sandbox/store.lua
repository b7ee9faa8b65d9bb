--- A bounded collection: found by identifier, walked from the newest to the oldest.
--
-- Past its limit the oldest item is forgotten, so that a sandbox that runs for weeks does not grow.

---@class idv.sandbox.Store
---@field private limit integer
local Store = {}
Store.__index = Store

---@param limit integer
---@return idv.sandbox.Store
function Store.new(limit)
  return setmetatable({ limit = limit, by_id = {}, order = {}, first = 1, last = 0 }, Store)
end

--- Adds an item under an identifier that is not in use.
---@param id string
---@param item table
---@return table item
function Store:add(id, item)
  self.last = self.last + 1
  self.order[self.last] = id
  self.by_id[id] = item
  if self.last - self.first >= self.limit then
    self.by_id[self.order[self.first]] = nil
    self.order[self.first] = nil
    self.first = self.first + 1
  end
  return item
end

---@param id string|nil
---@return table|nil
function Store:get(id)
  return id ~= nil and self.by_id[id] or nil
end

---@return integer
function Store:count()
  return self.last - self.first + 1
end

--- Walks the items, the newest first.
---@return fun(): table|nil
function Store:each()
  local at = self.last + 1
  return function()
    at = at - 1
    return at >= self.first and self.by_id[self.order[at]] or nil
  end
end

return Store
