--- Median and spread: few numbers, some of them disturbed, none of them assumed to be normal.

local statistics = {}

--- The value below which `part` of the sorted list lies, between neighbours where it falls between them.
local function quantile(sorted, part)
  local place = 1 + (#sorted - 1) * part
  local below = math.floor(place)
  local above = math.min(below + 1, #sorted)
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below)
end

--- The median of a list of numbers, and the quarters around it.
---@param list number[]
---@return {median: number, low: number, high: number}
function statistics.summary(list)
  local sorted = {}
  for i, value in ipairs(list) do
    sorted[i] = value
  end
  table.sort(sorted)
  return { median = quantile(sorted, 0.5), low = quantile(sorted, 0.25), high = quantile(sorted, 0.75) }
end

return statistics
