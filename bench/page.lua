--- Showing the results: the table on the screen, bench/results/latest.json and docs/performance.md.

local cjson = require "cjson"

local page = {}

--- Three figures that count, without an exponent.
local function shown(number, unit)
  local value = number * unit.scale
  local size = math.abs(value)
  local places = size >= 100 and 0 or size >= 10 and 1 or 2
  local text = ("%." .. places .. "f"):format(value)
  return unit.name == "" and text or text .. (unit.name == "/s" and "" or " ") .. unit.name
end

local plain = { name = "", scale = 1 }

local function shown_ratio(result)
  if not result.ratio then
    return "-"
  end
  return ("%s (%s to %s)"):format(shown(result.ratio.median, plain), shown(result.ratio.low, plain),
    shown(result.ratio.high, plain))
end

local function shown_goal(row)
  local goal = row.goal
  if not goal then
    return "-"
  end
  local sign = goal.at_most and "≤" or "≥"
  local limit = goal.at_most or goal.at_least
  if goal.of == "ratio" then
    return ("%s %s x"):format(sign, shown(limit, plain))
  end
  return ("%s %s%s"):format(sign, shown(limit, row.unit), goal.of == "difference" and " more" or "")
end

local function verdict(result)
  if result.is_met == nil then
    return ""
  end
  return result.is_met and "met" or "missed"
end

local heads = { "row", "what", "idv", "reference", "ratio", "goal", "" }

local function cells_of(result)
  local row = result.row
  if result.problem then
    return { tostring(row.number), row.name, "-", "-", "-", shown_goal(row), "not run: " .. result.problem:sub(1, 60) }
  end
  local own = shown(result.idv.median, row.unit) .. (row.idv.contender:match ", (Lua.+)$" and
    (" (%s)"):format(row.idv.contender:match ", (Lua.+)$") or "")
  local other = result.reference and ("%s (%s)"):format(shown(result.reference.median, row.unit),
    row.reference.group == row.idv.group and row.reference.contender or row.reference.group) or "-"
  return { tostring(row.number), row.name, own, other, shown_ratio(result), shown_goal(row), verdict(result) }
end

local function width(text)
  return utf8.len(text)
end

--- The table as lines of text, columns aligned.
---@param results table[]
---@return string
function page.table(results)
  local lines, widths = { heads }, {}
  for _, result in ipairs(results) do
    lines[#lines + 1] = cells_of(result)
  end
  for _, cells in ipairs(lines) do
    for i, cell in ipairs(cells) do
      widths[i] = math.max(widths[i] or 0, width(cell))
    end
  end
  for n, cells in ipairs(lines) do
    local padded = {}
    for i, cell in ipairs(cells) do
      padded[i] = cell .. (" "):rep(widths[i] - width(cell))
    end
    lines[n] = "| " .. table.concat(padded, " | ") .. " |"
  end
  local rule = {}
  for i in ipairs(heads) do
    rule[i] = ("-"):rep(widths[i])
  end
  table.insert(lines, 2, "| " .. table.concat(rule, " | ") .. " |")
  return table.concat(lines, "\n")
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
end

--- Writes everything as JSON, medians and the quarters around them, in base units: seconds, bytes, calls per second.
---@param path string
---@param results table[]
---@param facts string[][]
---@param instructions {name: string, instructions: number}[]
function page.write_json(path, results, facts, instructions)
  local rows = {}
  for i, result in ipairs(results) do
    local row = result.row
    rows[i] = cjson.encode {
      row = row.number, name = row.name, idv_is = row.idv.contender,
      reference_is = row.reference and row.reference.contender,
      figure = row.idv.figure, idv = result.idv, reference = result.reference, ratio = result.ratio, goal = row.goal,
      is_met = result.is_met, problem = result.problem,
    }
  end
  local machine = {}
  for i, fact in ipairs(facts) do
    machine[i] = ("    %s: %s"):format(cjson.encode(fact[1]), cjson.encode(fact[2]))
  end
  local parts = {}
  for i, part in ipairs(instructions) do
    parts[i] = ("    %s: %.0f"):format(cjson.encode(part.name), part.instructions)
  end
  local layout = '{\n  "machine": {\n%s\n  },\n  "instructions": {\n%s\n  },\n  "rows": [\n    %s\n  ]\n}\n'
  write(path, layout:format(table.concat(machine, ",\n"), table.concat(parts, ",\n"), table.concat(rows, ",\n    ")))
end

local function count(results, is_met)
  local number = 0
  for _, result in ipairs(results) do
    number = number + (result.is_met == is_met and 1 or 0)
  end
  return number
end

--- Fills in bench/performance.md and writes the page.
---@param path string
---@param results table[]
---@param facts string[][]
---@param instructions {name: string, instructions: number}[]
function page.write_document(path, results, facts, instructions)
  local machine, parts = {}, {}
  for i, fact in ipairs(facts) do
    machine[i] = ("| %s | %s |"):format(fact[1], fact[2])
  end
  for i, part in ipairs(instructions) do
    parts[i] = ("| %s | %.0f |"):format(part.name, part.instructions)
  end
  local file = assert(io.open "bench/performance.md")
  local template = file:read "a"
  file:close()
  local values = {
    TABLE = page.table(results), MACHINE = table.concat(machine, "\n"), MET = tostring(count(results, true)),
    MISSED = tostring(count(results, false)), INSTRUCTIONS = table.concat(parts, "\n"),
  }
  write(path, (template:gsub("{(%u+)}", values)))
end

return page
