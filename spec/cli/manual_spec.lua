--- docs/idv.1: it says what the program says, and formats without a complaint.

local cli = require "idv.cli"
local idv = require "idv"
local sandbox = require "spec.support.sandbox"
local status = require "idv.cli.status"

describe("the manual page", function()
  local text

  setup(function()
    local file = assert(io.open "docs/idv.1")
    text = file:read("*a"):gsub("\\%-", "-")
    file:close()
  end)

  it("has every command and every option", function()
    for _, command in ipairs(cli.commands()) do
      if not command.is_hidden then
        assert.is_truthy(text:find("\n.SS idv " .. command.name .. "[ \n]"), command.name)
        for _, option in ipairs(command.options or {}) do
          assert.is_truthy(text:find("--" .. option.name, 1, true), command.name .. " --" .. option.name)
        end
      end
    end
  end)

  it("has every exit code", function()
    for _, entry in ipairs(status.list) do
      local words = entry[1] >= 2 and entry[2] .. ": " .. entry[3] or entry[3]
      assert.is_truthy(text:find(("\n%d\t%s\n"):format(entry[1], words), 1, true), entry[2])
    end
    assert.is_truthy(text:find("\n" .. status.UNKNOWN_OUTCOME .. " is added", 1, true))
    for kind in pairs(require("idv.error").kinds) do
      assert.are_not_equal(status.MISTAKE, status.of_kind(kind), kind)
    end
  end)

  it("has the version", function()
    assert.is_truthy(text:find('"idv ' .. idv._VERSION .. '"', 1, true))
  end)

  it("formats without a complaint", function()
    local tools = { "groff -t -man -ww -z docs/idv.1", "mandoc -T lint -W warning docs/idv.1", "man --warnings -l docs/idv.1 >/dev/null" }
    local count = 0
    for _, tool in ipairs(tools) do
      if sandbox.shell("command -v " .. tool:match "^%S+" .. " >/dev/null") == 0 then
        local code, output = sandbox.tool(tool)
        assert.are_equal("", output)
        assert.are_equal(0, code)
        count = count + 1
      end
    end
    if count == 0 then
      pending "neither groff nor mandoc nor man is installed"
    end
  end)
end)
