--- Reports: finding one, fetching it, and saving it so that there is either a whole file or none.
---
--- A PDF report takes two requests. The provider answers with a pre-signed address (or, some say, with the PDF itself),
--- and whoever has that address has the report, so it is fetched at once and without credentials. An address that has
--- expired meanwhile is asked for once more.

local calls = require "idv.calls"
local core = require "idv.core"
local Error = require "idv.error"
local hops = require "idv.hops"
local pdf = require "idv.pdf"
local records = require "idv.records"

local report = {}

--- What get_report takes besides the options of every call.
report.options = {
  path = { type = "string", about = "File to save the report to; it is in the record's `content` when left out" },
  on_progress = {
    type = "function", signature = "fun(bytes: integer, total: integer?)",
    about = "Called with the bytes so far and the bytes in all, where known",
  },
}

-- Refusals of a storage that mean "this address is not good any more".
local stale_statuses = { [400] = true, [401] = true, [403] = true, [404] = true, [410] = true }

--- What a PDF is to a caller, once it is proved to be whole; else a failure that says what the body is instead.
local function read_pdf(answer, subject)
  local why = answer.status ~= 200 and ("came with status %d, which is not a whole answer"):format(answer.status)
    or pdf.problem(answer.edges())
  if why then
    return nil, { kind = "protocol", message = subject .. " " .. why }
  end
  if answer.facts().saved then
    return { is_saved = true }
  end
  return { content = answer.content() }
end

--- The first of the values that is a text.
local function first_text(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == "string" then
      return value
    end
  end
end

--- Reads the answer to "where is the report": JSON with an address, or the PDF itself.
---@param answer table  as hooks of a description see it
---@return table? fields
---@return table? failure
function report.read_location(answer)
  if pdf.is_begun((answer.edges())) then
    return read_pdf(answer, "the report")
  end
  local body = answer.status == 200 and not answer.facts().saved and answer.json()
  local url = body and first_text(body.pdf_report, body.signed_url)
  if not url then
    return nil, { kind = "protocol", message = "the answer holds neither a PDF nor the address of one" }
  end
  return { location = url }
end

-- Refusals of a storage that are about the moment. Others are about the address, whatever they say of credentials,
-- since none go there.
local passing_kinds = { [429] = "rate_limited" }

--- Reads the answer of the storage.
local function read_storage(answer)
  if hops.statuses[answer.status] then
    return { location = answer.header "Location" or "" }
  elseif answer.status < 200 or answer.status > 299 then
    local kind = passing_kinds[answer.status] or answer.status >= 500 and "server" or answer.status < 400 and "protocol"
    return nil, { kind = kind or "rejected", message = "the storage of the provider did not hand out the report" }
  end
  return read_pdf(answer, "what the storage handed out")
end

-- The request to the storage, as an operation that is never described: its address comes from an answer.
local storage = {
  name = "get_report", safe = true, record = "report", is_file = true, read = read_storage, plain = { parameters = {} },
  compiled = { read = function(_, call)
    if call:facts().kind then
      return nil, "failed"
    end
    return nil, "hook"
  end },
}

local function fail(state, fields)
  fields.provider, fields.operation = state.provider.name, "get_report"
  return nil, Error.new(fields)
end

--- Gives the report its name: in the file that it came into, or, where it came into memory, in a new one.
local function save(state, path, found, call)
  local ok, why
  if found.is_saved then
    ok, why = call:commit()
  else
    ok, why = core.save_file(path, found.content)
  end
  if not ok then
    return fail(state, { kind = "file", message = why, outcome = "unknown", attempts = call:facts().attempts })
  end
  return true
end

--- What the caller gets in the end.
local function finish(state, id, given, found, call)
  local fields = { id = id, content_type = "application/pdf" }
  local path = given and given.path
  if path then
    fields.path, fields.bytes = path, found.content and #found.content or call:facts().bytes_received
    local ok, err = save(state, path, found, call)
    if not ok then
      return nil, err
    end
  else
    fields.content, fields.bytes = found.content, #found.content
  end
  return records.new(state.provider.name, "report", fields)
end

--- Gives back what a call holds, a file without a name among it.
local function release(call)
  if call then
    core.release(call)
  end
end

local function locate(state, id, given)
  local found, err, call = calls.perform(state, state.operations.locate_report, nil, given, { id })
  if err and err.kind == "not_found" then
    err.message = "there is no report yet: it exists once the verification is approved or declined and the provider "
      .. "has said that the report is created (or the id is not known)"
  end
  return found, err, call
end

--- The report, wherever it is: what was found, or nil and an error; the last call; and whether the address was no good.
local function find(state, id, given)
  local found, err, call = locate(state, id, given)
  if not found or not found.location then
    return found, err, call, false
  end
  release(call)
  found, err, call = hops.fetch(state, storage, found.location, given)
  return found, err, call, err and stale_statuses[err.status]
end

--- Fetches the PDF report of a session.
---@param state table
---@param id string
---@param given table?  options, already checked
---@return table? record
---@return idv.Error? err
function report.get(state, id, given)
  local found, err, call, is_stale = find(state, id, given)
  if is_stale then
    release(call)
    found, err, call = find(state, id, given)
  end
  if found then
    found, err = finish(state, id, given, found, call)
  end
  release(call)
  return found, err
end

--- The options that every call takes, out of those of a report: what is saved here is not what comes in.
local function limits_of(given)
  return given and {
    timeout = given.timeout, connect_timeout = given.connect_timeout, max_retries = given.max_retries,
    max_response_bytes = given.max_response_bytes,
  }
end

--- Makes a method that returns the answer of an operation as the report, and saves it as JSON where a path is given.
---@param name string  the operation
---@return function
function report.json(name)
  return function(state, id, given)
    local path = given and given.path
    local why = path and core.file_problem(path)
    if why then
      return nil, Error.validation(state.provider.name, "get_report", { { field = "options.path", message = why } })
    end
    local record, err, call = calls.perform(state, state.operations[name], nil, limits_of(given), { id })
    if not record then
      return nil, err
    end
    local content = call:content()
    record.content_type, record.bytes = "application/json", #content
    if path then
      local ok, reason = core.save_file(path, content)
      if not ok then
        local attempts = call:facts().attempts
        return fail(state, { kind = "file", message = reason, outcome = "unknown", attempts = attempts })
      end
      record.path = path
    end
    release(call)
    return record
  end
end

return report
