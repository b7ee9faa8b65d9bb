--- Checkout.com Identities: identity verifications, their attempts, applicants, and the PDF report.
---
--- Facts: the API reference the project started from, Checkout.com's documentation pages and SDKs (specification of
--- 2026-09-02 where they differ). No idempotency key is declared for these endpoints and a repeated create makes a
--- second verification or attempt, so creates are not safe to repeat. Ids are a prefix and a token; nothing more is
--- promised.

local oauth = require "idv.oauth"
local report = require "idv.report"
local codes = require "idv.providers.checkout_codes"
local texts = require "idv.texts"

-- ---- pages ----

local DOCS = "https://www.checkout.com/docs/"
local REFERENCE = "https://api-reference.checkout.com/"
local VERIFY = DOCS .. "business-operations/manage-identities/verify-identities"
local APPLICANTS = DOCS .. "business-operations/manage-identities/manage-applicants"
local ACCESS_KEYS = DOCS .. "resources/api-authentication/oauth-2-0-client-credentials"
local WEBHOOKS = DOCS .. "developer-resources/webhooks/manage-webhooks/set-up-your-webhook-receiver"

-- ---- errors ----

local last_words = { required = "is required", invalid = "is invalid" }

--- "declared_data__name__required" -> {field = "declared_data.name", message = "is required"}
local function detail_of(error_code)
  local parts = {}
  for part in (error_code .. "__"):gmatch "(.-)__" do
    parts[#parts + 1] = part
  end
  local problem = table.remove(parts)
  local field = #parts > 0 and table.concat(parts, ".") or "?"
  return { field = field, message = last_words[problem] or ("is refused: " .. problem), code = error_code }
end

local function details(body)
  local list = {}
  for _, code in ipairs(texts.entries(body.error_codes)) do
    if type(code) == "string" then
      list[#list + 1] = detail_of(code)
    end
  end
  return list
end

--- What statuses mean to an operation: those that all have in common, and its own on top.
local function errors(own)
  local all = {
    [401] = "The key or the token is wrong or has expired.",
    [403] = "The key or the token may not do this.",
    [429] = "More requests in a second than the account may make.",
    [500] = "Checkout.com failed.",
    [503] = "Checkout.com is not available.",
  }
  for status, about in pairs(own) do
    all[status] = about
  end
  return all
end

local refused_fields = {
  [400] = "A field is wrong; details say which.",
  [404] = "There is no such applicant.",
  [422] = "A field, or your configuration, does not allow it.",
}

local of_verification = { [404] = "No verification has this id." }
local of_attempt = { [404] = "No verification or no attempt has this id." }
local of_applicant = { [400] = "The id or a field is wrong.", [404] = "No applicant has this id." }

-- ---- parameters ----

-- Where the checks come from; a check without a document is not made.
local SPECIFICATION = "API specification of 2026-09-02"
local IDS = "API reference: ids are a prefix and a token"
local EMAIL = SPECIFICATION .. ": an e-mail address, and no more is said of it"

local function id(prefix, what)
  return {
    name = "id", type = "token", prefix = prefix, required = true, document = IDS, about = "Id of the " .. what,
  }
end

local verification_id = id("idv_", "verification")
local applicant_id = id("aplt_", "applicant")
local attempt_id = {
  name = "attempt_id", type = "token", prefix = "iatp_", required = true, document = IDS, about = "Id of the attempt",
}

local user_journey_id = {
  name = "user_journey_id", type = "token", prefix = "usj_", document = IDS,
  about = "Your configuration; Checkout.com asks to send it every time",
}

local function applicant_reference(is_required)
  return {
    name = "applicant_id", type = "token", prefix = "aplt_", required = is_required, document = IDS,
    about = "The applicant whom this verifies",
  }
end

local phone_number = {
  name = "phone_number", type = "object", about = "Phone number, in two parts",
  fields = {
    {
      name = "country_code", type = "dial_code", required = true, sensitive = true, about = "Dialling prefix",
      document = SPECIFICATION .. [[: `^\+(\d+)$`]],
    },
    {
      name = "number", type = "national_number", required = true, sensitive = true, about = "The rest of it",
      document = SPECIFICATION .. [[: `^\d{1,14}$`]],
    },
  },
}

--- A text of the applicant with the most characters that the specification gives it.
local function limited(name, most, about)
  return { name = name, type = "text", max = most, sensitive = true, document = SPECIFICATION, about = about }
end

local address = {
  name = "address", type = "object", about = "Postal address",
  fields = {
    limited("address_line1", 250, "First line"),
    limited("address_line2", 250, "Second line"),
    limited("city", 50, "City"),
    limited("state", 50, "State"),
    limited("zip", 50, "Postal code"),
    { name = "country", type = "country", sensitive = true, document = SPECIFICATION, about = "Country" },
  },
}

local declared_data = {
  name = "declared_data", type = "object", required = true, about = "What the applicant says about themselves",
  fields = {
    {
      name = "name", type = "text", min = 2, max = 255, required = true, sensitive = true, about = "Full name",
      document = SPECIFICATION,
    },
    { name = "birth_date", type = "date", sensitive = true, document = SPECIFICATION, about = "Date of birth" },
    phone_number,
    {
      name = "email", type = "email", sensitive = true, nullable = true, document = EMAIL, about = "E-mail address",
    },
    address,
  },
}

local redirect_url = {
  name = "redirect_url", type = "uri", required = true, sensitive = true, document = SPECIFICATION .. ": format uri",
  about = "Where the applicant returns to; an app's own address such as com.example.app:/back is one too",
}

local client_information = {
  name = "client_information", type = "object", about = "What to choose for the applicant beforehand",
  fields = {
    {
      name = "pre_selected_residence_country", type = "country", document = SPECIFICATION .. ": ISO 3166-1 alpha-2",
      about = "Country of residence",
    },
    {
      name = "pre_selected_language", type = "language", document = SPECIFICATION .. ": IETF BCP 47",
      about = "Language of the pages",
    },
    {
      name = "pre_selected_document_issuing_country", type = "country",
      document = SPECIFICATION .. ": ISO 3166-1 alpha-2", about = "Country that issued the document",
    },
    {
      name = "pre_selected_document_type", type = "enum", document = SPECIFICATION, about = "Kind of document",
      values = { "Driving licence", "ID", "Passport", "Residence Permit", "Other", "Travel Document", "Visa" },
    },
  },
}

local paging = {
  { name = "skip", type = "integer", min = 0, document = SPECIFICATION, about = "Entries to pass over; else 0" },
  { name = "limit", type = "integer", min = 1, document = SPECIFICATION, about = "Entries in a page; else 10" },
}

--- The parameters of a request, `...` first.
local function parameters(list, ...)
  local all = { ... }
  for _, parameter in ipairs(list) do
    all[#all + 1] = parameter
  end
  return all
end

-- ---- answers ----

local verification = {
  record = "session",
  fields = {
    id = "id", url = "_links.verification_url.href", status = "status", applicant_id = "applicant_id",
    user_journey_id = "user_journey_id", response_codes = { any = "response_codes" },
    risk_labels = { any = "risk_labels" },
  },
  required = { id = "idv_*" },
}

--- The answer about the verification that was asked for.
local asked_verification = {
  record = "session", fields = verification.fields, required = verification.required, same = { id = "id" },
}

local attempt_fields = {
  id = "id", url = "_links.verification_url.href", status = "status", response_codes = { any = "response_codes" },
}

local function attempt(same)
  return {
    record = "attempt", fields = attempt_fields, required = { id = "iatp_*" }, same = same,
    echo = { session_id = "id" },
  }
end

-- The type of response_codes.
local CODES = "{ code: integer, summary: string }[]"

-- ---- webhooks ----

-- What Checkout.com sends webhooks about. The type of an event begins with the product, and `data` holds the product's
-- name with "_id" for the resource.
local products = {
  "identity_verification", "face_authentication", "id_document_verification", "address_document_verification",
  "aml_verification",
}

-- The events of identity verification, all of which state the verification's status.
local events = {}

for _, event in ipairs {
  "created", "opened", "started", "reset", "capture_completed", "checks_completed", "checks_inconclusive",
  "capture_refused", "capture_aborted", "link_expired", "retry_requested", "closed", "anonymized", "audit_completed",
  "report_created",
} do
  events["identity_verification_" .. event] = true
end

local function product_of(event_type)
  for _, product in ipairs(products) do
    if type(event_type) == "string" and event_type:sub(1, #product + 1) == product .. "_" then
      return product
    end
  end
end

--- The id of a verification, where it is one: an old form of AML events has another id in the same field.
local function verification_id_of(value)
  return type(value) == "string" and value:find "^idv_%w" and value or nil
end

local function read_webhook(body)
  local data = type(body.data) == "table" and body.data or {}
  local product = product_of(body.type)
  return {
    id = body.id, type = body.type, product = product, status = data.status,
    session_id = verification_id_of(data.identity_verification_id),
    product_id = product and product ~= "identity_verification" and data[product .. "_id"] or nil,
    applicant_id = data.applicant_id, external_id = data.external_applicant_id,
    user_journey_id = data.user_journey_id, response_codes = data.response_codes,
  }
end

local frame = { total_count = { any = "total_count" }, skip = { any = "skip" }, limit = { any = "limit" } }

local applicant = {
  record = "applicant",
  fields = {
    id = "id", external_id = "external_applicant_id", name = "external_applicant_name", email = "email",
  },
  required = { id = "aplt_*" },
}

local asked_applicant = {
  record = "applicant", fields = applicant.fields, required = applicant.required, same = { id = "id" },
}

-- The forms of secret keys (checkout-sdk-node), and one that says what it is; a key of no form, such as an older one,
-- tells nothing.
local key_forms = {
  { value = "sandbox", pattern = "^sk_sbox_", example = "sk_sbox_..." },
  { value = "production", pattern = "^sk_live_", example = "sk_live_..." },
  { value = "production", pattern = "^sk_%w+[*#$=]?$", example = "sk_... without sbox" },
}

return {
  name = "checkout",
  title = "Checkout.com Identities",
  source = "Checkout.com API reference and SDKs, specification of 2026-09-02",
  page = VERIFY,
  base_urls = {
    option = "environment",
    sandbox = "https://identity-verification.sandbox.checkout.com",
    production = "https://identity-verification.checkout.com",
  },

  options = {
    environment = {
      type = "choice", values = { "sandbox", "production" }, default = "production", about = "Which of the two hosts",
    },
    secret_key = {
      type = "string", secret = true, pattern = "^sk_", example = "sk_...", tells = { environment = key_forms },
      about = "Secret key (sk_sbox_... of the sandbox, sk_... of production), sent as a Bearer token",
    },
    client_id = { type = "string", secret = true, about = "OAuth client id (ack_...), instead of a secret key" },
    client_secret = { type = "string", secret = true, about = "OAuth client secret" },
    subdomain = {
      type = "string", pattern = "^[a-z0-9-]+$", example = "abcd1234",
      about = "Your prefix of the token host: the first 8 characters of the client id without cli_",
    },
    access_url = {
      type = "url", about = "Where tokens are fetched, when neither environment nor subdomain says it right",
    },
    webhook_secret = {
      type = "secrets", secret = true, about = "Signature key of the webhook, or a list of them while one is rotated",
    },
    webhook_authorization = {
      type = "secrets", secret = true, about = "Authorization header that you set on the webhook, if you did",
    },
  },

  auth = {
    { scheme = "bearer", token = "secret_key" },
    { scheme = "oauth", id = "client_id", secret = "client_secret", scope = "identity-verification" },
  },
  oauth = oauth.client_credentials,

  request_id = { "Cko-Request-Id", "request-id" },

  statuses = {
    created = "created", pending = "pending", capture_in_progress = "in_progress",
    checks_in_progress = "processing", approved = "approved", declined = "declined",
    retry_required = "retry_required", inconclusive = "inconclusive", refused = "cancelled",
    -- attempts
    pending_redirection = "pending", capture_aborted = "abandoned", capture_refused = "cancelled",
    expired = "expired", checks_inconclusive = "inconclusive", completed = "completed", terminated = "cancelled",
  },

  refusal = {
    message = { "message", "error_description", "error_type", "error" }, code = { "error_type", "error" },
    details = details,
  },

  records = {
    session = {
      applicant_id = { type = "string", about = "The applicant whom it verifies" },
      user_journey_id = { type = "string", about = "Your configuration" },
      response_codes = { type = CODES, about = "Why the status is what it is" },
      risk_labels = { type = "string[]", about = "What looked odd; does not change the verdict" },
    },
    attempt = {
      response_codes = { type = CODES, about = "Why the status is what it is" },
    },
    applicant = {
      name = { type = "string", about = "The name to show" },
      email = { type = "string", about = "The e-mail address; gone once anonymized" },
    },
    redirect = {
      id = { type = "string", about = "The verification: the same as session_id" },
      event = { type = "string", about = "Why the applicant came back, such as identity_verification_capture_aborted" },
      response_code = { type = "integer", about = "What went wrong, if something did" },
      reason = { type = "string", about = "What that code stands for" },
    },
    webhook = {
      applicant_id = { type = "string", about = "The applicant" },
      external_id = { type = "string", about = "Your own reference of the applicant (external_applicant_id)" },
      user_journey_id = { type = "string", about = "Your configuration" },
      response_codes = { type = CODES, about = "Why the status of the session is what it is" },
    },
  },

  operations = {
    create_session = {
      about = "Creates a verification together with its first attempt; the record has the URL for the applicant.",
      source = "Checkout.com, POST /create-and-open-idv",
      page = VERIFY, errors = errors(refused_fields),
      method = "POST", path = "/create-and-open-idv", safe = false, encoding = "json",
      parameters = { declared_data, redirect_url, user_journey_id, applicant_reference(false) },
      answer = verification,
    },

    create_verification = {
      about = "Creates a verification for an applicant, without an attempt.",
      source = "Checkout.com, POST /identity-verifications",
      page = VERIFY, errors = errors(refused_fields),
      method = "POST", path = "/identity-verifications", safe = false, encoding = "json",
      parameters = { applicant_reference(true), declared_data, user_journey_id },
      answer = verification,
    },

    get_session = {
      about = "Retrieves a verification.",
      source = "Checkout.com, GET /identity-verifications/{id}",
      page = VERIFY, errors = errors(of_verification),
      method = "GET", path = "/identity-verifications/{id}", safe = true, arguments = { "id" },
      parameters = { verification_id }, answer = asked_verification,
    },

    anonymize_session = {
      about = "Removes the personal data of a verification.",
      source = "Checkout.com, POST /identity-verifications/{id}/anonymize",
      page = REFERENCE,
      errors = errors { [404] = of_verification[404], [422] = "It can not be anonymized in the state that it is in." },
      method = "POST", path = "/identity-verifications/{id}/anonymize", safe = true, arguments = { "id" },
      parameters = { verification_id }, answer = asked_verification,
    },

    create_attempt = {
      about = "Creates another attempt for a verification that allows one.",
      source = "Checkout.com, POST /identity-verifications/{id}/attempts",
      page = REFERENCE,
      errors = errors {
        [400] = refused_fields[400],
        [404] = of_verification[404],
        [422] = refused_fields[422],
        [409] = "Its status allows no further attempt; created, pending, capture_in_progress and retry_required do.",
      },
      method = "POST", path = "/identity-verifications/{id}/attempts", safe = false, encoding = "json",
      arguments = { "id" },
      parameters = { verification_id, redirect_url, phone_number, client_information },
      answer = attempt(),
    },

    list_attempts = {
      about = "Lists the attempts of a verification, newest first, a page at a time.",
      source = "Checkout.com, GET /identity-verifications/{id}/attempts",
      page = REFERENCE, errors = errors(of_verification),
      method = "GET", path = "/identity-verifications/{id}/attempts", safe = true, arguments = { "id" },
      parameters = parameters(paging, verification_id),
      answer = {
        record = "attempt", list = "data", fields = attempt_fields, frame = frame,
        required = { "total_count", id = "iatp_*" },
      },
    },

    get_attempt = {
      about = "Retrieves one attempt.",
      source = "Checkout.com, GET /identity-verifications/{id}/attempts/{attempt_id}",
      page = REFERENCE, errors = errors(of_attempt),
      method = "GET", path = "/identity-verifications/{id}/attempts/{attempt_id}", safe = true,
      arguments = { "id", "attempt_id" }, parameters = { verification_id, attempt_id },
      answer = attempt { id = "attempt_id" },
    },

    list_assets = {
      about = "Lists the images and videos of an attempt; each url is pre-signed and short-lived.",
      source = "Checkout.com, GET .../attempts/{attempt_id}/assets (2026-06)",
      page = REFERENCE, errors = errors(of_attempt),
      method = "GET", path = "/identity-verifications/{id}/attempts/{attempt_id}/assets", safe = true,
      arguments = { "id", "attempt_id" }, parameters = parameters(paging, verification_id, attempt_id),
      answer = {
        record = "asset", list = "data", fields = { type = "type", url = "_links.asset_url.href" }, frame = frame,
        required = { "total_count", "type", "url" },
      },
    },

    locate_report = {
      about = "Asks where the PDF report is.",
      source = "Checkout.com, GET /identity-verifications/{id}/pdf-report",
      page = VERIFY, errors = errors { [404] = "There is no report yet, or no verification has this id." },
      part_of = "get_report",
      method = "GET", path = "/identity-verifications/{id}/pdf-report", safe = true, arguments = { "id" },
      parameters = { verification_id }, record = "report", read = report.read_location,
      evidence = { { json = { "pdf_report" } }, { json = { "signed_url" } }, { file = "%PDF-" } },
    },

    create_applicant = {
      about = "Creates an applicant.",
      source = "Checkout.com, POST /applicants",
      page = APPLICANTS, errors = errors { [400] = refused_fields[400] },
      method = "POST", path = "/applicants", safe = false, encoding = "json",
      parameters = {
        { name = "external_applicant_id", type = "text", sensitive = true, about = "Your own reference" },
        limited("external_applicant_name", 255, "Name to show"),
        { name = "email", type = "email", sensitive = true, document = EMAIL, about = "E-mail address" },
      },
      answer = applicant,
    },

    get_applicant = {
      about = "Retrieves an applicant.",
      source = "Checkout.com, GET /applicants/{id}",
      page = APPLICANTS, errors = errors(of_applicant),
      method = "GET", path = "/applicants/{id}", safe = true, arguments = { "id" }, parameters = { applicant_id },
      answer = asked_applicant,
    },

    update_applicant = {
      about = "Changes the name or the e-mail address of an applicant.",
      source = "Checkout.com, PATCH /applicants/{id}",
      page = APPLICANTS, errors = errors(of_applicant),
      method = "PATCH", path = "/applicants/{id}", safe = true, encoding = "json", arguments = { "id" },
      parameters = {
        applicant_id,
        limited("external_applicant_name", 255, "Name to show"),
        {
          name = "email", type = "email", sensitive = true, nullable = true, document = EMAIL,
          about = "E-mail address; null clears it",
        },
      },
      answer = asked_applicant,
    },

    anonymize_applicant = {
      about = "Removes the personal data of an applicant.",
      source = "Checkout.com, POST /applicants/{id}/anonymize",
      page = APPLICANTS, errors = errors(of_applicant),
      method = "POST", path = "/applicants/{id}/anonymize", safe = true, arguments = { "id" },
      parameters = { applicant_id }, answer = asked_applicant,
    },

    fetch_token = oauth.operation {
      source = "Checkout.com, Access keys (OAuth 2.0)", page = ACCESS_KEYS, path = "/connect/token",
      base = "access_url",
    },
  },

  methods = {
    get_report = {
      about = "Fetches the PDF report of a verification that is approved or declined; saves it where a path is given.",
      source = "Checkout.com, GET /identity-verifications/{id}/pdf-report", page = VERIFY, argument = "id",
      record = "report", performs = "locate_report", options = report.options, run = report.get,
    },
    check_credentials = {
      about = "Says whether the credentials are good: fetches a token, or reads an applicant that is nobody.",
      source = "Checkout.com, GET /applicants/{id}; Access keys (OAuth 2.0)", page = ACCESS_KEYS,
      record = "credentials", performs = "get_applicant",
      run = oauth.check_credentials("get_applicant", "aplt_00000000000000000000000000",
        { "request_id", "error_type", "error_codes" }),
    },
  },

  pages = {
    each_attempt = { list = "list_attempts", by = "offset" },
    each_asset = { list = "list_assets", by = "offset" },
  },

  redirect = {
    about = "Reads id, event and response_code from the applicant's return.",
    source = "Checkout.com, Integrate Identities via web", page = VERIFY,
    evidence = { { query = { id = "idv_*" } } },
    read = function(query)
      local digits = (query.response_code or ""):match "^%d+$"
      local code = digits and #digits < 10 and tonumber(digits) or nil
      return {
        id = query.id, session_id = query.id, event = query.event, response_code = code, reason = codes[code],
      }
    end,
  },

  webhook = {
    about = "Checks Cko-Signature, Authorization or both, as they were set on the webhook, and reads the event.",
    source = "Checkout.com, Set up your webhook receiver", page = WEBHOOKS,
    scheme = "hmac_sha256", header = "Cko-Signature", secret = "webhook_secret",
    authorization = "webhook_authorization", report_type = "identity_verification_report_created",
    product = "identity_verification", events = events, read = read_webhook,
  },
}
