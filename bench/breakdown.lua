--- Where the instructions of one sequential call go, by callgrind: what libcurl takes, what lua-cjson takes, and what
--- is ours. Instructions hardly depend on what else the machine does: only on whether an answer has to be waited for,
--- which it has where the server has a core of its own.
---
--- A count is the difference between a run of some calls and one of three times as many, for each call.

local cores = require "bench.cores"
local groups = require "bench.groups"

local breakdown = {}

local FEW, MANY = 500, 1500

-- What row 1 allows a call to cost, in calls of bare libcurl.
local GOAL = 1.2

-- Where libcurl is entered. What it calls back into is taken off again.
local entries = {
  "curl_multi_socket_action", "curl_multi_add_handle", "curl_multi_remove_handle", "curl_multi_info_read",
  "curl_multi_timeout", "curl_multi_setopt", "curl_easy_setopt", "curl_easy_getinfo",
}
local callbacks = { "on_head_line", "on_content", "on_about_to_send", "on_socket", "on_timer" }

local function output_of(command)
  local pipe = io.popen(command)
  local text = pipe:read "a"
  pipe:close()
  return text
end

--- What each function took with all that it called, by name. Where an object has no names, its own stands for the one
--- that took most.
local function read_counts(path)
  local counts = { total = 0 }
  local text = output_of("callgrind_annotate --inclusive=yes --threshold=100 --auto=no " .. path .. " 2>/dev/null")
  for line in text:gmatch "[^\n]+" do
    local number, place, object = line:match "^%s*([%d,]+) %(.-%)%s+(.-)%s*%[?([^%[%]]*)%]?$"
    local count = number and tonumber((number:gsub(",", "")))
    local name = place and (place == "" and object or place):match "([^:]*)$"
    if name and name:find "PROGRAM TOTALS" then
      counts.total = count
    elseif name then
      local key = name:find "^0x" and object:match "([^/]*)$" or name
      counts[key] = math.max(counts[key] or 0, count)
    end
  end
  return counts
end

local function run(described, calls)
  local path = os.tmpname()
  local words = {}
  for name, value in pairs(described.environment) do
    words[#words + 1] = ("%s='%s'"):format(name, tostring(value))
  end
  local callgrind = cores.prefix "measured" .. "valgrind -q --tool=callgrind --callgrind-out-file=" .. path
  os.execute(("printf '%d\\n0\\n' | env %s %s %s >/dev/null 2>&1"):format(
    calls, table.concat(words, " "), callgrind, described.command))
  local counts = read_counts(path)
  os.remove(path)
  return counts
end

--- A function that gives what something took for each call.
local function counter(described)
  local few, many = run(described, FEW), run(described, MANY)
  return function(name)
    return ((many[name] or 0) - (few[name] or 0)) / (MANY - FEW)
  end
end

local function sum(count, names)
  local all = 0
  for _, name in ipairs(names) do
    all = all + count(name)
  end
  return all
end

--- The parts of a call on Lua 5.4 over plain HTTP.
---@param plain table  the server
---@return {name: string, instructions: number}[]
function breakdown.measure(plain)
  local contenders = groups.http.contenders(plain)
  local reference, count = counter(contenders["libcurl in C"]), counter(contenders["idv, Lua 5.4"])
  local libcurl = sum(count, entries) - sum(count, callbacks)
  local decoding = count "liblua5.4-cjson.so.0.0.0"
  local parts = {
    { name = "bare libcurl in C, the whole call", instructions = reference "total" },
    { name = "idv's engine in C, the whole call", instructions = counter(contenders["idv's engine in C"])("total") },
    { name = "`idv`, the whole call", instructions = count "total" },
    { name = "- libcurl", instructions = libcurl },
    { name = "- the engine around it", instructions = count "lidv_submit" + count "idv_engine_step" - libcurl },
    { name = "- parameters are gathered, validated and written", instructions = count "lidv_prepare" },
    { name = "- lua-cjson reads the answer into a table", instructions = decoding },
    { name = "- the answer is checked and becomes a record", instructions = count "lidv_read" - decoding },
  }
  local rest = count "total"
  for i = 4, #parts do
    rest = rest - parts[i].instructions
  end
  parts[#parts + 1] = { name = "- Lua's interpreter and collector, the call's memory", instructions = rest }
  parts[#parts + 1] = {
    name = "1.2 times bare libcurl, less what libcurl, the engine and lua-cjson take",
    instructions = GOAL * reference "total" - libcurl - parts[5].instructions - decoding,
  }
  return parts
end

return breakdown
