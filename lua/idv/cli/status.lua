--- Exit codes: what a shell script learns without reading anything.
---
--- One code for each kind of error. Where the outcome of a request that may have acted is unknown, 32 is added, so that
--- `test $? -ge 42` asks "must I look before I send it again?".

local status = {}

status.OK = 0
status.MISTAKE = 1
status.USAGE = 2
status.SETUP = 3

--- Added where the provider may have acted.
status.UNKNOWN_OUTCOME = 32

--- Ctrl-C, where nothing can have happened: what shells make of a program that a signal ended.
status.INTERRUPTED = 130

--- Every code, in order: number, name, meaning.
status.list = {
  { 0, "ok", "done" },
  { 1, "mistake", "a mistake in idv itself, or a check of doctor that failed" },
  { 2, "usage", "the command line can not be understood" },
  { 3, "setup", "credentials are missing, or their file is not safe" },
  { 10, "validation", "refused before anything was sent" },
  { 11, "rejected", "the provider found the request wrong" },
  { 12, "auth", "the credentials are wrong, or may not do this" },
  { 13, "payment", "the provider wants to be paid first" },
  { 14, "not_found", "the provider does not know it" },
  { 15, "conflict", "the state it is in does not allow this" },
  { 16, "rate_limited", "too many requests" },
  { 17, "server", "the provider failed" },
  { 18, "network", "no connection, or it broke" },
  { 19, "timeout", "the time was over" },
  { 20, "protocol", "the answer can not be right" },
  { 21, "file", "a file could not be written" },
  { 22, "signature", "the webhook is not signed as it should be" },
  { 23, "unsupported", "the provider has no such method" },
  { 24, "cancelled", "the call was cancelled" },
  { 130, "interrupted", "Ctrl-C came, and nothing can have happened" },
}

local by_kind = {}
for _, entry in ipairs(status.list) do
  by_kind[entry[2]] = entry[1]
end

--- The exit code for a kind of error.
---@param kind string
---@return integer
function status.of_kind(kind)
  return by_kind[kind] or status.MISTAKE
end

--- The exit code for an error record.
---@param err idv.Error
---@return integer
function status.of_error(err)
  return status.of_kind(err.kind) + (err.outcome == "unknown" and status.UNKNOWN_OUTCOME or 0)
end

--- The list as lines for people.
---@return string[]
function status.lines()
  local lines = {}
  for i, entry in ipairs(status.list) do
    lines[i] = ("  %3d  %-13s %s"):format(entry[1], entry[2], entry[3])
  end
  lines[#lines + 1] = ("  +%d  where it is unknown whether the provider acted: look before sending again")
    :format(status.UNKNOWN_OUTCOME)
  return lines
end

return status
