--- The program as a whole: help, version, suggestions, the lists of providers and methods, sandbox and doctor.

local cjson = require("cjson").new()
local idv = require "idv"
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

local names = { "providers", "describe", "call", "report", "redirect", "webhook", "sandbox", "doctor" }

describe("idv", function()
  it("explains itself", function()
    for _, words in ipairs { { "--help" }, { "-h" }, { "help" } } do
      local result = program.run(words)
      assert.are_equal(0, result.status)
      assert.are_equal("", result.err)
      for _, name in ipairs(names) do
        assert.is_truthy(result.out:find("\n  " .. name .. " ", 1, true))
      end
      assert.is_truthy(result.out:find("14  not_found", 1, true))
    end
    local nothing = program.run {}
    assert.are_equal(2, nothing.status)
    assert.are_equal(program.run({ "--help" }).out, nothing.err)
  end)

  for _, name in ipairs(names) do
    it("explains " .. name, function()
      for _, words in ipairs { { name, "--help" }, { "help", name }, { name, "-h" } } do
        local result = program.run(words)
        assert.are_equal(0, result.status)
        assert.is_truthy(result.out:find("^usage: idv " .. name))
        assert.is_truthy(result.out:find("--help", 1, true))
        for line in result.out:gmatch "[^\n]+" do
          assert.is_true(#line <= 120, line)
        end
      end
    end)
  end

  it("says its version", function()
    assert.are_equal("idv " .. idv._VERSION .. "\n", program.run({ "--version" }).out)
  end)

  it("suggests what may have been meant", function()
    local rows = {
      { { "provider" }, "did you mean 'providers'?" }, { { "help", "docter" }, "did you mean 'doctor'?" },
      { { "doctor", "--onlien" }, "did you mean '--online'?" }, { { "--versoin" }, "unknown option '--versoin'" },
      { { "providers", "x" }, "an argument too many: number 1" },
    }
    for _, row in ipairs(rows) do
      local result = program.run(row[1])
      assert.are_equal(2, result.status)
      assert.is_truthy(result.err:find(row[2], 1, true), result.err)
      assert.is_truthy(result.err:find("\nTry 'idv ", 1, true))
    end
  end)

  it("does not repeat what may be a key or a person's", function()
    for _, words in ipairs {
      { "sk_live_4242canary" }, { "call", "Ada Canary" }, { "call", "deepidv", "sk_sbox_9canary" },
      { "describe", "canary@canary.example" }, { "call", "--canary+1" },
    } do
      local result = program.run(words)
      assert.are_equal(2, result.status)
      assert.is_nil(result.err:lower():find("canary", 1, true), result.err)
    end
  end)

  it("says all that is known of what it cannot start without", function()
    local init = "package.preload.cjson = function() error('no cjson here\\nnor there', 0) end"
    local result = program.run({ "doctor" }, { env = { LUA_INIT = init } })
    assert.are_equal(3, result.status)
    assert.is_truthy(result.err:find("^idv: cannot start: the module cjson cannot be loaded by Lua"))
    for _, words in ipairs {
      "\nreason: no cjson here\nnor there\n", "\nLUA_PATH is in effect: ", "\nLUA_CPATH is in effect: ",
      "\nwhat to do: lua-cjson is needed, for this Lua: apt-get install lua-cjson, or luarocks --lua-version ",
    } do
      assert.is_truthy(result.err:find(words, 1, true), result.err)
    end
    assert.is_nil(result.err:find("traceback", 1, true))
  end)

  it("fails when its output can not be written", function()
    local status = sandbox.tool(program.command { "providers" } .. " >/dev/full 2>/dev/null")
    assert.are_equal(21, status)
  end)
end)

describe("idv providers", function()
  it("lists them with what they can do", function()
    local result = program.run { "providers" }
    for _, name in ipairs(idv.providers()) do
      assert.is_truthy(result.out:find(name, 1, true))
    end
    local list = cjson.decode(program.run({ "providers", "--json" }).out).providers
    assert.are_equal(#idv.providers(), #list)
  end)

  it("names methods that objects have, and all of them", function()
    local objects = {
      checkout = idv.checkout { secret_key = "sk_x" }, cidaas = idv.cidaas { base_url = "https://t.example" },
      deepidv = idv.deepidv { api_key = "k" }, impact = idv.impact { account_sid = "s", auth_token = "t" },
    }
    for _, one in ipairs(cjson.decode(program.run({ "providers", "--json" }).out).providers) do
      for _, method in ipairs(one.methods) do
        assert.is_true(objects[one.name]:supports(method), one.name .. "." .. method)
      end
      for name in pairs(require("idv.providers." .. one.name).methods or {}) do
        assert.is_truthy(table.concat(one.methods, " "):find(name, 1, true))
      end
    end
  end)
end)

describe("idv describe", function()
  it("tells every field of every method", function()
    for _, name in ipairs(idv.providers()) do
      local described = require("idv.providers." .. name)
      local overview = program.run({ "describe", name }).out
      for method, operation in pairs(described.operations) do
        if not operation.part_of then
          assert.is_truthy(overview:find("  " .. method, 1, true))
          local text = program.run({ "describe", name, method }).out
          for _, parameter in ipairs(operation.parameters or {}) do
            assert.is_truthy(text:find("  " .. parameter.name .. (parameter.required and " *" or ""), 1, true))
          end
          assert.is_truthy(text:find(operation.source, 1, true))
          assert.is_truthy(text:find(operation.method .. " " .. operation.path, 1, true))
        end
      end
    end
  end)

  it("tells rules, limits and objects", function()
    local text = program.run({ "describe", "checkout", "create_session" }).out
    for _, words in ipairs {
      "declared_data.name *", "2 to 255 characters", "begins with usj_", "declared_data.phone_number.country_code *",
      "capture_in_progress", "Answer: session",
    } do
      assert.is_truthy(text:find(words, 1, true), words)
    end
    text = program.run({ "describe", "cidaas", "create_session" }).out
    assert.is_truthy(text:find("Exactly one of q, sub, email, mobile, phone, username, or none with track_id", 1, true))
    text = program.run({ "describe", "deepidv", "wait_session" }).out
    assert.is_truthy(text:find("--max-interval", 1, true))
  end)

  it("tells it in JSON", function()
    local method = cjson.decode(program.run({ "describe", "impact", "create_session", "--json" }).out)
    assert.are_equal("user_id", method.parameters[1].name)
    assert.is_true(method.safe)
    local provider = cjson.decode(program.run({ "describe", "checkout", "--json" }).out)
    assert.is_truthy(#provider.methods > 10)
  end)
end)

describe("idv sandbox", function()
  it("serves like idv-sandbox, and ends when it is told to", function()
    local pipe = assert(io.popen("exec " .. program.command { "sandbox", "--quiet", "--exit-with-parent" }))
    local facts = cjson.decode(pipe:read "*l")
    local env = { DEEPIDV_API_KEY = "live_1", DEEPIDV_CA_FILE = facts.ca_file }
    local result = program.run({ "call", "deepidv", "check_credentials", "--base-url", facts.https }, { env = env })
    assert.are_equal(0, result.status, result.err)
    os.execute(("kill %d"):format(facts.pid))
    assert.are_equal("", pipe:read "*a")
    pipe:close()
  end)

  it("refuses what the sandbox refuses", function()
    assert.are_equal(2, program.run({ "sandbox", "--port=x" }).status)
    assert.are_equal(2, program.run({ "sandbox", "word" }).status)
  end)
end)

describe("idv doctor", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
  end)

  local function checks_of(result)
    local by_name = {}
    for _, check in ipairs(cjson.decode(result.out).checks) do
      by_name[check.name] = check
    end
    return by_name
  end

  it("says what there is, and sends nothing", function()
    local result = program.run({ "doctor" }, { env = program.credentials() })
    assert.are_equal(0, result.status, result.out)
    for _, words in ipairs { "Lua", "libcurl", "TLS", "lua-cjson", "DEEPIDV_API_KEY (environment)" } do
      assert.is_truthy(result.out:find(words, 1, true), words)
    end
    assert.is_nil((result.out .. result.err):find("canary", 1, true))
    assert.are_equal(0, control.count())
  end)

  it("names the variables where nothing is set", function()
    local checks = checks_of(program.run { "doctor", "--json" })
    assert.is_truthy(checks.deepidv.message:find("nothing set; needed: DEEPIDV_API_KEY", 1, true))
    assert.are_equal("info", checks.checkout.state)
  end)

  it("tries TLS, the clock and the credentials when asked to", function()
    local result = program.run({ "doctor", "--online", "--json" }, { env = program.credentials "https" })
    assert.are_equal(0, result.status, result.out)
    local checks = checks_of(result)
    assert.are_equal("ok", checks["deepidv TLS"].state)
    assert.are_equal("ok", checks["deepidv clock"].state)
    assert.are_equal("accepted", checks["deepidv credentials"].message)
    assert.are_equal("accepted", checks["checkout credentials"].message)
    assert.are_equal("info", checks["cidaas credentials"].state)
  end)

  it("finds credentials that do not work, and a certificate that is not trusted", function()
    local env = program.credentials "https"
    env.DEEPIDV_API_KEY, env.CHECKOUT_CA_FILE = "invalid", ""
    local result = program.run({ "doctor", "deepidv", "checkout", "--online", "--json" }, { env = env })
    assert.are_equal(1, result.status)
    local checks = checks_of(result)
    assert.are_equal("fail", checks["deepidv credentials"].state)
    assert.are_equal("fail", checks["checkout TLS"].state)
    assert.is_nil(checks.impact)
  end)

  it("finds a file of credentials that is not safe, and half a pair of credentials", function()
    local path = program.file("DEEPIDV_API_KEY=live_canary\n", "644")
    local result = program.run { "doctor", "--credentials", path }
    os.remove(path)
    assert.are_equal(1, result.status)
    assert.is_truthy(result.out:find("chmod 600", 1, true))
    assert.is_nil(result.out:find("canary", 1, true))
    local half = program.run({ "doctor", "checkout" }, { env = { CHECKOUT_CLIENT_ID = "canary" } })
    assert.are_equal(1, half.status)
    assert.is_truthy(half.out:find("CHECKOUT_CLIENT_SECRET", 1, true))
  end)

  it("refuses a provider that is none", function()
    assert.are_equal(2, program.run({ "doctor", "deepid" }).status)
  end)
end)

describe("the date of an answer", function()
  local httpdate = require "idv.cli.httpdate"

  it("is read", function()
    assert.are_equal(784111777, httpdate.parse "Sun, 06 Nov 1994 08:49:37 GMT")
    assert.are_equal(0, httpdate.parse "Thu, 01 Jan 1970 00:00:00 GMT")
    assert.are_equal(1709164800, httpdate.parse "Thu, 29 Feb 2024 00:00:00 GMT")
    assert.are_equal(951868800, httpdate.parse "Wed, 01 Mar 2000 00:00:00 GMT")
    for _, text in ipairs { "", "nonsense", "Sun, 06 Xyz 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" } do
      assert.is_nil(httpdate.parse(text))
    end
    assert.is_nil(httpdate.parse(nil))
  end)
end)
