--- Webhooks of products that are not identity verification: they say what they are about, and nothing of them can be
--- taken for a verdict on a session.

local cjson = require "cjson"
local crypto = require "idv.httpd"
local idv = require "idv"

local verdicts = { "approved", "declined", "inconclusive", "refused", "completed", "expired", "terminated" }

local function checkout_event(event_type, data)
  local checkout = idv.checkout { secret_key = "sk_x", webhook_secret = "s" }
  local body = cjson.encode { id = "evt_1", type = event_type, version = "1.2.0", data = data }
  return assert(checkout:parse_webhook({ ["Cko-Signature"] = crypto.hmac_sha256("s", body) }, body))
end

local function deepidv_event(event_type, data)
  local deepidv = idv.deepidv { api_key = "k", webhook_secret = "whsec_1" }
  local body = cjson.encode { type = event_type, data = data }
  return assert(deepidv:parse_webhook({ ["deepidv-signature"] = "whsec_1" }, body))
end

local function assert_no_verdict(event, what)
  assert.is_nil(event.status, what)
  assert.is_false(event.final, what)
  assert.is_nil(event.session_id, what)
  assert.is_nil(event.response_codes, what)
end

describe("a webhook of another product of Checkout.com", function()
  local products = {
    face_authentication = { "checks_completed", "created", "closed", "audit_completed", "anonymized", "of_2031" },
    id_document_verification = { "checks_completed", "quality_checks_started", "capture_refused", "report_created" },
    address_document_verification = { "checks_completed", "created" },
    aml_verification = { "status_changed", "onboarding_completed", "onboarding_reviewed", "monitoring_alert", "created" },
  }

  for product, events in pairs(products) do
    it("says that it is about " .. product .. ", with id and status, and nothing of a session", function()
      for _, event_name in ipairs(events) do
        for _, status in ipairs(verdicts) do
          local event = checkout_event(product .. "_" .. event_name, {
            applicant_id = "aplt_1", external_applicant_id = "customer 7", status = status, [product .. "_id"] = "xyz_1",
            response_codes = { { code = 10000, summary = "approved" } }, user_journey_id = "usj_1",
          })
          assert_no_verdict(event, event.type .. " " .. status)
          assert.are_same({ product, "xyz_1", status, "aplt_1", "customer 7", "usj_1" }, {
            event.product, event.product_id, event.product_status, event.applicant_id, event.external_id,
            event.user_journey_id,
          })
          assert.are_equal("checkout webhook evt_1", tostring(event))
        end
      end
    end)
  end

  it("names the statuses of AML screening and of document checks in the provider's words", function()
    for _, status in ipairs { "screening_in_progress", "review_required", "approved", "declined", "created" } do
      local event = checkout_event("aml_verification_onboarding_completed", {
        status = status, aml_verification_id = "amlv_1",
      })
      assert.are_equal(status, event.product_status)
      assert.is_nil(event.status)
    end
    local event = checkout_event("id_document_verification_created", { status = "quality_checks_in_progress" })
    assert.are_equal("quality_checks_in_progress", event.product_status)
    assert.is_nil(event.product_id)
  end)

  it("is no verdict when it names a session too, or puts its own id where the session's belongs", function()
    assert_no_verdict(checkout_event("face_authentication_checks_completed", {
      status = "approved", face_authentication_id = "fav_1", identity_verification_id = "idv_1",
    }))
    assert_no_verdict(checkout_event("aml_verification_status_changed", {
      status = "approved", identity_verification_id = "amlv_01hcz2nt6nrnrv5tb73bpmacba",
    }))
    assert_no_verdict(checkout_event("identity_verification_checks_completed", {
      status = "approved", identity_verification_id = "amlv_01hcz2nt6nrnrv5tb73bpmacba",
    }))
  end)

  it("is unknown when no document names its product", function()
    for _, event_type in ipairs {
      "payment_approved", "dispute_resolved", "identity", "identity_verification", "identity_verificationchecks_completed",
      "Identity_Verification_checks_completed", "re_identity_verification_checks_completed", "approved", "",
      "age_verification_checks_completed", " identity_verification_checks_completed",
    } do
      local event = checkout_event(event_type, { status = "approved", identity_verification_id = "idv_1" })
      assert_no_verdict(event, event_type)
      assert.are_equal("unknown", event.product)
      assert.are_equal("approved", event.product_status)
    end
  end)
end)

describe("a webhook of identity verification", function()
  local function of(event_type, status, id)
    return checkout_event("identity_verification_" .. event_type, {
      status = status, identity_verification_id = id, applicant_id = "aplt_1", external_applicant_id = "eaplt_7",
      user_journey_id = "usj_1", response_codes = { { code = 10000, summary = "approved" } },
    })
  end

  it("carries status, session, applicant, reference and configuration for every documented type", function()
    for _, event_type in ipairs {
      "created", "opened", "started", "reset", "capture_completed", "checks_completed", "checks_inconclusive",
      "capture_refused", "capture_aborted", "link_expired", "retry_requested", "closed", "anonymized",
      "audit_completed", "report_created",
    } do
      local event = of(event_type, "approved", "idv_1")
      assert.are_same({ "approved", true, "idv_1", "eaplt_7", "usj_1", "aplt_1", 10000, "identity_verification" }, {
        event.status, event.final, event.session_id, event.external_id, event.user_journey_id, event.applicant_id,
        event.response_codes[1].code, event.product,
      })
      assert.is_nil(event.product_status)
      assert.is_nil(event.product_id)
    end
  end)

  it("names the session and no status when its type is of a later release", function()
    for _, event_type in ipairs { "attempt_completed", "approved", "checks_completed_v2", "checks_completed ", "" } do
      local event = of(event_type, "approved", "idv_1")
      assert.are_same({ "idv_1", "identity_verification" }, { event.session_id, event.product })
      assert.is_nil(event.status)
      assert.is_false(event.final)
    end
  end)

  it("has no status when it names no session", function()
    for _, id in ipairs { "", "idv_", "fav_1", 5, true, { "idv_1" }, cjson.null } do
      local event = of("checks_completed", "approved", id)
      assert.is_nil(event.status)
      assert.is_nil(event.session_id)
      assert.is_false(event.final)
    end
  end)

  it("has the status `unknown`, not final, when that is of a later release", function()
    local event = of("checks_completed", "approved_with_conditions", "idv_1")
    assert.are_same({ "unknown", false }, { event.status, event.final })
  end)
end)

describe("a webhook of deepIDV", function()
  local function of(event_type, session_type, status, wrap)
    local record = { id = "s1", status = status or "VERIFIED", type = session_type, external_id = "e1" }
    return deepidv_event(event_type, wrap and { session_record = record } or record)
  end

  it("is a verdict when it is about a session that verifies an identity", function()
    for _, session_type in ipairs { "session", "verification", cjson.null } do
      for _, wrap in ipairs { false, true } do
        local event = of("session.status.verified", session_type, nil, wrap)
        assert.are_same({ "approved", true, "s1", "e1", "session" },
          { event.status, event.final, event.session_id, event.external_id, event.product })
      end
    end
    assert.are_equal("declined", of("session.status.rejected", "verification", "REJECTED").status)
  end)

  it("is none when its type is another verdict than the status in it", function()
    for event_type, verdict in pairs {
      ["session.status.verified"] = "VERIFIED", ["session.status.rejected"] = "REJECTED", ["session.status.failed"] = "FAILED",
    } do
      for _, status in ipairs { "VERIFIED", "REJECTED", "FAILED", "PENDING", "SUBMITTED", "VOIDED", "verified", "NEW" } do
        local event = of(event_type, "session", status)
        assert.are_equal(status == verdict, event.final, event_type .. " " .. status)
        assert.are_equal(status == verdict, event.status ~= nil, event_type .. " " .. status)
        assert.are_equal("s1", event.session_id)
      end
    end
  end)

  it("is none when the session is a credit application, a screening, a document or what a later release adds", function()
    for _, session_type in ipairs {
      "credit-application", "silent-screening", "deep-doc", "credit-check-hard", "credit-check-soft", "age-verification",
      "Session", "VERIFICATION", "",
    } do
      for _, status in ipairs { "VERIFIED", "REJECTED", "FAILED", "EXPIRED", "VOIDED" } do
        local event = of("session.status.verified", session_type, status)
        assert_no_verdict(event, session_type .. status)
        assert.are_same({ session_type, "s1", status, "e1" },
          { event.product, event.product_id, event.product_status, event.external_id })
      end
    end
    local event = of("session.status.verified", 5)
    assert_no_verdict(event)
    assert.are_equal("unknown", event.product)
  end)

  it("is none when the event is of no documented type", function()
    for _, event_type in ipairs { "session.step.completed", "session.status.approved", "session.", "session.deleted" } do
      local event = of(event_type, "session")
      assert.are_same({ "s1", "session" }, { event.session_id, event.product })
      assert.is_nil(event.status)
      assert.is_false(event.final)
    end
    for _, event_type in ipairs { "screening.completed", "age_verification.verified", "sessions.status.verified", "verified" } do
      local event = of(event_type, "session")
      assert_no_verdict(event, event_type)
      assert.are_equal("unknown", event.product)
    end
  end)
end)

describe("a webhook of the sandbox", function()
  local sandbox = require "spec.support.sandbox"
  local control = sandbox.shared().control

  it("can be of another product of Checkout.com", function()
    local checkout = idv.checkout {
      base_url = sandbox.shared().http, allow_http = true, secret_key = "sk_x", webhook_secret = "s",
    }
    local applicant = assert(checkout:create_applicant { external_applicant_id = "customer 7" })
    local session = assert(checkout:create_session {
      declared_data = { name = "Ada Example" }, redirect_url = "https://me.example/", applicant_id = applicant.id,
    })
    control.advance(session.id, "approved")
    local sent = control.webhook { id = session.id, secret = "s" }
    local event = assert(checkout:parse_webhook(sent.headers, sent.body))
    assert.are_same({ "approved", session.id, "customer 7" }, { event.status, event.session_id, event.external_id })
    assert.is_truthy(event.user_journey_id:find "^usj_")
    for product, prefix in pairs {
      face_authentication = "fav_", id_document_verification = "iddv_", aml_verification = "amlv_",
      address_document_verification = "adv_",
    } do
      sent = control.webhook { id = session.id, secret = "s", type = product .. "_created", status = "review_required" }
      event = assert(checkout:parse_webhook(sent.headers, sent.body))
      assert_no_verdict(event, product)
      assert.are_same({ product, prefix, "review_required" },
        { event.product, event.product_id:match "^%a+_", event.product_status })
    end
  end)
end)
