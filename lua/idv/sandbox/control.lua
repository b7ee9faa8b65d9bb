--- The control API: how a test or a person steers the sandbox, under `/_sandbox/`.
--
-- JSON in and out, without credentials: the sandbox listens on loopback only. A request it cannot make sense
-- of is refused with 400, something it does not know with 404, a move that is impossible with 409; the answer
-- then has one field, `problem`.

local json = require "idv.sandbox.json"
local reply = require "idv.sandbox.reply"
local settings = require "idv.sandbox.settings"

local control = {}

local function refuse(status, problem)
  return reply.json(status, { problem = problem })
end

-- The JSON object in the body, whatever its Content-Type; {} when there is no body, nil when it is no object.
local function body_of(request)
  if request.body == "" then
    return {}
  end
  local value = json.decode(request.body)
  return type(value) == "table" and value or nil
end

-- Runs `act` with the body of a request, or refuses it.
local function with_body(act)
  return function(sandbox, request)
    local body = body_of(request)
    if not body then
      return refuse(400, "the body is not a JSON object")
    end
    return act(sandbox, body)
  end
end

local routes = {}

local function route(method, path, operation, handle)
  routes[#routes + 1] = { method, "/_sandbox" .. path, operation, handle }
end

route("GET", "/health", "health", function()
  return reply.json(200, { status = "ok" })
end)

route("GET", "/ca.pem", "ca", function(sandbox)
  return reply.new(200, "application/x-pem-file", sandbox.ca)
end)

route("POST", "/reset", "reset", function(sandbox)
  sandbox:reset()
  return reply.json(200, { reset = true })
end)

-- ---- journal ----

route("GET", "/journal", "journal", function(sandbox, request)
  local args = request.args
  local entries, forgotten = sandbox.journal:list {
    path = args.path, method = args.method, provider = args.provider, operation = args.operation,
    after = args.after and tonumber(args.after),
  }
  local answer = { count = #entries, forgotten = forgotten }
  if args.count ~= "only" then
    answer.entries = json.list(entries)
  end
  return reply.json(200, answer)
end)

route("DELETE", "/journal", "journal_clear", function(sandbox)
  sandbox.journal:clear()
  return reply.json(200, { cleared = true })
end)

-- ---- faults ----

route("POST", "/faults", "fault_order", with_body(function(sandbox, body)
  local orders, numbers = body[1] ~= nil and body or { body }, {}
  for _, order in ipairs(orders) do
    local number, problem
    if type(order) == "table" then
      number, problem = sandbox.faults:order(order)
    end
    if not number then
      return refuse(400, problem or "a fault must be an object")
    end
    numbers[#numbers + 1] = number
  end
  return reply.json(200, { ordered = json.list(numbers) })
end))

route("GET", "/faults", "fault_list", function(sandbox)
  return reply.json(200, { faults = json.list(sandbox.faults:list()) })
end)

route("DELETE", "/faults", "fault_clear", function(sandbox)
  sandbox.faults:clear()
  return reply.json(200, { cleared = true })
end)

-- ---- settings ----

route("GET", "/settings", "settings", function(sandbox)
  return reply.json(200, sandbox.settings)
end)

route("PATCH", "/settings", "settings_change", with_body(function(sandbox, body)
  local problem = settings.change(sandbox.settings, body)
  return problem and refuse(400, problem) or reply.json(200, sandbox.settings)
end))

route("POST", "/tokens/revoke", "tokens_revoke", function(sandbox)
  sandbox.providers.checkout:revoke_tokens()
  return reply.json(200, { revoked = true })
end)

-- ---- sessions ----

-- The provider that has a session which can be steered, and that session.
local function find_session(sandbox, id)
  for _, name in ipairs(sandbox.names) do
    local provider = sandbox.providers[name]
    local session = provider.find and provider:find(id)
    if session then
      return provider, session
    end
  end
  return nil, nil
end

local orders = { id = "string", status = "string", response_code = "number", attempt_status = "string",
  reason = "string", risk_labels = "table", secret = "string", type = "string", authorization = "string" }

local function order_problem(body)
  for name, value in pairs(body) do
    if type(value) ~= orders[name] then
      return orders[name] and name .. " must be a " .. orders[name] or "there is no field " .. tostring(name)
    end
  end
  return not body.id and "id is missing" or nil
end

-- Runs `act` with the session that a request names, or refuses it.
local function with_session(act)
  return with_body(function(sandbox, order)
    local problem = order_problem(order)
    if problem then
      return refuse(400, problem)
    end
    local provider, session = find_session(sandbox, order.id)
    if not session then
      return refuse(404, "no provider has a session of that id that could be steered")
    end
    return act(provider, session, order)
  end)
end

route("POST", "/advance", "advance", with_session(function(provider, session, order)
  local problem = provider:advance(session, order)
  if problem then
    return refuse(409, problem)
  end
  return reply.json(200, {
    provider = provider.name, id = session.id, status = session.status,
    final = provider.final[session.status] == true,
  })
end))

route("GET", "/sessions", "sessions", function(sandbox)
  local list = json.list {}
  for _, name in ipairs(sandbox.names) do
    for session in sandbox.providers[name].sessions:each() do
      list[#list + 1] = { provider = name, id = session.id, status = session.status }
    end
  end
  return reply.json(200, { sessions = list })
end)

route("POST", "/webhook", "webhook", with_session(function(provider, session, order)
  if not provider.webhook then
    return refuse(409, "the provider has no webhooks")
  end
  local headers, body = provider:webhook(session, order)
  if not body then
    return refuse(409, "the provider has no webhook for that status")
  end
  return reply.json(200, { provider = provider.name, headers = headers, body = body })
end))

route("GET", "/outbox", "outbox", function(sandbox)
  local messages = sandbox.outbox:list()
  return reply.json(200, { count = #messages, messages = json.list(messages) })
end)

--- The routes of the control API.
---@param sandbox idv.sandbox.Sandbox
---@return table[] routes in the form {method, template, operation, handler}
function control.routes(sandbox)
  local bound = {}
  for i, entry in ipairs(routes) do
    bound[i] = { entry[1], entry[2], entry[3], function(request) return entry[4](sandbox, request) end }
  end
  return bound
end

return control
