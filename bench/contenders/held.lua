--- Calls that the server answers only when it is told to, for what is measured while they are in flight.

local applicant = require "bench.applicant"
local idv = require "idv"
local meter = require "bench.meter"

local held = {}

--- Steps until all calls are written and nothing is left to do.
local function settle()
  local before
  repeat
    before = meter.wall()
    idv.step(0.3)
  until meter.wall() - before > 0.29
end

--- Starts as many calls as settings.flight says and waits until the server has them all.
function held.start(settings)
  meter.allow_descriptors()
  local deepidv = applicant.provider(settings, { max_connections = settings.flight })
  local tasks = {}
  for i = 1, settings.flight do
    tasks[i] = idv.spawn(function()
      applicant.check(deepidv:create_session(applicant.params))
    end)
  end
  settle()
  return tasks
end

--- Has the server answer, and waits for all of it.
function held.finish(settings, tasks)
  assert(os.execute(("curl -s -o /dev/null %s/release"):format(settings.url:match "^%w+://[^/]+")))
  for _, task in ipairs(tasks) do
    task:result()
  end
end

return held
