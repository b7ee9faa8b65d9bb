--- A request as the simulators see it: what idv.httpd received, and the usual ways to read it.
--
-- Nothing here answers or refuses; a body that cannot be read is nil, and each provider says so in its own
-- words.

local json = require "idv.sandbox.json"
local uri = require "idv.sandbox.uri"

---@class idv.sandbox.Request
---@field method string
---@field path string as in the request line, nothing decoded
---@field query string|nil the same
---@field headers string[][] {name, value} in the order and spelling of the sender
---@field body string
---@field too_large boolean the body was over the ceiling and was not kept
---@field scheme "http"|"https"
---@field port integer
---@field connection integer serial number of the connection
---@field base string scheme, host and port under which the request came in
---@field args table<string, string> the query, decoded
---@field params table<string, string> the placeholders of the route, decoded
local Request = {}
Request.__index = Request

local function base_of(facts, host)
  local safe = host and host:match("^[%w.%-]+:?%d*$") or host and host:match("^%[[%x:]+%]:?%d*$")
  return facts.scheme .. "://" .. (safe or ("127.0.0.1:" .. facts.port))
end

--- Wraps what `idv.httpd` says about a request.
---@param facts table
---@return idv.sandbox.Request
function Request.new(facts)
  local self = setmetatable(facts, Request)
  self.base = base_of(facts, self:header "host")
  self.args = uri.parse_query(facts.query)
  self.params = {}
  return self
end

--- The first header of that name, in any spelling.
---@param name string in lower case
---@return string|nil
function Request:header(name)
  for _, header in ipairs(self.headers) do
    if header[1]:lower() == name then
      return header[2]
    end
  end
  return nil
end

---@return string media type in lower case without parameters, "" when there is none
function Request:content_type()
  return (self:header "content-type" or ""):lower():match("^%s*([^;%s]*)")
end

--- The decoded JSON body; nil when it is not JSON, not called JSON, or no object.
---@return table|nil
function Request:json()
  if self:content_type() ~= "application/json" then
    return nil
  end
  local value = json.decode(self.body)
  return json.is_object(value) and value or nil
end

--- The fields of a form; nil when the body is not called a form.
---@return table<string, string>|nil
function Request:form()
  if self:content_type() ~= "application/x-www-form-urlencoded" then
    return nil
  end
  return uri.parse_query(self.body)
end

return Request
