--- idv: reading the answer to create_session of a provider, which BENCH_OPTION names; "list" is a list of 1 MiB.

local meter = require "bench.meter"
local parts = require "bench.parts"

return function(settings)
  local read = settings.option == "list" and parts.reader("deepidv", "list_sessions", parts.long_list(1024 * 1024))
    or parts.reader(settings.option)
  return function(calls)
    local before = meter.allocations()
    for _ = 1, calls do
      read()
    end
    return { allocations = before and (meter.allocations() - before) / calls }
  end
end
