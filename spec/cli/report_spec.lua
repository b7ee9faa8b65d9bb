--- `idv report`: to a file, to a pipe, with a bar on a terminal, and what is left when it fails.

local cjson = require("cjson").new()
local lfs = require "lfs"
local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

describe("idv report", function()
  local control = sandbox.shared().control
  local path, id

  before_each(function()
    control.reset()
    local made = program.run({
      "call", "checkout", "create_session", "declared_data.name=Ada Example", "redirect_url=https://shop.example/",
    }, { env = program.credentials() })
    id = made.out:match "\nid: (%S+)\n"
    path = os.tmpname()
    os.remove(path)
  end)

  after_each(function()
    os.remove(path)
  end)

  local function approve()
    for _, status in ipairs { "capture_in_progress", "checks_in_progress", "approved" } do
      control.advance(id, status)
    end
  end

  local function report(...)
    return program.run({ "report", "checkout", id, ... }, { env = program.credentials() })
  end

  it("saves the PDF, privately, without a bar in a pipe", function()
    approve()
    local result = report("-o", path)
    assert.are_equal(0, result.status, result.err)
    assert.are_equal("", result.out)
    assert.is_truthy(result.err:find("^[^\r\n]*%.?%d* K?i?B\n$"), result.err)
    assert.are_equal("rw-------", lfs.attributes(path, "permissions"))
    assert.are_equal("%PDF-", assert(io.open(path, "rb")):read(5))
  end)

  it("tells the file in JSON", function()
    approve()
    local record = cjson.decode(report("--output=" .. path, "--json").out)
    assert.are_equal(path, record.path)
    assert.are_equal(lfs.attributes(path, "size"), record.bytes)
  end)

  it("writes the PDF to a pipe, byte for byte", function()
    approve()
    local result = report()
    assert.are_equal(0, result.status)
    assert.are_equal("", result.err)
    report("-o", path)
    assert.are_equal(assert(io.open(path, "rb")):read "*a", result.out)
    assert.are_equal(result.out, report("-o", "-").out)
  end)

  it("prints the JSON of a provider without a PDF", function()
    local env = program.credentials()
    local made = program.run({
      "call", "deepidv", "create_session", "first_name=Ada", "last_name=E", "email=a@e.example", "phone=+15192223333",
    }, { env = env })
    local session = made.out:match "\nid: (%S+)\n"
    local result = program.run({ "report", "deepidv", session }, { env = env })
    assert.are_equal(session, cjson.decode(result.out).session_record.id)
  end)

  local function on_terminal(words)
    return program.on_terminal(words, program.credentials())
  end

  it("draws a bar on a terminal, and none when that is not wanted", function()
    control.settings { checkout = { report_bytes = 3000000 } }
    approve()
    local output = on_terminal { "report", "checkout", id, "-o", path }
    if not output then
      return pending "this machine hands out no terminals"
    end
    assert.is_truthy(output:find("100%% %[=+%] 2%.9 MiB of 2%.9 MiB"), output)
    assert.is_truthy(output:find("status 0", 1, true))
    assert.are_equal(3000000, lfs.attributes(path, "size"))
    output = on_terminal { "report", "checkout", id, "-o", path, "--no-progress" }
    assert.is_nil(output:find("[=", 1, true))
    assert.is_truthy(output:find("status 0", 1, true))
  end)

  it("keeps a PDF off a terminal", function()
    approve()
    local output = on_terminal { "report", "checkout", id }
    if not output then
      return pending "this machine hands out no terminals"
    end
    assert.is_truthy(output:find("a PDF is not for a terminal", 1, true), output)
    assert.is_nil(output:find("%PDF", 1, true))
    assert.is_truthy(output:find("status 2", 1, true))
  end)

  it("leaves no file when there is no report yet, or it breaks off", function()
    control.settings { checkout = { report_ready = false } }
    local early = report("-o", path)
    assert.are_equal(14, early.status)
    assert.is_truthy(early.err:find("there is no report yet", 1, true))
    control.settings { checkout = { report_ready = true, report_bytes = 100000 } }
    approve()
    control.fault { operation = "report_file", truncate = 5000, times = 9 }
    control.fault { path = "/_", truncate = 5000, times = 9 }
    local broken = report("-o", path, "--json")
    assert.are_not_equal(0, broken.status)
    assert.is_truthy(cjson.decode(broken.out).error.kind)
    assert.is_nil(lfs.attributes(path))
  end)

  it("says in words why a file can not be written", function()
    approve()
    local result = report("-o", "/nonexistent/report.pdf")
    assert.are_equal(10, result.status)
    assert.is_truthy(result.err:find("the folder does not exist", 1, true))
  end)

  it("refuses what makes no sense", function()
    for _, words in ipairs { { "impact", "x" }, { "cidaas", "x" }, { "checkout" }, { "checkout", "x", "--json" } } do
      assert.are_equal(2, program.run { "report", words[1], words[2], words[3] }.status)
    end
  end)
end)
