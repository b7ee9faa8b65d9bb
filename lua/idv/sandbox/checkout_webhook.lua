--- The webhook with which Checkout.com tells of a verification's present status.
--
-- Made on demand and never delivered: the control API hands it out, headers and exact bytes, so that a
-- receiver can be tested. Signed the way the provider documents it, HMAC-SHA256 in hexadecimal. Events of
-- Checkout.com's other products come on the same webhook, so they can be ordered by their type; the sandbox
-- has no such products, and gives the resource a new id.

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

-- The products besides identity verification, with the prefix of their ids.
local siblings = {
  face_authentication = "fav_", id_document_verification = "iddv_", address_document_verification = "adv_",
  aml_verification = "amlv_",
}

-- The product that a type of event is of: its name, the prefix of its ids; nil for identity verification.
local function sibling_of(event_type)
  for product, prefix in pairs(siblings) do
    if event_type:sub(1, #product + 1) == product .. "_" then
      return product, prefix
    end
  end
end

local function data_of(verification, event_type, status)
  local data = {
    applicant_id = verification.applicant_id, external_applicant_id = verification.external_id,
    status = status or verification.status,
  }
  local product, prefix = sibling_of(event_type)
  data[(product or "identity_verification") .. "_id"] = prefix and ids.token(prefix) or verification.id
  if product ~= "aml_verification" then
    data.response_codes = json.list(verification.response_codes)
    data.user_journey_id = verification.user_journey_id
  end
  return data
end

--- Makes a webhook.
---@param verification table
---@param order {secret?: string, type?: string, status?: string, authorization?: string} unsigned without a secret
---@param now number
---@return string[][] headers
---@return string body
function webhook.make(verification, order, now)
  local id, event_type = ids.token "evt_", order.type or event_for(verification)
  local body = json.encode {
    id = id, type = event_type, version = "1.2.0", created_on = Clock.iso(now, 6),
    data = data_of(verification, event_type, order.status),
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
