--- What deepIDV has found out about an applicant, made up: analysis_data, failureData and declinedData.
--
-- The fields and their types are those of the provider's "Retrieve Session" page; what was read from the document is
-- what the caller has said of the applicant. Scores are fixed: good ones for a verified session, failing ones for a
-- rejected one. `full` adds what only some workflows look for.

local json = require "idv.sandbox.json"

local analysis = {}

--- The steps that a workflow of the sandbox has.
analysis.workflow_steps = json.list { "ID_VERIFICATION", "FACE_LIVENESS", "PEP_SANCTIONS" }

--- The places that a file of an applicant can be in; of those a standalone verification fills the first four.
analysis.slots = {
  "id_front", "id_back", "selfie_front", "pdf_summary", "faceliveness", "selfie_left", "selfie_right",
  "secondary_id_front", "secondary_id_back", "tertiary_id_front", "tertiary_id_back", "hold_up_3_fingers",
}
analysis.usual_slots = { id_front = true, id_back = true, selfie_front = true, pdf_summary = true }

local function face(confidence)
  return {
    confidence = confidence, age_range = { low = 28, high = 36 }, quality = { brightness = 90.5, sharpness = 41.2 },
    bounding_box = { left = 0.1, top = 0.3, width = 0.2, height = 0.3 }, pose = { pitch = 1.5, roll = -2.5, yaw = 3.5 },
    landmarks = json.list { { type = "eyeLeft", x = 0.16, y = 0.45 }, { type = "eyeRight", x = 0.24, y = 0.44 } },
    gender = { value = "Female", confidence = 90.1 },
  }
end

local function read_text(kind, value)
  return { type = kind, value = value:upper(), confidence = 97.1 }
end

local function document(applicant, passes)
  return {
    detect_face_data = json.list { face(99.9) },
    id_extracted_text = json.list {
      read_text("FIRST_NAME", applicant.first_name), read_text("LAST_NAME", applicant.last_name),
      read_text("DATE_OF_BIRTH", "1990/01/02"), read_text("EXPIRATION_DATE", passes and "2036/01/02" or "2016/01/02"),
      read_text("ID_TYPE", "passport"), read_text("DOCUMENT_NUMBER", "X00000000"),
    },
    expiry_date_pass = passes, valid_state_pass = true, age_restriction_pass = true,
  }
end

local function add_everything(data, applicant, at)
  data.secondary_id_analysis_data, data.tertiary_id_analysis_data = document(applicant, true), document(applicant, true)
  data.pep_sanctions_data = { peps = json.null, sanctions = json.null, both = json.null }
  data.adverse_media_data = { total_hits = 0, news_exposures = {}, timestamp = at }
  data.document_risk_data = {
    documents_analyzed = 0, documents_with_signals = 0, overall_risk_score = 0, analysis_timestamp = at,
    document_analysis = json.list {},
  }
  data.title_search_data = { owner_information = { owner_names = "NOBODY" } }
  data.custom_form_data = json.list { { type = "short-text", question = "Which name do you use?", answer = "Mine" } }
end

--- What was found out. `verdict` is "good", "bad", or "full" for a good one with everything.
---@param applicant {first_name: string, last_name: string}
---@param verdict "good"|"bad"|"full"
---@param at string when
---@return table analysis_data
function analysis.of(applicant, verdict, at)
  local passes = verdict ~= "bad"
  local data = {
    created_at = at, id_matches_selfie = passes, id_matches_face_capture = passes,
    faceliveness_score = passes and 99.2 or 31.4,
    id_analysis_data = document(applicant, passes),
    compare_faces_data = {
      face_match_confidence = passes and 99.6 or 12.8,
      face_match_result = { similarity = passes and 99.6 or 12.8, face = face(99.9) },
    },
    selected_document_types = { primary = "passport" },
  }
  if verdict == "full" then
    add_everything(data, applicant, at)
  end
  return data
end

-- What the checks call the reasons for which the applicant's page sends the browser back.
local failed_checks = {
  document_unreadable = "ID_TYPE_UNRECOGNIZED", face_mismatch = "FACE_MISMATCH",
}

--- One more failed attempt.
---@param before table|nil the failureData until now
---@param reason string of the redirect, or a check
---@param at string when
---@return table failureData
function analysis.failure(before, reason, at)
  local attempts = before and before.attempts or json.list {}
  attempts[#attempts + 1] = { reason = failed_checks[reason] or reason, slot = "PRIMARY", failedAt = at }
  return { failedAttempts = #attempts, attempts = attempts }
end

--- Why a session was declined without a person having looked at it.
---@param code string
---@param at string when
---@return table declinedData
function analysis.decline(code, at)
  return {
    declined = true, score = 2, declinedAt = at,
    reason = { code = code, detail = "The check " .. code .. " did not pass", slot = "PRIMARY", severity = "CRITICAL" },
  }
end

return analysis
