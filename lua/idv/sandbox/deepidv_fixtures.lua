--- What deepIDV answers to sandbox keys: fixtures on reads, a refusal on everything else.
--
-- Five session ids have a fixed status; any other id gets one of the five, as the provider's guide says.
-- The fixtures keep no state and belong to no run of the sandbox.

local analysis = require "idv.sandbox.deepidv_analysis"
local httpd = require "idv.httpd"
local json = require "idv.sandbox.json"
local reply = require "idv.sandbox.reply"

local fixtures = {}

local order = { "test_verified", "test_rejected", "test_submitted", "test_pending", "test_voided" }

local applicant = {
  first_name = "Test", last_name = "Applicant", email = "applicant@example.com", phone = "+15192223333",
}
local submitted_at = "2026-01-05T09:03:00.000Z"

-- How much each status has of an analysis; the others have none.
local verdicts = { VERIFIED = "full", REJECTED = "bad", SUBMITTED = "good" }

local function uploads_of(status)
  local uploads = {}
  for _, slot in ipairs(analysis.slots) do
    uploads[slot] = verdicts[status] ~= nil and (status == "VERIFIED" or analysis.usual_slots[slot] == true)
  end
  return uploads
end

local function record(id, status)
  return {
    id = id, organization_id = "org_test", user_id = "user_test", sender_user_id = "user_test_sender",
    created_at = "2026-01-05T09:00:00.000Z", updated_at = "2026-01-05T09:04:10.000Z", type = "session",
    status = status, session_progress = status == "PENDING" and "PENDING" or "COMPLETED",
    workflow_id = "test_workflow", workflow_steps = analysis.workflow_steps, uploads = uploads_of(status),
    submitted_at = verdicts[status] and submitted_at or nil,
    analysis_data = verdicts[status] and analysis.of(applicant, verdicts[status], submitted_at) or nil,
  }
end

local function status_of(id)
  return id:match("^test_(%l+)$"):upper()
end

local function known(id)
  for _, name in ipairs(order) do
    if name == id then
      return id
    end
  end
  return order[httpd.random(1):byte() % #order + 1]
end

local answers = {}

function answers.get_session(request)
  local id = request.params.id
  return reply.json(200, {
    session_record = record(id, status_of(known(id))), resource_links = {},
    user = applicant,
  })
end

function answers.list_sessions()
  local sessions = {}
  for i, id in ipairs(order) do
    sessions[i] = record(id, status_of(id))
  end
  return reply.json(200, { sessions = sessions, next_token = json.null })
end

--- The answer to a request with a sandbox key.
---@param request idv.sandbox.Request
---@param operation string
---@return idv.sandbox.Reply
function fixtures.answer(request, operation)
  if request.method ~= "GET" then
    return reply.json(403, {
      error = "This is a sandbox API key. Use a live API key to create or modify resources.",
    })
  end
  return answers[operation](request)
end

return fixtures
