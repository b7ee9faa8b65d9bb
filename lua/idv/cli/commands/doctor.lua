--- `idv doctor`: what is installed, what is set, and with --online whether it works.
---
--- Each check is a function that returns its state ("ok", "warn", "fail", "info") and words. No value of a credential
--- is ever shown. Nothing is sent without --online.

local authorities = require "idv.cli.authorities"
local catalogue = require "idv.cli.catalogue"
local cjson_checks = require "idv.cli.cjson_checks"
local connection = require "idv.cli.connection"
local core = require "idv.core"
local credentials = require "idv.cli.credentials"
local failure = require "idv.cli.failure"
local idv = require "idv"
local json = require "idv.cli.json"
local options = require "idv.options"
local output = require "idv.cli.output"
local probe = require "idv.cli.probe"
local status = require "idv.cli.status"
local terminal = require "idv.cli.terminal"

local doctor = {
  name = "doctor",
  usage = { "doctor [PROVIDER...] [--online] [OPTIONS]" },
  about = "Says what is installed, which credentials are set, and with --online whether they work",
  text = "Values of credentials are never shown. Without --online nothing is sent. Ends with 1 when a check fails.",
  options = {
    { name = "online", about = "Ask the providers: TLS, the clock, and whether the credentials work" },
    { name = "json", about = "One line of JSON" },
  },
}

for _, option in ipairs(connection.options) do
  doctor.options[#doctor.options + 1] = option
end

-- ---- what is installed ----

local function lua_words()
  local engine = rawget(_G, "jit")
  return type(engine) == "table" and ("%s (%s)"):format(engine.version, _VERSION) or _VERSION
end

local function check_libcurl()
  local major, minor = core.versions.libcurl:match "^(%d+)%.(%d+)"
  local number = tonumber(major) * 1000 + tonumber(minor)
  local words = core.versions.libcurl .. (core.versions.http2 and ", HTTP/2" or "")
  if number < 7061 then
    return "fail", words .. "; 7.61 or newer is needed"
  elseif number < 7080 then
    return "ok", words .. "; before 7.80, requests that must not be sent twice take a fresh connection each"
  end
  return "ok", words
end

local function check_tls()
  local has_tls = core.versions.tls ~= nil and core.versions.tls ~= ""
  return has_tls and "ok" or "fail", has_tls and core.versions.tls or "libcurl was built without TLS"
end

local function check_trust(named)
  local built_in = { file = core.versions.ca_file, folder = core.versions.ca_path }
  return authorities.check(named, built_in, credentials.of_environment)
end

local function check_sandbox()
  local is_there = pcall(require, "idv.sandbox.program") and pcall(require, "idv.httpd")
  return "info", is_there and "installed" or "not installed (luarocks install idv-sandbox)"
end

-- ---- credentials ----

local function words_of_set(described, file)
  local words = {}
  for i, one in ipairs(credentials.set(described, file)) do
    words[i] = ("%s (%s)"):format(one.variable, one.place)
  end
  return table.concat(words, ", ")
end

--- What a provider cannot do without: "A and B, or C".
local function words_of_needed(described)
  local ways = {}
  for i, way in ipairs(credentials.needed(described)) do
    ways[i] = table.concat(way, " and ")
  end
  return table.concat(ways, ", or ")
end

--- What else may be set that is a secret; other options are on the pages.
local function words_of_optional(described)
  local needed, words = {}, {}
  for _, way in ipairs(credentials.needed(described)) do
    for _, variable in ipairs(way) do
      needed[variable] = true
    end
  end
  for _, name in ipairs(options.names(described)) do
    local variable = credentials.variable(described, name)
    if described.options[name] and described.options[name].secret and not needed[variable] then
      words[#words + 1] = variable
    end
  end
  return #words > 0 and "; may be set: " .. table.concat(words, ", ") or ""
end

local function check_provider(name, given)
  local described = catalogue.provider(name)
  local ok, object = pcall(connection.open, name, given)
  local file_ok, file = pcall(credentials.read_file, given.credentials)
  local set = file_ok and words_of_set(described, file) or ""
  if ok then
    return "ok", "set: " .. set, object
  elseif set == "" and file_ok then
    return "info", "nothing set; needed: " .. words_of_needed(described) .. words_of_optional(described)
  end
  return "fail", failure.is(object) and object.message or tostring(object)
end

--- Whether the credentials work, where there is a harmless way to ask.
local function check_credentials(object, described)
  if not object:supports "check_credentials" then
    return "info", described.title .. " has no harmless way to try credentials"
  end
  local record, err = object:check_credentials()
  return record and "ok" or "fail", record and "accepted" or tostring(err)
end

-- ---- all of it ----

local function collector()
  local list = { is_well = true, ready = {} }
  function list.add(name, state, words)
    list[#list + 1] = { name = name, state = state, message = words }
    list.is_well = list.is_well and state ~= "fail"
  end
  return list
end

--- Names of the checks in a state.
local function names_of(list, state)
  local names = {}
  for _, check in ipairs(list) do
    names[#names + 1] = check.state == state and check.name or nil
  end
  return names
end

--- All of it in a line.
local function summary(list)
  local failed, warned = names_of(list, "fail"), names_of(list, "warn")
  local words = {
    #failed == 0 and "nothing failed" or ("%d failed: %s"):format(#failed, table.concat(failed, ", ")),
    #warned > 0 and ("%d to look at: %s"):format(#warned, table.concat(warned, ", ")) or nil,
  }
  words[#words + 1] = #list.ready > 0 and "credentials are set for " .. table.concat(list.ready, ", ")
    or "no credentials are set"
  return table.concat(words, "; ")
end

local function check_system(list, given)
  list.add("idv", "info", idv._VERSION)
  list.add("Lua", "info", lua_words())
  list.add("libcurl", check_libcurl())
  list.add("TLS", check_tls())
  list.add("authorities", check_trust(given.ca_file))
  for _, check in ipairs(cjson_checks) do
    list.add(check.name, check.run())
  end
  list.add("sandbox", check_sandbox())
end

local function check_online(list, name, object, given)
  local described = catalogue.provider(name)
  local values = connection.values(described, given)
  local reached, skew = probe.ask(connection.address(described, values), values)
  list.add(name .. " TLS", reached.state, reached.message)
  if skew then
    list.add(name .. " clock", skew.state, skew.message)
  end
  if reached.state ~= "fail" then
    list.add(name .. " credentials", check_credentials(object, described))
  end
end

local function check_providers(list, names, given)
  for _, name in ipairs(names) do
    local state, words, object = check_provider(name, given)
    list.add(name, state, words)
    list.ready[#list.ready + 1] = object and name or nil
    if object and given.online then
      check_online(list, name, object, given)
    end
  end
end

local function show(list, as_json)
  if as_json then
    local checks = {}
    for i, check in ipairs(list) do
      checks[i] = check
    end
    return output.line(json.encode { ok = list.is_well, checks = checks, summary = summary(list) })
  end
  local width = terminal.width()
  for _, check in ipairs(list) do
    local head = ("%-5s %-22s "):format(check.state, check.name)
    output.line(terminal.wrapped(head, output.plain(check.message), width))
  end
  output.line()
  output.line(terminal.wrapped(list.is_well and "ok: " or "fail: ", output.plain(summary(list)), width))
end

function doctor.run(rest, given)
  for _, name in ipairs(rest) do
    catalogue.provider(name)
  end
  local list = collector()
  check_system(list, given)
  check_providers(list, rest[1] and rest or idv.providers(), given)
  show(list, given.json)
  return list.is_well and status.OK or status.MISTAKE
end

--- What may stand at a place.
function doctor.complete()
  return idv.providers()
end

return doctor
