--- The two halves of a call without the network between them: preparing a request, and reading an answer. They go
--- through the same code as a call, with an answer that is put in by hand.

local calls = require "idv.calls"
local provider = require "idv.provider"
local routes = require "idv.routes"

local parts = {}

-- For each provider: its options, what create_session gets, and what the provider answers.
parts.samples = {
  deepidv = {
    options = { api_key = "live_bench" },
    params = require("bench.applicant").params,
    status = 201,
    answer = '{"id":"sess_01HZX3V9K2J4M5N6P7Q8R9S0T1",'
      .. '"session_url":"https:\\/\\/verify.example\\/s\\/01HZX3V9K2J4M5N6P7","externalId":"order-1001",'
      .. '"links":[],"expires_at":"2030-01-05T09:00:00.000Z"}',
  },
  checkout = {
    options = { secret_key = "sk_sbox_bench", environment = "sandbox" },
    params = {
      declared_data = {
        name = "Ada Example", birth_date = "1990-01-02", email = "ada@example.com",
        phone_number = { country_code = "+44", number = "7700900123" },
      },
      redirect_url = "https://me.example/back", user_journey_id = "usj_1", applicant_id = "aplt_1",
    },
    status = 201,
    answer = '{"id":"idv_tkoi5db4hryu5cei5vwoabr7we","created_on":"2030-01-05T09:00:00Z","modified_on":'
      .. '"2030-01-05T09:00:00Z","status":"created","response_codes":[],"redirect_url":"https:\\/\\/me.example\\/back",'
      .. '"applicant_id":"aplt_1","user_journey_id":"usj_1","_links":{"self":{"href":"https:\\/\\/a.example\\/idv_1"},'
      .. '"redirect_url":{"href":"https:\\/\\/verify.example\\/idv_1"}}}',
  },
  impact = {
    options = { account_sid = "IRbench", auth_token = "bench" },
    params = { user_id = "I-5402850", callback_url = "https://me.example/done" },
    status = 200,
    answer = '{"Status":"OK","id":"1","sessionUrl":"https:\\/\\/verify.example\\/s\\/1","sessionId":"s_1",'
      .. '"memberId":"5402850","Uri":"\\/Mediapartners\\/IRbench\\/IdentityVerification\\/Session\\/1"}',
  },
  cidaas = {
    options = { base_url = "https://tenant.cidaas.de" },
    params = {
      request_id = "req 1", processing_type = "CODE", verification_medium = "sms", mobile = "+49 151 1",
      track_id = "tr_1",
    },
    status = 200,
    answer = '{"success":true,"status":200,"data":{"accvid":"5a0e3c1e-5c35-4b0d-bb43-8a6a0f9c9b3f"}}',
  },
}

local head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

local function copy(list)
  local copied = {}
  for key, value in pairs(list) do
    copied[key] = value
  end
  return copied
end

--- A provider object's state, by way of one more method, which hands it out.
local function state_of(name, options)
  local described = copy(require("idv.providers." .. name))
  described.methods = copy(described.methods or {})
  described.methods.bench = {
    run = function(state)
      return state
    end,
    performs = "create_session", record = "session", about = "Hands out the state.", source = "this file",
  }
  return (provider.new(described, options):bench())
end

--- What prepares create_session of a provider, without sending it: a function that returns the call.
---@param name string
---@return function
function parts.preparer(name)
  local sample = parts.samples[name]
  local state = state_of(name, sample.options)
  local operation = state.operations.create_session
  local route = routes.real(state, operation)
  return function()
    return (assert(operation.compiled:prepare(route, false, sample.params)))
  end
end

--- What reads an answer, without receiving it: a function that returns the record.
---@param name string
---@param operation_name string?  create_session when left out
---@param answer string?
---@return function
function parts.reader(name, operation_name, answer)
  local sample = parts.samples[name]
  local state = state_of(name, sample.options)
  local operation = state.operations[operation_name or "create_session"]
  local params = not operation_name and sample.params or nil
  local call = assert(operation.compiled:prepare(routes.real(state, operation), false, params))
  call:answer(operation_name and 200 or sample.status, head, answer or sample.answer)
  return function()
    return (assert(calls.conclude(state, operation, call, params)))
  end
end

--- A list of sessions of about so many bytes, as deepIDV answers list_sessions.
---@param bytes integer
---@return string
function parts.long_list(bytes)
  local list, length = {}, 0
  while length < bytes do
    local item = ('{"id":"sess_%08d","external_id":"order-%d","status":"PENDING",'
      .. '"created_at":"2030-01-05T09:00:00.000Z",'
      .. '"workflow_id":null,"attempts":%d,"score":0.75,"tags":["a","b"]}'):format(#list, #list, #list % 4)
    list[#list + 1] = item
    length = length + #item + 1
  end
  return '{"sessions":[' .. table.concat(list, ",") .. '],"next_token":"n1"}'
end

return parts
