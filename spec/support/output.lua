--- What busted prints in our runs: its plain output without a mark for each test.
---
--- IDV_RUNNING in the environment names a file that holds the name of the test that is running, and nothing after the
--- last one: a run that crashes or hangs leaves there where it did.

local busted = require "busted"

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

return function(options)
  options.deferPrint = true
  local handler = require "busted.outputHandlers.plainTerminal"(options)
  local path = os.getenv "IDV_RUNNING"
  if path then
    busted.subscribe({ "test", "start" }, function(element)
      write(path, handler.getFullName(element))
      return nil, true
    end)
    busted.subscribe({ "suite", "end" }, function()
      write(path, "")
      return nil, true
    end)
  end
  return handler
end
