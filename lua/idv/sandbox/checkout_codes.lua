--- Checkout.com's response codes for identity verifications, and the summary that goes with each.
--
-- The provider may add codes at any time; one that is not listed here gets the summary `unlisted`.

local names = {
  [10000] = "approved",
  [61101] = "applicant_never_started", [61111] = "applicant_not_ready", [61112] = "applicant_no_document",
  [61113] = "camera_access_refused", [61121] = "applicant_drop",
  [61201] = "connection_insufficient", [61202] = "browser_not_supported", [61203] = "camera_not_found",
  [61205] = "sms_not_received", [61911] = "corrupted_videos",
  [61301] = "document_blurry", [61302] = "document_lighting_issue", [61303] = "document_not_in_color",
  [61310] = "document_front_not_captured", [61311] = "document_back_not_captured",
  [61312] = "document_partially_hidden", [61313] = "document_not_tilted",
  [61314] = "document_challenge_timeout", [61315] = "document_barcode_unreadable",
  [61321] = "secondary_document_blurry", [61322] = "secondary_document_lighting_issue",
  [61330] = "secondary_document_front_not_captured", [61331] = "secondary_document_back_not_captured",
  [61332] = "secondary_document_partially_hidden", [61333] = "secondary_document_not_tilted",
  [61401] = "face_video_blurry", [61402] = "face_video_lighting_issue", [61410] = "face_not_captured",
  [61411] = "face_partially_hidden", [61412] = "face_not_turned", [61413] = "face_challenge_timeout",
  [61414] = "various_faces_detected", [61901] = "internal_error",
  [62101] = "document_expired", [62102] = "document_not_accepted", [62103] = "document_damaged",
  [62104] = "unsupported_alphabet", [62201] = "document_photocopy", [62202] = "document_screenshot",
  [62121] = "secondary_document_expired", [62122] = "secondary_document_not_accepted",
  [62123] = "secondary_document_damaged", [62124] = "secondary_document_unsupported_alphabet",
  [62221] = "secondary_document_photocopy", [62222] = "secondary_document_screenshot",
  [62301] = "document_counterfeit", [62302] = "document_stolen", [62303] = "document_swap",
  [62304] = "face_mismatch", [62305] = "face_not_live", [62306] = "face_alteration",
  [62307] = "asset_digital_alteration", [62321] = "face_face_mismatch",
  [62331] = "secondary_document_counterfeit", [62332] = "secondary_document_stolen",
  [62333] = "secondary_document_swap", [62334] = "secondary_document_mismatch", [62399] = "generic_fraud",
  [62401] = "declared_identity_mismatch", [62402] = "suspicious_device", [62403] = "consent_unclear",
  [62404] = "multiple_documents", [62405] = "known_fraudulent_face",
  [63001] = "applicant_refusal", [64001] = "forcibly_closed",
}

local codes = {}

--- A code as it stands in an answer.
---@param code integer
---@return {code: integer, summary: string}
function codes.entry(code)
  return { code = code, summary = names[code] or "unlisted" }
end

--- The code that goes with a summary, or with a code written in digits; nil when there is none.
---@param text string
---@return integer|nil
function codes.find(text)
  for code, name in pairs(names) do
    if name == text or tostring(code) == text then
      return code
    end
  end
  return nil
end

return codes
