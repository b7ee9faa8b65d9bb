--- Every row of every provider: each operation, built from sample parameters, compared byte for byte.
---
--- The samples give each parameter of an operation, so a field that is misspelt, dropped or sent to the wrong place shows
--- here, and an operation without a sample fails the spec.

local idv = require "idv"
local capture = require "spec.support.capture"

local json = { "Content-Type", "application/json" }
local form = { "Content-Type", "application/x-www-form-urlencoded" }

local secret_key = { secret_key = "sk_sbox_key", environment = "sandbox" }
local checkout_host = "https://identity-verification.sandbox.checkout.com"
local bearer = { "Authorization", "Bearer sk_sbox_key" }

local deepidv_host = "https://api.deepidv.com"
local api_key = { "x-api-key", "deep_key" }

local declared_in = {
  name = "Ada Example", birth_date = "1990-01-02", phone_number = { country_code = "+44", number = "7700900123" },
  email = "ada@example.com",
  address = {
    address_line1 = "1 Main St", address_line2 = "Flat 2", city = "London", state = "LND", zip = "N1", country = "GB",
  },
}
local declared_out = '{"name":"Ada Example","birth_date":"1990-01-02",'
  .. '"phone_number":{"country_code":"+44","number":"7700900123"},"email":"ada@example.com",'
  .. '"address":{"address_line1":"1 Main St","address_line2":"Flat 2","city":"London","state":"LND","zip":"N1",'
  .. '"country":"GB"}}'

-- provider -> options, and operation -> arguments, method, url, body, headers besides User-Agent and Accept
local rows = {
  checkout = {
    options = secret_key,
    operations = {
      create_session = {
        { {
          declared_data = declared_in, redirect_url = "https://me.example/back?a=1", user_journey_id = "usj_1",
          applicant_id = "aplt_1",
        } },
        "POST", checkout_host .. "/create-and-open-idv",
        '{"declared_data":' .. declared_out .. ',"redirect_url":"https:\\/\\/me.example\\/back?a=1",'
          .. '"user_journey_id":"usj_1","applicant_id":"aplt_1"}',
        { json, bearer },
      },
      create_verification = {
        { { applicant_id = "aplt_1", declared_data = { name = "Ada Example" }, user_journey_id = "usj_1" } },
        "POST", checkout_host .. "/identity-verifications",
        '{"applicant_id":"aplt_1","declared_data":{"name":"Ada Example"},"user_journey_id":"usj_1"}',
        { json, bearer },
      },
      get_session = { { "idv_1" }, "GET", checkout_host .. "/identity-verifications/idv_1", nil, { bearer } },
      anonymize_session = {
        { "idv_1" }, "POST", checkout_host .. "/identity-verifications/idv_1/anonymize", nil, { bearer },
      },
      create_attempt = {
        { "idv_1", {
          redirect_url = "https://me.example/back",
          phone_number = { country_code = "+33", number = "612345678" },
          client_information = {
            pre_selected_residence_country = "FR", pre_selected_language = "en-US",
            pre_selected_document_issuing_country = "DE", pre_selected_document_type = "Residence Permit",
          },
        } },
        "POST", checkout_host .. "/identity-verifications/idv_1/attempts",
        '{"redirect_url":"https:\\/\\/me.example\\/back","phone_number":{"country_code":"+33","number":"612345678"},'
          .. '"client_information":{"pre_selected_residence_country":"FR","pre_selected_language":"en-US",'
          .. '"pre_selected_document_issuing_country":"DE","pre_selected_document_type":"Residence Permit"}}',
        { json, bearer },
      },
      list_attempts = {
        { "idv_1", { skip = 10, limit = 5 } },
        "GET", checkout_host .. "/identity-verifications/idv_1/attempts?skip=10&limit=5", nil, { bearer },
      },
      get_attempt = {
        { "idv_1", "iatp_2" }, "GET", checkout_host .. "/identity-verifications/idv_1/attempts/iatp_2", nil, { bearer },
      },
      list_assets = {
        { "idv_1", "iatp_2", { skip = 0, limit = 1 } },
        "GET", checkout_host .. "/identity-verifications/idv_1/attempts/iatp_2/assets?skip=0&limit=1", nil, { bearer },
      },
      get_report = { -- by way of locate_report
        { "idv_1" }, "GET", checkout_host .. "/identity-verifications/idv_1/pdf-report", nil, { bearer },
        performs = "locate_report",
      },
      create_applicant = {
        { { external_applicant_id = "me-1", external_applicant_name = "Ada", email = "ada@example.com" } },
        "POST", checkout_host .. "/applicants",
        '{"external_applicant_id":"me-1","external_applicant_name":"Ada","email":"ada@example.com"}', { json, bearer },
      },
      get_applicant = { { "aplt_1" }, "GET", checkout_host .. "/applicants/aplt_1", nil, { bearer } },
      update_applicant = {
        { "aplt_1", { external_applicant_name = "Ada", email = "ada@example.com" } },
        "PATCH", checkout_host .. "/applicants/aplt_1",
        '{"external_applicant_name":"Ada","email":"ada@example.com"}', { json, bearer },
      },
      anonymize_applicant = {
        { "aplt_1" }, "POST", checkout_host .. "/applicants/aplt_1/anonymize", nil, { bearer },
      },
      check_credentials = {
        {}, "GET", checkout_host .. "/applicants/aplt_00000000000000000000000000", nil, { bearer },
        performs = "get_applicant",
      },
    },
  },

  checkout_with_oauth = {
    provider = "checkout",
    options = { client_id = "ack_1", client_secret = "s3 cret", environment = "sandbox", subdomain = "abcd1234" },
    operations = {
      fetch_token = {
        {}, "POST", "https://abcd1234.access.sandbox.checkout.com/connect/token",
        "grant_type=client_credentials&client_id=ack_1&client_secret=s3%20cret&scope=identity-verification", { form },
        by = "check_credentials",
      },
    },
  },

  deepidv = {
    options = { api_key = "deep_key" },
    operations = {
      create_session = {
        { {
          first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
          external_id = "user-1", send_email_invite = false, send_phone_invite = true, workflow_id = "wf_abc123",
          redirect_url = "https://yourapp.com/verify-callback", expires_in_hours = 24,
        } },
        "POST", deepidv_host .. "/v1/sessions",
        '{"first_name":"Ada","last_name":"Example","email":"ada@example.com","phone":"+15192223333",'
          .. '"external_id":"user-1","send_email_invite":false,"send_phone_invite":true,"workflow_id":"wf_abc123",'
          .. '"redirect_url":"https:\\/\\/yourapp.com\\/verify-callback","expires_in_hours":24}',
        { json, api_key },
      },
      get_session = { { "sess_1" }, "GET", deepidv_host .. "/v1/sessions/sess_1", nil, { api_key } },
      list_sessions = {
        { {
          limit = 10, next_token = "a b&c", start_date = "2026-01-05", end_date = "2026-01-05T09:00:00Z",
          by_organization = true, external_id = "user-1", workflow_id = "wf_1",
        } },
        "GET", deepidv_host .. "/v1/sessions?limit=10&next_token=a%20b%26c&start_date=2026-01-05"
          .. "&end_date=2026-01-05T09%3A00%3A00Z&by_organization=true&external_id=user-1&workflow_id=wf_1",
        nil, { api_key },
      },
      decide_session = {
        { "sess_1", "VERIFIED" }, "PATCH", deepidv_host .. "/v1/sessions/sess_1/update-status",
        '{"new_status":"VERIFIED"}', { json, api_key },
      },
      get_report = {
        { "sess_1" }, "GET", deepidv_host .. "/v1/sessions/sess_1", nil, { api_key }, performs = "retrieve_evidence",
      },
      check_credentials = { {}, "GET", deepidv_host .. "/v1/auth/verify", nil, { api_key } },
    },
  },

  impact = {
    options = { account_sid = "IRabc", auth_token = "tok", api_version = "16" },
    operations = {
      create_session = {
        { { user_id = "I-5402850", callback_url = "https://me.example/done" } },
        "POST", "https://api.impact.com/Mediapartners/IRabc/IdentityVerification/Session",
        '{"UserId":5402850,"CallbackUrl":"https:\\/\\/me.example\\/done"}',
        { json, { "IR-Version", "16" }, { "Authorization", "Basic SVJhYmM6dG9r" } },
      },
    },
  },

  cidaas = {
    options = { base_url = "https://tenant.cidaas.de" },
    operations = {
      create_session = {
        { {
          request_id = "req 1", processing_type = "CODE", verification_medium = "sms", mobile = "+49 151 1",
          track_id = "tr_1",
        } },
        "POST", "https://tenant.cidaas.de/verification-actions-srv/account/initiation",
        "requestId=req%201&processingType=CODE&verificationMedium=sms&mobile=%2B49%20151%201&trackId=tr_1", { form },
      },
      verify_code = {
        { { accvid = "acc_1", code = "123456" } },
        "POST", "https://tenant.cidaas.de/verification-actions-srv/account",
        '{"accvid":"acc_1","code":"123456"}', { json },
      },
    },
  },

  cidaas_as_json = {
    provider = "cidaas",
    options = { base_url = "https://tenant.cidaas.de/", encoding = "json" },
    operations = {
      create_session = {
        { { requestId = "r", processingType = "LINK", verificationMedium = "email", q = "sub" } },
        "POST", "https://tenant.cidaas.de/verification-actions-srv/account/initiation",
        '{"requestId":"r","processingType":"LINK","verificationMedium":"email","q":"sub"}', { json },
      },
    },
  },
}

--- The answer that ends whatever is tried, so that only the first request matters.
local function refuse()
  return { status = 418, headers = {}, body = "" }
end

local function copy_of(options, transport)
  local own = { transport = transport }
  for name, value in pairs(options) do
    own[name] = value
  end
  return own
end

--- The headers that differ between operations, as "Name: value" lines, sorted.
local function lines_of(headers)
  local lines = {}
  for _, header in ipairs(headers) do
    if header[1] ~= "User-Agent" and header[1] ~= "Accept" then
      lines[#lines + 1] = header[1] .. ": " .. header[2]
    end
  end
  table.sort(lines)
  return lines
end

describe("every row of every provider", function()
  for label, set in pairs(rows) do
    local name = set.provider or label
    for operation, row in pairs(set.operations) do
      it(("%s.%s sends what the provider documents"):format(label, operation), function()
        local transport = capture.new(refuse)
        local provider = idv.provider(name, copy_of(set.options, transport))
        local arguments = row[1]
        local _, err = provider[row.by or operation](provider, arguments[1], arguments[2], arguments[3])
        assert.is_truthy(err)
        assert.are_not_equal("validation", err.kind, tostring(err))
        local request = assert(transport[1], "nothing was sent")
        assert.are_equal(row[2], request.method)
        assert.are_equal(row[3], request.url)
        assert.are_equal(row[4], request.body)
        assert.are_same(lines_of(row[5]), lines_of(request.headers))
        assert.are_equal("application/json", capture.header(request, "Accept"))
        assert.is_truthy(capture.header(request, "User-Agent"):find("^idv/%d"))
      end)
    end
  end

  it("leaves no operation of any description without a row", function()
    for _, name in ipairs(idv.providers()) do
      local described = require("idv.providers." .. name)
      for operation in pairs(described.operations) do
        local is_covered = false
        for label, set in pairs(rows) do
          for method, row in pairs(set.operations) do
            local performed = row.performs or method
            is_covered = is_covered or ((set.provider or label) == name and performed == operation)
          end
        end
        assert.is_true(is_covered, name .. "." .. operation .. " has no row")
      end
    end
  end)

  it("gives every parameter of every operation a sample", function()
    for label, set in pairs(rows) do
      local described = require("idv.providers." .. (set.provider or label))
      for method, row in pairs(set.operations) do
        local operation = described.operations[row.performs or method]
        local sent = (row[3] or "") .. (row[4] or "")
        for _, parameter in ipairs(operation and operation.parameters or {}) do
          local is_alternative = operation.choice and table.concat(operation.choice, " "):find(parameter.name, 1, true)
          local is_in_path = operation.path:find("{" .. parameter.name .. "}", 1, true)
          if not is_alternative and not is_in_path and label ~= "cidaas_as_json" then
            assert.is_truthy(sent:find(parameter.sends or parameter.name, 1, true),
              ("%s.%s: no sample for %s"):format(label, method, parameter.name))
          end
        end
      end
    end
  end)
end)
