-- The sandbox's parts that need no server: what they compute, row by row.

local Clock = require "idv.sandbox.clock"
local check = require "idv.sandbox.check"
local credentials = require "idv.sandbox.credentials"
local ids = require "idv.sandbox.ids"
local json = require "idv.sandbox.json"
local pdf = require "idv.sandbox.pdf"
local Router = require "idv.sandbox.router"
local settings = require "idv.sandbox.settings"
local Store = require "idv.sandbox.store"
local uri = require "idv.sandbox.uri"

describe("json", function()
  local rows = {
    { "an empty object", {}, "{}" },
    { "an empty list", json.list {}, "[]" },
    { "a list", { 1, 2.5, "x" }, '[1,2.5,"x"]' },
    { "sorted keys", { b = true, a = json.null }, '{"a":null,"b":true}' },
    { "whole numbers without a fraction", { 5402850, -0.0 + 3 }, "[5402850,3]" },
    { "the largest whole number", 2 ^ 53, "9007199254740992" },
    { "control characters", "a\"\\\n\1\127", [["a\"\\\n\u0001\u007f"]] },
    { "UTF-8 as it is", "Zoë 李", '"Zoë 李"' },
    { "what is not UTF-8 replaced", "a\255b\192\128c\195", '"a\239\191\189b\239\191\189c\239\191\189"' },
    { "surrogates replaced", "\237\160\128", '"\239\191\189"' },
  }
  for _, row in ipairs(rows) do
    it("writes " .. row[1], function()
      assert.equal(row[3], json.encode(row[2]))
    end)
  end

  it("refuses what JSON cannot say", function()
    assert.has_error(function() json.encode(math.huge) end)
    assert.has_error(function() json.encode { f = print } end)
  end)

  it("reads, and says when it cannot", function()
    assert.equal("x", (json.decode '{"a":["x"]}').a[1])
    for _, text in ipairs { "", "{", "nan", "[0x10]", "[" .. ("["):rep(100) } do
      local value, ok = json.decode(text)
      assert.is_nil(value)
      assert.is_false(ok)
    end
  end)
end)

describe("uri", function()
  it("encodes, decodes and parses", function()
    assert.equal("a%20%2F%C3%A9~", uri.encode "a /é~")
    assert.equal("a /é%zz", uri.decode "a%20%2F%C3%A9%zz")
    assert.same({ a = "1 2", b = "", ["c d"] = "=" }, uri.parse_query "a=1+2&b&c%20d==&a=3&&")
  end)

  local rows = {
    { "https://a.example/x", "https://a.example/x?id=1%26" },
    { "https://a.example/x?y=z", "https://a.example/x?y=z&id=1%26" },
    { "https://a.example/x#top", "https://a.example/x?id=1%26#top" },
  }
  for _, row in ipairs(rows) do
    it("adds a query to " .. row[1], function()
      assert.equal(row[2], uri.add_query(row[1], { { "id", "1&" }, { "none", nil } }))
    end)
  end
end)

describe("clock", function()
  local rows = {
    { "1970-01-01", 0 }, { "1970-01-01T00:00:01Z", 1 }, { "2000-03-01T00:00:00Z", 951868800 },
    { "2024-02-29T12:00:00.5Z", 1709208000.5 }, { "2026-01-05T09:00:00+01:00", 1767600000 },
    { "20260105T090000+0100", 1767600000 }, { "2026-01-05T09+01", 1767600000 }, { "2026-W02-1T08:00Z", 1767600000 },
    { "2026W021T08Z", 1767600000 }, { "2026-005t08:00:00z", 1767600000 }, { "2026005T0800", 1767600000 },
    { "2026-01-04T24:00:00-08:00", 1767600000 }, { "2026-01-05T07:59:60Z", 1767600000 },
    { "2026-01-05T07,5Z", 1767598200 }, { "2026-01-05T07:30.5Z", 1767598230 }, { "2026-01", 1767225600 },
    { "2026", 1767225600 }, { "2026-W01", 1766966400 }, { "2024-366", 1735603200 }, { "2020-W53-7", 1609632000 },
  }
  for _, row in ipairs(rows) do
    it("parses " .. row[1], function()
      assert.equal(row[2], Clock.parse(row[1]))
    end)
  end

  it("writes what it parses", function()
    assert.equal("2024-02-29T12:00:00.250Z", Clock.iso(Clock.parse "2024-02-29T12:00:00.25Z", 3))
    assert.equal("2024-02-29T12:00:00Z", Clock.iso(Clock.parse "2024-02-29T12:00:00Z"))
  end)

  it("refuses what is no moment", function()
    for _, text in ipairs { "", "yesterday", "2024-01-01T", "2024-01-01T10:00:00X", "2023-02-29", "2025-366",
      "2025-W53", "2024-W00-1", "2024-W01-8", "2024-13-01", "202401", "2024T10:00Z", "2024-01-01T10:60", "2024-01-01T25",
      "2024-01-01 10:00", "2024-01-01T10:00+1", "2024-01-01T10:00+01:0" } do
      assert.is_nil(Clock.parse(text))
    end
  end)

  it("is moved by its setting", function()
    local values = settings.new()
    local clock = Clock.new(values)
    local before = clock:now()
    values.clock_offset = 1000
    assert.is_true(clock:now() >= before + 1000)
  end)
end)

describe("ids", function()
  it("have the shapes of the providers", function()
    assert.truthy(ids.token("idv_"):match "^idv_[a-z2-7]+$")
    assert.equal(30, #ids.token "idv_")
    assert.truthy(ids.uuid():match "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$")
    assert.equal(36, #ids.uuid())
    assert.truthy(ids.digits(6):match "^%d%d%d%d%d%d$")
    assert.are_not.equal(ids.hex(16), ids.hex(16))
  end)
end)

describe("credentials", function()
  it("reads Basic and Bearer", function()
    assert.same({ "Aladdin", "open sesame" }, { credentials.basic "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" })
    assert.same({ "a", "b:c" }, { credentials.basic "basic YTpiOmM=" })
    for _, header in ipairs { "Basic", "Basic ?", "Basic A", "Bearer x", "Basic YQ==" } do
      assert.is_nil((credentials.basic(header)))
    end
    assert.equal("sk_x", credentials.bearer "Bearer sk_x")
    assert.is_nil(credentials.bearer "Basic sk_x")
  end)

  it("judges", function()
    local rows = { { nil, "invalid" }, { "", "invalid" }, { "k_invalid", "invalid" }, { "k_forbidden",
      "forbidden" },
      { "k", "good" } }
    for _, row in pairs(rows) do
      assert.equal(row[2], credentials.judge(row[1]))
    end
  end)
end)

describe("store", function()
  it("walks from the newest and forgets the oldest", function()
    local store = Store.new(2)
    for _, id in ipairs { "a", "b", "c" } do
      store:add(id, { id = id })
    end
    assert.is_nil(store:get "a")
    assert.is_nil(store:get(nil))
    assert.equal(2, store:count())
    local seen = {}
    for item in store:each() do
      seen[#seen + 1] = item.id
    end
    assert.same({ "c", "b" }, seen)
  end)
end)

describe("router", function()
  local router = Router.new()
  for _, template in ipairs { "/a", "/a/{id}", "/a/fixed", "/a/{id}/b/{other}" } do
    router:add { method = "GET", template = template }
  end

  local rows = {
    { "/a", "/a", {} }, { "/a/x%20y", "/a/{id}", { id = "x y" } }, { "/a/fixed", "/a/fixed", {} },
    { "/a/1/b/2", "/a/{id}/b/{other}", { id = "1", other = "2" } },
    { "/a/fixed/b/2", "/a/{id}/b/{other}", { id = "fixed", other = "2" } },
  }
  for _, row in ipairs(rows) do
    it("finds " .. row[1], function()
      local route, params = router:find("GET", row[1])
      assert.equal(row[2], route.template)
      assert.same(row[3], params)
    end)
  end

  it("knows what it has not", function()
    for _, path in ipairs { "/", "", "*", "/a/", "/b", "/a/1/b", "/a//b/2", "/a/1/b/2/" } do
      assert.is_nil((router:find("GET", path)))
    end
    assert.same({ nil, { "GET" } }, { router:find("POST", "/a") })
  end)
end)

describe("check", function()
  it("lists every problem with its path", function()
    local rules = {
      { "a", required = true }, { "b", fields = { { "c", required = true, is = check.length(2, 3) } } },
      { "d", kind = "number" },
    }
    local function told(body)
      local list = {}
      for i, problem in ipairs(check.walk(body, rules)) do
        list[i] = table.concat(problem.path, ".") .. " " .. problem.kind
      end
      return list
    end
    assert.same({ "a missing" }, told {})
    assert.same({ "a missing", "b.c missing", "d type" }, told { a = json.null, b = {}, d = "1" })
    assert.same({ "b.c value" }, told { a = "x", b = { c = "x" } })
    assert.same({ "b type" }, told { a = "x", b = "x" })
    assert.same({}, told { a = "x", b = { c = "李李" }, d = 1 })
  end)

  local rows = {
    { "email", { "a@b.example", "a..b.@c", "ä@ö.example" }, { "a", "a b@c.d", "@b.c", "a@", "a@b\n" } },
    { "uri", { "https://a.example", "app://x/y?z", "com.example.app:/x", "http://localhost:3000/" },
      { "a.example", "https://", "https:// a", "https:a", "/x" } },
    { "https", { "https://a.example/b" }, { "http://a.example", "https:///x" } },
    { "date", { "1990-01-31", "2024-02-29" }, { "1990-13-01", "1990-01-32", "2023-02-29", "1990-1-1", "19900101", "x" } },
  }
  for _, row in ipairs(rows) do
    it("knows " .. row[1], function()
      for _, good in ipairs(row[2]) do
        assert.is_true(check[row[1]](good), good)
      end
      for _, bad in ipairs(row[3]) do
        assert.is_false(check[row[1]](bad), bad)
      end
    end)
  end

  it("reads whole numbers of a query", function()
    assert.equal(10, check.whole(nil, 10, 1, 500))
    assert.equal(7, check.whole("7", 10, 1, 500))
    for _, text in ipairs { "0", "501", "-1", "1.5", "", "x", "99999999999999999999" } do
      assert.is_nil(check.whole(text, 10, 1, 500))
    end
  end)
end)

describe("settings", function()
  it("change as a whole or not at all", function()
    local values = settings.new()
    assert.is_nil(settings.change(values, { clock_offset = 5, cidaas = { tries = 1 }, impact = {} }))
    assert.same({ 5, 1 }, { values.clock_offset, values.cidaas.tries })
    local rows = {
      { clock_offset = 6, nonsense = 1 }, { checkout = { report = "paper" } }, { cidaas = { tries = 0 } },
      { checkout = 1 }, { deepidv = { workflows = { 1 } } }, { deepidv = { workflows = { a = "b" } } },
      { clock_offset = 6, checkout = { automatic = "yes" } }, { [""] = { clock_offset = 6 } },
    }
    for _, row in ipairs(rows) do
      assert.is_string(settings.change(values, row))
    end
    assert.equal(5, values.clock_offset)
  end)
end)

describe("pdf", function()
  -- Checks a PDF the way a reader does: from its end to the table, and from there to every object.
  local function check_pdf(text)
    assert.equal("%PDF-1.4\n", text:sub(1, 9))
    local at = tonumber(text:match("startxref\n(%d+)\n%%%%EOF\n$"))
    local count, entries = text:match("^xref\n0 (%d+)\n(.*)trailer", at + 1)
    local number = 0
    for offset, kind in entries:gmatch("(%d%d%d%d%d%d%d%d%d%d) %d%d%d%d%d ([fn]) \n") do
      if kind == "n" then
        assert.equal(number .. " 0 obj", text:match("^%d+ 0 obj", tonumber(offset) + 1))
      end
      number = number + 1
    end
    assert.equal(tonumber(count), number)
    for length, stream in text:gmatch("/Length (%d+) >>\nstream\n(.-)\nendstream") do
      assert.equal(tonumber(length), #stream)
    end
  end

  local function whole(head, filler, tail)
    return head .. (" "):rep(filler) .. tail
  end

  it("is right to the byte, at every size", function()
    local smallest = whole(pdf.build({ "a (b) \\c" }, 0))
    check_pdf(smallest)
    assert.truthy(smallest:find("(a \\(b\\) \\\\c) Tj", 1, true))
    for _, size in ipairs { #smallest, #smallest + 1, 5000, 123456 } do
      local text = whole(pdf.build({ "a (b) \\c" }, size))
      assert.equal(size, #text)
      check_pdf(text)
    end
    local _, filler, tail = pdf.build({ "x" }, 4 * 1024 ^ 3)
    assert.is_true(filler > 4e9)
    assert.truthy(tail:find "startxref\n42%d%d%d%d%d%d%d%d\n")
  end)
end)
