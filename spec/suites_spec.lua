--- tools/run_suites, which `make test` runs: what becomes of suites that pass, fail, crash and hang.

local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

-- Stands in for make: a suite is called by what it does.
local stand_in = [[#!/bin/sh
case $2 in
  busted) echo "3 successes / 0 failures / 0 errors / 1 pending : 0.1 seconds"
          printf '\nPending -> a_spec.lua @ 3\na name\nspec/run.lua:14: the reason\n' ;;
  cmocka) printf '[ RUN      ] one\n[       OK ] one\n[  PASSED  ] 2 test(s).\n' >&2 ;;
  failing) printf '1 success / 1 failure / 1 error / 0 pending : 0.1 seconds\n\nFailure -> why it fails\n'; exit 2 ;;
  half) printf '[  PASSED  ] 1 test(s).\n[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] one\n'; exit 1 ;;
  leaking) echo "3 successes / 0 failures / 0 errors / 0 pending : 0.1 seconds"; exit 9 ;;
  crashing) echo "the name of a spec" >"$IDV_RUNNING"; kill -SEGV $$ ;;
  silent) ;;
  hanging) echo "the name of a spec" >"$IDV_RUNNING"; sleep 1000 ;;
esac
]]

describe("the suites of make test", function()
  local make, build

  setup(function()
    make, build = program.file(stand_in, "700"), os.tmpname()
    os.remove(build)
  end)

  teardown(function()
    os.remove(make)
    os.execute("rm -rf " .. build)
  end)

  local function run(suites, ceiling)
    return sandbox.tool(("PROFILE= BUILD=%s MAKE=%s JOBS=2 CEILING=%d tools/run_suites %s"):format(build, make, ceiling or 600, suites))
  end

  --- The row of a suite in the table: passed, failed, not run, and what stands behind it.
  local function row(output, suite)
    local passed, failed, skipped, rest = output:match("\n" .. suite .. " +(%d+) +(%d+) +(%d+) +%d+  make " .. suite .. "([^\n]*)")
    return { tonumber(passed), tonumber(failed), tonumber(skipped), rest }
  end

  it("are counted, and say why something was not run", function()
    local status, output = run "busted cmocka"
    assert.are_equal(0, status, output)
    assert.are_same({ 3, 0, 1, "" }, row(output, "busted"))
    assert.are_same({ 2, 0, 0, "" }, row(output, "cmocka"))
    assert.is_truthy(output:find("\n2 suites +5 +0 +1 +all good\n"), output)
    assert.is_truthy(output:find("not run (1): a name: the reason", 1, true), output)
    assert.is_nil(output:find("RUN", 1, true))
  end)

  it("show the lines that their runners end with, as these are", function()
    local _, output = run "busted cmocka"
    assert.is_truthy(output:find "\n3 successes / 0 failures / 0 errors / 1 pending : 0.1 seconds\n")
    assert.is_truthy(output:find "\n%[  PASSED  %] 2 test%(s%)%.\n")
  end)

  it("tell when each begins and ends", function()
    local _, output = run "busted cmocka"
    for _, suite in ipairs { "busted", "cmocka" } do
      assert.is_truthy(("\n" .. output):find("\nbegins   " .. suite .. "\n"), output)
      assert.is_truthy(output:find("\nends     " .. suite .. " after %d+ s\n"), output)
    end
  end)

  it("stop no other when they fail, break off, or fail after their tests; all texts are shown", function()
    local status, output = run "failing crashing half leaking silent busted"
    assert.are_equal(1, status)
    assert.are_same({ 1, 2, 0, "  <- failed" }, row(output, "failing"))
    assert.are_same({ 1, 1, 0, "  <- failed" }, row(output, "half"))
    assert.are_same({ 0, 0, 0, "  <- broke off" }, row(output, "crashing"))
    assert.are_same({ 3, 0, 0, "  <- failed after its tests" }, row(output, "leaking"))
    assert.are_same({ 0, 0, 0, "  <- says nothing of tests" }, row(output, "silent"))
    assert.are_same({ 3, 0, 1, "" }, row(output, "busted"))
    assert.is_truthy(output:find("\n6 suites +8 +3 +1 +5 not good\n"), output)
    assert.is_truthy(output:find("Failure -> why it fails", 1, true))
    assert.is_truthy(output:find("in: the name of a spec", 1, true))
  end)

  it("do not hang for ever: the ceiling ends all that they run", function()
    local status, output = run("hanging", 1)
    assert.are_equal(1, status)
    assert.are_same({ 0, 0, 0, "  <- did not end in time" }, row(output, "hanging"))
    assert.is_truthy(output:find("in: the name of a spec", 1, true))
  end)
end)
