--- The sandbox's time: the system's, moved by the setting `clock_offset`.
--
-- Moving it lets a test see tokens, codes, links and sessions expire without waiting. ISO 8601 in UTC both
-- ways; parsing accepts a date alone, seconds with a fraction, and an offset.

local httpd = require "idv.httpd"

---@class idv.sandbox.Clock
---@field private settings table
local Clock = {}
Clock.__index = Clock

---@param settings table the live settings, read at every call
---@return idv.sandbox.Clock
function Clock.new(settings)
  return setmetatable({ settings = settings }, Clock)
end

--- Seconds since 1970, with a fraction.
---@return number
function Clock:now()
  return httpd.time() + self.settings.clock_offset
end

--- A moment in ISO 8601.
---@param moment number seconds since 1970
---@param digits integer|nil digits of the fraction; none when absent
---@return string
function Clock.iso(moment, digits)
  local whole = math.floor(moment)
  local text = os.date("!%Y-%m-%dT%H:%M:%S", whole)
  if digits then
    local fraction = math.floor((moment - whole) * 10 ^ digits)
    text = text .. "." .. string.format("%0" .. digits .. "d", fraction)
  end
  return text .. "Z"
end

-- Days since 1970-01-01 of a date in the Gregorian calendar; years start in March, so leap days come last.
local function days(year, month, day)
  if month < 3 then
    year, month = year - 1, month + 12
  end
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- Seconds since 1970 of a moment in ISO 8601; nil when it is none.
---@param text string
---@return number|nil
function Clock.parse(text)
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year then
    return nil
  end
  local midnight = days(tonumber(year), tonumber(month), tonumber(day)) * 86400
  if rest == "" then
    return midnight
  end
  local hour, minute, second, zone = rest:match("^T(%d%d):(%d%d):(%d%d%.?%d*)(.*)$")
  local sign, zone_hour, zone_minute = (zone or ""):match("^([+-])(%d%d):?(%d%d)$")
  if not hour or not (zone == "" or zone == "Z" or sign) then
    return nil
  end
  local ahead = sign and (zone_hour * 3600 + zone_minute * 60) * (sign == "+" and 1 or -1) or 0
  return midnight + hour * 3600 + minute * 60 + second - ahead
end

return Clock
