--- Answers that come compressed: asked for once, and read like any other.

local idv = require "idv"
local socket = require "socket"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

-- {"id":"sess_1","session_url":"https://example.com/s"}, stored in a gzip stream.
local TEXT = '{"id":"sess_1","session_url":"https://example.com/s"}'
local GZIP = "\31\139\8\0\0\0\0\0\0\255\1\53\0\202\255" .. TEXT .. "\211\163\6\184\53\0\0\0"

local HEAD = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"

--- Calls until it returns something, while idv moves on.
local function wait_for(get)
  for _ = 1, 2000 do
    local got = get()
    if got then
      return got
    end
    idv.step(0.005)
  end
  error "it did not come"
end

--- What create_session returns when the server answers with these bytes, and the lines that the server was sent.
local function answered_with(body)
  local listener = assert(socket.bind("127.0.0.1", 0))
  listener:settimeout(0)
  local _, port = listener:getsockname()
  local deepidv = idv.deepidv {
    api_key = "live_1", base_url = ("http://127.0.0.1:%d"):format(port), allow_http = true, max_retries = 0,
  }
  local task = idv.spawn(function() return deepidv:create_session(ada) end)
  local connection = wait_for(function() return (listener:accept()) end)
  connection:settimeout(5)
  local lines = {}
  repeat
    lines[#lines + 1] = assert(connection:receive "*l")
  until lines[#lines] == ""
  connection:send(HEAD:format(#body) .. body)
  local session, err = task:result()
  connection:close()
  listener:close()
  return session, err, lines
end

describe("a compressed answer", function()
  it("is asked for with one line and decoded", function()
    local session, err, lines = answered_with(GZIP)
    assert.is_nil(err)
    assert.are_equal("sess_1", session.id)
    local asked = 0
    for _, line in ipairs(lines) do
      asked = asked + (line:lower():find "^accept%-encoding:" and 1 or 0)
    end
    assert.are_equal(1, asked)
    assert.are_equal("Accept-Encoding: gzip", lines[3])
  end)

  it("that is damaged is no answer", function()
    local session, err = answered_with(GZIP:gsub("sess_1", "sess_2"))
    assert.is_nil(session)
    assert.are_equal("protocol", err.kind)
    assert.are_equal("unknown", err.outcome)
  end)
end)
