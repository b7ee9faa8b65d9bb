--- A redirect where none belongs: it is named, with where it leads to by host and path, and with nothing that is secret.

local idv = require "idv"

local ada = { first_name = "Ada", last_name = "Lovelace", email = "ada@example.com", phone = "+15192223333" }

--- The error of a creation that is answered with a redirect.
local function redirected(location, more)
  more = more or {}
  local deepidv = idv.deepidv {
    api_key = "the-secret-key", base_url = more.base_url, transport = function()
      return {
        status = more.status or 302, headers = location and { { "Location", location } }, body = more.body,
      }
    end,
  }
  local session, err = deepidv:create_session(ada)
  assert.is_nil(session)
  return err
end

describe("a redirect where none belongs", function()
  for location, place in pairs {
    ["https://login.example/sso/start"] = "to https://login.example/sso/start,",
    ["https://LOGIN.example:8443/a"] = "to https://login.example:8443/a,",
    ["https://login.example"] = "to https://login.example,",
    ["http://api.deepidv.com/v1/sessions"] = "to http://api.deepidv.com/v1/sessions,",
    ["/login"] = "to https://api.deepidv.com/login,",
    ["login"] = "to https://api.deepidv.com/v1/login,",
    ["//other.example/x"] = "to https://other.example/x,",
    ["?next=canary"] = "to https://api.deepidv.com/v1/sessions,",
    ["https://login.example/a?token=canary#canary"] = "to https://login.example/a,",
    ["https://canary:canary@login.example/a"] = "to https://login.example/a,",
    ["https://login.example/a b\27[31m\194\155/\226\128\174x"] = "to https://login.example/a%20b%1B[31m%C2%9B/%E2%80%AEx,",
    ["https://login.example/a\0b\127"] = "to https://login.example/a%00b%7F,",
    ["https://login.example/<script>"] = "to https://login.example/%3Cscript%3E,",
    ["https://login.example/s/550e8400-e29b-41d4-a716-446655440000/x"] = "to https://login.example/s/[hidden]/x,",
    ["https://login.example/u/Lovelace/x"] = "to https://login.example/u/[hidden]/x,",
    ["https://login.example/u/%4Covelace/x"] = "to https://login.example/u/[hidden]/x,",
    ["https://login.example/u/ada%40example.com"] = "to https://login.example/u/[hidden],",
    ["https://login.example/k/the-secret-key"] = "to https://login.example/k/[hidden],",
    ["javascript:alert(1)"] = "that names no host to go to,",
    ["data:text/html,canary"] = "that names no host to go to,",
    ["mailto:canary@example.com"] = "that names no host to go to,",
    ["https://"] = "that names no host to go to,",
    ["https://a..b/canary"] = "that names no host to go to,",
    [""] = "that names no host to go to,",
    [("/x"):rep(500)] = "to https://api.deepidv.com/x/x/x",
    [("x"):rep(9000)] = "that names no host to go to,",
  } do
    it("to " .. location:sub(1, 60):gsub("%c", "?") .. " says where to", function()
      local err = redirected(location)
      assert.are_same({ "protocol", "unknown", 302, false }, { err.kind, err.outcome, err.status, err.retryable })
      assert.is_truthy(err.message:find("the answer is a redirect (302) " .. place, 1, true), err.message)
      assert.is_truthy(#err.message < 500)
      assert.is_nil(err.message:find "[%c\127-\255]")
      for _, secret in ipairs { "canary", "Lovelace", "secret", "ada@", "550e" } do
        assert.is_nil(tostring(err):find(secret, 1, true), tostring(err))
      end
    end)
  end

  it("without Location is one all the same", function()
    for _, status in ipairs { 300, 301, 302, 303, 305, 307, 308, 399 } do
      local err = redirected(nil, { status = status })
      assert.are_same({ "protocol", "unknown", status }, { err.kind, err.outcome, err.status })
      assert.is_truthy(err.message:find(("redirect (%d) that names no host"):format(status), 1, true), err.message)
    end
  end)

  it("is named whatever its body says", function()
    for _, body in ipairs { '{"error":"Moved along"}', "Moved along", "<html>Moved along</html>" } do
      local err = redirected("https://login.example/a", { body = body })
      assert.is_truthy(err.message:find("redirect (302) to https://login.example/a", 1, true), err.message)
    end
  end)

  it("is not what 304 is, which is about a cache", function()
    local err = redirected("https://login.example/a", { status = 304 })
    assert.are_same({ "protocol", 304 }, { err.kind, err.status })
    assert.is_nil(err.message:find "redirect")
  end)
end)
