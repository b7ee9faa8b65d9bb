--- Walking over lists that come in pages.
---
--- `for item, err in provider:each_...() do`: each round has an item. A page that can not be fetched ends the walk with
--- one last round in which the item is `false` and `err` says why, so that a failure can not pass for the end.

local calls = require "idv.calls"
local core = require "idv.core"
local cycle = require "idv.cycle"
local Error = require "idv.error"
local options = require "idv.options"
local task = require "idv.task"

local paging = {}

-- Pages without an item that are passed over in a row. Providers filter a page after it was cut, so there may be many.
local MOST_EMPTY = 1000

--- What an item is known by: its id, or its address without the query, which is signed anew each time.
local function name_of(item)
  local name = item.id or item.url
  return type(name) == "string" and (name:gsub("%?.*$", "")) or nil
end

--- A text, a short one, that two pages share only when they hold the same items; nil where items have no names.
local function names_of(page)
  local names = {}
  for i, item in ipairs(page.items) do
    names[i] = name_of(item)
    if not names[i] then
      return nil
    end
  end
  return names[1] and core.sha256(table.concat(names, "\n")) or nil
end

--- What is wrong with a page that has come before, or nil: the list would never end.
local function repeated(walk, page)
  local names = names_of(page)
  return names and walk.pages_seen:repeats(names) and "the list would never end: a page has come before" or nil
end

-- How lists are cut into pages. `problem` says what is wrong with a page that has come; `following` makes the
-- parameters of the page after it, gives nil at the end, and nil and a problem where there can be no such page.
local styles = {
  token = {
    problem = repeated,
    following = function(walk, page)
      local field = walk.pages.token
      local token = page[field]
      if token == nil and page.raw[field] ~= nil then
        return nil, ("the %s in the answer is not a text"):format(field)
      elseif token == nil or token == "" then
        return nil
      elseif walk.tokens_seen:repeats(token) then
        return nil, ("the list would never end: its %s has come before"):format(field)
      end
      walk.params[field] = token
      return walk.params
    end,
  },
  offset = {
    problem = function(walk, page)
      local skip = tonumber(walk.params.skip) or 0
      local total = page.total_count
      if type(page.skip) == "number" and page.skip ~= skip then
        return ("the page that came begins at %.0f, not at %.0f"):format(page.skip, skip)
      elseif #page.items == 0 and type(total) == "number" and skip < total then
        return "the list ends before its total_count"
      end
      return repeated(walk, page)
    end,
    following = function(walk, page)
      local skip = (tonumber(walk.params.skip) or 0) + #page.items
      local total = page.total_count
      if #page.items == 0 or (type(total) == "number" and skip >= total) then
        return nil
      end
      walk.params.skip = skip
      return walk.params
    end,
  },
}

--- Puts a value under our name alone, whatever it is spelled like; the provider's own spelling wins, as in any call.
local function respell(params, parameter)
  local value = params[parameter.wire]
  for _, spelling in ipairs(parameter.spellings) do
    if value == nil or value == "" then
      value = params[spelling]
    end
    params[spelling] = nil
  end
  params[parameter.name] = value
end

--- A copy of the parameters, in which what the pages are turned by has our name. What is no table stays as it is: the
--- first call says what is wrong with it.
local function own_params(operation, pages, params)
  if params and type(params) ~= "table" then
    return params
  end
  local own = options.copy(params or {})
  for _, parameter in ipairs(operation.plain.parameters) do
    if parameter.name == (pages.token or "skip") then
      respell(own, parameter)
    end
  end
  return own
end

--- An iterator whose only round says what is wrong.
---@param err idv.Error
---@return function
function paging.none(err)
  local is_told = false
  return function()
    if is_told then
      return nil
    end
    is_told = true
    return false, err
  end
end

--- Ends a walk with an error about the page that came last.
local function fail(walk, problem)
  walk.params, walk.page = nil, nil
  return false, Error.new {
    kind = "protocol", provider = walk.state.provider.name, operation = walk.operation.name, message = problem,
    outcome = "unknown", attempts = walk.attempts,
  }
end

--- Fetches a page. Returns false and an error when there is none to go on with.
local function fetch(walk)
  local page, err, call = calls.perform(walk.state, walk.operation, walk.params, walk.given, walk.arguments)
  if not page then
    walk.params = nil
    return false, err
  end
  walk.attempts = call:facts().attempts
  core.release(call)
  walk.empty = #page.items == 0 and walk.empty + 1 or 0
  local problem = walk.style.problem(walk, page)
    or walk.empty > MOST_EMPTY and ("%d pages in a row have no item"):format(walk.empty)
  if problem then
    return fail(walk, problem)
  end
  walk.page, walk.position = page, 0
  return true
end

--- Leaves a page behind. Returns false and an error when the list says that it goes on, but can not.
local function turn(walk)
  local params, problem = walk.style.following(walk, walk.page)
  if problem then
    return fail(walk, problem)
  end
  walk.params, walk.page = params, nil
  return true
end

--- Iterates over all items of a list.
---@param state table
---@param pages table     the description's entry: list, by, token
---@param params table?   parameters of the first page
---@param given table?    options of each call
---@param arguments table
---@return function
function paging.each(state, pages, params, given, arguments)
  local operation = state.operations[pages.list]
  local walk = {
    state = state, pages = pages, operation = operation, style = styles[pages.by], given = given,
    params = own_params(operation, pages, params), arguments = arguments, tokens_seen = cycle.new(),
    pages_seen = cycle.new(), empty = 0,
  }
  local first = type(walk.params) == "table" and walk.params[pages.token]
  if type(first) == "string" then
    walk.tokens_seen:repeats(first)
  end
  return function(...)
    task.check_iterator(select("#", ...))
    while walk.params ~= nil do
      if walk.page and walk.page.items[walk.position + 1] then
        walk.position = walk.position + 1
        return walk.page.items[walk.position]
      end
      local ok, err = (walk.page and turn or fetch)(walk)
      if not ok then
        return false, err
      end
    end
    return nil
  end
end

return paging
