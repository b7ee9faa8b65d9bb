--- The completion of the shells: what the program offers, and that each shell's file passes it on.

local program = require "spec.support.program"
local sandbox = require "spec.support.sandbox"

local function offered(...)
  local list = {}
  for line in program.run({ "__complete", ... }).out:gmatch "[^\n]+" do
    list[#list + 1] = line:match "^[^\t]+"
  end
  return list
end

describe("idv __complete", function()
  local rows = {
    { { "pro" }, { "providers" } },
    { { "--v" }, { "--version" } },
    { { "help", "doc" }, { "doctor" } },
    { { "call", "d" }, { "deepidv" } },
    { { "call", "deepidv", "create" }, { "create_session" } },
    { { "call", "--timeout", "5", "deepidv", "create" }, { "create_session" } },
    { { "call", "deepidv", "create_session", "first" }, { "first_name=" } },
    { { "call", "deepidv", "create_session", "first_name=A", "send_e" }, { "send_email_invite=true", "send_email_invite=false" } },
    { { "call", "checkout", "create_session", "declared_data.phone" },
      { "declared_data.phone_number.country_code=", "declared_data.phone_number.number=" } },
    { { "call", "cidaas", "create_session", "processing_type=" }, { "processing_type=CODE", "processing_type=LINK" } },
    { { "call", "deepidv", "decide_session", "s1", "" }, { "VERIFIED", "REJECTED" } },
    { { "call", "deepidv", "get_session", "s1", "--dry" }, { "--dry-run" } },
    { { "describe", "impact", "" }, { "create_session" } },
    { { "report", "" }, { "checkout", "deepidv" } },
    { { "redirect", "c" }, { "checkout", "cidaas" } },
    { { "webhook", "" }, { "checkout", "deepidv" } },
    { { "doctor", "impact", "ci" }, { "cidaas" } },
    { { "report", "checkout", "idv_1", "-o", "" }, { ":files" } },
    { { "call", "x", "--credentials", "/t" }, { ":files" } },
    { { "call", "deepidv", "get_session", "s1", "--timeout", "" }, {} },
    { { "call", "nobody", "" }, {} },
    { { "nothing", "" }, {} },
  }
  for _, row in ipairs(rows) do
    it("offers for " .. table.concat(row[1], " "), function()
      assert.are_same(row[2], offered((table.unpack or unpack)(row[1]))) -- luacheck: ignore 143 113
    end)
  end

  it("offers nothing that is hidden, and every option of a command", function()
    assert.is_nil(table.concat(offered "", " "):find("__", 1, true))
    local help = program.run({ "call", "--help" }).out
    for _, name in ipairs(offered("call", "--")) do
      assert.is_truthy(help:find(name, 1, true))
    end
  end)
end)

local function has(shell)
  return sandbox.shell("command -v " .. shell .. " >/dev/null") == 0
end

--- A folder with an `idv` that runs the program of this checkout with this Lua.
local function with_idv_on_path(run)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  local file = assert(io.open(folder .. "/idv", "w"))
  file:write("#!/bin/sh\nexec ", program.command {}, ' "$@"\n')
  file:close()
  assert(os.execute("chmod 700 " .. folder .. "/idv"))
  -- fish makes folders in its home
  local ok, problem = pcall(run, ("PATH=%s:$PATH HOME=%s "):format(folder, folder))
  assert(folder:find "^/tmp/" and os.execute("rm -r " .. sandbox.quote(folder)))
  assert(ok, problem)
end

local function completed(shell, script)
  local output
  with_idv_on_path(function(path)
    local _, text = sandbox.tool(path .. shell .. " " .. sandbox.quote(script))
    output = text
  end)
  return output
end

describe("completion in bash", function()
  local function bash(line)
    return completed("bash -c", "source completions/idv.bash; COMP_LINE=" .. sandbox.quote(line)
      .. "; COMP_POINT=${#COMP_LINE}; _idv; printf '%s\\n' \"${COMPREPLY[@]}\"")
  end

  it("passes on what the program offers", function()
    assert.are_equal("deepidv\n", bash "idv call de")
    assert.are_equal("checkout\ncidaas\ndeepidv\nimpact\n", bash "idv describe ")
    assert.are_equal("first_name=\n", bash "idv call deepidv create_session first")
  end)

  it("knows that bash breaks words at =", function()
    assert.are_equal("CODE\nLINK\n", bash "idv call cidaas create_session processing_type=")
    assert.are_equal("true\n", bash "idv call deepidv create_session send_email_invite=t")
  end)

  it("offers files", function()
    assert.are_equal("README.md\n", bash "idv report checkout idv_1 -o READ")
  end)
end)

describe("completion in zsh", function()
  local function zsh(line)
    local script = "compdef() { :; }; _files() { print files; }; "
      .. "compadd() { while [[ $1 != -- ]] shift; shift; print -l -- \"$@\"; }; "
      .. "source completions/_idv; words=(" .. line .. "); CURRENT=${#words}; _idv"
    return completed("zsh -fc", script)
  end

  it("passes on what the program offers", function()
    if not has "zsh" then
      return pending "zsh is not installed"
    end
    assert.are_equal("deepidv\n", zsh "idv call de")
    assert.are_equal("first_name=\n", zsh "idv call deepidv create_session first")
    assert.are_equal("checkout\ndeepidv\n", zsh "idv report ''")
    assert.are_equal("files\n", zsh "idv report checkout idv_1 -o ''")
  end)
end)

describe("completion in fish", function()
  local function fish(line)
    return completed("fish --no-config -c",
      "source completions/idv.fish; complete -C " .. sandbox.quote(line))
  end

  it("passes on what the program offers", function()
    if not has "fish" then
      return pending "fish is not installed"
    end
    assert.are_equal("deepidv\n", fish "idv call de")
    assert.is_truthy(fish("idv call deepidv create_session first"):find("^first_name=\tApplicant's first name\n"))
    assert.is_truthy(fish("idv report checkout idv_1 -o READM"):find("README.md", 1, true))
  end)
end)
