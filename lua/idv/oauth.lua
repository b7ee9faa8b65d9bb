--- OAuth 2.0 client credentials: one token for all calls of a provider object.
---
--- The token is fetched when the first call needs it, kept until shortly before it expires, fetched once however many
--- calls need it at the same time, and given up when the provider does not accept it any more. The fetch is a
--- call of its own that belongs to none of those who wait for it, so it survives any of them.

local calls = require "idv.calls"
local core = require "idv.core"
local Error = require "idv.error"
local host = require "idv.host"
local records = require "idv.records"
local refusal = require "idv.refusal"
local task = require "idv.task"

local oauth = {}

-- A token whose lifetime is not told is used for this long.
local UNTOLD_LIFETIME = 300

-- Bytes of a token. Servers take heads of 8 KiB, commonly.
local LONGEST_TOKEN = 8192

-- A token is given up this many seconds before it expires, or after nine tenths of its life if that is later.
local MARGIN = 60

--- What Checkout.com's SDKs take for a failure to authenticate, whatever the status says.
local auth_codes = {
  invalid_client = true, invalid_grant = true, unauthorized_client = true, access_denied = true,
  invalid_context = true,
}

---@class idv.Tokens
local Tokens = {}
Tokens.__index = Tokens

--- The source of tokens for a provider object.
---@param state table
---@param auth table  the entry of the description's `auth`
---@return idv.Tokens
function oauth.client_credentials(state, auth)
  return setmetatable({ state = state, auth = auth }, Tokens)
end

--- What a fetch sends.
local function params_of(self)
  local values, auth = self.state.values, self.auth
  return {
    grant_type = "client_credentials", client_id = values[auth.id], client_secret = values[auth.secret],
    scope = auth.scope,
  }
end

--- What is wrong with the credentials: the option, and why they cannot be sent. nil when nothing is.
---@return string? option
---@return string? why
function Tokens:problem()
  local state, auth = self.state, self.auth
  local operation = state.operations.fetch_token
  local call, problems = operation.compiled:prepare(calls.shown_route(state, operation), false, params_of(self))
  if call then
    core.release(call)
    return nil
  end
  local options = { client_id = auth.id, client_secret = auth.secret }
  return options[problems[1].field] or auth.id, problems[1].message
end

--- Sets a fetch going. A fetch is {began, engine, call} until it is settled, then it has a token or a failure.
local function begin(self)
  local state = self.state
  local fetch = { began = core.clock(), engine = host.engine() }
  fetch.call, fetch.failure = calls.begin(state, state.operations.fetch_token, params_of(self))
  return fetch
end

-- Seconds after which what came of a fetch that nobody waited for any more is not news.
local STALE_AFTER = 1

--- Whether to wait for this fetch. Not for one that a forked child has inherited, and not for one whose end everybody
--- was too impatient to see and that is long over.
local function is_current(fetch)
  if not fetch or fetch.engine ~= host.engine() then
    return false
  end
  local call = fetch.call
  return not call or not call:is_finished() or core.clock() < fetch.began + call:facts().duration + STALE_AFTER
end

--- Whether a token can be put into a header.
local function is_usable(token)
  return #token <= LONGEST_TOKEN and token:find "^[\33-\126]+$" ~= nil
end

--- Whether the answer says that the credentials are at fault. The error may not repeat that word: it may be part of
--- one.
local function blames_credentials(call)
  local body = core.json_decode(call:content())
  return type(body) == "table" and (auth_codes[body.error] or auth_codes[body.error_type]) or false
end

--- Reads the answer: the first of those who waited does it for all.
local function settle(self, fetch)
  local token, err = calls.conclude(self.state, self.state.operations.fetch_token, fetch.call)
  local is_about_credentials = not token and blames_credentials(fetch.call)
  fetch.call = nil
  if self.fetch == fetch then
    self.fetch = nil
  end
  if token and not is_usable(token.access_token) then
    token, err = nil, Error.new {
      kind = "protocol", message = "the token in the answer can not be put into a header", attempts = 1,
      outcome = "unknown", provider = self.state.provider.name,
    }
  end
  if not token then
    if is_about_credentials then
      err.kind = "auth"
    end
    fetch.failure = err
    return
  end
  local lifetime = tonumber(token.expires_in) or UNTOLD_LIFETIME
  fetch.token = token.access_token
  self.token = fetch.token
  self.good_until = fetch.began + math.max(lifetime - MARGIN, lifetime * 0.9)
end

--- A copy of a failure: each caller writes its own operation into it.
local function copy(err)
  local own = {}
  for name, value in pairs(err) do
    own[name] = value
  end
  return setmetatable(own, getmetatable(err))
end

--- Why somebody stopped waiting for a token that is still being fetched.
local function given_up(self, cancelled)
  return Error.new {
    kind = cancelled and "cancelled" or "timeout", provider = self.state.provider.name,
    message = cancelled or "the token did not come in time", retryable = not cancelled,
  }
end

--- The token that is there, if it is good for a while yet.
---@return string?
function Tokens:present()
  return self.token and core.clock() < self.good_until and self.token or nil
end

--- A good token, or an error. Waits for one that is being fetched until `ends`, by core.clock.
---@param ends number
---@return string? token
---@return idv.Error? err
function Tokens:get(ends)
  if self:present() then
    return self.token
  end
  local fetch = is_current(self.fetch) and self.fetch or begin(self)
  if fetch.call then
    self.fetch = fetch
    local is_finished, cancelled = task.await_shared_call(fetch.call, ends)
    if not is_finished then
      return nil, given_up(self, cancelled)
    elseif fetch.call then
      settle(self, fetch)
    end
  end
  if fetch.failure then
    return nil, copy(fetch.failure)
  end
  return fetch.token
end

--- Forgets a token that was not accepted, unless there is a newer one already.
---@param token string
function Tokens:drop(token)
  if self.token == token then
    self.token = nil
  end
end

--- Whether an answer says that there is no such thing, and can be the API's: it has the provider's id of the request,
--- a body with what the provider's errors hold, or none at all. A gateway, a proxy and another server say 404, too.
local function is_told(state, err, call, marks)
  if err.status ~= 404 then
    return false
  end
  for _, name in ipairs(state.provider.request_id or {}) do
    if call:header(name) then
      return true
    end
  end
  local body = core.json_decode(call:content())
  for _, mark in ipairs(type(body) == "table" and marks or {}) do
    if body[mark] ~= nil then
      return true
    end
  end
  return call:content() == "" and not refusal.is_web_page(call)
end

--- Makes a method that says whether the credentials are good: by fetching a token where there are tokens, else by
--- reading something that does not exist, which only good credentials are told.
---@param name string     an operation that reads by id
---@param id string       an id of the right form that is nobody's
---@param marks string[]  names of which the provider's errors have one, where they have a body
---@return function
function oauth.check_credentials(name, id, marks)
  return function(state, _, given)
    local err
    if state.tokens then
      local token
      token, err = state.tokens:get(calls.end_of(state, given))
      err = not token and err or nil
    else
      local _, call
      _, err, call = calls.perform(state, state.operations[name], nil, given, { id })
      if err and is_told(state, err, call, marks) then
        err = nil
      elseif err and err.kind == "not_found" then
        err.kind, err.outcome = "protocol", "unknown"
        err.message = "the answer says that there is nothing, and not that it comes from " .. state.provider.title
      end
    end
    if err then
      err.operation = "check_credentials"
      return nil, err
    end
    return records.new(state.provider.name, "credentials", { valid = true, raw = {} })
  end
end

-- Characters of a credential. What is longer is no credential, but the wrong file.
local LONGEST_CREDENTIAL = 2048

local function credential(name, about)
  return { name = name, type = "text", max = LONGEST_CREDENTIAL, required = true, sensitive = true, about = about }
end

--- The operation that fetches a token. To programs it is a part of check_credentials, whoever needed the token.
---@param fields table  source, path, base; part_of where there is no check_credentials
---@return table
function oauth.operation(fields)
  fields.about = "Fetches a token with the client's credentials."
  fields.part_of = fields.part_of or "check_credentials"
  fields.anonymous, fields.safe = true, true
  fields.method, fields.encoding = "POST", "form"
  fields.parameters = {
    { name = "grant_type", type = "enum", values = { "client_credentials" }, required = true, about = "Kind of grant" },
    credential("client_id", "Client id"),
    credential("client_secret", "Client secret"),
    { name = "scope", type = "text", required = true, about = "Scopes" },
  }
  fields.answer = {
    record = "token",
    fields = { access_token = "access_token", expires_in = { any = "expires_in" } },
    required = { "access_token" },
  }
  return fields
end

return oauth
