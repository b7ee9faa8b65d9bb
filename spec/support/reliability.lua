--- Writes docs/reliability.md out of what the fault matrix observed.

local reliability = {}

local preface = [[
# Reliability

What happens to a request when something breaks, and what your program is told. Nothing below was written by hand: the
tests break each thing on purpose (`spec/faults/matrix_spec.lua`, against real sockets on loopback), note how many
requests the server saw and what the caller got, and write this table. A test fails when a row is not what is promised.

**How to read it.** An operation that only *reads* may be repeated without harm, and `idv` does so by itself: three
tries with the default `max_retries = 2`. One that *creates* may not: doing it twice would make two sessions and send an
applicant two messages. So a creation is tried again only when the provider certainly did not act on it: no connection
came up, TLS failed before anything was sent, or the answer was 429. In every other row at most one request arrives.

With OAuth a token may stop being good before its time. A read that is answered 401 is then sent once more with a new token,
within `max_retries`. A creation is not: the 401 is proof that the provider did not accept the token, and no proof that
everything behind it did nothing. It ends with kind `auth`, the token is given up, and the next call fetches a new one. While
no token can be fetched a call is not sent at all. A fetch of a token follows the `max_retries` of the provider object, since
it serves all calls (`spec/never_twice_spec.lua`).

- **requests** is the number of whole requests that the server read.
- **kind** is what `err.kind` says, or *answered* when the call succeeded in the end.
- **outcome** is what is known of the request: `not_sent` and `refused` mean that nothing was done; after `unknown` the
  provider may have acted, so look (by your `external_id`, in its dashboard) before you create again.
- **retryable** says whether calling once more is harmless and may help.

Over HTTP/2 a server can say that it did not process a request. `idv` does not build on that word: libcurl does not hand
it on, so the outcome is `unknown` there too.

Every row also holds this: the call ended by its deadline, or well before it where nothing stalled; `err.attempts` and
the `retry` events count the tries; and afterwards the process had as many descriptors and as much memory as before.
]]

--- The keys of a set as words: "answered or network".
---@param set table<string, true>
---@return string
function reliability.list(set)
  local words = {}
  for word in pairs(set) do
    words[#words + 1] = word
  end
  table.sort(words)
  return table.concat(words, " or ")
end

local Report = {}
Report.__index = Report

---@return table
function reliability.new()
  return setmetatable({ groups = {}, by_title = {}, rows = 0 }, Report)
end

--- Notes a cell. Rows stay in the order in which their group and they were first added.
---@param group string
---@param fault string
---@param class string
---@param seen {requests: integer|string, kind: string, outcome: string?, retryable: boolean?}
function Report:add(group, fault, class, seen)
  local list = self.by_title[group]
  if not list then
    list = { title = group }
    self.by_title[group] = list
    self.groups[#self.groups + 1] = list
  end
  local cells = {
    fault, class, seen.requests, seen.kind, seen.outcome or "",
    seen.retryable and "yes" or seen.retryable == false and "no" or "",
  }
  list[#list + 1] = "| " .. table.concat(cells, " | ") .. " |"
  self.rows = self.rows + 1
end

--- How many cells have been added.
---@return integer
function Report:count()
  return self.rows
end

---@param path string
function Report:write(path)
  local parts = { preface }
  for _, list in ipairs(self.groups) do
    parts[#parts + 1] = "\n## " .. list.title .. "\n\n| fault | class | requests | kind | outcome | retryable |\n"
      .. "|---|---|---|---|---|---|\n" .. table.concat(list, "\n") .. "\n"
  end
  local file = assert(io.open(path, "w"))
  file:write((table.concat(parts):gsub(" +|", " |")))
  file:close()
end

return reliability
