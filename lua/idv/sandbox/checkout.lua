--- Checkout.com Identities, simulated: applicants, identity verifications, attempts, reports, tokens.
--
-- Follows the API reference of 2025-07 with what later versions add (`created`, attempt assets,
-- `pdf_report`). Where the reference says nothing, this says what is least surprising: 401 and 404 have no
-- body, 409 and 422 have the documented error body, and a verification made without an attempt is `created`.
-- Credentials: a secret key (`sk_...`) or a token from POST /connect/token; see credentials.lua for bad ones.

local check = require "idv.sandbox.check"
local credentials = require "idv.sandbox.credentials"
local flow = require "idv.sandbox.checkout_flow"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"
local page = require "idv.sandbox.checkout_page"
local reply = require "idv.sandbox.reply"
local rules = require "idv.sandbox.checkout_rules"
local Store = require "idv.sandbox.store"
local View = require "idv.sandbox.checkout_view"
local webhook = require "idv.sandbox.checkout_webhook"

local most_records = 20000
local scope = "identity-verification"
local usual_journey = "usj_aaaaaaaaaaaaaaaaaaaaaaaaaa"

-- ---- answers ----

local function refusal(request, status, error_type, error_codes)
  return reply.json(status, {
    request_id = request.trace, error_type = error_type, error_codes = error_codes,
  })
end

-- What is wrong with the fields of a request. The pages of verifications have 422 for it, those of applicants 400.
local function invalid(request, problems, status)
  local error_codes = {}
  for i, problem in ipairs(problems) do
    local ending = problem.kind == "missing" and "__required" or "__invalid"
    error_codes[i] = table.concat(problem.path, "__") .. ending
  end
  return refusal(request, status, "request_invalid", error_codes)
end

-- The body of a request that follows the rules, or nil and the refusal.
local function read(request, known, status)
  local body = request:json()
  if not body then
    return nil, refusal(request, 400, "request_invalid", { "request_body_malformed" })
  end
  local problems = check.walk(body, known)
  if #problems > 0 then
    return nil, invalid(request, problems, status or 422)
  end
  return body
end

---@class idv.sandbox.Checkout
---@field private context idv.sandbox.Context
local Checkout = {}
Checkout.__index = Checkout

-- ---- tokens ----

local function token_refusal(code)
  return reply.with_header(reply.json(400, { error = code }), "Cache-Control", "no-store")
end

local function asks_for_scope(text)
  return text == nil or text == "" or text == scope
end

local function is_known(client, secret)
  return client ~= nil and client:find("^ack_%w") ~= nil and credentials.judge(client) == "good"
    and credentials.judge(secret) == "good"
end

function Checkout:issue_token(request)
  local form = request:form()
  if not form or form.grant_type ~= "client_credentials" then
    return token_refusal(form and form.grant_type and "unsupported_grant_type" or "invalid_request")
  end
  local client, secret = credentials.basic(request:header "authorization")
  client, secret = form.client_id or client, form.client_secret or secret
  if not is_known(client, secret) then
    return token_refusal "invalid_client"
  elseif not asks_for_scope(form.scope) then
    return token_refusal "invalid_scope"
  end
  local lifetime = self.context.settings.checkout.token_expires_in
  local token = ids.hex(32)
  self.tokens:add(token, { ends = self.context.clock:now() + lifetime })
  return reply.with_header(reply.json(200, {
    access_token = token, token_type = "Bearer", expires_in = lifetime, scope = scope,
  }), "Cache-Control", "no-store")
end

--- Makes every token that was issued worthless.
function Checkout:revoke_tokens()
  self.tokens = Store.new(most_records)
end

-- nil when the request may go on, otherwise the refusal.
function Checkout:refuse(request)
  local secret = credentials.bearer(request:header "authorization")
  local verdict = credentials.judge(secret)
  if verdict == "good" and not secret:find("^sk_%w") then
    local token = self.tokens:get(secret)
    verdict = token and self.context.clock:now() < token.ends and "good" or "invalid"
  end
  if verdict == "good" then
    return nil
  end
  return reply.empty(verdict == "forbidden" and 403 or 401)
end

-- ---- applicants ----

function Checkout:new_applicant(body)
  local now = self.context.clock:now()
  local applicant = rules.keep(body, rules.applicant)
  applicant.id, applicant.created, applicant.modified = ids.token "aplt_", now, now
  return self.applicants:add(applicant.id, applicant)
end

function Checkout:create_applicant(request)
  local body, refused = read(request, rules.applicant, 400)
  return refused or reply.json(201, View.applicant(self:new_applicant(body), request.base))
end

function Checkout:with_applicant(request, act)
  local applicant = self.applicants:get(request.params.applicant_id)
  if not applicant then
    return reply.empty(404)
  end
  return act(applicant) or reply.json(200, View.applicant(applicant, request.base))
end

function Checkout:get_applicant(request)
  return self:with_applicant(request, function() end)
end

function Checkout:update_applicant(request)
  return self:with_applicant(request, function(applicant)
    local body, refused = read(request, rules.applicant, 400)
    if refused then
      return refused
    elseif body.external_applicant_id then
      return refusal(request, 400, "request_invalid", { "external_applicant_id__invalid" })
    end
    for name, value in pairs(rules.keep(body, rules.applicant)) do
      applicant[name] = value
    end
    applicant.modified = self.context.clock:now()
  end)
end

function Checkout:anonymize_applicant(request)
  return self:with_applicant(request, function(applicant)
    applicant.email, applicant.external_applicant_name = nil, nil
    applicant.modified = self.context.clock:now()
  end)
end

-- ---- verifications ----

function Checkout:new_verification(body, applicant)
  local now = self.context.clock:now()
  local verification = {
    id = ids.token "idv_", created = now, modified = now, status = "created", response_codes = {},
    risk_labels = {}, attempts = {}, applicant_id = applicant.id,
    external_id = applicant.external_applicant_id,
    declared_data = rules.keep(body.declared_data, rules.declared),
    user_journey_id = body.user_journey_id or usual_journey,
    scenario = flow.scenario(applicant.external_applicant_id),
    automatic = self.context.settings.checkout.automatic,
  }
  return self.sessions:add(verification.id, verification)
end

function Checkout:new_attempt(verification, body)
  local now = self.context.clock:now()
  local attempt = rules.keep(body, rules.attempt)
  attempt.id, attempt.created, attempt.modified = ids.token "iatp_", now, now
  attempt.verification, attempt.status, attempt.response_codes = verification, "pending_redirection", {}
  if flow.add_attempt(verification, attempt, now) then
    return self.attempts:add(attempt.id, attempt)
  end
  return nil
end

-- The applicant that a create request means; nil when it names one that is unknown.
function Checkout:applicant_for(body)
  if body.applicant_id == nil or body.applicant_id == json.null then
    return self:new_applicant {}
  end
  return self.applicants:get(body.applicant_id)
end

function Checkout:create_verification(request)
  local body, refused = read(request, rules.create)
  if refused then
    return refused
  end
  local applicant = self.applicants:get(body.applicant_id)
  if not applicant then
    return reply.empty(404)
  end
  return reply.json(201, self.view:verification(self:new_verification(body, applicant), request.base))
end

function Checkout:create_and_open(request)
  local body, refused = read(request, rules.open)
  if refused then
    return refused
  end
  local applicant = self:applicant_for(body)
  if not applicant then
    return reply.empty(404)
  end
  local verification = self:new_verification(body, applicant)
  self:new_attempt(verification, { redirect_url = body.redirect_url })
  local shown = self.view:verification(verification, request.base)
  shown.redirect_url = body.redirect_url
  return reply.json(201, shown)
end

-- Ends the newest attempt if nobody has used it in time.
function Checkout:expire(verification)
  flow.expire(verification, self.context.clock:now(), self.context.settings.checkout.attempt_seconds)
end

-- Acts on the verification that the path names, or answers 404.
function Checkout:with_verification(request, act)
  local verification = self.sessions:get(request.params.identity_verification_id)
  if not verification then
    return reply.empty(404)
  end
  return act(verification)
end

function Checkout:get_verification(request)
  return self:with_verification(request, function(verification)
    self:expire(verification)
    if verification.automatic then
      flow.step(verification, self.context.clock:now())
    end
    return reply.json(200, self.view:verification(verification, request.base))
  end)
end

function Checkout:anonymize_verification(request)
  return self:with_verification(request, function(verification)
    flow.anonymize(verification, self.context.clock:now())
    return reply.json(200, self.view:verification(verification, request.base))
  end)
end

function Checkout:get_report(request)
  return self:with_verification(request, function(verification)
    local settings = self.context.settings.checkout
    local ended = verification.status == "approved" or verification.status == "declined"
    if not ended or verification.anonymized or not settings.report_ready then
      return reply.empty(404)
    elseif settings.report == "pdf" then
      return self.view:report(verification)
    end
    return reply.json(200, { [settings.report] = self.view:report_link(verification, request.base) })
  end)
end

-- ---- attempts ----

function Checkout:create_attempt(request)
  return self:with_verification(request, function(verification)
    local body, refused = read(request, rules.attempt)
    if refused then
      return refused
    end
    self:expire(verification)
    local attempt = self:new_attempt(verification, body)
    if not attempt then
      return refusal(request, 409, "conflict", { "identity_verification__status__invalid" })
    end
    return reply.json(201, View.attempt(attempt, request.base))
  end)
end

-- A page of `items` as the query asks for it.
local function paged(request, items, show)
  local skip = check.whole(request.args.skip, 0, 0, 1e9)
  local limit = check.whole(request.args.limit, 10, 1, 1e9)
  if not skip or not limit then
    return refusal(request, 422, "request_invalid", { skip and "limit__invalid" or "skip__invalid" })
  end
  return reply.json(200, View.page(items, skip, limit, request.base .. request.path, show))
end

function Checkout:list_attempts(request)
  return self:with_verification(request, function(verification)
    self:expire(verification)
    local newest_first = {}
    for i = #verification.attempts, 1, -1 do
      newest_first[#newest_first + 1] = verification.attempts[i]
    end
    return paged(request, newest_first, function(attempt) return View.attempt(attempt, request.base) end)
  end)
end

function Checkout:with_attempt(request, act)
  return self:with_verification(request, function(verification)
    local attempt = self.attempts:get(request.params.attempt_id)
    if not attempt or attempt.verification ~= verification then
      return reply.empty(404)
    end
    return act(attempt)
  end)
end

function Checkout:get_attempt(request)
  return self:with_attempt(request, function(attempt)
    self:expire(attempt.verification)
    return reply.json(200, View.attempt(attempt, request.base))
  end)
end

function Checkout:list_assets(request)
  return self:with_attempt(request, function(attempt)
    return paged(request, self.view:assets(attempt, request.base), function(entry) return entry end)
  end)
end

-- ---- for the control API ----

--- The verification with that id, or the one whose attempt has it.
---@param id string
---@return table|nil verification
function Checkout:find(id)
  local attempt = self.attempts:get(id)
  return self.sessions:get(id) or attempt and attempt.verification
end

local attempt_states = check.one_of {
  "pending_redirection", "capture_in_progress", "capture_aborted", "capture_refused", "expired",
  "checks_in_progress", "checks_inconclusive", "completed", "terminated",
}

local function order_problem(verification, order)
  if not flow.is_status(order.status) then
    return "Checkout.com has no status " .. order.status
  elseif order.status ~= "created" and #verification.attempts == 0 then
    return "it needs an attempt first"
  elseif order.attempt_status and not attempt_states(order.attempt_status) then
    return "Checkout.com has no attempt status " .. order.attempt_status
  end
  return nil
end

--- Moves a verification: to `order.status`, or without one a step along its scenario.
---@param verification table
---@param order {status?: string, response_code?: number, attempt_status?: string, risk_labels?: string[]}
---@return string|nil problem
function Checkout:advance(verification, order)
  local now = self.context.clock:now()
  verification.risk_labels = order.risk_labels or verification.risk_labels
  if not order.status then
    return flow.step(verification, now)
  end
  local problem = order_problem(verification, order)
  if not problem then
    flow.move(verification, order.status, now, order.response_code, order.attempt_status)
  end
  return problem
end

--- The webhook that tells of a verification's present status, as it would arrive.
---@param verification table
---@param order {secret?: string, type?: string, status?: string, authorization?: string}
---@return string[][] headers
---@return string body
function Checkout:webhook(verification, order)
  return webhook.make(verification, order, self.context.clock:now())
end

-- ---- routes ----

local endpoints = {
  { "POST", "/create-and-open-idv", "create_and_open" },
  { "POST", "/identity-verifications", "create_verification" },
  { "GET", "/identity-verifications/{identity_verification_id}", "get_verification" },
  { "POST", "/identity-verifications/{identity_verification_id}/anonymize", "anonymize_verification" },
  { "POST", "/identity-verifications/{identity_verification_id}/attempts", "create_attempt" },
  { "GET", "/identity-verifications/{identity_verification_id}/attempts", "list_attempts" },
  { "GET", "/identity-verifications/{identity_verification_id}/attempts/{attempt_id}", "get_attempt" },
  { "GET", "/identity-verifications/{identity_verification_id}/attempts/{attempt_id}/assets", "list_assets" },
  { "GET", "/identity-verifications/{identity_verification_id}/pdf-report", "get_report" },
  { "POST", "/applicants", "create_applicant" },
  { "GET", "/applicants/{applicant_id}", "get_applicant" },
  { "PATCH", "/applicants/{applicant_id}", "update_applicant" },
  { "POST", "/applicants/{applicant_id}/anonymize", "anonymize_applicant" },
}

-- An endpoint behind the credentials, with the request id that every answer carries.
function Checkout:guarded(operation)
  return function(request)
    request.trace = ids.uuid()
    local answer = self:refuse(request) or self[operation](self, request)
    return reply.with_header(answer, "Cko-Request-Id", request.trace)
  end
end

function Checkout:routes()
  local routes = page.routes(self.context, function(id) return self.attempts:get(id) end)
  for _, endpoint in ipairs(endpoints) do
    routes[#routes + 1] = { endpoint[1], endpoint[2], endpoint[3], self:guarded(endpoint[3]) }
  end
  routes[#routes + 1] = { "POST", "/connect/token", "issue_token", function(request)
    return self:issue_token(request)
  end }
  routes[#routes + 1] = self.context.storage:route "checkout"
  return routes
end

--- A Checkout.com without any records.
---@param context idv.sandbox.Context
---@return idv.sandbox.Checkout
function Checkout.new(context)
  local self = setmetatable({
    name = "checkout", final = flow.final, context = context, view = View.new(context),
    applicants = Store.new(most_records), sessions = Store.new(most_records),
    attempts = Store.new(most_records), tokens = Store.new(most_records),
  }, Checkout)
  context.storage:serve("checkout", function(owner, file)
    return self.view:file(self.sessions:get(owner), file)
  end)
  return self
end

return Checkout
