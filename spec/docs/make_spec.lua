--- `make help` names every rule that is meant for people, pages name only rules that are there, and one rule installs.

local files = require "spec.support.files"
local rocks = require "spec.support.rocks"
local snippets = require "spec.support.snippets"

local makefiles = { "Makefile", "packaging/install.mk", "fuzz/fuzz.mk", "bench/bench.mk" }

--- What is built or run on the way to something else, and the suites, which the table of `make test` names.
local function is_internal(target)
  for _, pattern in ipairs { "^run%-", "^build%-", "^test%-", "^fuzz%-build$", "%-parts$", "%-tests$", "%-tools$", "%-keep$", "%$" } do
    if target:find(pattern) then
      return true
    end
  end
  return false
end

--- The targets that are named in .PHONY.
local function phony_targets()
  local targets = {}
  for _, path in ipairs(makefiles) do
    for list in ("\n" .. files.read(path)):gmatch "\n%.PHONY: ([^\n]+)" do
      for target in list:gmatch "%S+" do
        targets[#targets + 1] = target
      end
    end
  end
  return targets
end

describe("make help", function()
  local named = {}

  setup(function()
    -- a make of its own: what the one that runs the specs was told is not for it
    local text = rocks.shell "env -u MAKEFLAGS -u MAKELEVEL -u PROFILE make -s help"
    for target, about in text:gmatch "  make ([%w.-]+)[^\n]-  +(%S[^\n]*)" do
      named[target] = about
    end
    named.all = text:match "  make  +(%S[^\n]*)"
  end)

  it("names every rule for people", function()
    assert.is_truthy(named.all)
    for _, target in ipairs(phony_targets()) do
      assert.is_truthy(is_internal(target) or named[target], target .. " has no line with ## above it")
    end
  end)

  it("names no rule that is not there", function()
    local is_there = {}
    for _, target in ipairs(phony_targets()) do
      is_there[target] = true
    end
    for target in pairs(named) do
      assert.is_truthy(target:find "^test%-lua" or is_there[target], target)
    end
  end)

  it("names what pages tell to run", function()
    local pages = snippets.pages()
    pages[#pages + 1] = "SECURITY.md"
    for _, page in ipairs(pages) do
      local text = files.read(page)
      for _, pattern in ipairs { "`make ([%l][%w./-]*)", "\nmake ([%l][%w./-]*)" } do
        for target in text:gmatch(pattern) do
          assert.is_truthy(named[target] or target:find "^test%-" or target:find "/", ("%s: make %s"):format(page, target))
        end
      end
    end
  end)
end)

describe("the makefiles", function()
  it("install nothing but by `make deps`", function()
    local rules = {}
    for _, path in ipairs(makefiles) do
      local rule
      for line in files.read(path):gmatch "[^\n]+" do
        rule = line:match "^([%w.-]+):" or rule
        if line:find "^\t.*%.ci/" then
          rules[rule] = true
        end
      end
    end
    assert.are_same({ deps = true }, rules)
  end)
end)
