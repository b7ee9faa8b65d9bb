--- docs/performance.md shows the numbers of bench/results/latest.json: few of them, in its table and its charts, and
--- nowhere else.

local files = require "spec.support.files"
local results = require("bench.results").read()
local summary = require "bench.summary"

local page = files.read "docs/performance.md"

describe("docs/performance.md", function()
  local table_of_page, words

  setup(function()
    local before, numbers, after = page:match "^(.-)<!%-%- numbers: [^\n]+ %-%->\n(.-)\n<!%-%- end of numbers %-%->\n(.*)$"
    table_of_page, words = numbers, before .. after
  end)

  it("has the table that `make bench-charts` writes", function()
    assert.are_equal(summary.table(results), table_of_page)
  end)

  it("has twelve rows at most", function()
    local _, count = table_of_page:gsub("\n| %d+ |", "")
    assert.is_true(count > 0 and count <= 12, tostring(count))
  end)

  it("has no figure of the run among its words, where it would stay behind", function()
    for _, pattern in ipairs { "%d ?µs", "%d ?[KM]iB", "%d/s", "%d%.%d+ x", "%d%.%d%d" } do
      assert.is_nil(words:match(pattern), pattern)
    end
  end)

  it("shows two or three charts, and no other lies beside them", function()
    local shown = {}
    for name in page:gmatch "!%[[^%]]+%]%(charts/([%w_]+)%.svg%)" do
      shown[#shown + 1] = name
    end
    assert.is_true(#shown == 2 or #shown == 3, tostring(#shown))
    local drawn, there = {}, {}
    for i, chart in ipairs(summary.charts(results)) do
      drawn[i] = chart.name
    end
    for i, name in ipairs(files.names_in "docs/charts") do
      there[i] = name:match "^(.+)%.svg$"
    end
    table.sort(shown)
    table.sort(drawn)
    assert.are_same(drawn, shown)
    assert.are_same(drawn, there)
  end)
end)

describe("the chart", function()
  --- The texts of an SVG file, in its order.
  local function texts_of(svg)
    local texts = {}
    for text in svg:gmatch "<text>(.-)</text>" do
      texts[#texts + 1] = (text:gsub("<.->", ""):gsub("&#39;", "'"):match "^%s*(.-)%s*$")
    end
    return texts
  end

  --- What is written at the bars of a chart: a series after the other, and then the labels of the groups.
  local function expected(chart)
    local texts = {}
    for i in ipairs(chart.series) do
      for _, group in ipairs(chart.groups) do
        texts[#texts + 1] = group[i].text
      end
    end
    return texts
  end

  for _, chart in ipairs(summary.charts(results)) do
    it(chart.name .. " has the numbers of the last run at its bars: else `make bench-charts`", function()
      local texts = texts_of(files.read(("docs/charts/%s.svg"):format(chart.name)))
      local wanted, found, is_wanted = expected(chart), {}, {}
      for _, text in ipairs(wanted) do
        is_wanted[text] = true
      end
      for _, text in ipairs(texts) do
        found[#found + 1] = is_wanted[text] and text or nil
      end
      assert.are_same(wanted, found)
      assert.is_truthy(table.concat(texts, "\n"):find(chart.title, 1, true))
    end)
  end
end)
