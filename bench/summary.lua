--- What docs/performance.md shows of bench/results/latest.json: twelve rows and three charts.
---
--- A row or bar is chosen by its name and its contenders, and must be in bench/rows.lua, which knows the unit, and in
--- the results. One that is missing in either raises.

local format = require "bench.format"
local rows = require "bench.rows"

local summary = {}

local five, jit = "idv, Lua 5.4", "idv, LuaJIT"

local function sequential(scheme)
  return scheme .. ", sequential, kept alive: CPU of a call"
end

local function openresty(moment)
  return ("OpenResty, 500 at once, upstream answers %s: requests"):format(moment)
end

-- ---- choosing ----

--- The row of bench/rows.lua with this name and these contenders.
local function described(name, idv, reference)
  for _, row in ipairs(rows) do
    if row.name == name and row.idv.contender == idv and (row.reference and row.reference.contender) == reference then
      return row
    end
  end
  error(("bench/rows.lua has no row %s, %s, %s"):format(name, idv, tostring(reference)))
end

--- The same row of the results.
local function measured(results, name, idv, reference)
  for _, row in ipairs(results.rows) do
    if row.name == name and row.idv_is == idv and row.reference_is == reference then
      assert(not row.problem, row.problem)
      return row
    end
  end
  error(("bench/results/latest.json has no row %s, %s, %s"):format(name, idv, tostring(reference)))
end

-- ---- the table ----

-- What the page calls a row, its name and its contenders, and what the page calls the reference.
local chosen = {
  { "CPU of a call, http, Lua 5.4", sequential "http", five, "libcurl in C" },
  { "CPU of a call, http, LuaJIT", sequential "http", jit, "libcurl in C" },
  { "CPU of a call, https, Lua 5.4", sequential "https", five, "libcurl in C" },
  { "CPU of a call, https, LuaJIT", sequential "https", jit, "libcurl in C" },
  { "calls, 64 in flight", "64 in flight: calls", five, "curl_multi in C" },
  { "calls, 512 in flight", "512 in flight: calls", five, "curl_multi in C" },
  { "calls, 4,096 in flight", "4096 in flight: calls", five, "curl_multi in C" },
  { "`idv.step(0)`, 10,000 in flight", "idv.step(0), 10,000 in flight, against 1,000", five, five, "1,000 in flight" },
  { "memory of a call, 10,000 in flight", "memory of a call, 10000 in flight", five },
  { "memory of a report of 1 GiB", "1 GiB report to disk: extra memory", five },
  { "OpenResty, answers after 100 ms", openresty "after 100 ms", "idv", "cosocket" },
  { "OpenResty, answers at once", openresty "at once", "idv", "cosocket" },
}

local function cells_of(choice, results)
  local label, name, idv, reference, called = choice[1], choice[2], choice[3], choice[4], choice[5]
  local unit = described(name, idv, reference).unit
  local row = measured(results, name, idv, reference)
  return {
    label, format.number(row.idv.median, unit),
    reference and ("%s, %s"):format(format.number(row.reference.median, unit), called or reference) or "-",
    row.ratio and format.ratio(row.ratio.median) or "-", format.goal(row.goal, unit), format.verdict(row.is_met),
  }
end

local function count_goals(results)
  local met, all = 0, 0
  for _, row in ipairs(results.rows) do
    met = met + (row.is_met and 1 or 0)
    all = all + (row.goal and 1 or 0)
  end
  return met, all
end

local function about_run(results)
  local met, all = count_goals(results)
  local machine = results.machine
  return ("The whole run has %d goals, of which %d are met.\nIt ran on %s (%s cores), %s, %s, libcurl %s, %s."):format(
    all, met, machine.processor, machine.cores, machine.system, machine.kernel, machine.libcurl, machine.TLS)
end

--- The part of the page with numbers, in Markdown.
---@param results table  of bench/results.lua
---@return string
function summary.table(results)
  local lines = { "| | what | `idv` | compared with | ratio | goal | |", "|---|---|---|---|---|---|---|" }
  for number, choice in ipairs(chosen) do
    lines[#lines + 1] = ("| %d | %s |"):format(number, table.concat(cells_of(choice, results), " | "))
  end
  lines[#lines + 1] = "\n" .. about_run(results)
  return table.concat(lines, "\n")
end

-- ---- the charts ----

--- A bar: the median of idv, or of its reference, in a row.
local function bar(results, name, idv, reference, is_reference)
  local row, unit = measured(results, name, idv, reference), described(name, idv, reference).unit
  local value = (is_reference and row.reference or row.idv).median
  return { value = value * unit.scale, text = format.number(value, unit) }
end

-- The clients of the chart of sequential calls: the label, what the row's name has behind it, the contenders.
local clients = {
  { "libcurl in C", "", five, "libcurl in C", true },
  { "idv's engine in C", ", without Lua", "idv's engine in C", "libcurl in C" },
  { "libcurl and lua-cjson, LuaJIT", ", nothing but libcurl and lua-cjson", "the least, LuaJIT", "libcurl in C" },
  { "idv, LuaJIT", "", jit, "libcurl in C" },
  { "idv, Lua 5.4", "", five, "libcurl in C" },
  { "lua-curl, LuaJIT", "", jit, "lua-curl, LuaJIT", true },
  { "LuaSocket, LuaJIT", "", jit, "LuaSocket, LuaJIT", true },
  { "LuaSocket, Lua 5.4", "", five, "LuaSocket, Lua 5.4", true },
  { "lua-http, LuaJIT", "", jit, "lua-http, LuaJIT", true },
}

local function cpu_of_a_call(results)
  local groups = {}
  for i, client in ipairs(clients) do
    groups[i] = { label = client[1] }
    for _, scheme in ipairs { "http", "https" } do
      table.insert(groups[i], bar(results, sequential(scheme) .. client[2], client[3], client[4], client[5]))
    end
  end
  return { name = "cpu", title = "CPU of a sequential call", series = { "http", "https" }, groups = groups }
end

local function calls_in_flight(results)
  local groups = {}
  for _, flight in ipairs { 64, 512, 4096 } do
    local name = ("%d in flight: calls"):format(flight)
    groups[#groups + 1] = {
      label = flight .. " in flight", bar(results, name, five, "curl_multi in C", true),
      bar(results, name, five, "curl_multi in C"), bar(results, name, jit, "curl_multi in C"),
    }
  end
  return {
    name = "in_flight", title = "Calls per second, many in flight", groups = groups,
    series = { "curl_multi in C", "idv, Lua 5.4", "idv, LuaJIT" },
  }
end

-- The parts of a call, as bench/breakdown.lua names them, and as the chart does.
local parts = {
  { "- libcurl", "libcurl" },
  { "- the engine around it", "idv's engine" },
  { "- parameters are gathered, validated and written", "validating, writing JSON" },
  { "- lua-cjson reads the answer into a table", "lua-cjson, decoding" },
  { "- the answer is checked and becomes a record", "checking, making a record" },
  { "- Lua's interpreter and collector, the call's memory", "Lua, memory" },
}

local function instructions(results)
  local groups = {}
  for i, part in ipairs(parts) do
    local count = assert(results.instructions[part[1]], part[1])
    groups[i] = { label = part[2], { value = count, text = ("%.0f"):format(count) } }
  end
  return {
    name = "instructions", title = "Instructions of a sequential call, http, Lua 5.4", series = { "instructions" },
    groups = groups,
  }
end

--- The charts. Each has a name, a title, the names of its series, and groups of bars, one bar for each series.
---@param results table  of bench/results.lua
---@return table[]
function summary.charts(results)
  return { cpu_of_a_call(results), calls_in_flight(results), instructions(results) }
end

return summary
