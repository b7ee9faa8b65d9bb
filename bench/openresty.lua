--- The handlers of the benchmark in OpenResty: each makes one call to the server in C and answers with what came of it,
--- once by idv and once by a client on cosockets that does the same by hand.

local applicant = require "bench.applicant"
local cjson = require "cjson"

local handlers = {}

local url = os.getenv "BENCH_URL"
local host, port = url:match "^http://([^:]+):(%d+)$"

local function say(session)
  local body = cjson.encode { id = session.id }
  ngx.status = 201 -- luacheck: ignore 122
  ngx.header["Content-Length"] = #body -- luacheck: ignore 122
  ngx.print(body)
end

--- Answers without asking anybody: what nginx and Lua take for themselves.
function handlers.nothing()
  say { id = "sess_01HZX3V9K2J4M5N6P7Q8R9S0T1" }
end

local objects = {}
for _, prefix in ipairs { "", "/late" } do
  objects[prefix] = applicant.provider(
    { url = url .. prefix .. "/v1/sessions", ca = os.getenv "BENCH_CA" }, { max_connections = 1000 })
end

function handlers.idv(prefix)
  local session, err = objects[prefix]:create_session(applicant.params)
  applicant.check(session, err)
  say(session)
end

local request = "POST %s/v1/sessions HTTP/1.1\r\nHost: %s:%s\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
  .. "Content-Type: application/json\r\nx-api-key: live_bench\r\nContent-Length: %d\r\n\r\n%s"

--- Reads the head of an answer; returns its status and the length of its body.
local function read_head(connection)
  local line = assert(connection:receive "*l")
  local status, length = tonumber(line:match "^HTTP/1%.%d (%d+)"), 0
  repeat
    line = assert(connection:receive "*l")
    length = tonumber(line:match "^[Cc]ontent%-[Ll]ength: *(%d+)") or length
  until line == ""
  return status, length
end

function handlers.cosocket(prefix)
  local connection = ngx.socket.tcp()
  connection:settimeouts(5000, 30000, 30000)
  assert(connection:connect(host, tonumber(port), { pool_size = 1000 }))
  local body = cjson.encode(applicant.fields())
  assert(connection:send(request:format(prefix, host, port, #body, body)))
  local status, length = read_head(connection)
  local session = cjson.decode((assert(connection:receive(length))))
  assert(connection:setkeepalive(45000, 1000))
  assert(status == 201)
  applicant.check(session)
  say(session)
end

return handlers
