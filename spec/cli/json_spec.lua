--- The JSON that the command line writes: the same on every Lua, and read as what it was.

local cjson = require("cjson").new()
local json = require "idv.cli.json"

describe("idv.cli.json", function()
  local rows = {
    { {}, "{}" }, { { items = {} }, '{"items":[]}' }, { { other = {} }, '{"other":{}}' },
    { { b = 1, a = { 2, "x", true } }, '{"a":[2,"x",true],"b":1}' },
    { 5402850, "5402850" }, { 540285012345678, "540285012345678" }, { -9007199254740991, "-9007199254740991" },
    { 0.1, "0.1" }, { 1e300, "1e+300" }, { 0 / 0, "null" }, { 1 / 0, "null" }, { 1 / 3, "0.3333333333333333" },
    { "https://x.example/", '"https://x.example/"' }, { 'a\\/b"\n\27', '"a\\\\/b\\"\\n\\u001b"' },
    { "\194\155", '"\\u009B"' }, { "\255", "null" }, { { ["\255"] = 1, ok = cjson.null }, '{"ok":null}' },
    { { run = print, x = false }, '{"x":false}' },
  }
  for i, row in ipairs(rows) do
    it(("writes row %d as %s"):format(i, row[2]), function()
      assert.are_equal(row[2], json.encode(row[1]))
    end)
  end

  it("is read as what it was", function()
    for _, text in ipairs { "\\", "\\/", "/\\", "\\\\/", "a/b\\/c", "\127\1", "\"/\"" } do
      assert.are_equal(text, cjson.decode("[" .. json.encode(text) .. "]")[1])
    end
  end)

  it("ends where a table contains itself", function()
    local one = {}
    one.one = one
    assert.is_string(json.encode(one))
  end)
end)
