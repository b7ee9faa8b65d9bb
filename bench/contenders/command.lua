--- A command, run once for each call; BENCH_OPTION is what the shell gets. The CPU is that of the command.

local meter = require "bench.meter"

return function(settings)
  return function(calls)
    local before = meter.children()
    for _ = 1, calls do
      local ok = os.execute(settings.option)
      assert(ok == true or ok == 0, "the command failed")
    end
    return { command_cpu = meter.children() - before }
  end
end
