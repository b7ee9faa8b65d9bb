--- Lua that runs in the middle of a call, and uses idv there: finalizers, debug hooks, metamethods. Each call gets its own
--- request, whole, whatever was built meanwhile.

local capture = require "spec.support.capture"
local core = require "idv.core"
local finalizers = require "spec.support.finalizers"
local idv = require "idv"

local ok = capture.json(200, '{"id":"s_1","session_url":"https://v.example/s_1","links":{"a":[1,null,2.5]}}')

local function provider()
  local sent = capture.new(ok)
  return idv.deepidv { api_key = "k", transport = sent, webhook_secret = "whsec" }, sent
end

--- Parameters of 20,000 bytes, with everything that takes a detour: escapes, numbers, nested tables, many keys.
local function large(letter)
  local extra = { list = {}, deep = { { { { letter } } } }, number = 1.5, large = 99999999999 }
  for i = 1, 40 do
    extra["field_" .. i] = ("%s\"\\/\n\195\164"):format(letter):rep(40)
    extra.list[i] = { name = letter .. i }
  end
  return {
    first_name = ("%s\"é"):format(letter):rep(100), last_name = letter, email = letter .. "@example.com",
    phone = "+15192223333", external_id = (letter .. "/"):rep(500), expires_in_hours = 24, extra = extra,
  }
end

local checkout_params = {
  redirect_url = "https://me.example/",
  declared_data = { name = "Grace \"\\/ Hopper", address = { city = "Y/Z" } }, extra = { a = { 1, 2, { b = "c" } } },
}

local other = provider()
local checkout = idv.checkout {
  secret_key = "sk_test", transport = capture.new(ok), base_url = "https://c.example",
}
local large_y = large "y"
local turn = 0

-- Everything of idv that writes or reads something, with other values than what it disturbs.
local uses = {
  function() assert(other:create_session(large_y)) end,
  function() assert(other:preview("create_session", large_y)) end,
  function() assert(checkout:preview("create_session", checkout_params)) end,
  function() assert(other:parse_redirect "https://me.example/?session_id=other&status=success&x=%C3%A9") end,
  function()
    assert(other:parse_webhook({ ["deepidv-signature"] = "whsec" }, '{"type":"t","data":{"id":"other","n":[null,1]}}'))
  end,
  function() assert(core.json_encode { other = ("\"x"):rep(1000) }) end,
  function() assert(core.uri_encode("other/" .. ("ä"):rep(100))) end,
}

--- Does one of these, another each time.
local function use_one()
  turn = turn % #uses + 1
  uses[turn]()
end

--- What is disturbed: name -> function of a provider and its transport, and what it returns undisturbed.
local disturbed = {
  ["create_session"] = function(deepidv, sent)
    for _ = 1, 2 do
      assert(deepidv:create_session(large "x"))
    end
    local bodies = {}
    for i, request in ipairs(sent) do
      bodies[i] = request.body
    end
    return table.concat(bodies, "\n")
  end,
  ["preview"] = function(deepidv)
    return assert(deepidv:preview("create_session", large "x")).body
  end,
  ["a query"] = function(deepidv, sent)
    for _ = 1, 20 do
      deepidv:list_sessions { external_id = ("ä/ "):rep(200), next_token = ("&="):rep(500) }
    end
    return sent[1].url .. sent[20].url
  end,
  ["a refusal of many names"] = function(deepidv)
    local params = large "x"
    for i = 1, 60 do
      params["unknown" .. i] = i
    end
    local _, err = deepidv:create_session(params)
    return err.message
  end,
  ["parse_redirect"] = function(deepidv)
    local parts = {}
    for i = 1, 50 do
      parts[i] = ("n%d=%s"):format(i, ("%C3%A9+"):rep(20))
    end
    local record = assert(deepidv:parse_redirect("https://a.b/?session_id=s&status=success&" .. table.concat(parts, "&")))
    local shown = {}
    for i = 1, 50 do
      shown[i] = record.raw["n" .. i]
    end
    return table.concat(shown, ",")
  end,
  ["parse_webhook"] = function(deepidv)
    local members = {}
    for i = 1, 200 do
      members[i] = ('{"n":%d,"null":null,"t":"%s"}'):format(i, ("é\\u0041"):rep(10))
    end
    local record = assert(deepidv:parse_webhook({ ["deepidv-signature"] = "whsec" },
      ('{"type":"t","data":{"id":"s"},"m":[%s]}'):format(table.concat(members, ","))))
    local shown = {}
    for i, member in ipairs(record.raw.m) do
      shown[i] = ("%d%s"):format(member.n, member.t)
    end
    return table.concat(shown)
  end,
  ["json_encode"] = function()
    local value = {}
    for i = 1, 300 do
      value[i] = ("\"%d/"):format(i):rep(10)
    end
    return assert(core.json_encode(value))
  end,
  ["addresses"] = function()
    local all = {}
    for i = 1, 50 do
      all[i] = core.uri_encode(("é%d"):format(i):rep(50)) .. core.template_segment(("a/b%d"):format(i):rep(20))
    end
    return table.concat(all)
  end,
}

local function undisturbed(act)
  return act(provider())
end

describe("a finalizer that uses idv", function()
  for name, act in pairs(disturbed) do
    it("leaves whole what it interrupts: " .. name, function()
      local expected = undisturbed(act)
      local count, seen = finalizers.during(use_one, function()
        return undisturbed(act)
      end)
      assert.is_true(count > 0, "no finalizer ran")
      assert.is_true(seen == expected, "something else was built")
    end)
  end
end)

describe("a debug hook that uses idv", function()
  local function with_hook(mask, number, act)
    if jit then
      jit.off()
    end
    local count = 0
    debug.sethook(function()
      count = count + 1
      if count % 20 == 1 then
        use_one()
      end
    end, mask, number)
    local fine, seen = pcall(undisturbed, act)
    debug.sethook()
    if jit then
      jit.on()
    end
    assert(fine, seen)
    assert.is_true(count > 0)
    return seen
  end

  for name, act in pairs(disturbed) do
    it("leaves whole what it interrupts: " .. name, function()
      local expected = undisturbed(act)
      for _, hook in ipairs { { "c" }, { "r" }, { "l" }, { "", 7 } } do
        assert.is_true(with_hook(hook[1], hook[2], act) == expected, "something else was built")
      end
    end)
  end
end)

describe("parameters with metamethods", function()
  --- The table, and every table in it, with metamethods that use idv and say something else.
  local function haunted(value, asked)
    if type(value) ~= "table" then
      return value
    end
    local own = {}
    for key, inner in pairs(value) do
      own[key] = haunted(inner, asked)
    end
    local function ask()
      asked.count = asked.count + 1
      use_one()
    end
    return setmetatable(own, {
      __index = function(_, key) ask() return key == "send_email_invite" and true or nil end,
      __len = function() ask() return 1000 end,
      __pairs = function(t) ask() return next, { first_name = "Mallory" }, nil, t end,
      __ipairs = function() ask() return function() end end,
      __tostring = function() ask() return "x" end,
      __eq = function() ask() return true end,
    })
  end

  it("go out as they are, and nothing of the metamethods runs", function()
    local asked = { count = 0 }
    local deepidv, sent = provider()
    assert(deepidv:create_session(large "x"))
    assert(deepidv:create_session(haunted(large "x", asked)))
    assert.are_equal(sent[1].body, sent[2].body)
    assert.are_same(checkout:preview("create_session", checkout_params),
      checkout:preview("create_session", haunted(checkout_params, asked)))
    assert.are_equal(0, asked.count)
  end)

  it("that throw do so nowhere, not even when the answer is an error", function()
    local function fail()
      error "a metamethod ran"
    end
    local params = setmetatable(large "x", { __index = fail, __pairs = fail, __len = fail })
    params.extra = setmetatable(params.extra, { __index = fail, __pairs = fail, __len = fail })
    local deepidv = idv.deepidv { api_key = "k", transport = capture.new(capture.json(400, '{"message":"no"}')) }
    local session, err = deepidv:create_session(params)
    assert.is_nil(session)
    assert.are_equal("rejected", err.kind)
  end)

  it("may be changed by what runs meanwhile, and memory stays sound", function()
    local params = large "x"
    local count = finalizers.during(function()
      params.extra["new" .. math.random(1e6)] = true
      params["new" .. math.random(1e6)] = true
      params.extra.list[#params.extra.list + 1] = {}
      params.extra.field_1, params.extra.field_2 = nil, nil
    end, function()
      local deepidv = provider()
      for _ = 1, 20 do
        deepidv:preview("create_session", params)
      end
    end)
    assert.is_true(count > 0)
  end)
end)

describe("what a few tables that share members stand for", function()
  it("is not walked over beyond the size of a request", function()
    local value = { "leaf" }
    for _ = 1, 50 do
      value = { value, value }
    end
    local deepidv = provider()
    local _, err = deepidv:preview("create_session", { extra = { a = value } })
    assert.is_truthy(err.message:find "larger than 1 MiB")
    assert.are_equal("is too large", select(2, core.json_encode(value)))
  end)
end)


describe("a finalizer that uses idv when Lua ends", function()
  it("gets what it asks for or an error, and nothing crashes", function()
    local program = require "spec.support.program"
    local file = program.file [[
      if jit then
        jit.off() -- in a finalizer, LuaJIT of 2022 leaves and enters a compiled loop over pairs for ever
      end
      local provider
      local function use()
        local all = {
          function() return provider:preview("create_session", { first_name = "A" }) end,
          function() return provider:create_session { first_name = "A", last_name = "B", email = "a@b.cc", phone = "+15192223333" } end,
          function() return provider:get_session "s" end,
          function() return provider:parse_redirect "https://a.b/?session_id=s&status=success" end,
          function() return provider:parse_webhook({ ["deepidv-signature"] = "w" }, '{"type":"t","n":12345678901234567890}') end,
          function() return require("idv.core").json_encode { 1, "a" } end,
          function() return require("idv").provider("deepidv", { api_key = "k" }) end,
        }
        for _, one in ipairs(all) do
          pcall(one)
        end
        print "used"
      end
      local function leave()
        if newproxy then
          local made = newproxy(true)
          getmetatable(made).__gc = use
          return made
        end
        return setmetatable({}, { __gc = use })
      end
      before = leave() -- made before idv, so what idv has may be finalized first
      local idv = require "idv"
      provider = idv.deepidv {
        api_key = "k", webhook_secret = "w",
        transport = function() return { status = 200, headers = {}, body = '{"id":"s"}' } end,
      }
      use()
      after = leave()
    ]]
    -- Lua calls no finalizers of what is made while it ends, so that is never given back
    local result = program.run({}, { file = file, env = { ASAN_OPTIONS = "detect_leaks=0" } })
    os.remove(file)
    assert.are_equal(0, result.status, result.err)
    local _, count = result.out:gsub("used", "")
    assert.are_equal(3, count, result.err)
  end)
end)
