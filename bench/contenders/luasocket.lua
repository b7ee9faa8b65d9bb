--- LuaSocket and LuaSec with lua-cjson, one call after the other on one connection that is kept: what socket.http does,
--- by its own low-level functions, since socket.http itself closes the connection after each request.

local applicant = require "bench.applicant"
local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"

--- A socket that sends at once and, where there are parameters for it, speaks TLS from the moment it is connected.
local function opener(tls)
  return function()
    local connection = { socket = assert(socket.tcp()) }
    function connection:connect(host, port)
      assert(self.socket:connect(host, port))
      assert(self.socket:setoption("tcp-nodelay", true))
      if tls then
        self.socket = assert(require("ssl").wrap(self.socket, tls))
        assert(self.socket:dohandshake())
      end
      return 1
    end
    return setmetatable(connection, {
      __index = function(_, name)
        return function(self, ...)
          return self.socket[name](self.socket, ...)
        end
      end,
    })
  end
end

return function(settings)
  local scheme, host, port, path = settings.url:match "^(%w+)://([^:]+):(%d+)(.*)$"
  local connection = http.open(host, tonumber(port), opener(scheme == "https" and {
    mode = "client", protocol = "any", verify = "peer", cafile = settings.ca,
    options = { "all", "no_sslv2", "no_sslv3" },
  }))
  local function call()
    local body = cjson.encode(applicant.fields())
    local headers = { host = host .. ":" .. port }
    for name, value in pairs(applicant.headers(#body)) do
      headers[name:lower()] = value
    end
    connection:sendrequestline("POST", path)
    connection:sendheaders(headers)
    connection:sendbody(headers, ltn12.source.string(body))
    local code = connection:receivestatusline()
    local answered = connection:receiveheaders()
    local parts = {}
    connection:receivebody(answered, (ltn12.sink.table(parts)))
    assert(code == 201)
    applicant.check(cjson.decode(table.concat(parts)))
  end
  return function(calls)
    for _ = 1, calls do
      call()
    end
  end
end
