--- idv, many calls at once: as many tasks as are to be in flight, each making one call after the other.

local applicant = require "bench.applicant"
local idv = require "idv"

return function(settings)
  local deepidv = applicant.provider(settings, {
    max_connections = settings.option == "http2" and 1 or settings.flight,
    http_version = settings.option == "http2" and "2" or "1.1",
  })
  return function(calls)
    local left, tasks = calls, {}
    for i = 1, math.min(settings.flight, calls) do
      tasks[i] = function()
        while left > 0 do
          left = left - 1
          applicant.check(deepidv:create_session(applicant.params))
        end
        return true
      end
    end
    local _, errors = idv.all(tasks)
    local _, problem = next(errors)
    assert(not problem, problem)
  end
end
