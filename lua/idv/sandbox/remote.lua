--- Steering a sandbox from a program or a test: start one, move sessions along, count what it received, order faults.
---
--- The control API of the sandbox is described like a provider, so its methods return a record or nil and an error like
--- all others. `start` runs the sandbox as a process of its own, which ends with this one: on the Lua that runs this,
--- with the modules that this finds.

local core = require "idv.core"
local interpreter = require "idv.sandbox.interpreter"
local provider = require "idv.provider"

local remote = {}

local id = { name = "id", type = "token", max = 255, required = true, about = "Id of the session" }

local function read_answer(answer)
  local body, why = answer.json()
  if not body then
    return nil, { kind = "protocol", message = why }
  end
  body.raw = body
  return body
end

--- One operation of the control API. `proof` is what its answer has: see lua/idv/evidence.lua.
local function operation(method, path, about, proof, fields)
  local described = {
    about = about, source = "docs/sandbox.md", method = method, path = "/_sandbox" .. path, safe = true,
    encoding = method ~= "GET" and method ~= "DELETE" and "json" or nil, record = "answer", read = read_answer,
    evidence = { { json = proof } },
  }
  for name, value in pairs(fields or {}) do
    described[name] = value
  end
  return described
end

--- What control objects are made of: the control API, described like a provider's.
remote.description = {
  name = "sandbox",
  title = "the sandbox",
  source = "docs/sandbox.md",
  options = {
    base_url = { type = "url", required = true, about = "Where the sandbox listens" },
  },
  refusal = { message = { "problem" }, code = {} },
  operations = {
    health = operation("GET", "/health", "Says that the sandbox is there.", { status = "ok" }),
    reset = operation("POST", "/reset", "Forgets sessions, settings, faults, messages and the journal.", {
      reset = true,
    }),
    advance = operation("POST", "/advance", "Moves a session to a status, or a step along.", { "id", "status" }, {
      safe = false, arguments = { "id", "status" },
      parameters = { id, { name = "status", type = "text", about = "The provider's own status" } },
    }),
    journal = operation("GET", "/journal", "Lists the requests that came in.", { "count" }, {
      parameters = {
        { name = "path", type = "text", about = "Only paths that begin so" },
        { name = "method", type = "text", about = "Only this method" },
        { name = "provider", type = "text", about = "Only this provider" },
        { name = "operation", type = "text", about = "Only this operation" },
      },
    }),
    clear_journal = operation("DELETE", "/journal", "Forgets the requests.", { cleared = true }),
    fault = operation("POST", "/faults", "Orders a fault for requests to come; its fields go into extra.",
      { "ordered.1" }, { safe = false }),
    clear_faults = operation("DELETE", "/faults", "Takes back all faults.", { cleared = true }),
    settings = operation("PATCH", "/settings", "Changes settings; they go into extra.", { "cidaas.tries" }),
    outbox = operation("GET", "/outbox", "Lists the messages that would have been sent.", { "count" }),
    webhook = operation("POST", "/webhook", "Makes the webhook for the present status of a session.", { "provider" }, {
      arguments = { "id" },
      parameters = { id, { name = "secret", type = "text", sensitive = true, about = "Secret to sign it with" } },
    }),
  },
}

--- An object that steers the sandbox at an address.
---@param options idv.Sandbox.Options  base_url, and ca_file or allow_http as for providers
---@return idv.Sandbox control
function remote.connect(options)
  return provider.new(remote.description, options)
end

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A sandbox that runs as a process of its own.
---@class idv.SandboxProcess
---@field http string          base address over plain HTTP
---@field https string         base address over TLS
---@field ca_file string       the certificate to trust
---@field pid integer          the process
---@field control idv.Sandbox  steers it
---@field stop fun(self: idv.SandboxProcess)  ends the process and waits for it

-- Run by the other Lua: the paths of this one, and the sandbox. Why it cannot be loaded goes where its line would.
local bootstrap = [[
package.path, package.cpath = %q, %q
local ok, program = pcall(require, "idv.httpd")
if ok then ok, program = pcall(require, "idv.sandbox.program") end
if not ok then io.write(program) os.exit(1) end
program.main { "--exit-with-parent", "--quiet" }]]

--- Where the modules are: those of the sandbox lie beside this file, whatever way this one was found.
local function paths()
  local folder = debug.getinfo(1, "S").source:match "^@(.*)/idv/sandbox/remote%.lua$"
  local path = folder and ("%s/?.lua;%s/?/init.lua;"):format(folder, folder) or ""
  return path .. package.path, package.cpath
end

--- How to run the sandbox, when nothing is said of it.
local function own_command()
  local lua, why = interpreter.find()
  return lua and ("%s -e %s"):format(quote(lua), quote(bootstrap:format(paths()))), why
end

--- The first words of a process that did not start.
local function reason(line, pipe)
  local words = (line or "") .. (pipe and "\n" .. (pipe:read "*a" or "") or "")
  return words:find "%S" and words:gsub("%s+$", "") or "it said nothing"
end

--- Starts a sandbox and returns when it serves. It ends with this process, or with `stop`.
---@param command string?  how to run bin/idv-sandbox; when left out, the sandbox beside this file runs on this Lua
---@return idv.SandboxProcess? process
---@return string? problem
function remote.start(command)
  local own, why
  if not command then
    own, why = own_command()
    if not own then
      return nil, "the sandbox did not start: " .. why
    end
  end
  local pipe = io.popen("exec " .. (own or command .. " --exit-with-parent --quiet"), "r")
  local line = pipe and pipe:read "*l"
  local facts = line and core.json_decode(line)
  if type(facts) ~= "table" then
    why = reason(line, pipe)
    if pipe then
      pipe:close()
    end
    return nil, "the sandbox did not start: " .. why
  end
  facts.control = remote.connect { base_url = facts.https, ca_file = facts.ca_file }
  function facts.stop()
    if pipe then
      os.execute("kill " .. quote(("%d"):format(facts.pid)))
      pipe:close()
      pipe = nil -- its id may soon be another's
    end
  end
  return facts
end

return remote
