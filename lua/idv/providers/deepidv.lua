--- deepIDV: sessions that invite an applicant by e-mail and text message, and their verdicts.
---
--- Facts: the "Create Session" page (the project's seed), deepIDV's OpenAPI 0.1.0 and its documentation pages. Sandbox
--- and production share the address; the key decides. POST /v1/sessions has no idempotency key, and a second one sends
--- second messages, so it is not safe to repeat.

local report = require "idv.report"
local texts = require "idv.texts"

--- Zod issues: {path = {"phone"}, message = "..."}; the path may be a list or a text.
local function details(body)
  local list = {}
  for _, hint in ipairs(texts.entries(body.hints)) do
    if type(hint) == "table" then
      local path = hint.path
      if type(path) == "table" then
        local keys = {}
        for i, key in ipairs(texts.entries(path)) do
          keys[i] = tostring(key)
        end
        path = table.concat(keys, ".")
      end
      list[#list + 1] = { field = path, message = hint.message }
    elseif type(hint) == "string" then
      list[#list + 1] = { message = hint }
    end
  end
  return list
end

local session_id = {
  name = "id", type = "token", required = true, about = "Id of the session, as create_session returned it",
  document = "the path of the request: an id with other characters would lead elsewhere",
}

-- The types of sessions that verify an identity. The same events come about others, such as credit applications,
-- screenings and documents.
local identity_types = { session = true, verification = true }

-- Only theirs is a verdict on an identity.
local verdict = { field = "type", values = identity_types }

local record_fields = {
  id = "session_record.id",
  external_id = "session_record.external_id",
  status = "session_record.status",
  type = "session_record.type",
}

-- The events that state what has become of a session; the verdicts among them with the one that they are.
local events = {
  ["session.created"] = true, ["session.status.submitted"] = true, ["session.status.verified"] = "VERIFIED",
  ["session.status.rejected"] = "REJECTED", ["session.status.failed"] = "FAILED",
}

--- The product that an event is about: that of the session, where it is about a session at all.
local function product_of(event_type, session_type)
  if type(event_type) ~= "string" or not event_type:find "^session%." then
    return nil
  elseif session_type == nil or identity_types[session_type] then
    return "session"
  end
  return type(session_type) == "string" and session_type or nil
end

local function read_webhook(body)
  local data = type(body.data) == "table" and body.data or {}
  local record = type(data.session_record) == "table" and data.session_record or data
  local product = product_of(body.type, record.type)
  return {
    type = body.type, product = product, session_id = record.id, status = record.status,
    external_id = record.external_id, product_id = product and product ~= "session" and record.id or nil,
  }
end

local redirect_statuses = { success = "success", failed = "failed", abandoned = "abandoned" }

local PAGES = "https://docs.deepidv.com/"
local SESSIONS = PAGES .. "api-reference/sessions/"

local OTHER_KEY = "The API key is another organization's."

local session_errors = {
  [401] = "The API key is missing or wrong.",
  [403] = "The API key, or the session, is another organization's.",
  [404] = "No session has this id.",
  [429] = "More than 25 requests in a second (35 at once), or more than 10,000 in a day.",
}

return {
  name = "deepidv",
  title = "deepIDV",
  source = "docs.deepidv.com; OpenAPI 0.1.0",
  page = SESSIONS .. "create-session",
  base_url = "https://api.deepidv.com",

  options = {
    api_key = { type = "string", required = true, secret = true, about = "API key, sent as x-api-key" },
    webhook_secret = {
      type = "secrets", secret = true,
      about = "Signing secret of the webhook (whsec_...), or a list of them while one is rotated",
    },
  },

  auth = { { scheme = "header", name = "x-api-key", value = "api_key" } },

  statuses = {
    PENDING = "pending", SUBMITTED = "processing", VERIFIED = "approved", REJECTED = "declined",
    VOIDED = "cancelled", EXPIRED = "expired", FAILED = "failed",
  },

  refusal = { message = { "message", "error", "detail" }, code = { "code" }, details = details },

  records = {
    session = {
      expires_at = { type = "string", about = "When the session expires, where it does" },
      links = { type = "table", about = "Links that deepIDV adds; their form is its own" },
      type = {
        type = "string",
        about = "What the session is: session or verification for an identity, else another product such as deep-doc, "
          .. "and then without a status",
      },
    },
    report = {
      type = { type = "string", about = "What the session is, as in its record" },
      status = { type = "idv.Status", about = "What has become of the session" },
      final = { type = "boolean", about = "Whether that is settled" },
      analysis = { type = "table", about = "What was found out: documents, faces, checks" },
      resources = { type = "table", about = "Pre-signed addresses of what was uploaded; keep them secret" },
    },
    credentials = {
      organization = { type = "table", about = "Whose key it is: id, name, status" },
    },
    redirect = {
      status = {
        type = '"success"|"failed"|"abandoned"|"unknown"', about = "What the address says; not a verdict",
      },
      reason = { type = "string", about = "Why it failed or was abandoned" },
    },
    webhook = {
      external_id = { type = "string", about = "Your own reference of the session" },
    },
  },

  operations = {
    create_session = {
      about = "Creates a session and, unless told otherwise, invites the applicant by e-mail and text message.",
      source = "deepIDV, Create Session", page = SESSIONS .. "create-session",
      errors = {
        [400] = "A field is wrong; details say which.",
        [401] = session_errors[401],
        [402] = "The organization's balance or subscription does not cover it.",
        [403] = "It is a sandbox key, which can only read, or another organization's.",
        [404] = "No workflow has this id.",
        [429] = session_errors[429],
      },
      method = "POST", path = "/v1/sessions", safe = false, encoding = "json",
      parameters = {
        {
          name = "first_name", also = { "firstName" }, type = "text", required = true, sensitive = true,
          about = "Applicant's first name",
        },
        {
          name = "last_name", also = { "lastName" }, type = "text", required = true, sensitive = true,
          about = "Applicant's last name",
        },
        {
          name = "email", type = "email", required = true, sensitive = true, about = "Applicant's e-mail address",
          document = "Create Session: an e-mail address, and no more is said of it",
        },
        {
          name = "phone", type = "phone", required = true, sensitive = true, about = "Applicant's phone number",
          document = [[Create Session: E.164; OpenAPI 0.1.0: `^\+[1-9]\d{9,14}$`]],
        },
        {
          name = "external_id", also = { "externalId" }, type = "text", sensitive = true,
          about = "Your own reference for this session",
        },
        {
          name = "send_email_invite", also = { "sendEmailInvite" }, type = "boolean",
          about = "Whether to invite by e-mail; true when left out",
        },
        {
          name = "send_phone_invite", also = { "sendPhoneInvite" }, type = "boolean",
          about = "Whether to invite by text message; true when left out",
        },
        {
          name = "workflow_id", also = { "workflowId" }, type = "text",
          about = "Workflow to run; a standalone verification when left out",
        },
        {
          name = "redirect_url", also = { "redirectUrl" }, type = "https_url", sensitive = true,
          document = "Create Session: must be a valid HTTPS URL",
          about = "Where the applicant is sent when the session ends",
        },
        {
          name = "expires_in_hours", also = { "expiresInHours" }, type = "integer", min = 1, max = 8760,
          document = "OpenAPI 0.1.0", about = "Hours until the session expires",
        },
      },
      answer = {
        record = "session",
        fields = {
          id = { "id", "idv_id" }, url = { "session_url", "url" }, external_id = { "externalId", "external_id" },
          expires_at = "expires_at", links = { any = "links" },
        },
        required = { "id", "url" },
      },
    },

    get_session = {
      about = "Retrieves a session with its status and everything that was found out.",
      source = "deepIDV, Retrieve Session", page = SESSIONS .. "retrieve-session", errors = session_errors,
      method = "GET", path = "/v1/sessions/{id}", safe = true, arguments = { "id" },
      parameters = { session_id },
      answer = {
        record = "session", fields = record_fields, required = { "id" }, same = { id = "id" }, verdict = verdict,
      },
    },

    list_sessions = {
      about = "Lists sessions, newest first, a page at a time.",
      source = "deepIDV, List Sessions", page = SESSIONS .. "list-sessions",
      errors = {
        [400] = "A parameter is wrong.", [401] = session_errors[401], [403] = OTHER_KEY,
        [429] = session_errors[429],
      },
      method = "GET", path = "/v1/sessions", safe = true,
      parameters = {
        {
          name = "limit", type = "integer", min = 1, max = 500, document = "OpenAPI 0.1.0",
          about = "Sessions in a page; 50 when left out",
        },
        {
          name = "next_token", also = { "nextToken" }, type = "text", sensitive = true,
          about = "The next_token of the page before",
        },
        {
          name = "start_date", also = { "startDate" }, type = "time", document = "List Sessions: ISO 8601",
          about = "Created at this time or later",
        },
        {
          name = "end_date", also = { "endDate" }, type = "time", document = "List Sessions: ISO 8601",
          about = "Created at this time or earlier",
        },
        {
          name = "by_organization", also = { "byOrganization" }, type = "boolean",
          about = "Sessions of the whole organization, not only those sent by the caller",
        },
        {
          name = "external_id", also = { "externalId" }, type = "text", sensitive = true,
          about = "Sessions with this reference; wins over workflow_id and by_organization",
        },
        {
          name = "workflow_id", also = { "workflowId" }, type = "text",
          about = "Sessions of this workflow; wins over by_organization",
        },
      },
      answer = {
        record = "session", list = "sessions",
        fields = { id = "id", external_id = "external_id", status = "status", type = "type" }, verdict = verdict,
        required = { "id" },
        frame = { next_token = "next_token" },
      },
    },

    decide_session = {
      about = "Sets the verdict of a session by hand.",
      source = "deepIDV, Update Session Status", page = SESSIONS .. "update-session-status",
      errors = {
        [400] = "The id or the verdict is wrong.", [401] = session_errors[401], [403] = session_errors[403],
        [404] = session_errors[404], [429] = session_errors[429],
      },
      method = "PATCH", path = "/v1/sessions/{id}/update-status", safe = true, encoding = "json",
      arguments = { "id", "new_status" },
      parameters = {
        session_id,
        {
          name = "new_status", type = "enum", values = { "VERIFIED", "REJECTED" }, required = true,
          document = "Update Session Status",
          about = "The verdict",
        },
      },
      answer = {
        record = "session", fields = record_fields, required = { "id", "status" },
        same = { id = "id", status = "new_status" }, verdict = verdict,
      },
    },

    retrieve_evidence = {
      about = "Retrieves the evidence of a session: what was uploaded, checked and found. JSON; deepIDV has no PDF.",
      source = "deepIDV, Retrieve Session", page = SESSIONS .. "retrieve-session", errors = session_errors,
      part_of = "get_report",
      method = "GET", path = "/v1/sessions/{id}", safe = true, arguments = { "id" },
      parameters = { session_id },
      answer = {
        record = "report",
        fields = {
          id = "session_record.id", status = "session_record.status", type = "session_record.type",
          analysis = { any = "session_record.analysis_data" }, resources = { any = "resource_links" },
        },
        required = { "id" }, same = { id = "id" }, verdict = verdict,
      },
    },

    check_credentials = {
      about = "Asks whether the API key is good, without any other effect.",
      source = "deepIDV, OpenAPI GET /v1/auth/verify", page = PAGES .. "authentication",
      errors = { [401] = session_errors[401], [403] = OTHER_KEY, [429] = session_errors[429] },
      method = "GET", path = "/v1/auth/verify", safe = true,
      refuses = function(body)
        if body.valid == false then
          return { kind = "auth", message = "the API key is not valid" }
        end
      end,
      answer = {
        record = "credentials", fields = { valid = { any = "valid" }, organization = { any = "organization" } },
        required = { valid = true },
      },
    },
  },

  methods = {
    get_report = {
      about = "Retrieves the evidence of a session as JSON, and saves it where a path is given. deepIDV has no PDF.",
      source = "deepIDV, Retrieve Session", page = SESSIONS .. "retrieve-session", argument = "id", record = "report",
      performs = "retrieve_evidence", options = report.options, run = report.json "retrieve_evidence",
    },
  },

  pages = { each_session = { list = "list_sessions", by = "token", token = "next_token" } },

  redirect = {
    about = "Reads session_id, status (success, failed, abandoned) and reason from the applicant's return.",
    source = "deepIDV, Create Session", page = SESSIONS .. "create-session",
    prose = { "reason" },
    evidence = { { query = { "session_id", "status" } }, { query = { "sessionId", "status" } } },
    read = function(query)
      return {
        session_id = query.session_id or query.sessionId,
        status = query.status and (redirect_statuses[query.status] or "unknown"),
        reason = query.reason,
      }
    end,
  },

  webhook = {
    about = "Checks deepidv-signature, which is the signing secret itself, and reads the event.",
    source = "deepIDV, Webhooks", page = PAGES .. "webhooks/event-object",
    scheme = "shared_secret", header = "deepidv-signature", secret = "webhook_secret",
    product = "session", events = events, read = read_webhook,
  },
}
