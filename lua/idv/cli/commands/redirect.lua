--- `idv redirect`: what the address says with which an applicant came back. Nothing is asked and nothing is sent.

local arguments = require "idv.cli.arguments"
local catalogue = require "idv.cli.catalogue"
local failure = require "idv.cli.failure"
local idv = require "idv"
local output = require "idv.cli.output"
local reader = require "idv.redirect"

local redirect = {
  name = "redirect",
  usage = { "redirect [PROVIDER] URL", "redirect [PROVIDER] -" },
  about = "Reads the address with which an applicant came back",
  text = [[
Without a provider it is the one whose marks the address bears. '-' reads the address from stdin, where other users of
this machine do not see it. The record is the applicant's word and never a verdict: ask the provider.]],
  options = { { name = "json", about = "One line of JSON on stdout, for records and for errors" } },
}

--- The providers that can read a redirect.
local function able()
  local list = {}
  for _, name in ipairs(idv.providers()) do
    if catalogue.provider(name).redirect then
      list[#list + 1] = name
    end
  end
  return list
end

local function read(name, text)
  return reader.parse({ provider = catalogue.provider(name) }, text)
end

-- Fields of every record; they say nothing about whose redirect it is.
local common = { provider = true, raw = true, trusted = true }

--- How much of an address a provider understands: different things found, or one for an error that it reports.
local function understanding(record, err)
  local count, seen = 0, {}
  for name, value in pairs(record or {}) do
    if not common[name] and not seen[value] then
      seen[value] = true
      count = count + 1
    end
  end
  return err and err.outcome == "refused" and 1 or count
end

--- The provider that understands most of an address. Gives up when that is none, or not only one.
local function detect(text)
  local best, most, is_tied = nil, 0, false
  for _, name in ipairs(able()) do
    local found = understanding(read(name, text))
    if found > most then
      best, most, is_tied = name, found, false
    elseif found == most then
      is_tied = true
    end
  end
  if not best or is_tied then
    failure.usage("it does not show whose redirect this is: name the provider, one of %s", table.concat(able(), ", "))
  end
  return best
end

function redirect.run(rest, given)
  arguments.expect(rest, { "URL" }, 2)
  local name, text = rest[2] and rest[1], rest[2] or rest[1]
  if text == "-" then
    text = (io.stdin:read "*l" or ""):gsub("%s+$", "")
  end
  name = name or detect(text)
  if not catalogue.provider(name).redirect then
    failure.usage("%s has no redirects to read", name)
  end
  return output.result(given.json, read(name, text))
end

--- What may stand at a place.
function redirect.complete(position)
  return position == 1 and able() or nil
end

return redirect
