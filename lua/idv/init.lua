--- idv: identity verification with impact.com, deepIDV, Checkout.com Identities and cidaas.
---
--- The face of the module. Each provider is a constructor that takes options and returns an object with methods; see
--- README.md for a first example and docs/ for every method, field and error. What makes objects is loaded with the
--- first of them, and libcurl with it, so that a program that only may need an identity verified starts as fast as
--- without.

local host = require "idv.host"
local task = require "idv.task"

---@class idv
local idv = {
  _VERSION = require "idv.version",
}

local names = { "checkout", "cidaas", "deepidv", "impact" }
local known = {}
for _, name in ipairs(names) do
  known[name] = true
end

--- Makes a provider object by name, for programs that are driven by configuration, or from a description of your own: a
--- table as docs/descriptions.md explains it. Throws for a name, a description or an option that is wrong.
---@param which string|table  "checkout", "cidaas", "deepidv", "impact", or a description
---@param options table?      what the constructor of that name, or the description, takes
---@return table provider
function idv.provider(which, options)
  if type(which) == "table" then
    return require("idv.provider").new(which, options)
  elseif not known[which] then
    error("idv.provider: unknown provider; there are " .. table.concat(names, ", "), 2)
  end
  return require("idv.provider").new(require("idv.providers." .. which), options)
end

for _, name in ipairs(names) do
  idv[name] = function(options)
    return idv.provider(name, options)
  end
end

--- The names of the providers, sorted.
---@return string[] names
function idv.providers()
  local list = {}
  for i, name in ipairs(names) do
    list[i] = name
  end
  return list
end

-- ---- waiting without blocking: see idv.task ----

idv.spawn = task.spawn
idv.run = task.run
idv.all = task.all
idv.step = task.step
idv.pending = task.pending
idv.sleep = task.sleep

--- The one descriptor that is readable whenever idv.step has something to do. Watch it for reading in an event loop; do
--- not read from it or close it. It changes after a fork.
---@return integer fd
function idv.fd()
  return host.engine():fd()
end

if type(ngx) == "table" and type(ngx.get_phase) == "function" then
  require("idv.loop.ngx").attach()
end

return idv
