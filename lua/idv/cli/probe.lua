--- One request without credentials to where a provider is: does TLS work, and do the clocks agree?

local core = require "idv.core"
local host = require "idv.host"
local httpdate = require "idv.cli.httpdate"
local obstacles = require "idv.obstacles"
local task = require "idv.task"
local version = require "idv.version"

local probe = {}

local WORRYING = 60 -- seconds of skew; signatures and tokens commonly allow some minutes
local TIMEOUT = 10

--- Sends GET / and waits for whatever comes.
local function fetch(address, values)
  local route = core.route {
    method = "GET", safe = true, allow_http = values.allow_http, ca_file = values.ca_file, proxy = values.proxy,
    timeout = math.min(values.timeout or TIMEOUT, TIMEOUT), connect_timeout = values.connect_timeout, max_retries = 0,
    headers = { { "User-Agent", "idv/" .. version } },
  }
  local call, why = route:call(address .. "/")
  if not call then
    return nil, "the address " .. why
  end
  task.await_call(call, host.submit(call))
  local facts = call:facts()
  return facts.status and call or nil, facts.proxy_status and obstacles.proxy(facts.proxy_status) or facts.reason
end

--- How the clock of this machine stands to that of the provider.
local function clock_of(call)
  local theirs = httpdate.parse(call:header "Date")
  if not theirs then
    return { state = "info", message = "the answer has no date to compare with" }
  end
  local skew = os.time() - theirs
  local words = ("this machine is %.0f s %s"):format(math.abs(skew), skew < 0 and "behind" or "ahead")
  return { state = math.abs(skew) > WORRYING and "warn" or "ok", message = words }
end

---@param address string
---@param values table    options of the provider
---@return {state: string, message: string} reached
---@return {state: string, message: string}? clock
function probe.ask(address, values)
  local call, why = fetch(address, values)
  if not call then
    return { state = "fail", message = why }
  end
  local is_plain = address:find "^[Hh][Tt][Tt][Pp]:" ~= nil
  local words = is_plain and "reached over plain http" or "works, the certificate is trusted"
  return { state = is_plain and "info" or "ok", message = words }, clock_of(call)
end

return probe
