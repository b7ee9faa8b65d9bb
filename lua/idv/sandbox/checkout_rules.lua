--- What Checkout.com's request bodies must look like.
--
-- Rules for check.lua. Lengths and patterns are those of the API reference and of the provider's own client
-- libraries.

local check = require "idv.sandbox.check"
local json = require "idv.sandbox.json"

local rules = {}

local document_types = check.one_of {
  "Driving licence", "ID", "Passport", "Residence Permit", "Other", "Travel Document", "Visa",
}

local phone_rules = {
  { "country_code", required = true, is = check.pattern "^%+%d+$" },
  { "number", required = true, is = function(text) return #text <= 14 and text:find("^%d+$") ~= nil end },
}

local address_rules = {
  { "address_line1", is = check.length(0, 250) }, { "address_line2", is = check.length(0, 250) },
  { "city", is = check.length(0, 50) }, { "state", is = check.length(0, 50) },
  { "zip", is = check.length(0, 50) }, { "country", is = check.country },
}

rules.declared = {
  { "name", required = true, is = check.length(2, 255) }, { "birth_date", is = check.date },
  { "phone_number", fields = phone_rules }, { "email", is = check.email },
  { "address", fields = address_rules },
}

local journey_rule = { "user_journey_id", is = check.pattern "^usj_[%w_]+$" }

rules.open = {
  { "declared_data", required = true, fields = rules.declared },
  { "redirect_url", required = true, is = check.uri }, journey_rule,
  { "applicant_id", is = check.pattern "^aplt_[%w_]+$" },
}

rules.create = {
  { "applicant_id", required = true, is = check.pattern "^aplt_[%w_]+$" },
  { "declared_data", required = true, fields = rules.declared }, journey_rule,
}

rules.attempt = {
  { "redirect_url", required = true, is = check.uri }, { "phone_number", fields = phone_rules },
  { "client_information", fields = {
    { "pre_selected_residence_country", is = check.country },
    { "pre_selected_language", is = check.pattern "^%a+[%w-]*$" },
    { "pre_selected_document_issuing_country", is = check.country },
    { "pre_selected_document_type", is = document_types },
  } },
}

rules.applicant = {
  { "external_applicant_id", is = check.length(1, 1e6) },
  { "external_applicant_name", is = check.length(1, 255) },
  { "email", is = check.email },
}

--- What was sent, without the nulls and without fields the rules do not know.
---@param body table
---@param known table[] rules
---@return table
function rules.keep(body, known)
  local kept = {}
  for _, rule in ipairs(known) do
    local value = body[rule[1]]
    if value ~= nil and value ~= json.null then
      kept[rule[1]] = rule.fields and rules.keep(value, rule.fields) or value
    end
  end
  return kept
end

return rules
