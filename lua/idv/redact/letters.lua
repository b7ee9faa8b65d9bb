--- Letters as they are compared: small, without accents, in one form whatever the writing.
---
--- "Muller", "MÜLLER" in one code point or two, and "müller" in Latin-1 are the same name. Latin, Greek and Cyrillic
--- letters are known; those of other scripts are compared as they are. It knows characters only, no words.

local letters = {}

---@alias idv.redact.Class
---| "letter"
---| "digit"
---| "alone"   # a word by itself: scripts that put no blanks between words
---| "joined"  # goes on with the character before, whatever that is

-- The plain letters of U+00C0 to U+0233 and of U+1E00 to U+1EFF, one for each; "." where there is none.
local latin = "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.yaaaaaaccccccccddddeeeeeeeeeegggggggg"
  .. "hhhhiiiiiiiiii..jjkkkllllll..llnnnnnn.nnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzsbb....occdd...ee."
  .. "ff....ikkl....ooo..pp......tt.uu.vyyzz......................aaiioouuuuuuuuuueaaaa....ggkkoooo..j...gg..nnaa..oo"
  .. "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy"
local latin_more = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr"
  .. "ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzz"
  .. "htwy.s....aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiiooooooooo"
  .. "oooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......"

-- Letters that are two.
local pairs_of = {
  [0xC6] = "ae", [0xDE] = "th", [0xDF] = "ss", [0xE6] = "ae", [0xFE] = "th", [0x132] = "ij", [0x133] = "ij",
  [0x152] = "oe", [0x153] = "oe", [0x1E9E] = "ss",
}

-- Greek and Cyrillic letters with marks, and the plain small ones.
local marked = {
  [0x386] = 0x3B1, [0x388] = 0x3B5, [0x389] = 0x3B7, [0x38A] = 0x3B9, [0x38C] = 0x3BF, [0x38E] = 0x3C5,
  [0x38F] = 0x3C9, [0x390] = 0x3B9, [0x3AA] = 0x3B9, [0x3AB] = 0x3C5, [0x3AC] = 0x3B1, [0x3AD] = 0x3B5,
  [0x3AE] = 0x3B7, [0x3AF] = 0x3B9, [0x3B0] = 0x3C5, [0x3C2] = 0x3C3, [0x3CA] = 0x3B9, [0x3CB] = 0x3C5,
  [0x3CC] = 0x3BF, [0x3CD] = 0x3C5, [0x3CE] = 0x3C9, [0x400] = 0x435, [0x401] = 0x435, [0x403] = 0x433,
  [0x407] = 0x456, [0x40C] = 0x43A, [0x40D] = 0x438, [0x40E] = 0x443, [0x419] = 0x438, [0x439] = 0x438,
  [0x450] = 0x435, [0x451] = 0x435, [0x453] = 0x433, [0x457] = 0x456, [0x45C] = 0x43A, [0x45D] = 0x438,
  [0x45E] = 0x443,
}

-- Code points that are no plain letters: {first, last, what they are}. Of "digits", `first` is the zero.
local ranges = {
  { 0x80, 0xA9 }, { 0xAB, 0xAC }, { 0xAD, 0xAD, "none" }, { 0xAE, 0xB4 }, { 0xB6, 0xB9 }, { 0xBB, 0xBF },
  { 0xD7, 0xD7 }, { 0xF7, 0xF7 }, { 0x2B0, 0x2FF }, { 0x300, 0x36F, "none" }, { 0x591, 0x5C7, "none" },
  { 0x60C, 0x61B }, { 0x61C, 0x61C, "none" }, { 0x64B, 0x65F, "none" }, { 0x660, 0x669, "digits" },
  { 0x6F0, 0x6F9, "digits" }, { 0x966, 0x96F, "digits" }, { 0xE00, 0xEFF, "alone" }, { 0x1000, 0x109F, "alone" },
  { 0x1100, 0x115F, "alone" }, { 0x1160, 0x11FF, "joined" }, { 0x1780, 0x17FF, "alone" }, { 0x180B, 0x180E, "none" },
  { 0x1AB0, 0x1AFF, "none" }, { 0x2000, 0x200A }, { 0x200B, 0x200F, "none" }, { 0x2010, 0x2029 },
  { 0x202A, 0x202E, "none" }, { 0x202F, 0x205F }, { 0x2060, 0x206F, "none" }, { 0x2070, 0x2BFF },
  { 0x2E80, 0x2FFF, "alone" }, { 0x3000, 0x3004 }, { 0x3005, 0x3007, "alone" }, { 0x3008, 0x3040 },
  { 0x3041, 0x3098, "alone" }, { 0x3099, 0x309A, "none" }, { 0x309B, 0x30FA, "alone" }, { 0x30FB, 0x30FB },
  { 0x30FC, 0xA4CF, "alone" }, { 0xF900, 0xFAFF, "alone" },
  { 0xE000, 0xF8FF }, { 0xFE00, 0xFE2F, "none" }, { 0xFEFF, 0xFEFF, "none" }, { 0xFFF0, 0xFFFF },
  { 0x1F000, 0x1FBFF }, { 0x20000, 0x3FFFF, "alone" }, { 0xE0000, 0xE01EF, "none" },
}

--- A code point as UTF-8.
---@param code integer
---@return string
function letters.utf8(code)
  local floor, char = math.floor, string.char
  if code < 0x80 then
    return char(code)
  elseif code < 0x800 then
    return char(0xC0 + floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64,
    0x80 + code % 64)
end

--- The code point at a place, and its last byte. A byte that is not of UTF-8 is taken for Latin-1.
---@param text string
---@param at integer
---@return integer code
---@return integer last
function letters.read(text, at)
  local lead = text:byte(at)
  local length = lead >= 0xF0 and 4 or lead >= 0xE0 and 3 or lead >= 0xC2 and 2 or 1
  if length == 1 then
    return lead, at
  end
  local code = lead % 2 ^ (7 - length)
  for i = at + 1, at + length - 1 do
    local byte = text:byte(i)
    if not byte or byte < 0x80 or byte > 0xBF then
      return lead, at
    end
    code = code * 64 + byte - 0x80
  end
  return code, at + length - 1
end

local function range_of(code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then
      return range
    end
  end
end

--- A Hangul syllable as the letters that it is made of, as text in decomposed form has them.
local function hangul(code)
  local index = code - 0xAC00
  local tail = index % 28
  return letters.utf8(0x1100 + math.floor(index / 588)) .. letters.utf8(0x1161 + math.floor(index % 588 / 28))
    .. (tail > 0 and letters.utf8(0x11A7 + tail) or "")
end

--- A kana without the sign that voices it.
local function unvoiced(code)
  local kana = code >= 0x30A0 and code - 0x60 or code
  if kana >= 0x304B and kana <= 0x3062 and kana % 2 == 0 or kana == 0x3065 or kana == 0x3067 or kana == 0x3069 then
    return code - 1
  elseif kana >= 0x306F and kana <= 0x307D then
    return code - (kana - 0x306F) % 3
  end
  return kana == 0x3094 and code - 0x4E or code
end

--- The plain Latin letters of a code point, or nil.
local function latin_of(code)
  local letter = ""
  if code >= 0xC0 and code <= 0x233 then
    letter = latin:sub(code - 0xBF, code - 0xBF)
  elseif code >= 0x1E00 and code <= 0x1EFF then
    letter = latin_more:sub(code - 0x1DFF, code - 0x1DFF)
  end
  return pairs_of[code] or letter:find "%a" and letter or nil
end

--- The small letter of a Greek or Cyrillic one.
local function small(code)
  if code >= 0x391 and code <= 0x3A9 or code >= 0x410 and code <= 0x42F then
    return code + 32
  elseif code >= 0x402 and code <= 0x40F then
    return code + 80
  end
  return code
end

local function fold_ascii(code)
  local character = string.char(code)
  if character:find "%d" then
    return character, "digit"
  elseif character:find "%a" then
    return character:lower(), "letter"
  end
end

--- How a character is compared, and what it is: "" and nil where it does not count, nil where it parts words.
---@param code integer
---@return string?
---@return idv.redact.Class?
function letters.fold(code)
  if code >= 0xFF01 and code <= 0xFF5E then
    code = code - 0xFEE0 -- the wide forms of ASCII
  end
  if code < 0x80 then
    return fold_ascii(code)
  elseif code >= 0xAC00 and code <= 0xD7A3 then
    return hangul(code), "alone"
  end
  local plain = latin_of(code)
  if plain then
    return plain, "letter"
  end
  local range = range_of(code)
  local class = range and range[3]
  if class == "none" then
    return "", nil
  elseif class == "digits" then
    return ("%d"):format(code - range[1]), "digit"
  elseif range and not class then
    return nil
  end
  return letters.utf8(marked[code] or small(unvoiced(code))), class or "letter"
end

return letters
