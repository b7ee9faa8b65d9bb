--- `idv call`: types, objects, files, stdin, previews, errors and their exit codes, against the sandbox.

local cjson = require("cjson").new()
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

local ada = { "first_name=Ada", "last_name=Canaryname", "email=ada@canary.example", "phone=+15192223333" }

local function words(first, ...)
  local list = {}
  for _, part in ipairs { first, ... } do
    for _, word in ipairs(type(part) == "table" and part or { part }) do
      list[#list + 1] = word
    end
  end
  return list
end

local function call(list, options)
  options = options or {}
  options.env = options.env or program.credentials()
  return program.run(words("call", list), options)
end

--- No credential, nothing that was sent of the applicant.
local function assert_clean(text)
  for _, canary in ipairs { "canary", "Canary", "15192223333" } do
    assert.is_nil(text:find(canary, 1, true), text)
  end
end

describe("idv call", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
  end)

  for _, scheme in ipairs { "http", "https" } do
    it("creates a session and reads it, over " .. scheme, function()
      local env = program.credentials(scheme)
      local made = call(words("deepidv", "create_session", ada), { env = env })
      assert.are_equal("", made.err)
      assert.are_equal(0, made.status)
      local id = made.out:match "\nid: (%S+)\n"
      assert.is_truthy(made.out:find("\nurl: http", 1, true))
      local seen = call({ "deepidv", "get_session", id }, { env = env })
      assert.are_equal(0, seen.status)
      assert.is_truthy(seen.out:find("\nstatus: pending\n", 1, true))
    end)
  end

  it("sends fields by their types", function()
    local preview = call(words("deepidv", "create_session", ada, "expires_in_hours=3", "send_email_invite=false",
      "--dry-run"))
    assert.are_equal(0, preview.status, preview.err)
    assert.is_truthy(preview.out:find('"send_email_invite":false', 1, true), preview.out)
    assert.is_truthy(preview.out:find('"expires_in_hours":3}', 1, true), preview.out)
    local raw = call(words("deepidv", "create_session", ada, "expires_in_hours:=3", "send_email_invite:=false",
      "workflow_id:=null", "--dry-run"))
    assert.are_equal(preview.out, raw.out)
  end)

  it("builds objects from dotted names, JSON, a file and stdin alike", function()
    local path = program.file '{"declared_data":{"name":"Ada Example","birth_date":"1990-01-01"}}'
    local made = {}
    for i, list in ipairs {
      { "declared_data.name=Ada Example", "declared_data.birth_date=1990-01-01" },
      { 'declared_data:={"name":"Ada Example","birth_date":"1990-01-01"}' },
      { "@" .. path },
      { "-" },
      { "@" .. path, "declared_data.name=Ada Example" },
    } do
      local result = call(words("checkout", "create_session", list, "redirect_url=https://shop.example/", "--json"),
        { stdin = '{"declared_data":{"name":"Ada Example","birth_date":"1990-01-01"}}' })
      assert.are_equal(0, result.status, result.out .. result.err)
      local raw = cjson.decode(result.out).raw
      made[i] = raw.declared_data
      assert.are_same(made[1], made[i])
    end
    assert.are_equal("Ada Example", made[1].name)
    os.remove(path)
  end)

  it("passes on fields of tomorrow, and the provider's own spellings", function()
    local result = call(words("deepidv", "create_session", "lastName=Canaryname", ada[1], ada[3], ada[4], "extra.new=canary",
      "extra.count:=2", "sendEmailInvite=false", "--dry-run"))
    assert.are_equal(0, result.status, result.err)
    assert.is_truthy(result.out:find('"send_email_invite":false', 1, true) or
      result.out:find('"sendEmailInvite":false', 1, true), result.out)
    assert.is_truthy(result.out:find('"count":', 1, true), result.out)
    assert_clean(result.out)
  end)

  it("takes positional arguments by place or by name", function()
    local id = call(words("deepidv", "create_session", ada)).out:match "\nid: (%S+)\n"
    control.advance(id, "SUBMITTED")
    for _, list in ipairs { { id, "VERIFIED" }, { id, "new_status=VERIFIED" }, { "new_status=VERIFIED", "id=" .. id } } do
      local result = call(words("deepidv", "decide_session", list))
      assert.are_equal(0, result.status, result.err)
      assert.is_truthy(result.out:find("status: approved", 1, true))
    end
  end)

  it("prints one line of JSON, with what the provider sent", function()
    local result = call(words("deepidv", "create_session", ada, "--json"))
    assert.are_equal("\n", result.out:match "^[^\n]*(\n)$")
    local record = cjson.decode(result.out)
    assert.are_equal("deepidv", record.provider)
    assert.are_equal(record.id, record.raw.id)
    assert.is_false(record.final)
  end)

  it("goes through all pages, a line for each item", function()
    for _ = 1, 3 do
      call(words("deepidv", "create_session", ada))
    end
    local result = call { "deepidv", "each_session", "limit=2", "--json" }
    assert.are_equal(0, result.status)
    local _, lines = result.out:gsub("\n", "")
    assert.are_equal(3, lines)
    local page = call { "deepidv", "list_sessions", "limit=2", "--json" }
    assert.are_equal(2, #cjson.decode(page.out).items)
  end)

  it("waits for the end of a session, for as long as it is told", function()
    local id = call(words("deepidv", "create_session", ada)).out:match "\nid: (%S+)\n"
    local early = call { "deepidv", "wait_session", id, "--timeout", "0.2", "--interval=0.05" }
    assert.are_equal(19, early.status % 32)
    control.advance(id, "VERIFIED")
    assert.is_truthy(call({ "deepidv", "wait_session", id }).out:find("status: approved", 1, true))
  end)

  describe("--dry-run", function()
    it("shows the request with everything sensitive hidden and sends nothing", function()
      local result = call(words("deepidv", "create_session", ada, "--dry-run"))
      assert.are_equal(0, result.status)
      assert.is_truthy(result.out:find("^POST http://127.0.0.1:%d+/v1/sessions\n"))
      assert.is_truthy(result.out:find("x-api-key: [hidden]", 1, true))
      assert_clean(result.out)
      assert.are_equal(0, control.count { provider = "deepidv" })
    end)

    it("needs no credentials", function()
      for provider, list in pairs {
        deepidv = words("deepidv", "create_session", ada), impact = { "impact", "create_session", "user_id=I-5402850" },
        checkout = { "checkout", "get_session", "idv_1" },
      } do
        local result = call(words(list, "--dry-run", "--json"), { env = {} })
        assert.are_equal(0, result.status, provider .. result.out)
        assert.is_true(cjson.decode(result.out).dry_run)
      end
    end)

    it("names every bad field", function()
      local result = call { "deepidv", "create_session", "phone=12", "emial=x", "--dry-run" }
      assert.are_equal(10, result.status)
      for _, text in ipairs { "did you mean email?", "first_name is required", "phone does not begin with a plus" } do
        assert.is_truthy(result.err:find(text, 1, true), text)
      end
    end)

    it("says where there is nothing to show", function()
      assert.are_equal(2, call({ "checkout", "check_credentials", "--dry-run" }).status)
    end)
  end)

  describe("errors", function()
    -- status of a fault -> exit code; a create that met it is not repeated
    local rows = {
      { 400, 11 }, { 401, 12 }, { 403, 12 }, { 402, 13 }, { 404, 14 }, { 409, 15 }, { 422, 11 }, { 429, 16 },
      { 500, 17 + 32 }, { 503, 17 + 32 },
    }
    for _, row in ipairs(rows) do
      it(("end with %d for %d"):format(row[2], row[1]), function()
        control.fault { path = "/v1/sessions", status = row[1], body = "Ada Canaryname live_canary_key", times = 9 }
        local result = call(words("deepidv", "create_session", ada, "--max-retries=0"))
        assert.are_equal(row[2], result.status, result.err)
        assert.are_equal("", result.out)
        assert.is_truthy(result.err:find("^idv: deepidv.create_session: "))
        assert_clean(result.err)
        assert.are_equal(1, control.count { provider = "deepidv" })
      end)
    end

    it("end with their code for what goes wrong on the way", function()
      control.fault { path = "/v1/sessions", reset = true }
      assert.are_equal(18 + 32, call(words("deepidv", "create_session", ada)).status)
      control.fault { path = "/v1/sessions", delay = 60 }
      assert.are_equal(19 + 32, call(words("deepidv", "create_session", ada, "--timeout", "3")).status)
      control.clear_faults()
      control.fault { path = "/v1/sessions", garbage = true }
      assert.are_equal(20 + 32, call(words("deepidv", "create_session", ada)).status)
      assert.are_equal(18, call(words("deepidv", "create_session", ada, "--base-url=http://127.0.0.1:1",
        "--max-retries=0")).status)
    end)

    it("are one line of JSON on stdout with --json, and nothing else", function()
      control.fault { path = "/v1/sessions", status = 500 }
      local result = call(words("deepidv", "create_session", ada, "--json"))
      assert.are_equal("", result.err)
      local err = cjson.decode(result.out).error
      assert.are_equal("server", err.kind)
      assert.are_equal("unknown", err.outcome)
      assert_clean(result.out)
      assert.is_truthy(result.out:find('"details":[]', 1, true))
    end)

    it("of the items show after those that came", function()
      for _ = 1, 2 do
        call(words("deepidv", "create_session", ada))
      end
      control.fault { path = "/v1/sessions", method = "GET", after = 1, status = 404 }
      local result = call { "deepidv", "each_session", "limit=1" }
      assert.are_equal(14, result.status)
      assert.is_truthy(result.out:find("provider: deepidv", 1, true))
    end)
  end)

  describe("refuses", function()
    local rows = {
      { "no provider", {}, "PROVIDER is missing" },
      { "no method", { "deepidv" }, "METHOD is missing" },
      { "an unknown provider", { "deepid", "x" }, "did you mean 'deepidv'?" },
      { "an unknown method", { "deepidv", "create_sesion" }, "did you mean 'create_session'?" },
      { "an unknown option", { "deepidv", "get_session", "x", "--dryrun" }, "did you mean '--dry-run'?" },
      { "an unknown short option", { "deepidv", "-x" }, "unknown option '-x'" },
      { "an option without its value", { "deepidv", "get_session", "x", "--timeout" }, "--timeout needs SECONDS" },
      { "an option with the wrong value", { "deepidv", "get_session", "x", "--timeout=canary" }, "needs a number" },
      { "a value out of range", { "deepidv", "get_session", "x", "--timeout=0" }, "--timeout must be a number from" },
      { "a fraction of a retry", { "deepidv", "get_session", "x", "--max-retries=0.5" }, "needs an integer" },
      { "a switch with a value", { "deepidv", "get_session", "x", "--dry-run=canary" }, "takes no value" },
      { "an option twice", { "deepidv", "get_session", "x", "--timeout=1", "--timeout=2" }, "given twice" },
      { "a field twice", { "deepidv", "create_session", "phone=canary", "phone=canary" }, "phone is given twice" },
      { "a bare word", { "deepidv", "create_session", "canary" }, "argument 3 is neither name=value" },
      { "an argument that is missing", { "deepidv", "get_session" }, "get_session needs id" },
      { "a field where there are none", { "deepidv", "get_session", "x", "canary=1" }, "takes no parameters besides id" },
      { "JSON that is none", { "deepidv", "create_session", "phone:=canary" }, "phone:= is not JSON" },
      { "stdin that is no object", { "deepidv", "create_session", "-" }, "stdin is empty" },
      { "a field below a value", { "checkout", "create_session", "declared_data=canary", "declared_data.name=canary" },
        "both as a value and as an object" },
      { "a report", { "checkout", "get_report", "idv_1" }, "idv report checkout ID -o FILE" },
      { "plain http to elsewhere", { "deepidv", "get_session", "x", "--base-url=http://canary.example" }, "--base-url " },
    }
    for _, row in ipairs(rows) do
      it(row[1], function()
        local result = call(row[2])
        assert.are_equal(2, result.status, result.err)
        assert.is_truthy(result.err:find(row[3], 1, true), result.err)
        assert.are_equal("", result.out)
        assert_clean(result.err)
        assert.are_equal(0, control.count { provider = "deepidv" })
      end)
    end

    it("a file that is not there, with the code of files", function()
      assert.are_equal(21, call({ "deepidv", "create_session", "@/nonexistent/file" }).status)
    end)

    it("in JSON too where that was asked for", function()
      local result = call { "deepidv", "create_sesion", "--json" }
      assert.are_equal(2, result.status)
      assert.are_equal("usage", cjson.decode(result.out).error.kind)
    end)
  end)
end)
