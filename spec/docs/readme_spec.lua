--- The README's examples as a newcomer runs them: in the clone, by the command of the clone, with nothing set.

local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"
local snippets = require "spec.support.snippets"

-- `bin/idv` uses the build of a plain `make`.
if (os.getenv "IDV_BUILD" or "build") ~= "build" then
  return
end

--- Runs a program by `bin/idv run` in an environment without anything of ours.
local function run(code)
  local path = program.file(code)
  local status, output = sandbox.shell(("env -i PATH=\"$PATH\" HOME=/nonexistent timeout 60 %s bin/idv run %s"):format(
    sandbox.quote(sandbox.interpreter()), path))
  os.remove(path)
  return status, output
end

describe("the README's examples, run by bin/idv in the clone,", function()
  local list = snippets.of "README.md"

  it("verify a person against the sandbox that they start", function()
    local call = assert(list[1].code:match "\n(local session.*)$")
    local status, output = run(list[2].code .. "\n" .. call)
    assert.are_equal(0, status, output)
    assert.is_truthy(output:find "^%x+%-%x+%-%x+%-%x+%-%x+\thttps://127%.0%.0%.1:%d+/session/", output)
  end)

  it("run as they stand, and say what is wrong in a line", function()
    local status, output = run((list[1].code:gsub("api_key =", 'base_url = "https://127.0.0.1:1", %0')))
    assert.are_equal(0, status, output)
    assert.is_truthy(output:find "^deepidv%.create_session: [^\n]+%(network, nothing was sent%)\n$", output)
  end)

  it("find idv from elsewhere too, whatever the environment says of paths", function()
    local here = select(2, sandbox.tool "pwd"):match "[^\n]+"
    local status, output = sandbox.shell(("echo 'print(require(\"idv\")._VERSION)' | (cd / && env -i PATH=\"$PATH\" LUA_PATH=/nowhere "
      .. "LUA_CPATH=%s %s %s/bin/idv run -)"):format(sandbox.quote(package.cpath), sandbox.quote(sandbox.interpreter()), here))
    assert.are_same({ 0, dofile "lua/idv/version.lua" .. "\n" }, { status, output })
  end)
end)
