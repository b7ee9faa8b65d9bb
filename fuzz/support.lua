--- What the fuzz targets in Lua share: provider objects with unmistakable credentials, a way to read values out of the
--- bytes of an input, and what must hold for everything that comes out of idv.

local Error = require "idv.error"
local description = require "idv.description"
local idv = require "idv"

local support = {}

--- Stands in every credential, in the applicant's data of the samples, and in values made from an input.
support.CREDENTIAL, support.APPLICANT, support.VALUE = "sk_sbox_Zugangswort", "Antragsteller", "Geheimwert"

local credential = support.CREDENTIAL

-- Options by name of the object; `provider` where it is another.
local objects = {
  checkout = {
    secret_key = credential, environment = "sandbox", webhook_secret = { credential, "old" },
    webhook_authorization = credential,
  },
  checkout_with_oauth = {
    provider = "checkout", client_id = credential, client_secret = credential, subdomain = "abcd1234",
  },
  deepidv = { api_key = credential, webhook_secret = credential },
  impact = { account_sid = credential, auth_token = credential, api_version = "16" },
  cidaas = { base_url = "https://tenant.example" },
  cidaas_as_json = { provider = "cidaas", base_url = "https://tenant.example/", encoding = "json" },
}

--- The names of the objects, sorted.
support.names = {}
for name in pairs(objects) do
  support.names[#support.names + 1] = name
end
table.sort(support.names)

--- A provider object.
---@param name string
---@param transport function?
function support.object(name, transport)
  local options = { transport = transport }
  for option, value in pairs(objects[name]) do
    options[option] = value
  end
  options.provider = nil
  return idv.provider(objects[name].provider or name, options)
end

-- ---- samples: arguments that every operation accepts ----

local applicant = support.APPLICANT
local declared_data = {
  name = applicant .. " Example", birth_date = "1990-01-02",
  phone_number = { country_code = "+44", number = "7700900123" },
  email = applicant .. "@example.com", address = { address_line1 = applicant .. " St 1", country = "GB" },
}

local checkout_samples = {
  create_session = { {
    declared_data = declared_data, redirect_url = "https://me.example/back", user_journey_id = "usj_1",
  } },
  create_verification = { { applicant_id = "aplt_1", declared_data = declared_data } },
  get_session = { "idv_1" },
  anonymize_session = { "idv_1" },
  create_attempt = { "idv_1", { redirect_url = "https://me.example/" .. applicant } },
  list_attempts = { "idv_1", { skip = 10, limit = 5 } },
  get_attempt = { "idv_1", "iatp_2" },
  list_assets = { "idv_1", "iatp_2", { skip = 0 } },
  get_report = { "idv_1" },
  create_applicant = { { external_applicant_name = applicant, email = applicant .. "@example.com" } },
  get_applicant = { "aplt_1" },
  update_applicant = { "aplt_1", { external_applicant_name = applicant } },
  anonymize_applicant = { "aplt_1" },
  check_credentials = {},
}
local cidaas_samples = {
  create_session = { { request_id = applicant, processing_type = "CODE", email = applicant .. "@example.com" } },
  verify_code = { { accvid = "acc_" .. applicant, code = applicant } },
}

--- Name of the object -> method -> arguments.
support.samples = {
  checkout = checkout_samples,
  checkout_with_oauth = checkout_samples,
  deepidv = {
    create_session = { {
      first_name = applicant, last_name = "Example", email = applicant .. "@example.com", phone = "+15192223333",
    } },
    get_session = { "sess_1" },
    list_sessions = { { limit = 10, external_id = applicant } },
    decide_session = { "sess_1", "VERIFIED" },
    get_report = { "sess_1" },
    check_credentials = {},
  },
  impact = { create_session = { { user_id = "I-5402850", callback_url = "https://me.example/" .. applicant } } },
  cidaas = cidaas_samples,
  cidaas_as_json = cidaas_samples,
}

--- Whether one of the values begins with the word that stands for the applicant: then the word alone is to be hidden.
local function holds_applicant(value)
  if type(value) == "string" then
    return value:find("^" .. applicant) ~= nil
  end
  for _, inner in pairs(type(value) == "table" and value or {}) do
    if holds_applicant(inner) then
      return true
    end
  end
  return false
end

--- Every {object, method, sends_applicant}, in an order that is always the same.
support.methods = {}
for _, name in ipairs(support.names) do
  local sorted = {}
  for method in pairs(support.samples[name]) do
    sorted[#sorted + 1] = method
  end
  table.sort(sorted)
  for _, method in ipairs(sorted) do
    support.methods[#support.methods + 1] = {
      object = name, method = method, sends_applicant = holds_applicant(support.samples[name][method]),
    }
  end
end

--- A copy of a value, as deep as it goes.
function support.copy(value)
  if type(value) ~= "table" then
    return value
  end
  local own = {}
  for key, inner in pairs(value) do
    own[key] = support.copy(inner)
  end
  return own
end

-- ---- what must hold ----

--- Throws unless `holds`.
function support.demand(holds, what)
  if not holds then
    error("does not hold: " .. what, 2)
  end
end

local demand = support.demand
local outcomes = { not_sent = true, refused = true, unknown = true }

local function demand_no_secret(value, depth)
  demand(depth < 20, "an error is not deep")
  if type(value) == "string" then
    for _, secret in ipairs { support.CREDENTIAL, support.APPLICANT, support.VALUE } do
      demand(not value:find(secret, 1, true), "an error shows no secret: " .. value)
    end
    demand(not value:find "%c", "an error is one line")
  elseif type(value) == "table" then
    for key, inner in pairs(value) do
      demand_no_secret(key, depth + 1)
      demand_no_secret(inner, depth + 1)
    end
  end
end

local function is_count(value, most)
  return type(value) == "number" and value >= 0 and value <= most
end

--- What every error keeps to.
---@param err any
function support.check_error(err)
  demand(Error.is(err), "a failure is an error record")
  demand(Error.kinds[err.kind], "its kind is one of ours")
  demand(outcomes[err.outcome], "its outcome is one of ours")
  demand(type(err.message) == "string" and err.message ~= "", "it has a message")
  demand(type(err.retryable) == "boolean", "retryable is a boolean")
  demand(math.type(err.attempts) == "integer" and err.attempts >= 0, "attempts is a count")
  demand(err.status == nil or math.type(err.status) == "integer", "status is an integer")
  demand(err.code == nil or type(err.code) == "string", "code is a text")
  demand(err.request_id == nil or type(err.request_id) == "string", "request_id is a text")
  demand(err.retry_after == nil or is_count(err.retry_after, 366 * 86400), "retry_after is at most a year")
  demand(#tostring(err) < 40000, "its text has an end")
  for _, detail in ipairs(err.details) do
    demand(type(detail.field) == "string" and type(detail.message) == "string", "details are texts")
  end
  demand_no_secret(tostring(err), 0)
  demand_no_secret(err, 0)
end

local texts = { "id", "url", "external_id", "session_id", "type" }

--- What every record keeps to.
function support.check_record(record)
  demand(type(record) == "table" and not Error.is(record), "a result is a record")
  demand(type(tostring(record)) == "string", "it has a text")
  demand(type(record.provider) == "string", "it names its provider")
  for _, name in ipairs(texts) do
    demand(record[name] == nil or type(record[name]) == "string", name .. " is a text")
  end
  local status = record.status
  local is_redirect = record.trusted == false
  demand(status == nil or (is_redirect and type(status) == "string") or description.statuses[status],
    "its status is one of ours")
  demand(record.final == nil or type(record.final) == "boolean", "final is a boolean")
end

--- Either a record and nothing else, or nil and an error.
function support.check_outcome(record, err)
  if record == nil then
    support.check_error(err)
  else
    demand(err == nil, "no record together with an error")
    support.check_record(record)
  end
end

-- ---- values from bytes ----

---@class fuzz.Reader
---@field bytes string
---@field at integer
---@field names string[]   what strings are often taken from
---@field tables table[]   those made so far, so that one can hold itself
local Reader = {}
Reader.__index = Reader

--- Reads an input front to back. At its end every byte is 0.
function support.reader(bytes, names)
  return setmetatable({ bytes = bytes, at = 1, names = names or { "id" }, tables = {} }, Reader)
end

function Reader:byte()
  local byte = self.bytes:byte(self.at) or 0
  self.at = self.at + 1
  return byte
end

function Reader:is_done()
  return self.at > #self.bytes
end

function Reader:pick(list)
  return list[self:byte() % #list + 1]
end

function Reader:text(length)
  local text = self.bytes:sub(self.at, self.at + length - 1)
  self.at = self.at + length
  return text
end

--- The bytes up to the next NUL.
function Reader:line()
  local stop = self.bytes:find("\0", self.at, true) or #self.bytes + 1
  local text = self.bytes:sub(self.at, stop - 1)
  self.at = stop + 1
  return text
end

local odd_numbers = {
  0 / 0, 1 / 0, -1 / 0, -0.0, 2 ^ 53, 2 ^ 53 + 2, -2 ^ 63, 1e308, 5e-324, 0.1, math.maxinteger, math.mininteger,
  99999999999999, 100000000000001, 1e15, 5402850, 123456789012345,
}

-- Each throws, or returns something that has no place in a request. The text tells that it was ours that threw.
support.METAMETHOD = "a metamethod of the input"
local function throw()
  error(support.METAMETHOD, 0)
end
local metatables = {
  { __index = throw, __newindex = throw, __len = throw, __tostring = throw, __pairs = throw, __eq = throw },
  { __index = function() return "x" end, __len = function() return 5 end },
  { __tostring = function() return 5 end, __metatable = false, __name = 5 },
  { __mode = "kv", __gc = function() end, __close = throw, __call = throw },
}

local make = {}
local makers = {
  "nothing", "boolean", "small", "number", "odd", "text", "name", "long", "table", "again", "thing", "mark", "list",
  "deep",
}

function make.nothing() return nil end
function make.boolean(reader) return reader:byte() % 2 == 1 end
function make.small(reader) return reader:byte() - 128 end
function make.number(reader) return (string.unpack("<d", reader:text(8) .. ("\0"):rep(8))) end
function make.odd(reader) return reader:pick(odd_numbers) end
function make.text(reader) return reader:text(reader:byte() % 64) end
function make.name(reader) return reader:pick(reader.names) end
function make.long(reader) return reader:text(3):rep(reader:byte() * 17) end
function make.mark(reader) return support.VALUE .. reader:text(reader:byte() % 16) end
function make.again(reader) return reader.tables[reader:byte() % math.max(1, #reader.tables) + 1] end
function make.thing(reader) return reader:pick { print, io.stdout, coroutine.create(print), error } end

function make.table(reader, depth)
  local made = {}
  reader.tables[#reader.tables + 1] = made
  for _ = 1, reader:byte() % 8 do
    local key, value = reader:key(depth + 1), reader:value(depth + 1)
    if key ~= nil then
      made[key] = value
    end
  end
  local odd = reader:byte()
  return odd > 200 and setmetatable(made, metatables[odd % #metatables + 1]) or made
end

function make.list(reader, depth)
  local values, count = {}, reader:byte() % 8
  for i = 1, count do
    values[i] = reader:value(depth + 1)
  end
  local made = { table.unpack(values, 1, count) } -- the holes stay in it
  local key = reader:key(12)
  if key ~= nil then
    made[key] = true
  end
  return made
end

function make.deep(reader)
  local made = reader:byte()
  for _ = 1, reader:byte() do
    made = { made }
  end
  return made
end

--- Any value that Lua has.
function Reader:value(depth)
  if (depth or 0) > 12 then
    return nil
  end
  return make[self:pick(makers)](self, depth or 0)
end

--- Any value that can be a key; nil when the input has none. The name of a parameter may be shown, so it is no secret.
function Reader:key(depth)
  local key = self:value(depth)
  if type(key) == "string" then
    key = key:gsub(support.VALUE, "name")
  end
  return key == key and key or nil
end

--- Every name that the parameters of the providers have, in either spelling, and some that none has.
function support.parameter_names()
  local names, seen = {}, {}
  local function add(name)
    if name and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  local function add_all(parameters)
    for _, parameter in ipairs(parameters or {}) do
      add(parameter.name)
      add(parameter.sends)
      for _, spelling in ipairs(parameter.also or {}) do
        add(spelling)
      end
      add_all(parameter.fields)
    end
  end
  for _, provider in ipairs(idv.providers()) do
    local operations, sorted = require("idv.providers." .. provider).operations, {}
    for name in pairs(operations) do
      sorted[#sorted + 1] = name
    end
    table.sort(sorted)
    for _, name in ipairs(sorted) do
      add_all(operations[name].parameters)
    end
  end
  for _, name in ipairs { "extra", "firstname", "path", "timeout", "max_retries", "" } do
    add(name)
  end
  return names
end

return support
