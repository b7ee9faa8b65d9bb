--- impact.com, Partner Identity Verification API (version 16): create a session for a user, or resume the one that is
--- in progress.
---
--- Facts: the OpenAPI document the project started from, and impact.com's partner API pages. The call is documented as
--- create-or-resume, so repeating it returns the same session and is safe. The platform answers XML unless JSON is
--- asked for. Ids in answers are texts although UserId is sent as an integer.

local texts = require "idv.texts"

--- `Errors` is {Error = {Field, Message}}, {Error = {{...}, ...}}, a list of {Field, Message}, empty, or not there.
local function details(body)
  local errors = type(body.Errors) == "table" and body.Errors or {}
  local inner = errors.Error or errors
  local list = {}
  local is_list = type(inner) == "table" and inner.Field == nil
  for _, entry in ipairs(is_list and texts.entries(inner) or { inner }) do
    if type(entry) == "table" then
      list[#list + 1] = { field = entry.Field, message = entry.Message }
    elseif type(entry) == "string" then
      list[#list + 1] = { message = entry }
    end
  end
  return list
end

local PAGE = "https://integrations.impact.com/partner-api-reference/reference/identity-verification/"
  .. "identity-verification"

return {
  name = "impact",
  title = "impact.com",
  source = "impact.com Partner Identity Verification API, OpenAPI version 16",
  page = PAGE,
  base_url = "https://api.impact.com",
  base_path = "/Mediapartners/{account_sid}",

  options = {
    account_sid = { type = "string", required = true, secret = true, about = "Account SID of the partner account" },
    auth_token = { type = "string", required = true, secret = true, about = "Auth Token, the password of Basic auth" },
    username = {
      type = "string", secret = true,
      about = "User name of Basic auth where it is not the Account SID (scoped tokens)",
    },
    api_version = {
      type = "string", pattern = "^%d+$", example = "16",
      about = "Sent as IR-Version; the account's default when left out",
    },
  },

  auth = {
    { scheme = "basic", user = "username", password = "auth_token" },
    { scheme = "basic", user = "account_sid", password = "auth_token" },
  },

  headers = { { "IR-Version", "{api_version}" } },

  rate_limit = {
    limit = { "X-RateLimit-Limit-hour", "X-RateLimit-Limit" },
    remaining = { "X-RateLimit-Remaining-hour", "X-RateLimit-Remaining" },
    reset = { "RateLimit-Reset", "X-RateLimit-Reset" },
  },

  refusal = { message = { "Message", "title" }, code = {}, details = details },

  records = {
    session = {
      session_id = { type = "string", about = "impact.com's own id of the session (a UUID)" },
      member_id = { type = "string", about = "The user, as a text of digits" },
      uri = { type = "string", about = "Relative address of the session; impact.com documents no way to read it" },
      rate_limit = { type = "idv.RateLimit", about = "What is left of the hour's requests, where the answer says so" },
    },
  },

  operations = {
    create_session = {
      about = "Creates an identity verification session for a user, or returns the one that is in progress.",
      source = "impact.com, Create or Resume an Identity Verification Session",
      page = PAGE,
      errors = {
        [400] = "The body is wrong, or the user is not one of the account's.",
        [401] = "The Account SID or the Auth Token is wrong.",
        [403] = "The token has no scope for this endpoint, or is disabled.",
        [429] = "More than the requests of an hour; the error has rate_limit and retry_after.",
      },
      method = "POST", path = "/IdentityVerification/Session", safe = true, encoding = "json",
      parameters = {
        {
          name = "user_id", sends = "UserId", type = "numeric_id", prefix = "I-", required = true,
          document = "OpenAPI version 16: an integer, the numeric portion of the id",
          about = "The user: 5402850, \"5402850\" or \"I-5402850\"",
        },
        {
          name = "callback_url", sends = "CallbackUrl", type = "uri", sensitive = true,
          document = "OpenAPI version 16: the URL to redirect the user to",
          about = "Where the user goes afterwards; the impact.com platform when left out",
        },
      },
      refuses = function(body)
        local status = type(body.Status) == "string" and body.Status:upper()
        if status == "ERROR" or status == "FAILED" then
          return { kind = "rejected" }
        elseif type(body.Errors) == "table" and next(body.Errors) ~= nil then
          return { kind = "protocol", message = "the answer says that it is a success, and names errors" }
        end
      end,
      answer = {
        record = "session",
        fields = {
          id = "id", url = "sessionUrl", session_id = "sessionId", member_id = "memberId", uri = "Uri",
        },
        required = { "id", "url" },
      },
    },
  },
}
