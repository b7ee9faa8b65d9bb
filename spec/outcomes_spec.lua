--- The table of what to do: every kind with every outcome that it can have. All of them are brought about here, in the
--- sandbox and by transports, and compared with the rows of the reference.

local advice = require "tools.reference.advice"
local Error = require "idv.error"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

-- A status for each kind that only a status has.
local statuses = { rejected = 400, auth = 401, payment = 402, not_found = 404, conflict = 409, rate_limited = 429, server = 500 }

local function pair(kind, outcome)
  return kind .. " " .. outcome
end

--- Every kind with an outcome that the table has a row for, and how many there are.
local function advised()
  local found = {}
  for _, entry in ipairs(advice) do
    for _, kind in ipairs(entry[1]) do
      for _, outcome in ipairs(entry[2]) do
        assert.is_nil(found[pair(kind, outcome)], "two rows for " .. pair(kind, outcome))
        found[pair(kind, outcome)] = true
      end
    end
  end
  return found
end

describe("the table of what to do", function()
  local services = sandbox.shared()
  local control = services.control

  before_each(function()
    control.reset()
  end)

  it("names the kinds and outcomes that there are, and no other", function()
    local kinds = {}
    for _, entry in ipairs(advice) do
      for _, kind in ipairs(entry[1]) do
        assert.is_true(Error.kinds[kind], kind)
        kinds[kind] = true
      end
      for _, outcome in ipairs(entry[2]) do
        assert.is_string(Error.outcomes[outcome], outcome)
      end
      assert.is_truthy(entry[3]:find "again now" or entry[3]:find "again later" or entry[3]:find "elsewhere"
        or entry[3]:find "ask a person" or entry[3]:find "look first")
    end
    assert.are_same(Error.kinds, kinds)
  end)

  it("has a row for everything that can come about, and for nothing else", function()
    local seen = {}
    local function note(record, err)
      assert.is_nil(record)
      seen[pair(err.kind, err.outcome)] = true
      return err
    end

    -- before and beside a request
    local deepidv = idv.deepidv { api_key = "live_1", webhook_secret = "s", base_url = services.http, allow_http = true }
    note(deepidv:create_session {})
    note(deepidv:no_such_method())
    note(deepidv:parse_webhook({}, "{}"))
    local tenant = idv.cidaas { base_url = "https://tenant.cidaas.de" }
    note(tenant:parse_redirect "https://tenant.cidaas.de/identity/error?error=Internal+Server+Error&error_code=VER_0105")

    -- what a transport says
    for _, kind in ipairs { "network", "timeout", "protocol", "cancelled" } do
      for outcome in pairs(Error.outcomes) do
        note(idv.deepidv { api_key = "k", transport = function()
          return nil, { kind = kind, outcome = outcome }
        end }:create_session(ada))
      end
    end

    for kind, status in pairs(statuses) do
      -- the first answer
      control.fault { provider = "deepidv", status = status }
      local err = note(idv.deepidv {
        api_key = "live_1", base_url = services.http, allow_http = true, max_retries = 0,
      }:get_session "s")
      assert.are_equal(kind, err.kind)
      -- an answer after one that left it open
      control.fault { provider = "deepidv", status = 503, times = 1 }
      control.fault { provider = "deepidv", status = status, times = 1 }
      err = note(idv.deepidv { api_key = "live_1", base_url = services.http, allow_http = true, max_retries = 1 }:get_session "s")
      assert.are_equal(pair(kind, "unknown"), pair(err.kind, err.outcome))
      -- the same of a token: the call itself was not sent
      control.fault { path = "/connect/token", status = 503, times = 1 }
      control.fault { path = "/connect/token", status = status, times = 1 }
      err = note(idv.checkout {
        client_id = "ack_1", client_secret = "s", base_url = services.http, allow_http = true, max_retries = 1,
        environment = "sandbox",
      }:get_session "idv_1")
      assert.are_equal(pair(kind, "not_sent"), pair(err.kind, err.outcome))
    end

    -- a report whose folder is gone when it comes
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    note(idv.deepidv { api_key = "k", transport = function()
      os.execute("rm -r " .. folder)
      return { status = 200, headers = { ["Content-Type"] = "application/json" }, body = '{"session_record":{"id":"s"}}' }
    end }:get_report("s", { path = folder .. "/report.json" }))

    assert.are_same(advised(), seen)
  end)

  it("is on its page", function()
    local file = assert(io.open "docs/reference/errors.md")
    local page = file:read "*a"
    file:close()
    local rows = assert(page:match "## What to do\n(.-)\n## ")
    for combination in pairs(advised()) do
      local kind, outcome = combination:match "(%S+) (%S+)"
      assert.is_truthy(rows:find("\n| `" .. kind .. "` | [^|]*`" .. outcome .. "`"), combination)
    end
  end)
end)
