--- The never-twice rule with a libcurl before 7.80, which does not ask before it sends: an operation that is not safe
--- goes over a fresh connection, and over HTTP/1.1, because libcurl repeats an HTTP/2 stream that was refused five
--- times by itself.
---
--- What runs here is the module built as for such a libcurl, in a process of its own.

local faults = require "spec.support.faults"
local sandbox = require "spec.support.sandbox"

local beginning = [[
  package.cpath = %q .. package.cpath
  local idv = require "idv"
  local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
  local options = { api_key = "k", base_url = %q, ca_file = %q, allow_http = true }
]]

--- Where this build's modules are found, led into the folder of the other one.
local function old_cpath()
  local folder = package.cpath:match "[^;]*build[^;]*/%?%.so"
  return (folder:gsub("%?%.so$", "old_libcurl/?.so")) .. ";"
end

--- Runs a program that speaks to that address. Returns what it wrote.
local function run(base_url, program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(beginning:format(old_cpath(), base_url, faults.authority()), program)
  file:close()
  local status, output = sandbox.shell(("timeout 60 %s %s"):format(sandbox.interpreter(), path))
  os.remove(path)
  assert.are_equal(0, status, output)
  return output
end

describe("with a libcurl that does not ask before it sends", function()
  before_each(function()
    faults.reset()
  end)

  it("a creation finds no kept-alive connection that could die under it", function()
    assert.are_equal("true true", run(faults.url "close-second", [[
      local deepidv = idv.deepidv(options)
      io.write(tostring(deepidv:create_session(ada) ~= nil), " ", tostring(deepidv:create_session(ada) ~= nil))
    ]]))
    local requests, connections = faults.counts "close-second"
    assert.are_same({ 2, 2 }, { requests, connections })
  end)

  it("a creation is not repeated over HTTP/2 when its stream is refused", function()
    run(("https://127.0.0.1:%d"):format(faults.door "h2-refused"), [[
      options.http_version = "2"
      local session, err = idv.deepidv(options):create_session(ada)
      assert(session == nil and err.kind == "network")
    ]])
    assert.is_true((faults.counts "h2-refused") <= 1)
  end)
end)
