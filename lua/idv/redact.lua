--- Taking out of a provider's words what must not be repeated.
---
--- A provider's message may quote what was sent to it, or show something of its own: an address, a link. Before such
--- a text gets into an error, the values that were sent are blotted out, whole and word by word, and so is whatever
--- looks like an e-mail address, a phone number or a URL. What is left is cut to a line.

local core = require "idv.core"

local redact = {}

local HIDDEN = "[hidden]"
local LONGEST = 300 -- bytes of a text that is shown
local LONGEST_READ = 8192 -- bytes of a text that is looked at
local SHORTEST_WORD = 3
local SHORTEST_IN_CODE = 12
local SHORTEST_ANYWHERE = 5 -- a shorter value is blotted out only where it stands as a word

--- Replaces every occurrence of `needle` in `text`, letter case ignored (ASCII).
local function blot(text, needle, whole_word)
  local lower, parts, from = text:lower(), {}, 1
  needle = needle:lower()
  while true do
    local first, last = lower:find(needle, from, true)
    if not first then
      break
    end
    local is_apart = not (lower:sub(first - 1, first - 1):find "%w" or lower:sub(last + 1, last + 1):find "%w")
    if is_apart or not whole_word then
      parts[#parts + 1] = text:sub(from, first - 1) .. HIDDEN
    else
      parts[#parts + 1] = text:sub(from, last)
    end
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts)
end

--- What to look for: the values, the words of those that are more than one, and the names in e-mail addresses. Longest
--- first, so that a word never spoils the search for the whole.
local function needles_of(values)
  local seen, needles = {}, {}
  local function add(word, least)
    if #word >= least and not seen[word] then
      seen[word] = true
      needles[#needles + 1] = word
    end
  end
  for _, value in ipairs(values) do
    add(value, 1)
    add(value:match "^([^@%s]+)@" or "", SHORTEST_WORD)
    for word in value:gmatch "%S+" do
      add(word, SHORTEST_WORD)
    end
  end
  table.sort(needles, function(a, b)
    if #a ~= #b then
      return #a > #b
    end
    return a < b
  end)
  return needles
end

local function blot_shapes(text)
  text = text:gsub("%a[%w+.-]*://[^%s\"'<>]+", "[url]")
  text = text:gsub("[^%s\"'<>,;:%[%]()]+@[^%s\"'<>,;:%[%]()]+", "[email]")
  return (text:gsub("%+%d[%d%s().-]*%d", "[phone]"))
end

--- Makes a provider's text fit for an error.
---@param text any          anything but a UTF-8 string that is neither blank nor huge gives nil
---@param values string[]   what was sent and must not come back
---@return string?
function redact.text(text, values)
  if type(text) ~= "string" or #text > LONGEST_READ or not core.is_utf8(text) then
    return nil
  end
  text = text:gsub("%c+", " "):gsub("^%s+", ""):gsub("%s+$", "")
  if text == "" then
    return nil
  end
  text = blot_shapes(text)
  for _, needle in ipairs(needles_of(values)) do
    text = blot(text, needle, #needle < SHORTEST_ANYWHERE)
  end
  if #text > LONGEST then
    text = text:sub(1, LONGEST):gsub("[\128-\191]*$", ""):gsub("[\192-\255]$", "") .. "..."
  end
  return text
end

--- Whether a code is something that was sent, or holds it. Codes are made of plain words, and so may be what was sent:
--- only what is as long as a credential counts within one.
local function repeats(word, values)
  local lower = word:lower()
  for _, needle in ipairs(needles_of(values)) do
    needle = needle:lower()
    if lower == needle or (#needle >= SHORTEST_IN_CODE and lower:find(needle, 1, true)) then
      return true
    end
  end
  return false
end

--- A short machine-readable word of the provider's, such as an error code: letters, digits and - . _ : only, and none
--- of what was sent.
---@param word any
---@param values string[]?  what was sent and must not come back
---@return string?
function redact.code(word, values)
  if type(word) == "number" then
    word = ("%.14g"):format(word)
  end
  local is_code = type(word) == "string" and #word <= 100 and word:find "^[%w_.:-]+$"
  return is_code and not repeats(word, values or {}) and word or nil
end

return redact
