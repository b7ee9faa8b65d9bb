--- What proves that bytes are a whole PDF: how they begin, how they end, and the length that some of them state.
---
--- It is given the first KiB and the last one, which is where a PDF says these things, and does not look at what stands
--- between them. Labels count for nothing: storages hand out PDFs as `application/json`, and pages of errors as PDFs.

local pdf = {}

-- What a body is that is no PDF, by how it begins.
local other_kinds = {
  { "^$", "is empty" },
  { "^<%?xml", "is XML" },
  { "^<", "is a page of HTML or XML" },
  { "^[{%[]", "is JSON" },
  { "^%-%-", "is made of several parts" },
  { "^\31\139", "is compressed, and does not say so" },
}

--- Whether it begins as a PDF does. Blanks, a byte order mark or binary bytes may stand before the mark, and no text: a
--- page or a record that quotes a PDF is none.
---@param first string  the first KiB
---@return boolean
function pdf.is_begun(first)
  local at = first:sub(1, 1024):find("%PDF-", 1, true)
  return at ~= nil and not first:sub(1, at - 1):find "[\33-\126]"
end

--- Whether it ends as a PDF does: with its mark, after which no other section begins.
local function is_ended(last)
  local rest = last:match "^.*%%%%EOF(.*)$"
  return rest ~= nil and not rest:find "^[%s%c]*[%dx]"
end

--- The length that a PDF states which is laid out for the web: such a one has an end near its beginning, too.
local function stated_length(first)
  return first:find("/Linearized", 1, true) and tonumber(first:match "/L%s+(%d+)") or 0
end

--- What keeps bytes from being a whole PDF, to follow "the report"; nil when nothing does.
---@param first string    the first KiB
---@param last string     the last KiB
---@param length integer  of the whole
---@return string?
function pdf.problem(first, last, length)
  if pdf.is_begun(first) then
    local is_whole = is_ended(last) and length >= stated_length(first)
    return not is_whole and "is a PDF whose end is missing" or nil
  end
  local text = first:gsub("^\239\187\191", ""):gsub("^%s+", "")
  for _, kind in ipairs(other_kinds) do
    if text:find(kind[1]) then
      return "is no PDF: it " .. kind[2]
    end
  end
  return "is no PDF"
end

return pdf
