--- What a transport of the caller's own returns, when it is not what it should be: it has acted by then, so nothing of
--- it makes a call throw.

local idv = require "idv"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }
local body = '{"id":"s1","session_url":"https://v.example/1"}'

local function throwing()
  local function throw()
    error "from a metamethod"
  end
  return setmetatable({}, {
    __index = throw, __pairs = throw, __len = throw, __concat = throw, __tostring = throw, __lt = throw, __le = throw,
    __mod = throw,
  })
end

local function performed(answer, why)
  local deepidv = idv.deepidv { api_key = "k", transport = function() return answer, why end }
  return deepidv:create_session(ada)
end

describe("a transport that returns", function()
  for label, answer in pairs {
    ["a table that throws"] = throwing(),
    ["a status that throws"] = { status = throwing() },
    ["headers in whose list something throws"] = { status = 200, headers = { throwing(), ["X-A"] = throwing() }, body = body },
    ["a body that throws"] = { status = 200, body = throwing() },
    ["a status in a text"] = { status = "200", body = body },
    ["a status that is no number"] = { status = 0 / 0, body = body },
    ["a text"] = "HTTP/1.1 200 OK", ["a number"] = 200, ["true"] = true,
  } do
    it(label .. " gives an error, or what can be read", function()
      local session, err = performed(answer)
      if session then
        assert.are_equal("s1", session.id)
      else
        assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
      end
    end)
  end

  for label, why in pairs {
    ["one that throws"] = throwing(), ["fields that throw"] = { kind = throwing(), message = throwing(), outcome = throwing() },
    ["a number"] = 5, ["a text"] = "whatever",
  } do
    it("nothing and " .. label .. " gives an error of the network", function()
      local session, err = performed(nil, why)
      assert.is_nil(session)
      assert.are_same({ "network", "unknown", "the transport failed" }, { err.kind, err.outcome, err.message })
    end)
  end

  it("an answer whose fields its metatable has is read", function()
    local session = assert(performed(setmetatable({}, { __index = { status = 200, body = body } })))
    assert.are_equal("s1", session.id)
  end)
end)
