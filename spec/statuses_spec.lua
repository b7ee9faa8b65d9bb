--- The statuses of the reference against those of the sandbox. Every operation is driven into every refusal that the
--- sandbox has by itself: each of them stands in the description, and what stands there besides is what a sandbox has
--- to be ordered to answer.

local idv = require "idv"
local sandbox = require "spec.support.sandbox"
local services = sandbox.shared()
local control = services.control

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
local declared = { name = "Ada Example" }
local no_session, no_attempt, no_applicant = "idv_none", "iatp_none", "aplt_none"

local function provider(name, options)
  options.base_url, options.allow_http, options.max_retries = services.http, true, 0
  return idv.provider(name, options)
end

-- ---- providers, good and bad ----

local makers = {
  checkout = function(word)
    return provider("checkout", { secret_key = "sk_sbox_" .. (word or "a1"), environment = "sandbox" })
  end,
  deepidv = function(word) return provider("deepidv", { api_key = word and word .. "_1" or "live_1" }) end,
  impact = function(word) return provider("impact", { account_sid = "IR1", auth_token = word or "t" }) end,
  cidaas = function() return provider("cidaas", {}) end,
}

--- Sends a body that no method of idv would send. Returns an error with the status.
local function send(method, path, headers, body)
  local raw = sandbox.raw(tonumber(services.http:match ":(%d+)"),
    ("%s %s HTTP/1.0\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"):format(
      method, path, headers or "", #body, body))
  return { status = tonumber(raw:match "^HTTP/1%.[01] (%d+)") }
end

local checkout_key = "Authorization: Bearer sk_sbox_a1\r\n"
local deepidv_key = "x-api-key: live_1\r\n"

--- A session of Checkout.com in this status, and its attempt.
local function checkout_session(object, status)
  local session = assert(object:create_session { declared_data = declared, redirect_url = "https://b.example/" })
  if status then
    control.advance(session.id, status)
  end
  return session.id
end

--- Arguments with which an operation is good, for the refusals that do not depend on them.
local calls = {
  checkout = {
    create_session = { { declared_data = declared, redirect_url = "https://b.example/" } },
    create_verification = { { applicant_id = no_applicant, declared_data = declared } },
    get_session = { no_session }, anonymize_session = { no_session },
    create_attempt = { no_session, { redirect_url = "https://b.example/" } }, list_attempts = { no_session },
    get_attempt = { no_session, no_attempt }, list_assets = { no_session, no_attempt }, locate_report = { no_session },
    create_applicant = { { email = "a@b.example" } }, get_applicant = { no_applicant },
    update_applicant = { no_applicant, { email = "a@b.example" } }, anonymize_applicant = { no_applicant },
  },
  deepidv = {
    create_session = { ada }, get_session = { "none" }, list_sessions = {}, decide_session = { "none", "VERIFIED" },
    retrieve_evidence = { "none" }, check_credentials = {},
  },
  impact = { create_session = { { user_id = 1 } } },
  cidaas = {
    create_session = { { request_id = "r", processing_type = "CODE", email = "a@b.example" } },
    verify_code = { { accvid = "none", code = "1" } },
  },
}

-- What internal operations are called by.
local called_by = { locate_report = "get_report", retrieve_evidence = "get_report" }

-- ---- the refusals of the sandbox ----

--- A refusal of a body that no method of idv would send: one that is no JSON, where it is left out.
local function refuse(method, path, headers, body)
  return function()
    return send(method, path, headers, body or "{")
  end
end

local function second(_, err)
  return err
end

--- Refusals that need more than a bad credential or an unknown id: operation -> list of functions that return an error.
local own = {
  checkout = {
    create_session = {
      function(object)
        return second(object:create_session { declared_data = declared, redirect_url = "https://b.example/", applicant_id = no_applicant })
      end,
      refuse("POST", "/create-and-open-idv", checkout_key, '{"declared_data":5}'),
      refuse("POST", "/create-and-open-idv", checkout_key),
    },
    create_verification = {
      refuse("POST", "/identity-verifications", checkout_key, '{"declared_data":5}'),
      refuse("POST", "/identity-verifications", checkout_key),
    },
    create_attempt = {
      function(object)
        return send("POST", "/identity-verifications/" .. checkout_session(object) .. "/attempts", checkout_key, "{}")
      end,
      function(object)
        return second(object:create_attempt(checkout_session(object, "approved"), { redirect_url = "https://b.example/" }))
      end,
      function(object)
        return send("POST", "/identity-verifications/" .. checkout_session(object) .. "/attempts", checkout_key, "{")
      end,
    },
    create_applicant = {
      refuse("POST", "/applicants", checkout_key), refuse("POST", "/applicants", checkout_key, '{"email":5}'),
    },
    update_applicant = {
      function(object)
        local made = assert(object:create_applicant { email = "a@b.example" })
        return second(object:update_applicant(made.id, { extra = { external_applicant_id = "x" } }))
      end,
    },
  },
  deepidv = {
    create_session = {
      function(object)
        return second(object:create_session { first_name = "A", last_name = "B", email = ada.email, phone = ada.phone, workflow_id = "wf_none" })
      end,
      function(object)
        control.settings { deepidv = { balance_empty = true } }
        return second(object:create_session(ada))
      end,
      function() return second(makers.deepidv "sandbox":create_session(ada)) end,
      refuse("POST", "/v1/sessions", deepidv_key),
    },
    list_sessions = { function(object) return second(object:list_sessions { next_token = "nonsense" }) end },
    decide_session = {
      function(object)
        local session = assert(object:create_session(ada))
        return send("PATCH", "/v1/sessions/" .. session.id .. "/update-status", deepidv_key, "{}")
      end,
    },
  },
  impact = {
    create_session = {
      function(object) return second(object:create_session { user_id = 99999999 }) end,
      function(object)
        control.settings { impact = { rate_limit = 1, enforce_rate_limit = true } }
        object:create_session { user_id = 1 }
        return second(object:create_session { user_id = 1 })
      end,
    },
  },
  cidaas = {
    create_session = {
      function(object)
        return second(object:create_session { request_id = "invalid", processing_type = "CODE", email = "a@b.example" })
      end,
      function(object)
        control.settings { cidaas = { initiate_answer = "json" } }
        return second(object:create_session { request_id = "invalid", processing_type = "CODE", email = "a@b.example" })
      end,
      function(object)
        control.settings { cidaas = { initiate_answer = "json" } }
        return second(object:create_session { request_id = "r", processing_type = "CODE", email = "unknown@b.example" })
      end,
    },
    verify_code = { refuse("POST", "/verification-actions-srv/account") },
  },
}

-- What a provider answers for reasons that a simulator does not have: it is overloaded, down, older, or in a state that no
-- document names.
local ordered = {
  checkout = {
    ["*"] = { 429, 500, 503 }, anonymize_session = { 422 }, get_applicant = { 400 }, anonymize_applicant = { 400 },
  },
  deepidv = { ["*"] = { 429 } },
  impact = {},
  cidaas = { create_session = { 400, 401, 404 }, verify_code = { 401, 404 } },
}

local function call(object, name, arguments)
  local unpack = table.unpack or unpack -- luacheck: ignore
  return second(object[called_by[name] or name](object, unpack(arguments)))
end

--- The statuses that an operation is answered with, without any fault ordered.
local function answered(name, operation)
  local seen = {}
  local function note(err)
    if err then
      seen[assert(err.status)] = true
    end
  end
  for _, word in ipairs { "", "invalid", "forbidden" } do
    control.reset()
    note(call(makers[name](word ~= "" and word or nil), operation, calls[name][operation]))
  end
  for _, provoke in ipairs(own[name][operation] or {}) do
    control.reset()
    note(provoke(makers[name]()))
  end
  return seen
end

local function sorted(set)
  local list = {}
  for status in pairs(set) do
    list[#list + 1] = status
  end
  table.sort(list)
  return list
end

describe("the statuses of the reference", function()
  for name in pairs(makers) do
    local described = require("idv.providers." .. name)
    for operation, about in pairs(described.operations) do
      if operation ~= "fetch_token" then
        it(("are those of the sandbox: %s.%s"):format(name, operation), function()
          local documented, expected = {}, answered(name, operation)
          for status in pairs(about.errors) do
            documented[status] = true
          end
          for _, key in ipairs { "*", operation } do
            for _, status in ipairs(ordered[name][key] or {}) do
              assert.is_nil(key ~= "*" and expected[status] or nil, "the sandbox answers it by itself: " .. status)
              expected[status] = true
            end
          end
          assert.are_same(sorted(documented), sorted(expected))
        end)
      end
    end
  end

  it("that have to be ordered become the errors that the reference says", function()
    local errors_page = require "tools.reference.errors_page"
    for name, by_operation in pairs(ordered) do
      for operation, arguments in pairs(calls[name]) do
        for _, key in ipairs { "*", operation } do
          for _, status in ipairs(by_operation[key] or {}) do
            control.reset()
            control.fault { provider = name, status = status, times = 1 }
            local err = call(makers[name](), operation, arguments)
            assert.are_same({ status, errors_page.of_status(status).kind }, { err.status, err.kind })
          end
        end
      end
    end
  end)

  it("are on the page of every operation", function()
    for name in pairs(makers) do
      local file = assert(io.open("docs/reference/" .. name .. ".md"))
      local page = file:read "*a"
      file:close()
      for operation, about in pairs(require("idv.providers." .. name).operations) do
        local section = page:match("\n### " .. (called_by[operation] or operation) .. "\n(.-)\n###? ") or page:match(
          "\n### " .. (called_by[operation] or operation) .. "\n(.*)$")
        for status, words in pairs(operation ~= "fetch_token" and about.errors or {}) do
          assert.is_truthy(section:find(("%d"):format(status), 1, true) and section:find(words, 1, true), operation .. status)
        end
      end
    end
  end)
end)
