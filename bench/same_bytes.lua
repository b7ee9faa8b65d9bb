--- Makes sure that what is compared sends the same: one request of each is caught by a server of our own, and nothing
--- is measured unless they are equal to the last byte.

local contender = require "bench.contender"
local groups = require "bench.groups"
local socket = require "socket"

local same_bytes = {}

-- Each against idv on Lua 5.4, whose name is in the header of every one.
local references = {
  { group = "http", contender = "libcurl in C" },
  { group = "http", contender = "idv's engine in C" },
  { group = "many_64", contender = "curl_multi in C" },
}

local ANSWER = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
local SESSION = '{"id":"sess_01HZX3V9K2J4M5N6P7Q8R9S0T1","session_url":"https:\\/\\/verify.example\\/s\\/1"}'

--- Reads one request from a connection: all bytes of it.
local function receive(connection)
  local lines, length = {}, 0
  repeat
    local line = assert(connection:receive "*l")
    lines[#lines + 1] = line
    length = tonumber(line:match "^[Cc]ontent%-[Ll]ength: (%d+)") or length
  until line == ""
  return table.concat(lines, "\n") .. "\n" .. assert(connection:receive(length))
end

--- The request that a contender sends.
local function request_of(listener, described)
  local one = contender.start(described.command, described.environment, described.part)
  one:ask(1)
  local connection = assert(listener:accept())
  connection:settimeout(10)
  local request = receive(connection)
  assert(connection:send(ANSWER:format(#SESSION, SESSION)))
  one:answer(1)
  one:stop()
  connection:close()
  return request
end

local function contenders_of(group, url, ca)
  return groups[group].contenders { http = url, https = url, ca = ca, folder = "" }
end

--- Throws when a reference sends anything else than idv does.
---@param ca string  a file of certificates, which libcurl wants to read
function same_bytes.check(ca)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(10)
  local _, port = listener:getsockname()
  local url = "http://127.0.0.1:" .. port
  local own = request_of(listener, contenders_of("http", url, ca)["idv, Lua 5.4"])
  for _, reference in ipairs(references) do
    local described = contenders_of(reference.group, url, ca)[reference.contender]
    described.environment.BENCH_FLIGHT = described.environment.BENCH_FLIGHT and 1
    local other = request_of(listener, described)
    if other ~= own then
      error(("%s sends another request than idv:\n%s\n---- idv:\n%s"):format(reference.contender, other, own), 0)
    end
  end
  listener:close()
end

return same_bytes
