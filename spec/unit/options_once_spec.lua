--- Options are read once and without metamethods: what was checked is what is used, whatever the table becomes later.

local capture = require "spec.support.capture"
local idv = require "idv"

local ok = capture.json(200, '{"id":"s","session_url":"https://v.example/s","session_record":{"id":"s","status":"PENDING"}}')
local null = require("cjson").null

local function deepidv(more)
  local options = { api_key = "k", transport = capture.new(ok), webhook_secret = "w" }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.deepidv(options), options.transport
end

local out_of_range = {
  timeout = { 0 / 0, math.huge, -math.huge, 1e300, -1, 0, 1e-9, 2 ^ 53, "30", true, {}, print },
  connect_timeout = { 0 / 0, math.huge, 1e300, -1, 0, "5" },
  max_retries = { 0 / 0, math.huge, -1, 11, 1.5, 2 ^ 53, 1e300, "2", true },
  max_response_bytes = { 0 / 0, math.huge, 0, -5, 1.5, 1e300, 2 ^ 40, "1" },
}

describe("an option out of its range", function()
  for name, values in pairs(out_of_range) do
    it("is refused in a call, and nothing is sent: " .. name, function()
      for _, value in ipairs(values) do
        local provider, sent = deepidv()
        for _, call in ipairs {
          function(options) return provider:get_session("s", options) end,
          function(options) return provider:create_session({}, options) end,
          function(options) return provider:get_report("s", options) end,
          function(options) return provider:wait_session("s", options) end,
          function(options) return provider:check_credentials(options) end,
          function(options)
            local item, err = provider:each_session({}, options)()
            return item or nil, err
          end,
        } do
          local record, err = call { [name] = value }
          assert.is_nil(record)
          assert.are_equal("validation", err.kind)
          assert.are_equal("options." .. name, err.details[1].field)
          assert.are_equal(0, #sent)
        end
      end
    end)

    it("throws in a constructor: " .. name, function()
      for _, value in ipairs(values) do
        assert.has_error(function()
          deepidv { [name] = value }
        end)
      end
    end)
  end

  it("may be an integral float where an integer is meant", function()
    local provider = deepidv { max_retries = 2.0, max_connections = 3.0 }
    assert(provider:get_session("s", { max_retries = 1.0, max_response_bytes = 1e6 }))
  end)

  it("of the huge integers of Lua 5.3 is refused as well", function()
    if math.maxinteger then
      for _, value in ipairs { math.maxinteger, math.mininteger } do
        for name in pairs(out_of_range) do
          local _, err = (deepidv()):get_session("s", { [name] = value })
          assert.are_equal("validation", err.kind)
        end
      end
    end
  end)
end)

describe("options with metamethods", function()
  local function fail()
    error "a metamethod ran"
  end

  it("carry nothing past the check", function()
    local path = os.tmpname()
    os.remove(path)
    local hidden = { path = path, timeout = 1e300, max_retries = 1e9, on_progress = fail, api_key = "other" }
    for _, metatable in ipairs {
      { __index = hidden }, { __index = function(_, name) return hidden[name] end },
      { __index = hidden, __pairs = function() return next, {}, nil end },
      { __index = fail, __pairs = fail, __len = fail, __eq = fail, __tostring = fail },
    } do
      local provider, sent = deepidv()
      assert(provider:get_session("s", setmetatable({}, metatable)))
      assert(provider:get_report("s", setmetatable({}, metatable)))
      assert(provider:create_session({ first_name = "A", last_name = "B", email = "a@b.cc", phone = "+15192223333" },
        setmetatable({ timeout = 5 }, metatable)))
      assert.are_equal(30, sent[1].timeout)
      assert.are_equal(30, sent[2].timeout)
      assert.are_equal(5, sent[3].timeout)
      assert.is_nil(io.open(path))
    end
  end)

  it("are none to a constructor either", function()
    assert.has_error(function()
      idv.deepidv(setmetatable({}, { __index = { api_key = "k" }, __pairs = fail }))
    end, nil)
    local provider = idv.deepidv(setmetatable({ api_key = "k", transport = capture.new(ok) }, { __index = fail, __pairs = fail }))
    assert(provider:get_session "s")
  end)

  it("that say something else each time are asked once at most", function()
    local asked = 0
    local options = setmetatable({}, {
      __pairs = function()
        asked = asked + 1
        return next, { timeout = asked == 1 and 5 or 1e300 }, nil
      end,
    })
    local provider, sent = deepidv()
    assert(provider:get_session("s", options))
    assert.are_equal(30, sent[1].timeout)
    assert.are_equal(0, asked)
  end)
end)

describe("options that change later", function()
  it("do not change the call that was given them", function()
    local options, timeouts = { timeout = 5 }, {}
    local provider
    provider = idv.deepidv {
      api_key = "k",
      on_event = function()
        options.timeout, options.path, options.nonsense = 1e300, "/nonexistent/x", {}
      end,
      transport = function(request)
        timeouts[#timeouts + 1] = request.timeout
        return ok
      end,
    }
    assert(provider:get_session("s", options))
    assert.are_equal(5, timeouts[1])
  end)

  it("do not change the object that was made of them: not the key, not a list of secrets", function()
    local secrets = { "old", "new" }
    local options = { api_key = "k", transport = capture.new(ok), webhook_secret = secrets, timeout = 7 }
    local provider = idv.deepidv(options)
    local event = '{"type":"session.status.verified","data":{"id":"s"}}'
    secrets[1], secrets[2], secrets[3] = "evil", nil, "evil"
    options.webhook_secret, options.api_key, options.timeout = "evil", "evil", 1e300
    assert(provider:parse_webhook({ ["deepidv-signature"] = "old" }, event))
    assert(provider:parse_webhook({ ["deepidv-signature"] = "new" }, event))
    local _, err = provider:parse_webhook({ ["deepidv-signature"] = "evil" }, event)
    assert.are_equal("signature", err.kind)
    assert(provider:get_session "s")
    assert.are_equal("k", capture.header(options.transport[1], "x-api-key"))
    assert.are_equal(7, options.transport[1].timeout)
  end)

  it("of a list of secrets with metamethods, gaps, names or nothing in it are refused", function()
    local function fail()
      error "a metamethod ran"
    end
    for _, list in ipairs {
      {}, { nil, "b" }, { "a", x = "b" }, { "" }, { "a", 5 }, { "a", {} }, { [2] = "b" }, { [1.5] = "a" }, { null },
      setmetatable({}, { __index = { "a" }, __len = function() return 1 end }),
    } do
      local made, why = pcall(deepidv, { webhook_secret = list })
      assert.is_false(made)
      assert.is_truthy(tostring(why):find "webhook_secret", tostring(why))
    end
    assert(deepidv { webhook_secret = setmetatable({ "a" }, { __index = fail, __len = fail, __pairs = fail }) })
  end)

  it("of a list of hosts change nothing either", function()
    local hosts = { "storage.example" }
    local provider = deepidv { report_hosts = hosts }
    hosts[1], hosts[2] = {}, print
    assert(provider:get_session "s")
    local _, err = provider:get_report "s"
    assert.is_nil(err)
  end)
end)

describe("seconds to wait", function()
  it("that are no time throw, before anything waits", function()
    for _, seconds in ipairs { 0 / 0, "1", {}, true, print } do
      for _, name in ipairs { "step", "sleep" } do
        local fine, why = pcall(idv[name], seconds)
        assert.is_false(fine)
        assert.is_truthy(tostring(why):find("idv." .. name .. ": seconds must be a number", 1, true), tostring(why))
      end
    end
    assert.is_false((pcall(idv.sleep)))
  end)

  it("that are less than nothing are nothing", function()
    for _, seconds in ipairs { -1, -1e300, -math.huge, -0.0, 0 } do
      assert.are_equal(0, idv.step(seconds))
      assert.is_true(idv.sleep(seconds))
      local other = idv.spawn(idv.sleep, 0.05)
      assert.are_equal(1, idv.step(seconds))
      other:result()
    end
  end)
end)
