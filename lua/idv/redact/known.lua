--- What must not come back, prepared for looking: credentials, and what was sent of an applicant.
---
--- A credential is hidden wherever eight of its characters stand together, also within base64. Of an applicant's data
--- names and words are hidden where they stand as words, and what has digits in it anywhere. Phone numbers are known
--- by seven digits in a row, dates in each order. Preparing costs as much as there is text; past a ceiling nothing is
--- prepared any more and `is_over` says so: then no text of a provider's may be shown.

local core = require "idv.core"
local escapes = require "idv.redact.escapes"
local words = require "idv.redact.words"

local Known = {}
Known.__index = Known

-- Bytes of what was sent that are prepared.
local MOST_TEXT = 16384

-- Characters that give a value away when they stand together: of a credential, of a phone number.
local GRAM, DIGITS = 8, 7

-- A value with digits that is at least this long is hidden within words too.
local SHORTEST_WITHIN = 5

-- The longest value that is looked for as a whole; longer ones are known by their parts.
local LONGEST_WHOLE = 64

-- Bytes by which a value is found.
local HEAD = 3

-- Words of a value with more words than this are prose, of which short ones say nothing; and how long those are.
local MOST_NAMES, SHORT = 6, 3

-- Parts of names that are everyday words. In small letters they are hidden beside another part of the name only.
local particles = {}
for particle in ("a af al an and at av ben bin bint by d da das de del della den der di do dos du e el et for i ibn in "
  .. "l la le los las n o of on or san st te ten ter the to und van von y z zu zum zur"):gmatch "%a+" do
  particles[particle] = true
end

---@class idv.redact.Known
---@field whole table<string, "anywhere"|"word">  values and words
---@field lengths table<string, integer[]>        first three bytes -> lengths in `whole` from three on, longest first
---@field grams table<string, true>               eight characters that give a credential away
---@field digits table<string, true>              seven digits that give a phone number away
---@field beside table<string, true>              words that are hidden beside a hidden one
---@field initials table<string, true>            letters with which names begin
---@field is_over boolean                         there was more than can be looked for

Known.GRAM, Known.DIGITS, Known.HEAD = GRAM, DIGITS, HEAD

---@return idv.redact.Known
function Known.new()
  return setmetatable({
    whole = {}, lengths = {}, grams = {}, digits = {}, beside = {}, initials = {}, size = 0, is_over = false,
  }, Known)
end

-- ---- one piece ----

local function insert_length(list, length)
  local place = 1
  while list[place] and list[place] > length do
    place = place + 1
  end
  if list[place] ~= length then
    table.insert(list, place, length)
  end
end

local function add_whole(self, text, place)
  if text == "" or #text > LONGEST_WHOLE or self.whole[text] == "anywhere" then
    return
  end
  self.whole[text] = place
  if #text < HEAD then
    return
  end
  local head = text:sub(1, HEAD)
  self.lengths[head] = self.lengths[head] or {}
  insert_length(self.lengths[head], #text)
end

--- Adds every run of `length` bytes that has what `wanted` asks for.
local function add_runs(set, text, length, wanted)
  for i = 1, #text - length + 1 do
    local run = text:sub(i, i + length - 1)
    if not wanted or run:find(wanted) then
      set[run] = true
    end
  end
end

local function place_of(text)
  return #text >= SHORTEST_WITHIN and text:find "%d" and "anywhere" or "word"
end

local function read(text)
  return words.read(escapes.plain(text))
end

--- The letters and digits of a text in plain form.
local function plain_of(text)
  if not text:find "[\128-\255]" then
    return (text:lower():gsub("[^%l%d]+", ""))
  end
  return (read(text).text:gsub("%z", ""))
end

-- ---- credentials ----

-- For 0, 1 or 2 bytes before it in its group of three: how many characters of base64 depend on those.
local blurred = { [0] = 0, 2, 3 }

--- Adds what a credential becomes within base64, whatever stands before and after it.
local function add_base64(self, text)
  for before = 0, 2 do
    local encoded = core.base64(("\0"):rep(before) .. text):gsub("=", "")
    local ending = (#text + before) % 3 == 0 and #encoded or #encoded - 1
    add_runs(self.grams, plain_of(encoded:sub(blurred[before] + 1, ending)), GRAM)
  end
end

--- Adds a credential.
---@param text string
function Known:add_credential(text)
  local plain = plain_of(text)
  add_whole(self, plain, #plain >= SHORTEST_WITHIN and "anywhere" or "word")
  add_runs(self.grams, plain, GRAM)
  add_base64(self, text)
end

-- ---- words and names ----

--- The words of a text as {plain form, as it was written}.
local function words_of(text, found)
  local list, from = {}, 1
  for i = 1, #found.text do
    if (found.starts[i] or 0) >= words.APOSTROPHE then
      from = i
    end
    if (found.ends[i] or 0) >= words.APOSTROPHE then
      list[#list + 1] = { found.text:sub(from, i), text:sub(found.first[from], found.last[i]) }
    end
  end
  return list
end

--- Whether a word of several says too little to be hidden where it stands alone.
local function is_weak(plain, written, count)
  local is_short = #plain <= SHORT and (count > MOST_NAMES or plain:find "^%d+$" ~= nil)
  return #plain == 1 or particles[written] ~= nil or is_short
end

local function add_word(self, plain, written, count)
  if count > 1 and is_weak(plain, written, count) then
    self.beside[plain] = true
  else
    add_whole(self, plain, count == 1 and place_of(plain) or "word")
  end
  if #plain > LONGEST_WHOLE then
    add_runs(self.grams, plain, GRAM)
  end
end

--- "A. Lovelace", "Ada L.", "alovelace".
local function add_initial(self, plain)
  local initial = plain:match "^%l"
  if initial then
    self.beside[initial], self.initials[initial] = true, true
  end
end

local function add_words(self, text)
  local found = read(text)
  local list, plain = words_of(text, found), plain_of(text)
  local is_name = #list <= MOST_NAMES and not plain:find "%d"
  for _, word in ipairs(list) do
    add_word(self, word[1], word[2], #list)
    if is_name then
      add_initial(self, word[1])
    end
  end
  if #list > 1 and #plain >= SHORTEST_WITHIN then
    add_whole(self, plain, place_of(plain))
  end
  if not text:find "%s" and #plain > GRAM then
    add_runs(self.grams, plain, GRAM, "%d")
  end
end

-- German letters that may be written as two, and their like in the north.
local as_two = {
  ["\195\132"] = "Ae", ["\195\150"] = "Oe", ["\195\156"] = "Ue", ["\195\164"] = "ae", ["\195\182"] = "oe",
  ["\195\188"] = "ue", ["\195\133"] = "Aa", ["\195\165"] = "aa", ["\195\152"] = "Oe", ["\195\184"] = "oe",
}

--- "M?ller": a word whose letters beyond ASCII were lost.
local function add_losses(self, text)
  for word in text:gmatch "[^%s%-]+" do
    local left = plain_of((word:gsub("[\128-\255]+", "")))
    if left:find "%l%l%l" and word:find "[\128-\255]" then
      add_whole(self, left, "word")
    end
  end
end

local function add_name(self, text)
  add_words(self, text)
  add_losses(self, text)
  local other, changes = text:gsub("\195[\128-\191]", as_two)
  if changes > 0 and other ~= text then
    add_words(self, other)
  end
end

-- ---- addresses, numbers, dates ----

--- An e-mail address: all of it, the part before the @, and the host as a whole, whose words say little.
local function add_email(self, text, before, host)
  add_whole(self, plain_of(text), "word")
  if #before > 2 then
    add_name(self, before)
  end
  add_whole(self, plain_of(host), "word")
end

-- Bytes from which on a value in a query is taken for a token, and not for an everyday word.
local SHORTEST_TOKEN = 8

--- A URL: all of it, without its scheme, its host, those of its parts that are long and have digits, and the values in
--- its query that may be tokens.
local function add_url(self, text, rest)
  for _, part in ipairs { text, rest, rest:match "^[^/?#]*" } do
    add_whole(self, plain_of(part), "word")
  end
  for value in rest:gmatch "[?&#][^?&#=]*=([^&#]+)" do
    local plain = plain_of(core.uri_decode(value, true))
    if #plain >= SHORTEST_TOKEN then
      add_whole(self, plain, "word")
    end
  end
  for part in rest:gmatch "[^/?#&=]+" do
    local plain = plain_of(part)
    if place_of(plain) == "anywhere" then
      add_whole(self, plain, "anywhere")
      add_runs(self.grams, plain, GRAM, "%d")
    end
  end
end

local months = {
  "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
  "december",
}

local function add_date(self, year, month, day)
  local m, d = tostring(tonumber(month)), tostring(tonumber(day))
  local short = year:sub(3)
  local forms = { d .. m .. year, m .. d .. year, year .. m .. d }
  for _, y in ipairs { year, short } do
    for _, form in ipairs { y .. month .. day, day .. month .. y, month .. day .. y } do
      forms[#forms + 1] = form
    end
  end
  local name = months[tonumber(month)]
  for _, written in ipairs { name, name and name:sub(1, 3) } do
    for _, number in ipairs { day, d, d .. "st", d .. "nd", d .. "rd", d .. "th" } do
      forms[#forms + 1] = number .. written .. year
      forms[#forms + 1] = written .. number .. year
      forms[#forms + 1] = year .. written .. number
    end
  end
  for _, form in ipairs(forms) do
    add_whole(self, form, "word")
  end
end

--- Adds something that was sent of the applicant.
---@param text string
---@param says_little boolean?  a country, say: it is hidden beside something else that is
function Known:add_sent(text, says_little)
  self.size = self.size + #text
  self.is_over = self.is_over or self.size > MOST_TEXT
  if self.is_over then
    return
  end
  local before, host = text:match "^([^@%s]+)@([^@%s]+)$"
  local rest = text:match "^%a[%w+.-]*:/*(.+)$"
  local digits = text:find "^%+?[%d%s().-/]+$" and text:gsub("%D", "") or ""
  local year, month, day = text:match "^(%d%d%d%d)-(%d%d)-(%d%d)"
  if says_little then
    self.beside[plain_of(text)] = true
  elseif before then
    add_email(self, text, before, host)
  elseif rest then
    add_url(self, text, rest)
  else
    add_name(self, text)
  end
  if year then
    add_date(self, year, month, day)
  elseif #digits >= DIGITS then
    add_runs(self.digits, digits, DIGITS)
  end
end

return Known
