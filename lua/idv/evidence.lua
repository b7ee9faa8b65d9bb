--- Evidence: what only a success has.
---
--- A description names it for every answer that a hook reads and for the applicant's return. An answer that has none of
--- it is no success, whatever its status says: a login page, a page of a proxy and a page of maintenance answer with
--- the same statuses. It is a list of proofs, of which one is enough; all that a proof names has to be there. Where
--- `answer` reads the body, `required` names the evidence, and operation_read.c looks for it.

local core = require "idv.core"
local query = require "idv.query"
local records = require "idv.records"

local evidence = {}

-- What a proof may name: key -> Lua type.
local keys = {
  status = "number", redirect = "table", query = "table", without = "table", json = "table", file = "string",
  sent = "table",
}

-- The longest text that counts as a proof, in bytes: an address that is signed.
local LONGEST = 8192

-- ---- checking a description ----

--- What is wrong with one proof, or nil.
local function proof_problem(proof, allowed)
  if type(proof) ~= "table" then
    return "must be a list of proofs"
  end
  for key, value in pairs(proof) do
    if not keys[key] or not allowed[key] then
      return ("unknown key '%s' of a proof"):format(tostring(key))
    elseif type(value) ~= keys[key] or (type(value) == "table" and next(value) == nil) then
      return ("'%s' must be a %s that is not empty"):format(key, keys[key])
    end
  end
  if not (proof.redirect or proof.query or proof.json or proof.file) then
    return "a proof needs 'redirect', 'query', 'json' or 'file': a status alone proves nothing"
  end
end

--- What is wrong with the evidence that a description names, or nil.
---@param list any
---@param allowed table<string, boolean>?  keys of a proof that have a meaning there; all when left out
---@return string?
function evidence.problem(list, allowed)
  if type(list) ~= "table" or #list == 0 then
    return "'evidence' is missing: what does only a success have?"
  end
  for _, proof in ipairs(list) do
    local why = proof_problem(proof, allowed or keys)
    if why then
      return why
    end
  end
end

-- ---- values ----

--- Whether a value is what a proof wants: `true` for itself or any text or number, "abc*" for what begins with "abc".
local function matches(value, wanted)
  local prefix = type(wanted) == "string" and wanted:match "^(.*)%*$"
  if prefix then
    return type(value) == "string" and #value > #prefix and value:sub(1, #prefix) == prefix
  end
  return value == wanted
end

-- What scripts write where they have no value.
local no_words = { undefined = true, null = true }

--- Whether a value can be an id, an address or a number. A text with a blank is none.
local function is_word(value)
  local text = records.text(value)
  return text ~= nil and #text <= LONGEST and text:find "^[^%s%c]+$" ~= nil and not no_words[text]
    and core.is_utf8(text)
end

--- Whether everything that `wanted` lists is there: names in its list part, else name = value.
local function has_all(wanted, value_of)
  for key, value in pairs(wanted) do
    local is_there
    if type(key) == "number" then
      is_there = is_word(value_of(value))
    else
      is_there = matches(value_of(key), value)
    end
    if not is_there then
      return false
    end
  end
  return true
end

--- Whether one of the names is `unwanted`, or begins as "abc*" does.
local function is_among(unwanted, names)
  local beginning = unwanted:match "^(.*)%*$"
  if not beginning then
    return names[unwanted] == true
  end
  for name in pairs(names) do
    if name:sub(1, #beginning) == beginning then
      return true
    end
  end
  return false
end

--- Whether nothing that is unwanted is there: names in the list part, else name = value.
local function has_none(unwanted, target)
  for key, value in pairs(unwanted) do
    local is_there
    if type(key) == "number" then
      is_there = is_among(value, target.names)
    else
      is_there = target.values[key] == value
    end
    if is_there then
      return false
    end
  end
  return true
end

--- What stands at "a.b" in a body, or at "a.1" in a list.
local function at_path(body, path)
  for key in path:gmatch "[^.]+" do
    if type(body) ~= "table" then
      return nil
    end
    body = body[tonumber(key) or key]
  end
  return body
end

-- ---- redirects ----

--- Adds the names of whatever else in an address looks like a parameter: in the fragment, behind a second "?", or
--- parted by ";", as loose writers append them.
local function add_loose_names(names, parts)
  for piece in ((parts.query or "") .. "#" .. (parts.fragment or "")):gmatch "[^?&;#/]+" do
    names[core.uri_decode(piece:match "^[^=]*", true):lower()] = true
  end
end

--- Where a redirect leads: its parts with `origin`, its query read, and whether it stays on the host that was asked;
--- `names` has every name that may be a parameter's. Nil when it is not a redirect, leads nowhere, or to several
--- places.
---@param answer table  as hooks of a description see it
---@param prose string[]?
---@return table?
function evidence.target(answer, prose)
  local location, count = answer.header "Location"
  local parts = count == 1 and core.uri_locate(answer.url, location)
  if not parts or parts.userinfo then
    return nil
  end
  parts.is_own = parts.origin == core.uri_locate(answer.url, "/").origin
  parts.values, parts.all, parts.names = query.read(parts.query or "", prose, true)
  add_loose_names(parts.names, parts)
  return parts
end

--- The path of an address, "/" where it has none.
local function path_of(parts)
  return parts.path ~= "" and parts.path or "/"
end

--- Whether a redirect leads to `page`: a path of the own host ("/*": all of them), or "{option}", the address in an
--- option.
local function leads_to(target, page, options)
  local option, folder = page:match "^{(.+)}$", page:match "^(.*)%*$"
  if not option then
    return target.is_own and (folder and path_of(target):find(folder, 1, true) == 1 or target.path == page)
  end
  local page_of_option = options[option] and core.uri_locate(options[option], "")
  return page_of_option ~= nil and target.origin == page_of_option.origin
    and path_of(target) == path_of(page_of_option)
end

local function leads_to_one(target, pages, options)
  for _, page in ipairs(pages) do
    if leads_to(target, page, options) then
      return true
    end
  end
  return false
end

-- ---- proofs ----

--- The value of a parameter that was sent.
local function sent_value(found, name)
  for _, parameter in ipairs(found.operation.plain.parameters) do
    if parameter.name == name then
      return found.answer.sent()[parameter.wire]
    end
  end
end

-- Whether a part of a proof holds: key -> function of what the proof names and what was found.
local holds = {
  status = function(wanted, found)
    return found.answer.status == wanted
  end,
  redirect = function(pages, found)
    return found.target ~= nil and leads_to_one(found.target, pages, found.options)
  end,
  query = function(wanted, found)
    return found.target ~= nil and has_all(wanted, function(name) return found.target.values[name] end)
  end,
  without = function(unwanted, found)
    return found.target ~= nil and has_none(unwanted, found.target)
  end,
  json = function(wanted, found)
    local body = found.answer.json()
    return body ~= nil and has_all(wanted, function(path) return at_path(body, path) end)
  end,
  -- one that was saved is looked at when it gets its name
  file = function(magic, found)
    return found.answer.facts().saved == true or found.answer.content():sub(1, 1024):find(magic, 1, true) ~= nil
  end,
  sent = function(wanted, found)
    return has_all(wanted, function(name) return sent_value(found, name) end)
  end,
}

local function one_holds(list, found)
  for _, proof in ipairs(list) do
    local is_proved = true
    for key, wanted in pairs(proof) do
      is_proved = is_proved and holds[key](wanted, found)
    end
    if is_proved then
      return true
    end
  end
  return false
end

--- Whether an answer that a hook reads proves a success.
---@param operation table
---@param options table  the provider object's
---@param answer table   as hooks see it
---@return boolean
function evidence.is_in_answer(operation, options, answer)
  return one_holds(operation.evidence, {
    operation = operation, options = options, answer = answer, target = evidence.target(answer),
  })
end

--- Whether the parameters with which an applicant comes back can be a provider's.
---@param list table                    proofs that name `query` and `without` only
---@param values table<string, string>  by name
---@param names table<string, boolean>  all that are there
---@return boolean
function evidence.is_in_query(list, values, names)
  return one_holds(list, { target = { values = values, names = names } })
end

return evidence
