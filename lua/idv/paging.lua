--- Walking over lists that come in pages.
---
--- `for item, err in provider:each_...() do`: each round has an item. A page that can not be fetched ends the walk with
--- one last round in which the item is `false` and `err` says why, so that a failure can not pass for the end.

local calls = require "idv.calls"
local task = require "idv.task"

local paging = {}

--- The parameters of the page after this one, or nil at the end.
local next_params = {
  token = function(pages, params, page)
    local token = page[pages.token]
    if token == nil or token == "" then
      return nil
    end
    params[pages.token] = token
    return params
  end,
  offset = function(_, params, page)
    local skip = (params.skip or 0) + #page.items
    local total = page.total_count
    if #page.items == 0 or (type(total) == "number" and skip >= total) then
      return nil
    end
    params.skip = skip
    return params
  end,
}

local function copy(params)
  local own = {}
  for name, value in pairs(params or {}) do
    own[name] = value
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

--- Iterates over all items of a list.
---@param state table
---@param pages table     the description's entry: list, by, token
---@param params table?   parameters of the first page
---@param given table?    options of each call
---@param arguments table
---@return function
function paging.each(state, pages, params, given, arguments)
  local operation = state.operations[pages.list]
  local wanted, page, position = copy(params), nil, 0
  return function(...)
    task.check_iterator(select("#", ...))
    while wanted or page do
      if page and page.items[position + 1] then
        position = position + 1
        return page.items[position]
      end
      if page then
        wanted, page = next_params[pages.by](pages, wanted, page), nil
      else
        local err
        page, err = calls.perform(state, operation, wanted, given, arguments)
        position = 0
        if not page then
          wanted = nil
          return false, err
        end
      end
    end
    return nil
  end
end

return paging
