--- What a trained build learns from: calls that go well and a few that do not, over HTTP and TLS, one after the other
--- and many at once, through each of the four providers in the sandbox.
---
--- The compiler learns which way a branch goes and which functions follow one another, and nothing about what is in an
--- answer; see packaging/trained.mk. Fails when a call does not end as it should, so that nothing is learned from a
--- mistake.

local idv = require "idv"

local rounds = 300                       -- of each provider, one after the other
local in_flight, rounds_of_each = 32, 10 -- at once

local applicant = {
  first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
  external_id = "order-1001",
}

local credentials = {
  deepidv = { api_key = "live_training" },
  checkout = { secret_key = "sk_sbox_training" },
  impact = { account_sid = "IRtraining", auth_token = "training" },
  cidaas = {},
}

--- One round of each provider: what an onboarding does most.
local onboardings = {}

function onboardings.deepidv(deepidv)
  local session = assert(deepidv:create_session(applicant))
  assert(deepidv:get_session(session.id))
end

function onboardings.checkout(checkout)
  local session = assert(checkout:create_session {
    declared_data = { name = "Ada Example" }, redirect_url = "https://shop.example/verified",
  })
  assert(checkout:get_session(session.id))
end

function onboardings.impact(impact)
  assert(impact:create_session { user_id = "I-5402850" })
end

function onboardings.cidaas(cidaas)
  assert(cidaas:create_session { request_id = "training", processing_type = "CODE", email = applicant.email })
end

local function open(name, sandbox, scheme)
  local options = { base_url = sandbox[scheme], ca_file = sandbox.ca_file, allow_http = true }
  for key, value in pairs(credentials[name]) do
    options[key] = value
  end
  return idv.provider(name, options)
end

--- Many fewer than go well, as in life: input that is refused here, and an id that the provider does not know.
local function go_wrong(deepidv)
  assert(not deepidv:create_session { first_name = "Ada", emial = "ada@example.com" })
  assert(not deepidv:get_session "sess_unknown")
end

local function one_after_the_other(sandbox, scheme)
  for name, onboard in pairs(onboardings) do
    local provider = open(name, sandbox, scheme)
    for _ = 1, rounds do
      onboard(provider)
    end
  end
  local deepidv = open("deepidv", sandbox, scheme)
  for _ = 1, rounds / 20 do
    go_wrong(deepidv)
  end
end

local function many_at_once(sandbox, scheme)
  local deepidv, tasks = open("deepidv", sandbox, scheme), {}
  local function work()
    for _ = 1, rounds_of_each do
      onboardings.deepidv(deepidv)
    end
  end
  for i = 1, in_flight do
    tasks[i] = work
  end
  local _, failures = idv.all(tasks)
  assert(next(failures) == nil, "a task failed")
end

local sandbox = assert(require("idv.sandbox.remote").start(os.getenv "IDV_SANDBOX"))
for _, scheme in ipairs { "http", "https" } do
  one_after_the_other(sandbox, scheme)
  many_at_once(sandbox, scheme)
end
sandbox:stop()
