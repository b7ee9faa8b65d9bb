--- The words of messages: what they put into quotes is a name that a user can look up, and no word of the house is in
--- them. Every operation is driven into every kind of answer and of wrong parameter that there is.

local capture = require "spec.support.capture"
local idv = require "idv"

local options = {
  deepidv = { api_key = "k1234567", webhook_secret = "w1234567" }, checkout = { secret_key = "sk_12345678", webhook_secret = "w1234567" },
  impact = { account_sid = "SID12345", auth_token = "t1234567" }, cidaas = { base_url = "https://tenant.cidaas.de" },
}

-- Words of the inside: of the descriptions, the binding and the engine.
local inside = {
  "frame", "anchor", "slot", "wire", "lane", "rush", "sink", "twin", "upvalue", "userdata", "metatable", "stage",
  "scratch", "buffer", "curle_%w+", "curlopt_%w+", "curlm_%w+", "lidv_%w+", "idv_%w+", "lua_%w+", "errno", "enum", "nil value",
  "unreadable", "may_be_empty", "compiled", "%.lua:%d+", "table: 0x%x+", "function: ",
}

--- The first word of the inside in a message.
local function inside_word(message)
  local text = " " .. message:lower() .. " "
  for _, word in ipairs(inside) do
    local found = text:match("%f[%w_](" .. word .. ")%f[^%w_]") or (word:find "[%.:]" and text:match(word))
    if found then
      return found
    end
  end
end

-- ---- names that a user can look up ----

local function add_parameters(names, parameters)
  for _, parameter in ipairs(parameters or {}) do
    names[parameter.name] = true
    for _, spelling in ipairs(parameter.also or {}) do
      names[spelling] = true
    end
    names[parameter.sends or parameter.name] = true
    add_parameters(names, parameter.fields)
  end
end

local function add_paths(names, paths)
  for _, path in ipairs(type(paths) == "table" and (paths.any and { paths.any } or paths) or { paths }) do
    for key in path:gmatch "[^.]+" do
      names[key] = true
    end
  end
end

--- Parameters, options, methods, fields of records, and the provider's own names.
local function names_of(described)
  local names = { status = true, id = true, url = true, final = true, items = true, raw = true, extra = true, options = true }
  for _, set in ipairs { described.options, require("idv.options").common, described.operations, described.methods or {} } do
    for name in pairs(set) do
      names[name] = true
    end
  end
  for _, operation in pairs(described.operations) do
    add_parameters(names, operation.parameters)
    local answer = operation.answer or {}
    for name, paths in pairs(answer.fields or {}) do
      names[name] = true
      add_paths(names, paths)
    end
    for name in pairs(answer.frame or {}) do
      names[name] = true
    end
    add_paths(names, answer.list)
  end
  return names
end

--- What is wrong with a message.
local function objection(message, names)
  local word = inside_word(message)
  if word then
    return ("'%s' is a word of the inside: %s"):format(word, message)
  end
  for quoted in message:gmatch "%f[%w'](%b'')" do
    local name = quoted:sub(2, -2)
    if name:find "^[%w_.]+$" and not names[name:match "[^.]+$"] then
      return ("'%s' is no name that a user knows: %s"):format(name, message)
    end
  end
end

local function check(err, names, about)
  assert.is_table(err, about)
  local texts = { err.message }
  for _, detail in ipairs(err.details) do
    texts[#texts + 1] = detail.field .. " " .. detail.message
  end
  for _, text in ipairs(texts) do
    assert.is_nil(objection(text, names), about)
    assert.is_truthy(text:find "%l", about)
  end
end

-- ---- driving ----

local function arguments_of(operation, wrong)
  local list = {}
  for i, name in ipairs(operation.arguments or {}) do
    for _, parameter in ipairs(operation.parameters) do
      if parameter.name == name then
        list[i] = wrong or parameter.values and parameter.values[1] or (parameter.prefix or "") .. "x1"
      end
    end
  end
  return list
end

local params = {
  ["deepidv.create_session"] = { first_name = "Ada", last_name = "B", email = "a@b.example", phone = "+15192223333" },
  ["impact.create_session"] = { user_id = 5 },
  ["cidaas.create_session"] = { request_id = "r", processing_type = "CODE", email = "a@b.example" },
  ["cidaas.verify_code"] = { accvid = "a", code = "1" },
  ["checkout.create_session"] = { declared_data = { name = "Ada B" }, redirect_url = "https://b.example/" },
  ["checkout.create_verification"] = { declared_data = { name = "Ada B" }, applicant_id = "aplt_1" },
  ["checkout.create_attempt"] = { redirect_url = "https://b.example/" },
  ["checkout.create_applicant"] = { email = "a@b.example" }, ["checkout.update_applicant"] = { email = "a@b.example" },
}

local function call(provider, method, arguments, given)
  local unpack = table.unpack or unpack -- luacheck: ignore
  local list = { unpack(arguments) }
  list[#list + 1] = given
  return provider[method](provider, unpack(list))
end

local values = { "5", '"x"', "true", "null", "{}", "[]", "[5]", '["x"]', "[{}]", "[[]]", '{"a":1}', "1e999", "9007199254740993" }

local function bodies_of(operation)
  local list = { "", "{", "[]", "5", '"x"', "null", "{}", ("["):rep(100), "\255", "<html>", "nul" }
  local names = {}
  for _, paths in pairs(operation.answer and operation.answer.fields or {}) do
    for _, path in ipairs(type(paths) == "table" and (paths.any and { paths.any } or paths) or { paths }) do
      names[#names + 1] = path
    end
  end
  names[#names + 1] = operation.answer and operation.answer.list
  names[#names + 1] = "next_token"
  for _, path in ipairs(names) do
    for _, value in ipairs(values) do
      local body = value
      local keys = {}
      for key in path:gmatch "[^.]+" do
        table.insert(keys, 1, key)
      end
      for _, key in ipairs(keys) do
        body = ('{"%s":%s}'):format(key, body)
      end
      list[#list + 1] = body
    end
  end
  return list
end

describe("a message", function()
  for name, own in pairs(options) do
    local described = require("idv.providers." .. name)
    local names = names_of(described)
    local answer
    local provider = idv.provider(name, (function()
      local all = { transport = function(...) return answer(...) end }
      for key, value in pairs(own) do
        all[key] = value
      end
      return all
    end)())

    for method, operation in pairs(described.operations) do
      if not operation.internal then
        it(("of %s.%s about an answer names what a user knows"):format(name, method), function()
          local arguments, given = arguments_of(operation), params[name .. "." .. method]
          local function try(one, about)
            answer = function() return one end
            local record, err = call(provider, method, arguments, given)
            if not record then
              check(err, names, about)
            end
            return record == nil
          end
          local refused = 0
          for _, body in ipairs(bodies_of(operation)) do
            refused = refused + (try(capture.json(200, body), body) and 1 or 0)
          end
          assert.is_true(refused > 8)
          for _, status in ipairs { 204, 206, 300, 301, 302, 304, 308, 400, 401, 402, 403, 404, 407, 409, 417, 422, 429, 500, 503, 599 } do
            assert.is_true(try(capture.json(status, ""), status))
            try({ status = status, headers = { Location = "http://x.example/y?z=1" }, body = "" }, status)
          end
          answer = function() error "x" end
          check(select(2, call(provider, method, arguments, given)), names, "throws")
          for _, kind in ipairs { "network", "timeout", "protocol", "cancelled", "odd" } do
            answer = function() return nil, { kind = kind } end
            check(select(2, call(provider, method, arguments, given)), names, kind)
          end
        end)

        it(("of %s.%s about parameters names what a user knows"):format(name, method), function()
          answer = function() return capture.json(200, "{}") end
          for _, wrong in ipairs { "", "\0", "\255", "x y", 1.5, -1, 0 / 0, true, { 1 }, { a = 1 }, print, ("x"):rep(10000), "javascript:x" } do
            local given = { unknown_one = wrong, [1] = wrong, extra = wrong }
            for _, parameter in ipairs(operation.parameters or {}) do
              given[parameter.name] = wrong
            end
            local _, err = call(provider, method, arguments_of(operation, wrong), given)
            check(err, names, tostring(wrong))
            _, err = call(provider, method, arguments_of(operation), given)
            check(err, names, tostring(wrong))
          end
        end)
      end
    end

    it("of the readers of " .. name .. " names what a user knows", function()
      for _, text in ipairs { "", "x", "https://x.example/?a=1", 5, ("x"):rep(9000), "?error=a&error_code=b", "?id=%00", "?status=x" } do
        local _, err = provider:parse_redirect(text)
        if err then
          check(err, names, text)
        end
        for _, headers in ipairs { {}, { a = 1 }, { 5 }, print and { "x" } } do
          _, err = provider:parse_webhook(headers, text)
          check(err, names, text)
        end
      end
      check(select(2, provider:no_such_method()), names)
      check(select(2, provider:preview("nothing")), names)
      if provider:supports "get_report" then
        for _, given in ipairs { { path = 5 }, { timeout = "x" }, { nonsense = 1 } } do
          check(select(2, provider:get_report("idv_1", given)), names)
        end
      end
    end)
  end

  it("would be found", function()
    assert.is_truthy(objection("the answer has no usable 'list'", { sessions = true }))
    assert.is_truthy(objection("the frame is wrong", {}))
    assert.is_truthy(objection("attempt in calls.lua:42: x", {}))
    assert.is_nil(objection("the answer has no usable 'sessions'", { sessions = true }))
    assert.is_nil(objection("the applicant's return isn't here", {}))
  end)

  it("in the sources has no word of the inside", function()
    local files = io.popen "ls src/core/*.c src/lua/*.c lua/idv/*.lua lua/idv/loop/*.lua"
    local seen = 0
    for path in files:lines() do
      local file = assert(io.open(path ~= "lua/idv/launch.lua" and path or "lua/idv/version.lua")) -- which writes a script
      for line in file:lines() do
        local text = not line:find "^%s*%-%-" and not line:find "^%s*/?%*" and not line:find "luaL_" and not line:find "complain"
          and line:match '"([^"]*%l%l+ %l%l+[^"]*)"'
        if text and not text:find "^%^" then
          seen = seen + 1
          assert.is_nil(inside_word(text), path .. ": " .. text)
        end
      end
      file:close()
    end
    files:close()
    assert.is_true(seen > 150, tostring(seen))
  end)
end)
