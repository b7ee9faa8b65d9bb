--- What is different with OpenResty's fork of lua-cjson. Runs where that, or the stand-in for it, is what `cjson` means:
--- `make test-cjson-fork`.

local cjson = require "cjson"
local core = require "idv.core"

if not cjson.array_mt then
  assert(not os.getenv "IDV_CJSON_FORK", "the stand-in is not what was found")
  return
end

describe("with OpenResty's lua-cjson", function()
  if math.type then
    it("integers of any size come and go as they are", function()
      for _, text in ipairs { "[9007199254740993]", "[-9223372036854775808]", "[100000000000001]" } do
        local value = assert(core.json_decode(text))
        assert.are_equal("integer", math.type(value[1]))
        assert.are_equal(text, assert(core.json_encode(value)))
      end
      assert.are_equal("integer", math.type(assert(core.json_decode '{"a":7}').a))
      assert.are_equal("float", math.type(assert(core.json_decode '{"a":7.5}').a))
    end)
  end

  it("a table marked as a list is written as one, also when it is empty", function()
    assert.are_equal("[]", core.json_encode(setmetatable({}, cjson.array_mt)))
    assert.are_equal("[]", core.json_encode(setmetatable({}, cjson.empty_array_mt)))
    assert.are_equal('{"a":[1]}', core.json_encode { a = setmetatable({ 1 }, cjson.array_mt) })
  end)

  it("a table marked as a list that has names or gaps is refused as ever", function()
    assert.is_nil((core.json_encode(setmetatable({ 1, a = 2 }, cjson.array_mt))))
    assert.is_nil((core.json_encode(setmetatable({ 1, nil, 3 }, cjson.array_mt))))
  end)

  it("switches that somebody else turns change nothing here", function()
    cjson.decode_array_with_array_mt(true)
    assert.is_nil(getmetatable(assert(core.json_decode "[1]")))
    cjson.decode_array_with_array_mt(false)
  end)
end)
