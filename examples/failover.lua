--- Failover: from one provider to the next when one is down, and never two sessions for one applicant.
---
--- The rule is in `outcome`. "not_sent" and "refused" say that the provider did nothing, so another one may be asked.
--- "unknown" says that it may have acted: the applicant may have an invitation already. Then this program looks instead
--- of asking somebody else, and leaves it to a person when looking does not help.
---
--- With DEEPIDV_API_KEY and CHECKOUT_SECRET_KEY in the environment it onboards one applicant with whichever of the two
--- is up; IDV_FIRST_NAME, IDV_LAST_NAME, IDV_EMAIL and IDV_PHONE say whom. Without keys it shows in the sandbox what
--- happens when all is well, when deepIDV is down, and when it breaks off.

local idv = require "idv"

local env = os.getenv

local applicant = {
  reference = "customer-" .. os.time(),
  first_name = env "IDV_FIRST_NAME" or "Ada", last_name = env "IDV_LAST_NAME" or "Example",
  email = env "IDV_EMAIL" or "ada@example.com", phone = env "IDV_PHONE" or "+15192223333",
}

local return_url = "https://shop.example/verified"

-- ---- how each provider is asked ----

local asking = {}

function asking.deepidv(deepidv)
  return deepidv:create_session {
    first_name = applicant.first_name, last_name = applicant.last_name, email = applicant.email,
    phone = applicant.phone, external_id = applicant.reference, redirect_url = return_url,
  }
end

function asking.checkout(checkout)
  return checkout:create_session {
    declared_data = { name = applicant.first_name .. " " .. applicant.last_name, email = applicant.email },
    redirect_url = return_url,
  }
end

--- How to find out whether a request with an unknown outcome made a session after all: the newest one with our
--- reference. Not every provider can tell.
local looking = {}

function looking.deepidv(deepidv)
  local following = deepidv:each_session { external_id = applicant.reference }
  return following()
end

-- ---- the rule ----

--- Kinds of errors that are about the provider. The others are about us or the applicant, and would come again
--- elsewhere.
local is_about_provider = { network = true, timeout = true, server = true, rate_limited = true, payment = true }

--- What became of a request whose outcome is unknown.
local function look(name, provider, err)
  local session = looking[name] and looking[name](provider)
  if session then
    print("  it did make a session: " .. tostring(session))
    return session
  end
  return nil, err
end

--- Asks one provider after the other. Returns a session, or nil and the error that ended it.
local function onboard(providers)
  local session, err
  for _, one in ipairs(providers) do
    session, err = asking[one.name](one.object)
    if session then
      print("  " .. tostring(session))
      return session
    end
    print("  " .. tostring(err))
    if err.outcome == "unknown" then
      return look(one.name, one.object, err)
    elseif not is_about_provider[err.kind] then
      return nil, err
    end
  end
  return nil, err
end

local function tell(session, err)
  if session then
    print("  -> onboarded with " .. session.provider)
  elseif err.outcome == "unknown" then
    print "  -> nobody else is asked: a person has to look"
  else
    print "  -> nobody could take it; nothing was done, so it can be tried again later"
  end
end

-- ---- with keys ----

local function run_for_real()
  local providers = {}
  if env "DEEPIDV_API_KEY" then
    table.insert(providers, { name = "deepidv", object = idv.deepidv { api_key = env "DEEPIDV_API_KEY" } })
  end
  if env "CHECKOUT_SECRET_KEY" then
    local options = { secret_key = env "CHECKOUT_SECRET_KEY", environment = env "CHECKOUT_ENVIRONMENT" }
    table.insert(providers, { name = "checkout", object = idv.checkout(options) })
  end
  tell(onboard(providers))
end

-- ---- without ----

--- Both providers in the sandbox; deepIDV can be led to a port where nobody listens.
local function providers_of(sandbox, is_down)
  local deepidv = { api_key = "live_demo", base_url = sandbox.https, ca_file = sandbox.ca_file, max_retries = 0 }
  if is_down then
    deepidv.base_url = "https://127.0.0.1:1"
  end
  local checkout = { secret_key = "sk_sbox_demo", base_url = sandbox.https, ca_file = sandbox.ca_file }
  return {
    { name = "deepidv", object = idv.deepidv(deepidv) }, { name = "checkout", object = idv.checkout(checkout) },
  }
end

local function show_in_sandbox()
  local sandbox = assert(require("idv.sandbox.remote").start(env "IDV_SANDBOX"))
  print "All is well:"
  tell(onboard(providers_of(sandbox, false)))

  print "deepIDV is down:"
  tell(onboard(providers_of(sandbox, true)))

  print "deepIDV breaks off before it acts:"
  assert(sandbox.control:reset())
  assert(sandbox.control:fault { extra = { path = "/v1/sessions", method = "POST", reset = true, process = false } })
  tell(onboard(providers_of(sandbox, false)))

  print "deepIDV breaks off after it has acted:"
  assert(sandbox.control:fault { extra = { path = "/v1/sessions", method = "POST", reset = true } })
  tell(onboard(providers_of(sandbox, false)))
  sandbox:stop()
end

if env "DEEPIDV_API_KEY" or env "CHECKOUT_SECRET_KEY" then
  run_for_real()
else
  show_in_sandbox()
end
