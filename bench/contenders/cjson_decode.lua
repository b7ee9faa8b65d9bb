--- lua-cjson alone: reading what a provider answers, unchecked; "list" is a list of 1 MiB.

local cjson = require "cjson"
local meter = require "bench.meter"
local parts = require "bench.parts"

return function(settings)
  local text = settings.option == "list" and parts.long_list(1024 * 1024) or parts.samples[settings.option].answer
  return function(calls)
    local before = meter.allocations()
    for _ = 1, calls do
      cjson.decode(text)
    end
    return { allocations = before and (meter.allocations() - before) / calls }
  end
end
