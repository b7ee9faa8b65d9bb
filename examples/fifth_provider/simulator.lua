--- Larkspur, simulated: `idv-sandbox --simulator examples/fifth_provider/simulator.lua`.
---
--- A simulator is a table with `new(context)`; what that returns has a name, its routes, and what the control API asks
--- of it: `sessions`, `final`, `find` and `advance`. The sandbox gives it faults, a journal, TLS and a clock.

local credentials = require "idv.sandbox.credentials"
local hosted = require "idv.sandbox.hosted"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"
local reply = require "idv.sandbox.reply"
local Store = require "idv.sandbox.store"
local uri = require "idv.sandbox.uri"

local most_checks = 20000
local final = { PASSED = true, FAILED = true, CANCELLED = true }
local after = { NEW = "WAITING", WAITING = "REVIEW", REVIEW = "PASSED" }
local outcomes = { { name = "done", label = "Everything is sent in" }, { name = "left", label = "The person leaves" } }

local Larkspur = {}
Larkspur.__index = Larkspur

local function refuse(status, code, text, fields)
  return reply.json(status, { fault = { code = code, text = text, fields = fields } })
end

local function view(check, base)
  return {
    check_id = check.id, state = check.status, reference = check.reference,
    link = { href = base .. "/check/" .. check.id },
  }
end

-- ---- endpoints ----

local function missing_fields(body)
  local fields = json.list {}
  for _, name in ipairs { "given_name", "family_name" } do
    if type(body[name]) ~= "string" or body[name] == "" then
      fields[#fields + 1] = { at = name, why = "is needed" }
    end
  end
  return fields
end

function Larkspur:create(request)
  local body = request:json() or {}
  local fields = missing_fields(body)
  if #fields > 0 then
    return refuse(422, "incomplete", "The check is incomplete.", fields)
  end
  self.serial = self.serial + 1
  local id = ("chk_%06d"):format(self.serial)
  local check = {
    id = id, serial = self.serial, status = "NEW", reference = body.reference, return_to = body.return_to,
  }
  return reply.json(201, view(self.sessions:add(id, check), request.base))
end

function Larkspur:read(request)
  local check = self.sessions:get(request.params.id)
  if not check then
    return refuse(404, "no_such_check", "There is no such check.")
  end
  return reply.json(200, view(check, request.base))
end

function Larkspur:list(request)
  local most, before = tonumber(request.args.per_page) or 20, tonumber(request.args.cursor) or math.huge
  local page, cursor = json.list {}, nil
  for check in self.sessions:each() do
    if check.serial < before then
      if #page == most then
        cursor = ("%d"):format(before)
        break
      end
      page[#page + 1], before = view(check, request.base), check.serial
    end
  end
  return reply.json(200, { checks = page, cursor = cursor })
end

function Larkspur:cancel(request)
  local check = self.sessions:get(request.params.id)
  if check and final[check.status] and check.status ~= "CANCELLED" then
    return refuse(409, "has_result", "The check has a result.")
  elseif check then
    check.status = "CANCELLED"
  end
  return self:read(request)
end

-- ---- the person's page ----

function Larkspur:page_routes()
  return hosted.routes {
    template = "/check/{token}", title = "Larkspur", outcomes = outcomes,
    find = function(token) return self.sessions:get(token) end,
    is_open = function(check) return check.status == "NEW" or check.status == "WAITING" end,
    open = function(check) check.status = "WAITING" end,
    choose = function(check, outcome, _, request)
      check.status = outcome.name == "done" and "REVIEW" or check.status
      return uri.add_query(check.return_to or (request.base .. "/_hosted/done"), {
        { "check", check.id }, { "result", outcome.name },
      })
    end,
  }
end

-- ---- for the control API ----

function Larkspur:find(id)
  return self.sessions:get(id)
end

--- Moves a check to `order.status`, or without one a step along; returns what is in the way.
function Larkspur:advance(check, order) -- luacheck: no self
  local status = order.status or after[check.status]
  if not status then
    return "the status is final"
  elseif not after[status] and not final[status] then
    return "Larkspur has no status " .. status
  end
  check.status = status
  return nil
end

-- ---- routes ----

--- An endpoint behind the key; every answer has the number of its request.
function Larkspur:guarded(handle)
  return function(request)
    local verdict = credentials.judge(credentials.bearer(request:header "authorization"))
    local answer
    if verdict == "good" then
      answer = handle(self, request)
    else
      answer = refuse(verdict == "invalid" and 401 or 403, "key", "This key does not open this door.")
    end
    return reply.with_header(answer, "Larkspur-Request", ids.hex(8))
  end
end

function Larkspur:routes()
  local routes = self:page_routes()
  for _, endpoint in ipairs {
    { "POST", "/v2/checks", "create_session", self.create },
    { "GET", "/v2/checks", "list_sessions", self.list },
    { "GET", "/v2/checks/{id}", "get_session", self.read },
    { "DELETE", "/v2/checks/{id}", "cancel_session", self.cancel },
  } do
    routes[#routes + 1] = { endpoint[1], endpoint[2], endpoint[3], self:guarded(endpoint[4]) }
  end
  return routes
end

return {
  new = function()
    return setmetatable({ name = "larkspur", final = final, sessions = Store.new(most_checks), serial = 0 }, Larkspur)
  end,
}
