--- The sandbox's time: the system's, moved by the setting `clock_offset`.
--
-- Moving it lets a test see tokens, codes, links and sessions expire without waiting. Written as ISO 8601 in UTC,
-- read in the forms that ISO 8601 has for a date and for a date with a time; a time without an offset is UTC.

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

-- The day on which week 1 of a year begins: the Monday of the week that has January 4th.
local function first_week(year)
  local fourth = days(year, 1, 4)
  return fourth - (fourth + 3) % 7
end

-- The number of a day in a period that begins at `first`, or nil when the period ends before.
local function within(first, number, next_first)
  return number >= 1 and first + number - 1 < next_first and first + number - 1 or nil
end

local function day_of_month(year, month, day)
  if month < 1 or month > 12 then
    return nil
  end
  local next_year = month == 12 and year + 1 or year
  return within(days(year, month, 1), day, days(next_year, month % 12 + 1, 1))
end

local function day_of_week(year, week, day)
  if day < 1 or day > 7 then
    return nil
  end
  return within(first_week(year), (week - 1) * 7 + day, first_week(year + 1))
end

-- The forms of a date: a pattern, and the day that the numbers mean. No time can follow those that are coarse.
local date_forms = {
  { "^(%d%d%d%d)%-(%d%d)%-(%d%d)$", day_of_month }, { "^(%d%d%d%d)(%d%d)(%d%d)$", day_of_month },
  { "^(%d%d%d%d)%-[Ww](%d%d)%-(%d)$", day_of_week }, { "^(%d%d%d%d)[Ww](%d%d)(%d)$", day_of_week },
  { "^(%d%d%d%d)%-?(%d%d%d)$", function(year, day) return within(days(year, 1, 1), day, days(year + 1, 1, 1)) end },
  { "^(%d%d%d%d)%-(%d%d)$", function(year, month) return day_of_month(year, month, 1) end, is_coarse = true },
  { "^(%d%d%d%d)%-?[Ww](%d%d)$", function(year, week) return day_of_week(year, week, 1) end, is_coarse = true },
  { "^(%d%d%d%d)$", function(year) return days(year, 1, 1) end, is_coarse = true },
}

local function read_date(text, is_before_time)
  for _, form in ipairs(date_forms) do
    local year, second, third = text:match(form[1])
    if year and not (form.is_coarse and is_before_time) then
      return form[2](tonumber(year), tonumber(second), tonumber(third))
    end
  end
end

-- Seconds that an offset is ahead of UTC; nil when it is none.
local function read_zone(zone)
  if zone == "" or zone == "Z" or zone == "z" then
    return 0
  end
  local sign, hour, minute = zone:match "^([+-])(%d%d):?(%d*)$"
  if not sign or (#minute ~= 0 and #minute ~= 2) then
    return nil
  end
  return (hour * 3600 + (tonumber(minute) or 0) * 60) * (sign == "+" and 1 or -1)
end

-- Seconds since midnight of "hh", "hh:mm", "hhmmss" and so on, the last of them with a fraction.
local function read_time(text)
  local clock, fraction, zone = text:match "^([%d:]+)([.,]?%d*)(.*)$"
  local hour, minute, second = (clock or ""):match "^(%d%d):?(%d?%d?):?(%d?%d?)$"
  local ahead = zone and read_zone(zone)
  if not hour or not ahead then
    return nil
  end
  local unit = second ~= "" and 1 or minute ~= "" and 60 or 3600
  local part = fraction ~= "" and tonumber("0." .. fraction:sub(2)) or 0
  hour, minute, second = tonumber(hour), tonumber(minute) or 0, tonumber(second) or 0
  local seconds = hour * 3600 + minute * 60 + second + part * unit
  return minute < 60 and second <= 60 and seconds < 86401 and seconds - ahead or nil
end

--- Seconds since 1970 of a moment in ISO 8601; nil when it is none.
---@param text string
---@return number|nil
function Clock.parse(text)
  local date, time = text:match "^([^Tt]*)[Tt](.*)$"
  local day = read_date(date or text, date ~= nil)
  local seconds = time and read_time(time) or not time and 0 or nil
  return day and seconds and day * 86400 + seconds or nil
end

return Clock
