--- Fuzz target: parse_redirect of each provider.
---
--- The input is what a browser brought: an address, its query, or anything else, as every provider reads it. It returns
--- a record that says `trusted = false` or an error record, shows nothing of the input that is not fit for a log, and
--- never throws.

local support = require "fuzz.support"

local demand = support.demand
local objects = {}
for i, name in ipairs(support.names) do
  objects[i] = support.object(name)
end

return function(bytes)
  for i, object in ipairs(objects) do
    if object:supports "parse_redirect" then
      local record, err = object:parse_redirect(bytes)
      support.check_outcome(record, err)
      if record then
        demand(record.trusted == false, support.names[i] .. " does not trust a redirect")
        demand(#tostring(record) <= #bytes + 100, "its text is no longer than the address")
        demand(type(record.raw) == "table", "the query is there")
      end
    end
  end
end
