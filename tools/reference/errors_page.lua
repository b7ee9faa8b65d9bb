--- The page about errors: kinds and outcomes from their annotations, and what each HTTP status becomes, from the code.

local advice = require "tools.reference.advice"
local annotations = require "tools.reference.annotations"
local markdown = require "tools.reference.markdown"
local refusal = require "idv.refusal"

local code = markdown.code

local errors_page = {}

--- Statuses after which the engine repeats a request whose operation is safe; after 429 it repeats any.
errors_page.repeated = {
  [408] = true, [425] = true, [429] = true, [500] = true, [502] = true, [503] = true, [504] = true,
}

--- What an answer with a status that is no success becomes, for an operation that is safe or not.
---@param status integer
---@return {kind: string, outcome: string, retryable: string, repeated: string}
function errors_page.of_status(status)
  local kind = refusal.kind_of(status)
  local retryable = "no"
  if kind == "rate_limited" then
    retryable = "yes"
  elseif kind == "server" or errors_page.repeated[status] then
    retryable = "when safe"
  end
  local repeated = errors_page.repeated[status] and (status == 429 and "yes" or "when safe") or "no"
  local outcome = status >= 400 and status < 500 and "refused" or "unknown"
  return { kind = kind, outcome = outcome, retryable = retryable, repeated = repeated }
end

--- Runs of statuses that become the same: {first, last, fact}.
local function runs()
  local list = {}
  for status = 400, 599 do
    local fact = errors_page.of_status(status)
    local key = table.concat({ fact.kind, fact.outcome, fact.retryable, fact.repeated }, " ")
    local run = list[#list]
    if run and run.key == key then
      run.last = status
    else
      list[#list + 1] = { first = status, last = status, key = key, fact = fact }
    end
  end
  return list
end

local function status_rows()
  local rows, by_key = {}, {}
  for _, run in ipairs(runs()) do
    local text = run.first == run.last and ("%d"):format(run.first) or ("%d to %d"):format(run.first, run.last)
    local row = by_key[run.key]
    if row then
      row[1] = row[1] .. ", " .. text
    else
      local fact = run.fact
      by_key[run.key] = { text, code(fact.kind), code(fact.outcome), fact.retryable, fact.repeated }
      rows[#rows + 1] = by_key[run.key]
    end
  end
  rows[#rows + 1] = { "any other that is not a success", code "protocol", code "unknown", "no", "no" }
  return rows
end

local function alias_rows(alias)
  local rows = {}
  for _, one in ipairs(alias.values) do
    rows[#rows + 1] = { code(one.value), one.about }
  end
  return rows
end

local function field_rows(class)
  local rows = {}
  for _, field in ipairs(class.fields) do
    rows[#rows + 1] = { code(field.name), code(field.type), field.about }
  end
  return rows
end

local opening = [[
Mistakes in options throw when an object is made. Everything that can go wrong later is returned as `nil, err`, and
`err` is a table with the fields below. `tostring(err)` is one line for people. No error ever holds a credential, a
session URL, a code or what was sent of an applicant, in whatever writing the provider repeats it; every text in it is
one line of visible characters. What a provider answered is under `raw` of a record, as it came: that is yours to keep
secret.]]

local reading = [[
Ask for `outcome` before sending anything again. `not_sent` and `refused` mean that nothing was done. `unknown` means
that the provider may have acted: look, with `get_session` or `list_sessions`, before creating a second one.
`retryable` says that sending the same again can not do it twice and may work.]]

local advising = [[
- **again now**: the same call, at once. **again later**: the same call, after a pause that grows.
- **elsewhere**: another method, address or provider; the same call will not do.
- **ask a person**: an applicant, an operator or a developer has to change something.
- **look first**: find out what the provider has done, before anything is sent again.

A refusal whose outcome is `unknown` is the last word on a request that may be sent twice: an earlier copy of it got no
clear answer. It is treated like one that is `refused`.]]

--- The rows of the advice, one for each kind and what the outcomes have in common.
local function advice_rows()
  local rows = {}
  for _, entry in ipairs(advice) do
    for _, kind in ipairs(entry[1]) do
      local outcomes = {}
      for i, outcome in ipairs(entry[2]) do
        outcomes[i] = code(outcome)
      end
      rows[#rows + 1] = { code(kind), table.concat(outcomes, ", "), entry[3], entry[4] }
    end
  end
  table.sort(rows, function(a, b)
    return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
  end)
  return rows
end

local repeating = [[
`idv` repeats a request by itself, up to `max_retries` times, with growing pauses, and not before `retry_after`. A
repeat that would come after `timeout` is not begun. `attempts` counts the copies.

- A request that is safe to repeat: after a network failure, and after the statuses in the table.
- One that is not: when no byte of it was written (no connection, or TLS failed), and after 429. Never otherwise, so
  nothing is done twice.]]

--- docs/reference/errors.md
local on_the_way = [[
These are of kind `network`, with outcome `not_sent`; `message` says which repair is needed.

- **A proxy that does not connect**: "the proxy answered 407: ...". `status` is the provider's and stays empty. It is
  never tried again, so a wrong password is sent once. A proxy whose name is not found, or that does not answer, is
  tried again.
- **A certificate**: it has expired or is not valid yet (or the clock is wrong); it is for another host; its authority
  is not trusted, or it is signed by itself (`ca-certificates`, `ca_file`); it is revoked; it is too weak. The proxy's
  is told from the server's. None is tried again.
- **TLS**: the other side speaks only old versions, speaks no TLS at that port, wants a certificate of the client.
  None is tried again. A handshake that broke is.

A redirect where none belongs is of kind `protocol` with outcome `unknown`: the message has its host and path, and
nothing follows it. So is an address of a report that leads to no public host; see `report_hosts`.
]]

function errors_page.text()
  local found = annotations.read "lua/idv/error.lua"
  local aliases, classes = annotations.by_name(found.aliases), annotations.by_name(found.classes)
  local page = markdown.page()
  page:add "# Errors"
  page:add "<!-- Generated by `make docs` from the annotations in lua/idv/error.lua: change those, not this. -->"
  page:add(opening)
  page:add "## Fields"
  page:table({ "field", "type", "meaning" }, field_rows(classes["idv.Error"]))
  page:add "An entry of `details`:"
  page:table({ "field", "type", "meaning" }, field_rows(classes["idv.Detail"]))
  page:add "`rate_limit`:"
  page:table({ "field", "type", "meaning" }, field_rows(classes["idv.RateLimit"]))
  page:add "## Kinds"
  page:table({ "kind", "meaning" }, alias_rows(aliases["idv.Kind"]))
  page:add "## Outcomes"
  page:table({ "outcome", "meaning" }, alias_rows(aliases["idv.Outcome"]))
  page:add(reading)
  page:add "## Before the request arrives"
  page:add(on_the_way)
  page:add "## What to do"
  page:add(advising)
  page:table({ "kind", "outcome", "do", "because" }, advice_rows())
  page:add "## What is repeated"
  page:add(repeating)
  page:add "## What a status becomes"
  page:table({ "HTTP status", "kind", "outcome", "retryable", "repeated by itself" }, status_rows())
  page:add("A success whose body says that it failed is an error too: its kind is the one that the provider's words "
    .. "stand for.")
  return page:text()
end

return errors_page
