--- All rows as a table on the screen, columns aligned.

local format = require "bench.format"

local screen = {}

local heads = { "row", "what", "idv", "reference", "ratio", "goal", "" }

local function shown_ratio(ratio)
  if not ratio then
    return "-"
  end
  return ("%s (%s to %s)"):format(format.ratio(ratio.median), format.ratio(ratio.low), format.ratio(ratio.high))
end

local function cells_of(result)
  local row = result.row
  local goal = format.goal(row.goal, row.unit)
  if result.problem then
    return { tostring(row.number), row.name, "-", "-", "-", goal, "not run: " .. result.problem:sub(1, 60) }
  end
  local lua = row.idv.contender:match ", (Lua.+)$"
  local own = format.number(result.idv.median, row.unit) .. (lua and (" (%s)"):format(lua) or "")
  local other = result.reference and ("%s (%s)"):format(format.number(result.reference.median, row.unit),
    row.reference.group == row.idv.group and row.reference.contender or row.reference.group) or "-"
  return { tostring(row.number), row.name, own, other, shown_ratio(result.ratio), goal, format.verdict(result.is_met) }
end

local function width(text)
  return utf8.len(text)
end

local function widths_of(lines)
  local widths = {}
  for _, cells in ipairs(lines) do
    for i, cell in ipairs(cells) do
      widths[i] = math.max(widths[i] or 0, width(cell))
    end
  end
  return widths
end

--- The table as lines of text.
---@param results table[]
---@return string
function screen.table(results)
  local lines = { heads }
  for _, result in ipairs(results) do
    lines[#lines + 1] = cells_of(result)
  end
  local widths = widths_of(lines)
  for n, cells in ipairs(lines) do
    local padded = {}
    for i, cell in ipairs(cells) do
      padded[i] = cell .. (" "):rep(widths[i] - width(cell))
    end
    lines[n] = table.concat(padded, "  ")
  end
  return table.concat(lines, "\n")
end

return screen
