--- The date of an HTTP answer, for comparing clocks.

local httpdate = {}

local months = {}
for i, name in ipairs { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" } do
  months[name] = i
end

--- Days from 1970-01-01 to a day of the Gregorian calendar.
local function days_to(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * (month - 3) + 2) / 5) + day - 719469
end

--- "Sun, 06 Nov 1994 08:49:37 GMT" -> seconds since 1970, or nil for what is no such date.
---@param text string?
---@return number?
function httpdate.parse(text)
  local day, month, year, hour, minute, second =
    (text or ""):match "^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$"
  if not months[month] then
    return nil
  end
  local days = days_to(tonumber(year), months[month], tonumber(day))
  return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

return httpdate
