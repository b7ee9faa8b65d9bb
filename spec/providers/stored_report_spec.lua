--- What proves that a report is there: a whole PDF, whatever its label says; and nothing else passes for one.
---
--- Each case is tried in memory, into a new file, and over an old one, which a failure leaves as it was.

local core = require "idv.core"
local files = require "spec.support.files"
local idv = require "idv"
local lfs = require "lfs"
local scripted = require "spec.support.scripted"

local PDF = "%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
local LONG = "%PDF-1.4\n" .. ("0 0 m\n"):rep(4000) .. PDF:sub(10)

-- A PDF that is laid out for the web has an end near its beginning.
local WEB = "%%PDF-1.4\n1 0 obj\n<< /Linearized 1 /L %05d /H [ 1 2 ] >>\nendobj\nstartxref\n0\n%%%%EOF\n"
local LINEAR = WEB:format(#WEB:format(0) + #LONG) .. LONG

local function bytes(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

-- PDF, compressed.
local GZIP = bytes("1f8b0800000000000203530d7071d335d433e132543050c84fcae2b2b151b0b3e34acd4b01714a8a123373528b4082fa41f9f9250a2055"
  .. "412005c5258945251545a9695c065caaaaaefe6e5c00edabb81d4a000000")
local DEFLATE = bytes("789c530d7071d335d433e132543050c84fcae2b2b151b0b3e34acd4b01714a8a123373528b4082fa41f9f9250a2055412005c5258945"
  .. "251545a9695c065caaaaaefe6e5c00d4b813c0")
local BROTLI = bytes("8b2480255044462d312e340a312030206f626a0a3c3c203e3e0a656e646f626a0a747261696c65720a3c3c202f526f6f742031203020"
  .. "52203e3e0a7374617274787265660a300a2525454f460a03")
local ZSTD = bytes("28b52ffd204a510200255044462d312e340a312030206f626a0a3c3c203e3e0a656e646f626a0a747261696c65720a3c3c202f526f6f74"
  .. "203120302052203e3e0a7374617274787265660a300a2525454f460a")

local function typed(content_type, body, status, more)
  local line = content_type and "Content-Type: " .. content_type .. "\r\n" or ""
  return scripted.answer(status or "200 OK", line .. (more or ""), body)
end

local function packed(encoding, body)
  return typed("application/pdf", body, nil, "Content-Encoding: " .. encoding .. "\r\n")
end

local function unframed(body, content_type)
  return ("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n\r\n"):format(content_type or "application/pdf") .. body
end

local function chunked(body, ending)
  return ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"):format(#body) .. body .. ending
end

local ERROR_XML = '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'
local PAGE = "<!DOCTYPE html><html>Log in</html>"
local PARTS = "--b\r\nContent-Type: application/pdf\r\nContent-Range: bytes 0-73/74\r\n\r\n" .. PDF .. "\r\n--b--\r\n"

-- {what the storage answers, its bytes, the report that it is}
local good = {
  { "as application/pdf", typed("application/pdf", PDF), PDF },
  { "as application/json", typed("application/json", PDF), PDF },
  { "as application/json with a charset", typed("application/json; charset=utf-8", PDF), PDF },
  { "as octet-stream", typed("application/octet-stream", PDF), PDF },
  { "as binary/octet-stream", typed("binary/octet-stream", PDF), PDF },
  { "as a page", typed("text/html", PDF), PDF },
  { "as XML", typed("application/xml", PDF), PDF },
  { "without a type", typed(nil, PDF), PDF },
  { "with an empty type", typed("", PDF), PDF },
  { "with two types", typed("text/html", PDF, nil, "Content-Type: application/json\r\n"), PDF },
  { "as a large one", typed("application/pdf", LONG), LONG },
  { "laid out for the web", typed("application/pdf", LINEAR), LINEAR },
  { "without a length", unframed(LONG), LONG },
  { "without a length, as JSON", unframed(LONG, "application/json"), LONG },
  { "in chunks", chunked(LONG, "\r\n0\r\n\r\n"), LONG },
  { "behind a byte order mark", typed("application/pdf", "\239\187\191" .. PDF), "\239\187\191" .. PDF },
  { "behind blank lines", typed("application/json", "\r\n\r\n" .. PDF), "\r\n\r\n" .. PDF },
  { "with zeros behind it", typed("application/pdf", PDF .. ("\0"):rep(500)), PDF .. ("\0"):rep(500) },
  { "with a comment behind it", typed("application/pdf", PDF .. "<!-- served -->"), PDF .. "<!-- served -->" },
  { "stored with gzip", packed("gzip", GZIP), PDF },
  { "stored with gzip, as x-gzip", packed("x-gzip", GZIP), PDF },
  { "stored with gzip, in capitals", packed("GZIP", GZIP), PDF },
  { "stored with gzip, as JSON", typed("application/json", GZIP, nil, "Content-Encoding: gzip\r\n"), PDF },
  { "stored with gzip, without a length",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" .. GZIP, PDF },
  { "stored with deflate", packed("deflate", DEFLATE), PDF },
  { "stored as it is, which is said", packed("identity", PDF), PDF },
  { "stored with br", packed("br", BROTLI), PDF, needs = "br" },
  { "stored with zstd", packed("zstd", ZSTD), PDF, needs = "zstd" },
}

-- {what the storage answers, its bytes, the kind, words of the message}
local bad = {
  { "a page", typed("text/html", PAGE), "protocol", "page" },
  { "a page as a PDF", typed("application/pdf", PAGE), "protocol", "page" },
  { "a page that quotes a PDF", typed("text/html", "<html>%PDF-1.4 and %%EOF</html>"), "protocol", "page" },
  { "an error in XML", typed("application/xml", ERROR_XML), "protocol", "XML" },
  { "an error in XML as a PDF", typed("application/pdf", ERROR_XML), "protocol", "XML" },
  { "JSON", typed("application/json", '{"error":"gone"}'), "protocol", "JSON" },
  { "JSON as a PDF", typed("application/pdf", '{"error":"gone"}'), "protocol", "JSON" },
  { "JSON that holds a PDF", typed("application/pdf", '{"pdf":"%PDF-1.4 ... %%EOF"}'), "protocol", "JSON" },
  { "another address", typed("application/json", '{"pdf_report":"https://x.example/"}'), "protocol", "JSON" },
  { "plain text", typed("application/pdf", "see %PDF-1.4 %%EOF"), "protocol", "no PDF" },
  { "nothing", typed("application/pdf", ""), "protocol", "empty" },
  { "nothing, without a type", typed(nil, ""), "protocol", "empty" },
  { "nothing, without a length", unframed "", "protocol", "empty" },
  { "blanks", typed("application/json", "\r\n \r\n"), "protocol", "empty" },
  { "204", "HTTP/1.1 204 No Content\r\n\r\n", "protocol", "204" },
  { "a part, as 206", typed("application/pdf", LONG:sub(1, 100), "206 Partial Content",
    "Content-Range: bytes 0-99/" .. #LONG .. "\r\n"), "protocol", "206" },
  { "the last part, as 206", typed("application/pdf", LONG:sub(-100), "206 Partial Content"), "protocol", "206" },
  { "a part, as 200", typed("application/pdf", LONG:sub(1, 100)), "protocol", "end is missing" },
  { "the last part, as 200", typed("application/pdf", LONG:sub(-100)), "protocol", "no PDF" },
  { "all of it, as 206", typed("application/pdf", PDF, "206 Partial Content"), "protocol", "206" },
  { "what a proxy made of it, as 203", typed("application/pdf", PDF, "203 Non-Authoritative"), "protocol", "203" },
  { "202, since it is not ready", typed("application/json", "{}", "202 Accepted"), "protocol", "202" },
  { "parts", typed("multipart/byteranges; boundary=b", PARTS, "206 Partial Content"), "protocol", "206" },
  { "parts, as 200", typed("multipart/byteranges; boundary=b", PARTS), "protocol", "parts" },
  { "a cut body without a length", unframed(LONG:sub(1, 5000)), "protocol", "end is missing" },
  { "a body without a length, cut in its last line", unframed(LONG:sub(1, -4)), "protocol", "end is missing" },
  { "one laid out for the web, cut behind its first end", unframed(LINEAR:sub(1, 90)), "protocol", "end is missing" },
  { "one laid out for the web, cut later", unframed(LINEAR:sub(1, 600)), "protocol", "end is missing" },
  { "a changed one, cut in the change", unframed(PDF .. "2 0 obj\n<< /Le"), "protocol", "end is missing" },
  { "a changed one, cut in its table", unframed(PDF .. "xref\n0 1"), "protocol", "end is missing" },
  { "a length that is too short", (typed("application/pdf", LONG):gsub("Content%-Length: %d+", "Content-Length: 500")),
    "protocol", "end is missing" },
  { "a length that is too long", (typed("application/pdf", PDF):gsub("Content%-Length: %d+", "Content-Length: 900")),
    "network", "middle" },
  { "a chunk that is cut", chunked(LONG, ""):sub(1, 3000), "network", "" },
  { "chunks without the last", chunked(LONG, "\r\n"), "network", "" },
  { "gzip that is damaged", packed("gzip", (GZIP:gsub("%z%z%z$", "\1\1\1"))), "protocol", "damaged" },
  { "gzip that is cut", packed("gzip", GZIP:sub(1, 60)), "protocol", "end is missing" },
  { "gzip that is cut in its head", packed("gzip", GZIP:sub(1, 5)), "protocol", "" },
  { "gzip of which nothing is said", typed("application/pdf", GZIP), "protocol", "compressed" },
  { "gzip that is a page in truth", packed("gzip", PAGE), "protocol", "damaged" },
  { "an unknown encoding", packed("lzma", PDF), "protocol", "not known here: lzma" },
  { "an encoding that is a word of the server's", packed("a b<c>", PDF), "protocol", "not known here: a" },
  { "an encoding upon gzip", packed("gzip, lzma", GZIP), "protocol", "not known here: lzma" },
}

local function checkout_at(base)
  return idv.checkout { secret_key = "sk_sbox_key", base_url = base, allow_http = true, max_retries = 0 }
end

--- What get_report returns when the storage, or (`is_direct`) the API itself, answers with these bytes.
local function fetched(answer, options, is_direct)
  return scripted.run(function(head, _, base)
    if head:find "^GET /stored" or is_direct then
      return answer
    end
    return typed("application/json", ('{"pdf_report":"%s/stored?signature=s"}'):format(base))
  end, function(base)
    return checkout_at(base):get_report("idv_1", options)
  end)
end

describe("a report", function()
  local folder, path

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    path = folder .. "/report.pdf"
  end)

  after_each(function()
    for _, name in ipairs(files.names_in(folder)) do
      os.remove(folder .. "/" .. name)
    end
    lfs.rmdir(folder)
  end)

  for _, case in ipairs(good) do
    for _, where in ipairs { "storage", "API" } do
      it(("that the %s hands out %s is one"):format(where, case[1]), function()
        if case.needs and not core.versions[case.needs] then
          return pending("libcurl was built without " .. case.needs)
        end
        local is_direct = where == "API"
        local in_memory, err = fetched(case[2], nil, is_direct)
        assert.is_nil(err, tostring(err))
        assert.are_equal(case[3], in_memory.content)
        assert.are_equal(#case[3], in_memory.bytes)
        local saved = assert(fetched(case[2], { path = path }, is_direct))
        assert.are_equal(case[3], files.read(path))
        assert.are_equal(#case[3], saved.bytes)
        assert.are_equal(path, saved.path)
        assert.is_nil(saved.content)
        assert.are_equal("rw-------", lfs.attributes(path, "permissions"))
        assert.are_same({ "report.pdf" }, files.names_in(folder))
      end)
    end
  end

  local function check_failure(report, err, kind, words)
    assert.is_nil(report)
    assert.are_equal(kind, err.kind, tostring(err))
    assert.are_equal("unknown", err.outcome)
    assert.are_equal("get_report", err.operation)
    assert.are_equal(1, err.attempts)
    assert.is_truthy(err.message:find(words, 1, true), err.message)
  end

  for _, case in ipairs(bad) do
    it("is not " .. case[1], function()
      local report, err = fetched(case[2])
      check_failure(report, err, case[3], case[4])
      report, err = fetched(case[2], { path = path })
      check_failure(report, err, case[3], case[4])
      assert.are_same({}, files.names_in(folder))
      files.write(path, "old")
      report, err = fetched(case[2], { path = path })
      check_failure(report, err, case[3], case[4])
      assert.are_equal("old", files.read(path))
      assert.are_same({ "report.pdf" }, files.names_in(folder))
    end)

    it("is not " .. case[1] .. ", not even from the API itself", function()
      if not case[1]:find "address" then
        files.write(path, "old")
        for _, options in ipairs { {}, { path = path } } do
          local report, err = fetched(case[2], options, true)
          assert.is_nil(report)
          assert.are_equal(case[3], err.kind, tostring(err))
          assert.are_equal("get_report", err.operation)
        end
        assert.are_equal("old", files.read(path))
        assert.are_same({ "report.pdf" }, files.names_in(folder))
      end
    end)
  end

  it("is found however its address is labelled, into a file too", function()
    for _, label in ipairs { "application/json", "text/plain", "application/octet-stream", "application/pdf", "" } do
      for _, before in ipairs { "", "\r\n ", "\t" } do
        local _, err = scripted.run(function(head, _, base)
          if head:find "^GET /stored" then
            return typed("application/pdf", PDF)
          end
          return typed(label, ('%s{"pdf_report":null,"signed_url":"%s/stored"}'):format(before, base))
        end, function(base)
          return checkout_at(base):get_report("idv_1", { path = path })
        end)
        assert.is_nil(err, tostring(err))
        assert.are_equal(PDF, files.read(path))
        os.remove(path)
      end
    end
  end)

  it("is asked for as it is stored", function()
    local _, _, heads = fetched(packed("gzip", GZIP))
    assert.are_equal(2, #heads)
    assert.is_truthy(heads[1]:find("\r\nAccept-Encoding: gzip\r\n", 1, true))
    assert.is_nil(heads[2]:lower():find("accept-encoding", 1, true))
  end)

  it("that unpacks without end is stopped at max_response_bytes, in memory and on disk", function()
    local pipe = assert(io.popen "{ printf '%%PDF-1.4\\n'; head -c 33554432 /dev/zero; } | gzip -9")
    local bomb = pipe:read "*a"
    pipe:close()
    assert.is_true(#bomb < 65536)
    for _, encoding in ipairs { "gzip", "identity\r\nContent-Encoding: gzip" } do
      for _, options in ipairs { {}, { path = path } } do
        options.max_response_bytes = 1024 * 1024
        local report, err = fetched(packed(encoding, bomb), options)
        check_failure(report, err, "protocol", "larger than max_response_bytes")
        assert.are_same({}, files.names_in(folder))
      end
    end
  end)

  it("tells no total that it does not know", function()
    local told = {}
    assert(fetched(packed("gzip", GZIP), { path = path, on_progress = function(now, total)
      told[#told + 1] = { now, total }
    end }))
    assert.are_same({ #PDF }, told[#told])
  end)

  it("comes through a transport of one's own into a file", function()
    local base = "http://127.0.0.1:1"
    local checkout = idv.checkout {
      secret_key = "sk_sbox_key", base_url = base, allow_http = true,
      transport = function(request)
        local is_storage = request.url:find "/stored"
        return {
          status = 200, body = is_storage and PDF or ('{"pdf_report":"%s/stored"}'):format(base),
          headers = { ["Content-Type"] = is_storage and "application/json" or "text/plain" },
        }
      end,
    }
    local report = assert(checkout:get_report("idv_1", { path = path }))
    assert.are_equal(PDF, files.read(path))
    assert.are_equal(#PDF, report.bytes)
    assert.is_nil(report.content)
    assert.are_same({ "report.pdf" }, files.names_in(folder))
  end)
end)

describe("a report of deepIDV", function()
  local path

  before_each(function()
    path = os.tmpname()
    files.write(path, "old")
  end)

  after_each(function()
    os.remove(path)
  end)

  local JSON = '{"session_record":{"id":"sess_1","status":"VERIFIED"},"resource_links":{}}'

  local function got(answer)
    return scripted.run(function() return answer end, function(base)
      return idv.deepidv({ api_key = "k", base_url = base, allow_http = true, max_retries = 0 }):get_report("sess_1",
        { path = path })
    end)
  end

  for label, answer in pairs {
    ["as JSON"] = typed("application/json", JSON), ["as a PDF"] = typed("application/pdf", JSON),
    ["without a type"] = typed(nil, JSON), ["without a length"] = unframed(JSON), ["in chunks"] = chunked(JSON, "\r\n0\r\n\r\n"),
  } do
    it("is saved: " .. label, function()
      local report = assert(got(answer))
      assert.are_equal(JSON, files.read(path))
      assert.are_equal(#JSON, report.bytes)
      assert.are_equal("approved", report.status)
    end)
  end

  for label, answer in pairs {
    ["cut"] = unframed(JSON:sub(1, -2)), ["a page"] = typed("application/json", PAGE), ["a PDF"] = typed("application/json", PDF),
    ["empty"] = typed("application/json", ""), ["something else"] = typed("application/json", '{"session_record":{}}'),
    ["null"] = typed("application/json", "null"), ["a list"] = typed("application/json", "[" .. JSON .. "]"),
    ["a length that is too short"] = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" .. JSON,
    ["204"] = "HTTP/1.1 204 No Content\r\n\r\n",
    ["a part"] = typed("application/json", JSON:sub(1, 30), "206 Partial Content"),
    ["twice"] = typed("application/json", JSON .. JSON),
  } do
    it("is not saved: " .. label, function()
      local report, err = got(answer)
      assert.is_nil(report)
      assert.are_equal("protocol", err.kind, tostring(err))
      assert.are_equal("get_report", err.operation)
      assert.are_equal("unknown", err.outcome)
      assert.are_equal("old", files.read(path))
    end)
  end
end)
