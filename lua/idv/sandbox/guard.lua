--- Keeps web pages of other origins out of the sandbox.
--
-- The sandbox listens on loopback without credentials, so a page of any site that the same machine's browser has open
-- could reach it. Three headers that a browser sets and a page cannot change tell such a request: Host (a name that
-- leads here by DNS rebinding), Origin and Sec-Fetch-Site. Programs that are no browsers send at most Host.
-- A link that leads from another site to a hosted page is how an applicant comes, so that is let in.

local reply = require "idv.sandbox.reply"

local guard = {}

local loopback = { ["127.0.0.1"] = true, ["localhost"] = true, ["[::1]"] = true }

-- What Sec-Fetch-Site says of a request that no other page has made: the sandbox's own, or the person at the browser.
local own_sites = { ["same-origin"] = true, none = true }

local function is_own_name(host, more_hosts)
  local name = host:lower():gsub(":%d*$", ""):gsub("%.$", "")
  return loopback[name] or name:find "^[%w.-]+%.localhost$" or more_hosts[name] or false
end

-- Whether another page sends the browser here to show a page, as a provider's link does.
local function is_visit(request, route)
  return request.method == "GET" and request:header "sec-fetch-mode" == "navigate"
    and request:header "sec-fetch-dest" == "document" and route ~= nil and route.operation == "hosted_page"
end

-- The first of the names in the Host headers, more than one of which no browser sends, that is not the sandbox's.
local function strange_host(request, more_hosts)
  for _, header in ipairs(request.headers) do
    if header[1]:lower() == "host" and not is_own_name(header[2], more_hosts) then
      return header[2]
    end
  end
  return nil
end

--- Why a request is refused, or nil.
---@param request idv.sandbox.Request
---@param route idv.sandbox.Route|nil
---@param more_hosts table<string, boolean> names that lead here besides those of loopback, in lower case
---@return string|nil problem
function guard.problem(request, route, more_hosts)
  local host, origin, site = request:header "host", request:header "origin", request:header "sec-fetch-site"
  if strange_host(request, more_hosts) then
    return "the sandbox is not called that: use 127.0.0.1 or localhost, or start it with --host NAME"
  elseif origin and origin:lower() ~= (request.scheme .. "://" .. (host or "")):lower() then
    return "a page of another origin must not use the sandbox"
  elseif site and not own_sites[site:lower()] and not is_visit(request, route) then
    return "a page of another site must not use the sandbox"
  end
  return nil
end

--- The answer to a refused request.
---@param problem string
---@return idv.sandbox.Reply
function guard.refusal(problem)
  return reply.json(403, { problem = problem })
end

--- Adds to an answer what keeps other pages from embedding or guessing at it.
---@param answer idv.sandbox.Reply
---@return idv.sandbox.Reply
function guard.close(answer)
  answer = reply.with_header(answer, "Cross-Origin-Resource-Policy", "same-origin")
  return reply.with_header(answer, "X-Content-Type-Options", "nosniff")
end

return guard
