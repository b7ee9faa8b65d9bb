--- Which lines of lua/ a run has executed, in every Lua process it started, counted with the debug hook.
---
--- `make coverage` sets IDV_COVERAGE to a folder and LUA_INIT to start this in each Lua 5.4, the specs' and the sandbox's.
--- Each leaves what it saw in a file of that folder when it ends; the report adds them up. What counts as a line is what
--- the compiler's listing (luac5.4) names. Hooks belong to coroutines, so each new coroutine gets one too.

local coverage = {}

local hits = {} -- file -> set of lines

local function on_line(_, line)
  local source = debug.getinfo(2, "S").source
  local file = source:match "^@.-/?(lua/idv/.+)$" or source:match "^@.-/?(lua/idv.lua)$"
  if file then
    hits[file] = hits[file] or {}
    hits[file][line] = true
  end
end

local function cover_coroutines()
  local create = coroutine.create
  coroutine.create = function(fn) -- luacheck: ignore 122
    local made = create(fn)
    debug.sethook(made, on_line, "l")
    return made
  end
  coroutine.wrap = function(fn) -- luacheck: ignore 122
    local made = coroutine.create(fn)
    return function(...)
      local results = table.pack(coroutine.resume(made, ...))
      if not results[1] then
        error(results[2], 0)
      end
      return table.unpack(results, 2, results.n)
    end
  end
end

local function leave(folder)
  debug.sethook()
  local path = ("%s/%s"):format(folder, (tostring {}):match "0x(%x+)" .. os.time() .. os.clock() * 1e6)
  local file = assert(io.open(path, "w"))
  for name, lines in pairs(hits) do
    for line in pairs(lines) do
      file:write(name, " ", line, "\n")
    end
  end
  file:close()
end

--- Begins to count; leaves the figures when this Lua closes.
function coverage.start()
  local folder = assert(os.getenv "IDV_COVERAGE")
  coverage.guard = setmetatable({}, { __gc = function() leave(folder) end })
  cover_coroutines()
  debug.sethook(on_line, "l")
end

local function lines_of(file)
  local lines, count = {}, 0
  local listing = assert(io.popen("luac5.4 -l -l -p " .. file))
  for row in listing:lines() do
    local line, opcode = row:match "^%s+%d+%s+%[(%d+)%]%s+(%u+)"
    line = opcode ~= "VARARGPREP" and tonumber(line)
    if line and not lines[line] then
      lines[line] = true
      count = count + 1
    end
  end
  listing:close()
  return lines, count
end

local function read_hits(folder)
  local listing = assert(io.popen("cat " .. folder .. "/*"))
  for row in listing:lines() do
    local file, line = row:match "^(%S+) (%d+)$"
    hits[file] = hits[file] or {}
    hits[file][tonumber(line)] = true
  end
  listing:close()
end

local function print_row(hit, count, label)
  io.write(("%6.1f%%  %5d lines  %s\n"):format(hit * 100 / math.max(count, 1), count, label))
end

--- Prints the figures of all processes that left theirs in the folder.
function coverage.report(folder)
  read_hits(folder)
  local all_lines, all_hits = 0, 0
  local listing = assert(io.popen "find lua -name '*.lua' | sort")
  for file in listing:lines() do
    local lines, count = lines_of(file)
    local hit, missed = 0, {}
    for line in pairs(lines) do
      if hits[file] and hits[file][line] then
        hit = hit + 1
      else
        missed[#missed + 1] = line
      end
    end
    table.sort(missed)
    print_row(hit, count, file .. (#missed > 0 and #missed <= 15 and "  not " .. table.concat(missed, " ") or ""))
    all_lines, all_hits = all_lines + count, all_hits + hit
  end
  listing:close()
  print_row(all_hits, all_lines, "lua/ in all")
end

return coverage
