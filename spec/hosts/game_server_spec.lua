--- The game server of the examples: idv linked into a C program that ticks while its players are onboarded.

local sandbox = require "spec.support.sandbox"

local lua = sandbox.interpreter():match "[^/]+$"
local binary = ("%s/%s/game_server"):format(os.getenv "IDV_BUILD" or "build", lua)

describe("the game server", function()
  it("lets all players in, and ticks on meanwhile", function()
    local command = ("GAME_WORLD=examples/game_server/server.lua GAME_DELAY=0.5 IDV_SANDBOX=%s %s 60 30 2>&1"):format(
      sandbox.quote(sandbox.interpreter() .. " bin/idv-sandbox"), binary)
    local pipe = assert(io.popen(command, "r"))
    local output = pipe:read "*a"
    pipe:close()
    local joined, refused = output:match "joined (%d+)  refused (%d+)"
    assert.same({ "60", "0" }, { joined, refused }, output)
    -- An onboarding waits for the provider for at least a second: a world that stood still would have ticked twice or so.
    assert.is_true(tonumber(output:match "ticks (%d+)") > 10, output)
  end)
end)
