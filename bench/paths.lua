--- One of the paths whose instructions are counted, so many times: `lua bench/paths.lua PATH TIMES`.

local parts = require "bench.parts"

local paths = {}

--- From parameters to a request.
function paths.prepare()
  return parts.preparer "deepidv"
end

--- From an answer to a record.
function paths.read()
  return parts.reader "deepidv"
end

--- A step with something in flight and nothing to do.
function paths.step()
  local idv = require "idv"
  for _ = 1, 100 do
    idv.spawn(idv.sleep, 3600)
  end
  return function()
    idv.step(0)
  end
end

--- A whole call without a network: prepared, answered by a transport, read.
function paths.call()
  local answer = {
    status = 201, headers = { ["Content-Type"] = "application/json" }, body = parts.samples.deepidv.answer,
  }
  local deepidv = require("idv").deepidv { api_key = "live_bench", transport = function() return answer end }
  return function()
    assert(deepidv:create_session(parts.samples.deepidv.params))
  end
end

local run = paths[arg[1]]()
for _ = 1, tonumber(arg[2]) do
  run()
end
