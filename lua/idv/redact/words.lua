--- A text as it is compared: its letters and digits in plain form, with the places where words begin and end.
---
--- "Ada  LOVELACE", "ada-lovelace" and "Ad\195\161Lovelace" are all "adalovelace". What parts words is not there, so it
--- can not hide one; where it stood is known. A word is also a run of digits beside letters, a part of a name in camel
--- case, and each character of a script that has no blanks.

local letters = require "idv.redact.letters"

local words = {}

--- How a word is set off: by its letters alone (camel case, digits beside letters), by an apostrophe, or by anything
--- else between it and its neighbour, an end of the text included.
words.LETTERS, words.APOSTROPHE, words.APART = 1, 2, 3

-- Signs between two pieces of one value: "(519) - 222". More than these keep pieces apart.
local WIDEST_GAP = 3

---@class idv.redact.Words
---@field text string                  letters and digits; a zero byte stands for a wide gap
---@field first integer[]              for each byte of text, where it begins in the original
---@field last integer[]               and where it ends
---@field starts table<integer, integer>  bytes with which a word begins: one of the above
---@field ends table<integer, integer>    bytes with which one ends

--- How the character that comes is parted from the one before: nil when they are of one word.
local function parting(before, class, is_capital)
  if class == "joined" then
    return nil
  elseif before.gap > 0 then
    return before.is_apostrophe and before.gap == 1 and words.APOSTROPHE or words.APART
  elseif class ~= before.class or class == "alone" or (is_capital and before.is_small) then
    return words.LETTERS
  end
end

--- Reads a text.
---@param written {text: string, first: integer[], last: integer[]}  as redact.escapes has it
---@return idv.redact.Words
function words.read(written)
  local text, parts, size = written.text, {}, 0
  local found = { first = {}, last = {}, starts = {}, ends = {} }
  local before = { gap = 1 }
  local function add(piece, from, to)
    parts[#parts + 1] = piece
    for _ = 1, #piece do
      size = size + 1
      found.first[size], found.last[size] = written.first[from], written.last[to]
    end
  end
  local at = 1
  while at <= #text do
    local code, to = letters.read(text, at)
    local folded, class = letters.fold(code)
    if not folded then
      before.gap, before.is_apostrophe = before.gap + 1, code == 39 or code == 0x2019
    elseif class then
      local part = parting(before, class, code >= 65 and code <= 90)
      if part then
        found.ends[size] = size > 0 and part or nil
        if before.gap > WIDEST_GAP then
          add("\0", at, at)
        end
        found.starts[size + 1] = part
      end
      add(folded, at, to)
      before.gap, before.class, before.is_small = 0, class, code >= 97 and code <= 122
    elseif size > 0 and before.gap == 0 then
      found.last[size] = written.last[to] -- a mark on the letter before
    end
    at = to + 1
  end
  if size > 0 then
    found.ends[size], found.starts[1] = words.APART, words.APART
  end
  found.text = table.concat(parts)
  return found
end

return words
