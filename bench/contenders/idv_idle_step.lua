--- idv.step(0) with calls in flight and nothing to do.

local held = require "bench.contenders.held"
local idv = require "idv"

return function(settings)
  held.start(settings)
  return function(steps)
    for _ = 1, steps do
      idv.step(0)
    end
  end
end
