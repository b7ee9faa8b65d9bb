--- The sandbox: four identity-verification providers, and simulators of your own, behind one HTTP server on loopback.
--
-- A request is read, found a route, written into the journal, handled by its simulator or by a fault that was
-- ordered, and answered; everything happens in one thread, one request after the other, so the simulators
-- need no locks. Nothing a client sends stops the loop: what a simulator cannot take becomes a 500. The log
-- says method, route template, status and duration, and never what a request held.

local control = require "idv.sandbox.control"
local Clock = require "idv.sandbox.clock"
local Faults = require "idv.sandbox.faults"
local guard = require "idv.sandbox.guard"
local hosted = require "idv.sandbox.hosted"
local httpd = require "idv.httpd"
local Journal = require "idv.sandbox.journal"
local Outbox = require "idv.sandbox.outbox"
local reply = require "idv.sandbox.reply"
local Request = require "idv.sandbox.request"
local Router = require "idv.sandbox.router"
local settings = require "idv.sandbox.settings"
local Storage = require "idv.sandbox.storage"

local builtin = { "checkout", "cidaas", "deepidv", "impact" }

-- How long the loop waits when nothing happens; it is woken for everything that does.
local longest_step = 60

-- Methods that are shown in the log; anything else a client made up is not.
local methods = {
  GET = true, HEAD = true, POST = true, PUT = true, PATCH = true, DELETE = true, OPTIONS = true,
}

--- What a simulator gets to work with.
---@class idv.sandbox.Context
---@field clock idv.sandbox.Clock
---@field settings table
---@field storage idv.sandbox.Storage
---@field outbox idv.sandbox.Outbox

---@class idv.sandbox.Sandbox
---@field settings table
---@field journal idv.sandbox.Journal
---@field faults idv.sandbox.Faults
---@field outbox idv.sandbox.Outbox
---@field providers table<string, table> by name
---@field names string[] of the providers, in order
---@field ca string PEM
local Sandbox = {}
Sandbox.__index = Sandbox

---@class idv.sandbox.Options
---@field ca string|nil the certificate that /_sandbox/ca.pem hands out
---@field log nil|fun(line: string) takes the log; absent: no log
---@field hosts string[]|nil names that lead to the sandbox, besides those of loopback
---@field simulators table[]|nil further ones, each with `new(context)` as docs/sandbox.md says

--- A sandbox in its first state.
---@param options idv.sandbox.Options|nil
---@return idv.sandbox.Sandbox
function Sandbox.new(options)
  options = options or {}
  local self = setmetatable({ ca = options.ca or "", simulators = {}, hosts = {} }, Sandbox)
  for _, name in ipairs(options.hosts or {}) do
    self.hosts[name:lower()] = true
  end
  for i, name in ipairs(builtin) do
    self.simulators[i] = require("idv.sandbox." .. name)
  end
  for _, simulator in ipairs(options.simulators or {}) do
    self.simulators[#self.simulators + 1] = simulator
  end
  self.log = options.log or function() end
  self:reset()
  return self
end

local function add_routes(router, provider, routes)
  for _, route in ipairs(routes) do
    router:add {
      method = route[1], template = route[2], operation = route[3], handle = route[4], provider = provider,
    }
  end
end

--- Forgets everything: sessions, tokens, settings, journal, faults, outbox.
function Sandbox:reset()
  self.settings = settings.new()
  local clock = Clock.new(self.settings)
  self.journal, self.faults, self.outbox = Journal.new(clock), Faults.new(), Outbox.new()
  self.router, self.providers, self.names = Router.new(), {}, {}
  local context = {
    clock = clock, settings = self.settings, storage = Storage.new(clock), outbox = self.outbox,
  }
  for i, simulator in ipairs(self.simulators) do
    local provider = simulator.new(context)
    assert(not self.providers[provider.name], "two simulators are called " .. provider.name)
    self.names[i], self.providers[provider.name] = provider.name, provider
    add_routes(self.router, provider.name, provider:routes())
  end
  add_routes(self.router, "sandbox", control.routes(self))
  add_routes(self.router, "sandbox", { { "GET", "/_hosted/done", "hosted_done", function()
    return hosted.page(200, "Done", { "You may close this page." })
  end } })
end

-- The answer to a request without a route.
local function unrouted(known_methods)
  if not known_methods then
    return reply.json(404, { error = "Not Found" })
  end
  local answer = reply.json(405, { error = "Method Not Allowed" })
  return reply.with_header(answer, "Allow", table.concat(known_methods, ", "))
end

local function handle(self, request, route, found)
  if request.too_large then
    return reply.json(413, { error = "Payload Too Large" })
  elseif not route then
    return unrouted(found)
  end
  local ok, answer = xpcall(function() return route.handle(request) end, debug.traceback)
  if not ok then
    self.log("a mistake in the sandbox, at " .. route.template .. ": " .. tostring(answer))
    return reply.json(500, { error = "Internal Server Error" })
  end
  return answer
end

-- How an answer ends: a status, or the damage that kept it from being sent.
local function outcome_of(answer)
  for _, damage in ipairs { "reset", "close", "garbage" } do
    if answer[damage] then
      return damage
    end
  end
  return tostring(answer.status)
end

--- Answers one request.
---@param request idv.sandbox.Request
---@return table answer what `respond` of idv.httpd takes
---@return string template for the log
function Sandbox:answer(request)
  local route, found = self.router:find(request.method, request.path)
  if route then
    request.params = found
  end
  local template = route and route.template or "(no route)"
  local problem = guard.problem(request, route, self.hosts)
  if problem then
    return guard.refusal(problem), template
  elseif route and route.provider == "sandbox" then
    return guard.close(handle(self, request, route, found)), template
  end
  local entry = self.journal:add(request, route)
  local fault, number = self.faults:take(request, route)
  local answer
  if not fault or Faults.processes(fault) then
    answer = handle(self, request, route, found)
  end
  if fault then
    answer, entry.fault = Faults.apply(fault, answer or reply.empty(200)), number
  end
  entry.status = tonumber(outcome_of(answer))
  return answer, template
end

local function log_line(self, request, template, answer, started)
  local method = methods[request.method] and request.method or "(other)"
  local spent = (httpd.clock() - started) * 1e3
  self.log(string.format("%s %s %s %.1f ms", method, template, outcome_of(answer), spent))
end

local function serve_one(self, handle_of_request)
  local started = httpd.clock()
  local request = Request.new(handle_of_request:facts())
  local answer, template = self:answer(request)
  log_line(self, request, template, answer, started)
  local ok, problem = pcall(handle_of_request.respond, handle_of_request, answer)
  if not ok then
    self.log("an answer at " .. template .. " can not be sent: " .. tostring(problem))
    handle_of_request:respond(reply.json(500, { error = "Internal Server Error" }))
  end
end

--- Serves until a signal ends it.
---@param server any an open server of idv.httpd
function Sandbox:serve(server)
  while not server:stopping() do
    server:step(longest_step)
    local request = server:next()
    while request do
      serve_one(self, request)
      request = server:next()
    end
  end
end

return Sandbox
