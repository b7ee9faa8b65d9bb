-- impact.com as the sandbox plays it: create or resume, both formats, limits, pages.

local sandbox = require "spec.support.sandbox"

describe("impact", function()
  local server = sandbox.shared()
  local control = server.control

  before_each(function()
    control.reset()
  end)

  local line = "POST /Mediapartners/IRsid/IdentityVerification/Session"
  local good = "Basic SVJzaWQ6dG9rZW4=" -- IRsid:token

  local function call(body, changes)
    local headers = { Authorization = good, Accept = "application/json" }
    for name, value in pairs(changes or {}) do
      headers[name] = value or nil
    end
    return server:send { line, json = body, headers = headers }
  end

  local function ok(answer, status)
    assert.equal(status, answer.status, answer.body)
    return answer:json()
  end

  it("creates a session, with strings all over", function()
    local answer = call { UserId = 5402850, CallbackUrl = "https://me.example/back" }
    local made = ok(answer, 200)
    assert.same({ "OK", "/Mediapartners/IRsid/IdentityVerification/Session/" .. made.id, "5402850" },
      { made.Status, made.Uri, made.memberId })
    assert.truthy(made.id:find "^%d+$")
    assert.truthy(answer.body:find('"id":"' .. made.id .. '"', 1, true))
    assert.truthy(made.sessionId:find "^%x+%-%x+%-4")
    assert.truthy(made.sessionUrl:find(server.http .. "/_hosted/impact/", 1, true))
  end)

  it("resumes while a session is in progress, and not after", function()
    local first = ok(call { UserId = 1 }, 200)
    assert.same(first, ok(call { UserId = 1 }, 200))
    assert.are_not.equal(first.id, ok(call { UserId = 2 }, 200).id)
    for _, status in ipairs { "completed", "failed" } do
      local before = ok(call { UserId = 1 }, 200)
      assert.same({ "impact", true }, (function(s) return { s.provider,
        s.final } end)(control.advance(before.id, status)))
      local after = ok(call { UserId = 1 }, 200)
      assert.are_not.equal(before.id, after.id)
      assert.are_not.equal(before.sessionId, after.sessionId)
      assert.are_not.equal(before.sessionUrl, after.sessionUrl)
    end
  end)

  it("keeps accounts apart", function()
    local first = ok(call { UserId = 1 }, 200)
    local other = server:send { "POST /Mediapartners/IRother/IdentityVerification/Session",
      json = { UserId = 1 },
      headers = { Authorization = good, Accept = "application/json" } }
    assert.are_not.equal(first.id, ok(other, 200).id)
  end)

  describe("refuses with 401", function()
    local headers = {
      "", "Basic", "Bearer x", "Basic !!!", "Basic SVJzaWQ6", "Basic OnRva2Vu", -- IRsid: and :token
      "Basic SVJzaWQ6aW52YWxpZA==", -- IRsid:invalid
    }
    for _, header in ipairs(headers) do
      it("'" .. header .. "'", function()
        assert.equal('{"status":401,"title":"Unauthorized"}', call({ UserId = 1 },
          { Authorization = header }).body)
        assert.equal(401, call({ UserId = 1 }, { Authorization = header }).status)
      end)
    end
  end)

  it("refuses with 403 where permission is missing", function()
    local told = ok(call({ UserId = 1 }, { Authorization = "Basic SVJzaWQ6Zm9yYmlkZGVu" }),
      403) -- IRsid:forbidden
    assert.equal("ERROR", told.Status)
  end)

  describe("refuses with 400", function()
    local rows = {
      { "no user", { x = 1 }, "UserId", "null" }, { "null", { UserId = require("cjson").null }, "UserId",
        "null" },
      { "digits in a string", { UserId = "5402850" }, "UserId", "5402850" },
      { "a word", { UserId = "I-5402850" }, "UserId", "I-5402850" },
      { "a long callback", { UserId = 1, CallbackUrl = "https://" .. ("x"):rep(250) }, "CallbackUrl" },
      { "a callback that is no text", { UserId = 1, CallbackUrl = true }, "CallbackUrl", "true" },
    }
    for _, row in ipairs(rows) do
      it(row[1], function()
        local told = ok(call(row[2]), 400)
        assert.same({ "ERROR", "Validation Errors", row[3] }, { told.Status, told.Message,
          told.Errors.Error.Field })
        if row[4] then
          assert.equal("Invalid value [" .. row[4] .. "] for parameter [" .. row[3] .. "]",
            told.Errors.Error.Message)
        end
      end)
    end

    it("a user of somebody else, with an empty list", function()
      local answer = call { UserId = 99999999 }
      assert.equal(400, answer.status)
      assert.truthy(answer.body:find('"Errors":[]', 1, true))
      assert.equal("UserId [99999999] is not accessible for account [1924609]", answer:json().Message)
      control.settings { impact = { inaccessible_users = { 7 } } }
      assert.equal(200, call({ UserId = 99999999 }).status)
      assert.equal(400, call({ UserId = 7 }).status)
    end)

    it("no JSON", function()
      local answer = server:send { line, body = "UserId=1", headers = {
        Authorization = good, Accept = "application/json",
          ["Content-Type"] = "application/x-www-form-urlencoded" } }
      assert.equal("ERROR", ok(answer, 400).Status)
    end)
  end)

  describe("answers XML unless JSON is accepted", function()
    local rows = {
      { { UserId = 5 }, {}, 200, "<memberId>5</memberId>" },
      { { UserId = 5 }, { Accept = "*/*" }, 200, "<Status>OK</Status>" },
      { { UserId = "<&>" }, {}, 400,
        "<Message>Invalid value [&lt;&amp;&gt;] for parameter [UserId]</Message>" },
      { { UserId = 99999999 }, {}, 400, "<Errors></Errors>" },
      { { UserId = 5 }, { Authorization = "" }, 401, "<title>Unauthorized</title>" },
    }
    for i, row in ipairs(rows) do
      it("(" .. i .. ")", function()
        local changes = { Accept = false }
        for name, value in pairs(row[2]) do
          changes[name] = value
        end
        local answer = call(row[1], changes)
        assert.same({ row[3], "text/xml;charset=UTF-8" }, { answer.status, answer.headers["content-type"] })
        assert.truthy(answer.body:find("<ImpactRadiusResponse>", 1, true))
        assert.truthy(answer.body:find(row[4], 1, true), answer.body)
      end)
    end
  end)

  describe("rate limits", function()
    it("are told in the headers", function()
      local first, second = call { UserId = 1 }, call { UserId = 1 }
      assert.same({ "1000", "999", "998" }, { first.headers["x-ratelimit-limit-hour"],
        first.headers["x-ratelimit-remaining-hour"], second.headers["x-ratelimit-remaining-hour"] })
      assert.is_true(tonumber(first.headers["ratelimit-reset"]) <= 3600)
      local names = {}
      for _, header in ipairs(first.header_list) do
        names[header[1]] = true
      end
      for _, name in ipairs { "X-RateLimit-Limit-hour", "X-RateLimit-Remaining-hour", "RateLimit-Reset" } do
        assert.is_true(names[name])
      end
      assert.is_nil(first.headers["retry-after"])
    end)

    it("are enforced when that is set, for an hour", function()
      control.settings { impact = { rate_limit = 1, enforce_rate_limit = true } }
      assert.equal(200, call({ UserId = 1 }).status)
      local answer = call { UserId = 1 }
      assert.same({ 429, "0", answer.headers["ratelimit-reset"] },
        { answer.status, answer.headers["x-ratelimit-remaining-hour"], answer.headers["retry-after"] })
      control.settings { clock_offset = 3601 }
      assert.equal(200, call({ UserId = 1 }).status)
    end)
  end)

  describe("the applicant's page", function()
    local rows = { { "complete", "completed" }, { "fail", "failed" }, { "abandon", "in_progress" } }
    for _, row in ipairs(rows) do
      it("ends with " .. row[1] .. " and adds nothing to the callback", function()
        local made = ok(call { UserId = 1, CallbackUrl = "https://me.example/back?a=1" }, 200)
        assert.equal(200, server:get(made.sessionUrl).status)
        local answer = server:get(made.sessionUrl .. "/" .. row[1])
        assert.same({ 302, "https://me.example/back?a=1" }, { answer.status, answer.headers.location })
        assert.equal(row[2], control.sessions()[1].status)
        assert.equal(row[1] == "abandon" and 200 or 410, server:get(made.sessionUrl).status)
      end)
    end

    it("leads somewhere without a callback, and to the newest one", function()
      local made = ok(call { UserId = 1 }, 200)
      assert.equal(200, server:get(server:get(made.sessionUrl .. "/abandon").headers.location).status)
      call { UserId = 1, CallbackUrl = "https://me.example/new" }
      assert.equal("https://me.example/new", server:get(made.sessionUrl .. "/complete").headers.location)
    end)
  end)

  it("is steered, and has no webhooks", function()
    local made = ok(call { UserId = 1 }, 200)
    assert.equal(409, server:send({ "POST /_sandbox/webhook", json = { id = made.id } }).status)
    assert.equal(409, server:send({ "POST /_sandbox/advance", json = { id = made.id,
      status = "won" } }).status)
    assert.equal("completed", control.advance(made.id).status)
    assert.equal(409, server:send({ "POST /_sandbox/advance", json = { id = made.id } }).status)
    assert.equal("in_progress", control.advance(made.id, "in_progress").status)
  end)
end)
