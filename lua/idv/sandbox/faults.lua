--- Faults that were ordered for requests to come.
--
-- An order says which requests it waits for (method, path prefix, provider, operation), how many of them it
-- lets pass first (`after`), to how many it applies (`times`), and what happens: an answer of its own, or
-- damage done to whatever the simulator answers. The first order that fits is used. What damages an answer
-- (delay, reset, close, truncate, garbage, slow) lets the simulator act first, as a provider does whose
-- answer gets lost on the way; `process = false` keeps it from acting. An answer of its own (`status`) means
-- that the provider did not act, unless `process = true`.

local json = require "idv.sandbox.json"

local most_orders = 1000
local longest = 3600

local kinds = {
  method = "string", path = "string", provider = "string", operation = "string",
  times = "number", after = "number", process = "boolean",
  status = "number", headers = "table", body = "any",
  delay = "number", slow = "number", truncate = "number",
  reset = "boolean", close = "boolean", garbage = "boolean",
}

local bounds = {
  times = { 1, 1e9 }, after = { 0, 1e9 }, status = { 200, 599 },
  delay = { 0, longest }, slow = { 0, longest }, truncate = { 0, 2 ^ 32 },
}

local damages = { "delay", "slow", "truncate", "reset", "close", "garbage" }

---@class idv.sandbox.Faults
local Faults = {}
Faults.__index = Faults

---@return idv.sandbox.Faults
function Faults.new()
  return setmetatable({ orders = {}, serial = 0 }, Faults)
end

local function problem_with(name, value)
  local kind, bound = kinds[name], bounds[name]
  if not kind then
    return "a fault has no field " .. tostring(name)
  elseif kind ~= "any" and type(value) ~= kind then
    return "the field " .. name .. " of a fault must be a " .. kind
  elseif bound and not (value >= bound[1] and value <= bound[2]) then
    return "the field " .. name .. " of a fault is out of bounds"
  end
  return nil
end

local function does_something(order)
  for _, name in ipairs(damages) do
    if order[name] then
      return true
    end
  end
  return order.status ~= nil
end

--- Orders a fault.
---@param order table
---@return integer|nil number of the order
---@return string|nil problem
function Faults:order(order)
  for name, value in pairs(order) do
    local problem = problem_with(name, value)
    if problem then
      return nil, problem
    end
  end
  if not does_something(order) then
    return nil, "a fault needs one of status, delay, slow, truncate, reset, close, garbage"
  elseif #self.orders >= most_orders then
    return nil, "too many faults are waiting"
  end
  self.serial = self.serial + 1
  self.orders[#self.orders + 1] = {
    number = self.serial, order = order, times = order.times or 1, after = order.after or 0,
  }
  return self.serial
end

local function fits(order, request, route)
  return (not order.method or order.method == request.method)
    and (not order.path or request.path:sub(1, #order.path) == order.path)
    and (not order.provider or route ~= nil and route.provider == order.provider)
    and (not order.operation or route ~= nil and route.operation == order.operation)
end

--- Takes the fault that applies to a request, if there is one.
---@param request idv.sandbox.Request
---@param route idv.sandbox.Route|nil
---@return table|nil order
---@return integer|nil number
function Faults:take(request, route)
  for i, waiting in ipairs(self.orders) do
    if fits(waiting.order, request, route) then
      if waiting.after > 0 then
        waiting.after = waiting.after - 1
      else
        waiting.times = waiting.times - 1
        if waiting.times == 0 then
          table.remove(self.orders, i)
        end
        return waiting.order, waiting.number
      end
    end
  end
  return nil, nil
end

--- The orders that still wait.
---@return table[]
function Faults:list()
  local waiting = {}
  for i, entry in ipairs(self.orders) do
    waiting[i] = { number = entry.number, times = entry.times, after = entry.after, order = entry.order }
  end
  return waiting
end

function Faults:clear()
  self.orders = {}
end

--- Whether the simulator handles the request although a fault applies to it.
---@param order table
---@return boolean
function Faults.processes(order)
  if order.process ~= nil then
    return order.process
  end
  return order.status == nil
end

-- The answer that the order brings along.
local function own_answer(order)
  local headers, body, typed = {}, order.body, false
  for name, value in pairs(order.headers or {}) do
    headers[#headers + 1] = { name, type(value) == "number" and json.encode(value) or tostring(value) }
    typed = typed or tostring(name):lower() == "content-type"
  end
  if type(body) == "table" then
    body = json.encode(body)
    if not typed then
      headers[#headers + 1] = { "Content-Type", "application/json" }
    end
  end
  return { status = order.status, headers = headers, body = tostring(body or "") }
end

--- The answer as the fault leaves it.
---@param order table
---@param answer idv.sandbox.Reply what the simulator said
---@return table answer for `request:respond`
function Faults.apply(order, answer)
  local damaged = {}
  for name, value in pairs(order.status and own_answer(order) or answer) do
    damaged[name] = value
  end
  for _, name in ipairs(damages) do
    damaged[name] = order[name]
  end
  return damaged
end

return Faults
