--- What is taken out of a provider's words.

local redact = require "idv.redact"

describe("a provider's text", function()
  -- text, what was sent, what is left
  local cases = {
    { "Invalid input", {}, "Invalid input" },
    { "ada@example.com is taken", {}, "[email] is taken" },
    { "see https://x.example/s?token=1 now", {}, "see [url] now" },
    { "call +1 (519) 222-3333 back", {}, "call [phone] back" },
    { "UserId [99999999] is not accessible for account [1924609]", {}, "UserId [99999999] is not accessible for account [1924609]" },
    { "name Ada Example unknown", { "Ada Example" }, "name [hidden] unknown" },
    { "name ADA unknown, EXAMPLE too", { "Ada Example" }, "name [hidden] unknown, [hidden] too" },
    { "adamant", { "Ada Example" }, "adamant" },
    { "the key sk_123456 is bad", { "sk_123456" }, "the key [hidden] is bad" },
    { "prefix_sk_123456_suffix", { "sk_123456" }, "prefix_[hidden]_suffix" },
    { "Al and algebra", { "Al" }, "[hidden] and algebra" },
    { "ada.lovelace is no user", { "ada.lovelace@example.com" }, "[hidden] is no user" },
    { "a\r\nb\tc\0d", {}, "a b c d" },
    { "100% of %a", { "%a" }, "100% of [hidden]" },
    { "aaaa", { "aa" }, "aaaa" },
  }
  for _, case in ipairs(cases) do
    it(("%q becomes %q"):format(case[1], case[3]), function()
      assert.are_equal(case[3], redact.text(case[1], case[2]))
    end)
  end

  it("is dropped when it is no text, blank, huge or not UTF-8", function()
    for _, value in ipairs { "", "  \n", "\0", " \1\n\2", 5, true, {}, "\255", ("x"):rep(9000) } do
      assert.is_nil(redact.text(value, {}))
    end
  end)

  it("is cut to a line, between characters", function()
    local text = redact.text(("ж"):rep(400), {})
    assert.is_true(#text <= 303)
    assert.is_true(require("idv.core").is_utf8(text))
    assert.are_equal("...", text:sub(-3))
  end)
end)

describe("a provider's code", function()
  it("is a short word or nothing", function()
    assert.are_equal("VER_0005", redact.code("VER_0005", {}))
    assert.are_equal("429", redact.code(429, {}))
    for _, value in ipairs { "", "two words", "a\nb", ("x"):rep(101), {}, true, "ada@example.com" } do
      assert.is_nil(redact.code(value, {}))
    end
  end)

  it("is nothing when it is, or holds, what was sent", function()
    local sent = { "sk_123456789", "Ada Example", "123456", "Al", "invalid" }
    for _, word in ipairs { "sk_123456789", "key_SK_123456789_bad", "ada", "example", "123456", "al", "invalid" } do
      assert.is_nil(redact.code(word, sent), word)
    end
    for _, word in ipairs { "invalid_client", "adamant", "12345", "example_2" } do
      assert.are_equal(word, redact.code(word, sent))
    end
  end)
end)
