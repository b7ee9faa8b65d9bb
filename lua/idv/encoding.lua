--- Why an answer that came compressed could not be unpacked, in words.
---
--- libcurl unpacks what it was built for. Its result code is the same for a damaged stream, for an encoding that it was
--- built without, and for an unknown one.

local core = require "idv.core"

local encoding = {}

-- Encodings by name -> what libcurl needs for them: the key among the versions, and the library.
local needs = {
  gzip = { "gzip", "zlib" }, ["x-gzip"] = { "gzip", "zlib" }, deflate = { "gzip", "zlib" }, br = { "br", "brotli" },
  zstd = { "zstd", "zstd" },
}

--- What one encoding lacks, or nil.
local function problem_of(name)
  local need = needs[name]
  if not need then
    return ("the answer is in an encoding that is not known here: %s"):format(name)
  elseif not core.versions[need[1]] then
    return ("the answer is compressed with %s, which libcurl %s can not read: it was built without %s"):format(name,
      core.versions.libcurl, need[2])
  end
end

--- What keeps an answer from being unpacked.
---@param header string?  its Content-Encoding
---@return string
function encoding.problem(header)
  for name in (header or ""):lower():gmatch "[^%s,]+" do
    local is_word = #name <= 32 and name:find "^[%w._-]+$"
    local problem = name ~= "identity" and problem_of(is_word and name or "an odd one")
    if problem then
      return problem
    end
  end
  return "the compressed answer could not be read: it is damaged, or not compressed as it says"
end

return encoding
