--- Answers byte by byte, for servers that cut them: what is there to be cut, over HTTP/1.1 and over HTTP/2.

local answers = {}

local JSON = '{"id":"sess_1","session_url":"https://example.com/s","session_record":{"id":"sess_1","status":"PENDING"}}'

-- The same, from gzip.
local ZIPPED = "\031\139\008\000\000\000\000\000\002\003\171\086\202\076\081\178\082\042\078\045\046\142\055\084\210\001\051\050"
  .. "\243\243\226\075\139\114\128\194\025\037\037\005\197\086\250\250\169\021\137\185\005\057\169\122\201\249\185\250\197"
  .. "\072\170\138\082\147\243\139\128\250\171\209\077\041\073\044\041\045\006\138\004\184\250\185\120\250\185\043\213\214"
  .. "\002\000\200\117\237\110\105\000\000\000"

local PDF = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

local TOKEN = '{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}'

local function chunk(text)
  return ("%x\r\n%s\r\n"):format(#text, text)
end

--- An answer with a length: the head's end is where `body` begins.
local function answer(status, headers, body)
  local head = ("HTTP/1.1 %s\r\n%s"):format(status, headers)
  if body then
    head = head .. ("Content-Length: %d\r\n"):format(#body)
  end
  return { head = head .. "\r\n", body = body or "", status = tonumber(status:match "^%d+") }
end

local function with(fields, more)
  for name, value in pairs(more) do
    fields[name] = value
  end
  return fields
end

local json = "Content-Type: application/json\r\n"
local chunked = json .. "Transfer-Encoding: chunked\r\n"
local interims = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"

local in_chunks = answer("200 OK", chunked)
in_chunks.body = chunk(JSON:sub(1, 40)) .. chunk(JSON:sub(41)) .. "0\r\nHTTP/1.1: foo\r\nX-Sum: 1\r\n\r\n"

local after_interims = answer("200 OK", json, JSON)
after_interims.head = interims .. after_interims.head

--- `head`, `body` and `status` of each; `is_odd` where libcurl may find that half of the head is no HTTP. The last `spare` bytes are not needed: all of the content has come before.
answers.http1 = {
  { name = "JSON with a length", answer("201 Created", json, JSON) },
  { name = "JSON in chunks, with trailers", with(in_chunks, { spare = 1 }) },
  { name = "JSON until the end of the connection", with(answer("200 OK", json), { body = JSON }) },
  { name = "JSON from gzip", answer("200 OK", json .. "Content-Encoding: gzip\r\n", ZIPPED) },
  { name = "JSON after interim answers", after_interims },
  { name = "JSON with a folded header", with(answer("200 OK", "X-A: b\r\n c\r\n" .. json, JSON), { is_odd = true }) },
  { name = "204", answer("204 No Content", "") },
  { name = "304", answer("304 Not Modified", "") },
  { name = "302", answer("302 Found", "Location: https://example.com/?code=1\r\n", "") },
  { name = "401", answer("401 Unauthorized", json, '{"message":"no"}') },
  { name = "429", answer("429 Too Many Requests", json .. "Retry-After: 1\r\n", "{}") },
  { name = "500", answer("500 Internal Server Error", json, '{"message":"oops"}') },
}

answers.pdf = answer("200 OK", "Content-Type: application/pdf\r\n", PDF)
answers.token = answer("200 OK", json, TOKEN)
answers.json = answer("201 Created", json, JSON)

-- ---- HTTP/2 ----

local function frame(kind, flags, stream, content)
  local length = #content
  return string.char(math.floor(length / 65536), math.floor(length / 256) % 256, length % 256, kind, flags, 0, 0, 0, stream)
    .. content
end

local DATA, HEADERS, SETTINGS = 0, 1, 4
local END_STREAM, END_HEADERS = 1, 4

--- A header with a name out of HPACK's table, whose place fits into six bits and does not fit into four.
local function header(place, value)
  return string.char(15, place - 15, #value) .. value
end

local function head_of(status)
  return string.char(8, 3) .. status .. header(31, "application/json")
end

--- An answer over HTTP/2 to the first stream: `head` holds the server's settings too.
local function answer2(status, body)
  return {
    head = frame(SETTINGS, 0, 0, "") .. frame(HEADERS, END_HEADERS, 1, "\008\003103")
      .. frame(HEADERS, END_HEADERS, 1, head_of(status)),
    body = frame(DATA, 0, 1, body:sub(1, 10)) .. frame(DATA, 0, 1, body:sub(11))
      .. frame(HEADERS, END_STREAM + END_HEADERS, 1, "\000\005x-sum\0011"),
    status = tonumber(status),
  }
end

answers.http2 = {
  { name = "JSON with trailers", answer2("200", JSON) },
  { name = "429", answer2("429", "{}") },
  { name = "500", answer2("500", '{"message":"oops"}') },
}

return answers
