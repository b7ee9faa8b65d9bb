--- libcurl's binding that Debian packages as lua-curl, with lua-cjson, one call after the other on one handle.

local applicant = require "bench.applicant"
local cjson = require "cjson"
local curl = require "curl"

return function(settings)
  local easy = curl.easy_init()
  local parts
  local headers = { "Expect:" }
  for name, value in pairs(applicant.headers()) do
    headers[#headers + 1] = name .. ": " .. value
  end
  easy:setopt(curl.OPT_URL, settings.url)
  easy:setopt(curl.OPT_CAINFO, settings.ca)
  easy:setopt(curl.OPT_HTTPHEADER, headers)
  easy:setopt(curl.OPT_NOSIGNAL, 1)
  easy:setopt(curl.OPT_WRITEFUNCTION, function(text)
    parts[#parts + 1] = text
    return #text
  end)
  return function(calls)
    for _ = 1, calls do
      parts = {}
      easy:setopt(curl.OPT_POSTFIELDS, cjson.encode(applicant.fields()))
      assert(easy:perform())
      applicant.check(cjson.decode(table.concat(parts)))
    end
  end
end
