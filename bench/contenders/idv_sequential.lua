--- idv, one call after the other.

local applicant = require "bench.applicant"

return function(settings)
  local deepidv = applicant.provider(settings)
  return function(calls)
    for _ = 1, calls do
      applicant.check(deepidv:create_session(applicant.params))
    end
  end
end
