--- What this process holds: descriptors and memory. For asking whether it went back to where it was.

local heap = require "heap"
local lfs = require "lfs"

local level = {}

--- Whether the figures of the system mean anything: not under a sanitizer or valgrind, which keep memory for themselves.
level.is_plain = (os.getenv "LD_PRELOAD" or "") == ""

--- How many descriptors are open, the one that it takes to look at them included.
---@return integer
function level.descriptors()
  local count = 0
  for _ in lfs.dir "/proc/self/fd" do
    count = count + 1
  end
  return count
end

local function status(name)
  local file = assert(io.open("/proc/self/status", "r"))
  local text = file:read "*a"
  file:close()
  return tonumber(text:match(name .. ":%s*(%d+) kB")) * 1024
end

--- Bytes that Lua and the C library have handed out once everything that nobody needs has been collected.
---@return number lua
---@return number c  in which Lua's are counted once more where Lua gets its memory from there; 0 when nobody knows
function level.memory()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count" * 1024, heap.in_use()
end

--- Bytes that the system counts as in use.
---@return integer
function level.resident()
  return status "VmRSS"
end

--- The most bytes that were in use since `level.forget_peak`.
---@return integer
function level.peak()
  return status "VmHWM"
end

--- Has the peak begin anew.
function level.forget_peak()
  local file = assert(io.open("/proc/self/clear_refs", "w"))
  file:write "5"
  file:close()
end

return level
