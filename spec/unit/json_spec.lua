--- JSON: lua-cjson through a private instance, with the gaps of its version 2.1.0 closed.

local core = require "idv.core"

describe("reading JSON", function()
  it("makes integers of integral numbers", function()
    local value = assert(core.json_decode '{"a":5402850,"b":-1,"c":1.5,"d":1e3,"e":0}')
    local shown = {}
    for _, key in ipairs { "a", "b", "c", "d", "e" } do
      shown[#shown + 1] = tostring(value[key])
    end
    assert.are_equal("5402850 -1 1.5 1000 0", table.concat(shown, " "))
    assert.are_equal("7", tostring(assert(core.json_decode "7")))
  end)

  it("never rounds an integer: what no number holds is the text of its digits", function()
    local value = assert(core.json_decode "[1e300, 123456789012345678901, -123456789012345678901]")
    assert.are_equal(1e300, value[1])
    assert.are_equal("123456789012345678901", value[2])
    assert.are_equal("-123456789012345678901", value[3])
  end)

  it("drops null from objects and keeps the places of lists", function()
    local value = assert(core.json_decode '{"a":null,"b":{"c":null,"d":1},"e":[null,2,{"f":null}]}')
    assert.is_nil(value.a)
    assert.is_nil(value.b.c)
    assert.are_equal(1, value.b.d)
    assert.are_equal(3, #value.e)
    assert.are_equal(2, value.e[2])
    assert.is_nil(value.e[3].f)
  end)

  it("finds numbers and null whatever the strings around them end with", function()
    local endings = { "", "a", "\\\\", "\\\"", "\\\\\\\"", "\\\\\\\\", ":1", ",null", "\\\",null", "\\u0022" }
    for _, before in ipairs(endings) do
      for _, after in ipairs(endings) do
        local text = ('{"%s":"%s","n":7,"absent":null,"%s":["%s",null,8]}'):format("x" .. before, before, "y" .. after, after)
        local value = assert(core.json_decode(text), text)
        assert.are_equal("7", tostring(value.n), text)
        assert.is_nil(value.absent, text)
        local list
        for _, member in pairs(value) do
          list = type(member) == "table" and member or list
        end
        assert.are_equal("8", tostring(list[3]), text)
      end
    end
  end)

  it("refuses what is not JSON", function()
    for _, text in ipairs {
      "", " ", "nan", "[nan]", "[infinity]", "[0x10]", "[1,]", "{", "[", '"', "{a:1}", "[1 2]", "\0", "{}\0", "[]x",
      "\255\254", "<html>", "'a'", "tru",
    } do
      local value, why = core.json_decode(text)
      assert.is_nil(value)
      assert.is_truthy(why == "is not JSON" or why == "is empty", ("%q: %s"):format(text, tostring(why)))
    end
  end)

  it("refuses more than 64 levels and takes 64", function()
    assert(core.json_decode(("["):rep(64) .. ("]"):rep(64)))
    local value, why = core.json_decode(("["):rep(65) .. ("]"):rep(65))
    assert.is_nil(value)
    assert.are_equal("is nested deeper than 64 levels", why)
    value, why = core.json_decode(('{"a":'):rep(100000))
    assert.is_nil(value)
    assert.are_equal("is nested deeper than 64 levels", why)
  end)

  it("never shows a piece of the text in its message", function()
    local _, why = core.json_decode '{"name":"canary" canary}'
    assert.is_nil(why:find "canary")
  end)
end)

describe("writing JSON", function()
  it("writes what it reads", function()
    for _, text in ipairs { '[1,2.5,true,false,"a\\/b"]', '{"a":{"b":[{"c":"d"}]}}', '"\\u0001"', "[]", "{}" } do
      local value = assert(core.json_decode(text))
      local again = assert(core.json_encode(value))
      assert.are_same(value, core.json_decode(again))
    end
  end)

  local cycle = {}
  cycle[1] = cycle
  local deep = {}
  for _ = 1, 64 do
    deep = { deep }
  end
  local refused = {
    { 0 / 0, "not finite" }, { math.huge, "not finite" }, { { -math.huge }, "not finite" }, { "\255", "UTF%-8" },
    { { ["\255"] = 1 }, "UTF%-8" }, { { 1, nil, 3 }, "without gaps" }, { { 1, a = 2 }, "without gaps" },
    { { nil, nil, 3, [math.huge] = 1, [-math.huge] = 2 }, "without gaps" }, -- as many keys as its length says
    { { nil, nil, 3, [1.5] = 1, [2.5] = 2 }, "without gaps" },
    { { [1.5] = 1 }, "without gaps" }, { { [true] = 1 }, "neither names nor positions" }, { print, "does not have" },
    { { print }, "does not have" }, { coroutine.create(function() end), "does not have" }, { cycle, "contains itself" },
    { deep, "deeper than 64" }, { 2 ^ 63, "integer" }, { io.stdout, "does not have" },
  }
  for i, case in ipairs(refused) do
    it(("refuses what would not arrive as it was meant (%d: %s)"):format(i, case[2]), function()
      local text, why = core.json_encode(case[1])
      assert.is_nil(text)
      assert.is_truthy(why:find(case[2]), why)
    end)
  end

  it("writes the same table twice when it is no cycle", function()
    local shared = { 1 }
    assert.are_equal('[[1],[1]]', core.json_encode { shared, shared })
  end)

  it("writes integers with all their digits, and none that may have been rounded", function()
    for _, number in ipairs { 99999999999999, 100000000000001, 540285012345678, 2 ^ 53 - 1, -(2 ^ 53) + 1 } do
      assert.are_equal(("[%.0f]"):format(number), core.json_encode { number })
    end
    assert.are_equal("[0]", core.json_encode { -0.0 })
    assert.is_nil((core.json_encode { 2 ^ 53 }))
    if math.type then
      assert.are_equal("[9223372036854775807]", core.json_encode { math.maxinteger })
    end
  end)

  it("writes fractions with as few digits as bring them back", function()
    for _, text in ipairs { "0.1", "1.5", "3.141592653589793", "1e-07", "0.30000000000000004", "-2.5e-300" } do
      assert.are_equal("[" .. text .. "]", core.json_encode { tonumber(text) })
    end
  end)

  it("writes null where it is given", function()
    assert.are_equal('{"a":[null]}', core.json_encode { a = { require("cjson").null } })
  end)

  it("escapes what lua-cjson escapes", function()
    local all = {}
    for byte = 0, 127 do
      all[byte + 1] = string.char(byte)
    end
    local text = table.concat(all) .. "é\226\130\172"
    assert.are_equal(require("cjson").encode(text), core.json_encode(text))
  end)

  it("has settings that no other module can change, and changes none of theirs", function()
    local cjson = require "cjson"
    cjson.encode_invalid_numbers(true)
    cjson.decode_max_depth(2)
    assert.is_nil((core.json_encode { 0 / 0 }))
    assert(core.json_decode "[[[[1]]]]")
    cjson.encode_invalid_numbers(false)
    cjson.decode_max_depth(1000)
    assert.is_table(cjson.decode(("["):rep(70) .. ("]"):rep(70)))
  end)
end)
