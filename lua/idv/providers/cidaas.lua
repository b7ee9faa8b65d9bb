--- cidaas account verification: send a code or a link to an e-mail address or a phone, then validate the code.
---
--- Facts: the "Initiate Account Verification" page (the project's seed), the OpenAPI pages of cidaas and its SDKs. The
--- address is that of the tenant. Both endpoints are public: what they need is in the body. Initiating answers 302 for
--- success and error alike; the redirect is read, never followed. Each initiation sends a message and a code has few
--- tries, so neither is safe to repeat.

local evidence = require "idv.evidence"
local records = require "idv.records"

-- What a redirect says in sentences.
local PROSE = { "error", "error_description" }

-- What no success has.
local FAILURES = { "error*", success = "false", verified = "false" }

-- The page to which a success leads, and the address of the tenant's own page where there is one.
local COMPLETE = { "/identity/verification_complete", "{completion_page}" }

-- Hosted pages can be moved: any of the tenant's own host.
local OWN_PAGES = { "/*", "{completion_page}" }

local function filled(text)
  return text ~= "" and text or nil
end

--- The failure that a redirect tells, or nil: an error_code wherever it leads, and on the tenant's own host any error
--- and the error page itself.
local function failure_of(q, path, is_own)
  if is_own and path:find "^/identity/error/" then
    return { kind = "protocol", message = "the answer leads to a page of errors that is not documented" }
  end
  local code, word = filled(q.error_code), filled(q.error)
  if code or is_own and (word or path == "/identity/error") then
    local is_theirs = (word or ""):lower() == "internal server error"
    return {
      kind = is_theirs and "server" or "rejected", code = code or word,
      message = filled(q.error_description) or word,
    }
  end
end

--- The fields of a redirect, whose names are in lower case, as cidaas' own SDK compares them.
local function fields_of(q)
  return {
    accvid = filled(q.accvid), email = filled(q.email), mobile = filled(q.mobile), type = filled(q.type),
    processing_type = filled(q.processingtype), track_id = filled(q.track_id) or filled(q.trackid),
    request_id = filled(q.requestid),
  }
end

--- Reads the address of a hosted page; who reads it is on that page, whatever its host.
local function read_query(query, path)
  local failure = failure_of(query, path, true)
  if failure then
    return nil, failure
  end
  return fields_of(query)
end

--- Reads the redirect of an answer.
local function read_location(answer)
  local target = evidence.target(answer, PROSE)
  if not target then
    return nil, { kind = "protocol", message = "the answer redirects to something that is not an address" }
  end
  local failure = failure_of(target.values, target.path, target.is_own)
  if failure then
    return nil, failure
  end
  local fields = fields_of(target.values)
  fields.raw = target.all
  return fields
end

--- Whether a table of an answer names an error. One that is empty, or false, is none.
local function has_error(fields)
  for name, value in pairs(fields) do
    local is_error = type(name) == "string" and name:lower():find "^error"
    local is_empty = value == false or value == "" or type(value) == "table" and next(value) == nil
    if is_error and not is_empty then
      return true
    end
  end
  return false
end

local function denies(fields)
  return fields.success == false or fields.verified == false or has_error(fields)
end

--- Reads a JSON answer, which newer tenants may send instead of redirecting. Returns its `data` and the whole of it, or
--- nil and a failure; a success in the status may be a failure in the body, or in a part of it only.
local function read_json(answer)
  local body, why = answer.json()
  if not body then
    return nil, { kind = "protocol", message = why }
  end
  local data = type(body.data) == "table" and body.data or {}
  local says_no = type(body.status) == "number" and body.status >= 400
  if body.success ~= true and denies(body) or says_no then
    return nil, { kind = "rejected" }
  elseif denies(body) or denies(data) then
    return nil, { kind = "protocol", message = "the answer says that it is a success, and that it is none" }
  end
  return data, body
end

local function read_initiation(answer)
  if answer.status == 302 then
    return read_location(answer)
  end
  local data, body = read_json(answer)
  if not data then
    return nil, body
  end
  return {
    accvid = filled(records.text(data.accvid)), email = records.text(data.email), mobile = records.text(data.mobile),
    type = records.text(data.type), processing_type = records.text(data.processingType),
    track_id = records.text(data.track_id or data.trackId), raw = body,
  }
end

local function read_verification(answer)
  local fields, body
  if answer.status == 302 then
    fields, body = read_location(answer)
  else
    fields, body = read_json(answer)
  end
  if not fields then
    return nil, body
  end
  return {
    verified = true, status = "approved", final = true, track_id = records.text(fields.track_id or fields.trackId),
    suggested_action = records.text(fields.suggested_action), raw = fields.raw or body,
  }
end

local INITIATE = "https://docs.cidaas.com/openapi/verification/post-verification-actions-srv-account-initiation"
local VALIDATE = "https://docs.cidaas.com/openapi/verification/post-verification-actions-srv-account-validate"

return {
  name = "cidaas",
  title = "cidaas",
  source = "cidaas, Initiate Account Verification; docs.cidaas.com/openapi; cidaas SDKs",
  page = INITIATE,

  options = {
    base_url = {
      type = "url", required = true, example = "https://tenant.cidaas.de",
      about = "Address of your tenant",
    },
    encoding = {
      type = "choice", values = { "form", "json" }, default = "form",
      about = "How create_session sends its body; cidaas' own SDKs use both",
    },
    completion_page = {
      type = "url", example = "https://login.example.com/verified",
      about = "Your own hosted page instead of /identity/verification_complete, where it is on another host",
    },
  },

  request_id = { "x_ref_number", "x-ref-number" },

  refusal = {
    message = { "error_description", "error.error", "error", "message" },
    code = { "code", "error.code", "error_code" },
  },

  records = {
    session = {
      accvid = { type = "string", about = "What verify_code needs; not there with LINK; keep it secret" },
      email = { type = "string", about = "Where the message went, masked unless you named it" },
      mobile = { type = "string", about = "Where the message went, masked unless you named it" },
      type = { type = "string", about = "How the message went out: email, sms or ivr" },
      processing_type = { type = "string", about = "CODE or LINK" },
      track_id = { type = "string", about = "Track of the flow that needs the verification" },
      request_id = { type = "string", about = "requestId of the authorization request" },
    },
    verification = {
      track_id = { type = "string", about = "Track of the flow to go on with" },
      suggested_action = { type = "string", about = "What cidaas suggests to do next" },
    },
    redirect = {
      accvid = { type = "string", about = "What verify_code needs" },
      email = { type = "string", about = "Where the message went" },
      mobile = { type = "string", about = "Where the message went" },
      type = { type = "string", about = "How the message went out: email, sms or ivr" },
      processing_type = { type = "string", about = "CODE or LINK" },
      track_id = { type = "string", about = "Track of the flow that needs the verification" },
      request_id = { type = "string", about = "requestId of the authorization request" },
    },
  },

  operations = {
    create_session = {
      about = "Sends a code or a link to an e-mail address or a phone.",
      source = "cidaas, Initiate Account Verification",
      page = INITIATE,
      errors = {
        [302] = "The redirect names an error; code and message are the redirect's.",
        [400] = "The body is wrong, in versions that answer so.",
        [401] = "The request is not allowed, in versions that answer so.",
        [404] = "What the request is about is not known, in versions that answer so.",
        [417] = "Something is missing or has the wrong form, in versions that answer so.",
        [500] = "cidaas failed, in versions that answer so.",
      },
      method = "POST", path = "/verification-actions-srv/account/initiation", safe = false,
      encoding = { "form", "json" }, success = { 302, 200 },
      -- A code has an accvid; a link has a page that says so, or was asked for.
      evidence = {
        { status = 302, redirect = OWN_PAGES, query = { "accvid" }, without = FAILURES },
        {
          status = 302, redirect = OWN_PAGES, query = { processingtype = "LINK" }, sent = { processing_type = "LINK" },
          without = FAILURES,
        },
        { status = 302, redirect = COMPLETE, sent = { processing_type = "LINK" }, without = FAILURES },
        { status = 200, json = { "data.accvid" } },
        { status = 200, json = { success = true, status = 200 }, sent = { processing_type = "LINK" } },
      },
      parameters = {
        {
          name = "request_id", sends = "requestId", type = "text", required = true, sensitive = true,
          about = "requestId of the authorization request",
        },
        {
          name = "processing_type", sends = "processingType", type = "enum", values = { "CODE", "LINK" },
          required = true, document = "Initiate Account Verification",
          about = "Whether the message holds a code to type in or a link to follow",
        },
        {
          name = "verification_medium", sends = "verificationMedium", type = "enum",
          values = { "email", "sms", "ivr" }, document = "Initiate Account Verification",
          about = "How the message goes out; email when left out",
        },
        { name = "q", type = "text", sensitive = true, about = "Identifier: the masked sub" },
        { name = "sub", type = "text", sensitive = true, about = "Identifier: the sub, as cidaas' own SDKs send it" },
        {
          name = "email", type = "email", sensitive = true, about = "Identifier: an e-mail address",
          document = "Initiate Account Verification: an e-mail address, and no more is said of it",
        },
        { name = "mobile", type = "text", sensitive = true, about = "Identifier: a mobile number" },
        { name = "phone", type = "text", sensitive = true, about = "Identifier: a phone number" },
        { name = "username", type = "text", sensitive = true, about = "Identifier: a user name" },
        {
          name = "track_id", sends = "trackId", type = "text", sensitive = true,
          about = "Track of the flow that needs the verification; no identifier is needed with it",
        },
      },
      choice = { "q", "sub", "email", "mobile", "phone", "username", unless = "track_id" },
      record = "session",
      read = read_initiation,
    },

    verify_code = {
      about = "Validates the code that the person received.",
      source = "cidaas, Validate Account Verification",
      page = VALIDATE,
      errors = {
        [400] = "The code or the accvid is wrong.",
        [401] = "The request is not allowed, in versions that answer so.",
        [404] = "The accvid is not known, in versions that answer so.",
        [417] = "Something is missing or has the wrong form.",
      },
      method = "POST", path = "/verification-actions-srv/account", safe = false, encoding = "json",
      success = { 200, 302 },
      evidence = {
        { status = 302, redirect = COMPLETE, without = FAILURES },
        { status = 200, json = { success = true, status = 200 } },
      },
      parameters = {
        {
          name = "accvid", type = "text", required = true, sensitive = true,
          about = "accvid of the session that sent the code",
        },
        { name = "code", type = "text", required = true, sensitive = true, about = "The code" },
      },
      record = "verification",
      read = read_verification,
    },
  },

  redirect = {
    about = "Reads accvid and what goes with it, or error and error_code, from the redirect to a hosted page.",
    source = "cidaas, Initiate Account Verification", page = INITIATE,
    prose = PROSE, ignores_case = true,
    evidence = {
      { query = { "accvid" }, without = FAILURES }, { query = { processingtype = "LINK" }, without = FAILURES },
    },
    read = read_query,
  },
}
