--- lua-cjson alone: writing what create_session of a provider gets, unchecked.

local cjson = require "cjson"
local meter = require "bench.meter"
local parts = require "bench.parts"

return function(settings)
  local params = parts.samples[settings.option].params
  return function(calls)
    local before = meter.allocations()
    for _ = 1, calls do
      cjson.encode(params)
    end
    return { allocations = before and (meter.allocations() - before) / calls }
  end
end
