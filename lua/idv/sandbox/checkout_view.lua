--- How Checkout.com's resources look in answers, and the files that belong to them.
--
-- Fields that are not set are left out rather than null. The evidence (identity, documents, face) is made up
-- from what was declared, and stands in answers once the checks have ended.

local Clock = require "idv.sandbox.clock"
local flow = require "idv.sandbox.checkout_flow"
local json = require "idv.sandbox.json"
local pdf = require "idv.sandbox.pdf"
local reply = require "idv.sandbox.reply"
local Storage = require "idv.sandbox.storage"

---@class idv.sandbox.CheckoutView
---@field private context idv.sandbox.Context
local View = {}
View.__index = View

---@param context idv.sandbox.Context
---@return idv.sandbox.CheckoutView
function View.new(context)
  return setmetatable({ context = context }, View)
end

local function href(...)
  return { href = table.concat { ... } }
end

local function times(record, shown)
  shown.id = record.id
  shown.created_on = Clock.iso(record.created)
  shown.modified_on = Clock.iso(record.modified)
  return shown
end

--- An applicant.
---@param applicant table
---@param base string
---@return table
function View.applicant(applicant, base)
  return times(applicant, {
    external_applicant_id = applicant.external_applicant_id,
    external_applicant_name = applicant.external_applicant_name,
    email = applicant.email,
    _links = { self = href(base, "/applicants/", applicant.id) },
  })
end

local function file_link(self, verification, base, file)
  local seconds = self.context.settings.checkout.link_seconds
  return self.context.storage:link(base, "checkout", verification.id, file, seconds)
end

local function is_judged(verification)
  return verification.status == "approved" or verification.status == "declined"
end

local function document_of(self, verification, base)
  local attempt = verification.attempts[#verification.attempts]
  local wanted = attempt and attempt.client_information or {}
  return {
    document_type = wanted.pre_selected_document_type or "Passport",
    document_issuing_country = wanted.pre_selected_document_issuing_country or "FR",
    full_name = verification.declared_data.name,
    birth_date = verification.declared_data.birth_date or "1990-01-02",
    front_image_signed_url = file_link(self, verification, base, "document-front.png"),
  }
end

local function links_of(verification, base)
  local attempt = verification.attempts[#verification.attempts]
  return {
    self = href(base, "/identity-verifications/", verification.id),
    applicant = href(base, "/applicants/", verification.applicant_id),
    verification_url = attempt and flow.is_usable(attempt) and href(View.attempt_url(attempt, base)) or nil,
  }
end

-- What was found out. Of an anonymized verification the document's data stay, and neither images nor the identity do:
-- that is what the reference shows.
local function add_evidence(self, shown, verification, base)
  local document = document_of(self, verification, base)
  shown.documents = { document }
  if verification.anonymized then
    document.front_image_signed_url = nil
    return
  end
  shown.face = { image_signed_url = file_link(self, verification, base, "face.png") }
  if verification.status == "approved" then
    shown.verified_identity = { full_name = document.full_name, birth_date = document.birth_date }
  end
end

--- A verification. The answer that opens it is the only one with `redirect_url`.
---@param verification table
---@param base string
---@return table
function View:verification(verification, base)
  local shown = times(verification, {
    user_journey_id = verification.user_journey_id, applicant_id = verification.applicant_id,
    status = verification.status, response_codes = json.list(verification.response_codes),
    risk_labels = json.list(verification.risk_labels), declared_data = verification.declared_data,
    documents = json.list {}, _links = links_of(verification, base),
  })
  if is_judged(verification) then
    add_evidence(self, shown, verification, base)
  end
  return shown
end

--- Where an applicant goes for an attempt.
---@param attempt table
---@param base string
---@return string
function View.attempt_url(attempt, base)
  return base .. "/_hosted/checkout/" .. attempt.id
end

-- What is known of the applicant's device: its address at once, and the documents once they are being captured.
local function session_information(attempt)
  if attempt.verification.anonymized then
    return nil
  end
  local wanted = attempt.client_information or {}
  local has_begun = attempt.status ~= "pending_redirection" and attempt.status ~= "expired"
  return {
    ip_address = "127.0.0.1",
    number_of_sessions = has_begun and 1 or nil, initial_device = has_begun and "desktop" or nil,
    selected_documents = has_begun and { {
      country = wanted.pre_selected_document_issuing_country or "FR",
      document_type = wanted.pre_selected_document_type or "Passport",
    } } or nil,
  }
end

--- An attempt.
---@param attempt table
---@param base string
---@return table
function View.attempt(attempt, base)
  local path = "/identity-verifications/" .. attempt.verification.id .. "/attempts/" .. attempt.id
  return times(attempt, {
    status = attempt.status, response_codes = json.list(attempt.response_codes),
    redirect_url = attempt.redirect_url, phone_number = attempt.phone_number,
    client_information = attempt.client_information,
    applicant_session_information = session_information(attempt),
    _links = { self = href(base, path), verification_url = href(View.attempt_url(attempt, base)) },
  })
end

--- A page of a list.
---@param items table[] all of them, in order
---@param skip integer
---@param limit integer
---@param address string of the list
---@param show fun(item: table): table
---@return table
function View.page(items, skip, limit, address, show)
  local data = json.list {}
  for i = skip + 1, math.min(skip + limit, #items) do
    data[#data + 1] = show(items[i])
  end
  local function link(from)
    return href(address, "?skip=", string.format("%d", from), "&limit=", string.format("%d", limit))
  end
  return {
    total_count = #items, skip = skip, limit = limit, data = data,
    _links = {
      self = link(skip),
      next = skip + limit < #items and link(skip + limit) or nil,
      previous = skip > 0 and link(math.max(0, skip - limit)) or nil,
    },
  }
end

local asset_files = {
  { "face_image", "face.png" }, { "document_front_image", "document-front.png" },
  { "document_back_image", "document-back.png" },
}

--- The assets of an attempt: none before its capture was complete.
---@param attempt table
---@param base string
---@return table[] entries as they stand in the answer
function View:assets(attempt, base)
  local captured = attempt.status == "completed" or attempt.status:find("^checks_") ~= nil
  local entries = {}
  for i, asset in ipairs(captured and not attempt.verification.anonymized and asset_files or {}) do
    local link = file_link(self, attempt.verification, base, asset[2])
    entries[i] = { type = asset[1], _links = { asset_url = href(link) } }
  end
  return entries
end

--- The report of a verification as a PDF.
---@param verification table
---@return idv.sandbox.Reply
function View:report(verification)
  local head, filler, tail = pdf.build({
    "Identity verification report (sandbox)", "Verification: " .. verification.id,
    "Status: " .. verification.status, "Closed on: " .. Clock.iso(verification.modified),
  }, self.context.settings.checkout.report_bytes)
  local answer = reply.new(200, "application/pdf", head)
  answer.filler, answer.tail = filler, tail
  return answer
end

--- Where the report can be fetched.
---@param verification table
---@param base string
---@return string
function View:report_link(verification, base)
  return file_link(self, verification, base, "report.pdf")
end

--- A file of a verification; nil when there is none (any more).
---@param verification table|nil
---@param file string
---@return idv.sandbox.Reply|nil
function View:file(verification, file)
  if not verification or verification.anonymized then
    return nil
  elseif file == "report.pdf" then
    return self:report(verification)
  end
  return Storage.picture()
end

return View
