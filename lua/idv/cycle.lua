--- Noticing that a series of texts has begun to repeat itself, with little memory however long the series is.
---
--- The last texts are known, so a short cycle is noticed when its first text comes again. Of all earlier ones a single
--- text is kept, which moves on at each power of two (Brent): a long cycle is noticed after a few rounds at most.

local cycle = {}

-- Texts that are known; a token of a list may be 8 KiB long.
local KNOWN = 64

---@class idv.Cycle
local Cycle = {}
Cycle.__index = Cycle

--- A series without texts.
---@return idv.Cycle
function cycle.new()
  return setmetatable({ last = {}, is_known = {}, count = 0, next_mark = 1 }, Cycle)
end

--- Takes the next text of the series. Says whether it has come before.
---@param text string
---@return boolean
function Cycle:repeats(text)
  if self.is_known[text] or text == self.mark then
    return true
  end
  self.count = self.count + 1
  local slot = self.count % KNOWN
  if self.last[slot] then
    self.is_known[self.last[slot]] = nil
  end
  self.last[slot], self.is_known[text] = text, true
  if self.count == self.next_mark then
    self.mark, self.next_mark = text, self.next_mark * 2
  end
  return false
end

return cycle
