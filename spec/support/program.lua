--- Runs bin/idv and the examples as a person would: a process of its own, in an environment of its own, with both
--- streams kept apart.

local sandbox = require "spec.support.sandbox"

local program = {}

-- Nothing of this machine's user may get into a spec: no credentials and no file of them.
local cleared = {
  "XDG_CONFIG_HOME", "IDV_CREDENTIALS", "DEEPIDV_API_KEY", "CHECKOUT_SECRET_KEY", "CHECKOUT_CLIENT_ID",
  "CHECKOUT_CLIENT_SECRET", "IMPACT_ACCOUNT_SID", "IMPACT_AUTH_TOKEN", "CIDAAS_BASE_URL", "IDV_PHONE",
}
local own = {
  HOME = "/nonexistent", IDV_SANDBOX = sandbox.quote(sandbox.interpreter()) .. " bin/idv-sandbox",
  LD_PRELOAD = os.getenv "LD_PRELOAD", -- a sanitizer's, for Lua only
}

--- Credentials for the sandbox of the run, over plain HTTP or TLS.
---@param scheme "http"|"https"|nil
---@return table<string, string>
function program.credentials(scheme)
  local server = sandbox.shared()
  local env = {
    DEEPIDV_API_KEY = "live_canary_key", CHECKOUT_SECRET_KEY = "sk_sbox_canary_key", IMPACT_ACCOUNT_SID = "IRcanarysid",
    IMPACT_AUTH_TOKEN = "canary_token",
  }
  for _, name in ipairs { "DEEPIDV", "CHECKOUT", "IMPACT", "CIDAAS" } do
    env[name .. "_BASE_URL"] = server[scheme or "http"]
    env[name .. "_CA_FILE"] = scheme == "https" and server.ca_file or nil
  end
  return env
end

local function read_and_remove(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  os.remove(path)
  return text
end

--- A new file with this content; the caller removes it.
---@param text string
---@param mode string?  "600" when left out
---@return string path
function program.file(text, mode)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  assert(os.execute("chmod " .. (mode or "600") .. " " .. sandbox.quote(path)))
  return path
end

local function assignments(env)
  local words = { "env -u " .. table.concat(cleared, " -u ") }
  for _, set in ipairs { own, env or {} } do
    for name, value in pairs(set) do
      words[#words + 1] = name .. "=" .. sandbox.quote(value)
    end
  end
  return table.concat(words, " ")
end

---@class spec.ProgramResult
---@field status integer
---@field out string  stdout
---@field err string  stderr

--- The command line that runs a Lua file with these words.
---@param words string[]
---@param env table<string, string>?
---@param file string?  bin/idv when left out
---@return string
function program.command(words, env, file)
  local parts = { assignments(env), sandbox.quote(sandbox.interpreter()), file or "bin/idv" }
  for _, word in ipairs(words) do
    parts[#parts + 1] = sandbox.quote(word)
  end
  return table.concat(parts, " ")
end

--- Runs the program, or another Lua file.
---@param words string[]
---@param options {env?: table<string, string>, stdin?: string, file?: string}?
---@return spec.ProgramResult
function program.run(words, options)
  options = options or {}
  local out, err, input = os.tmpname(), os.tmpname(), program.file(options.stdin or "")
  local command = ("%s <%s >%s 2>%s"):format(program.command(words, options.env, options.file), input, out, err)
  local status = sandbox.tool("timeout 60 sh -c " .. sandbox.quote(command))
  os.remove(input)
  return { status = status, out = read_and_remove(out), err = read_and_remove(err) }
end

--- Runs the program on a terminal of its own. Returns all that it wrote, its status in a last line; nil where the machine
--- hands out no terminals.
---@param words string[]
---@param env table<string, string>
---@return string?
function program.on_terminal(words, env)
  if sandbox.tool "script -qec true /dev/null </dev/null" ~= 0 then
    return nil
  end
  local _, output = sandbox.tool("timeout 60 script -qec "
    .. sandbox.quote(program.command(words, env) .. "; echo status $?") .. " /dev/null </dev/null")
  return output
end

return program
