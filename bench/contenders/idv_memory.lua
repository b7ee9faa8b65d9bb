--- Memory of calls in flight, and what is left of it when they have ended. One round for each process.

local held = require "bench.contenders.held"
local meter = require "bench.meter"
local applicant = require "bench.applicant"

local function memory()
  collectgarbage()
  collectgarbage()
  meter.give_back()
  return meter.memory()
end

return function(settings)
  local warm = applicant.provider { url = settings.url:gsub("/held", ""), ca = settings.ca }
  applicant.check(warm:create_session(applicant.params))
  return function()
    local before = memory()
    local tasks = held.start(settings)
    local during = memory()
    held.finish(settings, tasks)
    tasks = nil -- luacheck: ignore
    return { per_call = (during - before) / settings.flight, left = memory() - before }
  end
end
