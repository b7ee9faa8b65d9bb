--- tools/hooks/pre-commit lints what is staged, as it is staged. Real git, tools that only look for a word.

local rocks = require "spec.support.rocks"
local sandbox = require "spec.support.sandbox"

-- Stands in for the linters: finds fault with a file that has the word "wrong" in it, and writes down what it was given.
local stand_in = [[#!/bin/sh
for word; do
  [ -f "$word" ] && echo "$(basename "$0") $word" >>"$LOOKED_AT" && ! grep -q wrong "$word" || [ ! -f "$word" ] || exit 1
done
]]

if rocks.try "command -v git" ~= 0 then
  pending "the pre-commit hook: git is not installed"
  return
end

describe("the pre-commit hook", function()
  local folder

  local function git(words)
    return rocks.try(("cd %s/clone && env PATH=%s/bin:$PATH LOOKED_AT=%s/looked_at GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com "
      .. "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com git %s"):format(folder, folder, folder, words))
  end

  local function write(path, text)
    rocks.shell(("mkdir -p $(dirname %s/%s) && printf '%%s\\n' %s >%s/%s"):format(folder, path, sandbox.quote(text), folder, path))
  end

  --- What the linters were given since the last time, a line each.
  local function looked_at()
    return rocks.shell(("sort %s/looked_at 2>/dev/null; rm -f %s/looked_at"):format(folder, folder))
  end

  before_each(function()
    folder = rocks.shell("mktemp -d"):match "%S+"
    for _, tool in ipairs { "luacheck", "cppcheck", "clang-format" } do
      write("bin/" .. tool, stand_in)
    end
    rocks.shell(("chmod +x %s/bin/* && mkdir -p %s/clone/tools/hooks && cp tools/lint %s/clone/tools/ && cp tools/hooks/pre-commit %s/clone/tools/hooks/")
      :format(folder, folder, folder, folder))
    git "init -q"
    git "config core.hooksPath tools/hooks"
    write("clone/.luacheckrc", "std = 'max'")
    git "add .luacheckrc"
  end)

  after_each(function()
    rocks.shell("rm -rf " .. folder)
  end)

  it("lets good files pass, each to the tools for its kind", function()
    write("clone/lua/a.lua", "right")
    write("clone/src/core/b.c", "right")
    write("clone/src/core/b.h", "right")
    write("clone/bin/tool", "right")
    write("clone/spec/core/c.c", "right")
    git "add -A"
    assert.are_equal(0, (git "commit -q -m first"))
    assert.are_equal("clang-format spec/core/c.c\nclang-format src/core/b.c\nclang-format src/core/b.h\ncppcheck src/core/b.c\n"
      .. "luacheck bin/tool\nluacheck lua/a.lua\n", looked_at())
  end)

  it("stops a commit with a faulty file, whichever of the tools finds it", function()
    for _, path in ipairs { "lua/a.lua", "src/core/b.c", "spec/core/c.h" } do
      write("clone/" .. path, "wrong")
      git("add " .. path)
      local status, output = git "commit -q -m first"
      assert.are_not_equal(0, status, path)
      assert.is_truthy(output:find("pre-commit: nothing was committed", 1, true), output)
      git("rm -q --cached " .. path)
    end
    assert.are_not_equal(0, (git "rev-parse -q --verify HEAD"))
  end)

  it("looks at what is staged, not at the work tree", function()
    write("clone/lua/a.lua", "right")
    git "add lua/a.lua"
    write("clone/lua/a.lua", "wrong")
    assert.are_equal(0, (git "commit -q -m first"))
    git "add lua/a.lua"
    write("clone/lua/a.lua", "right")
    assert.are_not_equal(0, (git "commit -q -m second"))
  end)

  it("looks only at what the commit changes, and lets a deletion pass", function()
    write("clone/lua/a.lua", "wrong")
    git "add lua/a.lua"
    assert.are_equal(0, (git "commit -q --no-verify -m first"))
    write("clone/lua/b.lua", "right")
    git "add lua/b.lua"
    looked_at()
    assert.are_equal(0, (git "commit -q -m second"))
    assert.are_equal("luacheck lua/b.lua\n", looked_at())
    git "rm -q lua/a.lua"
    assert.are_equal(0, (git "commit -q -m third"))
  end)

  it("names a tool that is missing, and how it is installed", function()
    rocks.shell(("rm %s/bin/luacheck"):format(folder))
    write("clone/lua/a.lua", "right")
    git "add lua/a.lua"
    local tools = rocks.shell("for t in sh git env mktemp rm find sed sort dirname basename grep; do command -v $t; done")
    for path in tools:gmatch "(/%S+)" do
      rocks.shell(("ln -sf %s %s/bin/"):format(path, folder))
    end
    local status, output = rocks.try(("cd %s/clone && PATH=%s/bin %s/bin/sh tools/hooks/pre-commit"):format(folder, folder, folder))
    assert.are_equal(1, status, output)
    assert.is_truthy(output:find("lint: luacheck is not installed: make deps FOR=lint", 1, true), output)
  end)
end)
