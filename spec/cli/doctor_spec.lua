--- What idv doctor says of authorities, of variables that are needed, and how its lines fit the terminal.

local authorities = require "idv.cli.authorities"
local cjson = require("cjson").new()
local credentials = require "idv.cli.credentials"
local files = require "spec.support.files"
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"
local terminal = require "idv.cli.terminal"

local CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB+Q/=\nAAAA\n-----END CERTIFICATE-----\n"
local TRUSTED = CERTIFICATE:gsub("CERTIFICATE", "TRUSTED CERTIFICATE")
local KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"

local function no_variable() end

describe("the authorities of idv doctor", function()
  local folder

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    sandbox.tool("mkdir " .. folder)
  end)

  after_each(function()
    sandbox.tool("rm -r " .. folder)
  end)

  for _, row in ipairs {
    { "one", CERTIFICATE, 1, "(1 certificate)" },
    { "several with text between", "# a\n" .. CERTIFICATE .. "Bag Attributes\n" .. CERTIFICATE, 2, "(2 certificates)" },
    { "one with line ends of Windows", CERTIFICATE:gsub("\n", "\r\n"), 1, "(1 certificate)" },
    { "one with a purpose", TRUSTED, 1, "(1 certificate)" },
    { "nothing", "", 0, "is empty" },
    { "words", "hello\n", 0, "holds no certificate" },
    { "a key", KEY, 0, "holds no certificate" },
    { "the beginning of one", CERTIFICATE:sub(1, 40), 0, "holds no certificate" },
    { "one that has no content", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 0, "holds no certificate" },
  } do
    it("count a file with " .. row[1], function()
      local path = folder .. "/ca.pem"
      files.write(path, row[2])
      local state, words = authorities.check(path, {}, no_variable)
      assert.are_same({ row[3] > 0 and "ok" or "fail", path .. " " .. row[4] }, { state, words })
    end)
  end

  it("are none where the file is a folder, is missing, or is a link that leads nowhere", function()
    assert.are_same({ "fail", folder .. " is a folder" }, { authorities.check(folder, {}, no_variable) })
    assert.are_same({ "fail", folder .. "/x cannot be read" }, { authorities.check(folder .. "/x", {}, no_variable) })
    sandbox.tool(("ln -s %s/y %s/x"):format(folder, folder))
    assert.are_same({ "fail", folder .. "/x cannot be read" }, { authorities.check(folder .. "/x", {}, no_variable) })
  end)

  for _, row in ipairs {
    { "nothing", {}, "fail", "is empty or not there" },
    { "a hash", { ["0a1b2c3d.0"] = CERTIFICATE }, "ok", "(1 certificate by hash)" },
    { "two under one hash", { ["0a1b2c3d.0"] = CERTIFICATE, ["0a1b2c3d.1"] = CERTIFICATE }, "ok",
      "(2 certificates by hash)" },
    { "other names only", { ["root.pem"] = CERTIFICATE }, "fail", "has certificates, but not under the hashes" },
    { "a hash of a key", { ["0a1b2c3d.0"] = KEY }, "fail", "holds no certificate that can be read" },
    { "a hash of an empty file", { ["0a1b2c3d.0"] = "" }, "fail", "holds no certificate that can be read" },
    { "a list of revocations", { ["0a1b2c3d.r0"] = CERTIFICATE }, "fail", "has certificates, but not under the hashes" },
  } do
    it("count a folder with " .. row[1], function()
      for name, text in pairs(row[2]) do
        files.write(folder .. "/" .. name, text)
      end
      local state, words = authorities.check(nil, { folder = folder }, no_variable)
      assert.are_equal(row[3], state)
      assert.is_truthy(words:find(folder .. " " .. row[4], 1, true), words)
    end)
  end

  it("follow the links of a folder, and do not count those that lead nowhere", function()
    files.write(folder .. "/root.pem", CERTIFICATE)
    sandbox.tool(("ln -s root.pem %s/0a1b2c3d.0; ln -s nowhere.pem %s/1a1b2c3d.0"):format(folder, folder))
    local state, words = authorities.check(nil, { folder = folder }, no_variable)
    assert.are_same({ "ok", folder .. " (1 certificate by hash)" }, { state, words })
    os.remove(folder .. "/root.pem")
    state, words = authorities.check(nil, { folder = folder }, no_variable)
    assert.are_equal("fail", state)
    assert.is_truthy(words:find("install ca-certificates, or give ca_file", 1, true), words)
  end)

  it("are those built into libcurl, and OpenSSL's variables only where none are", function()
    files.write(folder .. "/ca.pem", CERTIFICATE)
    local function variable(name)
      return name ~= "SSL_CERT_DIR" and folder .. "/ca.pem" or nil
    end
    local state, words = authorities.check(nil, { file = folder .. "/none.pem" }, variable)
    assert.are_equal("fail", state)
    assert.is_truthy(words:find("none.pem cannot be read; libcurl does not read SSL_CERT_FILE, CURL_CA_BUNDLE: give idv "
      .. "ca_file", 1, true), words)
    state, words = authorities.check(nil, {}, variable)
    assert.are_equal("ok", state)
    assert.is_truthy(words:find("ca.pem (1 certificate); libcurl does not read CURL_CA_BUNDLE", 1, true), words)
    state, words = authorities.check(nil, {}, no_variable)
    assert.are_equal("fail", state)
    assert.is_truthy(words:find("neither SSL_CERT_FILE nor SSL_CERT_DIR is set", 1, true), words)
  end)

  it("make the program fail where there are none", function()
    files.write(folder .. "/ca.pem", "")
    local result = program.run { "doctor", "--ca-file", folder .. "/ca.pem" }
    assert.are_equal(1, result.status)
    assert.is_truthy(result.out:find "\nfail: 1 failed: authorities; no credentials are set\n$", result.out)
  end)
end)

describe("the variables that idv doctor asks for", function()
  for name, ways in pairs {
    deepidv = { { "DEEPIDV_API_KEY" } },
    impact = { { "IMPACT_ACCOUNT_SID", "IMPACT_AUTH_TOKEN" } },
    checkout = { { "CHECKOUT_SECRET_KEY" }, { "CHECKOUT_CLIENT_ID", "CHECKOUT_CLIENT_SECRET" } },
    cidaas = { { "CIDAAS_BASE_URL" } },
  } do
    it("are those that are needed: " .. name, function()
      assert.are_same(ways, credentials.needed(require("idv.providers." .. name)))
    end)
  end

  it("are enough", function()
    for variable, value in pairs {
      DEEPIDV_API_KEY = "live_1", CHECKOUT_SECRET_KEY = "sk_1", CIDAAS_BASE_URL = "https://tenant.example",
    } do
      local name = variable:match "^%u+":lower()
      local result = program.run({ "doctor", name, "--json" }, { env = { [variable] = value } })
      assert.is_truthy(cjson.decode(result.out).summary:find("credentials are set for " .. name, 1, true), result.out)
    end
  end)
end)

describe("lines for a terminal", function()
  it("are broken at blanks, and begin under the text", function()
    assert.are_equal("ok  one two\n    three", terminal.wrapped("ok  ", "one two three", 12))
    assert.are_equal("ok  one two three", terminal.wrapped("ok  ", "one two three", 17))
    assert.are_equal("ok  one two three", terminal.wrapped("ok  ", "one two three", nil))
    assert.are_equal("ok  a\n    longlonglonglong\n    b", terminal.wrapped("ok  ", "a longlonglonglong b", 12))
    assert.are_equal("a long head one\n      two", terminal.wrapped("a long head ", "one two", 16))
    assert.are_equal("ok  ", terminal.wrapped("ok  ", "", 12))
  end)

  it("of idv doctor are no longer than COLUMNS says, and whole where nothing says it", function()
    local function longest(columns)
      local most = 0
      for line in program.run({ "doctor" }, { env = { COLUMNS = columns } }).out:gmatch "[^\n]+" do
        most = math.max(most, #line)
      end
      return most
    end
    assert.is_true(longest "72" <= 72)
    for _, columns in ipairs { "", "0", "7", "many", "500" } do
      assert.is_true(longest(columns) > 120, columns)
    end
  end)

  it("of idv doctor are no longer than the terminal is wide", function()
    local output = program.on_terminal({ "doctor" }, { COLUMNS = "" })
    if not output then
      return pending "there are no terminals here"
    end
    output = select(2, sandbox.tool("timeout 60 script -qec "
      .. sandbox.quote("stty cols 70; " .. program.command({ "doctor" }, { COLUMNS = "" })) .. " /dev/null </dev/null"))
    for line in output:gmatch "[^\r\n]+" do
      assert.is_true(#line <= 70, line)
    end
    assert.is_truthy(output:find "nothing set; needed:")
  end)
end)
