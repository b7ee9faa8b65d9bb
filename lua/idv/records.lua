--- Records: what calls return when they succeed. Plain tables whose `tostring` shows nothing that is secret.

local records = {}

---@class idv.Session
---@field provider string
---@field id string?           nil for cidaas, which gives a session no id that may be shown
---@field url string?          where to send the applicant; a secret
---@field status idv.Status?   nil where the provider states none
---@field final boolean        whether the status can still change by itself
---@field external_id string?  your own reference, where the provider keeps one
---@field raw table            the decoded answer

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
      return text
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

--- A value of an answer as a text: ids may come as numbers. Anything else that is no text gives nil.
---@param value any
---@return string?
function records.text(value)
  if type(value) == "number" and value % 1 == 0 then
    return ("%.0f"):format(value)
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
