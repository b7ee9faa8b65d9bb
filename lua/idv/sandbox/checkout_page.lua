--- The page behind a Checkout.com attempt URL, where an applicant captures document and face.
--
-- Looking at it starts the attempt; an attempt that nobody used in time, or that has ended, is gone (410).
-- After a complete capture the verification moves on by itself, one step with every read.

local codes = require "idv.sandbox.checkout_codes"
local flow = require "idv.sandbox.checkout_flow"
local hosted = require "idv.sandbox.hosted"
local uri = require "idv.sandbox.uri"

local page = {}

-- Each way to end: the event that the redirect back tells, and where the verification goes.
local outcomes = {
  { name = "complete", label = "The capture is complete", event = "capture_completed",
    status = "checks_in_progress" },
  { name = "fail", label = "The capture fails: the document is blurry", reason = "document_blurry",
    event = "capture_aborted", status = "retry_required", code = 61301 },
  { name = "abandon", label = "The applicant leaves", event = "capture_aborted", status = "retry_required",
    code = 61121 },
  { name = "refuse", label = "The applicant refuses", event = "capture_refused", status = "refused",
    code = 63001 },
}

local function choose(attempt, outcome, reason, now)
  local verification = attempt.verification
  local code = outcome.reason and codes.find(reason) or outcome.code
  flow.move(verification, outcome.status, now, code)
  verification.automatic = outcome.name == "complete" or verification.automatic
  return uri.add_query(attempt.redirect_url, {
    { "id", verification.id }, { "event", "identity_verification_" .. outcome.event },
    { "response_code", code },
  })
end

local function open(attempt, now)
  if attempt.status == "pending_redirection" then
    flow.move(attempt.verification, "capture_in_progress", now)
  end
end

--- The routes of the page.
---@param context idv.sandbox.Context
---@param find_attempt fun(id: string): table|nil
---@return table[] routes
function page.routes(context, find_attempt)
  return hosted.routes {
    template = "/_hosted/checkout/{token}", title = "Verify your identity", outcomes = outcomes,
    find = function(token)
      local attempt = find_attempt(token)
      if attempt then
        flow.expire(attempt.verification, context.clock:now(), context.settings.checkout.attempt_seconds)
      end
      return attempt
    end,
    is_open = flow.is_usable,
    open = function(attempt) open(attempt, context.clock:now()) end,
    choose = function(attempt, outcome, reason)
      return choose(attempt, outcome, reason, context.clock:now())
    end,
  }
end

return page
