--- `make bench`: measures, prints the table, and writes bench/results/latest.json.
---
--- Words on the command line are numbers of rows, to measure only those; nothing is written then, nor in a short run
--- (BENCH_QUICK).

local breakdown = require "bench.breakdown"
local figures = require "bench.figures"
local machine = require "bench.machine"
local measure = require "bench.measure"
local results_file = require "bench.results"
local rows = require "bench.rows"
local same_bytes = require "bench.same_bytes"
local screen = require "bench.screen"
local servers = require "bench.servers"
local statistics = require "bench.statistics"

local function chosen_rows()
  if not arg[1] then
    return rows
  end
  local wanted, list = {}, {}
  for _, number in ipairs(arg) do
    wanted[tonumber(number)] = true
  end
  for _, row in ipairs(rows) do
    list[#list + 1] = wanted[row.number] and row or nil
  end
  return list
end

--- The groups that a row speaks of.
local function groups_of(row)
  local list = figures.groups(row.idv)
  for _, group in ipairs(row.reference and figures.groups(row.reference) or {}) do
    list[#list + 1] = group
  end
  return list
end

--- Why a row cannot be shown, or nil.
local function problem_of(row, problems)
  for _, group in ipairs(groups_of(row)) do
    if problems[group] then
      return problems[group]
    end
  end
end

--- Measures every group that a row of the list speaks of, once.
local function measure_groups(list, plain)
  local measured, problems = {}, {}
  for _, row in ipairs(list) do
    for _, group in ipairs(groups_of(row)) do
      if not measured[group] and not problems[group] then
        io.stderr:write("measuring ", group, "\n")
        measured[group], problems[group] = measure.group(group, plain)
      end
    end
  end
  return measured, problems
end

--- What two lists of rounds give when compared round by round.
local function compare(own, others, operation)
  local values = {}
  for round = 1, math.min(#own, #others) do
    values[round] = operation(own[round], others[round])
  end
  return statistics.summary(values)
end

local function divide(a, b) return a / b end
local function subtract(a, b) return a - b end

local function is_met(goal, result)
  if not goal then
    return nil
  end
  local compared = { ratio = result.ratio, difference = result.difference, value = result.idv }
  local value = compared[goal.of].median
  return value <= (goal.at_most or math.huge) and value >= (goal.at_least or -math.huge)
end

local function result_of(row, measured, problems)
  local problem = problem_of(row, problems)
  if problem then
    return { row = row, problem = problem }
  end
  local own = figures.values(measured, row.idv)
  local result = { row = row, idv = statistics.summary(own) }
  if row.reference then
    local others = figures.values(measured, row.reference)
    result.reference = statistics.summary(others)
    result.ratio = compare(own, others, divide)
    result.difference = compare(own, others, subtract)
  end
  result.is_met = is_met(row.goal, result)
  return result
end

local function main()
  local list, plain = chosen_rows(), servers.start_plain()
  local is_whole = not arg[1] and not os.getenv "BENCH_QUICK"
  same_bytes.check(plain.ca)
  local measured, problems = measure_groups(list, plain)
  local instructions = is_whole and breakdown.measure(plain)
  plain.stop()
  local results = {}
  for i, row in ipairs(list) do
    results[i] = result_of(row, measured, problems)
  end
  print(screen.table(results))
  if is_whole then
    results_file.write(results, machine.facts(), instructions)
  end
end

main()
