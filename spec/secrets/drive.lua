--- Drives every operation of every provider through every answer and every accident, with a canary in each credential,
--- parameter and field, and prints all that a program gets to see of it: errors, events, tostring, previews.
---
--- Run by canary_spec.lua as a process of its own, so that whatever lands on stderr is looked at as well:
--- `drive.lua ADDRESS`. The address is a sandbox's. With IDV_SPILL set it also prints what records hold inside, which is
--- how the spec knows that it would find something; the first object is enough then.

local idv = require "idv"
local canary = require "spec.secrets.canary"

local address = ...
local control = require("idv.sandbox.remote").connect { base_url = address, allow_http = true }

-- ---- what a program sees ----

local observed, calls_made = 0, 0

local function show(label, text)
  observed = observed + 1
  print(("%s: %s"):format(label, (tostring(text):gsub("%c", " "))))
end

--- Everything inside a table that is not a record: keys, values, and what tostring makes of it.
local function show_all(label, value)
  if type(value) == "table" then
    show(label .. " tostring", tostring(value))
    for key, inner in pairs(value) do
      show_all(label .. "." .. tostring(key), inner)
    end
  else
    show(label, value)
  end
end

local function show_result(label, record, err)
  calls_made = calls_made + 1
  if err ~= nil then
    show_all(label .. " error", err)
  else
    show(label .. " record", record)
    if os.getenv "IDV_SPILL" then
      show_all(label .. " inside", record)
    end
  end
end

-- ---- provider objects ----

local objects = {
  { name = "checkout", secrets = { "secret_key" } },
  { name = "checkout", secrets = { "client_id", "client_secret" }, has_token = true },
  { name = "deepidv", secrets = { "api_key", "webhook_secret" } },
  { name = "impact", secrets = { "username", "auth_token" } },
  { name = "cidaas", secrets = {} },
  { name = "cidaas", secrets = {}, encoding = "json" },
}

local function make(object)
  local options = canary.credentials(require("idv.providers." .. object.name).options, object.secrets)
  if object.name == "impact" then
    options.account_sid = "IR1"
    canary.watch_basic(options.username, options.auth_token)
  elseif object.name == "checkout" then
    options.webhook_secret, options.webhook_authorization = { "credZq7KnA", "credZq7KnB" }, "credZq7KnC"
  end
  options.max_retries = 0
  options.base_url, options.allow_http, options.encoding = address, true, object.encoding
  options.on_event = function(event)
    show_all(object.name .. " event", event)
  end
  return idv.provider(object.name, options), options
end

-- ---- what happens to a request ----

--- A list of {label, fault, options of the call}; `sent` is what the request held.
local function accidents(operation, sent)
  local list = { { "nothing happens" } }
  local refusal = canary.refusal(sent)
  for _, status in ipairs { 200, 201, 307, 400, 401, 402, 403, 404, 409, 410, 417, 422, 429, 500, 503 } do
    list[#list + 1] = { status .. " repeats all", { status = status, body = refusal } }
  end
  local headers = {
    Location = "https://elsewhere.example/identity/error?error=" .. sent[1] .. "&error_description=" .. sent[#sent]
      .. "&email=zq7kn%40zq7kn.example",
    ["X-Request-Id"] = sent[1], x_ref_number = sent[1], ["Set-Cookie"] = "zq7kn=zq7kn",
  }
  list[#list + 1] = { "302 repeats all", { status = 302, headers = headers } }
  headers = { Location = "/verification?accvid=Zq7Kn9999&email=zq7kn&type=email", ["X-Request-Id"] = sent[1] }
  list[#list + 1] = { "302 leads on", { status = 302, headers = headers } }
  list[#list + 1] = { "an answer in full", { status = 200, body = canary.answer(operation.answer) } }
  list[#list + 1] = { "a page of a proxy", {
    status = 502, headers = { ["Content-Type"] = "text/html" }, body = "<html>" .. table.concat(sent, " ") .. "</html>",
  } }
  list[#list + 1] = { "plain text", { status = 400, headers = { ["Content-Type"] = "text/plain" }, body = sent[1] } }
  list[#list + 1] = { "a word in quotes", { status = 200, body = '"' .. sent[1] .. '"' } }
  list[#list + 1] = { "not JSON", { status = 200, body = "{" .. sent[1] } }
  if operation.arguments == nil then -- a few are enough, for each takes its pause
    list[#list + 1] = {
      "retried", { status = 429, headers = { ["Retry-After"] = 0 }, body = refusal, times = 1 }, { max_retries = 1 },
    }
  end
  list[#list + 1] = { "too large", { status = 200, body = canary.answer(operation.answer) }, { max_response_bytes = 20 } }
  for label, fault in pairs {
    reset = { reset = true }, closed = { close = true }, garbage = { garbage = true }, short = { truncate = 20 },
    ["too late"] = { delay = 0.3 },
  } do
    list[#list + 1] = { label, fault, { timeout = fault.delay and 0.05 or 10, max_retries = 0 } }
  end
  return list
end

-- ---- driving ----

local function order(object, fault, path)
  control:clear_faults()
  if fault then
    local given = { provider = object.name, times = 9, path = path }
    for key, value in pairs(fault) do
      given[key] = value
    end
    assert(control:fault { extra = given })
  end
end

local function call(provider, name, arguments, params, options)
  local list = { arguments[1], arguments[2] }
  if next(params) then
    list[#list + 1] = params
  end
  list[#list + 1] = options
  local unpack = table.unpack or unpack
  return provider[name](provider, unpack(list))
end

local function drive_operation(object, provider, given, name, operation, pick)
  local arguments, params = canary.call(operation, pick)
  local sent = canary.texts(params, canary.texts(given))
  for _, accident in ipairs(accidents(operation, sent)) do
    order(object, accident[2], object.has_token and operation.path:match "^[^{]+")
    show_result(("%s.%s, %s"):format(object.name, name, accident[1]),
      call(provider, name, arguments, params, accident[3] or { max_retries = 0 }))
  end
  show_all(("%s.%s preview"):format(object.name, name), provider:preview(name, arguments[1] or params,
    arguments[2] or arguments[1] and params, params))
  params.unheard_of = "Zq7Kn0000"
  show_result(object.name .. "." .. name .. ", unknown parameter", call(provider, name, arguments, params))
end

--- Methods that are made of several requests.
local function drive_methods(object, provider, given)
  local described = require("idv.providers." .. object.name)
  local sent = canary.texts(given)
  if #sent == 1 then
    sent[2] = sent[1]
  end
  for _, method in ipairs { "get_report", "wait_session", "check_credentials" } do
    for _, accident in ipairs(provider:supports(method) and accidents({ arguments = {} }, sent) or {}) do
      order(object, accident[2])
      local id = method ~= "check_credentials" and (object.name == "checkout" and "idv_x1" or "x1") or nil
      show_result(("%s.%s, %s"):format(object.name, method, accident[1]), provider[method](provider, id or {
        max_retries = 0, timeout = 5 }, { max_retries = 0, timeout = 0.3 }))
    end
  end
  order(object, { status = 400, body = canary.refusal(sent) })
  for name in pairs(described.pages or {}) do
    for record, err in provider[name](provider, name == "each_attempt" and "idv_x1" or {}) do
      show_result(object.name .. "." .. name, record or nil, err)
    end
  end
end

local function drive_from_outside(object, provider, given)
  local secret = canary.texts(given.webhook_secret)[1]
  if provider:supports "parse_webhook" then
    local body = '{"id":"x","type":"Zq7Kn","event":"Zq7Kn","data":{"name":"Zq7Kn"}}'
    for _, signature in ipairs { "", "zq7kn", "zq7kn:zq7kn", secret or "" } do
      local headers = {
        ["Cko-Signature"] = signature, ["X-Signature"] = signature, Authorization = signature,
        ["X-DeepIDV-Signature"] = signature, ["X-Webhook-Secret"] = signature,
      }
      show_result(object.name .. ".parse_webhook", provider:parse_webhook(headers, body))
      show_result(object.name .. ".parse_webhook, broken", provider:parse_webhook(headers, "{zq7kn"))
    end
  end
  if provider:supports "parse_redirect" then
    for _, query in ipairs {
      "status=success&session_id=zq7kn", "status=failed&reason=zq7kn&email=zq7kn%40zq7kn.example", "zq7kn", "zq7kn=zq7kn",
      "accvid=zq7kn&email=zq7kn&mobile=%2B1519777&track_id=zq7kn",
      "error=VER_1&error_description=mail+to+zq7kn%40zq7kn.example+at+https%3A%2F%2Fzq7kn.example%2Fx",
    } do
      show_result(object.name .. ".parse_redirect", provider:parse_redirect("https://zq7kn.example/back?" .. query))
    end
  end
end

local function drive(object)
  local provider, given = make(object)
  show(object.name .. " object", provider)
  local described = require("idv.providers." .. object.name)
  for name, operation in pairs(described.operations) do
    if not operation.part_of then
      local picks = math.max(1, #(operation.choice or {}))
      for pick = 1, picks do
        drive_operation(object, provider, given, name, operation, pick)
      end
    end
  end
  drive_methods(object, provider, given)
  drive_from_outside(object, provider, given)
end

for i = 1, os.getenv "IDV_SPILL" and 1 or #objects do
  drive(objects[i])
end

--- Mistakes in the options throw; the message must not repeat them either.
for _, options in ipairs {
  { api_key = "Zq7Kn\n" }, { api_key = { "Zq7Kn" } }, { api_key = "k", base_url = "https://zq7kn:zq7kn@x.example" },
  { api_key = "k", proxy = "zq7kn://zq7kn:zq7kn@zq7kn" }, { api_key = "k", unheard_of = "Zq7Kn" },
} do
  local _, problem = pcall(idv.deepidv, options)
  show("a mistake in the options", problem)
end

print(("calls %d observations %d"):format(calls_made, observed))
