--- What was sent of an applicant never comes back in an error, whatever has become of the caller's table meanwhile.

local capture = require "spec.support.capture"
local idv = require "idv"

local function echoing(name, options, change)
  options.transport = function(request)
    local said = request.body or request.url
    change()
    return capture.json(400, ('{"message":%s,"error_type":%s}'):format(
      ("%q"):format("refused: " .. said:gsub('[{}"\\]', " ")), '"no"'))
  end
  return idv.provider(name, options)
end

local function assert_hidden(err, ...)
  for _, word in ipairs { ... } do
    assert.is_nil(tostring(err):find(word, 1, true), tostring(err))
  end
end

describe("a table of parameters that is used again while a call is under way", function()
  it("is not what the error is cleaned of: what was sent is", function()
    local params = {
      first_name = "Wilhelmina", last_name = "Farnsworth", email = "wilhelmina@example.com", phone = "+15192223333",
      external_id = "customer-778899", extra = { nickname = "Billie-Jo" },
    }
    local deepidv = echoing("deepidv", { api_key = "k" }, function()
      for name in pairs(params) do
        params[name] = "other"
      end
    end)
    local _, err = deepidv:create_session(params)
    assert.are_equal("rejected", err.kind)
    assert_hidden(err, "Wilhelmina", "Farnsworth", "wilhelmina@", "5192223333", "customer-778899", "Billie-Jo")
  end)

  it("nor where the values lie deeper, go out in a form or in a query", function()
    local declared = {
      name = "Wilhelmina Farnsworth", address = { city = "Llanfairpwll", extra = { district = "Ynys-Mon" } },
      extra = { alias = "Billie-Jo" },
    }
    local checkout = echoing("checkout", { secret_key = "sk_x" }, function()
      declared.name, declared.address.city, declared.address.extra, declared.extra = "x", "y", nil, nil
    end)
    local _, err = checkout:create_session { declared_data = declared, redirect_url = "https://a.bc/" }
    assert_hidden(err, "Wilhelmina", "Farnsworth", "Llanfairpwll", "Ynys-Mon", "Billie-Jo")

    local form = { request_id = "req-123456", processing_type = "CODE", email = "wilhelmina@example.com" }
    local cidaas = echoing("cidaas", { base_url = "https://t.example", encoding = "form" }, function()
      form.email, form.request_id = "other@example.com", "other"
    end)
    _, err = cidaas:create_session(form)
    assert_hidden(err, "wilhelmina", "req-123456")

    local query = { external_id = "customer-778899" }
    local deepidv = echoing("deepidv", { api_key = "k" }, function()
      query.external_id = nil
    end)
    _, err = deepidv:list_sessions(query)
    assert_hidden(err, "customer-778899")
  end)

  it("is of no harm in tasks that share it", function()
    local params = { first_name = "x", last_name = "Farnsworth", email = "a@example.com", phone = "+15192223333" }
    local answers = {}
    local deepidv = idv.deepidv {
      api_key = "k",
      transport = function(request)
        local name = request.body:match '"first_name":"(%a+)"'
        idv.sleep(0.001)
        return capture.json(400, '{"message":"' .. name .. ' is on the list"}')
      end,
    }
    local tasks = {}
    for i, name in ipairs { "Wilhelmina", "Bartholomew", "Cunigunde" } do
      params.first_name = name
      tasks[i] = idv.spawn(function()
        local _, err = deepidv:create_session(params)
        answers[i] = err
      end)
    end
    idv.all(tasks)
    assert.are_equal(3, #answers)
    for _, err in ipairs(answers) do
      assert_hidden(err, "Wilhelmina", "Bartholomew", "Cunigunde")
    end
  end)
end)

describe("what proves a success", function()
  -- without accvid: a success of LINK, and of CODE none
  local answer = capture.json(200, '{"success":true,"status":200,"data":{}}')

  local function created(params, change)
    local cidaas = idv.cidaas {
      base_url = "https://t.example", encoding = "json",
      transport = function()
        if change then
          change(params)
        end
        return answer
      end,
    }
    return cidaas:create_session(params)
  end

  local function asking(more)
    local params = { request_id = "r", email = "a@example.com" }
    for name, value in pairs(more) do
      params[name] = value
    end
    return params
  end

  it("depends on what was sent", function()
    assert(created(asking { processing_type = "LINK" }))
    local session, err = created(asking { processing_type = "CODE" })
    assert.is_nil(session)
    assert.are_equal("protocol", err.kind)
  end)

  it("does not depend on a spelling that did not win, on metamethods, or on what the table became", function()
    local cases = {
      { asking { processing_type = "LINK", processingType = "CODE" } },
      { setmetatable(asking { processingType = "CODE" }, { __index = function(_, name)
        return name == "processing_type" and "LINK" or nil
      end }) },
      { asking { processing_type = "CODE" }, function(params) params.processing_type = "LINK" end },
      { asking { processingType = "CODE" }, function(params) params.processing_type = "LINK" end },
    }
    for _, case in ipairs(cases) do
      local session, err = created(case[1], case[2])
      assert.is_nil(session)
      assert.are_equal("protocol", err.kind)
    end
    assert(created(asking { processing_type = "LINK" }, function(params) params.processing_type = "CODE" end))
  end)
end)
