--- A small PDF: one page of text, with a cross-reference table that is right to the byte.
--
-- To get a large one, a stream object that no page uses is put between the text and the table; its content
-- is blanks that idv.httpd makes while sending, so the size costs nothing. All numbers that depend on the
-- size are written with ten digits, so they do not change the size themselves.

local pdf = {}

local function escape(text)
  return (text:gsub("[()\\]", "\\%0"))
end

local function text_stream(lines)
  local out = { "BT /F1 12 Tf 72 760 Td 16 TL" }
  for _, line in ipairs(lines) do
    out[#out + 1] = "(" .. escape(line) .. ") Tj T*"
  end
  out[#out + 1] = "ET"
  return table.concat(out, "\n")
end

local function objects_for(lines)
  local stream = text_stream(lines)
  return {
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
      .. " /Resources << /Font << /F1 5 0 R >> >> >>",
    "<< /Length " .. #stream .. " >>\nstream\n" .. stream .. "\nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  }
end

local function table_of(offsets, at)
  local out = { "xref\n0 ", #offsets + 1, "\n0000000000 65535 f \n" }
  for _, offset in ipairs(offsets) do
    out[#out + 1] = string.format("%010.0f 00000 n \n", offset)
  end
  out[#out + 1] = "trailer\n<< /Size " .. (#offsets + 1) .. " /Root 1 0 R >>\nstartxref\n"
  out[#out + 1] = string.format("%010.0f\n%%%%EOF\n", at)
  return table.concat(out)
end

-- Everything before the blanks, and everything after them, for so many blanks.
local function build(lines, filler)
  local out, offsets, length = {}, {}, 0
  local function put(text)
    out[#out + 1] = text
    length = length + #text
  end
  put "%PDF-1.4\n"
  for i, object in ipairs(objects_for(lines)) do
    offsets[i] = length
    put(i .. " 0 obj\n" .. object .. "\nendobj\n")
  end
  offsets[#offsets + 1] = length
  put(#offsets .. " 0 obj\n<< /Length " .. string.format("%010.0f", filler) .. " >>\nstream\n")
  local closing = "\nendstream\nendobj\n"
  return table.concat(out), closing .. table_of(offsets, length + filler + #closing)
end

--- Builds a PDF.
---@param lines string[] the text, in ASCII
---@param size integer bytes that the whole is to have; smaller than the smallest: the smallest
---@return string head
---@return integer filler blanks that come next
---@return string tail
function pdf.build(lines, size)
  local head, tail = build(lines, 0)
  local filler = math.max(0, size - #head - #tail)
  head, tail = build(lines, filler)
  return head, filler, tail
end

return pdf
