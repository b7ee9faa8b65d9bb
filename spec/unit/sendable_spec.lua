--- What can never be sent is found when an object is made. What an object was made with is sent as it is, and no call
--- throws or is refused for the options' sake.

local dialogue = require "spec.support.dialogue"
local idv = require "idv"

local providers = {
  deepidv = { api_key = "k" },
  impact = { account_sid = "IRsid", auth_token = "token", username = "me", api_version = "16" },
  checkout = { secret_key = "sk_x" },
  checkout_oauth = { client_id = "ack_x", client_secret = "secret", subdomain = "abcd1234" },
  cidaas = { base_url = "https://tenant.example" },
}

local calls = {
  deepidv = function(object) return object:get_session "sess_1" end,
  impact = function(object) return object:create_session { user_id = 7 } end,
  checkout = function(object) return object:get_session "idv_tkoi5db4hryu5cei5vwoabr7we" end,
  cidaas = function(object) return object:create_session { request_id = "r", processing_type = "CODE", email = "a@b.example" } end,
}
calls.checkout_oauth = calls.checkout

local function with(name, more)
  local options = {}
  for _, set in ipairs { providers[name], more } do
    for key, value in pairs(set) do
      options[key] = value
    end
  end
  return options
end

local function make(name, more)
  return pcall(idv.provider, (name:gsub("_oauth", "")), with(name, more))
end

--- Refuses each row: {provider, options, words of the reason}.
local function refuses(rows)
  for _, row in ipairs(rows) do
    local ok, why = make(row[1], row[2])
    assert.is_false(ok, row[3])
    assert.are_equal("string", type(why))
    assert.is_truthy(why:find(row[3], 1, true), why)
    assert.is_truthy(#why < 400, why)
    assert.is_nil(why:find "canary", why)
  end
end

describe("an object is not made with", function()
  it("what no header takes", function()
    refuses {
      { "deepidv", { api_key = ("canary"):rep(3500) }, "option 'api_key' cannot be sent in a header" },
      { "deepidv", { api_key = ("k"):rep(16384 - #"x-api-key: " + 1) }, "option 'api_key' cannot be sent in a header" },
      { "deepidv", { api_key = "canary\n" }, "option 'api_key' holds a control character" },
      { "deepidv", { api_key = "can\0ary" }, "option 'api_key' holds a control character" },
      { "deepidv", { api_key = " canary" }, "option 'api_key' cannot be sent in a header: a blank" },
      { "deepidv", { api_key = "canary " }, "option 'api_key' cannot be sent in a header: a blank" },
      { "deepidv", { api_key = "  " }, "option 'api_key' cannot be sent in a header: a blank" },
      { "deepidv", { api_key = ("canary"):rep(20000) }, "option 'api_key' is longer than" },
      { "deepidv", { user_agent = ("canary"):rep(3500) }, "option 'user_agent' cannot be sent in a header" },
      { "deepidv", { user_agent = "canary\r\nX: y" }, "option 'user_agent' holds a control character" },
      { "deepidv", { user_agent = "canary\t" }, "option 'user_agent' holds a control character" },
      { "deepidv", { user_agent = "canary " }, "option 'user_agent' cannot be sent in a header: a blank" },
      { "checkout", { secret_key = "sk_" .. ("canary"):rep(3500) }, "option 'secret_key' cannot be sent in a header" },
      { "checkout", { secret_key = "sk_canary " }, "option 'secret_key' cannot be sent in a header: a blank" },
      { "impact", { api_version = ("1"):rep(20000) }, "option 'api_version' cannot be sent in a header" },
      { "impact", { auth_token = ("canary"):rep(2100) }, "options 'username' and 'auth_token' cannot be sent in a header" },
      { "impact", { username = ("canary"):rep(1100), auth_token = ("canary"):rep(1100) }, "options 'username' and 'auth_token'" },
      { "impact", { username = "can:ary" }, "option 'username' cannot be sent as a user name: it holds a colon" },
    }
  end)

  it("what no address has room for", function()
    refuses {
      { "deepidv", { base_url = "https://api.example/" .. ("canary/"):rep(1166) }, "is too long" },
      { "impact", { account_sid = ("canary"):rep(1400) }, "is too long" },
      { "impact", { account_sid = ".." }, "option 'account_sid'" },
      { "checkout_oauth", { subdomain = ("a"):rep(300) }, "idv.checkout: the address that the options make up for fetch_token" },
      { "checkout_oauth", { access_url = "https://access.example/" .. ("canary/"):rep(1166) }, "is too long" },
    }
  end)

  it("what the request for a token does not take", function()
    refuses {
      { "checkout_oauth", { client_secret = ("canary"):rep(10000) }, "option 'client_secret'" },
      { "checkout_oauth", { client_id = "ack_" .. ("canary"):rep(10000) }, "option 'client_id'" },
      { "checkout_oauth", { client_secret = "canary\255" }, "option 'client_secret'" },
    }
  end)

  it("a proxy that cannot work", function()
    for _, proxy in ipairs {
      "", "http://", "http://:3128", "http://canary:0", "http://canary:65536", "http://canary:port", "ftp://canary:1",
      "socks6://canary:1", "http://canary :1", " http://canary:1", "http://canary:1 ", "http://canary:1\n", "http://canary:1/x",
      "http://canary:1?x", "http://canary:1#x", "http://can@ary:p@proxy:1", "http://u:can/ary@proxy:1", "http://u:can%0aary@proxy:1",
      "http://can\195\188ary:1", "http://::1:3128", "can\0ary:1", ("canary"):rep(2000), 3128, true, {},
    } do
      refuses { { "deepidv", { proxy = proxy }, "option 'proxy' " } }
    end
  end)

  it("plain http and a proxy on another machine", function()
    for _, name in ipairs { "deepidv", "impact", "checkout", "cidaas" } do
      for _, proxy in ipairs {
        "http://proxy.example:3128", "proxy.example:3128", "socks5h://10.0.0.1:1080", "https://proxy.example", "http://0.0.0.0:1",
        "http://localhost.example:1", "http://u:p@127.0.0.1.example:1",
      } do
        refuses { {
          name, { proxy = proxy, base_url = "http://127.0.0.1:8080", allow_http = true }, "in the clear",
        } }
      end
    end
    refuses { {
      "checkout_oauth", { proxy = "http://p.example:1", access_url = "HTTP://localhost:1", allow_http = true }, "'access_url' is plain http",
    } }
  end)
end)

describe("an object is made with", function()
  it("a proxy that can work", function()
    for _, proxy in ipairs {
      "http://proxy:3128", "proxy:3128", "proxy", "http://proxy", "HTTP://proxy:1/", "http://u:p@proxy:1", "http://u:p%40%2F@proxy:1",
      "socks5://proxy:1080", "socks5h://u:p@proxy", "socks4://proxy", "socks4a://proxy", "http://[2001:db8::1]:3128",
    } do
      assert.is_true(make("deepidv", { proxy = proxy }))
    end
  end)

  it("plain http and a proxy on this machine, or https and any", function()
    for _, more in ipairs {
      { proxy = "http://127.0.0.1:3128", base_url = "http://localhost:1", allow_http = true },
      { proxy = "socks5h://[::1]:1080", base_url = "http://127.0.0.1:1", allow_http = true },
      { proxy = "http://proxy.example:3128", allow_http = true },
      { proxy = "http://proxy.example:3128", base_url = "https://127.0.0.1:1", allow_http = true },
    } do
      assert.is_true(make("deepidv", more))
    end
  end)
end)

-- ---- whatever an object is made with is sent ----

local answers = {
  { status = 404, body = "{}" },
  { status = 200, headers = { ["Content-Type"] = "application/json" }, body = '{"access_token":"t","expires_in":3600}' },
}

--- Values that may or may not be fine.
local function values()
  local list = {
    "a", "a b", "a:b", " a", "a ", "a\tb", "a\nb", "a\0b", "\195\188", "\255", "a/b", "a?b", "a%b", "..", ".", "{a}", "[hidden]", "\127",
    "\194\128", "a\226\128\168b", "sk_x y", "https://api.example", "https://api.example/x", "https://api.example:99999", "1", "16",
  }
  for _, length in ipairs { 100, 1000, 4000, 4100, 8000, 8192, 8200, 12000, 12300, 16000, 16373, 16384, 20000, 70000, 300000 } do
    for _, start in ipairs { "", "sk_", "https://a.example/" } do
      list[#list + 1] = start .. ("a"):rep(length)
    end
  end
  return list
end

describe("whatever an object is made with", function()
  local texts = { "user_agent", "base_url", "proxy", "ca_file" }
  for name, given in pairs(providers) do
    for _, option in ipairs(texts) do
      given = with(name, { [option] = given[option] or false })
    end
    for option in pairs(given) do
      it(("no call throws or is refused for it: %s, %s"):format(name, option), function()
        local made = 0
        for _, value in ipairs(values()) do
          local asked = 0
          local ok, object = make(name, {
            [option] = value, transport = function(request)
              asked = asked + 1
              for _, header in ipairs(request.headers) do
                assert(not header[2]:find "^%s" and not header[2]:find "%s$" and not header[2]:find "%c")
              end
              return request.url:find "connect/token" and answers[2] or answers[1]
            end,
          })
          if ok then
            made = made + 1
            local record, err = calls[name](object)
            assert.is_nil(record)
            assert.are_not_equal("validation", err.kind, tostring(err))
            assert.are_not_equal("unsupported", err.kind, tostring(err))
            assert.is_true(asked > 0)
          else
            assert.is_truthy(object:find("^idv%."), object)
          end
        end
        assert.is_true(made > 0)
      end)
    end
  end

  it("the longest key that is taken comes over whole", function()
    local key = ("k"):rep(16384 - #"x-api-key: ")
    local server = dialogue.listen(function(heard)
      if heard:find "\r\n\r\n$" then
        return "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", true
      end
    end)
    local _, err = server:play(function()
      return idv.deepidv {
        api_key = key, base_url = "http://127.0.0.1:" .. server.port, allow_http = true,
      }:get_session "sess_1"
    end)
    server:close()
    assert.are_equal("not_found", err.kind)
    assert.is_truthy(server.heard[1]:find("\r\nx-api-key: " .. key .. "\r\n", 1, true))
  end)
end)
