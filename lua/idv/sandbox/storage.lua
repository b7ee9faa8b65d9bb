--- The file storage to which the providers' pre-signed URLs lead.
--
-- A URL carries its own permission: a random token, an end, and a signature over both and the path, so
-- nothing has to be remembered per URL. As with real storage of that kind a request that brings an
-- Authorization header besides is refused with 400: a client that sends its credentials there is mistaken.
-- Errors are XML, as such storage answers.

local httpd = require "idv.httpd"
local ids = require "idv.sandbox.ids"
local reply = require "idv.sandbox.reply"
local uri = require "idv.sandbox.uri"

---@class idv.sandbox.Storage
local Storage = {}
Storage.__index = Storage

---@param clock idv.sandbox.Clock
---@return idv.sandbox.Storage
function Storage.new(clock)
  return setmetatable({ clock = clock, key = ids.hex(32), sources = {} }, Storage)
end

--- Says who makes the files below `/_storage/<name>/`.
---@param name string
---@param source fun(owner: string, file: string): idv.sandbox.Reply|nil
function Storage:serve(name, source)
  self.sources[name] = source
end

local function sign(self, path, token, ends)
  return httpd.hmac_sha256(self.key, path .. "\n" .. token .. "\n" .. ends)
end

--- A URL that opens one file for a while.
---@param base string
---@param name string
---@param owner string identifier of what the file belongs to
---@param file string
---@param seconds number how long it works
---@return string
function Storage:link(base, name, owner, file, seconds)
  local path = "/_storage/" .. name .. "/" .. owner .. "/" .. file
  local token = ids.hex(16)
  local ends = string.format("%.0f", math.floor(self.clock:now() + seconds))
  return base .. path .. "?" .. uri.build_query {
    { "X-Sandbox-Token", token }, { "X-Sandbox-Ends", ends },
    { "X-Sandbox-Signature", sign(self, path, token, ends) },
  }
end

local function refuse(status, code, message)
  local body = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>' .. code .. "</Code><Message>"
    .. message .. "</Message></Error>\n"
  return reply.new(status, "application/xml", body)
end

--- Answers a request for a file.
---@param request idv.sandbox.Request
---@return idv.sandbox.Reply
function Storage:fetch(request)
  local args, params = request.args, request.params
  if request:header "authorization" then
    return refuse(400, "InvalidArgument", "This URL is its own authorization; send no Authorization header.")
  end
  local token, ends = args["X-Sandbox-Token"] or "", args["X-Sandbox-Ends"] or ""
  if args["X-Sandbox-Signature"] ~= sign(self, request.path, token, ends) then
    return refuse(403, "SignatureDoesNotMatch", "The signature does not fit this URL.")
  elseif self.clock:now() > tonumber(ends) then
    return refuse(403, "AccessDenied", "This URL has expired.")
  end
  local source = self.sources[params.name]
  return source and source(params.owner, params.file) or refuse(404, "NoSuchKey", "There is no such file.")
end

-- The smallest picture there is: one pixel, PNG.
local pixel = ("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
  .. "0000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"):gsub("%x%x", function(digits)
  return string.char(tonumber(digits, 16))
end)

--- An answer with a picture.
---@return idv.sandbox.Reply
function Storage.picture()
  return reply.new(200, "image/png", pixel)
end

--- The route under which files are fetched.
---@param name string of the provider it is listed under
---@return table route in the form {method, template, operation, handler}
function Storage:route(name)
  return { "GET", "/_storage/" .. name .. "/{owner}/{file}", "storage_fetch", function(request)
    request.params.name = name
    return self:fetch(request)
  end }
end

return Storage
