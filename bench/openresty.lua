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

local function ask_by_cosocket(prefix)
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
  return session
end

function handlers.cosocket(prefix)
  say(ask_by_cosocket(prefix))
end

local waiting = { count = 0 }

--- Wakes, once a millisecond, those who wait.
local function tick()
  while waiting.count > 0 do
    for i = 1, waiting.count do
      waiting[i]:post(1)
    end
    waiting.count = 0
    ngx.sleep(0.001)
  end
  waiting.is_ticking = false
end

--- The same, but an answer is seen once a millisecond only, as by everybody whose descriptors nginx does not watch.
function handlers.ticking(prefix)
  local session = ask_by_cosocket(prefix)
  local mine = require("ngx.semaphore").new(0)
  waiting.count = waiting.count + 1
  waiting[waiting.count] = mine
  if not waiting.is_ticking then
    waiting.is_ticking = true
    ngx.timer.at(0.001, tick)
  end
  mine:wait(1)
  say(session)
end

return handlers
