--- Checks of what a client sent: small tests of one value, and a walk over a body by a list of rules.
--
-- A rule is {name, required = boolean, kind = Lua type, is = test, fields = rules of an object}. The walk
-- lists every problem; each provider puts them into its own words. null counts as absent.

local Clock = require "idv.sandbox.clock"
local json = require "idv.sandbox.json"

local check = {}

---@class idv.sandbox.Problem
---@field path string[] names from the outside in
---@field kind "missing"|"type"|"value"
---@field rule table the rule that was broken
---@field value any what was sent

--- A test for the length of a text in characters (UTF-8).
---@param least integer
---@param most integer
---@return fun(value: string): boolean
function check.length(least, most)
  return function(value)
    local _, count = value:gsub("[^\128-\191]", "")
    return count >= least and count <= most
  end
end

--- A test for a Lua pattern.
---@param pattern string
---@return fun(value: string): boolean
function check.pattern(pattern)
  return function(value)
    return value:find(pattern) ~= nil
  end
end

--- A test for one of some words.
---@param words string[]
---@return fun(value: string): boolean
function check.one_of(words)
  local known = {}
  for _, word in ipairs(words) do
    known[word] = true
  end
  return function(value)
    return known[value] == true
  end
end

-- No document says more of an address than that it is one.
check.email = check.pattern "^[^%s%c]+@[^%s%c]+$"

--- A test for an absolute address, whatever its scheme; one of the web has a host.
---@param value string
---@return boolean
function check.uri(value)
  local scheme, rest = value:match "^(%a[%w+.%-]*):([^%s%c]*)$"
  local is_web = scheme and scheme:lower():find "^https?$"
  return scheme ~= nil and (not is_web or rest:find "^//[^/?#]" ~= nil)
end

check.https = check.pattern "^https://[^%s/?#]+[^%s]*$"
check.country = check.pattern "^%a%a$"

--- Whether a text is a date of the calendar, written YYYY-MM-DD.
---@param value string
---@return boolean
function check.date(value)
  return value:find("^%d%d%d%d%-%d%d%-%d%d$") ~= nil and Clock.parse(value) ~= nil
end

local function inside(path, name)
  local longer = {}
  for i, part in ipairs(path) do
    longer[i] = part
  end
  longer[#longer + 1] = name
  return longer
end

local function problem_of(rule, value)
  if value == nil or value == json.null then
    return rule.required and "missing" or nil
  end
  if type(value) ~= (rule.kind or rule.fields and "table" or "string") then
    return "type"
  end
  return rule.is and not rule.is(value) and "value" or nil
end

--- Walks a body and lists what is wrong with it.
---@param body table
---@param rules table[]
---@param path string[]|nil where `body` stands
---@param problems idv.sandbox.Problem[]|nil the list to add to
---@return idv.sandbox.Problem[]
function check.walk(body, rules, path, problems)
  path, problems = path or {}, problems or {}
  for _, rule in ipairs(rules) do
    local value = body[rule[1]]
    local kind = problem_of(rule, value)
    if kind then
      problems[#problems + 1] = { path = inside(path, rule[1]), kind = kind, rule = rule, value = value }
    elseif rule.fields and type(value) == "table" then
      check.walk(value, rule.fields, inside(path, rule[1]), problems)
    end
  end
  return problems
end

--- A whole number in a query string; nil when it is none or out of bounds.
---@param text string|nil
---@param absent integer what to take when nothing was sent
---@param least integer
---@param most integer
---@return integer|nil
function check.whole(text, absent, least, most)
  if text == nil then
    return absent
  end
  local number = text:match("^%d+$") and #text <= 15 and tonumber(text) or nil
  return number and number >= least and number <= most and number or nil
end

return check
