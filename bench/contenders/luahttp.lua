--- lua-http with lua-cjson, one call after the other on one connection that is kept.

local applicant = require "bench.applicant"
local cjson = require "cjson"
local client = require "http.client"
local new_headers = require("http.headers").new

local function tls_context(settings)
  local context = require("openssl.ssl.context").new("TLS", false)
  local store = require("openssl.x509.store").new()
  store:add(settings.ca)
  context:setStore(store)
  context:setVerify(context.VERIFY_PEER)
  return context
end

return function(settings)
  local scheme, host, port, path = settings.url:match "^(%w+)://([^:]+):(%d+)(.*)$"
  local is_tls = scheme == "https"
  local connection = assert(client.connect {
    host = host, port = tonumber(port), tls = is_tls, ctx = is_tls and tls_context(settings) or nil, version = 1.1,
  })
  local function call()
    local body = cjson.encode(applicant.fields())
    local headers = new_headers()
    headers:append(":method", "POST")
    headers:append(":scheme", scheme)
    headers:append(":authority", host .. ":" .. port)
    headers:append(":path", path)
    for name, value in pairs(applicant.headers(#body)) do
      headers:append(name:lower(), tostring(value))
    end
    local stream = connection:new_stream()
    assert(stream:write_headers(headers, false))
    assert(stream:write_chunk(body, true))
    local answered = assert(stream:get_headers())
    assert(answered:get ":status" == "201")
    applicant.check(cjson.decode((assert(stream:get_body_as_string()))))
  end
  return function(calls)
    for _ = 1, calls do
      call()
    end
  end
end
