--- Which processes run on which core: what is measured on one, what it speaks to on another.
---
--- A service is never on its client's core, and where the two share one by chance a call costs half as much, with
--- another ratio. So nothing is left to chance where there are two cores and taskset; elsewhere processes run where
--- they are put.

local cores = {}

local pipe = io.popen "command -v taskset >/dev/null && nproc"
local are_two = (tonumber(pipe:read "l") or 1) >= 2
pipe:close()

local numbers = { served = 0, measured = 1 }

--- What comes before the command of a process that plays this part.
---@param part "measured"|"served"
---@return string
function cores.prefix(part)
  return are_two and ("taskset -c %d "):format(numbers[part]) or ""
end

--- The same as a line of nginx's configuration, for its one worker.
---@param part "measured"|"served"
---@return string
function cores.nginx(part)
  return are_two and ("worker_cpu_affinity %s;"):format(part == "measured" and "10" or "01") or ""
end

return cores
