--- Where a number of a row comes from: a figure of a contender, or several of them added up.
---
--- What was measured together is added round by round. What was measured in another group comes in as its median, which
--- belongs to no round.

local statistics = require "bench.statistics"

local figures = {}

---@class bench.Figure
---@field group string      what it was measured in
---@field contender string  who it is of; of a sum, what the table calls it
---@field figure string?    which one
---@field terms {factor: number, of: bench.Figure}[]?  of a sum

--- A figure of a contender of a group.
---@param group string
---@param contender string
---@param figure string
---@return bench.Figure
function figures.of(group, contender, figure)
  return { group = group, contender = contender, figure = figure }
end

--- Figures added up, each times its factor. The table calls it by `name`.
---@param name string
---@param terms {factor: number, of: bench.Figure}[]
---@return bench.Figure
function figures.sum(name, terms)
  return { group = terms[1].of.group, contender = name, terms = terms }
end

--- The names of the groups that it is measured in.
---@param source bench.Figure
---@return string[]
function figures.groups(source)
  local names = { source.group }
  for i, term in ipairs(source.terms or {}) do
    names[i] = term.of.group
  end
  return names
end

local function add_round_by_round(values, factor, own)
  for round = 1, #own do
    values[round] = (values[round] or 0) + factor * own[round]
  end
end

local function add_to_all(values, number)
  for round = 1, #values do
    values[round] = values[round] + number
  end
end

--- Its values, one for each round of its group.
---@param measured table<string, table<string, table[]>>
---@param source bench.Figure
---@return number[]
function figures.values(measured, source)
  local values, others = {}, 0
  if not source.terms then
    for round, told in ipairs(measured[source.group][source.contender]) do
      values[round] = told[source.figure]
    end
    return values
  end
  for _, term in ipairs(source.terms) do
    local own = figures.values(measured, term.of)
    if term.of.group == source.group then
      add_round_by_round(values, term.factor, own)
    else
      others = others + term.factor * statistics.summary(own).median
    end
  end
  add_to_all(values, others)
  return values
end

return figures
