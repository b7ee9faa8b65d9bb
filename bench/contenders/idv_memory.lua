--- Memory of calls in flight, and what is left of it when they have ended: at once, when everything is kept for calls
--- that may follow, and when idv has found that none do. One round for each process.

local held = require "bench.contenders.held"
local meter = require "bench.meter"
local applicant = require "bench.applicant"
local idv = require "idv"

local LONG_ENOUGH = 4 -- seconds; see QUIET_MS in src/core/rush.c

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
    local at_once = memory()
    local ended = meter.wall()
    while meter.wall() - ended < LONG_ENOUGH do
      idv.step(0)
    end
    return {
      per_call = (during - before) / settings.flight, kept = at_once - before, left = memory() - before,
    }
  end
end
