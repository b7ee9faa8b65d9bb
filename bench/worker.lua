--- A contender in Lua: `lua bench/worker.lua NAME`.
---
--- Says "ready", reads how many calls to make, makes them, and answers with one line of figures, until it is asked for
--- none. bench/contender.c is the same for contenders in C. What is measured is in bench/contenders/NAME.lua: a
--- function that gets the settings and returns `run(calls)`, whose result is a table of more figures or nothing.

local meter = require "bench.meter"

local settings = {
  url = os.getenv "BENCH_URL", ca = os.getenv "BENCH_CA", flight = tonumber(os.getenv "BENCH_FLIGHT" or 1),
  option = os.getenv "BENCH_OPTION",
}
local run = require("bench.contenders." .. arg[1])(settings)

local function answer(figures)
  local words = {}
  for name, value in pairs(figures) do
    words[#words + 1] = ("%s=%.9f"):format(name, value)
  end
  print(table.concat(words, " "))
  io.stdout:flush()
end

print "ready"
io.stdout:flush()
for line in io.lines() do
  local calls = tonumber(line)
  if calls == 0 then
    break
  end
  local cpu, wall = meter.cpu(), meter.wall()
  local figures = run(calls) or {}
  figures.cpu, figures.wall, figures.calls = meter.cpu() - cpu, meter.wall() - wall, calls
  answer(figures)
end
