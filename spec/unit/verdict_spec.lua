--- The status of another product is no verdict on an identity, wherever it is read: one session, a list, a report, a change
--- by hand.

local cjson = require("cjson").new()
local idv = require "idv"

local function deepidv(body)
  return idv.deepidv {
    api_key = "live_1", transport = function() return { status = 200, body = cjson.encode(body) } end,
  }
end

local function record(kind)
  return { id = "s1", status = "VERIFIED", type = kind, external_id = "e1" }
end

describe("deepIDV's sessions", function()
  -- what each way to read one gives for a type
  local ways = {
    get_session = function(kind) return deepidv({ session_record = record(kind) }):get_session "s1" end,
    list_sessions = function(kind)
      return assert(deepidv({ sessions = { record(kind) }, next_token = cjson.null }):list_sessions()).items[1]
    end,
    each_session = function(kind)
      return (deepidv({ sessions = { record(kind) }, next_token = cjson.null }):each_session()())
    end,
    decide_session = function(kind)
      return deepidv({ session_record = record(kind) }):decide_session("s1", "VERIFIED")
    end,
    get_report = function(kind) return deepidv({ session_record = record(kind) }):get_report "s1" end,
  }

  for name, read in pairs(ways) do
    it("are verdicts in " .. name .. " where they are about an identity", function()
      for _, kind in ipairs { "session", "verification" } do
        local found = assert(read(kind))
        assert.are_same({ "approved", true }, { found.status, found.final })
      end
      local untold = assert(read(nil))
      assert.are_same({ "approved", true }, { untold.status, untold.final })
    end)

    it("are none in " .. name .. " where they are about another product", function()
      for _, kind in ipairs {
        "credit-application", "silent-screening", "deep-doc", "credit-check-soft", "Session", "", "tomorrow's",
      } do
        local found = assert(read(kind))
        assert.are_same({ "s1", kind, nil, false }, { found.id, found.type, found.status, found.final }, kind)
      end
    end)
  end

  it("need fields that are described for a verdict", function()
    local described = {
      name = "x", title = "X", source = "x", base_url = "https://x.example", options = {}, statuses = { A = "approved" },
      refusal = { message = { "m" }, code = { "c" } },
      operations = { get_session = {
        about = "x", source = "x", method = "GET", path = "/s", safe = true,
        answer = {
          record = "session", fields = { id = "id", status = "status" }, required = { "id" },
          verdict = { field = "kind", values = {} },
        },
      } },
    }
    local ok, message = pcall(idv.provider, described)
    assert.is_false(ok)
    assert.is_truthy(message:find("the verdict needs the fields 'status' and 'kind'", 1, true), message)
  end)
end)
