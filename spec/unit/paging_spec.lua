--- Walks over lists end: with the last item, or with an error, whatever the pages say.

local idv = require "idv"
local capture = require "spec.support.capture"
local cycle = require "idv.cycle"

-- Requests after which a walk is taken for endless.
local MANY = 5000

--- Walks and returns the ids (or addresses) that came, the error at the end, and the requests.
local function walk(object, transport, method, ...)
  local seen, problem = {}, nil
  local following = object[method](object, ...)
  for _ = 1, MANY do
    local item, err = following()
    if item == nil then
      break
    elseif not item then
      problem = err
      assert.is_nil(following())
      break
    end
    seen[#seen + 1] = item.id or item.url
  end
  return table.concat(seen, " "), problem, transport
end

local function too_many(requests)
  if #requests > MANY then
    error "endless"
  end
end

-- ---- by token ----

--- A client of deepIDV whose pages hold "s1", "s2", ... and the tokens of `token_of(number of the page)`.
local function sessions(token_of, items_of)
  local transport
  transport = capture.new(function(_, count)
    too_many(transport)
    local items = items_of and items_of(count) or ('{"id":"s%d"}'):format(count)
    return capture.json(200, ('{"sessions":[%s],"next_token":%s}'):format(items, token_of(count)))
  end)
  return idv.deepidv { api_key = "k", transport = transport }, transport
end

local function quoted(text)
  return '"' .. text .. '"'
end

describe("a list by token", function()
  local function check_repeat(token_of, ids, requests, params)
    local object, transport = sessions(token_of)
    local seen, err = walk(object, transport, "each_session", params)
    assert.are_equal(ids, seen)
    assert.are_equal("protocol", err.kind)
    assert.are_equal("unknown", err.outcome)
    assert.are_equal("list_sessions", err.operation)
    assert.are_equal(1, err.attempts)
    assert.is_false(err.retryable)
    assert.is_truthy(err.message:find("next_token has come before", 1, true), err.message)
    assert.are_equal(requests, #transport)
  end

  it("whose token comes at once again is no list", function()
    check_repeat(function() return quoted "t" end, "s1 s2", 2)
  end)

  it("whose tokens go round is no list", function()
    check_repeat(function(count) return quoted("t" .. count % 2) end, "s1 s2 s3", 3)
    check_repeat(function(count) return quoted("t" .. count % 3) end, "s1 s2 s3 s4", 4)
    check_repeat(function(count) return quoted(count < 4 and "a" .. count or "t" .. count % 2) end, "s1 s2 s3 s4 s5 s6", 6)
  end)

  it("whose token is that of the first page is no list", function()
    check_repeat(function() return quoted "mine" end, "s1", 1, { next_token = "mine" })
    check_repeat(function() return quoted "mine" end, "s1", 1, { nextToken = "mine" })
  end)

  it("whose tokens are numbers that go round is no list", function()
    check_repeat(function(count) return count % 2 end, "s1 s2 s3", 3)
  end)

  it("whose tokens go a long way round is noticed all the same", function()
    local object, transport = sessions(function(count) return quoted("t" .. count % 300) end)
    local _, err = walk(object, transport, "each_session")
    assert.are_equal("protocol", err.kind)
    assert.is_true(#transport < 1500, #transport)
  end)

  it("is walked to its end, however long", function()
    local object, transport = sessions(function(count) return count < 1000 and quoted("t" .. count) or "null" end)
    local seen, err = walk(object, transport, "each_session")
    assert.is_nil(err)
    assert.are_equal(1000, select(2, seen:gsub("s%d+", "")))
    assert.are_equal("t999", transport[1000].url:match "next_token=(.*)$")
  end)

  for label, ending in pairs { ["null"] = "null", ["an empty text"] = '""' } do
    it("ends with " .. label, function()
      local object, transport = sessions(function() return ending end)
      local seen, err = walk(object, transport, "each_session")
      assert.is_nil(err)
      assert.are_equal("s1", seen)
      assert.are_equal(1, #transport)
    end)
  end

  for label, token in pairs { ["a list"] = "[]", ["an object"] = '{"a":1}', ["true"] = "true" } do
    it("does not pass for ended when its token is " .. label, function()
      local object, transport = sessions(function() return token end)
      local seen, err = walk(object, transport, "each_session")
      assert.are_equal("s1", seen)
      assert.are_equal("protocol", err.kind)
    end)
  end

  for label, item in pairs {
    ["the same page"] = function() return '{"id":"s1"}' end,
    ["the same three pages"] = function(count) return ('{"id":"s%d"}'):format(count % 3) end,
  } do
    it("that brings " .. label .. " again and again with new tokens is given up", function()
      local object, transport = sessions(function(count) return count < 5000 and quoted("t" .. count) or "null" end, item)
      local _, err = walk(object, transport, "each_session")
      assert.is_truthy(err)
      assert.are_same({ "protocol", "unknown" }, { err.kind, err.outcome })
      assert.is_true(#transport <= 4, #transport)
    end)
  end

  it("may have empty pages in between", function()
    local object, transport = sessions(function(count) return count < 300 and quoted("t" .. count) or "null" end,
      function(count) return count < 300 and "" or '{"id":"last"}' end)
    local seen, err = walk(object, transport, "each_session")
    assert.is_nil(err)
    assert.are_equal("last", seen)
  end)

  it("of empty pages without end is given up", function()
    local object, transport = sessions(function(count) return quoted("t" .. count) end, function() return "" end)
    local seen, err = walk(object, transport, "each_session")
    assert.are_equal("", seen)
    assert.are_equal("protocol", err.kind)
    assert.is_truthy(err.message:find("no item", 1, true))
  end)

  it("says what is wrong with its parameters instead of throwing", function()
    for _, params in ipairs { "x", 1, true, print } do
      local object, transport = sessions(function() return "null" end)
      local _, err = walk(object, transport, "each_session", params)
      assert.are_equal("validation", err.kind)
      assert.are_equal(0, #transport)
    end
  end)

  it("takes the other spelling of a token, and turns its pages by one name", function()
    local object, transport = sessions(function(count) return count < 3 and quoted("t" .. count) or "null" end)
    local params = { nextToken = "first", limit = 1 }
    local seen, err = walk(object, transport, "each_session", params)
    assert.is_nil(err)
    assert.are_equal("s1 s2 s3", seen)
    assert.are_same({ nextToken = "first", limit = 1 }, params)
    object, transport = sessions(function(count) return count < 2 and quoted "t" or "null" end)
    assert.are_equal("s1 s2", (walk(object, transport, "each_session", { nextToken = "a", next_token = "b" })))
    assert.is_truthy(transport[1].url:find("next_token=b", 1, true))
    assert.is_truthy(transport[2].url:find("next_token=t", 1, true))
  end)
end)

-- ---- by offset ----

local function copy(map)
  local own = {}
  for key, value in pairs(map) do
    own[key] = value
  end
  return own
end

--- Checkout.com, if it promised no totals and other ids: this is about walking, and not about what proves a page.
local promising_less = copy(require "idv.providers.checkout")
promising_less.operations = copy(promising_less.operations)
for name, required in pairs { list_attempts = { "id" }, list_assets = { "url" } } do
  local operation = copy(promising_less.operations[name])
  operation.answer = copy(operation.answer)
  operation.answer.required = required
  promising_less.operations[name] = operation
end

--- A client of Checkout.com whose pages are those of `page_of(skip, number of the page)`: a list of names, and a frame.
local function listed(key, page_of)
  local transport
  transport = capture.new(function(request, count)
    too_many(transport)
    local skip = tonumber(request.url:match "skip=(%d+)") or 0
    local names, frame = page_of(skip, count)
    local items = {}
    for i, name in ipairs(names) do
      items[i] = key == "id" and ('{"id":"%s"}'):format(name)
        or ('{"type":"face","_links":{"asset_url":{"href":"https://x.example/%s?signature=%d"}}}'):format(name, count)
    end
    return capture.json(200, ('{"data":[%s]%s}'):format(table.concat(items, ","), frame and "," .. frame or ""))
  end)
  local options = { secret_key = "sk_sbox_1", environment = "sandbox", transport = transport }
  return idv.provider(promising_less, options), transport
end

--- Names from `skip` on, `count` of them, of a list of `total`.
local function names(skip, count, total)
  local list = {}
  for i = skip + 1, math.min(skip + count, total) do
    list[#list + 1] = "n" .. i
  end
  return list
end

-- Lists that lie: what the pages are, how many requests show it, words of the message.
local liars = {
  { "always the same page, without a total", function() return names(0, 3, 3) end, 2, "a page has come before" },
  { "always the same page of a larger total", function() return names(0, 3, 3), '"total_count":9' end, 2, "come before" },
  { "a total that grows with the same page", function(_, count)
    return names(0, 2, 2), ('"total_count":%d'):format(count * 1000)
  end, 2, "come before" },
  { "pages that go round", function(_, count) return names(count % 3 * 2, 2, 9) end, 4, "come before" },
  { "a page that begins elsewhere", function() return names(0, 2, 2), '"skip":0,"total_count":4' end, 2, "begins at 0" },
  { "an empty page of a larger total", function(skip)
    return names(skip, 2, 2), '"total_count":5'
  end, 2, "before its total_count" },
  { "nothing of a total", function() return {}, '"total_count":1' end, 1, "before its total_count" },
}

-- Lists that are fine: what the pages are, and how many items and requests there are.
local fine = {
  { "a total", function(skip) return names(skip, 10, 25), '"total_count":25' end, 25, 3 },
  { "no total", function(skip) return names(skip, 10, 25) end, 25, 4 },
  { "a total that is no number", function(skip) return names(skip, 10, 15), '"total_count":"15"' end, 15, 3 },
  { "the place where each page begins", function(skip)
    return names(skip, 10, 25), ('"skip":%d,"total_count":25'):format(skip)
  end, 25, 3 },
  { "pages that are shorter than they may be", function(skip) return names(skip, 1, 5), '"total_count":5' end, 5, 5 },
  { "a total that grows meanwhile", function(skip, count)
    return names(skip, 2, 2 * math.min(count, 4)), ('"total_count":%d'):format(math.min(8, count * 2 + 2))
  end, 8, 4 },
  { "a total that shrinks meanwhile", function(skip, count)
    return names(skip, 2, 6), ('"total_count":%d'):format(count == 1 and 6 or 4)
  end, 4, 2 },
  { "nothing", function() return {}, '"total_count":0' end, 0, 1 },
  { "nothing and no total", function() return {} end, 0, 1 },
}

for method, key in pairs { each_attempt = "id", each_asset = "url" } do
  describe(method, function()
    local more = key == "url" and "iatp_1" or nil

    for _, case in ipairs(liars) do
      it("is told of " .. case[1], function()
        local object, transport = listed(key, case[2])
        local _, err = walk(object, transport, method, "idv_1", more)
        assert.is_truthy(err, "no error")
        assert.are_equal("protocol", err.kind)
        assert.are_equal("unknown", err.outcome)
        assert.is_truthy(err.message:find(case[4], 1, true), err.message)
        assert.are_equal(case[3], #transport)
      end)
    end

    for _, case in ipairs(fine) do
      it("walks over a list with " .. case[1], function()
        local object, transport = listed(key, case[2])
        local seen, err = walk(object, transport, method, "idv_1", more)
        assert.is_nil(err, tostring(err))
        assert.are_equal(case[3], select(2, seen:gsub("%S+", "")))
        assert.are_equal(case[4], #transport)
      end)
    end
  end)
end

-- ---- repeats ----

describe("a cycle of texts", function()
  it("is noticed whatever its length and whatever came before it", function()
    for _, length in ipairs { 1, 2, 3, 63, 64, 65, 100, 1000 } do
      for _, before in ipairs { 0, 1, 5, 200 } do
        local series, count = cycle.new(), 0
        repeat
          count = count + 1
          local text = count <= before and "b" .. count or "c" .. (count - before) % length
        until series:repeats(text) or count > 20000
        assert.is_true(count <= 4 * (before + length) + 1, ("%d after %d: %d"):format(length, before, count))
        assert.is_true(length > 64 or count == before + length + 1)
      end
    end
  end)

  it("is never seen where there is none, and costs no more the longer it is", function()
    local series = cycle.new()
    for i = 1, 20000 do
      assert.is_false(series:repeats("t" .. i))
    end
    local known = 0
    for _ in pairs(series.is_known) do
      known = known + 1
    end
    assert.are_equal(64, known)
  end)
end)
