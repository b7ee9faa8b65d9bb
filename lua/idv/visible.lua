--- Text as a person may be shown it: one line of visible characters.
---
--- A provider's bytes may hold line breaks, commands to a terminal, marks that reverse the direction of writing, or
--- characters of no width that hide a word. `line` takes them out; `escaped` and `json` show them as escapes. What is
--- secret in a text is redact.lua's matter.

local core = require "idv.core"

local visible = {}

-- Characters that break a line or that a terminal obeys; each pattern is one character of UTF-8.
local controls = {
  "[%z\1-\31\127]", "\194[\128-\159]", "\226\128[\168\169]", -- C0 and DEL; C1; U+2028, U+2029
}

-- Characters that show nothing: soft hyphen, U+034F, U+061C, U+180E, U+200B to U+200F, U+202A to U+202E, U+2060 to
-- U+206F, variation selectors, the byte order mark, U+FFF9 to U+FFFB, and the tags of plane 14.
local unseen = {
  "\194\173", "\205\143", "\216\156", "\225\160\142", "\226\128[\139-\143]", "\226\128[\170-\174]",
  "\226\129[\160-\175]", "\239\184[\128-\143]", "\239\187\191", "\239\191[\185-\187]", "\243\160[\128-\135][\128-\191]",
}

-- Commands to a terminal: CSI in 7 and in 8 bits, OSC and its like up to their end, and the short ones.
local commands = {
  "\27%[[0-?]*[ -/]*[@-~]", "\194\155[0-?]*[ -/]*[@-~]", "\27[%]PX^_][^\7\27]*\7?", "\27[ -/]*[0-~]",
}

local function remove(text, patterns, replacement)
  for _, pattern in ipairs(patterns) do
    text = text:gsub(pattern, replacement)
  end
  return text
end

--- A text without bytes that are no UTF-8: each becomes a question mark.
local function readable(text)
  return core.is_utf8(text) and text or (text:gsub("[\128-\255]", "?"))
end

--- The code point of one character of UTF-8.
local function code_of(character)
  local lead = character:byte()
  if lead < 128 then
    return lead
  end
  local code = lead % 2 ^ (7 - #character)
  for i = 2, #character do
    code = code * 64 + character:byte(i) % 64
  end
  return code
end

local function escape_all(text, escape)
  for _, patterns in ipairs { controls, unseen } do
    for _, pattern in ipairs(patterns) do
      text = text:gsub(pattern, function(character)
        return escape(code_of(character))
      end)
    end
  end
  return text
end

--- One line: breaks and controls become blanks, and what shows nothing is left out.
---@param text string
---@return string
function visible.line(text)
  if not text:find "[^ -~]" then
    return (text:gsub("^ +", ""):gsub(" +$", ""))
  end
  text = remove(readable(text), commands, "")
  text = remove(remove(text, unseen, ""), controls, " ")
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

--- For a terminal: what a terminal obeys or does not show becomes an escape such as \x1B or \u202E.
---@param text string
---@return string
function visible.escaped(text)
  if not core.is_utf8(text) then
    text = text:gsub("[\128-\255]", function(byte)
      return ("\\x%02X"):format(byte:byte())
    end)
  end
  return escape_all(text, function(code)
    return (code < 128 and "\\x%02X" or "\\u%04X"):format(code)
  end)
end

--- For a text that is JSON already: the same characters, as JSON escapes them.
---@param text string
---@return string
function visible.json(text)
  return escape_all(text, function(code)
    if code < 0x10000 then
      return ("\\u%04X"):format(code)
    end
    code = code - 0x10000
    return ("\\u%04X\\u%04X"):format(0xD800 + math.floor(code / 1024), 0xDC00 + code % 1024)
  end)
end

return visible
