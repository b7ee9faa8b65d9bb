--- Hosted pages: what stands in for the provider's own pages that an applicant visits.
--
-- A page says what it is, and offers the ways in which a real applicant could end it as links; each of them
-- moves the session and sends the browser back (302) the way the provider documents it. Plain HTML without
-- scripts. The pages act on GET because they are links; nothing but the sandbox's own state is at stake.

local reply = require "idv.sandbox.reply"
local uri = require "idv.sandbox.uri"

local hosted = {}

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(text)
  return (tostring(text):gsub("[&<>\"']", entities))
end

--- An HTML page.
---@param status integer
---@param title string
---@param lines string[] paragraphs, as text
---@param links {label: string, href: string}[]|nil
---@return idv.sandbox.Reply
function hosted.page(status, title, lines, links)
  local out = { "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", escape(title),
    "</title></head>\n<body><h1>", escape(title), "</h1>\n" }
  for _, line in ipairs(lines) do
    out[#out + 1] = "<p>" .. escape(line) .. "</p>\n"
  end
  out[#out + 1] = "<ul>\n"
  for _, link in ipairs(links or {}) do
    out[#out + 1] = '<li><a href="' .. escape(link.href) .. '">' .. escape(link.label) .. "</a></li>\n"
  end
  out[#out + 1] = "</ul></body></html>\n"
  return reply.new(status, "text/html; charset=utf-8", table.concat(out))
end

---@class idv.sandbox.HostedFlow
---@field template string route of the page, with the placeholder {token}
---@field title string
---@field find fun(token: string): table|nil the session that a token opens
---@field is_open fun(session: table): boolean whether the applicant can still do something
---@field open fun(session: table) called when the page is looked at
---@field outcomes {name: string, label: string, reason: string|nil}[]
---@field choose fun(session: table, outcome: table, reason: string|nil, request: idv.sandbox.Request): string

local function gone(flow)
  return hosted.page(410, flow.title, { "This link is no longer in use." })
end

local function show(flow, request)
  local session = flow.find(request.params.token)
  if not session then
    return hosted.page(404, flow.title, { "There is no such session." })
  elseif not flow.is_open(session) then
    return gone(flow)
  end
  flow.open(session)
  local links = {}
  for _, outcome in ipairs(flow.outcomes) do
    local query = uri.build_query { { "reason", outcome.reason } }
    links[#links + 1] = {
      label = outcome.label,
      href = request.path .. "/" .. outcome.name .. (query ~= "" and "?" .. query or ""),
    }
  end
  return hosted.page(200, flow.title, { "A page of the sandbox. How does the applicant end this?" }, links)
end

local function choose(flow, request)
  local session = flow.find(request.params.token)
  if not session then
    return hosted.page(404, flow.title, { "There is no such session." })
  elseif not flow.is_open(session) then
    return gone(flow)
  end
  for _, outcome in ipairs(flow.outcomes) do
    if outcome.name == request.params.outcome then
      return reply.redirect(flow.choose(session, outcome, request.args.reason or outcome.reason, request))
    end
  end
  return hosted.page(404, flow.title, { "A session does not end that way." })
end

--- The two routes of a hosted flow: the page, and the choice of an outcome.
---@param flow idv.sandbox.HostedFlow
---@return table[] routes in the form {method, template, operation, handler}
function hosted.routes(flow)
  return {
    { "GET", flow.template, "hosted_page", function(request) return show(flow, request) end },
    { "GET", flow.template .. "/{outcome}", "hosted_outcome", function(request)
      return choose(flow, request)
    end },
  }
end

return hosted
