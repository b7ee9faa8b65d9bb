--- What can be set while the sandbox runs, with the defaults.
--
-- One table says it all: the value at the start, and what may take its place. A change that names an unknown
-- setting or brings a value of the wrong kind is refused as a whole.

local settings = {}

local function number(default, least, most)
  return { default = default, least = least, most = most, kind = "number" }
end

local function flag(default)
  return { default = default, kind = "boolean" }
end

local function choice(...)
  return { default = (...), choices = { ... }, kind = "string" }
end

local function list(kind, ...)
  return { default = { ... }, kind = "table", item = kind }
end

local year = 366 * 86400

-- By group; the group "" holds what concerns all providers.
local known = {
  [""] = {
    clock_offset = number(0, -20 * year, 20 * year), -- seconds added to the time of the system
  },
  checkout = {
    automatic = flag(false), -- every read of a verification moves it one step along
    token_expires_in = number(3600, 0, year), -- seconds an access token lives, and says it lives
    attempt_seconds = number(900, 0, year), -- how long an unused attempt URL works
    link_seconds = number(3600, 0, year), -- how long a pre-signed URL works
    report = choice("pdf_report", "signed_url", "pdf"), -- how pdf-report answers
    report_ready = flag(true), -- whether reports have been created
    report_bytes = number(0, 0, 4 * 1024 ^ 3), -- size to blow reports up to; 0: as small as it gets
  },
  deepidv = {
    automatic = flag(false),
    balance_empty = flag(false), -- creating a session answers 402
    link_seconds = number(3600, 0, year),
    workflows = list("string", "wf_abc123"), -- workflow ids that exist
  },
  impact = {
    rate_limit = number(1000, 1, 1e9), -- requests an hour that the headers speak of
    enforce_rate_limit = flag(false), -- answer 429 past it
    inaccessible_users = list("number", 99999999), -- UserIds that the account may not touch
  },
  cidaas = {
    initiate_answer = choice("relative", "absolute", "json"), -- a Location of that kind, or JSON
    validate_answer = choice("json", "redirect"),
    error_shape = choice("nested", "flat"), -- where a JSON error keeps its code
    tries = number(3, 1, 100), -- per code
    code_seconds = number(600, 0, year), -- how long a code works
  },
}

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local made = {}
  for i, item in ipairs(value) do
    made[i] = item
  end
  return made
end

--- The settings at the start.
---@return table
function settings.new()
  local values = {}
  for group, rules in pairs(known) do
    local target = group == "" and values or {}
    for name, rule in pairs(rules) do
      target[name] = copy(rule.default)
    end
    if group ~= "" then
      values[group] = target
    end
  end
  return values
end

local function is_one_of(value, choices)
  for _, known_choice in ipairs(choices) do
    if value == known_choice then
      return true
    end
  end
  return false
end

local function is_list_of(value, kind)
  for name, item in pairs(value) do
    if type(name) ~= "number" or type(item) ~= kind then
      return false
    end
  end
  return true
end

local function fits(value, rule)
  if type(value) ~= rule.kind then
    return false
  elseif rule.least then
    return value >= rule.least and value <= rule.most
  elseif rule.choices then
    return is_one_of(value, rule.choices)
  end
  return not rule.item or is_list_of(value, rule.item)
end

-- Lists in `accepted` what a change would set; returns a message when it cannot be.
local function collect(changes, rules, target, path, accepted)
  for name, value in pairs(changes) do
    local rule = rules[name]
    if not rule then
      return "there is no setting " .. path .. tostring(name)
    elseif not fits(value, rule) then
      return "the setting " .. path .. name .. " cannot have that value"
    end
    accepted[#accepted + 1] = { target = target, name = name, value = copy(value) }
  end
  return nil
end

--- Changes settings: all that is named, or nothing.
---@param values table the live settings
---@param changes table in the same shape, with only what is to change
---@return string|nil problem
function settings.change(values, changes)
  local accepted, general = {}, {}
  for name, value in pairs(changes) do
    if name ~= "" and known[name] and type(value) == "table" then
      local problem = collect(value, known[name], values[name], name .. ".", accepted)
      if problem then
        return problem
      end
    else
      general[name] = value
    end
  end
  local problem = collect(general, known[""], values, "", accepted)
  if problem then
    return problem
  end
  for _, change in ipairs(accepted) do
    change.target[change.name] = change.value
  end
  return nil
end

return settings
