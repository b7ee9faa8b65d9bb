--- A transport that carries requests over cosockets instead of libcurl, for those who want nginx to do all the I/O:
--- `lua_ssl_trusted_certificate`, `resolver` and the connection pools of the worker hold for it.
---
---   local provider = idv.deepidv { api_key = key, transport = require("cosocket").new() }
---
--- It shows what a transport has to get right: nothing is sent twice, what is not known is called unknown, no more is
--- read than was asked for, and TLS is verified. A request is carried once; there are no repeats.

local cosocket = {}

-- ---- what went wrong ----

--- Before the first byte is written nothing can have happened; afterwards anything may have.
local function not_sent(kind, message)
  return nil, { kind = kind, outcome = "not_sent", message = message }
end

local function unknown(why, message)
  return nil, { kind = why == "timeout" and "timeout" or "network", outcome = "unknown", message = message }
end

local function unreadable(message)
  return nil, { kind = "protocol", outcome = "unknown", message = message }
end

-- ---- the request ----

local function split(url)
  local scheme, host, port, rest = url:match "^(https?)://([^/:?#]+):?(%d*)(.*)$"
  if not scheme then
    return nil
  end
  local default = scheme == "https" and 443 or 80
  return { scheme = scheme, host = host, port = tonumber(port) or default, path = rest ~= "" and rest or "/" }
end

local function bytes_of(request, address)
  local default = address.scheme == "https" and 443 or 80
  local host = address.port == default and address.host or address.host .. ":" .. address.port
  local lines = { ("%s %s HTTP/1.1"):format(request.method, address.path), "Host: " .. host }
  for _, header in ipairs(request.headers) do
    if header[2] ~= "" then
      lines[#lines + 1] = header[1] .. ": " .. header[2]
    end
  end
  if request.body or request.method ~= "GET" then
    lines[#lines + 1] = "Content-Length: " .. #(request.body or "")
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (request.body or "")
end

--- A socket for a request, which may take its `timeout` in all.
local function new_socket(request)
  local deadline = ngx.now() + (request.timeout or 30)
  local socket = ngx.socket.tcp()
  return socket, function()
    socket:settimeout(math.max(1, (deadline - ngx.now()) * 1000))
    return socket
  end
end

--- Connects and shakes hands. A kept-alive connection that died is found out only when a request on it gets no answer,
--- so only what may be sent again takes one from the pool.
local function connect(timed, request, address, settings)
  local socket = timed()
  local is_repeatable = request.method == "GET"
  local pool = ("idv %s %s:%d"):format(address.scheme, address.host, address.port)
  pool = is_repeatable and pool or pool .. " never kept"
  local target = (settings.addresses or {})[address.host] or address.host
  local ok, why = socket:connect(target, address.port, { pool = pool })
  if not ok then
    return not_sent(why == "timeout" and "timeout" or "network", "no connection could be made")
  end
  if address.scheme == "https" and socket:getreusedtimes() == 0 then
    ok = timed():sslhandshake(false, address.host, true)
    if not ok then
      socket:close()
      return not_sent("network", "the TLS handshake failed")
    end
  end
  return true
end

-- ---- the answer ----

local BROKEN = "the connection broke in the middle of the answer"
local TOO_LARGE = "the answer is larger than max_response_bytes"

--- The lines up to an empty one, as a list of {name, value}.
local function read_headers(timed)
  local headers = {}
  while true do
    local line, why = timed():receive "*l"
    if not line then
      return unknown(why, BROKEN)
    elseif line == "" then
      return headers
    end
    local name, value = line:match "^([^:]+):%s*(.-)%s*$"
    headers[#headers + 1] = name and { name, value }
  end
end

local function read_head(timed)
  local line, why = timed():receive "*l"
  if not line then
    return unknown(why, "the connection broke before the answer")
  end
  local status = tonumber(line:match "^HTTP/1%.%d (%d%d%d)")
  if not status then
    return unreadable "the answer was not HTTP"
  end
  local headers, failure = read_headers(timed)
  if not headers then
    return nil, failure
  elseif status < 200 then -- 100 Continue and the like come before the answer
    return read_head(timed)
  end
  return { status = status, headers = headers }
end

local function header_of(answer, wanted)
  for _, header in ipairs(answer.headers) do
    if header[1]:lower() == wanted then
      return header[2]:lower()
    end
  end
end

local function read_chunks(timed, most)
  local parts, total = {}, 0
  while true do
    local line, why = timed():receive "*l"
    local size = line and tonumber(line:match "^%x+" or "", 16)
    total = total + (size or 0)
    if not size then
      return unknown(why, BROKEN)
    elseif total > most then
      return unreadable(TOO_LARGE)
    elseif size == 0 then
      local trailers, failure = read_headers(timed)
      return trailers and table.concat(parts), failure
    end
    parts[#parts + 1], why = timed():receive(size + 2) -- with the line's end
    if why then
      return unknown(why, BROKEN)
    end
    parts[#parts] = parts[#parts]:sub(1, size)
  end
end

local function read_until_closed(timed, most)
  local parts, total = {}, 0
  while true do
    local part, why = timed():receiveany(65536)
    if not part then
      if why == "closed" then
        return table.concat(parts)
      end
      return unknown(why, BROKEN)
    end
    total = total + #part
    if total > most then
      return unreadable(TOO_LARGE)
    end
    parts[#parts + 1] = part
  end
end

local function read_body(timed, request, answer)
  local most = request.max_response_bytes or 8 * 1024 * 1024
  local length = tonumber(header_of(answer, "content-length"))
  if answer.status == 204 or answer.status == 304 then
    return ""
  elseif (header_of(answer, "transfer-encoding") or ""):find "chunked" then
    return read_chunks(timed, most)
  elseif not length then
    return read_until_closed(timed, most)
  elseif length > most then
    return unreadable(TOO_LARGE)
  end
  local body, why = timed():receive(length)
  if not body then
    return unknown(why, BROKEN)
  end
  return body
end

--- Gives the connection to the pool where that is right, and ends it otherwise.
local function let_go(socket, request, answer)
  local is_bounded = header_of(answer, "content-length") or header_of(answer, "transfer-encoding")
  if request.method == "GET" and is_bounded and header_of(answer, "connection") ~= "close" then
    socket:setkeepalive(45000, 32)
  else
    socket:close()
  end
end

-- ---- the transport ----

local function converse(timed, request, address)
  local sent, why = timed():send(bytes_of(request, address))
  if not sent then
    return unknown(why, "the connection broke while the request was sent")
  end
  local answer, failure = read_head(timed)
  if answer then
    answer.body, failure = read_body(timed, request, answer)
  end
  return answer and answer.body and answer, failure
end

local function carry(request, settings)
  local address = split(request.url)
  if not address then
    return not_sent("protocol", "the address can not be used")
  end
  local socket, timed = new_socket(request)
  local ok, failure = connect(timed, request, address, settings)
  if not ok then
    return nil, failure
  end
  local answer
  answer, failure = converse(timed, request, address)
  if not answer then
    socket:close()
    return nil, failure
  end
  let_go(socket, request, answer)
  return answer
end

--- Makes a transport.
---@param settings table?  addresses: host name -> IP address, for hosts that nginx has no resolver for
---@return idv.Transport
function cosocket.new(settings)
  return function(request)
    return carry(request, settings or {})
  end
end

return cosocket
