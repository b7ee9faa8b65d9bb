--- bench/results/latest.json: every row of the last whole run, with the machine and the instructions of a call.
---
--- Numbers are medians and the quarters around them, in base units: seconds, bytes, calls per second.

local cjson = require "cjson"

local results = {}

local PATH = "bench/results/latest.json"

-- A row a line, so that a difference between two runs can be read.
local layout = '{\n  "machine": {\n%s\n  },\n  "instructions": {\n%s\n  },\n  "rows": [\n    %s\n  ]\n}\n'

local function encode_row(result)
  local row = result.row
  return cjson.encode {
    row = row.number, name = row.name, idv_is = row.idv.contender,
    reference_is = row.reference and row.reference.contender,
    figure = row.idv.figure, idv = result.idv, reference = result.reference, ratio = result.ratio, goal = row.goal,
    is_met = result.is_met, problem = result.problem,
  }
end

local function each(list, encode)
  local texts = {}
  for i, item in ipairs(list) do
    texts[i] = encode(item)
  end
  return texts
end

--- Writes the file.
---@param measured table[]  one for each row
---@param facts string[][]  the machine
---@param instructions {name: string, instructions: number}[]
function results.write(measured, facts, instructions)
  local machine = each(facts, function(fact)
    return ("    %s: %s"):format(cjson.encode(fact[1]), cjson.encode(fact[2]))
  end)
  local parts = each(instructions, function(part)
    return ("    %s: %.0f"):format(cjson.encode(part.name), part.instructions)
  end)
  local file = assert(io.open(PATH, "w"))
  assert(file:write(layout:format(table.concat(machine, ",\n"), table.concat(parts, ",\n"),
    table.concat(each(measured, encode_row), ",\n    "))))
  assert(file:close())
end

--- What the file says.
---@return {machine: table<string, string>, instructions: table<string, number>, rows: table[]}
function results.read()
  local file = assert(io.open(PATH))
  local text = file:read "*a"
  file:close()
  return cjson.decode(text)
end

return results
