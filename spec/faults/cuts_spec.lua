--- Every kind of answer, cut at every byte: closed and reset, over plain connections, TLS and HTTP/2, for each class of
--- operation. A call never throws, never succeeds with a part, and says what is known of the request.

local answers = require "spec.support.answers"
local Error = require "idv.error"
local faults = require "spec.support.faults"
local host = require "idv.host"
local idv = require "idv"
local level = require "spec.support.level"
local lfs = require "lfs"

-- A libcurl that does not ask before it sends is not let speak it.
local speaks_http2 = require("idv.core").versions.asks_first

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

-- Under a sanitizer or valgrind a call takes a hundred times as long.
local STRIDE = level.is_plain and not os.getenv "IDV_COLLECTOR" and 1 or 13

local doors = {
  plain = { name = "scripted", scheme = "http" },
  tls = { name = "tls-scripted", scheme = "https" },
  http2 = { name = "h2-scripted", scheme = "https" },
}

-- ---- the operations ----

local function options(door, more)
  more.base_url = ("%s://127.0.0.1:%d"):format(door.scheme, faults.door(door.name))
  more.allow_http, more.ca_file, more.max_retries = true, faults.authority(), 0
  more.http_version = door == doors.http2 and "2" or nil
  return more
end

local report = os.tmpname()

local operations = {
  read = function(door, on_event)
    local deepidv = idv.deepidv(options(door, { api_key = "k", on_event = on_event }))
    return function() return deepidv:get_session "sess_1" end
  end,
  create = function(door, on_event)
    local deepidv = idv.deepidv(options(door, { api_key = "k", on_event = on_event }))
    return function() return deepidv:create_session(ada) end
  end,
  download = function(door, on_event)
    local checkout = idv.checkout(options(door, { secret_key = "sk_1", on_event = on_event }))
    return function() return checkout:get_report("idv_" .. ("a"):rep(26), { path = report }) end
  end,
  token = function(door, on_event)
    local own = options(door, { client_id = "ack_1", client_secret = "s", on_event = on_event })
    own.access_url = own.base_url
    return function() return idv.checkout(own):check_credentials() end
  end,
}

-- ---- one cut ----

local kinds_by_status = { [401] = "auth", [429] = "rate_limited", [500] = "server" }

--- What is wrong with what a call returned for an answer of which `sent` bytes came, or nil.
local function fault(answer, class, sent, ok, record, err)
  local has_head = sent >= #answer.head
  if not ok then
    return "threw: " .. tostring(record)
  elseif record then
    return "succeeded"
  elseif not Error.is(err) then
    return "no error"
  elseif has_head and answer.status >= 400 then -- which says enough without its body, if it came
    if err.kind ~= kinds_by_status[answer.status] and err.kind ~= "network" then
      return "kind " .. err.kind
    end
  elseif err.outcome ~= "unknown" then
    return "outcome " .. err.outcome
  elseif not has_head and err.kind ~= "network" and not answer.is_odd then
    return "kind " .. err.kind
  elseif err.kind ~= "network" and err.kind ~= "protocol" then
    return "kind " .. err.kind
  end
  if class == "create" and err.retryable and err.kind ~= "rate_limited" then
    return "a creation is said to be retryable"
  elseif class ~= "create" and err.kind == "network" and not err.retryable then
    return "a read is said not to be retryable"
  end
end

--- The script of a door at which the next connection gets more of the answer than the one before: nothing, a byte, ...
local function script(bytes, last, ending)
  local steps = {}
  for sent = 0, last, STRIDE do
    steps[#steps + 1] = sent > 0 and "connection" or nil
    steps[#steps + 1] = "request"
    steps[#steps + 1] = { "send", bytes:sub(1, sent) }
    for _, step in ipairs(ending) do
      steps[#steps + 1] = step
    end
  end
  return steps
end

--- Cuts the answer everywhere and asserts what came of each cut.
local function check(door, class, answer, endings)
  local told
  local perform = operations[class](door, function(event) told[#told + 1] = event.type end)
  local bytes, faulty, cuts = answer.head .. answer.body, {}, 0
  local last = #bytes - 1 - (answer.spare or 0)
  faults.reset()
  for _, ending in ipairs(endings) do
    faults.script(door.name, script(bytes, last, ending))
    for sent = 0, last, STRIDE do
      told, cuts = {}, cuts + 1
      local what = fault(answer, class, sent, pcall(perform))
      if not what and class ~= "token" and table.concat(told, " ") ~= "request error" then
        what = "events: " .. table.concat(told, " ")
      end
      if what then
        faulty[#faulty + 1] = ("%s after %d bytes: %s"):format(table.concat(ending, " "), sent, what)
      end
    end
  end
  assert.are_equal("", table.concat(faulty, "\n"))
  assert.are_equal(cuts, (faults.counts(door.name)))
  assert.is_nil(lfs.attributes(report), "part of a report was saved")
end

local FIN, RST, GOODBYE = { "finish" }, { "reset" }, { "notify", "finish" }

describe("an answer that is cut", function()
  setup(function() os.remove(report) end)

  for _, kind in ipairs(answers.http1) do
    for _, class in ipairs { "read", "create" } do
      it(("over a plain connection: %s: %s"):format(kind.name, class), function()
        check(doors.plain, class, kind[1], { FIN, RST })
      end)
    end
  end

  for _, kind in ipairs(speaks_http2 and answers.http2 or {}) do
    for _, class in ipairs { "read", "create" } do
      it(("over HTTP/2: %s: %s"):format(kind.name, class), function()
        check(doors.http2, class, kind[1], { GOODBYE, RST })
      end)
    end
  end

  it("over TLS: read", function() check(doors.tls, "read", answers.json, { FIN, GOODBYE, RST }) end)

  it("over TLS: create", function() check(doors.tls, "create", answers.json, { FIN, GOODBYE, RST }) end)

  for _, class in ipairs { "download", "token" } do
    local answer = class == "download" and answers.pdf or answers.token
    it("over a plain connection: " .. class, function() check(doors.plain, class, answer, { FIN, RST }) end)

    it("over TLS: " .. class, function() check(doors.tls, class, answer, { FIN, GOODBYE, RST }) end)
  end
end)

describe("an answer that is whole", function()
  teardown(function() os.remove(report) end)

  local function whole(door, class, answer)
    local engine = host.present_engine()
    if engine then
      engine:close() -- the connections before this one come to their ends at any moment
    end
    local perform = operations[class](door)
    faults.script(door.name, { "request", { "send", answer.head .. answer.body }, "notify", "close" })
    return perform()
  end

  it("is one, at the same doors", function()
    for i = 1, 6 do
      assert(whole(doors.plain, "read", answers.http1[i][1]))
      assert(whole(doors.tls, "create", answers.http1[i][1]))
    end
    if speaks_http2 then
      assert(whole(doors.http2, "create", answers.http2[1][1]))
    end
    assert(whole(doors.tls, "download", answers.pdf))
    assert(whole(doors.tls, "token", answers.token))
  end)
end)
