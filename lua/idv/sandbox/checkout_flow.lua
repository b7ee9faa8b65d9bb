--- How a Checkout.com verification moves: statuses, attempts, and the scenarios of its sandbox.
--
-- Works on plain tables and knows nothing of HTTP. A verification carries `status`, `response_codes`, its
-- `attempts` (oldest first) and the `scenario` picked by the applicant's external id; an attempt has a status
-- of its own that always fits its verification's. Times are seconds since 1970, given by the caller.

local codes = require "idv.sandbox.checkout_codes"

local flow = {}

local most_attempts = 500 -- of one verification; the oldest are forgotten

local final = { approved = true, declined = true, inconclusive = true, refused = true }
flow.final = final
local open_to_attempts = { created = true, pending = true, capture_in_progress = true, retry_required = true }

-- The status of the latest attempt that goes with a verification's status.
local attempt_statuses = {
  pending = "pending_redirection", capture_in_progress = "capture_in_progress",
  checks_in_progress = "checks_in_progress", approved = "completed", declined = "completed",
  inconclusive = "checks_inconclusive", refused = "capture_refused",
}

-- The code that is told when nobody names one.
local usual_codes = {
  approved = 10000, declined = 62101, retry_required = 61301, inconclusive = 64001, refused = 63001,
}

--- Whether a status is one of the nine.
---@param status any
---@return boolean
function flow.is_status(status)
  return status == "created" or status == "retry_required" or attempt_statuses[status] ~= nil
end

---@param verification table
---@return table|nil attempt the newest
function flow.latest(verification)
  return verification.attempts[#verification.attempts]
end

--- What an external applicant id asks for: `eaplt_` and 26 characters, made of response codes.
---@param external_id string|nil
---@return {failure: {code: integer, how: "abort"|"inconclusive"}|nil, status: string, code: integer}
function flow.scenario(external_id)
  local plan = { status = "approved", code = 10000 }
  local rest = (external_id or ""):match("^eaplt_(%w+)$") or ""
  rest = #rest == 26 and rest or ""
  local code, how, after = rest:match("^(61%d%d%d)([AI])(.*)$")
  if code then
    plan.failure = { code = tonumber(code), how = how == "A" and "abort" or "inconclusive" }
    rest = after
  end
  local declined = rest:match("^(62%d%d%d)0*$")
  if declined then
    plan.status, plan.code = "declined", tonumber(declined)
  end
  return plan
end

local function set(record, status, response_codes, now)
  record.status, record.response_codes, record.modified = status, response_codes, now
end

-- How an attempt ends when its verification has to be tried again.
local function retry_status(attempt)
  return attempt.status == "checks_in_progress" and "checks_inconclusive" or "capture_aborted"
end

--- Moves a verification and its newest attempt to a status.
---@param verification table
---@param status string
---@param now number
---@param code integer|nil response code; the usual one for the status when absent
---@param attempt_status string|nil when it is not the one that follows from the status
function flow.move(verification, status, now, code, attempt_status)
  code = code or usual_codes[status]
  local told = code and { codes.entry(code) } or {}
  local attempt = flow.latest(verification)
  if attempt and status ~= "created" then
    set(attempt, attempt_status or attempt_statuses[status] or retry_status(attempt), told, now)
  end
  set(verification, status, told, now)
end

--- Moves a verification one step along its scenario.
---@param verification table
---@param now number
---@return string|nil problem why it does not move
function flow.step(verification, now)
  local plan, status = verification.scenario, verification.status
  local failure = #verification.attempts == 1 and plan.failure or nil
  if status == "pending" then
    flow.move(verification, "capture_in_progress", now)
  elseif status == "capture_in_progress" and failure and failure.how == "abort" then
    flow.move(verification, "retry_required", now, failure.code)
  elseif status == "capture_in_progress" then
    flow.move(verification, "checks_in_progress", now)
  elseif status == "checks_in_progress" and failure and failure.how == "inconclusive" then
    flow.move(verification, "retry_required", now, failure.code)
  elseif status == "checks_in_progress" then
    flow.move(verification, plan.status, now, plan.code)
  else
    return final[status] and "the status is final" or "it needs a new attempt first"
  end
  return nil
end

--- Adds an attempt, which ends the one before it if that was still open.
---@param verification table
---@param attempt table
---@param now number
---@return boolean added false when the status does not allow one (409)
function flow.add_attempt(verification, attempt, now)
  local before = flow.latest(verification)
  if before and not open_to_attempts[verification.status] then
    return false
  end
  if before and (before.status == "pending_redirection" or before.status == "capture_in_progress") then
    set(before, "terminated", { codes.entry(64001) }, now)
  end
  table.insert(verification.attempts, attempt)
  if #verification.attempts > most_attempts then
    table.remove(verification.attempts, 1)
  end
  flow.move(verification, "pending", now)
  return true
end

--- Whether the applicant can still use an attempt.
---@param attempt table
---@return boolean
function flow.is_usable(attempt)
  return attempt.status == "pending_redirection" or attempt.status == "capture_in_progress"
end

--- Ends a newest attempt that nobody has used in time.
---@param verification table
---@param now number
---@param lifetime number seconds an attempt URL works
function flow.expire(verification, now, lifetime)
  local attempt = flow.latest(verification)
  if attempt and attempt.status == "pending_redirection" and now > attempt.created + lifetime then
    flow.move(verification, "retry_required", now, 61101, "expired")
  end
end

--- Removes what is personal, but the name that was declared, which the reference shows afterwards; an attempt under way
--- is closed by it.
---@param verification table
---@param now number
function flow.anonymize(verification, now)
  local attempt = flow.latest(verification)
  if not final[verification.status] and attempt then
    local keep = not flow.is_usable(attempt) and attempt.status ~= "checks_in_progress" and attempt.status
    flow.move(verification, "inconclusive", now, 64001, keep or "terminated")
  end
  verification.anonymized, verification.modified = true, now
  verification.declared_data = { name = verification.declared_data.name }
  verification.automatic = false
  for _, each in ipairs(verification.attempts) do
    each.phone_number = nil
  end
end

return flow
