--- The Lua snippets of the pages: finding them, and running them against the sandbox.
---
--- A snippet sees what a reader would have before it: `idv`, an object of each provider under its name, `ada` (an
--- applicant), `session` (one of hers at deepIDV), `headers` and `raw_body` (a webhook of deepIDV). Constructors lead to the sandbox, credentials that are not set are
--- filled in, and waiting is quick. A comment on the line above a snippet says what is different about it:
---
---   <!-- lua: goes on -->                 belongs to the snippet before it: both run as one
---   <!-- lua: luv --> or cqueues          runs where that library is there
---   <!-- lua: prints pending -->          has to print this among other things
---   <!-- lua: compiled, because ... -->   is only compiled

local idv = require "idv"
local polling = require "idv.polling"
local remote = require "idv.sandbox.remote"
local sandbox = require "spec.support.sandbox"

local snippets = {}

-- ---- finding ----

---@class spec.Snippet
---@field path string
---@field line integer   of the first line of code
---@field marker string  "" when there is none
---@field code string

--- The snippets of a page.
---@param path string
---@return spec.Snippet[]
function snippets.of(path)
  local list, snippet, before, number = {}, nil, "", 0
  for line in io.lines(path) do
    number = number + 1
    if snippet and line == "```" then
      snippet.code = table.concat(snippet, "\n")
      if snippet.marker == "goes on" then
        snippet.code = ("%s\n%s"):format(list[#list].code, snippet.code)
      end
      list[#list + 1], snippet = snippet, nil
    elseif snippet then
      snippet[#snippet + 1] = line
    elseif line == "```lua" then
      snippet = { path = path, line = number + 1, marker = before:match "^<!%-%- lua: (.-) %-%->$" or "" }
    end
    before = line
  end
  return list
end

--- Every page: README.md and what is under docs, sorted.
---@return string[]
function snippets.pages()
  local pipe = assert(io.popen "find README.md CONTRIBUTING.md docs -name '*.md' | LC_ALL=C sort")
  local list = {}
  for path in pipe:lines() do
    list[#list + 1] = path
  end
  pipe:close()
  return list
end

-- ---- the world of a snippet ----

local credentials = {
  deepidv = { api_key = "live_1", webhook_secret = "whsec_1" },
  checkout = { secret_key = "sk_sbox_1", webhook_secret = "key_1" },
  impact = { account_sid = "IRsid", auth_token = "token" },
  cidaas = {},
}

--- The options of a snippet, led to the sandbox.
local function led(name, options, server)
  local own = {}
  for key, value in pairs(credentials[name]) do
    own[key] = value
  end
  if (options or {}).client_id then
    own.secret_key = nil
  end
  for key, value in pairs(options or {}) do
    own[key] = value
  end
  if not tostring(own.base_url):find "127.0.0.1" then
    own.base_url, own.ca_file = server.https, server.ca_file
  end
  return own
end

local function led_idv(server)
  local own = {}
  for _, name in ipairs(idv.providers()) do
    own[name] = function(options)
      return idv[name](led(name, options, server))
    end
  end
  function own.provider(name, options)
    return idv.provider(name, led(name, options, server))
  end
  return setmetatable(own, { __index = idv })
end

--- The remote whose sandboxes are run from here; `started` gets them.
local function led_remote(started)
  return setmetatable({
    start = function()
      local process, problem = remote.start(sandbox.interpreter() .. " bin/idv-sandbox")
      started[#started + 1] = process
      return process, problem
    end,
  }, { __index = remote })
end

local ada = { first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333" }

--- A webhook of deepIDV.
local function webhook_of(own_idv, server)
  local session = assert(own_idv.deepidv():create_session(ada))
  return server.control.webhook { id = session.id, secret = credentials.deepidv.webhook_secret }
end

--- What a snippet finds without having made it.
local function givens(own_idv, server)
  local makers = {
    idv = function() return own_idv end,
    ada = function() return ada end,
    session = function() return assert(own_idv.deepidv():create_session(ada)) end,
    headers = function() return webhook_of(own_idv, server).headers end,
    raw_body = function() return webhook_of(own_idv, server).body end,
    sandbox_url = function() return server.https end,
    sandbox_ca = function() return server.ca_file end,
  }
  for _, name in ipairs(idv.providers()) do
    makers[name] = function() return own_idv[name]() end
  end
  return makers
end

local function environment(server, started, output)
  local own_idv = led_idv(server)
  local modules = { idv = own_idv, ["idv.sandbox.remote"] = led_remote(started) }
  local makers = givens(own_idv, server)
  local function write(...)
    for i = 1, select("#", ...) do
      output[#output + 1] = tostring((select(i, ...)))
    end
  end
  local function complain(_, ...)
    error("it complains: " .. table.concat { ... })
  end
  local world = {
    require = function(name) return modules[name] or require(name) end,
    print = write,
    io = setmetatable({ write = write, stderr = { write = complain } }, { __index = io }),
    os = setmetatable({ exit = function(status) error("it ends with " .. tostring(status)) end }, { __index = os }),
  }
  return setmetatable(world, { __index = function(_, name)
    local made = makers[name] and makers[name]()
    if made then
      rawset(world, name, made)
      return made
    end
    return _G[name]
  end })
end

local function compile(snippet, world)
  local name = ("@%s:%d"):format(snippet.path, snippet.line)
  if rawget(_G, "setfenv") then
    local chunk, problem = loadstring(snippet.code, name) -- luacheck: ignore 113
    return chunk and setfenv(chunk, world), problem -- luacheck: ignore 113
  end
  return load(snippet.code, name, "t", world)
end

--- Compiles a snippet.
---@return function? chunk
---@return string? problem
function snippets.compile(snippet)
  return compile(snippet, {})
end

--- Runs a snippet against the sandbox, in which sessions move on by themselves. Throws what it throws.
---@param snippet spec.Snippet
---@return string[] output  what it printed
function snippets.run(snippet)
  local server, started, output = sandbox.shared(), {}, {}
  server.control.reset()
  server.control.settings { deepidv = { automatic = true }, checkout = { automatic = true, report_ready = true } }
  local chunk = assert(compile(snippet, environment(server, started, output)))
  local interval = polling.options.interval
  local usual = interval.default
  interval.default = 0.01
  local ok, problem = xpcall(chunk, debug.traceback)
  interval.default = usual
  for _, process in ipairs(started) do
    process:stop()
  end
  assert(ok, problem)
  return output
end

return snippets
