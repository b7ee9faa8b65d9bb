--- SECURITY.md names a test for each promise, and that test is there.

local function read(path)
  local file = assert(io.open(path, "r"), path)
  local text = file:read "*a"
  file:close()
  return text
end

--- The rows of the table of promises: the promise and its last column.
local function promises()
  local list = {}
  for promise, tests in read "SECURITY.md":gmatch "\n| ([^|]+) | [^|]+ | (`[^|]+) |" do
    list[#list + 1] = { promise = promise, tests = tests }
  end
  return list
end

describe("SECURITY.md", function()
  it("has a table of promises", function()
    assert.is_true(#promises() >= 15)
  end)

  for _, row in ipairs(promises()) do
    it("names tests that are there: " .. row.promise, function()
      local count = 0
      for path, names in row.tests:gmatch "`(%w+/[%w_./]+%.%w+)`: ([^`]+)" do
        local text = read(path)
        for name in names:gmatch '"([^"]+)"' do
          assert.is_truthy(text:find(name, 1, true), path .. " has no " .. name)
          count = count + 1
        end
      end
      assert.is_true(count > 0)
    end)
  end
end)
