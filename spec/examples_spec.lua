--- The examples as whole programs, each run against a sandbox of its own.

local lfs = require "lfs"
local program = require "spec.support.program"

--- Runs an example and returns what it printed, in lines that hold what is expected, in that order.
local function run(file, words, options)
  options = options or {}
  options.file = file
  return program.run(words or {}, options)
end

--- Whether the texts stand in the output, one after the other.
local function assert_order(output, texts)
  local from = 1
  for _, text in ipairs(texts) do
    local first, last = output:find(text, from, true)
    assert.is_truthy(first, text .. "\n-- is not where it should be in --\n" .. output)
    from = last + 1
  end
end

describe("examples/onboarding.lua", function()
  it("takes an applicant through all providers", function()
    local result = run "examples/onboarding.lua"
    assert.are_equal("", result.err)
    assert.are_equal(0, result.status)
    assert_order(result.out, {
      "using the sandbox", "Checkout.com", "approved, final: true", "get_report, saved to", "cidaas", "verify_code",
      "deepIDV", "a refused input", "did you mean", "approved, final: true", "impact.com",
      "resumes the same session", "Done.",
    })
    os.remove(result.out:match "get_report, saved to%s+(%S+)")
  end)
end)

describe("examples/failover.lua", function()
  it("asks the next one only where nothing can have happened", function()
    local result = run "examples/failover.lua"
    assert.are_equal("", result.err)
    assert.are_equal(0, result.status)
    assert_order(result.out, {
      "All is well:", "-> onboarded with deepidv",
      "deepIDV is down:", "nothing was sent", "-> onboarded with checkout",
      "before it acts:", "outcome unknown", "-> nobody else is asked",
      "after it has acted:", "outcome unknown", "it did make a session", "-> onboarded with deepidv",
    })
  end)

  it("does not ask elsewhere about what is wrong with the applicant", function()
    local result = run("examples/failover.lua", {}, { env = { IDV_PHONE = "12" } })
    assert_order(result.out, { "must be a phone number", "-> nobody could take it" })
    assert.is_nil(result.out:find("checkout", 1, true))
  end)
end)

describe("examples/many_applicants.lua", function()
  it("invites everybody, with any number of workers", function()
    for _, words in ipairs { {}, { "25", "1" }, { "30", "30" }, { "3", "8" } } do
      local result = run("examples/many_applicants.lua", words)
      assert.are_equal("", result.err)
      local done, count = result.out:match "^(%d+) of (%d+) invited"
      assert.are_equal(words[1] or "60", count)
      assert.are_equal(count, done)
      assert_order(result.out, { "0 to try again, 0 to look at first" })
    end
  end)
end)

describe("examples/report_archive.lua", function()
  it("saves what there is, and the second time only what was missing", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    local result = run("examples/report_archive.lua", { folder })
    assert.are_equal(0, result.status, result.err)
    assert_order(result.out, {
      "2 saved, 0 there already, 1 not to be had yet", "1 saved, 2 there already, 0 not to be had yet",
    })
    assert_order(result.err, { "there is no report yet" })
    local count = 0
    for name in lfs.dir(folder) do
      if name:find "%.pdf$" or name:find "%.attempts$" then
        count = count + 1
        assert.is_true(lfs.attributes(folder .. "/" .. name, "size") > 0)
        os.remove(folder .. "/" .. name)
      end
    end
    assert.are_equal(6, count)
    assert(lfs.rmdir(folder)) -- nothing else is left in it
  end)
end)

describe("examples/testing", function()
  it("has a workflow whose own specs pass", function()
    local result = run("spec/run.lua", { "examples/testing/workflow_spec.lua" })
    assert.are_equal(0, result.status, result.out)
    assert_order(result.out, { "12 successes / 0 failures / 0 errors / 0 pending" })
  end)

  it("finds a mistake in the workflow", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    for _, name in ipairs { "workflow.lua", "workflow_spec.lua" } do
      local source, copy = assert(io.open("examples/testing/" .. name)), assert(io.open(folder .. "/" .. name, "w"))
      local text = source:read("*a"):gsub('err%.outcome == "unknown"', "false")
      copy:write(text)
      source:close()
      copy:close()
    end
    local result = run("spec/run.lua", { folder .. "/workflow_spec.lua" })
    for _, name in ipairs { "workflow.lua", "workflow_spec.lua" } do
      os.remove(folder .. "/" .. name)
    end
    assert(lfs.rmdir(folder))
    assert_order(result.out, { "10 successes / 2 failures / 0 errors" })
  end)
end)
