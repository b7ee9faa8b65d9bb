--- The way of a call: parameters become a request, something carries it, the answer becomes a record or an error.
---
--- Everything is validated before anything is sent, the token of OAuth included. One engine runs every operation of
--- every provider; what differs is in the descriptions.

local core = require "idv.core"
local Error = require "idv.error"
local events = require "idv.events"
local evidence = require "idv.evidence"
local host = require "idv.host"
local keys = require "idv.keys"
local obstacles = require "idv.obstacles"
local options = require "idv.options"
local records = require "idv.records"
local refusal = require "idv.refusal"
local routes = require "idv.routes"
local sent = require "idv.sent"
local task = require "idv.task"
local transports = require "idv.transports"

local calls = {}

-- ---- options of one call ----

--- Reads the options of a call, once and without metamethods: what was checked is what is used. Returns nil where there
--- are none; what is wrong is a list of details.
---@param given any
---@param allowed table<string, table>?  options besides those every call takes
---@return table? checked
---@return idv.Detail[]? problems
function calls.check_options(given, allowed)
  if given == nil or given == options.null then
    return nil
  elseif type(given) ~= "table" then
    return nil, { { field = "options", message = "must be a table, not a " .. type(given) } }
  end
  local checked, details = options.copy(given), {}
  for name, value in next, checked do
    local option = (allowed or {})[name] or options.per_call[name]
    local why = not option and "is not an option of this call" or options.problem(name, value, option)
    if why then
      details[#details + 1] = { field = "options." .. (keys.shown(name) or "?"), message = why }
    end
  end
  table.sort(details, function(a, b) return a.field < b.field end)
  return checked, details[1] and details or nil
end

--- Applies the options of a call to it. Returns what is wrong with the file that it is to be saved to.
local function apply_options(call, given)
  if not given then
    return nil
  end
  call:limit(given.timeout, given.connect_timeout, given.max_retries, given.max_response_bytes)
  if given.on_progress then
    call:tell_progress()
  end
  if given.path then
    local ok, why = call:save_to(given.path)
    return not ok and { { field = "options.path", message = why } } or nil
  end
end

-- ---- carrying ----

--- Whether a report is coming in, rather than the answer that says where it is.
local function is_file(operation, call)
  return operation.is_file or not (call:header "Content-Type" or ""):lower():find "^application/json"
end

--- Tells what happened to a call that is still going on.
local function tell_news(state, operation, call, told, given)
  if given and given.on_progress and is_file(operation, call) then
    events.tell(state, "on_progress", given.on_progress, call:progress())
  end
  if not state.values.on_event then
    return told
  end
  local _, notes = call:attempts()
  for i = told + 1, #notes do
    local note = notes[i]
    events.emit(state, {
      type = "retry", operation = operation.name, attempt = i + 1, delay = note.delay,
      status = note.status ~= 0 and note.status or nil, kind = note.kind or refusal.kind_of(note.status),
      duration = note.duration, bytes_sent = note.bytes_sent, bytes_received = note.bytes_received,
      reused = note.reused,
    })
  end
  return #notes
end

--- Why a call cannot be begun here at all: nothing can wait in this place, the task has been cancelled, the program
--- interrupted, or memory or descriptors are too short for the engine.
local function objection(state, operation)
  local message, kind = host.problem(), "unsupported"
  if not message then
    message, kind = task.cancellation(), "cancelled"
  end
  if not message and not state.values.transport then
    message, kind = host.engine_problem(), "network"
  end
  return message and Error.new {
    kind = kind, message = message, provider = state.provider.name, operation = operation.name,
    retryable = kind == "network",
  }
end

--- Sets the call going. Returns an error when it can not begin, or when the caller's own transport, which waits, could
--- not carry it; else the call's id, where the engine has it.
local function set_going(state, operation, call)
  local err = objection(state, operation)
  if err then
    return err
  end
  if state.values.on_event then
    events.emit(state, { type = "request", operation = operation.name, attempt = 1 })
  end
  if state.values.transport then
    return transports.carry(state, operation, call)
  end
  return nil, host.submit(call)
end

--- Waits until the call is finished, telling what happens on the way.
local function follow(state, operation, call, id, given)
  if not (given and given.on_progress) and not state.values.on_event then
    task.await_call(call, id)
    return
  end
  local told = 0
  task.await_call(call, id, function()
    told = tell_news(state, operation, call, told, given)
  end)
end

local function tell_end(state, operation, call, err)
  if not state.values.on_event then
    return
  end
  local facts = call:facts()
  events.emit(state, {
    type = err and "error" or "response", operation = operation.name, attempt = facts.attempts,
    status = facts.status, kind = err and err.kind, outcome = err and err.outcome, duration = facts.duration,
    bytes_sent = facts.bytes_sent, bytes_received = facts.bytes_received, reused = facts.reused,
    request_id = err and err.request_id or refusal.request_id(state, operation, call),
  })
end

-- ---- reading ----

-- As many bytes at either end as the engine shows of a file.
local EDGE = 1024

--- What a hook of a description gets to see of an answer.
local function answer_of(operation, call)
  return {
    sent = function() return sent.values(operation, call) end,
    status = call:status(),
    url = call:request().url,
    header = function(name) return call:header(name) end,
    content = function() return call:content() end,
    json = function()
      local body, why = core.json_decode(call:content())
      if type(body) ~= "table" then
        return nil, "the answer " .. (why or "is JSON, but not an object")
      end
      return body
    end,
    edges = function() -- the first KiB, the last one, and the length of what came, wherever it went
      if call:facts().saved then
        return call:saved()
      end
      local content = call:content()
      return content:sub(1, EDGE), content:sub(-EDGE), #content
    end,
    facts = function() return call:facts() end,
  }
end

--- The fields that a hook reads from an answer that proves a success, or nil and what it found instead.
local function fields_of(state, operation, call)
  local answer = answer_of(operation, call)
  local fields, found = operation.read(answer)
  if not fields then
    return nil, found
  elseif operation.evidence and not evidence.is_in_answer(operation, state.values, answer) then
    return nil, { kind = "protocol", message = "the answer holds nothing that only a success has" }
  end
  local name = records.unusable(fields)
  if name then
    return nil, { kind = "protocol", message = ("the answer has no usable '%s'"):format(name) }
  end
  return fields
end

local function read_by_hook(state, operation, call)
  local fields, found = fields_of(state, operation, call)
  if fields then
    return records.new(state.provider.name, operation.record, fields)
  elseif found.kind == "protocol" then
    return nil, refusal.of_unreadable(state, operation, call, found.message)
  end
  return nil, refusal.of_answer(state, operation, call, found)
end

--- Fills in what the answer does not repeat: the id that was asked for.
local function echo(operation, record, arguments)
  for field, argument in pairs(operation.answer.echo) do
    if record[field] == nil then
      record[field] = arguments[operation.positions[argument]]
    end
  end
end

--- The field that names something else than what was asked for, or nil. A status is compared as it is normalised.
local function mistaken_field(state, operation, record, arguments)
  for field, argument in pairs(operation.answer.same) do
    local asked = arguments[operation.positions[argument]]
    if field == "status" then
      asked = state.provider.statuses[asked]
    end
    if record[field] ~= asked then
      return field
    end
  end
end

--- Takes the status from a record of another product of the provider: it is no verdict on an identity.
local function withhold_status(verdict, record)
  local product = record[verdict.field]
  if product ~= nil and not verdict.values[product] then
    record.status, record.final = nil, false
  end
end

--- The same for a record, or each of the records in a list.
local function withhold_statuses(verdict, record)
  for _, item in ipairs(record.items or { record }) do
    withhold_status(verdict, item)
  end
end

local function finish_record(state, operation, call, record, arguments)
  local found = operation.refuses and operation.refuses(record.raw)
  if found then
    return nil, refusal.of_answer(state, operation, call, found)
  end
  local mistaken = operation.answer and operation.answer.same
    and mistaken_field(state, operation, record, arguments)
  if mistaken then
    return nil, refusal.of_unreadable(state, operation, call,
      ("the answer is about another '%s' than was asked for"):format(mistaken))
  end
  if operation.answer and operation.answer.echo then
    echo(operation, record, arguments)
  end
  if operation.answer and operation.answer.verdict then
    withhold_statuses(operation.answer.verdict, record)
  end
  if state.provider.rate_limit then
    record.rate_limit = refusal.rate_limit(state, call)
  end
  return record
end

--- Turns a finished call into a record or an error.
local function read(state, operation, call, arguments)
  local record, stage, reason = operation.compiled:read(call)
  if record then
    return finish_record(state, operation, call, record, arguments)
  elseif stage == "hook" then
    return read_by_hook(state, operation, call)
  elseif stage == "failed" then
    return nil, refusal.of_failure(state, operation, call)
  elseif stage == "refused" then
    return nil, refusal.of_answer(state, operation, call)
  end
  local err = refusal.of_unreadable(state, operation, call, reason)
  local body = operation.refuses and core.json_decode(call:content())
  local found = type(body) == "table" and operation.refuses(body)
  return nil, found and refusal.of_answer(state, operation, call, found) or err
end

-- ---- the whole way ----

local function validation(state, operation, details)
  return nil, Error.validation(state.provider.name, operation.name, details)
end

--- The route of an operation, made once (for each token, where there are tokens).
local function route_of(state, operation, token)
  local route = state.routes[operation.key]
  if not route or state.route_tokens[operation.key] ~= token then
    route = routes.real(state, operation, token)
    state.routes[operation.key] = route
    state.route_tokens[operation.key] = token
  end
  return route
end

--- The route whose secrets are hidden, for looking at a request and for checking one before there is a token.
---@param state table
---@param operation table
---@return userdata route
function calls.shown_route(state, operation)
  local route = state.shown_routes[operation.key]
  if not route then
    route = routes.shown(state, operation)
    state.shown_routes[operation.key] = route
  end
  return route
end

--- Reads a finished call and tells its end.
local function conclude(state, operation, call, arguments)
  local record, err = read(state, operation, call, arguments)
  tell_end(state, operation, call, err)
  return record, err
end

--- Sends one request and reads its answer.
local function send(state, operation, call, given, arguments)
  local problems = apply_options(call, given)
  if problems then
    return validation(state, operation, problems)
  end
  local err, id = set_going(state, operation, call)
  if err then
    tell_end(state, operation, call, err)
    return nil, err, call
  end
  follow(state, operation, call, id, given)
  local record
  record, err = conclude(state, operation, call, arguments)
  return record, err, call
end

--- Sets an operation going that several may wait for. Returns the call, or nil and an error.
---@param state table
---@param operation table
---@param params table  named parameters
---@return userdata? call
---@return idv.Error? err
function calls.begin(state, operation, params)
  local call, problems = operation.compiled:prepare(route_of(state, operation), false, params)
  if not call then
    return validation(state, operation, problems)
  end
  local err = set_going(state, operation, call)
  return not err and call or nil, err
end

--- Reads what came of such a call, once it is finished.
---@param state table
---@param operation table
---@param call userdata  finished
---@return table? record
---@return idv.Error? err
function calls.conclude(state, operation, call)
  tell_news(state, operation, call, 0)
  return conclude(state, operation, call, {})
end

--- When a call that begins now has to be over, by core.clock.
---@param state table
---@param given table?
---@return number
function calls.end_of(state, given)
  return core.clock() + (given and given.timeout or state.values.timeout)
end

--- The options of a call, with what is left of its time.
---@param given table?
---@param ends number  by core.clock
---@return table
function calls.with_rest(given, ends)
  local rest = {}
  for name, value in next, given or {} do
    rest[name] = value
  end
  rest.timeout = math.max(0.001, ends - core.clock())
  return rest
end

--- The error of a call for which there was no token. The call itself was not sent, whatever became of the token's, or
--- it was refused for the token before.
local function without_token(operation, err, attempts)
  err.operation, err.attempts = operation.name, err.attempts + attempts
  if attempts > 0 then
    err.outcome = "refused"
  elseif err.outcome == "unknown" then
    err.outcome = "not_sent"
  end
  return err
end

--- How many repeats are left for a request whose token was not accepted; negative when it must not be sent again. A
--- 401 is not proof that the provider did nothing, so only what may arrive twice is repeated.
local function repeats_left(state, operation, given, attempts)
  local most = given and given.max_retries or state.values.max_retries
  return operation.safe and most - attempts or -1
end

local DROPPED = "; the token is given up, and the next call fetches a new one"

--- Sends one request with a token. Returns what `send` does, or nil and the error when there is no token to be had.
local function send_with_token(state, operation, params, given, arguments, ends, attempts)
  local is_quick = attempts == 0 and state.tokens:present()
  local token, token_error = state.tokens:get(ends)
  if not token then
    return nil, without_token(operation, token_error, attempts)
  end
  local call, problems = operation.compiled:prepare(route_of(state, operation, token), false, params, arguments[1],
    arguments[2])
  if not call then
    return validation(state, operation, problems)
  end
  local record, err
  local rest = is_quick and given or calls.with_rest(given, ends)
  record, err, call = send(state, operation, call, rest, arguments)
  if err then
    err.attempts = err.attempts + attempts
    if err.status == 401 then
      state.tokens:drop(token)
    end
  end
  return record, err, call
end

--- Performs an operation that needs a token: checks the parameters, gets the token, and, where the request may arrive
--- twice, replaces the token once when the provider does not accept it any more.
local function perform_with_token(state, operation, params, given, arguments)
  local shown, problems = operation.compiled:prepare(calls.shown_route(state, operation), true, params,
    arguments[1], arguments[2])
  if not shown then
    return validation(state, operation, problems)
  end
  local ends = calls.end_of(state, given)
  local record, err, call = send_with_token(state, operation, params, given, arguments, ends, 0)
  if not (err and err.status == 401 and call) then
    return record, err, call
  end
  local left = repeats_left(state, operation, given, err.attempts)
  if left < 0 then
    err.message = err.message .. DROPPED
    return nil, err, call
  end
  local rest = calls.with_rest(given, ends)
  rest.max_retries = left
  return send_with_token(state, operation, params, rest, arguments, ends, err.attempts)
end

--- Performs an operation on an address that the provider handed out, without credentials.
---@param state table
---@param operation table  whose `read` reads the answer
---@param url string
---@param given table?
function calls.perform_at(state, operation, url, given)
  state.bare_route = state.bare_route or routes.bare(state)
  local call, why, leads_to = state.bare_route:call(url)
  if not call then
    return nil, Error.new {
      kind = "protocol", provider = state.provider.name, operation = operation.name, outcome = "unknown",
      message = leads_to and obstacles.out_of_reach(url, leads_to) or "the address in the answer " .. why,
    }
  end
  return send(state, operation, call, given, {})
end

--- Performs an operation.
---@param state table       the provider object's
---@param operation table
---@param params table?     named parameters
---@param given table?      options of this call, already checked
---@param arguments table   positional arguments
---@return table? record
---@return idv.Error? err
---@return userdata? call
function calls.perform(state, operation, params, given, arguments)
  if state.tokens and not operation.anonymous then
    return perform_with_token(state, operation, params, given, arguments)
  end
  local call, problems = operation.compiled:prepare(route_of(state, operation), false, params, arguments[1],
    arguments[2])
  if not call then
    return validation(state, operation, problems)
  end
  return send(state, operation, call, given, arguments)
end

--- What is left to do when a call that was performed in one go did not bring a record.
local function explain(state, operation, call, problems, arguments)
  if problems then
    return validation(state, operation, problems)
  elseif call:id() == 0 then
    return send(state, operation, call, nil, arguments) -- the engine is another process's
  end
  host.step_until_finished(call)
  local record, err = read(state, operation, call, arguments)
  return record, err, call
end

--- Performs an operation again and again: a function that does what calls.perform does. In a plain program, where
--- nothing but the call itself is waited for and nobody is told how it goes on, it does so in one go.
---@param state table
---@param operation table
---@return fun(params: table?, given: table?, arguments: table): table?, idv.Error?, userdata?
function calls.performer(state, operation)
  local has_token = state.tokens and not operation.anonymous
  if has_token or not state.tells_nobody then
    return function(params, given, arguments)
      return calls.perform(state, operation, params, given, arguments)
    end
  end
  local compiled, perform, lone_engine = operation.compiled, operation.compiled.perform, host.lone_engine
  local answer = operation.answer
  local needs_finish = operation.refuses or state.provider.rate_limit
    or (answer and (answer.echo or answer.same or answer.verdict))
  local route
  return function(params, given, arguments)
    local engine = given == nil and lone_engine()
    if not engine then
      return calls.perform(state, operation, params, given, arguments)
    end
    route = route or route_of(state, operation)
    local record, call, problems = perform(compiled, route, engine, needs_finish, params, arguments[1], arguments[2])
    if not record then
      return explain(state, operation, call, problems, arguments)
    elseif needs_finish then
      local err
      record, err = finish_record(state, operation, call, record, arguments)
      return record, err, call
    end
    return record
  end
end

--- The request that an operation would send, with everything secret hidden.
---@param state table
---@param operation table
---@param params table?  named parameters
---@param arguments table  positional arguments
---@return idv.TransportRequest? request
---@return idv.Error? err
function calls.preview(state, operation, params, arguments)
  local call, problems = operation.compiled:prepare(calls.shown_route(state, operation), true, params, arguments[1],
    arguments[2])
  if not call then
    return validation(state, operation, problems)
  end
  return call:request()
end

return calls
