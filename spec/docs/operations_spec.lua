--- Every name that an event or an error can carry is a method that the object has and that its reference page explains.

local canary = require "spec.secrets.canary"
local client = require "spec.support.client"
local files = require "spec.support.files"
local sandbox = require "spec.support.sandbox"

local unpack = table.unpack or unpack -- luacheck: ignore 143 113

-- Objects by what they are called here: the provider, and options on top of the usual ones.
local objects = {
  checkout = { "checkout" }, deepidv = { "deepidv" }, impact = { "impact" }, cidaas = { "cidaas" },
  ["checkout with OAuth"] = { "checkout", { secret_key = false, client_id = "ack_1", client_secret = "secret" } },
}

local ids = { checkout = "idv_1", deepidv = "test_verified" }

--- The methods that the page of a provider has a section for, and those that every object has.
local function names_on_page(provider)
  local names = {}
  for name in files.read("docs/reference/" .. provider .. ".md"):gmatch "\n### ([%w_]+)\n" do
    names[name] = true
  end
  local every = files.read("docs/reference/idv.md"):match "## Every provider object(.-)\n## "
  for name in every:gmatch "`([%l_]+)%(" do
    names[name] = true
  end
  return names
end

-- What becomes of a request, besides nothing in particular.
local accidents = {
  {}, { status = 401 }, { status = 404 }, { status = 500 }, { close = true }, { garbage = true }, { truncate = 30 },
  { status = 200, body = "<html></html>" }, { status = 302, headers = { Location = "/" } },
}

-- Methods that are tried a second time; each takes a pause.
local repeated = { create_session = true, get_report = true, check_credentials = true }

--- Calls a method well, and badly.
local function call(object, provider, name)
  local operation = require("idv.providers." .. provider).operations[name]
  local results = {}
  local options = { timeout = 5 }
  if operation and not operation.part_of then
    local arguments, params = canary.call(operation, 1)
    local list = { arguments[1], arguments[2] }
    list[#list + 1] = next(params) and params or nil
    list[#list + 1] = options
    results[1] = { object[name](object, unpack(list)) }
    results[2] = { object[name](object, {}, { unheard_of = 1 }, {}) }
    results[3] = { object:preview(name, 1, 2, 3) }
  elseif name:find "^each_" then
    results[1] = { object[name](object, ids[provider])() }
  elseif name == "check_credentials" then
    results[1] = { object[name](object, options) }
  else
    local own = name == "wait_session" and { timeout = 0.01, interval = 0.001 } or options
    results[1] = { object[name](object, ids[provider], own) }
    results[2] = { object[name](object, "?", own) }
    results[3] = { object[name](object, ids[provider], { unheard_of = 1 }) }
    results[4] = { object[name](object, ids[provider], { path = "/nowhere/x" }) }
  end
  return results
end

describe("the names that events and errors carry", function()
  local control = sandbox.shared().control

  before_each(function()
    control.reset()
  end)

  teardown(function()
    control.reset()
  end)

  for label, made in pairs(objects) do
    it("are on the reference page and supported: " .. label, function()
      local provider, page = made[1], names_on_page(made[1])
      local carried, kinds = {}, {}
      local options = { on_event = function(event)
        carried[event.operation], kinds[event.type] = true, true
      end }
      for name, value in pairs(made[2] or {}) do
        options[name] = value
      end
      local function try(name, accident, max_retries)
        options.max_retries = max_retries
        local object = client.new("http", provider, options)
        control.clear_faults()
        if next(accident) then
          accident.times = max_retries == 0 and 9 or 1
          control.fault(accident)
        end
        for _, result in ipairs(object:supports(name) and call(object, provider, name) or {}) do
          if result[2] and result[2].operation then
            carried[result[2].operation] = true
          end
        end
      end
      for name in pairs(page) do
        for _, accident in ipairs(accidents) do
          try(name, accident, 0)
        end
        if repeated[name] then
          try(name, { status = 429, headers = { ["Retry-After"] = 0 } }, 1)
        end
      end
      for name in pairs(carried) do
        assert.is_true(page[name] == true, name .. " is not on the page")
        assert.is_true(client.new("http", provider, options):supports(name), name .. " is not supported")
      end
      for _, kind in ipairs { "request", "response", "retry", "error" } do
        assert.is_true(kinds[kind], "no event of the type " .. kind)
      end
      assert.is_true(carried.create_session)
      if ids[provider] then
        assert.is_true(carried.get_report and carried.check_credentials and carried.wait_session)
      end
    end)
  end

  it("include those of requests that are no method of their own", function()
    for provider in pairs(ids) do
      local page = names_on_page(provider)
      for name, operation in pairs(require("idv.providers." .. provider).operations) do
        assert.is_true(page[operation.part_of or name] == true, name)
        assert.is_true(operation.part_of == nil or page[name] == nil, name)
      end
    end
  end)
end)
