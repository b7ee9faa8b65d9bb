-- deepIDV as the sandbox plays it: sessions, their list, decisions, sandbox keys, pages, webhooks.

local sandbox = require "spec.support.sandbox"

describe("deepidv", function()
  local server = sandbox.shared()
  local control = server.control

  before_each(function()
    control.reset()
  end)

  local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

  local function with(changes)
    local body = {}
    for name, value in pairs(ada) do
      body[name] = value
    end
    for name, value in pairs(changes or {}) do
      body[name] = value
    end
    return body
  end

  local function without(name)
    local body = with()
    body[name] = nil
    return body
  end

  local function call(line, body, key)
    return server:send { line, json = body, headers = { ["x-api-key"] = key or "live_key" } }
  end

  local function ok(answer, status)
    assert.equal(status, answer.status, answer.body)
    return answer:json()
  end

  local function create(changes, key)
    return ok(call("POST /v1/sessions", with(changes), key), 200)
  end

  local function get(id)
    return ok(call("GET /v1/sessions/" .. id), 200)
  end

  describe("keys", function()
    local rows = {
      { nil, 401, '{"detail":"Invalid or missing API key"}' }, { "", 401,
        '{"detail":"Invalid or missing API key"}' },
      { "invalid_key", 401, '{"detail":"Invalid or missing API key"}' },
      { "forbidden_key", 403, '{"error":"This API key belongs to another organization."}' },
    }
    for _, row in ipairs(rows) do
      it("'" .. tostring(row[1]) .. "' gives " .. row[2], function()
        for _, line in ipairs { "POST /v1/sessions", "GET /v1/sessions", "GET /v1/sessions/x",
          "GET /v1/auth/verify",
          "PATCH /v1/sessions/x/update-status" } do
          local answer = server:send { line, json = line:find "^P" and {} or nil,
            headers = row[1] and { ["X-API-Key"] = row[1] } or {} }
          assert.same({ row[2], row[3] }, { answer.status, answer.body })
        end
      end)
    end

    it("are checked", function()
      local told = ok(call "GET /v1/auth/verify", 200)
      assert.same({ true, "active" }, { told.valid, told.organization.status })
      assert.equal(200, call("GET /v1/auth/verify", nil, "sandbox_key").status)
    end)

    it("for the sandbox may only read", function()
      for _, line in ipairs { "POST /v1/sessions", "PATCH /v1/sessions/x/update-status" } do
        local refusal = "This is a sandbox API key. Use a live API key to create or modify resources."
        assert.same({ error = refusal }, ok(call(line, ada, "sandbox_key"), 403))
      end
    end)

    for _, word in ipairs { "verified", "rejected", "submitted", "pending", "voided" } do
      it("for the sandbox read the fixture test_" .. word, function()
        local record = ok(call("GET /v1/sessions/test_" .. word, nil, "sandbox_key"), 200).session_record
        assert.same({ "test_" .. word, word:upper() }, { record.id, record.status })
      end)
    end

    it("gives a sandbox key the progress and the analysis that the guide lists", function()
      local fixtures = {
        test_verified = { "COMPLETED", true, true }, test_rejected = { "COMPLETED", false, false },
        test_submitted = { "COMPLETED", true, false }, test_pending = { "PENDING" }, test_voided = { "COMPLETED" },
      }
      for id, row in pairs(fixtures) do
        local record = ok(call("GET /v1/sessions/" .. id, nil, "sandbox_key"), 200).session_record
        local data = record.analysis_data or {}
        local has_everything = record.analysis_data and data.tertiary_id_analysis_data ~= nil
        assert.same(row, { record.session_progress, data.id_matches_selfie, has_everything }, id)
      end
    end)

    it("for the sandbox read some fixture for every id, and a list", function()
      local statuses = { VERIFIED = 1, REJECTED = 1, SUBMITTED = 1, PENDING = 1, VOIDED = 1 }
      assert.equal(1, statuses[ok(call("GET /v1/sessions/whatever", nil, "sandbox_key"),
        200).session_record.status])
      local answer = call("GET /v1/sessions", nil, "sandbox_key")
      assert.equal(5, #ok(answer, 200).sessions)
      assert.truthy(answer.body:find('"next_token":null', 1, true))
    end)
  end)

  describe("POST /v1/sessions", function()
    it("creates a session", function()
      local answer = call("POST /v1/sessions", ada)
      local made = ok(answer, 200)
      assert.equal(server.http .. "/session/" .. made.id .. "?oid=org_sandbox", made.session_url)
      assert.truthy(answer.body:find('"links":[]', 1, true))
      assert.is_nil(made.externalId)
      assert.is_nil(made.expires_at)
    end)

    it("takes everything there is, in both spellings", function()
      local all = {
        { external_id = "user-1", send_email_invite = false, send_phone_invite = false,
          workflow_id = "wf_abc123",
          redirect_url = "https://me.example/back?a=1", expires_in_hours = 24 },
        { externalId = "user-1", sendEmailInvite = false, sendPhoneInvite = false, workflowId = "wf_abc123",
          redirectUrl = "https://me.example/back?a=1", expiresInHours = 24 },
      }
      for _, fields in ipairs(all) do
        local made = create(fields)
        assert.equal("user-1", made.externalId)
        assert.is_string(made.expires_at)
        assert.truthy(made.session_url:find("&redirect_url=https%3A%2F%2Fme.example%2Fback%3Fa%3D1", 1, true))
        local record = get(made.id).session_record
        assert.same({ "user-1", "wf_abc123", "https://me.example/back?a=1", made.expires_at },
          { record.external_id, record.workflow_id, record.redirect_url, record.expires_at })
      end
    end)

    it("prefers camelCase", function()
      local made = create { external_id = "snake", externalId = "camel", firstName = "Camel" }
      assert.equal("camel", made.externalId)
      assert.equal("Camel", get(made.id).user.first_name)
      assert.equal(400, call("POST /v1/sessions", with { phone = "+15192223333", firstName = 7 }).status)
    end)

    local rows = {
      { "first_name missing", without "first_name", "firstName", "invalid_type" },
      { "last_name empty", with { last_name = "" }, "lastName", "too_small" },
      { "email missing", without "email", "email", "invalid_type" },
      { "email that is none", with { email = "ada" }, "email", "invalid_string" },
      { "phone missing", without "phone", "phone", "invalid_type" },
      { "phone without a plus", with { phone = "15192223333" }, "phone", "invalid_string" },
      { "phone too short", with { phone = "+151922233" }, "phone", "invalid_string" },
      { "phone too long", with { phone = "+1519222333344445" }, "phone", "invalid_string" },
      { "phone that starts with 0", with { phone = "+05192223333" }, "phone", "invalid_string" },
      { "redirect over http", with { redirect_url = "http://a.b" }, "redirectUrl", "invalid_string" },
      { "invite that is no boolean", with { send_email_invite = "no" }, "sendEmailInvite", "invalid_type" },
      { "external id that is a number", with { external_id = 7 }, "externalId", "invalid_type" },
      { "hours out of bounds", with { expires_in_hours = 8761 }, "expiresInHours", "invalid_type" },
      { "hours with a fraction", with { expires_in_hours = 1.5 }, "expiresInHours", "invalid_type" },
      { "null", with { external_id = require("cjson").null }, "externalId", "invalid_type" },
    }
    for _, row in ipairs(rows) do
      it("refuses: " .. row[1], function()
        local told = ok(call("POST /v1/sessions", row[2]), 400)
        assert.equal(1, #told.hints)
        assert.same({ { row[3] }, row[4] }, { told.hints[1].path, told.hints[1].code })
        assert.is_string(told.message)
        assert.same({}, control.sessions())
      end)
    end

    it("says everything that is wrong", function()
      assert.equal(4, #ok(call("POST /v1/sessions", { x = 1 }), 400).hints)
    end)

    it("refuses a body that is no JSON, or is not called so", function()
      for _, kind in ipairs { "application/json", "text/plain" } do
        local answer = server:send { "POST /v1/sessions", body = kind == "text/plain" and "{}" or "{",
          headers = { ["x-api-key"] = "k", ["Content-Type"] = kind } }
        assert.same({ 400, "Invalid request body" }, { answer.status, answer:json().message })
      end
    end)

    it("knows the workflows it is set to know", function()
      assert.same({ error = "Workflow not found" }, ok(call("POST /v1/sessions",
        with { workflow_id = "wf_x" }), 404))
      control.settings { deepidv = { workflows = { "wf_x" } } }
      assert.equal(200, call("POST /v1/sessions", with { workflow_id = "wf_x" }).status)
    end)

    it("refuses without a balance, in plain text", function()
      control.settings { deepidv = { balance_empty = true } }
      local answer = call("POST /v1/sessions", ada)
      assert.same({ 402, "Insufficient funds or subscription.", "text/plain; charset=utf-8" },
        { answer.status, answer.body, answer.headers["content-type"] })
    end)
  end)

  describe("GET /v1/sessions/{id}", function()
    it("gives record, links and user", function()
      local made = create()
      local seen = get(made.id)
      assert.same({ made.id, "PENDING", "PENDING", "verification" }, { seen.session_record.id,
        seen.session_record.status,
        seen.session_record.session_progress, seen.session_record.type })
      assert.same({ "Ada", "ada@example.com" }, { seen.user.first_name, seen.user.email })
      assert.same({}, seen.resource_links)
      assert.is_false(seen.session_record.uploads.selfie_front)
      control.advance(made.id, "SUBMITTED")
      seen = get(made.id)
      assert.is_true(seen.session_record.uploads.selfie_front)
      assert.is_string(seen.session_record.submitted_at)
      assert.same({ 200, "image/png" }, (function(file) return { file.status,
        file.headers["content-type"] } end)(
        server:get(seen.resource_links.selfie_front)))
      assert.equal(400, server:get(seen.resource_links.selfie_front, { Authorization = "x" }).status)
    end)

    it("knows no other session", function()
      assert.same({ error = "Session not found" }, ok(call "GET /v1/sessions/unknown", 404))
    end)

    it("sees a session expire", function()
      local id = create({ expires_in_hours = 1 }).id
      control.settings { clock_offset = 3601 }
      assert.equal("EXPIRED", get(id).session_record.status)
      assert.equal(410, server:get(server.http .. "/session/" .. id).status)
    end)
  end)

  describe("GET /v1/sessions", function()
    local function list(query, key)
      return ok(call("GET /v1/sessions" .. (query or ""), nil, key), 200)
    end

    local function ids_of(page)
      local found = {}
      for i, record in ipairs(page.sessions) do
        found[i] = record.id
      end
      return found
    end

    it("is empty at first", function()
      assert.equal('{"next_token":null,"sessions":[]}', call("GET /v1/sessions").body)
    end)

    it("pages with tokens, also while new sessions come", function()
      local made = {}
      for i = 1, 5 do
        made[i] = create().id
      end
      local first = list "?limit=2"
      assert.same({ made[5], made[4] }, ids_of(first))
      create()
      local second = list("?limit=2&next_token=" .. first.next_token)
      assert.same({ made[3], made[2] }, ids_of(second))
      local third = list("?limit=2&next_token=" .. second.next_token)
      assert.same({ made[1] }, ids_of(third))
      assert.equal(require("cjson").null, third.next_token)
    end)

    it("holds no token when a page ends with the list", function()
      create()
      create()
      assert.equal(require("cjson").null, (list "?limit=2").next_token)
    end)

    it("holds bare records", function()
      create()
      local record = list().sessions[1]
      assert.is_nil(record.user)
      assert.is_nil(record.resource_links)
      assert.equal("PENDING", record.status)
    end)

    it("applies one mode: external id, then workflow, then organization, then the caller's own", function()
      local a = create({ external_id = "x" }, "key_a").id
      local b = create({ external_id = "x", workflow_id = "wf_abc123" }, "key_b").id
      local c = create({}, "key_b").id
      assert.same({ b, a }, ids_of(list("?external_id=x&workflow_id=wf_abc123", "key_a")))
      assert.same({ b }, ids_of(list("?workflow_id=wf_abc123&by_organization=true", "key_a")))
      assert.same({ c, b, a }, ids_of(list("?by_organization=true", "key_a")))
      assert.same({ a }, ids_of(list("?by_organization=false", "key_a")))
      assert.same({ c, b }, ids_of(list(nil, "key_b")))
    end)

    it("is bounded by dates", function()
      local id = create().id
      assert.same({ id }, ids_of(list "?start_date=2020-01-01&end_date=2100-01-01T00:00:00Z"))
      assert.same({}, ids_of(list "?start_date=2100-01-01"))
      assert.same({}, ids_of(list "?end_date=2020-01-01T00:00:00%2B02:00"))
    end)

    for _, query in ipairs { "limit=0", "limit=501", "limit=x", "next_token=x", "start_date=soon",
      "end_date=" } do
      it("refuses " .. query, function()
        local told = ok(call("GET /v1/sessions?" .. query), 400)
        assert.same({ query:match "^[^=]+" }, told.hints[1].path)
      end)
    end
  end)

  describe("PATCH /v1/sessions/{id}/update-status", function()
    for _, status in ipairs { "VERIFIED", "REJECTED" } do
      it("decides for " .. status .. ", as often as one likes", function()
        local id = create().id
        for _ = 1, 2 do
          local told = ok(call("PATCH /v1/sessions/" .. id .. "/update-status", { new_status = status }), 200)
          assert.equal(status, told.session_record.status)
        end
        assert.equal(status, get(id).session_record.status)
      end)
    end

    it("refuses", function()
      local id = create().id
      assert.equal(404, call("PATCH /v1/sessions/unknown/update-status", { new_status = "VERIFIED" }).status)
      for _, body in ipairs { { new_status = "VOIDED" }, { status = "VERIFIED" }, { new_status = 7 } } do
        assert.equal(400, call("PATCH /v1/sessions/" .. id .. "/update-status", body).status)
      end
      assert.equal("PENDING", get(id).session_record.status)
    end)
  end)

  describe("steering", function()
    it("goes a step at a time", function()
      local id, seen = create().id, {}
      for i = 1, 3 do
        control.advance(id)
        local record = get(id).session_record
        seen[i] = record.session_progress .. " " .. record.status
      end
      assert.same({ "STARTED PENDING", "COMPLETED SUBMITTED", "COMPLETED VERIFIED" }, seen)
      assert.equal(409, server:send({ "POST /_sandbox/advance", json = { id = id } }).status)
    end)

    it("goes by itself when it is set to", function()
      control.settings { deepidv = { automatic = true } }
      local id, seen = create().id, {}
      for i = 1, 4 do
        seen[i] = get(id).session_record.status
      end
      assert.same({ "PENDING", "SUBMITTED", "VERIFIED", "VERIFIED" }, seen)
    end)

    it("goes to every status there is, and to no other", function()
      local id = create().id
      for _, status in ipairs { "PENDING", "SUBMITTED", "VERIFIED", "REJECTED", "VOIDED", "EXPIRED",
        "FAILED" } do
        local state = control.advance(id, status)
        assert.same({ "deepidv", status, status ~= "PENDING" and status ~= "SUBMITTED" },
          { state.provider, state.status, state.final })
      end
      assert.equal(409, server:send({ "POST /_sandbox/advance", json = { id = id,
        status = "approved" } }).status)
      control.advance(id, "FAILED", { reason = "face_mismatch" })
      local failure = get(id).session_record.meta_data.failureData
      assert.same({ 1, "FACE_MISMATCH", "PRIMARY" },
        { failure.failedAttempts, failure.attempts[1].reason, failure.attempts[1].slot })
      assert.is_string(failure.attempts[1].failedAt)
      control.advance(id, "FAILED", { reason = "OCR_NAME_MISSING" })
      failure = get(id).session_record.meta_data.failureData
      assert.same({ 2, "OCR_NAME_MISSING" }, { failure.failedAttempts, failure.attempts[2].reason })
    end)

    it("tells why it has declined a session", function()
      local id = create().id
      control.advance(id, "REJECTED", { reason = "LOW_FACE_MATCH" })
      local record = get(id).session_record
      local declined = record.meta_data.declinedData
      assert.same({ true, "LOW_FACE_MATCH", "PRIMARY", "CRITICAL" }, { declined.declined, declined.reason.code,
        declined.reason.slot, declined.reason.severity })
      assert.is_nil(record.meta_data.failureData)
      assert.is_false(record.analysis_data.id_matches_selfie)
    end)

    it("has an analysis once something was submitted, and steps where there is a workflow", function()
      local id = create().id
      assert.is_nil(get(id).session_record.analysis_data)
      control.advance(id, "SUBMITTED")
      local data = get(id).session_record.analysis_data
      assert.is_true(data.id_matches_selfie)
      assert.same({ "FIRST_NAME", "ADA" }, {
        data.id_analysis_data.id_extracted_text[1].type, data.id_analysis_data.id_extracted_text[1].value,
      })
      assert.is_nil(get(id).session_record.workflow_steps)
      control.settings { deepidv = { workflows = { "wf_1" } } }
      local record = get(create({ workflow_id = "wf_1" }).id).session_record
      assert.same({ "session", "ID_VERIFICATION" }, { record.type, record.workflow_steps[1] })
    end)
  end)

  describe("the applicant's page", function()
    local rows = {
      { "complete", "status=success", "SUBMITTED" },
      { "fail", "status=failed&reason=document_unreadable", "FAILED" },
      { "fail?reason=internal_error", "status=failed&reason=internal_error", "FAILED" },
      { "mismatch", "status=failed&reason=face_mismatch", "FAILED" },
      { "expire", "status=failed&reason=session_expired", "EXPIRED" },
      { "abandon", "status=abandoned&reason=user_cancelled", "PENDING" },
    }
    for _, row in ipairs(rows) do
      it("ends with " .. row[1], function()
        local made = create { redirect_url = "https://me.example/back?a=1" }
        assert.equal(200, server:get(made.session_url).status)
        local answer = server:get(server.http .. "/session/" .. made.id .. "/" .. row[1])
        assert.same({ 302, "https://me.example/back?a=1&session_id=" .. made.id .. "&" .. row[2] },
          { answer.status, answer.headers.location })
        assert.equal(row[3], control.sessions()[1].status)
      end)
    end

    it("links to its endings, and leads somewhere without a redirect", function()
      local made = create()
      local page = server:get(made.session_url)
      local href = page.body:match 'href="(/session/[^"]+/fail[^"]*)"'
      assert.equal("/session/" .. made.id .. "/fail?reason=document_unreadable", href)
      local location = server:get(server.http .. href).headers.location
      assert.equal(200, server:get(location).status)
      assert.equal(404, server:get(server.http .. "/session/unknown").status)
    end)

    it("goes on by itself after a complete verification", function()
      local made = create()
      server:get(server.http .. "/session/" .. made.id .. "/complete")
      assert.equal("VERIFIED", get(made.id).session_record.status)
    end)
  end)

  describe("webhooks", function()
    local rows = {
      { "PENDING", "session.created" }, { "SUBMITTED", "session.status.submitted" },
      { "VERIFIED", "session.status.verified" }, { "REJECTED", "session.status.rejected" },
      { "FAILED", "session.status.failed" },
    }
    for _, row in ipairs(rows) do
      it("tell of " .. row[1], function()
        local id = create().id
        control.advance(id, row[1])
        local hook = control.webhook { id = id, secret = "whsec_x" }
        local body = require("cjson").decode(hook.body)
        assert.same({ row[2], id, row[1] }, { body.type, body.data.id, body.data.status })
        assert.same({ { "Content-Type", "application/json" }, { "deepidv-signature", "whsec_x" } },
          hook.headers)
      end)
    end

    it("do not exist for other statuses", function()
      local id = create().id
      control.advance(id, "VOIDED")
      assert.equal(409, server:send({ "POST /_sandbox/webhook", json = { id = id } }).status)
      assert.equal("session.made.up",
        require("cjson").decode(control.webhook({ id = id, type = "session.made.up" }).body).type)
    end)
  end)
end)
