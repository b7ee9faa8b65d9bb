--- A workflow of one's own, small enough to be read at once: invite an applicant, later ask for the verdict.
---
--- It knows nothing of keys, addresses or transports: it is handed a provider object. That is what makes it easy to
--- test; workflow_spec.lua shows both ways, with prepared answers and with the sandbox.

local workflow = {}

---@class Invitation
---@field state "invited"|"fix_input"|"try_later"|"look_first"
---@field id string?       "invited": the session's
---@field fields string[]? "fix_input": what the applicant has to correct
---@field seconds number?  "try_later"

local function fields_of(err)
  local fields = {}
  for i, detail in ipairs(err.details) do
    fields[i] = detail.field
  end
  return fields
end

--- Invites an applicant.
---@param deepidv table
---@param applicant table  first_name, last_name, email, phone
---@return Invitation
function workflow.invite(deepidv, applicant)
  local session, err = deepidv:create_session(applicant)
  if session then
    return { state = "invited", id = session.id }
  elseif err.outcome == "unknown" then
    return { state = "look_first" } -- there may be an invitation already
  elseif err.kind == "validation" or err.kind == "rejected" then
    return { state = "fix_input", fields = fields_of(err) }
  end
  return { state = "try_later", seconds = err.retry_after or 60 }
end

local answers = {
  approved = "welcome", declined = "refused", expired = "invite again", cancelled = "invite again",
  failed = "invite again",
}

--- What to do with an applicant who has been invited.
---@param deepidv table
---@param id string
---@return "welcome"|"refused"|"invite again"|"waiting"
function workflow.verdict(deepidv, id)
  local session = deepidv:get_session(id)
  return session and answers[session.status] or "waiting"
end

return workflow
