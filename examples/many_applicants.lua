--- Many applicants at once: a list of people, some workers that take one after the other, one process, one thread.
---
---   lua examples/many_applicants.lua [APPLICANTS] [WORKERS]
---
--- Without keys it runs in the sandbox; with DEEPIDV_API_KEY it really invites people, so put your own list in place of
--- `applicants`. The number of workers bounds how many requests are under way at the same time: providers count.

local idv = require "idv"

local count = tonumber(arg[1] or "60")
local workers = tonumber(arg[2] or "8")

local function make_applicants()
  local list = {}
  for i = 1, count do
    list[i] = {
      first_name = "Ada", last_name = ("Example %d"):format(i), email = ("ada%d@example.com"):format(i),
      phone = ("+1519222%04d"):format(i), external_id = ("customer-%d"):format(i), send_phone_invite = false,
    }
  end
  return list
end

local function open_provider()
  if os.getenv "DEEPIDV_API_KEY" then
    return idv.deepidv { api_key = os.getenv "DEEPIDV_API_KEY" }
  end
  local sandbox = assert(require("idv.sandbox.remote").start(os.getenv "IDV_SANDBOX"))
  -- now and then the provider is busy; the engine waits as long as it is asked to and tries again
  assert(sandbox.control:fault { extra = {
    path = "/v1/sessions", after = 10, times = 2, status = 429, headers = { ["Retry-After"] = "0" },
  } })
  return idv.deepidv { api_key = "live_demo", base_url = sandbox.https, ca_file = sandbox.ca_file }, sandbox
end

--- Works through the list: takes the next applicant until nobody is left. What goes wrong for one does not stop others.
local function work(deepidv, queue, results)
  while queue.next <= #queue.applicants do
    local position = queue.next
    queue.next = position + 1
    local session, err = deepidv:create_session(queue.applicants[position])
    results[position] = { session = session, err = err }
  end
end

--- Runs the workers side by side and waits for all of them.
local function run(deepidv, applicants)
  local queue, results, tasks = { applicants = applicants, next = 1 }, {}, {}
  for i = 1, workers do
    tasks[i] = idv.spawn(work, deepidv, queue, results)
  end
  local _, failures = idv.all(tasks)
  for _, failure in pairs(failures) do
    error(failure, 0)
  end
  return results
end

local function tell(results)
  local done, look, again = 0, {}, {}
  for position, result in ipairs(results) do
    if result.session then
      done = done + 1
    else
      io.stderr:write(("applicant %d: %s\n"):format(position, tostring(result.err)))
      local list = result.err.outcome == "unknown" and look or again
      list[#list + 1] = position
    end
  end
  print(("%d of %d invited by %d workers"):format(done, #results, workers))
  print(("%d to try again, %d to look at first"):format(#again, #look))
end

local deepidv, sandbox = open_provider()
tell(run(deepidv, make_applicants()))
if sandbox then
  sandbox:stop()
end
