--- Testing one's own workflow, in two ways.
---
---   busted examples/testing/workflow_spec.lua
---
--- With prepared answers (idv.transport.record): fast, without a process or a network, for every branch. With the
--- sandbox: over TLS, with the provider's own rules and state machine, for the way as a whole. IDV_SANDBOX says how to
--- run it, if not as `idv-sandbox`.

local folder = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" or "."
package.path = folder .. "/?.lua;" .. package.path

local idv = require "idv"
local record = require "idv.transport.record"
local workflow = require "workflow"

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

describe("the workflow, with prepared answers", function()
  local function with(...)
    local transport = record.new { ... }
    return idv.deepidv { api_key = "none", transport = transport }, transport
  end

  it("invites", function()
    local deepidv, transport = with { "POST /v1/sessions", json = { id = "s1", session_url = "https://x.example/" } }
    assert.are_same({ state = "invited", id = "s1" }, workflow.invite(deepidv, ada))
    assert.is_true(transport:is_used_up())
    assert.is_truthy(transport.requests[1].body:find('"email":"ada@example.com"', 1, true))
  end)

  it("asks for another input, without sending anything", function()
    local deepidv, transport = with()
    local invitation = workflow.invite(deepidv, { first_name = "Ada", last_name = "Example", email = "ada" })
    assert.are_same({ state = "fix_input", fields = { "email", "phone" } }, invitation)
    assert.are_equal(0, #transport.requests)
  end)

  it("tries later when the provider is busy or not to be reached", function()
    local deepidv = with({ "POST /v1/sessions", status = 429, headers = { ["Retry-After"] = "7" } },
      { "POST /v1/sessions", fails = { kind = "network", outcome = "not_sent", message = "no route" } })
    assert.are_same({ state = "try_later", seconds = 7 }, workflow.invite(deepidv, ada))
    assert.are_same({ state = "try_later", seconds = 60 }, workflow.invite(deepidv, ada))
  end)

  it("never invites twice", function()
    local deepidv = with { "POST /v1/sessions", fails = { kind = "timeout", outcome = "unknown", message = "late" } }
    assert.are_same({ state = "look_first" }, workflow.invite(deepidv, ada))
  end)

  for status, answer in pairs {
    PENDING = "waiting", SUBMITTED = "waiting", VERIFIED = "welcome", REJECTED = "refused", EXPIRED = "invite again",
    A_STATUS_OF_TOMORROW = "waiting",
  } do
    it("knows what to do with " .. status, function()
      local deepidv = with { "GET /v1/sessions/s1", json = { session_record = { id = "s1", status = status } } }
      assert.are_equal(answer, workflow.verdict(deepidv, "s1"))
    end)
  end
end)

describe("the workflow, in the sandbox", function()
  local sandbox, deepidv

  setup(function()
    sandbox = assert(require("idv.sandbox.remote").start(os.getenv "IDV_SANDBOX"))
    deepidv = idv.deepidv { api_key = "live_test", base_url = sandbox.https, ca_file = sandbox.ca_file }
  end)

  teardown(function()
    sandbox:stop()
  end)

  before_each(function()
    assert(sandbox.control:reset())
  end)

  it("leads from the invitation to the verdict", function()
    local invitation = workflow.invite(deepidv, ada)
    assert.are_equal("invited", invitation.state)
    assert.are_equal("waiting", workflow.verdict(deepidv, invitation.id))
    assert(sandbox.control:advance(invitation.id, "SUBMITTED"))
    assert(sandbox.control:advance(invitation.id, "VERIFIED"))
    assert.are_equal("welcome", workflow.verdict(deepidv, invitation.id))
  end)

  it("sends one request when the connection breaks, and does not send it again", function()
    assert(sandbox.control:fault { extra = { path = "/v1/sessions", reset = true } })
    assert.are_equal("look_first", workflow.invite(deepidv, ada).state)
    assert.are_equal(1, assert(sandbox.control:journal { provider = "deepidv" }).count)
  end)
end)
