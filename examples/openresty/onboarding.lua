--- The handlers of an onboarding flow. nginx.conf beside this file says which address each of them answers.
---
--- Nothing here says how to wait: idv finds OpenResty by itself, and a worker goes on serving while a call is in
--- flight. The state is kept in a shared dictionary; a real program would keep it in its database.

local cjson = require "cjson.safe"
local idv = require "idv"

local onboarding = {}

local provider = idv.deepidv {
  api_key = os.getenv "DEEPIDV_API_KEY",
  webhook_secret = os.getenv "DEEPIDV_WEBHOOK_SECRET",
  base_url = os.getenv "DEEPIDV_BASE_URL",
  ca_file = os.getenv "DEEPIDV_CA_FILE",
  timeout = 10,
  max_connections = 1000,
}

-- Where deepIDV sends applicants back to; without it they end on a page of deepIDV's.
local redirect_url = os.getenv "REDIRECT_URL"

local function say(status, body)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.say(cjson.encode(body))
  return ngx.exit(status)
end

--- What the applicant is told. The log gets the error, which never holds anything about them.
local function say_error(err)
  ngx.log(ngx.WARN, tostring(err))
  if err.kind == "validation" then
    return say(422, { details = err.details })
  elseif err.outcome == "unknown" then
    return say(503, { message = "we are not sure that it worked; please wait before you try again" })
  end
  return say(503, { message = "please try again later" })
end

--- Keeps what is known of a session; a final status is not overwritten by an older one that comes late.
local function remember(session_id, status, final)
  local known = ngx.shared.onboarding
  local is_settled = known:get("final:" .. session_id)
  if not is_settled then
    known:set("status:" .. session_id, status)
    if final then
      known:set("final:" .. session_id, true)
    end
  end
end

function onboarding.start()
  ngx.req.read_body()
  local applicant = cjson.decode(ngx.req.get_body_data() or "")
  if type(applicant) ~= "table" then
    return say(400, { message = "the body must be a JSON object" })
  end
  local session, err = provider:create_session {
    first_name = applicant.first_name, last_name = applicant.last_name, email = applicant.email,
    phone = applicant.phone, redirect_url = redirect_url,
  }
  if not session then
    return say_error(err)
  end
  remember(session.id, session.status or "created", session.final)
  return say(201, { id = session.id, url = session.url })
end

function onboarding.come_back()
  local back = provider:parse_redirect(ngx.var.request_uri)
  if not back or not back.session_id then
    return say(400, { message = "this is not an address that deepIDV sends applicants to" })
  end
  local session, err = provider:get_session(back.session_id)
  if not session then
    return say_error(err)
  end
  remember(session.id, session.status, session.final)
  return say(200, { id = session.id, status = session.status })
end

--- The body of the request as it came. nginx puts one that is longer than its buffer into a file.
local function raw_body()
  ngx.req.read_body()
  local path = not ngx.req.get_body_data() and ngx.req.get_body_file()
  if not path then
    return ngx.req.get_body_data() or ""
  end
  local file = assert(io.open(path, "rb"))
  local body = file:read "*a"
  file:close()
  return body
end

function onboarding.webhook()
  local event, err = provider:parse_webhook(ngx.req.get_headers(), raw_body())
  if not event then
    ngx.log(ngx.WARN, tostring(err))
    return ngx.exit(err.kind == "signature" and 401 or 400)
  end
  local is_new = ngx.shared.onboarding:add("event:" .. event.id, true, 7 * 86400)
  if is_new and event.status then -- it is about a session, and not about another product of the provider
    remember(event.session_id, event.status, event.final)
  end
  return ngx.exit(204)
end

function onboarding.status()
  local id = ngx.var.arg_id or ""
  local status = ngx.shared.onboarding:get("status:" .. id)
  if not status then
    return say(404, { message = "no such session" })
  end
  return say(200, { id = id, status = status })
end

return onboarding
