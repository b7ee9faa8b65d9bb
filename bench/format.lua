--- Figures as people read them: three digits that count, a unit, no exponent.

local format = {}

local plain = { name = "", scale = 1 }

--- A number in base units (seconds, bytes, calls per second) in a unit of bench/rows.lua.
---@param number number
---@param unit {name: string, scale: number}
---@return string
function format.number(number, unit)
  local value = number * unit.scale
  local size = math.abs(value)
  local places = size >= 100 and 0 or size >= 10 and 1 or 2
  local rounded = math.floor(value * 10 ^ places + 0.5) / 10 ^ places -- Luas format a tie in different ways
  local text = ("%." .. places .. "f"):format(rounded)
  return unit.name == "" and text or text .. (unit.name == "/s" and "" or " ") .. unit.name
end

--- A ratio without a unit.
---@param ratio number
---@return string
function format.ratio(ratio)
  return format.number(ratio, plain)
end

--- The bound of a goal, or "-" where there is none.
---@param goal table?
---@param unit {name: string, scale: number}
---@return string
function format.goal(goal, unit)
  if not goal then
    return "-"
  end
  local sign = goal.at_most and "≤" or "≥"
  local limit = goal.at_most or goal.at_least
  if goal.of == "ratio" then
    return ("%s %s x"):format(sign, format.ratio(limit))
  end
  return ("%s %s%s"):format(sign, format.number(limit, unit), goal.of == "difference" and " more" or "")
end

--- "met", "missed", or nothing where there is no goal.
---@param is_met boolean?
---@return string
function format.verdict(is_met)
  if is_met == nil then
    return ""
  end
  return is_met and "met" or "missed"
end

return format
