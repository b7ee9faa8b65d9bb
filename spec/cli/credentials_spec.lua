--- Credentials of the command line: from the environment or a private file, never from arguments, never shown.

local lfs = require "lfs"
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

local check = { "call", "deepidv", "check_credentials" }

--- The sandbox's address and nothing that is secret.
local function address()
  return { DEEPIDV_BASE_URL = sandbox.shared().http }
end

local function run_with_file(text, mode, env)
  local path = program.file(text, mode)
  local all = address()
  for name, value in pairs(env or {}) do
    all[name] = value
  end
  local result = program.run({ check[1], check[2], check[3], "--credentials", path }, { env = all })
  os.remove(path)
  return result
end

describe("credentials on the command line", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
  end)

  for _, words in ipairs {
    { "--api-key=canary" }, { "--api-key", "canary" }, { "--api_key=canary" }, { "--secret-key=canary" },
    { "--auth-token=canary" }, { "--password=canary" }, { "--token=canary" }, { "--proxy=http://u:canary@p:1" },
    { "api_key=canary" }, { "webhook_secret=canary" },
  } do
    it("are refused: " .. words[1]:gsub("=.*", ""), function()
      local env = address()
      env.DEEPIDV_API_KEY = "live_1"
      local result = program.run({ "call", "deepidv", "list_sessions", unpack(words) }, { env = env })
      assert.are_equal(2, result.status)
      assert.is_truthy(result.err:find("do not belong on the command line", 1, true))
      assert.is_nil(result.err:find("canary", 1, true))
      assert.are_equal(0, control.count { provider = "deepidv" })
    end)
  end

  it("belong where the message says", function()
    local result = program.run({ "call", "deepidv", "list_sessions", "--api-key=canary" }, { env = { HOME = "/h" } })
    assert.is_truthy(result.err:find("set DEEPIDV_API_KEY in the environment", 1, true))
    assert.is_truthy(result.err:find("/h/.config/idv/credentials with mode 0600", 1, true))
  end)

  it("do not hide a parameter of the same name", function()
    local result = program.run({
      "call", "cidaas", "create_session", "request_id=r", "processing_type=CODE", "username=ada", "--dry-run",
    }, { env = { CIDAAS_BASE_URL = sandbox.shared().http } })
    assert.are_equal(0, result.status, result.err)
  end)

  it("come from a private file", function()
    local text = "# keys\n\nexport DEEPIDV_API_KEY='live_1'\n OTHER_THING = 5\nIMPACT_USER_ID=I-1\n"
    local result = run_with_file(text)
    assert.are_equal(0, result.status, result.err)
    assert.is_truthy(result.out:find("valid: true", 1, true))
  end)

  it("come from the environment first", function()
    assert.are_equal(12, run_with_file("DEEPIDV_API_KEY=live_1\n", "600", { DEEPIDV_API_KEY = "invalid" }).status)
  end)

  for _, mode in ipairs { "640", "604", "660", "644" } do
    it("are not read from a file of mode " .. mode, function()
      local result = run_with_file("DEEPIDV_API_KEY=live_canary\n", mode)
      assert.are_equal(3, result.status)
      assert.is_truthy(result.err:find("can be read or changed by others: chmod 600 it", 1, true))
      assert.are_equal(0, control.count { provider = "deepidv" })
    end)
  end

  it("are found in the usual file, or in the one that IDV_CREDENTIALS names", function()
    local home = os.tmpname()
    os.remove(home)
    local folder = home .. "/.config/idv"
    assert(os.execute("mkdir -p " .. folder))
    local file = assert(io.open(folder .. "/credentials", "w"))
    file:write "DEEPIDV_API_KEY=live_1\n"
    file:close()
    assert(os.execute("chmod 600 " .. folder .. "/credentials"))
    local env = address()
    env.HOME = home
    assert.are_equal(0, program.run(check, { env = env }).status)
    env.HOME, env.IDV_CREDENTIALS = "/nonexistent", folder .. "/credentials"
    assert.are_equal(0, program.run(check, { env = env }).status)
    assert(os.execute("chmod 644 " .. folder .. "/credentials"))
    assert.are_equal(3, program.run(check, { env = env }).status)
    os.remove(folder .. "/credentials")
    for _, path in ipairs { folder, home .. "/.config", home } do
      assert(lfs.rmdir(path))
    end
  end)

  local rows = {
    { "a line that is none", "nonsense canary\n", "line 1: must be NAME=value" },
    { "a name that was meant otherwise", "\nDEEPIDV_API_KEI=canary\n", "line 2: unknown name (did you mean DEEPIDV_API_KEY?)" },
    { "a value twice", "DEEPIDV_API_KEY=canary\nDEEPIDV_API_KEY=canary\n", "DEEPIDV_API_KEY is there more than once" },
    { "a value of the wrong kind", "DEEPIDV_API_KEY=canary\nDEEPIDV_TIMEOUT=canary\n", "DEEPIDV_TIMEOUT must be a number" },
    { "no credentials", "", "DEEPIDV_API_KEY is missing" },
  }
  for _, row in ipairs(rows) do
    it("are told about without values: " .. row[1], function()
      local result = run_with_file(row[2])
      assert.are_equal(3, result.status)
      assert.is_truthy(result.err:find(row[3], 1, true), result.err)
      assert.is_nil(result.err:find("canary", 1, true))
    end)
  end

  it("are missing in words when a file that was named is not there", function()
    local result = program.run({ check[1], check[2], check[3], "--credentials=/nonexistent/file" }, { env = address() })
    assert.are_equal(3, result.status)
    assert.is_truthy(result.err:find("does not exist", 1, true))
  end)

  it("of Checkout.com are named as variables", function()
    local result = program.run({ "call", "checkout", "get_session", "idv_1" })
    assert.are_equal(3, result.status)
    assert.is_truthy(result.err:find("give CHECKOUT_SECRET_KEY, or CHECKOUT_CLIENT_ID and CHECKOUT_CLIENT_SECRET", 1, true))
  end)

  it("of Checkout.com that contradict each other are named as variables, never shown", function()
    local contradictions = {
      { { CHECKOUT_SECRET_KEY = "sk_sbox_canary" }, "CHECKOUT_SECRET_KEY is one for environment" },
      { { CHECKOUT_SECRET_KEY = "sk_canary", CHECKOUT_ENVIRONMENT = "sandbox" }, "but CHECKOUT_ENVIRONMENT is" },
      { { CHECKOUT_SECRET_KEY = "sk_canary", CHECKOUT_CLIENT_ID = "canary" }, "CHECKOUT_CLIENT_ID does not go with" },
      { { CHECKOUT_CLIENT_ID = "canary" }, "CHECKOUT_CLIENT_SECRET is missing" },
    }
    for _, row in ipairs(contradictions) do
      local result = program.run({ "call", "checkout", "get_session", "idv_1" }, { env = row[1] })
      assert.are_equal(3, result.status)
      assert.is_truthy(result.err:find(row[2], 1, true), result.err)
      assert.is_nil(result.err:find("canary", 1, true))
    end
  end)

  it("are not needed for a preview, whichever of them are there", function()
    for _, env in ipairs {
      {}, { CHECKOUT_CLIENT_ID = "ack_1" }, { CHECKOUT_CLIENT_SECRET = "s" }, { CHECKOUT_ENVIRONMENT = "sandbox" },
      { CHECKOUT_SECRET_KEY = "sk_sbox_1", CHECKOUT_ENVIRONMENT = "sandbox" },
    } do
      local result = program.run({ "call", "checkout", "get_session", "idv_1", "--dry-run" }, { env = env })
      assert.are_equal(0, result.status, result.err)
    end
  end)
end)
