--- Finds the route of a request.
--
-- A template such as `/v1/sessions/{id}` matches segment by segment; a placeholder takes one segment that is
-- not empty. A fixed segment is preferred to a placeholder. The template, not the path, goes into the log,
-- because a path holds identifiers of persons' sessions.

local uri = require "idv.sandbox.uri"

---@class idv.sandbox.Route
---@field method string
---@field template string
---@field provider string
---@field operation string
---@field handle fun(request: idv.sandbox.Request): idv.sandbox.Reply

---@class idv.sandbox.Router
local Router = {}
Router.__index = Router

---@return idv.sandbox.Router
function Router.new()
  return setmetatable({ root = { fixed = {} } }, Router)
end

-- The node below `node` for a segment of a template, made when missing.
local function child_for(node, segment)
  if segment:match("^{.*}$") then
    node.any = node.any or { fixed = {} }
    return node.any
  end
  node.fixed[segment] = node.fixed[segment] or { fixed = {} }
  return node.fixed[segment]
end

---@param route idv.sandbox.Route
function Router:add(route)
  local node, names = self.root, {}
  for segment in route.template:gmatch("[^/]+") do
    node = child_for(node, segment)
    names[#names + 1] = segment:match("^{(.*)}$")
  end
  node.routes = node.routes or {}
  assert(not node.routes[route.method], "two routes for " .. route.method .. " " .. route.template)
  node.routes[route.method] = { route = route, names = names }
end

local function descend(node, segments, at, values)
  local segment = segments[at]
  if segment == nil then
    return node.routes and node or nil
  end
  local found = node.fixed[segment] and descend(node.fixed[segment], segments, at + 1, values)
  if not found and node.any and segment ~= "" then
    values[#values + 1] = uri.decode(segment)
    found = descend(node.any, segments, at + 1, values)
    if not found then
      values[#values] = nil
    end
  end
  return found
end

-- The segments of a path; a slash at the end leaves an empty one, which no template matches.
local function split(path)
  local segments, from = {}, 2
  repeat
    local slash = path:find("/", from, true)
    segments[#segments + 1] = path:sub(from, (slash or 0) - 1)
    from = slash and slash + 1
  until not from
  return segments
end

--- Finds the route for a method and a path.
---@param method string
---@param path string
---@return idv.sandbox.Route|nil route
---@return table<string, string>|string[]|nil values of the placeholders, or the methods the path knows
function Router:find(method, path)
  local values, params = {}, {}
  local node = descend(self.root, split(path), 1, values)
  if not node then
    return nil, nil
  end
  local entry = node.routes[method]
  if not entry then
    local methods = {}
    for known in pairs(node.routes) do
      methods[#methods + 1] = known
    end
    table.sort(methods)
    return nil, methods
  end
  for i, name in ipairs(entry.names) do
    params[name] = values[i]
  end
  return entry.route, params
end

return Router
