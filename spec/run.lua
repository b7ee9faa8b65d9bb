--- Runs busted with whatever Lua runs this file: `lua5.4 spec/run.lua spec/unit`. The Makefile sets the paths.
---
--- With IDV_COLLECTOR in the environment the collector is at work all the time: see spec/support/collector.lua.

local collector = os.getenv "IDV_COLLECTOR" and require "spec.support.collector"

if collector then
  collector.start()
end

-- busted forgets modules between files. luv's loop goes with its module, but its C part goes on using it.
pcall(require, "luv")

require "busted.runner" { standalone = false, output = "spec.support.output" }

if collector then
  io.stdout:write("steps of the collector: ", collector.steps, "\n")
end
