--- impact.com's partner identity verification, simulated: one endpoint that creates a session or resumes one.
--
-- Answers JSON when the request accepts it and XML otherwise, as that platform does. A session in progress is
-- given again to whoever asks for the same user of the same account; once it has ended there is a new one.
-- Any AccountSID is taken, with any password (see credentials.lua for bad ones). Rate limits are told in the
-- headers of the partner API, and enforced only when that is set.

local credentials = require "idv.sandbox.credentials"
local hosted = require "idv.sandbox.hosted"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"
local reply = require "idv.sandbox.reply"
local Store = require "idv.sandbox.store"

local most_sessions = 20000
local account_number = "1924609"
local first_id = 48944
local hour = 3600

---@class idv.sandbox.Impact
---@field private context idv.sandbox.Context
local Impact = {}
Impact.__index = Impact

-- ---- answers, in JSON or XML ----

local function xml_text(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- Fields as elements; a list is a list of {name, value}, so that the order is the one of the documentation.
local function xml_of(list)
  local out = {}
  for _, field in ipairs(list) do
    local value = type(field[2]) == "table" and xml_of(field[2]) or xml_text(tostring(field[2]))
    out[#out + 1] = "<" .. field[1] .. ">" .. value .. "</" .. field[1] .. ">"
  end
  return table.concat(out)
end

local function json_of(list)
  local object = {}
  for _, field in ipairs(list) do
    object[field[1]] = type(field[2]) == "table" and json_of(field[2]) or field[2]
  end
  return #list > 0 and object or json.list {}
end

local function accepts_json(request)
  return (request:header "accept" or ""):lower():find("application/json", 1, true) ~= nil
end

-- An answer from a list of {name, value}; an empty list as a value is an empty list in JSON too.
local function answer(request, status, list)
  if accepts_json(request) then
    return reply.json(status, json_of(list))
  end
  local body = '<?xml version="1.0" encoding="UTF-8"?>\n<ImpactRadiusResponse>' .. xml_of(list)
    .. "</ImpactRadiusResponse>\n"
  return reply.new(status, "text/xml;charset=UTF-8", body)
end

local function failure(request, status, message)
  return answer(request, status, { { "Status", "ERROR" }, { "Message", message } })
end

local function invalid(request, field, value)
  local shown = value == nil and "null" or value == json.null and "null" or tostring(value)
  local message = "Invalid value [" .. shown .. "] for parameter [" .. field .. "]"
  return answer(request, 400, {
    { "Status", "ERROR" }, { "Message", "Validation Errors" },
    { "Errors", { { "Error", { { "Field", field }, { "Message", message } } } } },
  })
end

-- ---- who asks, and how often ----

local function refuse(request)
  local user, password = credentials.basic(request:header "authorization")
  local verdict = credentials.judge(user)
  if verdict == "good" then
    verdict = credentials.judge(password)
  end
  if verdict == "invalid" then
    return answer(request, 401, { { "status", 401 }, { "title", "Unauthorized" } })
  elseif verdict == "forbidden" then
    return failure(request, 403, "The token has no permission for this resource")
  end
  return nil
end

-- Counts a request against its hour.
function Impact:count()
  local now, limit = self.context.clock:now(), self.context.settings.impact.rate_limit
  if now >= self.window_ends or now < self.window_ends - hour then
    self.window_ends, self.used = now + hour, 0
  end
  self.used = self.used + 1
  return math.max(0, limit - self.used), math.ceil(self.window_ends - now), self.used > limit
end

-- ---- the endpoint ----

local function digits(number)
  return string.format("%.0f", number)
end

local function is_user(value)
  return type(value) == "number" and value == math.floor(value) and value >= 0 and value < 1e16
end

local function is_address(value)
  return value == nil or value == json.null or type(value) == "string" and #value <= 255
end

local function is_inaccessible(list, user)
  for _, number in ipairs(list) do
    if number == user then
      return true
    end
  end
  return false
end

-- The session in progress of a user, or a new one.
function Impact:session_for(account, user)
  local name = account .. "/" .. user
  local place = self.current:get(name) or self.current:add(name, {})
  if place.session and place.session.status == "in_progress" then
    return place.session
  end
  self.serial = self.serial + 1
  local session = {
    id = digits(first_id + self.serial), session_id = ids.uuid(), token = ids.hex(24), account = account,
    user = user, status = "in_progress",
  }
  place.session = session
  self.by_token:add(session.token, session)
  return self.sessions:add(session.id, session)
end

local function show(request, session)
  return answer(request, 200, {
    { "Status", "OK" },
    { "Uri", "/Mediapartners/" .. session.account .. "/IdentityVerification/Session/" .. session.id },
    { "id", session.id }, { "sessionId", session.session_id },
    { "sessionUrl", request.base .. "/_hosted/impact/" .. session.token }, { "memberId", session.user },
  })
end

function Impact:create_session(request)
  local body = request:json()
  if not body then
    return failure(request, 400, "The request body is not valid JSON")
  elseif not is_user(body.UserId) then
    return invalid(request, "UserId", body.UserId)
  elseif not is_address(body.CallbackUrl) then
    return invalid(request, "CallbackUrl", body.CallbackUrl)
  end
  local user = digits(body.UserId)
  if is_inaccessible(self.context.settings.impact.inaccessible_users, body.UserId) then
    local message = "UserId [" .. user .. "] is not accessible for account [" .. account_number .. "]"
    return answer(request, 400, { { "Status", "ERROR" }, { "Message", message }, { "Errors", {} } })
  end
  local session = self:session_for(request.params.AccountSID, user)
  session.callback = body.CallbackUrl ~= json.null and body.CallbackUrl or session.callback
  return show(request, session)
end

function Impact:serve(request)
  local refused = refuse(request)
  if refused then
    return refused
  end
  local remaining, reset, over = self:count()
  local settings = self.context.settings.impact
  local made = over and settings.enforce_rate_limit and failure(request, 429, "Rate limit exceeded")
    or self:create_session(request)
  reply.with_header(made, "X-RateLimit-Limit-hour", digits(settings.rate_limit))
  reply.with_header(made, "X-RateLimit-Remaining-hour", digits(remaining))
  reply.with_header(made, "RateLimit-Reset", digits(reset))
  return made.status == 429 and reply.with_header(made, "Retry-After", digits(reset)) or made
end

-- ---- the applicant's page ----

-- The parameters that are added on the way back are not documented, so there are none.
local outcomes = {
  { name = "complete", label = "The verification is complete", status = "completed" },
  { name = "fail", label = "The verification fails", status = "failed" },
  { name = "abandon", label = "The applicant leaves, and may come back", status = "in_progress" },
}

function Impact:page_routes()
  return hosted.routes {
    template = "/_hosted/impact/{token}", title = "Verify your identity", outcomes = outcomes,
    find = function(token) return self.by_token:get(token) end,
    is_open = function(session) return session.status == "in_progress" end,
    open = function() end,
    choose = function(session, outcome, _, request)
      session.status = outcome.status
      return session.callback or (request.base .. "/_hosted/done")
    end,
  }
end

-- ---- for the control API ----

local final = { completed = true, failed = true }

---@param id string the session's number
---@return table|nil session
function Impact:find(id)
  return self.sessions:get(id)
end

--- Moves a session: to `order.status`, or without one to `completed`.
---@param session table
---@param order {status?: string}
---@return string|nil problem
function Impact:advance(session, order) -- luacheck: no self
  local status = order.status or "completed"
  if status ~= "in_progress" and not final[status] then
    return "impact.com's sessions have no status " .. status
  elseif not order.status and final[session.status] then
    return "the status is final"
  end
  session.status = status
  return nil
end

function Impact:routes()
  local routes = self:page_routes()
  routes[#routes + 1] = {
    "POST", "/Mediapartners/{AccountSID}/IdentityVerification/Session", "create_session",
    function(request) return self:serve(request) end,
  }
  return routes
end

--- An impact.com without any sessions.
---@param context idv.sandbox.Context
---@return idv.sandbox.Impact
function Impact.new(context)
  return setmetatable({
    name = "impact", final = final, context = context, sessions = Store.new(most_sessions),
    by_token = Store.new(most_sessions), current = Store.new(most_sessions), serial = -1,
    window_ends = 0, used = 0,
  }, Impact)
end

return Impact
