--- Taking out of a provider's words what must not be repeated.
---
--- A provider's text may quote what was sent to it, in any writing, or show something of its own: an address, a link.
--- Known values are looked for first, in the text as it is compared (redact.words) and in every layer of escapes under
--- it; they cover bytes of the original, so overlapping ones are one, and nothing is looked at twice. Then what looks
--- like an e-mail address, a phone number or a URL is covered. What is left is cut to a line.
---
--- The decoded answer that a program finds under `raw` is its own, and is never changed.

local core = require "idv.core"
local escapes = require "idv.redact.escapes"
local Known = require "idv.redact.known"
local visible = require "idv.visible"
local words = require "idv.redact.words"

local redact = {}

local LONGEST = 300 -- bytes of a text that is shown
local LONGEST_SOURCE = 512 -- bytes of the original that they are made of
local LONGEST_LOOKED_AT = 1024 -- what stands behind those is only there so that no value is cut in two
local LONGEST_READ = 8192 -- bytes of a text that is taken for one
local MOST_READ = 32768 -- bytes that are looked at for one error
local LONGEST_CODE = 100
local LAYERS = 3 -- of escapes that are taken off
local SHORTEST_IN_CHAIN = 3 -- bytes of a word that is known where others follow it without a blank

---@class idv.Redactor
local Redactor = {}
Redactor.__index = Redactor

--- Prepares for the texts of one error.
---@param known idv.redact.Known[]         what must not come back
---@param identifiers table<string, true>?  names of the API's own: with a sign or a capital in them they are no prose
---@return idv.Redactor
function redact.new(known, identifiers)
  return setmetatable({ known = known, identifiers = identifiers or {}, left = MOST_READ }, Redactor)
end

-- ---- known values ----

--- The values that begin at a place: `visit(last, where)` for each.
local function each_value(known, text, at, visit)
  for _, length in ipairs(known.lengths[text:sub(at, at + Known.HEAD - 1)] or {}) do
    local where = known.whole[text:sub(at, at + length - 1)]
    if where and at + length - 1 <= #text then
      visit(at + length - 1, where)
    end
  end
  for length = 1, math.min(Known.HEAD - 1, #text - at + 1) do
    local where = known.whole[text:sub(at, at + length - 1)]
    if where then
      visit(at + length - 1, where)
    end
  end
end

--- For each byte, where the known words end that stand there one behind the other up to the end of a word. `hide` is
--- called with values that are hidden anywhere.
local function chains(known, found, hide)
  local text, chain, at = found.text, {}, #found.text
  local function visit(last, where)
    if where == "anywhere" then
      hide(at, last)
    end
    local rest = chain[last + 1]
    local is_long = last - at >= SHORTEST_IN_CHAIN - 1 and rest and rest - last >= SHORTEST_IN_CHAIN
    local reach = found.ends[last] and last or is_long and rest
    if reach and reach > (chain[at] or 0) then
      chain[at] = reach
    end
  end
  while at > 0 do
    each_value(known, text, at, visit)
    local rest = chain[at + 1]
    if not chain[at] and not found.ends[at] and rest and rest - at > 2 and known.initials[text:sub(at, at)] then
      chain[at] = rest
    end
    at = at - 1
  end
  return chain
end

--- The first and the last byte of what an end of a word of at least this kind sets off around a place.
local function around(found, from, to, least)
  while from > 1 and (found.starts[from] or 0) < least do
    from = from - 1
  end
  while to < #found.text and (found.ends[to] or 0) < least do
    to = to + 1
  end
  return from, to
end

--- Hides what gives a value away in part, with the rest of the word: characters of a credential, digits of a phone
--- number.
local function hide_parts(set, length, least, found, hide)
  local at = next(set) and 1 or #found.text
  while at + length - 1 <= #found.text do
    local last = at + length - 1
    if set[found.text:sub(at, last)] then
      local from, to = around(found, at, last, least)
      hide(from, to)
      at = to - length + 1 -- what is hidden is not looked at again
    end
    at = at + 1
  end
end

--- Hides what is hidden anywhere. Returns the chains of words.
local function hide_known(known, found, hide)
  local chain = chains(known, found, hide)
  hide_parts(known.grams, Known.GRAM, words.APOSTROPHE, found, hide)
  hide_parts(known.digits, Known.DIGITS, words.LETTERS, found, hide)
  return chain
end

--- Whether known words that fill a word are hidden: a single letter only where it stands apart.
local function is_hidden_word(found, from, to)
  return found.starts[from] and (to > from or found.starts[from] == words.APART)
end

--- Hides the small words beside hidden ones: an initial, the "de la" of a name, the house number.
local function hide_beside(known, found, hidden, hide)
  local text = found.text
  local function try(from, to)
    if known.beside[text:sub(from, to)] then
      hide(from, to)
    end
  end
  for at = 2, #text do
    local to = found.starts[at] and hidden[at - 1] and not hidden[at] and at
    while to and to < #text and not found.ends[to] do
      to = to + 1
    end
    if to then
      try(at, to)
    end
  end
  for at = #text - 1, 1, -1 do
    local from = found.ends[at] and hidden[at + 1] and not hidden[at] and at
    while from and from > 1 and not found.starts[from] do
      from = from - 1
    end
    if from then
      try(from, at)
    end
  end
end

--- The bytes of a text as it is compared that are hidden, as a set.
local function hidden_bytes(self, found)
  local hidden = {}
  local function hide(from, to)
    for i = from, to do
      hidden[i] = true
    end
  end
  for _, known in ipairs(self.known) do
    for from, to in pairs(hide_known(known, found, hide)) do
      if is_hidden_word(found, from, to) then
        hide(from, to)
      end
    end
  end
  for _, known in ipairs(self.known) do
    hide_beside(known, found, hidden, hide)
  end
  return hidden
end

-- ---- the original ----

--- Marks bytes of the original for the runs of hidden ones, with what parts the words of a run.
local function mark_hidden(marks, found, hidden)
  local from
  for i = 1, #found.text + 1 do
    if hidden[i] then
      from = from or i
    elseif from then
      for place = found.first[from], found.last[i - 1] do
        marks[place] = "hidden"
      end
      from = nil
    end
  end
end

--- Takes the plus and the bracket before a number along.
local function mark_signs(marks, text)
  for i = #text, 2, -1 do
    local is_before = marks[i] and not marks[i - 1] and text:find("^[+(]", i - 1)
    if is_before and text:find("^[%d+(]", i) then
      marks[i - 1] = "hidden"
    end
  end
end

--- Makes the words of some bytes of the original count for nothing by themselves.
local function spare(found, spared)
  for i = 1, #found.text do
    if spared[found.first[i]] then
      found.starts[i] = nil
    end
  end
end

local function add_range(set, from, length)
  for i = from, from + length - 1 do
    set[i] = true
  end
end

--- Spares the names of the API in a text: those that can not be taken for a word of prose.
local function spare_identifiers(self, text, found)
  local spared = {}
  for from, token in text:gmatch "()([%a_][%w_.]*)" do
    token = token:gsub("%.+$", "")
    local is_name = token:find "[_.]" or token:find "%l%u"
    for part in token:gmatch "[^.]+" do
      is_name = is_name and self.identifiers[part]
    end
    add_range(spared, from, is_name and #token or 0)
  end
  spare(found, spared)
end

--- Spares the names of the API in a code, between dots, colons, or two lines.
local function spare_parts(self, code, found)
  local spared = {}
  for from, part in code:gsub("__", "::"):gmatch "()([%w_]+)" do
    add_range(spared, from, self.identifiers[part] and #part or 0)
  end
  spare(found, spared)
end

-- ---- shapes ----

--- A text in which whatever is marked already can be neither a blank nor a border of anything.
local function with_marks(layer, marks)
  local parts = {}
  for i = 1, #layer.text do
    parts[i] = marks[layer.first[i]] and "\1" or layer.text:sub(i, i)
  end
  return table.concat(parts)
end

--- Calls `visit` with the ends of everything around a sign that `before` and `after` (sets of characters) allow.
local function each_around(text, sign, before, after, visit)
  local at, border = 1, 0
  while true do
    local first, last = text:find(sign, at, true)
    if not first then
      return
    end
    local from = first
    while from - 1 > border and text:find(before, from - 1) do
      from = from - 1
    end
    local _, to = text:find(after, last + 1)
    if to and from < first then
      visit(from, to)
      border = to
    end
    at = math.max(last, to or 0) + 1
  end
end

local URL_BEFORE, URL_AFTER = "^[%w+.\1-]", "^[^%s\"'<>]+"
local EMAIL_BEFORE, EMAIL_AFTER = "^[^%s\"'<>,;:%[%]()]", "^[^%s\"'<>,;:%[%]()]+"
local PHONE = "()%+%(?%d[%d%s().-]*%d()"

local function mark_shapes(marks, layer)
  local text = with_marks(layer, marks)
  local function marker(what)
    return function(from, to)
      for place = layer.first[from], layer.last[to] do
        marks[place] = what
      end
      text = text:sub(1, from - 1) .. ("\n"):rep(to - from + 1) .. text:sub(to + 1)
    end
  end
  each_around(text, "://", URL_BEFORE, URL_AFTER, marker "url")
  each_around(text, "@", EMAIL_BEFORE, EMAIL_AFTER, marker "email")
  local mark_phone = marker "phone"
  for from, to in text:gmatch(PHONE) do
    mark_phone(from, to - 1)
  end
end

-- ---- texts ----

--- What is shown of the original: a word in brackets for each run of marked bytes.
local function shown(text, marks)
  local parts, i = {}, 1
  while i <= #text do
    local what, from = marks[i], i
    while i <= #text and marks[i] == what do
      i = i + 1
    end
    parts[#parts + 1] = what and "[" .. what .. "]" or text:sub(from, i - 1)
  end
  return table.concat(parts)
end

--- The beginning of a text, cut between characters.
local function beginning(text, length)
  return (text:sub(1, length):gsub("[\128-\191]*$", ""):gsub("[\192-\255]$", ""))
end

local function is_over(self)
  for _, known in ipairs(self.known) do
    if known.is_over then
      return true
    end
  end
  return self.left < 0
end

--- Makes a provider's text fit for an error. Anything but a UTF-8 string that is neither blank nor huge gives nil.
---@param text any
---@return string?
function Redactor:text(text)
  if type(text) ~= "string" or #text > LONGEST_READ or not core.is_utf8(text) then
    return nil
  end
  local line = visible.line(text)
  local source = line:sub(1, LONGEST_LOOKED_AT)
  self.left = self.left - #source
  if line == "" or is_over(self) then
    return nil
  end
  local marks, layer, layers = {}, escapes.plain(source), {}
  while layer and #layers <= LAYERS do
    layers[#layers + 1] = layer
    local found = words.read(layer)
    spare_identifiers(self, source, found)
    mark_hidden(marks, found, hidden_bytes(self, found))
    layer = escapes.decoded(layer)
  end
  mark_signs(marks, source)
  for _, one in ipairs(layers) do
    mark_shapes(marks, one)
  end
  local cut = #line > LONGEST_SOURCE and beginning(line, LONGEST_SOURCE) or line
  local result = shown(cut, marks)
  if #result > LONGEST or #cut < #line then
    result = beginning(result, LONGEST) .. "..."
  end
  return result
end

-- ---- codes ----

-- Words that codes are made of: a name that is one of them is not given away by a code of several words.
local vocabulary = {}
for word in ("access account address already api applicant auth bad birth blocked city code conflict country data "
  .. "date denied duplicate email empty error exceeded exists expired failed field first forbidden format "
  .. "found id in invalid is key last limit long max may min missing name no not null number of on or out "
  .. "payment phone provided rate reason request required server session short state status street title "
  .. "to token too type unauthorized unknown unsupported url user valid value ver verification wrong "
  .. "zip"):gmatch "%a+" do
  vocabulary[word] = true
end

--- Whether a word of a code gives away what was sent.
local function gives_away(found, from, to, shortest)
  if from == 1 and to == #found.text then
    return true
  end
  local word = found.text:sub(from, to)
  return #word >= shortest and found.starts[from] == words.APART and found.ends[to] == words.APART
    and not vocabulary[word]
end

--- Whether a code is something that was sent, or holds it.
local function repeats(self, code, shortest)
  local found, is_within = words.read(escapes.plain(code)), false
  local function hide()
    is_within = true
  end
  spare_parts(self, code, found)
  for _, known in ipairs(self.known) do
    for from, to in pairs(hide_known(known, found, hide)) do
      is_within = is_within or gives_away(found, from, to, shortest)
    end
  end
  return is_within
end

local function code(self, word, shortest)
  if type(word) == "number" then
    word = ("%.14g"):format(word)
  end
  local is_code = type(word) == "string" and #word <= LONGEST_CODE and word:find "^[%w_.:-]+$"
  return is_code and not is_over(self) and not repeats(self, word, shortest) and word or nil
end

--- A short machine-readable word of the provider's, such as an error code: letters, digits and - . _ : only, and none
--- of what was sent.
---@param word any
---@return string?
function Redactor:code(word)
  return code(self, word, 2)
end

--- An id that the provider made, such as that of a request. It may hold any two letters by chance.
---@param word any
---@return string?
function Redactor:id(word)
  return code(self, word, 3)
end

return redact
