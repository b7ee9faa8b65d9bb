--- What a task throws may be anything, also what can not become a text; idv.step goes on in any case.

local idv = require "idv"
local capture = require "spec.support.capture"

local odd = {
  ["a table"] = {},
  ["nothing"] = nil,
  ["false"] = false,
  ["a number"] = 5,
  ["a function"] = print,
  ["a coroutine"] = coroutine.create(function() end),
  ["text with zero bytes"] = "a\0b",
  ["a table whose __tostring throws"] = setmetatable({}, { __tostring = function() error "no" end }),
  ["a table whose __tostring throws itself"] = setmetatable({}, { __tostring = function(self) error(self) end }),
  ["a table whose __tostring returns nothing"] = setmetatable({}, { __tostring = function() end }),
  ["a table whose __tostring returns a table"] = setmetatable({}, { __tostring = function() return {} end }),
  ["a table whose __tostring returns a number"] = setmetatable({}, { __tostring = function() return 5 end }),
  ["a table whose __tostring waits"] = setmetatable({}, { __tostring = function() coroutine.yield() return "x" end }),
  ["a table whose __tostring is no function"] = setmetatable({}, { __tostring = {} }),
  ["a table whose __name is odd"] = setmetatable({}, { __name = {} }),
  ["a table whose __index throws"] = setmetatable({}, { __index = function() error "no" end }),
  ["a table whose metatable is hidden"] = setmetatable({}, { __metatable = false, __tostring = function() error "no" end }),
  ["an error of idv"] = select(2, idv.deepidv { api_key = "k" }:get_session ""),
}
odd["nothing"] = nil

--- Runs with what is written to stderr caught. Returns it, and whether `fn` ran through.
local function with_stderr(stream, fn)
  local original = io.stderr
  io.stderr = stream -- luacheck: ignore 122
  local fine, why = pcall(fn)
  io.stderr = original -- luacheck: ignore 122
  assert(fine, why)
end

local function collected()
  local written = {}
  return { write = function(_, ...) for _, text in ipairs { ... } do written[#written + 1] = text end end }, written
end

local function finish_all()
  while idv.step(0.05) > 0 do end -- luacheck: ignore 542
end

local function each_odd(fn)
  for label, thrown in pairs(odd) do
    fn(label, thrown)
  end
  fn("nothing", nil)
end

describe("a task that throws", function()
  it("does not make idv.step throw, whatever it threw, and the others go on", function()
    each_odd(function(label, thrown)
      local stream, written = collected()
      with_stderr(stream, function()
        local task = idv.spawn(function()
          idv.sleep(0.001)
          error(thrown, 0)
        end)
        local other = idv.spawn(function()
          idv.sleep(0.002)
          return "done"
        end)
        finish_all()
        assert.are_equal("failed", task:status(), label)
        assert.are_equal("done", other:result())
      end)
      local text = table.concat(written)
      assert.is_truthy(text:find("^idv: a task failed: .+\n$"), label .. ": " .. text)
    end)
  end)

  it("before it first waits does not make idv.spawn throw", function()
    each_odd(function(label, thrown)
      with_stderr(collected(), function()
        assert.are_equal("failed", idv.spawn(function() error(thrown, 0) end):status(), label)
      end)
    end)
    assert.are_equal(0, idv.pending())
  end)

  it("says so on a stream that is closed, throws or is gone, without harm", function()
    local closed = assert(io.open(os.tmpname(), "w"))
    closed:close()
    for _, stream in ipairs { closed, { write = function() error "no" end }, {}, setmetatable({}, { __index = error }) } do
      with_stderr(stream, function()
        idv.spawn(error, odd["a table whose __tostring throws"])
        idv.spawn(function() idv.sleep(0.001) error "x" end)
        finish_all()
      end)
    end
    with_stderr(nil, function()
      idv.spawn(error, "x")
    end)
  end)

  it("does so without a traceback where there is no debug library, or a broken one", function()
    local original = debug.traceback
    for _, broken in ipairs { function() error "no" end, function() return {} end, 5 } do
      debug.traceback = broken -- luacheck: ignore 122
      local fine, why = pcall(function()
        local task = idv.spawn(function() idv.sleep(0.001) error("words", 0) end)
        with_stderr(collected(), finish_all)
        local ok, thrown = pcall(task.result, task)
        assert.is_false(ok)
        assert.are_equal("words", thrown)
      end)
      debug.traceback = original -- luacheck: ignore 122
      assert(fine, why)
    end
  end)

  it("throws the same thing at those who wait for it", function()
    each_odd(function(label, thrown)
      local task
      with_stderr(collected(), function()
        task = idv.spawn(function() idv.sleep(0.001) error(thrown, 0) end)
        finish_all()
      end)
      local ok, again = pcall(task.result, task)
      assert.is_false(ok)
      assert.is_true(type(thrown) == "string" or rawequal(again, thrown), label)
      ok, again = pcall(idv.run, function() error(thrown, 0) end)
      assert.is_false(ok)
      assert.is_true(type(thrown) == "string" or rawequal(again, thrown), label)
    end)
  end)

  it("is an error of idv.all in any case, and never a silent success", function()
    each_odd(function(label, thrown)
      local results, errors = idv.all {
        function() idv.sleep(0.001) error(thrown, 0) end, function() return "fine" end,
      }
      assert.is_nil(results[1], label)
      assert.is_truthy(errors[1], label)
      assert.are_equal("fine", results[2])
    end)
  end)
end)

describe("a function that is told something and throws", function()
  it("does not reach the call, whatever it threw", function()
    local answer = capture.json(200, '{"session_record":{"id":"s","status":"PENDING"}}')
    each_odd(function(label, thrown)
      for _, stream in ipairs { (collected()), { write = function() error "no" end } } do
        with_stderr(stream, function()
          local provider = idv.deepidv { api_key = "k", transport = capture.new(answer), on_event = function() error(thrown, 0) end }
          assert.are_equal("s", assert(provider:get_session "s", label).id)
        end)
      end
    end)
  end)
end)
