--- cidaas account verification, simulated: initiate (which sends a code or a link) and validate.
--
-- Initiate answers 302 whether it worked or not; where it leads tells which. What would be sent goes into the
-- outbox. Codes work a few times and for a while. Two words in an identifier make it fail on purpose:
-- `unknown` (nobody has it) and, as everywhere, `invalid` in a requestId. The texts and codes of errors are
-- those of the documentation where it gives any; pairs it does not give are guesses.

local check = require "idv.sandbox.check"
local hosted = require "idv.sandbox.hosted"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"
local reply = require "idv.sandbox.reply"
local Store = require "idv.sandbox.store"
local uri = require "idv.sandbox.uri"

local most_flows = 20000
local identifiers = { "q", "email", "mobile", "username", "phone", "sub" }
local is_processing_type = check.one_of { "CODE", "LINK" }
local is_medium = check.one_of { "email", "sms", "ivr" }

---@class idv.sandbox.Cidaas
---@field private context idv.sandbox.Context
local Cidaas = {}
Cidaas.__index = Cidaas

-- ---- problems ----

local function problem(code, description, title)
  return { code = code, description = description, title = title or "Expectation Failed" }
end

local nobody = problem("VER_0105", "error while processing request", "Internal Server Error")
local no_request = problem("VER_0005", "requestId or token is missing")
local no_identifier = problem("VER_0005", "missing required field: Email or Mobile or Phone or Username or q")
local bad_request_id = problem("VER_0006", "invalid_request")
local other_person = problem("VER_0006", "invalid_request: identifier does not match the authenticated sub")
local unreadable = problem("VER_0004", "invalid_request_payload")

-- ---- answers ----

local function location(self, request, path, pairs_in_order)
  local absolute = self.context.settings.cidaas.initiate_answer == "absolute"
  return (absolute and request.base or "") .. path .. "?" .. uri.build_query(pairs_in_order)
end

local function json_error(self, status, what)
  local body = { success = false, status = status }
  if self.context.settings.cidaas.error_shape == "flat" then
    body.code, body.error = what.code, what.description
  else
    body.error = { code = what.code, error = what.description }
  end
  return reply.json(status, body)
end

local function failed_initiation(self, request, what)
  if self.context.settings.cidaas.initiate_answer == "json" then
    return json_error(self, what.title == "Internal Server Error" and 500 or 417, what)
  end
  return reply.redirect(location(self, request, "/identity/error", {
    { "error", what.title }, { "error_code", what.code }, { "error_description", what.description },
  }))
end

local function completed(self, request, flow)
  return reply.redirect(location(self, request, "/identity/verification_complete", {
    { "accvid", flow.code and flow.id }, { "email", flow.shown_email }, { "mobile", flow.shown_mobile },
    { "processingType", flow.processing_type }, { "requestId", flow.request_id },
    { "track_id", flow.track_id }, { "type", flow.medium },
  }))
end

-- ---- initiate ----

local function mask_email(address)
  return (address:gsub("^(.).*(@.*)$", "%1****%2"))
end

local function mask_mobile(number)
  return number:sub(1, 3) .. ("*"):rep(math.max(0, #number - 5)) .. number:sub(-2)
end

-- What was sent, as text; empty fields count as absent, as the provider's own clients send them.
local function read_fields(request)
  local sent = request:form() or request:json()
  if not sent then
    return nil
  end
  local given = {}
  for name, value in pairs(sent) do
    given[name] = value ~= json.null and value ~= "" and value or nil
  end
  return given
end

local function identifier_of(given)
  local found, count = nil, 0
  for _, name in ipairs(identifiers) do
    if given[name] ~= nil then
      found, count = name, count + 1
    end
  end
  return found, count
end

local function all_text(given)
  for _, value in pairs(given) do
    if type(value) ~= "string" then
      return false
    end
  end
  return true
end

-- The first thing that is wrong with a request to initiate.
function Cidaas:initiation_problem(given)
  local name, count = identifier_of(given)
  if not all_text(given) then
    return unreadable
  elseif not given.requestId then
    return no_request
  elseif given.requestId:find("invalid", 1, true) then
    return bad_request_id
  elseif not given.processingType then
    return problem("VER_0005", "missing required field: processingType")
  elseif not is_processing_type(given.processingType)
    or not is_medium(given.verificationMedium or "email") then
    return unreadable
  elseif count == 0 and not given.trackId then
    return no_identifier
  elseif count > 1 then
    return problem("VER_0004", "invalid_request_payload: more than one identifier")
  elseif name and given[name]:find("unknown", 1, true) then
    return nobody
  end
  local track = self.tracks:get(given.trackId)
  local differs = track and name and track.identifier ~= given[name]
  return differs and other_person or nil
end

-- Which identifier a track belongs to is fixed by the first request that names both.
function Cidaas:bind_track(given)
  local name = identifier_of(given)
  if given.trackId and name and not self.tracks:get(given.trackId) then
    self.tracks:add(given.trackId, { identifier = given[name] })
  end
end

-- The flow of a request: whom it concerns, and what to show of it.
function Cidaas:new_flow(given, request)
  local medium = given.verificationMedium or "email"
  local email = given.email or "applicant@example.com"
  local mobile = given.mobile or given.phone or "+491700000000"
  local flow = {
    id = ids.uuid(), request_id = given.requestId, track_id = given.trackId or ids.uuid(), medium = medium,
    processing_type = given.processingType, made = self.context.clock:now(), tries = 0, status = "sent",
    shown_email = given.email or mask_email(email),
    shown_mobile = given.mobile or mask_mobile(mobile),
    to = medium == "email" and email or mobile,
  }
  if given.processingType == "CODE" then
    flow.code = ids.digits(6)
  else
    flow.token = ids.hex(24)
    flow.link = request.base .. "/_hosted/cidaas/" .. flow.token
    self.links:add(flow.token, flow)
  end
  return self.sessions:add(flow.id, flow)
end

function Cidaas:initiate(request)
  local given = read_fields(request)
  local what = not given and unreadable or self:initiation_problem(given)
  if what then
    return failed_initiation(self, request, what)
  end
  self:bind_track(given)
  local flow = self:new_flow(given, request)
  self.context.outbox:add {
    provider = "cidaas", medium = flow.medium, to = flow.to, processing_type = flow.processing_type,
    code = flow.code, link = flow.link, accvid = flow.code and flow.id, request_id = flow.request_id,
    track_id = flow.track_id,
  }
  if self.context.settings.cidaas.initiate_answer == "json" then
    return reply.json(200, { success = true, status = 200, data = { accvid = flow.code and flow.id } })
  end
  return completed(self, request, flow)
end

-- ---- validate ----

-- Uses up a try; true when the code is the right one and still works.
function Cidaas:try_code(flow, code)
  local settings = self.context.settings.cidaas
  flow.tries = flow.tries + 1
  local works = flow.status == "sent" and flow.tries <= settings.tries
    and self.context.clock:now() <= flow.made + settings.code_seconds
  return works and flow.code == code
end

local function is_filled(value)
  return type(value) == "string" and value ~= ""
end

-- 417 is for what is missing or has the wrong form, 400 for what is wrong, as the page of the endpoint has it.
function Cidaas:validate(request)
  local body = request:json()
  if not body then
    return json_error(self, 417, unreadable)
  elseif not is_filled(body.accvid) or not is_filled(body.code) then
    return json_error(self, 417, problem("VER_0005", "missing_data"))
  end
  local flow = self.sessions:get(body.accvid)
  if not flow or not self:try_code(flow, body.code) then
    return json_error(self, 400, problem("VER_0006", "invalid_request"))
  end
  flow.status = "verified"
  if self.context.settings.cidaas.validate_answer == "redirect" then
    return completed(self, request, flow)
  end
  return reply.json(200, {
    success = true, status = 200, data = { trackId = flow.track_id, suggested_action = "CONTINUE" },
  })
end

-- ---- pages ----

local function complete_page(request)
  local how = request.args.processingType == "LINK" and "Follow the link that was sent to you."
    or "Enter the code that was sent to you."
  return hosted.page(200, "Account verification", { how, "What was sent stands in GET /_sandbox/outbox." })
end

local function error_page(request)
  local what = request.args.error or "unknown error"
  return hosted.page(200, "Account verification", { "It did not work: " .. what })
end

local function follow_link(self, request)
  local flow = self.links:get(request.params.token)
  local settings = self.context.settings.cidaas
  if not flow or flow.status ~= "sent" or self.context.clock:now() > flow.made + settings.code_seconds then
    return hosted.page(410, "Account verification", { "This link is no longer in use." })
  end
  flow.status = "verified"
  return hosted.page(200, "Account verification", { "Your address is verified. You may close this page." })
end

-- ---- routes ----

function Cidaas:routes()
  local function with_reference(handler)
    return function(request)
      return reply.with_header(handler(self, request), "x-ref-number", ids.uuid())
    end
  end
  return {
    { "POST", "/verification-actions-srv/account/initiation", "initiate", with_reference(self.initiate) },
    { "POST", "/verification-actions-srv/account", "validate", with_reference(self.validate) },
    { "GET", "/identity/verification_complete", "hosted_page", complete_page },
    { "GET", "/identity/error", "hosted_page", error_page },
    { "GET", "/_hosted/cidaas/{token}", "hosted_page", function(request)
      return follow_link(self, request)
    end },
  }
end

--- A cidaas tenant in which nothing was sent yet.
---@param context idv.sandbox.Context
---@return idv.sandbox.Cidaas
function Cidaas.new(context)
  return setmetatable({
    name = "cidaas", context = context, sessions = Store.new(most_flows), links = Store.new(most_flows),
    tracks = Store.new(most_flows),
  }, Cidaas)
end

return Cidaas
