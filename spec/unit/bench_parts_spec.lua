--- The halves of a call that the benchmark measures alone: both work for every provider, with its sample.

local parts = require "bench.parts"

describe("of the halves that the benchmark measures", function()
  for name, sample in pairs(parts.samples) do
    it("preparing makes a call of " .. name, function()
      assert.is_truthy(parts.preparer(name)())
    end)

    it("reading makes a session of the sample of " .. name, function()
      local session = parts.reader(name)()
      assert.are_equal(name, session.provider)
      assert.is_truthy(next(sample.options) and session.id or session.accvid)
    end)
  end

  it("reading takes a list, too", function()
    local page = parts.reader("deepidv", "list_sessions", parts.long_list(5000))()
    assert.is_true(#page.items > 10)
  end)
end)
