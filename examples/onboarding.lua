--- Onboarding: one applicant taken through each provider, from the first call to the verdict.
---
--- `make demo` runs this against the sandbox, with TLS and no keys. The same program runs against the real services
--- when their credentials are in the environment, for each provider that has them:
---
---   deepIDV       DEEPIDV_API_KEY
---   Checkout.com  CHECKOUT_SECRET_KEY, or CHECKOUT_CLIENT_ID and CHECKOUT_CLIENT_SECRET; CHECKOUT_ENVIRONMENT (sandbox
---                 or production), CHECKOUT_USER_JOURNEY_ID
---   impact.com    IMPACT_ACCOUNT_SID, IMPACT_AUTH_TOKEN, IMPACT_USER_ID
---   cidaas        CIDAAS_BASE_URL, CIDAAS_REQUEST_ID
---   the applicant IDV_FIRST_NAME, IDV_LAST_NAME, IDV_EMAIL, IDV_PHONE
---
--- With the real services the applicant is a person who opens the URL; in the sandbox this program plays that part.

local idv = require "idv"

local env = os.getenv

local applicant = {
  first_name = env "IDV_FIRST_NAME" or "Ada",
  last_name = env "IDV_LAST_NAME" or "Example",
  email = env "IDV_EMAIL" or "ada@example.com",
  phone = env "IDV_PHONE" or "+15192223333",
}

local return_url = "https://shop.example/verified"

-- ---- telling what happens ----

local function heading(text)
  print(("\n%s\n%s"):format(text, ("-"):rep(#text)))
end

local function step(what, result)
  print(("  %-34s %s"):format(what, result or ""))
end

--- Ends the program with an error's one line, or returns what went well.
local function check(value, err)
  if not value then
    io.stderr:write("  failed: ", tostring(err), "\n")
    os.exit(1)
  end
  return value
end

-- ---- where the services are ----

local function real_options()
  return {
    deepidv = env "DEEPIDV_API_KEY" and { api_key = env "DEEPIDV_API_KEY" },
    checkout = (env "CHECKOUT_SECRET_KEY" or env "CHECKOUT_CLIENT_ID") and {
      secret_key = env "CHECKOUT_SECRET_KEY", client_id = env "CHECKOUT_CLIENT_ID",
      client_secret = env "CHECKOUT_CLIENT_SECRET", environment = env "CHECKOUT_ENVIRONMENT" or "sandbox",
    },
    impact = env "IMPACT_ACCOUNT_SID" and {
      account_sid = env "IMPACT_ACCOUNT_SID", auth_token = env "IMPACT_AUTH_TOKEN",
    },
    cidaas = env "CIDAAS_BASE_URL" and { base_url = env "CIDAAS_BASE_URL" },
  }
end

--- Credentials of the right shape, which is all that the sandbox asks for.
local function sandbox_options(sandbox)
  local all = {
    deepidv = { api_key = "live_demo" },
    checkout = { client_id = "ack_demo", client_secret = "demo", environment = "sandbox" },
    impact = { account_sid = "IRdemo", auth_token = "demo" },
    cidaas = {},
  }
  for _, options in pairs(all) do
    options.base_url, options.ca_file = sandbox.https, sandbox.ca_file
  end
  return all
end

-- ---- the applicant's part ----

--- In the sandbox the session is moved along; otherwise a person has to do it.
local function let_applicant_finish(sandbox, session, statuses)
  if not sandbox then
    step("please open and finish", session.url)
    return
  end
  for _, status in ipairs(statuses) do
    check(sandbox.control:advance(session.id, status))
  end
  step("the applicant", "opens the page and finishes")
end

-- ---- one flow for each provider ----

local flows = {}

function flows.deepidv(options, sandbox)
  heading "deepIDV: a session with invitations"
  local deepidv = idv.deepidv(options)

  local _, err = deepidv:create_session {
    first_name = applicant.first_name, phone = "519 222 3333", emial = applicant.email,
  }
  step("a refused input, nothing sent:")
  for _, detail in ipairs(err.details) do
    step("  " .. detail.field, detail.message)
  end

  local session = check(deepidv:create_session {
    first_name = applicant.first_name, last_name = applicant.last_name, email = applicant.email,
    phone = applicant.phone, redirect_url = return_url, send_phone_invite = false,
  })
  step("create_session", tostring(session))
  let_applicant_finish(sandbox, session, { "SUBMITTED", "VERIFIED" })

  local back = check(deepidv:parse_redirect(("%s?session_id=%s&status=success"):format(return_url, session.id)))
  step("parse_redirect", ("%s, trusted: %s"):format(back.status, tostring(back.trusted)))

  session = check(deepidv:wait_session(session.id, { timeout = 900 }))
  step("wait_session", ("%s, final: %s"):format(session.status, tostring(session.final)))
  local report = check(deepidv:get_report(session.id))
  step("get_report", ("%d bytes of JSON"):format(report.bytes))
end

function flows.checkout(options, sandbox)
  heading "Checkout.com: a verification and its PDF report"
  local checkout = idv.checkout(options)
  local session = check(checkout:create_session {
    declared_data = { name = applicant.first_name .. " " .. applicant.last_name }, redirect_url = return_url,
    user_journey_id = env "CHECKOUT_USER_JOURNEY_ID",
  })
  step("create_session", tostring(session))

  local early, err = checkout:get_report(session.id)
  step("get_report, too early", early and "?" or err.kind)

  let_applicant_finish(sandbox, session, { "capture_in_progress", "checks_in_progress", "approved" })
  session = check(checkout:wait_session(session.id, { timeout = 900 }))
  step("wait_session", ("%s, final: %s"):format(session.status, tostring(session.final)))
  for attempt, failure in checkout:each_attempt(session.id) do
    step("each_attempt", tostring(check(attempt, failure)))
  end

  local path = ("%s/%s.pdf"):format(env "TMPDIR" or "/tmp", session.id)
  local report = check(checkout:get_report(session.id, {
    path = path,
    on_progress = function(bytes, total) step("on_progress", ("%d of %s bytes"):format(bytes, tostring(total))) end,
  }))
  step("get_report, saved to", report.path)
end

function flows.impact(options)
  heading "impact.com: create a session, or resume it"
  local impact = idv.impact(options)
  local user = env "IMPACT_USER_ID" or "I-5402850"
  local session = check(impact:create_session { user_id = user, callback_url = return_url })
  step("create_session", tostring(session))
  local again = check(impact:create_session { user_id = user })
  step("the same user again", again.id == session.id and "resumes the same session" or tostring(again))
end

function flows.cidaas(options, sandbox)
  heading "cidaas: a code by e-mail"
  local cidaas = idv.cidaas(options)
  local session = check(cidaas:create_session {
    request_id = env "CIDAAS_REQUEST_ID" or "demo-request", processing_type = "CODE", email = applicant.email,
  })
  step("create_session", ("%s, sent by %s"):format(tostring(session), tostring(session.type)))
  local code
  if sandbox then
    code = check(sandbox.control:outbox()).messages[1].code
    step("the applicant", "reads the code in the mail")
  else
    io.write("  code: ")
    code = io.read()
  end
  local verified = check(cidaas:verify_code { accvid = session.accvid, code = code })
  step("verify_code", tostring(verified))
end

-- ---- the program ----

local function run(all, sandbox)
  for _, name in ipairs(idv.providers()) do
    if all[name] then
      flows[name](all[name], sandbox)
    end
  end
end

local real = real_options()
if next(real) then
  run(real)
else
  local sandbox = check(require("idv.sandbox.remote").start(env "IDV_SANDBOX"))
  print("No keys in the environment: using the sandbox at " .. sandbox.https)
  run(sandbox_options(sandbox), sandbox)
  sandbox:stop()
end
print "\nDone."
