--- Whether a type is one that editors understand: names, texts, lists, tables with fields, functions, "or" and "?".
---
---   type   = choice ("|" choice)*
---   choice = (name | "text" | "(" type ")" | "{" field, ... "}" | "fun(" field, ... ")" [":" type, ...]) ("[]" | "?")*

local type_of

local function skip(text, at)
  return text:find("%S", at) or #text + 1
end

--- name [?] [":" type]
local function field_of(text, at)
  local _, last = text:find("^%.%.%.", at)
  if not last then
    _, last = text:find("^[%w_]+%??", at)
  end
  if not last then
    return nil
  end
  at = skip(text, last + 1)
  return text:sub(at, at) == ":" and type_of(text, skip(text, at + 1)) or at
end

--- Items with commas between them, up to `closing`. Returns where it goes on behind that.
local function list_of(text, at, item, closing)
  at = skip(text, at)
  while at and text:sub(at, at) ~= closing do
    at = item(text, at)
    at = at and skip(text, at)
    if at and text:sub(at, at) == "," then
      at = skip(text, at + 1)
    elseif at and text:sub(at, at) ~= closing then
      return nil
    end
  end
  return at and at + 1
end

local function function_of(text, at)
  at = list_of(text, at, field_of, ")")
  local colon = at and text:match("^%s*:%s*()", at)
  while colon do
    at = type_of(text, colon)
    colon = at and text:match("^%s*,%s*()", at)
  end
  return at
end

local function choice_of(text, at)
  local behind = text:match('^"[^"]+"()', at) or text:match("^fun%(()", at)
  if text:find("^fun%(", at) then
    behind = function_of(text, behind)
  elseif text:sub(at, at) == "{" then
    behind = list_of(text, at + 1, field_of, "}")
  elseif text:sub(at, at) == "(" then
    behind = type_of(text, at + 1)
    behind = behind and text:match("^%)()", behind)
  elseif text:find("^table<", at) then
    behind = list_of(text, at + 6, type_of, ">")
  else
    behind = behind or text:match("^%a[%w_]*()", at)
    while behind and text:match("^%.%a[%w_]*()", behind) do
      behind = text:match("^%.%a[%w_]*()", behind)
    end
  end
  while behind and (text:match("^%[%]()", behind) or text:match("^%?()", behind)) do
    behind = text:match("^%[%]()", behind) or text:match("^%?()", behind)
  end
  return behind
end

function type_of(text, at)
  at = choice_of(text, at)
  while at and text:find("^%s*|", at) do
    at = choice_of(text, text:match("^%s*|%s*()", at))
  end
  return at
end

---@param text string
---@return boolean
return function(text)
  return type_of(text, 1) == #text + 1
end
