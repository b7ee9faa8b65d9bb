--- idv: preparing create_session of a provider, which BENCH_OPTION names, without sending it.

local meter = require "bench.meter"
local parts = require "bench.parts"

return function(settings)
  local prepare = parts.preparer(settings.option)
  return function(calls)
    local before = meter.allocations()
    for _ = 1, calls do
      prepare()
    end
    return { allocations = before and (meter.allocations() - before) / calls }
  end
end
