--- Reading the escapes that a text may be written in: percent-encoding, HTML entities, those of JSON, and UTF-8 that
--- was taken for Latin-1 and encoded once more.
---
--- Servers quote what they were sent as their pages, logs and URLs have it. `decoded` takes one layer off and keeps for
--- each byte the place in the original that it stands for. Named entities are those of Latin letters and of
--- punctuation: an accented letter becomes the letter, because that is how redact.letters compares it.

local letters = require "idv.redact.letters"

local escapes = {}

local names = {
  amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = " ", commat = "@", plus = "+", period = ".",
  hyphen = "-", dash = "-", ndash = "-", mdash = "-", lowbar = "_", sol = "/", colon = ":", num = "#", percnt = "%",
  lpar = "(", rpar = ")", comma = ",", semi = ";", equals = "=", excl = "!", quest = "?", bsol = "\\", ensp = " ",
  emsp = " ", thinsp = " ", Tab = " ", NewLine = " ", shy = "", zwj = "", zwnj = "", rsquo = "'", lsquo = "'",
  szlig = "ss", aelig = "ae", AElig = "ae", oelig = "oe", OElig = "oe", thorn = "th", THORN = "th", eth = "d",
  ETH = "d", inodot = "i",
}

local accents = {
  grave = true, acute = true, circ = true, tilde = true, uml = true, ring = true, cedil = true, slash = true,
  caron = true, breve = true, ogon = true, macr = true, dot = true, dblac = true, strok = true,
}

local function character(digits, base)
  local code = #digits <= 8 and tonumber(digits, base)
  return code and code <= 0x10FFFF and letters.utf8(code) or nil
end

local function entity(name)
  local letter, accent = name:lower():match "^(%a)(%a+)$"
  return names[name] or names[name:lower()] or accents[accent or ""] and letter or nil
end

--- The character of \uXXXX, with the second half of it where there are two.
local function unicode_escape(text, at)
  local first = tonumber(text:match("^\\[uU](%x%x%x%x)", at), 16)
  local second = tonumber(text:match("^\\[uU](%x%x%x%x)", at + 6) or "", 16)
  if first >= 0xD800 and first < 0xDC00 and second and second >= 0xDC00 and second < 0xE000 then
    return letters.utf8(0x10000 + (first - 0xD800) * 1024 + second - 0xDC00), at + 11
  end
  return letters.utf8(first), at + 5
end

local whitespace = { n = " ", r = " ", t = " ", b = " ", f = " " }

-- First byte of an escape -> list of {pattern, what it stands for}. Each pattern captures one text and its end.
local forms = {
  ["%"] = {
    { "^%%(%x%x)()", function(digits) return string.char(tonumber(digits, 16)) end },
    { "^%%[uU](%x%x%x%x)()", function(digits) return character(digits, 16) end },
  },
  ["&"] = {
    { "^&#(%d+);?()", function(digits) return character(digits, 10) end },
    { "^&#[xX](%x+);?()", function(digits) return character(digits, 16) end },
    { "^&(%a+);()", entity },
  },
  ["\\"] = {
    { "^\\[uU]{(%x+)}()", function(digits) return character(digits, 16) end },
    { "^\\[xX](%x%x)()", function(digits) return string.char(tonumber(digits, 16)) end },
    { "^\\([nrtbf])()", function(letter) return whitespace[letter] end },
    { "^\\([\"'/\\])()", function(sign) return sign end },
  },
  ["\195"] = { -- two characters that stand for the bytes of one
    { "^(\195[\130-\133]\194[\128-\191])()", function(two) return string.char(two:byte(2) + 64, two:byte(4)) end },
  },
}

--- What the escape at a place stands for, and its last byte; nil where there is none.
local function read_escape(text, at)
  if text:find("^\\[uU]%x%x%x%x", at) then
    return unicode_escape(text, at)
  end
  for _, form in ipairs(forms[text:sub(at, at)]) do
    local captured, after = text:match(form[1], at)
    local meant = captured and form[2](captured)
    if meant then
      return meant, after - 1
    end
  end
end

--- A text with the place of each of its bytes, as `decoded` takes it.
---@param text string
---@return {text: string, first: integer[], last: integer[]}
function escapes.plain(text)
  local first, last = {}, {}
  for i = 1, #text do
    first[i], last[i] = i, i
  end
  return { text = text, first = first, last = last }
end

--- One layer of escapes off; nil where there is none. `first` and `last` are, for each byte, the bytes of the original
--- that it stands for.
---@param written {text: string, first: integer[], last: integer[]}
---@return {text: string, first: integer[], last: integer[]}?
function escapes.decoded(written)
  local text, parts, first, last = written.text, {}, {}, {}
  local function add(piece, from, to)
    parts[#parts + 1] = piece
    for _ = 1, #piece do
      first[#first + 1], last[#last + 1] = written.first[from], written.last[to]
    end
  end
  local at, is_changed = 1, false
  while at <= #text do
    local meant, to
    if text:find("^[%%&\\\195]", at) then
      meant, to = read_escape(text, at)
    end
    is_changed = is_changed or meant ~= nil
    to = to or at
    add(meant or text:sub(at, at), at, to)
    at = to + 1
  end
  return is_changed and { text = table.concat(parts), first = first, last = last } or nil
end

return escapes
