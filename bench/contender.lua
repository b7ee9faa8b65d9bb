--- A contender from the outside: a process that is asked for rounds and answers with figures.
---
--- See bench/worker.lua and bench/contender.h for the inside. The process ends when it is asked for no
--- calls: the end of its input would not do, because processes that are started later inherit the other end.

local cores = require "bench.cores"

local contender = {}

---@class bench.Contender
local Contender = {}
Contender.__index = Contender

--- Starts a process and waits until it is ready.
---@param command string
---@param environment table<string, any>
---@param part "measured"|"served"  which core it runs on
---@return bench.Contender
function contender.start(command, environment, part)
  local words = {}
  for name, value in pairs(environment) do
    words[#words + 1] = ("%s='%s'"):format(name, tostring(value))
  end
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkfifo " .. path))
  local self = setmetatable({ command = command }, Contender)
  self.output = assert(io.popen(("env %s %s%s < %s"):format(table.concat(words, " "), cores.prefix(part), command,
    path), "r"))
  self.input = assert(io.open(path, "w"))
  os.remove(path)
  self:expect "^ready"
  return self
end

--- Reads a line, which must look like `pattern`.
function Contender:expect(pattern)
  local line = self.output:read "l"
  if not line or not line:find(pattern) then
    error(("%s: said %s"):format(self.command, line or "nothing; see above"), 0)
  end
  return line
end

--- Asks for a round of so many calls.
---@param calls integer
function Contender:ask(calls)
  self.input:write(calls, "\n")
  self.input:flush()
end

--- What came of the round that was asked for. Seconds are for each call.
---@param calls integer
---@return table<string, number> figures
function Contender:answer(calls)
  local figures = {}
  for name, value in self:expect("cpu="):gmatch "([%w_]+)=(%S+)" do
    figures[name] = tonumber(value)
  end
  for _, name in ipairs { "cpu", "wall", "command_cpu" } do
    figures[name] = figures[name] and figures[name] / calls
  end
  figures.per_second = 1 / figures.wall
  return figures
end

--- Asks for one round and waits for it.
---@param calls integer
---@return table<string, number> figures
function Contender:round(calls)
  self:ask(calls)
  return self:answer(calls)
end

--- Ends the process.
function Contender:stop()
  self.input:write "0\n"
  self.input:close()
  self.output:close()
end

return contender
