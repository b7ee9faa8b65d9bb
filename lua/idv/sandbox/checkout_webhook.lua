--- The webhook with which Checkout.com tells of a verification's present status.
--
-- Made on demand and never delivered: the control API hands it out, headers and exact bytes, so that a
-- receiver can be tested. Signed the way the provider documents it, HMAC-SHA256 in hexadecimal.

local Clock = require "idv.sandbox.clock"
local flow = require "idv.sandbox.checkout_flow"
local httpd = require "idv.httpd"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"

local webhook = {}

local retry_events = {
  capture_aborted = "capture_aborted", checks_inconclusive = "checks_inconclusive", expired = "link_expired",
}

-- The event that tells of a verification's present status.
local function event_for(verification)
  local attempt = flow.latest(verification)
  local events = {
    created = "created", pending = #verification.attempts > 1 and "reset" or "opened",
    capture_in_progress = "started", checks_in_progress = "capture_completed", approved = "checks_completed",
    declined = "checks_completed", inconclusive = "closed", refused = "capture_refused",
    retry_required = attempt and retry_events[attempt.status] or "closed",
  }
  return "identity_verification_" .. (verification.anonymized and "anonymized" or events[verification.status])
end

local function data_of(verification)
  return {
    applicant_id = verification.applicant_id, external_applicant_id = verification.external_id,
    status = verification.status, identity_verification_id = verification.id,
    response_codes = json.list(verification.response_codes), user_journey_id = verification.user_journey_id,
  }
end

--- Makes a webhook.
---@param verification table
---@param order {secret?: string, type?: string, authorization?: string} unsigned without a secret
---@param now number
---@return string[][] headers
---@return string body
function webhook.make(verification, order, now)
  local id = ids.token "evt_"
  local body = json.encode {
    id = id, type = order.type or event_for(verification), version = "1.2.0",
    created_on = Clock.iso(now, 6), data = data_of(verification),
    _links = { self = { href = "https://aaaaaaaa.api.sandbox.checkout.com/workflows/events/" .. id } },
  }
  local headers = { { "Content-Type", "application/json" } }
  if order.secret then
    headers[#headers + 1] = { "Cko-Signature", httpd.hmac_sha256(order.secret, body) }
  end
  if order.authorization then
    headers[#headers + 1] = { "Authorization", order.authorization }
  end
  return headers, body
end

return webhook
