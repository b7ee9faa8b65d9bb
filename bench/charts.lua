--- `make bench-charts`: puts the numbers of bench/results/latest.json into docs/performance.md and draws docs/charts
--- with gnuplot. It measures nothing. The words of the page are written by hand, and stay.

local results = require("bench.results").read()
local summary = require "bench.summary"

local PAGE = "docs/performance.md"
local BEGINS, ENDS = "<!-- numbers: make bench-charts -->\n", "\n<!-- end of numbers -->"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
end

--- Replaces what stands between the two comments of the page.
local function fill_in_table()
  local page = read(PAGE)
  local _, before = page:find(BEGINS, 1, true)
  local after = page:find(ENDS, 1, true)
  assert(before and after, PAGE .. " has lost its comments")
  write(PAGE, page:sub(1, before) .. summary.table(results) .. page:sub(after))
end

--- A chart's bars, a group a line: the label, then the value and the text of each bar.
local function data_of(chart)
  local lines = {}
  for i, group in ipairs(chart.groups) do
    local cells = { group.label }
    for _, bar in ipairs(group) do
      cells[#cells + 1] = ("%.9g\t%s"):format(bar.value, bar.text)
    end
    lines[i] = table.concat(cells, "\t")
  end
  return table.concat(lines, "\n") .. "\n"
end

local function draw(chart)
  local data = os.tmpname()
  write(data, data_of(chart))
  local settings = ("data = '%s'; output = 'docs/charts/%s.svg'; heading = '%s'; groups = %d; names = '%s'"):format(
    data, chart.name, chart.title, #chart.groups, table.concat(chart.series, "|"))
  local command = ("gnuplot -e \"%s\" bench/bars.gnuplot"):format(settings)
  local done = os.execute(command)
  os.remove(data)
  assert(done == true or done == 0, "gnuplot failed: " .. command)
  print("  SVG docs/charts/" .. chart.name .. ".svg")
end

fill_in_table()
for _, chart in ipairs(summary.charts(results)) do
  draw(chart)
end
