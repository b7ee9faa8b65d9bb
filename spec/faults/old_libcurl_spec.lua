--- The never-twice rule with a libcurl before 7.80, which does not ask before it sends: an operation that is not safe
--- goes over a fresh connection, and over HTTP/1.1, because libcurl repeats an HTTP/2 stream that was refused five
--- times by itself.
---
--- For the build that is made as for such a libcurl (make test-without-prereq); with any other there is nothing to see.

local core = require "idv.core"
local faults = require "spec.support.faults"
local idv = require "idv"

if core.versions.asks_first then
  return
end

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

local function client(base_url, more)
  local options = { api_key = "k", base_url = base_url, ca_file = faults.authority(), allow_http = true }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return idv.deepidv(options)
end

describe("with a libcurl that does not ask before it sends", function()
  before_each(function()
    faults.reset()
  end)

  it("a creation finds no kept-alive connection that could die under it", function()
    local deepidv = client(faults.url "close-second")
    assert(deepidv:create_session(ada))
    assert(deepidv:create_session(ada))
    local requests, connections = faults.counts "close-second"
    assert.are_same({ 2, 2 }, { requests, connections })
  end)

  it("a creation is not repeated over HTTP/2 when its stream is refused", function()
    local url = ("https://127.0.0.1:%d"):format(faults.door "h2-refused")
    local session, err = client(url, { http_version = "2" }):create_session(ada)
    assert.is_nil(session)
    assert.are_equal("network", err.kind)
    assert.is_true((faults.counts "h2-refused") <= 1)
  end)
end)
