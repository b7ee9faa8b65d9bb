--- Records: what calls return when they succeed. Plain tables whose `tostring` shows nothing that is secret.

local core = require "idv.core"
local keys = require "idv.keys"
local visible = require "idv.visible"

local records = {}

--- What a provider's answers have besides is in the types of that provider, under lua/idv/types.

--- A verification of one applicant.
---@class idv.Session
---@field provider string      name of the provider
---@field id string?           the session; cidaas gives it none that may be shown
---@field url string?          where to send the applicant; a secret
---@field status idv.Status?   nil where the provider states none
---@field final boolean        whether it is settled: the status does not change any more by itself
---@field external_id string?  your own reference, where the provider keeps one
---@field raw table            the decoded answer

--- One go of the applicant at a verification.
---@class idv.Attempt
---@field provider string      name of the provider
---@field id string            the attempt
---@field session_id string?   the verification, where it was asked for by id
---@field url string?          where to send the applicant; a secret
---@field status idv.Status?   what has become of it
---@field final boolean        whether it is settled
---@field raw table            the decoded answer

--- A person, kept by the provider.
---@class idv.Applicant
---@field provider string      name of the provider
---@field id string            the applicant
---@field external_id string?  your own reference
---@field raw table            the decoded answer

--- An image or a video.
---@class idv.Asset
---@field provider string  name of the provider
---@field type string?     what it shows
---@field url string?      pre-signed address, good for a short time; a secret
---@field raw table        the decoded answer

--- A report: in `content`, or saved at `path`.
---@class idv.Report
---@field provider string       name of the provider
---@field id string             the session
---@field content_type string   "application/pdf" or "application/json"
---@field bytes integer         its size
---@field content string?       the PDF, when it was not saved
---@field path string?          where it was saved
---@field raw table?            the decoded answer, where the report is JSON

--- A code that was right.
---@class idv.Verification
---@field provider string     name of the provider
---@field verified boolean    true
---@field status idv.Status   "approved"
---@field final boolean       true
---@field raw table           the decoded answer

--- Credentials that the provider accepts.
---@class idv.Credentials
---@field provider string  name of the provider
---@field valid boolean    true
---@field raw table        the decoded answer

--- What the address says with which an applicant came back. Anybody can write such an address.
---@class idv.Redirect
---@field provider string      name of the provider
---@field session_id string?   the session, where the address names it
---@field trusted false        never to be believed without asking the provider
---@field raw table            every parameter of the address; a list of values where one comes more than once

--- A page of a list.
---@class idv.Page
---@field provider string  name of the provider
---@field raw table        the decoded answer

--- What the sandbox's control answers; its fields are in the record itself.
---@class idv.SandboxAnswer
---@field provider string  "sandbox"
---@field raw table        the same record
---@field [string] any     see docs/sandbox.md

---@alias idv.Status
---| "created" | "pending" | "in_progress" | "processing" | "approved" | "declined" | "retry_required"
---| "inconclusive" | "cancelled" | "expired" | "failed" | "abandoned" | "completed" | "unknown"

--- A metatable whose tostring says provider, kind of record, id and status.
local function metatable_of(noun)
  return {
    __name = "idv." .. noun,
    __tostring = function(record)
      local text = ("%s %s"):format(record.provider or "idv", noun)
      if record.id then
        text = text .. " " .. tostring(record.id)
      end
      if record.status then
        text = ("%s (%s)"):format(text, tostring(record.status))
      end
      return visible.line(text)
    end,
  }
end

--- Record name -> metatable.
records.metatables = {}

for _, noun in ipairs {
  "session", "attempt", "applicant", "asset", "report", "verification", "credentials", "redirect", "token", "webhook",
  "answer",
} do
  records.metatables[noun] = metatable_of(noun)
end

--- What a field has to be, whoever names it: "id" for what core.is_id takes, "url" for what core.is_url takes.
records.forms = {
  id = "id", session_id = "id", attempt_id = "id", applicant_id = "id", product_id = "id", url = "url",
}

local formed = keys.sorted(records.forms)
local has_form = { id = core.is_id, url = core.is_url }

--- The first field, by name, that is not what it has to be, or nil. The description of an answer has it checked in C.
---@param fields table
---@return string?
function records.unusable(fields)
  for _, name in ipairs(formed) do
    local value = fields[name]
    if value ~= nil and not (type(value) == "string" and has_form[records.forms[name]](value)) then
      return name
    end
  end
end

-- Up to here an integral float is that integer and no other.
local LARGEST_EXACT = 2 ^ 53 - 1

--- A value of an answer as a text: ids may come as numbers. Anything else that is no text gives nil, and so does a
--- number that may have been rounded, which would be another id.
---@param value any
---@return string?
function records.text(value)
  if type(value) == "number" then
    local is_integer = math.type and math.type(value) == "integer"
    local is_exact = is_integer or (value % 1 == 0 and math.abs(value) <= LARGEST_EXACT)
    return is_exact and ("%d"):format(value) or nil
  end
  return type(value) == "string" and value or nil
end

--- Makes a record of what a hook returned.
---@param provider string
---@param noun string
---@param fields table
---@return table
function records.new(provider, noun, fields)
  fields.provider = provider
  if noun == "session" and fields.final == nil then
    fields.final = false
  end
  return setmetatable(fields, assert(records.metatables[noun], "unknown record"))
end

return records
