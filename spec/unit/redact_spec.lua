--- What is taken out of a provider's words.

local Known = require "idv.redact.known"
local redact = require "idv.redact"

--- What takes these out of texts.
local function redactor(sent, credentials, identifiers)
  local known = Known.new()
  for _, text in ipairs(credentials or {}) do
    known:add_credential(text)
  end
  for _, text in ipairs(sent or {}) do
    known:add_sent(text)
  end
  return redact.new({ known }, identifiers)
end

describe("a provider's text", function()
  -- text, what was sent, what is left
  local cases = {
    { "Invalid input", {}, "Invalid input" },
    { "ada@example.com is taken", {}, "[email] is taken" },
    { "see https://x.example/s?token=1 now", {}, "see [url] now" },
    { "call +1 (519) 222-3333 back", {}, "call [phone] back" },
    { "mail to ada%40example.com or https%3A%2F%2Fx.example%2Fs", {}, "mail to [email] or [url]" },
    { "UserId [99999999] is not accessible for account [1924609]", {}, "UserId [99999999] is not accessible for account [1924609]" },
    { "name Ada Example unknown", { "Ada Example" }, "name [hidden] unknown" },
    { "name ADA unknown, EXAMPLE too", { "Ada Example" }, "name [hidden] unknown, [hidden] too" },
    { "adamant", { "Ada Example" }, "adamant" },
    { "Al and algebra", { "Al" }, "[hidden] and algebra" },
    { "ada.lovelace is no user", { "ada.lovelace@example.com" }, "[hidden] is no user" },
    { "example.com is no host", { "ada.lovelace@example.com" }, "[hidden] is no host" },
    { "a\r\nb\tc\0d", {}, "a  b c d" },
    { "100% of fields, 5 & more \\o/", {}, "100% of fields, 5 & more \\o/" },
    { "aaaa", { "aa" }, "aaaa" },
    { "in https://x.example/Ada/s?token=1", { "Ada" }, "in [url]" },
    { "the field Hidden", { "Hidden" }, "the field [hidden]" },
    { "Ada Lovelace Byron", { "Ada Lovelace", "Lovelace Byron" }, "[hidden]" },
    { "adalovelace1815 is taken", { "Ada", "Lovelace" }, "[hidden]1815 is taken" },
    { "user_lovelace, userLovelace", { "Lovelace" }, "user_[hidden], user[hidden]" },
    { "code 123456, not 654321", { "123456" }, "code [hidden], not 654321" },
    { "uuid A1B2C3D4e5f6 there", { "a1b2c3d4-e5f6-7890-abcd-ef1234567890" }, "uuid [hidden] there" },
    { "host me.example, path /cb", { "https://me.example/cb?applicant=4711x" }, "host [hidden], path /cb" },
    { "state QwErTyUiOp is wrong", { "https://me.example/cb?state=QwErTyUiOp" }, "state [hidden] is wrong" },
    { "state qwertyuiop, a=b, page two", { "app:/cb?a=b&page=two&state=QwErTy%55iOp#x=y" }, "state [hidden], a=b, page two" },
    { "token lmnopqrstu", { "https://me.example/#/cb?token=lmnopqrstu" }, "token [hidden]" },
    { "applicant=4711x", { "https://me.example/cb?applicant=4711x" }, "applicant=[hidden]" },
  }
  for _, case in ipairs(cases) do
    it(("%q becomes %q"):format(case[1], case[3]), function()
      assert.are_equal(case[3], redactor(case[2]):text(case[1]))
    end)
  end

  it("is dropped when it is no text, blank, huge or not UTF-8", function()
    for _, value in ipairs { "", "  \n", "\0", " \1\n\2", 5, true, {}, "\255", "\226\128\139", ("x"):rep(9000) } do
      assert.is_nil(redactor():text(value))
    end
  end)

  it("is cut to a line, between characters", function()
    local text = redactor():text(("ж"):rep(400))
    assert.is_true(#text <= 303)
    assert.is_true(require("idv.core").is_utf8(text))
    assert.are_equal("...", text:sub(-3))
  end)

  it("is cut behind a value, never within", function()
    for before = 280, 530 do
      local text = redactor({ "Lovelace" }, { "live+12345678abcSECRET" }):text(
        ("x"):rep(before) .. " live+12345678abcSECRET Lovelace " .. ("y"):rep(500))
      for _, piece in ipairs { "live", "123", "SEC", "RET", "Lov", "lace" } do
        assert.is_nil(text:find(piece), text)
      end
    end
  end)
end)

describe("a credential", function()
  local secret = "live+12345678abcSECRET"

  it("is hidden as a whole, or what is left of it", function()
    for _, text in ipairs {
      secret, secret:upper(), "x" .. secret .. "y", secret:sub(1, 14), secret:sub(6), "live%2B12345678abcSECRET",
      "live 12345678 abcSECRET", require("idv.core").base64("user:" .. secret), require("idv.core").base64("u:" .. secret),
      require("idv.core").base64(secret .. ":"), "live&#43;12345678abcSECRET", "live\\u002b12345678abcSECRET",
    } do
      local left = redactor({ "+15192223333" }, { secret }):text("the key " .. text .. " is bad")
      assert.is_truthy(left:find "^the key %[hidden%]=* is bad$", left)
    end
    assert.are_equal("prefix_[hidden]_suffix", redactor({}, { "sk_123456" }):text "prefix_sk_123456_suffix")
  end)

  it("that is short is hidden where it stands as a word", function()
    assert.are_equal("key [hidden] of kids", redactor({}, { "k" }):text "key k of kids")
  end)
end)

--- Every writing of the list is hidden whole, and in a sentence nothing else is.
local function all_hidden(sent, writings)
  for _, written in ipairs(writings) do
    local left = redactor(sent):text("the value <" .. written .. "> is not allowed here")
    assert.is_truthy(left and left:find "^the value <%S*%[hidden%]%S* is not allowed here$", written .. " -> " .. tostring(left))
    assert.is_nil(left:gsub("%[hidden%]", ""):gsub("the value", ""):gsub("is not allowed here", ""):find "[%d\128-\255]", left)
  end
end

describe("what was sent comes back", function()
  it("as a phone number in other forms", function()
    all_hidden({ "+15192223333" }, {
      "+15192223333", "15192223333", "+1 519 222 3333", "+1 (519) 222-3333", "(519) 222-3333", "519.222.3333",
      "0519/2223333", "001 519 222 3333", "tel:+1-519-222-3333", "5192223333", "%2b15192223333", "%252B1519 222 3333",
      "+1%20519%20222%203333", "\239\188\145\239\188\149\239\188\145\239\188\1492223333", "1519222 3333x",
    })
  end)

  it("as a name with other accents, cases and blanks", function()
    all_hidden({ "José", "Müller-Lüdenscheidt" }, {
      "José", "JOSÉ", "jose", "Jose\204\129", "Jos&eacute;", "Jos&#233;", "Jos&#xE9;", "Jos&#xe9", "Jos%C3%A9", "Jos%c3%a9",
      "Jos%25C3%25A9", "Jos%E9", "Jos\\u00e9", "Jos\\u00E9", "JOS\\U00E9", "JOS&EACUTE;", "Jos\\xe9", "Jos\\u{e9}", "Jos&amp;eacute;", "Jo\226\128\139sé",
      "MÜLLER", "Mueller", "Muller", "m&uuml;ller", "Lüdenscheidt", "LUEDENSCHEIDT", "M. Lüdenscheidt",
      "M\195\131\194\188ller", "Jos\195\131\194\169", "M?ller", "Jos?", "M\239\191\189ller", "L?denscheidt",
      "Müller Lüdenscheidt", "MuellerLuedenscheidt", "Lüdenscheidt, José", "Mu\204\136ller", "mullerludenscheidt",
    })
    all_hidden({ "Юрий Жуков" }, { "ЮРИЙ", "юрий", "Юрии\204\134", "Жуков", "жуков юрий" })
    all_hidden({ "김민준" }, { "김민준", "\225\132\128\225\133\181\225\134\183\225\132\134\225\133\181\225\134\171\225\132\140\225\133\174\225\134\171" })
    all_hidden({ "がくと" }, { "がくと", "か\227\130\153くと" })
    all_hidden({ "Straße" }, { "Strasse", "STRASSE", "Stra&szlig;e" })
  end)

  it("as one half of it, with initials, or in another order", function()
    all_hidden({ "Anna-Maria" }, { "Anna", "Maria", "anna maria", "ANNAMARIA", "annaMaria", "A. Maria", "Anna-M", "Maria-Anna" })
    all_hidden({ "Ada Lovelace" }, { "Lovelace", "Ada", "A. Lovelace", "Lovelace, Ada", "Lovelace A", "alovelace", "ada_lovelace" })
    all_hidden({ "María de la Cruz" }, { "Maria de la Cruz", "de la Cruz", "Cruz", "CRUZ, MARIA DE LA" })
    all_hidden({ "Ludwig van Beethoven" }, { "van Beethoven", "Beethoven" })
    all_hidden({ "d'Arc" }, { "d'Arc", "d\226\128\153Arc", "D'ARC", "Arc", "d&#39;Arc", "d&rsquo;Arc", "darc", "d%27Arc", "d\\'Arc" })
  end)

  it("as a date in other orders", function()
    all_hidden({ "1990-01-02" }, {
      "1990-01-02", "1990/01/02", "19900102", "02.01.1990", "2.1.1990", "01/02/1990", "1/2/1990", "02/01/90", "2 January 1990",
      "January 2, 1990", "Jan 2nd 1990", "2-Jan-1990", "1990-01-02Z",
    })
  end)

  it("as an e-mail address in other writings", function()
    all_hidden({ "Ada.Lovelace+x@mail.example" }, {
      "ada.lovelace+x@mail.example", "ada.lovelace%2Bx%40mail.example", "ADA.LOVELACE", "ada lovelace", "ada.lovelace x",
      "ada&#46;lovelace&#43;x&#64;mail.example", "ada.lovelace\\u002bx\\u0040mail.example", "mail.example",
      "Lovelace",
    })
  end)

  it("in an address, of which the small parts are hidden beside the others only", function()
    local address = redactor { "12 Main Street" }
    assert.are_equal("[hidden] is unknown", address:text "12 Main Street is unknown")
    assert.are_equal("at most 12 fields", address:text "at most 12 fields")
  end)
end)

describe("an applicant whose name is a word", function()
  local text = "%s: last_name is invalid, firstName may be a valid word or null in algebra and 李明, isn't it"
  -- name, how often it is hidden in the sentence besides where it stands for itself
  local names = {
    Name = 0, Last = 0, Valid = 1, Email = 0, Phone = 0, In = 1, Or = 1, May = 1, Field = 0, Required = 0, Null = 1, Li = 0,
    Ng = 0, O = 0, A = 1, Al = 0, Id = 0, T = 0, ["José"] = 0, ["Müller"] = 0, ["李"] = 1, ["d'Arc"] = 0, ["de la Cruz"] = 0,
    First = 0, Algebra = 1, Word = 1,
  }
  local identifiers = { last_name = true, firstName = true, name = true }
  for name, more in pairs(names) do
    it("is hidden as a word and damages no other: " .. name, function()
      local left = redactor({ name }, {}, identifiers):text(text:format(name))
      assert.are_equal("[hidden]: last_name", left:sub(1, 19))
      local _, count = left:gsub("%[hidden%]", "")
      assert.are_equal(1 + more, count, left)
      assert.is_truthy(left:find "firstName" and left:find "invalid" and left:find "isn't")
    end)
  end
end)

describe("a provider's code", function()
  it("is a short word or nothing", function()
    assert.are_equal("VER_0005", redactor():code("VER_0005"))
    assert.are_equal("429", redactor():code(429))
    for _, value in ipairs { "", "two words", "a\nb", ("x"):rep(101), {}, true, "ada@example.com" } do
      assert.is_nil(redactor():code(value))
    end
  end)

  it("is nothing when it is, or holds, what was sent", function()
    local known = redactor({ "Ada Example", "123456", "Al", "invalid", "+15192223333", "José" }, { "sk_123456789" })
    for _, word in ipairs {
      "sk_123456789", "key_SK_123456789_bad", "ada", "example", "123456", "al", "invalid", "user_ada_unknown", "example_2",
      "ada.example", "15192223333", "p-519-222-3333", "jose_taken", "invalid_al", "x123456y",
    } do
      assert.is_nil(known:code(word), word)
      assert.is_nil(word ~= "invalid_al" and known:id(word) or nil, word)
    end
    for _, word in ipairs { "invalid_client", "adamant", "12345", "a1al2b", "VER_0005" } do
      assert.are_equal(word, known:code(word))
    end
    assert.are_equal("req-al-1", known:id "req-al-1")
    assert.are_equal("declared_data__name__invalid", redactor({ "Name" }, {}, { declared_data = true, name = true })
      :code "declared_data__name__invalid")
  end)
end)

describe("the work of redacting", function()
  local jit = rawget(_G, "jit")

  --- Instructions of the virtual machine, in thousands, rounded up.
  local function work_of(run)
    local count = 0
    if jit then
      jit.off()
      jit.flush()
    end
    debug.sethook(function() count = count + 1 end, "", 1000)
    run()
    debug.sethook()
    if jit then
      jit.on()
    end
    return count + 1
  end

  local function grows_evenly(make)
    local small, large = make(1), make(8)
    assert.is_true(work_of(large) < 12 * work_of(small) + 50)
  end

  it("grows evenly with what was sent", function()
    for _, piece in ipairs { "Ada ", "a", "a1", "aaaaaaaaaaaaaaab", "1", "é", "&#233;", "%25", "@", "://", "ada@", "+1" } do
      grows_evenly(function(size)
        local sent, text = {}, piece:rep(100)
        for i = 1, size * 20 do
          sent[i] = piece:rep(3 + i % 20)
        end
        return function() redactor(sent, sent):text(text) end
      end)
    end
  end)

  it("grows evenly with the text, and has a ceiling", function()
    for _, piece in ipairs { "Ada ", "a", "a1", "aB", "1", "é", "&#233;", "%25", "@", "://", "a@", "+1", "+", "\\u00e9", "[", "a " } do
      local known = { "Ada", "aaaaa", "a1", "1111111", "é", piece:rep(9), piece:rep(12) }
      grows_evenly(function(size)
        local text = piece:rep(math.floor(128 * size / #piece))
        return function() redactor(known, { "aaaaaaaaaaaaaaaa" }):text(text) end
      end)
      local long = work_of(function() redactor(known):text(piece:rep(math.floor(1024 / #piece))) end)
      local longest = work_of(function() redactor(known):text(piece:rep(math.floor(8192 / #piece))) end)
      assert.is_true(longest < 2 * long + 50)
    end
  end)

  it("has a ceiling for all texts of one error together", function()
    local known = redactor { "Ada" }
    local shown = 0
    for _ = 1, 1000 do
      shown = shown + (known:text(("x "):rep(512)) and 1 or 0)
    end
    assert.are_equal(32, shown)
  end)

  it("ends where too much was sent, and then nothing is shown", function()
    local known = redactor { ("Ada "):rep(20000) }
    assert.is_nil(known:text "harmless")
    assert.is_nil(known:code "harmless")
  end)
end)
