--- The applicant of every request, and the object that sends it. CONTENDER_BODY of bench/contender.h is what becomes of
--- the applicant.

local applicant = {}

applicant.params = {
  first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
  external_id = "order-1001",
}

applicant.body = '{"first_name":"Ada","last_name":"Example","email":"ada@example.com","phone":"+15192223333",'
  .. '"external_id":"order-1001"}'

--- Sends and reads by hand, for clients that know nothing of deepIDV.
function applicant.fields()
  return {
    first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
    external_id = "order-1001",
  }
end

--- What applicant.fields is sent with.
function applicant.headers(length)
  return {
    ["User-Agent"] = "bench", Accept = "application/json", ["Accept-Encoding"] = "gzip",
    ["Content-Type"] = "application/json", ["x-api-key"] = "live_bench", ["Content-Length"] = length,
  }
end

--- An object of idv that speaks to the server of the benchmark.
---@param settings table
---@param more table?  options
function applicant.provider(settings, more)
  local options = {
    api_key = "live_bench", base_url = settings.url:match "^(.*)/v1/sessions$", ca_file = settings.ca,
    allow_http = true, timeout = 120,
  }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return require("idv").deepidv(options)
end

--- Raises unless a call brought a session.
function applicant.check(session, err)
  if not session or session.id ~= "sess_01HZX3V9K2J4M5N6P7Q8R9S0T1" then
    error("no session: " .. tostring(err), 2)
  end
end

return applicant
