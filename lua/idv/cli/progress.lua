--- A progress bar on stderr, where somebody looks at it; nothing in a pipe.

local core = require "idv.core"

local progress = {}

local WIDTH = 30 -- characters of the bar
local PAUSE = 0.1 -- seconds between two drawings
local STDERR = 2

local units = { "B", "KiB", "MiB", "GiB" }

--- 1536 -> "1.5 KiB"
---@param bytes number
---@return string
function progress.size(bytes)
  local unit = 1
  while bytes >= 1024 and units[unit + 1] do
    bytes, unit = bytes / 1024, unit + 1
  end
  return (unit == 1 and "%.0f %s" or "%.1f %s"):format(bytes, units[unit])
end

--- One state of the bar, without the carriage return.
---@param bytes number
---@param total number?
---@return string
function progress.line(bytes, total)
  if not total or total <= 0 then
    return ("%s"):format(progress.size(bytes))
  end
  local part = math.min(1, bytes / total)
  local full = math.floor(part * WIDTH)
  return ("%3d%% [%s%s] %s of %s"):format(math.floor(part * 100), ("="):rep(full), (" "):rep(WIDTH - full),
    progress.size(bytes), progress.size(total))
end

---@class idv.cli.Progress
---@field told fun(bytes: number, total: number?)  for on_progress
---@field clear fun()                              takes the bar away

--- A bar, or nil where nobody looks at stderr.
---@return idv.cli.Progress?
function progress.new()
  if not core.is_terminal(STDERR) then
    return nil
  end
  local drawn_at
  local bar = {}
  function bar.told(bytes, total)
    local now = core.clock()
    local is_complete = total and bytes >= total
    if not drawn_at or is_complete or now - drawn_at >= PAUSE then
      drawn_at = now
      io.stderr:write("\r\27[K", progress.line(bytes, total))
    end
  end
  function bar.clear()
    if drawn_at then
      io.stderr:write "\r\27[K"
    end
  end
  return bar
end

return progress
