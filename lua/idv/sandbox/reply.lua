--- Answers: what a handler returns, and the usual ways to make one.
--
-- An answer is a table of status, headers (a list of {name, value}) and body, and may carry the fields that
-- idv.httpd understands besides (filler, tail).

local json = require "idv.sandbox.json"

local reply = {}

---@class idv.sandbox.Reply
---@field status integer
---@field headers string[][]
---@field body string

---@param status integer
---@param content_type string|nil
---@param body string|nil
---@return idv.sandbox.Reply
function reply.new(status, content_type, body)
  local headers = content_type and { { "Content-Type", content_type } } or {}
  return { status = status, headers = headers, body = body or "" }
end

---@param status integer
---@param value any
---@return idv.sandbox.Reply
function reply.json(status, value)
  return reply.new(status, "application/json", json.encode(value))
end

---@param status integer
---@param text string
---@return idv.sandbox.Reply
function reply.text(status, text)
  return reply.new(status, "text/plain; charset=utf-8", text)
end

---@param status integer
---@return idv.sandbox.Reply
function reply.empty(status)
  return reply.new(status)
end

---@param location string
---@return idv.sandbox.Reply
function reply.redirect(location)
  return reply.with_header(reply.new(302), "Location", location)
end

--- Adds a header to an answer.
---@param answer idv.sandbox.Reply
---@param name string
---@param value string
---@return idv.sandbox.Reply answer
function reply.with_header(answer, name, value)
  answer.headers[#answer.headers + 1] = { name, value }
  return answer
end

return reply
