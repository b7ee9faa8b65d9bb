--- deepIDV, simulated: sessions, their list and decision, and the check of a key.
--
-- Follows the "Create Session" page first and the provider's OpenAPI file and guides for the rest. A key that
-- starts with `sandbox_` is a sandbox key: it may only read, and reads fixtures. Every other key is a live
-- one; see credentials.lua for bad ones. Undocumented and therefore a guess: the answer to update-status (the
-- session record, as in the answer to a read) and the order of the list (newest first).

local analysis = require "idv.sandbox.deepidv_analysis"
local Clock = require "idv.sandbox.clock"
local credentials = require "idv.sandbox.credentials"
local fields = require "idv.sandbox.deepidv_fields"
local fixtures = require "idv.sandbox.deepidv_fixtures"
local hosted = require "idv.sandbox.hosted"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"
local reply = require "idv.sandbox.reply"
local Store = require "idv.sandbox.store"
local Storage = require "idv.sandbox.storage"
local uri = require "idv.sandbox.uri"

local most_sessions = 20000
local organization = "org_sandbox"

local statuses = {
  PENDING = true, SUBMITTED = true, VERIFIED = true, REJECTED = true, VOIDED = true, EXPIRED = true,
  FAILED = true,
}
local final = { VERIFIED = true, REJECTED = true, VOIDED = true, EXPIRED = true, FAILED = true }
local captured = { SUBMITTED = true, VERIFIED = true, REJECTED = true }

---@class idv.sandbox.Deepidv
---@field private context idv.sandbox.Context
local Deepidv = {}
Deepidv.__index = Deepidv

local function refusal(status, message)
  return reply.json(status, { error = message })
end

-- ---- how things look ----

local function stamp(moment)
  return moment and Clock.iso(moment, 3) or nil
end

local function uploads_of(session)
  local uploads = {}
  for _, slot in ipairs(analysis.slots) do
    uploads[slot] = captured[session.status] == true and analysis.usual_slots[slot] == true
  end
  return uploads
end

-- Nil before the applicant has submitted anything.
local function analysis_of(session)
  if not captured[session.status] then
    return nil
  end
  return analysis.of(session.user, session.status == "REJECTED" and "bad" or "good", stamp(session.submitted))
end

local function record_of(session)
  return {
    id = session.id, organization_id = organization, user_id = session.user_id,
    sender_user_id = session.sender_id,
    created_at = stamp(session.created), updated_at = stamp(session.modified),
    type = session.workflow_id and "session" or "verification",
    status = session.status, session_progress = session.progress, external_id = session.external_id,
    workflow_id = session.workflow_id,
    workflow_steps = session.workflow_id and analysis.workflow_steps, redirect_url = session.redirect_url,
    expires_at = stamp(session.expires),
    submitted_at = stamp(session.submitted), uploads = uploads_of(session), meta_data = session.meta_data,
  }
end

function Deepidv:detail(session, base)
  local record, links = record_of(session), {}
  record.analysis_data = analysis_of(session)
  for slot in pairs(captured[session.status] and analysis.usual_slots or {}) do
    links[slot] = self.context.storage:link(base, "deepidv", session.id, slot .. ".png",
      self.context.settings.deepidv.link_seconds)
  end
  return {
    session_record = record, resource_links = links, user = session.user,
    sender_user = { id = session.sender_id },
  }
end

-- ---- how a session moves ----

local function move(session, status, now)
  session.status, session.modified = status, now
  if captured[status] then
    session.progress, session.submitted = "COMPLETED", session.submitted or now
  elseif status == "FAILED" or status == "VOIDED" then
    session.progress = "COMPLETED"
  end
end

-- Why a session has failed, or was declined; nothing for other statuses and without a reason.
local function tell_reason(session, reason, now)
  local meta = session.meta_data
  if reason and session.status == "FAILED" then
    meta.failureData = analysis.failure(meta.failureData, reason, stamp(now))
  elseif reason and session.status == "REJECTED" then
    meta.declinedData = analysis.decline(reason, stamp(now))
  end
end

local function step(session, now)
  if final[session.status] then
    return "the status is final"
  elseif session.status == "SUBMITTED" then
    move(session, "VERIFIED", now)
  elseif session.progress == "PENDING" then
    session.progress, session.modified = "STARTED", now
  else
    move(session, "SUBMITTED", now)
  end
  return nil
end

local function expire(session, now)
  if session.status == "PENDING" and session.expires and now > session.expires then
    move(session, "EXPIRED", now)
  end
end

-- What happens to a session by itself when somebody looks at it.
function Deepidv:refresh(session)
  expire(session, self.context.clock:now())
  if session.automatic then
    step(session, self.context.clock:now())
  end
end

-- ---- endpoints ----

local function knows(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

function Deepidv:new_session(wanted, key)
  local now = self.context.clock:now()
  local id = ids.uuid()
  self.serial = self.serial + 1
  return self.sessions:add(id, {
    id = id, serial = self.serial, created = now, modified = now, status = "PENDING", progress = "PENDING",
    user_id = ids.uuid(), sender_id = "user_sandbox", sender_key = key, external_id = wanted.externalId,
    workflow_id = wanted.workflowId, redirect_url = wanted.redirectUrl, meta_data = {},
    expires = wanted.expiresInHours and now + wanted.expiresInHours * 3600,
    user = {
      first_name = wanted.firstName, last_name = wanted.lastName, email = wanted.email, phone = wanted.phone,
    },
    automatic = self.context.settings.deepidv.automatic,
  })
end

local function session_url(session, base)
  return base .. "/session/" .. session.id .. "?" .. uri.build_query {
    { "oid", organization }, { "redirect_url", session.redirect_url },
  }
end

function Deepidv:create_session(request, key)
  local body = request:json()
  if not body then
    return reply.json(400, { message = "Invalid request body", hints = json.list {} })
  end
  local wanted, hints = fields.read(body)
  if #hints > 0 then
    return reply.json(400, { message = "Invalid request body", hints = hints })
  end
  local settings = self.context.settings.deepidv
  if wanted.workflowId and not knows(settings.workflows, wanted.workflowId) then
    return refusal(404, "Workflow not found")
  elseif settings.balance_empty then
    return reply.text(402, "Insufficient funds or subscription.")
  end
  local session = self:new_session(wanted, key)
  return reply.json(200, {
    id = session.id, session_url = session_url(session, request.base), externalId = session.external_id,
    links = json.list {}, expires_at = stamp(session.expires),
  })
end

-- The one mode of the query that applies, as a test of a session.
local function mode_of(args, key)
  if args.external_id then
    return function(session) return session.external_id == args.external_id end
  elseif args.workflow_id then
    return function(session) return session.workflow_id == args.workflow_id end
  elseif args.by_organization == "true" then
    return function() return true end
  end
  return function(session) return session.sender_key == key end
end

function Deepidv:list_sessions(request, key)
  local query, hints = fields.read_query(request.args)
  if #hints > 0 then
    return reply.json(400, { message = "Invalid query parameters", hints = hints })
  end
  local wanted, page, last, next_token = mode_of(request.args, key), json.list {}, nil, json.null
  for session in self.sessions:each() do
    if session.serial < query.before and session.created >= query.from and session.created <= query.to
      and wanted(session) then
      if #page == query.limit then
        next_token = fields.token_for(last)
        break
      end
      expire(session, self.context.clock:now())
      page[#page + 1], last = record_of(session), session.serial
    end
  end
  return reply.json(200, { sessions = page, next_token = next_token })
end

function Deepidv:get_session(request)
  local session = self.sessions:get(request.params.id)
  if not session then
    return refusal(404, "Session not found")
  end
  self:refresh(session)
  return reply.json(200, self:detail(session, request.base))
end

function Deepidv:update_status(request)
  local session = self.sessions:get(request.params.id)
  local body = request:json() or {}
  if not session then
    return refusal(404, "Session not found")
  elseif body.new_status ~= "VERIFIED" and body.new_status ~= "REJECTED" then
    local hint = fields.status_hint(body.new_status)
    return reply.json(400, { message = "Invalid request body", hints = { hint } })
  end
  move(session, body.new_status, self.context.clock:now())
  session.automatic = false
  return reply.json(200, { session_record = record_of(session) })
end

function Deepidv:verify_key() -- luacheck: no self
  return reply.json(200, {
    valid = true, organization = { id = organization, name = "Sandbox Organization", status = "active" },
  })
end

-- ---- the applicant's page ----

local outcomes = {
  { name = "complete", label = "The verification is complete", status = "success", to = "SUBMITTED" },
  { name = "fail", label = "It fails: the document is unreadable", status = "failed", to = "FAILED",
    reason = "document_unreadable" },
  { name = "mismatch", label = "It fails: the face is another one", status = "failed", to = "FAILED",
    reason = "face_mismatch" },
  { name = "expire", label = "It takes too long", status = "failed", to = "EXPIRED",
    reason = "session_expired" },
  { name = "abandon", label = "The applicant leaves", status = "abandoned", reason = "user_cancelled" },
}

function Deepidv:choose(session, outcome, reason, base)
  local now = self.context.clock:now()
  session.progress = "STARTED"
  if outcome.to then
    move(session, outcome.to, now)
  end
  if outcome.to == "FAILED" then
    tell_reason(session, reason, now)
  end
  session.automatic = outcome.name == "complete" or session.automatic
  return uri.add_query(session.redirect_url or (base .. "/_hosted/done"), {
    { "session_id", session.id }, { "status", outcome.status }, { "reason", reason },
  })
end

function Deepidv:page_routes()
  return hosted.routes {
    template = "/session/{token}", title = "Verify your identity", outcomes = outcomes,
    find = function(token)
      local session = self.sessions:get(token)
      if session then
        expire(session, self.context.clock:now())
      end
      return session
    end,
    is_open = function(session) return session.status == "PENDING" end,
    open = function(session) session.progress = "STARTED" end,
    choose = function(session, outcome, reason, request)
      return self:choose(session, outcome, reason, request.base)
    end,
  }
end

-- ---- for the control API ----

---@param id string
---@return table|nil session
function Deepidv:find(id)
  return self.sessions:get(id)
end

--- Moves a session: to `order.status`, or without one a step along.
---@param session table
---@param order {status?: string, reason?: string}
---@return string|nil problem
function Deepidv:advance(session, order)
  local now = self.context.clock:now()
  if not order.status then
    return step(session, now)
  elseif not statuses[order.status] then
    return "deepIDV has no status " .. order.status
  end
  move(session, order.status, now)
  tell_reason(session, order.reason, now)
  return nil
end

local events = {
  PENDING = "session.created", SUBMITTED = "session.status.submitted", VERIFIED = "session.status.verified",
  REJECTED = "session.status.rejected", FAILED = "session.status.failed",
}

--- The webhook that tells of a session's present status, as it would arrive.
---@param session table
---@param order {secret?: string, type?: string}
---@return string[][] headers
---@return string|nil body nil when deepIDV has no event for that status
function Deepidv:webhook(session, order) -- luacheck: no self
  local event = order.type or events[session.status]
  local headers = { { "Content-Type", "application/json" } }
  if order.secret then
    headers[#headers + 1] = { "deepidv-signature", order.secret }
  end
  return headers, event and json.encode { type = event, data = record_of(session) }
end

-- ---- routes ----

local endpoints = {
  { "POST", "/v1/sessions", "create_session" },
  { "GET", "/v1/sessions", "list_sessions" },
  { "GET", "/v1/sessions/{id}", "get_session" },
  { "PATCH", "/v1/sessions/{id}/update-status", "update_status" },
  { "GET", "/v1/auth/verify", "verify_key" },
}

-- An endpoint behind the key; sandbox keys get fixtures in its place.
function Deepidv:guarded(operation)
  return function(request)
    local key = request:header "x-api-key"
    local verdict = credentials.judge(key)
    if verdict == "invalid" then
      return reply.json(401, { detail = "Invalid or missing API key" })
    elseif verdict == "forbidden" then
      return refusal(403, "This API key belongs to another organization.")
    elseif key:find("^sandbox_") and operation ~= "verify_key" then
      return fixtures.answer(request, operation)
    end
    return self[operation](self, request, key)
  end
end

function Deepidv:routes()
  local routes = self:page_routes()
  for _, endpoint in ipairs(endpoints) do
    routes[#routes + 1] = { endpoint[1], endpoint[2], endpoint[3], self:guarded(endpoint[3]) }
  end
  routes[#routes + 1] = self.context.storage:route "deepidv"
  return routes
end

--- A deepIDV without any sessions.
---@param context idv.sandbox.Context
---@return idv.sandbox.Deepidv
function Deepidv.new(context)
  local self = setmetatable({
    name = "deepidv", final = final, context = context, sessions = Store.new(most_sessions), serial = 0,
  }, Deepidv)
  context.storage:serve("deepidv", function(owner)
    return self.sessions:get(owner) and Storage.picture() or nil
  end)
  return self
end

return Deepidv
