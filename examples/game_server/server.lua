--- The world of the game server: bodies that move, and players who may join once they have proved their age.
---
--- The host calls tick() sixty times a second. The world moves, idv.step(0) moves whatever is in flight, and nothing
--- ever waits: a player's onboarding is a task that reads as if it did. IDV_SANDBOX says how to run the sandbox, which
--- stands for the provider here; each of its answers takes GAME_DELAY seconds.

local idv = require "idv"

local players = ...

-- Lua 5.4 may sweep everything in one step of its collector; a tick wants many small ones.
if _VERSION >= "Lua 5.4" then
  collectgarbage("incremental", 0, 20, 8)
end

local sandbox = assert(require("idv.sandbox.remote").start(os.getenv "IDV_SANDBOX"))
local deepidv = idv.deepidv {
  api_key = "live_1", base_url = sandbox.http, allow_http = true, max_connections = 2000, timeout = 60,
}
assert(sandbox.control:settings { extra = { deepidv = { automatic = true } } })
assert(sandbox.control:fault {
  extra = { provider = "deepidv", delay = tonumber(os.getenv "GAME_DELAY" or 1), times = 1000000 },
})

-- ---- the world ----

local bodies = {}
for i = 1, 200 do
  bodies[i] = { x = i, y = -i, vx = math.sin(i), vy = math.cos(i) }
end

local function move(dt)
  for _, body in ipairs(bodies) do
    body.x, body.y = body.x + body.vx * dt, body.y + body.vy * dt
    if body.x * body.x + body.y * body.y > 1e6 then
      body.vx, body.vy = -body.vx, -body.vy
    end
  end
end

-- ---- the players ----

local joined, refused, most_in_flight = 0, 0, 0

--- What one player goes through. Reads like a script, waits like a task.
local function onboard(number)
  local session, err = deepidv:create_session {
    first_name = "Player", last_name = "No " .. number, email = ("player%d@example.com"):format(number),
    phone = "+15192223333", external_id = "player-" .. number, send_phone_invite = false,
  }
  if session then
    session, err = deepidv:wait_session(session.id, { timeout = 60, interval = 0.5 })
  end
  if session and session.status == "approved" then
    joined = joined + 1
  else
    refused = refused + 1
    io.stderr:write("player ", number, " stays out: ", tostring(err or session), "\n")
  end
end

local waiting_outside = players
local ARRIVALS_PER_TICK = 25

local function let_arrive()
  for _ = 1, math.min(ARRIVALS_PER_TICK, waiting_outside) do
    idv.spawn(onboard, waiting_outside)
    waiting_outside = waiting_outside - 1
  end
end

-- ---- what the host calls ----

local world = {}

--- One tick. Returns true when every player has been through.
function world.tick(dt)
  move(dt)
  let_arrive()
  local pending = idv.step(0)
  most_in_flight = math.max(most_in_flight, pending)
  return pending == 0 and waiting_outside == 0
end

--- Says what came of it. Returns whether all players are in.
function world.report()
  sandbox:stop()
  local figures = "players %d  joined %d  refused %d  most at the same time %d"
  print(figures:format(players, joined, refused, most_in_flight))
  return joined == players
end

return world
