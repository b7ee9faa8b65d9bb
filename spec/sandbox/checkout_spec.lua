-- Checkout.com as the sandbox plays it: every endpoint, every refusal, the state machine, reports, webhooks.

local httpd = require "idv.httpd"
local sandbox = require "spec.support.sandbox"

describe("checkout", function()
  local server = sandbox.shared()
  local control = server.control

  before_each(function()
    control.reset()
  end)

  local function call(line, body, authorization)
    return server:send { line, json = body,
      headers = { Authorization = authorization or "Bearer sk_sbox_key" } }
  end

  local function ok(answer, status)
    assert.equal(status, answer.status, answer.body)
    return answer:json()
  end

  local function applicant(fields)
    return ok(call("POST /applicants", fields or { email = "ada@example.com" }), 201)
  end

  local function verification(fields)
    return ok(call("POST /identity-verifications", {
      applicant_id = applicant(fields).id, declared_data = { name = "Ada Example" },
    }), 201)
  end

  local function opened(fields)
    local body = { declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/back?a=1" }
    for name, value in pairs(fields or {}) do
      body[name] = value
    end
    return ok(call("POST /create-and-open-idv", body), 201)
  end

  local function attempt_for(id, body)
    return call("POST /identity-verifications/" .. id .. "/attempts",
      body or { redirect_url = "https://me.example/" })
  end

  local function get(id)
    return ok(call("GET /identity-verifications/" .. id), 200)
  end

  local function attempts(id, query)
    return ok(call("GET /identity-verifications/" .. id .. "/attempts" .. (query or "")), 200)
  end

  describe("credentials", function()
    local rows = {
      { "", 401 }, { "sk_sbox_key", 401 }, { "Basic sk_sbox_key", 401 }, { "Bearer pk_sbox_key", 401 },
      { "Bearer sk_invalid", 401 }, { "Bearer sk_forbidden", 403 }, { "Bearer unknown", 401 },
        { "Bearer sk_x", 404 },
    }
    for _, row in ipairs(rows) do
      it("'" .. row[1] .. "' gives " .. row[2], function()
        local answer = call("GET /identity-verifications/idv_x", nil, row[1])
        assert.equal(row[2], answer.status)
        assert.equal("", answer.body)
        assert.is_string(answer.headers["cko-request-id"])
      end)
    end
  end)

  describe("POST /connect/token", function()
    local form = { grant_type = "client_credentials", client_id = "ack_client", client_secret = "secret",
      scope = "identity-verification" }

    local function token(changes, headers)
      local fields = {}
      for name, value in pairs(form) do
        fields[name] = value
      end
      for name, value in pairs(changes or {}) do
        fields[name] = value or nil
      end
      return server:send { "POST /connect/token", form = fields, headers = headers }
    end

    it("gives a token that works, until it is revoked", function()
      local made = ok(token(), 200)
      assert.same({ "Bearer", 3600, "identity-verification" }, { made.token_type, made.expires_in,
        made.scope })
      assert.equal(404, call("GET /identity-verifications/idv_x", nil, "Bearer " .. made.access_token).status)
      control.revoke_tokens()
      assert.equal(401, call("GET /identity-verifications/idv_x", nil, "Bearer " .. made.access_token).status)
    end)

    it("gives a token that expires", function()
      control.settings { checkout = { token_expires_in = 60 } }
      local made = ok(token(), 200)
      assert.equal(60, made.expires_in)
      assert.equal(404, call("GET /identity-verifications/idv_x", nil, "Bearer " .. made.access_token).status)
      control.settings { clock_offset = 61 }
      assert.equal(401, call("GET /identity-verifications/idv_x", nil, "Bearer " .. made.access_token).status)
    end)

    it("takes the client from HTTP Basic, too", function()
      local basic = { Authorization = "Basic YWNrX2NsaWVudDpzZWNyZXQ=" } -- ack_client:secret
      assert.equal(200, token({ client_id = false, client_secret = false }, basic).status)
    end)

    local rows = {
      { { client_id = "client" }, "invalid_client" }, { { client_secret = "" }, "invalid_client" },
      { { client_secret = "invalid" }, "invalid_client" }, { { client_id = false }, "invalid_client" },
      { { scope = "vault" }, "invalid_scope" }, { { grant_type = "password" }, "unsupported_grant_type" },
      { { grant_type = false }, "invalid_request" },
    }
    for i, row in ipairs(rows) do
      it("refuses with 400 " .. row[2] .. " (" .. i .. ")", function()
        assert.same({ error = row[2] }, ok(token(row[1]), 400))
      end)
    end

    it("refuses a body that is no form", function()
      assert.same({ error = "invalid_request" }, ok(server:send { "POST /connect/token", json = form }, 400))
    end)
  end)

  describe("applicants", function()
    it("are created, read, updated and anonymized", function()
      local made = applicant { external_applicant_id = "ext_1", external_applicant_name = "Ada",
        email = "a@b.example" }
      assert.truthy(made.id:find "^aplt_[a-z2-7]+$")
      assert.equal(server.http .. "/applicants/" .. made.id, made._links.self.href)
      assert.same(made, ok(call("GET /applicants/" .. made.id), 200))
      local changed = ok(call("PATCH /applicants/" .. made.id, { email = "c@d.example" }), 200)
      assert.same({ "c@d.example", "Ada", "ext_1" },
        { changed.email, changed.external_applicant_name, changed.external_applicant_id })
      local blank = ok(call("POST /applicants/" .. made.id .. "/anonymize"), 200)
      assert.same({ nil, nil, "ext_1" }, { blank.email, blank.external_applicant_name,
        blank.external_applicant_id })
    end)

    it("may be empty", function()
      assert.is_string(ok(call("POST /applicants", { email = nil, [1] = nil, x = 1 }), 201).id)
    end)

    it("are refused when something is wrong with them", function()
      assert.equal(404, call("GET /applicants/aplt_unknown").status)
      assert.equal(404, call("PATCH /applicants/aplt_unknown", { email = "a@b.example" }).status)
      assert.equal(404, call("POST /applicants/aplt_unknown/anonymize").status)
      assert.same({ "email__invalid" }, ok(call("POST /applicants", { email = "x" }), 400).error_codes)
      local made = applicant()
      assert.same({ "external_applicant_id__invalid" },
        ok(call("PATCH /applicants/" .. made.id, { external_applicant_id = "y" }), 400).error_codes)
    end)
  end)

  describe("POST /create-and-open-idv", function()
    it("creates a verification with its first attempt", function()
      local made = opened { user_journey_id = "usj_bbbbbbbbbbbbbbbbbbbbbbbbbb" }
      assert.truthy(made.id:find "^idv_[a-z2-7]+$")
      assert.same({ "pending", "usj_bbbbbbbbbbbbbbbbbbbbbbbbbb", "https://me.example/back?a=1",
        "Ada Example" },
        { made.status, made.user_journey_id, made.redirect_url, made.declared_data.name })
      assert.same({ {}, {}, {} }, { made.response_codes, made.risk_labels, made.documents })
      assert.equal(server.http .. "/identity-verifications/" .. made.id, made._links.self.href)
      assert.equal(server.http .. "/applicants/" .. made.applicant_id, made._links.applicant.href)
      assert.truthy(made._links.verification_url.href:find(server.http .. "/_hosted/checkout/iatp_", 1, true))
      assert.equal(200, call("GET /applicants/" .. made.applicant_id).status)
      local raw = call("GET /identity-verifications/" .. made.id).body
      for _, name in ipairs { "response_codes", "risk_labels", "documents" } do
        assert.truthy(raw:find('"' .. name .. '":[]', 1, true))
      end
    end)

    it("uses the applicant that is named", function()
      local made = applicant()
      assert.equal(made.id, opened({ applicant_id = made.id }).applicant_id)
      assert.equal(404, call("POST /create-and-open-idv", {
        applicant_id = "aplt_unknown", declared_data = { name = "Ada" }, redirect_url = "https://me.example/",
      }).status)
    end)

    local rows = {
      { {}, { "declared_data__required", "redirect_url__required" } },
      { { declared_data = { x = 1 }, redirect_url = "nowhere" },
        { "declared_data__name__required", "redirect_url__invalid" } },
      { { declared_data = { name = "A" }, redirect_url = 7 }, { "declared_data__name__invalid",
        "redirect_url__invalid" } },
      { { declared_data = "Ada", redirect_url = "https://a.b" }, { "declared_data__invalid" } },
      { { declared_data = { name = ("x"):rep(256), birth_date = "1.1.1990", email = "x",
        phone_number = { number = "x" },
          address = { country = "FRA", city = ("x"):rep(51) } }, redirect_url = "https://a.b",
            user_journey_id = "x",
          applicant_id = "x" },
        { "declared_data__name__invalid", "declared_data__birth_date__invalid",
          "declared_data__phone_number__country_code__required",
            "declared_data__phone_number__number__invalid",
          "declared_data__email__invalid", "declared_data__address__city__invalid",
          "declared_data__address__country__invalid", "user_journey_id__invalid", "applicant_id__invalid" } },
    }
    for i, row in ipairs(rows) do
      it("refuses and says everything that is wrong (" .. i .. ")", function()
        local answer = call("POST /create-and-open-idv", row[1])
        local told = ok(answer, 422)
        assert.same(row[2], told.error_codes)
        assert.equal("request_invalid", told.error_type)
        assert.equal(answer.headers["cko-request-id"], told.request_id)
      end)
    end

    it("refuses what is no JSON with 400", function()
      local answer = server:send { "POST /create-and-open-idv", body = "{", headers = {
        Authorization = "Bearer sk_x", ["Content-Type"] = "application/json" } }
      assert.same({ "request_body_malformed" }, ok(answer, 400).error_codes)
    end)
  end)

  describe("POST /identity-verifications", function()
    it("creates a verification without an attempt", function()
      local made = verification()
      assert.same({ "created", nil, nil }, { made.status, made.redirect_url, made._links.verification_url })
      assert.same(made, get(made.id))
      assert.equal(0, attempts(made.id).total_count)
    end)

    it("refuses", function()
      assert.same({ "applicant_id__required", "declared_data__required" },
        ok(call("POST /identity-verifications", { x = 1 }), 422).error_codes)
      assert.equal(404, call("POST /identity-verifications",
        { applicant_id = "aplt_unknown", declared_data = { name = "Ada" } }).status)
    end)
  end)

  describe("attempts", function()
    it("are created, listed and read", function()
      local id = verification().id
      local made = ok(attempt_for(id, {
        redirect_url = "https://me.example/", phone_number = { country_code = "+33", number = "123" },
        client_information = { pre_selected_residence_country = "FR", pre_selected_language = "en-US",
          pre_selected_document_type = "Driving licence", pre_selected_document_issuing_country = "de" },
      }), 201)
      assert.truthy(made.id:find "^iatp_")
      assert.same({ "pending_redirection", "https://me.example/", "FR", "123" },
        { made.status, made.redirect_url, made.client_information.pre_selected_residence_country,
          made.phone_number.number })
      assert.equal(server.http .. "/_hosted/checkout/" .. made.id, made._links.verification_url.href)
      assert.same(made, ok(call("GET /identity-verifications/" .. id .. "/attempts/" .. made.id), 200))
      assert.same(made, attempts(id).data[1])
      assert.equal("pending", get(id).status)
    end)

    it("are paged, the newest first", function()
      local id, made = verification().id, {}
      for i = 1, 3 do
        made[i] = ok(attempt_for(id), 201).id
      end
      local first = attempts(id, "?limit=2")
      assert.same({ 3, 0, 2, made[3], made[2] },
        { first.total_count, first.skip, first.limit, first.data[1].id, first.data[2].id })
      assert.is_nil(first._links.previous)
      local second = ok(server:get(first._links.next.href, { Authorization = "Bearer sk_x" }), 200)
      assert.same({ made[1] }, { second.data[1].id })
      assert.same({ nil, 1 }, { second._links.next, #second.data })
      assert.equal(first._links.self.href, second._links.previous.href)
      assert.truthy(call("GET /identity-verifications/" .. id .. "/attempts?skip=9").body:find('"data":[]',
        1, true))
    end)

    it("replace one that was open", function()
      local made = opened()
      local first = attempts(made.id).data[1].id
      assert.equal(201, attempt_for(made.id).status)
      local old = ok(call("GET /identity-verifications/" .. made.id .. "/attempts/" .. first), 200)
      assert.same({ "terminated", 64001 }, { old.status, old.response_codes[1].code })
    end)

    it("are refused", function()
      local id = verification().id
      assert.equal(404, attempt_for("idv_unknown").status)
      assert.equal(404, call("GET /identity-verifications/" .. id .. "/attempts/iatp_unknown").status)
      assert.equal(404, call("GET /identity-verifications/idv_unknown/attempts").status)
      local other = attempts(opened().id).data[1].id
      assert.equal(404, call("GET /identity-verifications/" .. id .. "/attempts/" .. other).status)
      assert.same({ "redirect_url__required" }, ok(attempt_for(id, { x = 1 }), 422).error_codes)
      assert.same({ "client_information__pre_selected_document_type__invalid" }, ok(attempt_for(id,
        { redirect_url = "https://a.b", client_information = { pre_selected_document_type = "passport" } }),
          422).error_codes)
      assert.same({ "limit__invalid" },
        ok(call("GET /identity-verifications/" .. id .. "/attempts?limit=0"), 422).error_codes)
      assert.same({ "skip__invalid" },
        ok(call("GET /identity-verifications/" .. id .. "/attempts?skip=-1"), 422).error_codes)
    end)

    local allowed = {
      created = true, pending = true, capture_in_progress = true, retry_required = true,
        checks_in_progress = false,
      approved = false, declined = false, inconclusive = false, refused = false,
    }
    for status, may in pairs(allowed) do
      it((may and "may follow" or "conflict with") .. " the status " .. status, function()
        local id = opened().id
        control.advance(id, status)
        local answer = attempt_for(id)
        assert.equal(may and 201 or 409, answer.status)
        if not may then
          assert.same({ "conflict", status }, { answer:json().error_type, get(id).status })
        end
      end)
    end

    it("have assets once the capture is complete", function()
      local id = opened().id
      local attempt = attempts(id).data[1].id
      local path = "GET /identity-verifications/" .. id .. "/attempts/" .. attempt .. "/assets"
      assert.equal(0, ok(call(path), 200).total_count)
      control.advance(id, "approved")
      local list = ok(call(path .. "?limit=2"), 200)
      assert.same({ 3, "face_image", "document_front_image" }, { list.total_count, list.data[1].type,
        list.data[2].type })
      assert.equal(200, server:get(list.data[1]._links.asset_url.href).status)
      assert.equal(404, call(path:gsub(attempt, "iatp_unknown")).status)
    end)

    it("expire when nobody uses them in time", function()
      local id = opened().id
      local url = get(id)._links.verification_url.href
      control.settings { clock_offset = 901 }
      assert.equal(410, server:get(url).status)
      local state = get(id)
      assert.same({ "retry_required", 61101 }, { state.status, state.response_codes[1].code })
      assert.equal("expired", attempts(id).data[1].status)
      assert.equal(201, attempt_for(id).status)
    end)
  end)

  describe("the state machine", function()
    local function walk(id)
      local seen = {}
      repeat
        local answer = server:send { "POST /_sandbox/advance", json = { id = id } }
        seen[#seen + 1] = answer.status == 200 and answer:json().status or nil
      until answer.status ~= 200
      return table.concat(seen, " ")
    end

    local function scenario(text)
      return "eaplt_" .. text .. ("0"):rep(26 - #text)
    end

    local capture = "capture_in_progress"
    local checks = "checks_in_progress"
    local rows = {
      { nil, { capture .. " " .. checks .. " approved" }, 10000 },
      { scenario "1", { capture .. " " .. checks .. " approved" }, 10000 },
      { scenario "62103", { capture .. " " .. checks .. " declined" }, 62103 },
      { scenario "61301A1", { capture .. " retry_required", capture .. " " .. checks .. " approved" },
        10000 },
      { scenario "61411I1", { capture .. " " .. checks .. " retry_required",
        capture .. " " .. checks .. " approved" },
        10000 },
      { scenario "61301A62304", { capture .. " retry_required", capture .. " " .. checks .. " declined" },
        62304 },
      { scenario "61301I62304", { capture .. " " .. checks .. " retry_required",
        capture .. " " .. checks .. " declined" },
        62304 },
      { "somebody", { capture .. " " .. checks .. " approved" }, 10000 },
    }
    for _, row in ipairs(rows) do
      it("plays the scenario " .. tostring(row[1]), function()
        local id = verification({ external_applicant_id = row[1], email = "a@b.example" }).id
        for _, walked in ipairs(row[2]) do
          ok(attempt_for(id), 201)
          assert.equal(walked, walk(id))
        end
        assert.same({ row[3] }, { get(id).response_codes[1].code })
        assert.same({ row[3] }, { attempts(id).data[1].response_codes[1].code })
      end)
    end

    it("tells of the applicant's device with an attempt, and of the documents once they are captured", function()
      local id = opened().id
      local before = attempts(id).data[1].applicant_session_information
      assert.same({ "127.0.0.1", nil }, { before.ip_address, before.selected_documents })
      control.advance(id)
      local after = attempts(id).data[1].applicant_session_information
      assert.same({ country = "FR", document_type = "Passport" }, after.selected_documents[1])
    end)

    it("tells where the applicant returns to only in the answer that opens a verification", function()
      local made = opened()
      assert.is_string(made.redirect_url)
      assert.is_nil(get(made.id).redirect_url)
    end)

    it("ends an attempt the way its verification goes", function()
      local id = verification({ external_applicant_id = scenario "61411I1" }).id
      ok(attempt_for(id), 201)
      walk(id)
      assert.equal("checks_inconclusive", attempts(id).data[1].status)
      ok(attempt_for(id), 201)
      walk(id)
      assert.equal("completed", attempts(id).data[1].status)
    end)

    it("moves by itself when it is set to, one step with every read", function()
      control.settings { checkout = { automatic = true } }
      local id, seen = opened().id, {}
      for i = 1, 4 do
        seen[i] = get(id).status
      end
      assert.same({ capture, checks, "approved", "approved" }, seen)
    end)

    it("goes to any status that is named, with any code", function()
      local id = opened().id
      local state = control.advance(id, "declined", { response_code = 62304,
        risk_labels = { "mcc_not_confident" } })
      assert.same({ "checkout", id, "declined", true }, { state.provider, state.id, state.status,
        state.final })
      local seen = get(id)
      assert.same({ code = 62304, summary = "face_mismatch" }, seen.response_codes[1])
      assert.same({ "mcc_not_confident" }, seen.risk_labels)
      control.advance(id, "retry_required", { attempt_status = "expired" })
      assert.equal("expired", attempts(id).data[1].status)
      assert.equal("unlisted",
        control.advance(id, "declined", { response_code = 62999 }) and get(id).response_codes[1].summary)
    end)

    it("refuses to move where it cannot", function()
      local id = verification().id
      for _, order in ipairs {
        { id = id }, { id = id, status = "approved" }, { id = opened().id, status = "VERIFIED" },
        { id = opened().id, status = "pending", attempt_status = "nonsense" },
      } do
        assert.equal(409, server:send({ "POST /_sandbox/advance", json = order }).status)
      end
    end)

    it("is found by its attempt, too", function()
      local id = opened().id
      assert.equal(id, control.advance(attempts(id).data[1].id, "approved").id)
    end)
  end)

  describe("final answers", function()
    it("hold the evidence, with links that work", function()
      local id = opened({ declared_data = { name = "Ada Example", birth_date = "1815-12-10" } }).id
      control.advance(id, "approved")
      local seen = get(id)
      assert.same({ full_name = "Ada Example", birth_date = "1815-12-10" }, seen.verified_identity)
      assert.same({ "Passport", "FR", "Ada Example" },
        { seen.documents[1].document_type, seen.documents[1].document_issuing_country,
          seen.documents[1].full_name })
      assert.is_nil(seen._links.verification_url)
      for _, url in ipairs { seen.face.image_signed_url, seen.documents[1].front_image_signed_url } do
        local picture = server:get(url)
        assert.same({ 200, "image/png" }, { picture.status, picture.headers["content-type"] })
        assert.equal("\137PNG", picture.body:sub(1, 4))
      end
    end)

    it("hold no verified identity when declined", function()
      local id = opened().id
      control.advance(id, "declined")
      local seen = get(id)
      assert.same({ nil, 1 }, { seen.verified_identity, #seen.documents })
    end)
  end)

  describe("anonymize", function()
    it("removes what is personal and answers the verification", function()
      local id = opened().id
      control.advance(id, "approved")
      local report = ok(call("GET /identity-verifications/" .. id .. "/pdf-report"), 200).pdf_report
      local blank = ok(call("POST /identity-verifications/" .. id .. "/anonymize"), 200)
      assert.same({ id, "approved", nil, nil }, { blank.id, blank.status, blank.verified_identity,
        blank.face })
      assert.same({ { name = "Ada Example" }, 1, nil }, {
        blank.declared_data, #blank.documents, blank.documents[1].front_image_signed_url,
      })
      assert.equal("Ada Example", blank.documents[1].full_name)
      assert.falsy(call("GET /identity-verifications/" .. id).body:find("signed_url", 1, true))
      assert.is_nil(attempts(id).data[1].applicant_session_information)
      assert.equal(404, call("GET /identity-verifications/" .. id .. "/pdf-report").status)
      assert.equal(404, server:get(report).status)
      assert.equal(200, call("POST /identity-verifications/" .. id .. "/anonymize").status)
      assert.equal(404, call("POST /identity-verifications/idv_unknown/anonymize").status)
    end)

    it("closes what is under way", function()
      local id = opened().id
      local blank = ok(call("POST /identity-verifications/" .. id .. "/anonymize"), 200)
      assert.same({ "inconclusive", 64001 }, { blank.status, blank.response_codes[1].code })
      assert.equal("terminated", attempts(id).data[1].status)
    end)
  end)

  describe("pdf-report", function()
    local function report(id)
      return call("GET /identity-verifications/" .. id .. "/pdf-report")
    end

    it("is not there before the end, nor before it was created", function()
      local id = opened().id
      assert.equal(404, report(id).status)
      control.settings { checkout = { report_ready = false } }
      control.advance(id, "approved")
      assert.equal(404, report(id).status)
      control.settings { checkout = { report_ready = true } }
      assert.equal(200, report(id).status)
      assert.equal(404, report("idv_unknown").status)
      control.advance(id, "inconclusive")
      assert.equal(404, report(id).status)
    end)

    for _, name in ipairs { "pdf_report", "signed_url" } do
      it("leads to a PDF through " .. name, function()
        control.settings { checkout = { report = name } }
        local id = opened().id
        control.advance(id, "declined")
        local url = ok(report(id), 200)[name]
        assert.truthy(url:find("^" .. server.http .. "/_storage/"))
        local file = server:get(url)
        assert.same({ 200, "application/pdf", tostring(#file.body) },
          { file.status, file.headers["content-type"], file.headers["content-length"] })
        assert.equal("%PDF-", file.body:sub(1, 5))
        assert.truthy(file.body:find("(Verification: " .. id .. ")", 1, true))
        assert.truthy(file.body:find("(Status: declined)", 1, true))
      end)
    end

    it("can be the PDF itself", function()
      control.settings { checkout = { report = "pdf" } }
      local id = opened().id
      control.advance(id, "approved")
      local answer = report(id)
      assert.same({ "application/pdf", "%PDF-" }, { answer.headers["content-type"], answer.body:sub(1, 5) })
    end)

    it("can be of any size", function()
      control.settings { checkout = { report_bytes = 3000000 } }
      local id = opened().id
      control.advance(id, "approved")
      local file = server:get(ok(report(id), 200).pdf_report)
      assert.equal(3000000, #file.body)
      local at = tonumber(file.body:match("startxref\n(%d+)\n%%%%EOF\n$"))
      assert.equal("xref", file.body:sub(at + 1, at + 4))
    end)

    it("is kept in a storage that refuses an Authorization header, and remembers it", function()
      local id = opened().id
      control.advance(id, "approved")
      local url = ok(report(id), 200).pdf_report
      control.clear_journal()
      local answer = server:get(url, { Authorization = "Bearer sk_x" })
      assert.same({ 400, "application/xml" }, { answer.status, answer.headers["content-type"] })
      assert.truthy(answer.body:find("<Code>InvalidArgument</Code>", 1, true))
      local entry = control.journal { operation = "storage_fetch" }[1]
      assert.equal(400, entry.status)
      assert.equal(200, server:get(url).status)
    end)

    it("opens for nobody else, and not for ever", function()
      local id = opened().id
      control.advance(id, "approved")
      local url = ok(report(id), 200).pdf_report
      assert.equal(403, server:get((url:gsub("Signature=%x", "Signature=x"))).status)
      assert.equal(403, server:get((url:gsub("%?.*", ""))).status)
      assert.equal(403, server:get((url:gsub("report.pdf", "face.png"))).status)
      assert.equal(403, server:get((url:gsub("Ends=%d", "Ends=9"))).status)
      control.settings { clock_offset = 3601 }
      assert.truthy(server:get(url).body:find("<Code>AccessDenied</Code>", 1, true))
    end)
  end)

  describe("the applicant's page", function()
    it("shows how it can end, and starts the capture", function()
      local made = opened()
      local page = server:get(made._links.verification_url.href)
      assert.same({ 200, "text/html; charset=utf-8" }, { page.status, page.headers["content-type"] })
      for _, name in ipairs { "complete", "fail", "abandon", "refuse" } do
        assert.truthy(page.body:find("/" .. name, 1, true))
      end
      assert.equal("capture_in_progress", get(made.id).status)
      assert.equal("127.0.0.1", attempts(made.id).data[1].applicant_session_information.ip_address)
    end)

    local rows = {
      { "complete", "checks_in_progress", "capture_completed", nil, "checks_in_progress" },
      { "fail?reason=document_blurry", "retry_required", "capture_aborted", 61301, "capture_aborted" },
      { "fail?reason=61402", "retry_required", "capture_aborted", 61402, "capture_aborted" },
      { "abandon", "retry_required", "capture_aborted", 61121, "capture_aborted" },
      { "refuse", "refused", "capture_refused", 63001, "capture_refused" },
    }
    for _, row in ipairs(rows) do
      it("ends with " .. row[1], function()
        local made = opened()
        local answer = server:get(made._links.verification_url.href .. "/" .. row[1])
        assert.equal(302, answer.status)
        assert.equal("https://me.example/back?a=1&id=" .. made.id .. "&event=identity_verification_" .. row[3]
          .. (row[4] and "&response_code=" .. row[4] or ""), answer.headers.location)
        assert.equal(row[5], attempts(made.id).data[1].status)
        assert.equal(410, server:get(made._links.verification_url.href).status)
        assert.equal(410, server:get(made._links.verification_url.href .. "/complete").status)
      end)
    end

    it("lets the checks end by themselves after a complete capture", function()
      local made = opened()
      server:get(made._links.verification_url.href .. "/complete")
      assert.equal("approved", get(made.id).status)
    end)

    it("knows no other sessions and no other endings", function()
      assert.equal(404, server:get(server.http .. "/_hosted/checkout/iatp_unknown").status)
      assert.equal(404, server:get(server.http .. "/_hosted/checkout/iatp_unknown/complete").status)
      assert.equal(404, server:get(opened()._links.verification_url.href .. "/win").status)
    end)
  end)

  describe("webhooks", function()
    local rows = {
      { "pending", "opened" }, { "capture_in_progress", "started" }, { "checks_in_progress",
        "capture_completed" },
      { "approved", "checks_completed" }, { "declined", "checks_completed" }, { "inconclusive", "closed" },
      { "refused", "capture_refused" },
    }
    for _, row in ipairs(rows) do
      it("tell of " .. row[1], function()
        local id = opened().id
        control.advance(id, row[1])
        local hook = control.webhook { id = id, secret = "whsec" }
        local body = require("cjson").decode(hook.body)
        assert.same({ "identity_verification_" .. row[2], row[1], id, "1.2.0" },
          { body.type, body.data.status, body.data.identity_verification_id, body.version })
        assert.truthy(body.id:find "^evt_")
        assert.truthy(body.created_on:find "%.%d%d%d%d%d%dZ$")
        local headers = {}
        for _, header in ipairs(hook.headers) do
          headers[header[1]] = header[2]
        end
        assert.equal(httpd.hmac_sha256("whsec", hook.body), headers["Cko-Signature"])
      end)
    end

    it("tell of the rest, of another event, and with the header that is wanted", function()
      local decode = require("cjson").decode
      local id = verification({ external_applicant_id = "ext_1" }).id
      local created = decode(control.webhook({ id = id }).body)
      assert.same({ "identity_verification_created", "ext_1" }, { created.type,
        created.data.external_applicant_id })
      ok(attempt_for(id), 201)
      ok(attempt_for(id), 201)
      assert.equal("identity_verification_reset", decode(control.webhook({ id = id }).body).type)
      for status, event in pairs { expired = "link_expired", capture_aborted = "capture_aborted",
        checks_inconclusive = "checks_inconclusive", terminated = "closed" } do
        control.advance(id, "retry_required", { attempt_status = status })
        assert.equal("identity_verification_" .. event, decode(control.webhook({ id = id }).body).type)
      end
      local hook = control.webhook { id = id, type = "identity_verification_report_created",
        authorization = "mine" }
      assert.equal("identity_verification_report_created", decode(hook.body).type)
      assert.same({ { "Content-Type", "application/json" }, { "Authorization", "mine" } }, hook.headers)
      ok(call("POST /identity-verifications/" .. id .. "/anonymize"), 200)
      assert.equal("identity_verification_anonymized", decode(control.webhook({ id = id }).body).type)
    end)
  end)
end)
