--- A name server that does not answer. The look-up goes on in a thread of libcurl's that nobody can stop; neither a
--- deadline, nor a cancelled task, nor the end of the program waits for it.

local sandbox = require "spec.support.sandbox"

local PATIENCE = 20 -- seconds after which the program is taken to wait for the look-up, which takes a minute

local beginning = [[
  local idv = require "idv"
  local deepidv = idv.deepidv { api_key = "k", base_url = "https://slow.invalid", timeout = %s }
  local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
]]

--- Runs a program in which names are looked up for ever. Returns what it wrote. `preloaded` is loaded too.
local function run(timeout, program, preloaded)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(beginning:format(timeout), program)
  file:close()
  local build = os.getenv "IDV_BUILD" or "build"
  -- a sanitizer's search for leaks stops all threads, which it can not do with one that looks up a name for ever
  local status, output = sandbox.shell(("export ASAN_OPTIONS=detect_leaks=0; "
    .. 'LD_PRELOAD="$LD_PRELOAD $PWD/%s/slow_names.so %s" timeout %d %s %s'):format(
    build, preloaded and ("$PWD/%s/%s"):format(build, preloaded) or "", PATIENCE, sandbox.interpreter(), path))
  os.remove(path)
  assert.are_equal(0, status, output)
  return output
end

describe("a name server that does not answer", function()
  it("keeps no call past its deadline, and no program from ending", function()
    assert.are_equal("timeout not_sent true", run(0.2, [[
      local _, err = deepidv:create_session(ada)
      io.write(err.kind, " ", err.outcome, " ", tostring(err.retryable))
    ]]))
  end)

  it("keeps no task from being cancelled", function()
    assert.are_equal("cancelled not_sent", run(30, [[
      local task = idv.spawn(function()
        local _, err = deepidv:create_session(ada)
        io.write(err.kind, " ", err.outcome)
      end)
      idv.step(0.05)
      task:cancel()
      while idv.step(0.05) > 0 do end
    ]]))
  end)

  it("keeps no program from ending in the middle of a call", function()
    assert.are_equal("pending", run(30, [[
      local task = idv.spawn(function() deepidv:create_session(ada) end)
      idv.step(0.05)
      io.write(task:status())
    ]]))
  end)

  it("keeps nobody else waiting", function()
    assert.are_equal("network", run(30, [[
      idv.spawn(function() deepidv:create_session(ada) end)
      idv.step(0.05)
      local near = idv.deepidv { api_key = "k", base_url = "http://127.0.0.1:1", allow_http = true, max_retries = 0 }
      local _, err = near:create_session(ada)
      io.write(err.kind)
    ]]))
  end)

  it("keeps no engine from being closed, where it is the multi handle that waits for it (libcurl from 8.20 on)", function()
    assert.are_equal("timeout closed", run(0.2, [[
      local _, err = deepidv:create_session(ada)
      io.write(err.kind)
      require("idv.host").present_engine():close()
      io.write " closed"
    ]], "new_curl.so"))
  end)
end)
