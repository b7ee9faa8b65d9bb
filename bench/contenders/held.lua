--- Calls that the server answers only when it is told to, for what is measured while they are in flight.

local applicant = require "bench.applicant"
local idv = require "idv"
local meter = require "bench.meter"

local held = {}

--- What the server answers, asked by a program of its own.
local function ask(settings, path)
  local pipe = io.popen(("curl -s %s%s"):format(settings.url:match "^%w+://[^/]+", path), "r")
  local answer = pipe:read "*a"
  pipe:close()
  return answer
end

--- Steps until the server has all calls and nothing is left to do.
local function settle(settings)
  repeat
    local before = meter.wall()
    repeat
      idv.step(0.05)
    until meter.wall() - before > 0.3
  until tonumber(ask(settings, "/waiting")) == settings.flight
end

--- Starts as many calls as settings.flight says and waits until the server has them all.
function held.start(settings)
  meter.allow_descriptors()
  ask(settings, "/release") -- what a process that has ended left behind
  local deepidv = applicant.provider(settings, { max_connections = settings.flight })
  local tasks = {}
  for i = 1, settings.flight do
    tasks[i] = idv.spawn(function()
      applicant.check(deepidv:create_session(applicant.params))
    end)
  end
  settle(settings)
  return tasks
end

--- Has the server answer, and waits for all of it.
function held.finish(settings, tasks)
  ask(settings, "/release")
  for _, task in ipairs(tasks) do
    task:result()
  end
end

return held
