--- The pages: every link leads somewhere, and every Lua snippet runs.

local client = require "spec.support.client"
local markdown = require "tools.reference.markdown"
local snippets = require "spec.support.snippets"

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

--- The anchors of a page: those of its headings.
local function anchors_of(text)
  local anchors = {}
  for line in (text:gsub("```.-```", "") .. "\n"):gmatch "(.-)\n" do
    local heading = line:match "^#+ (.+)$"
    if heading then
      anchors[markdown.anchor((heading:gsub("`", "")))] = true
    end
  end
  return anchors
end

--- "docs/hosts/luv.md" and "../x.md" -> "docs/x.md"
local function resolve(page, target)
  local parts = {}
  for part in ((page:match "^(.*/)" or "") .. target):gmatch "[^/]+" do
    if part == ".." then
      table.remove(parts)
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

describe("every link leads somewhere", function()
  for _, page in ipairs(snippets.pages()) do
    it("on " .. page, function()
      local text = read(page):gsub("```.-```", "")
      for target in text:gmatch "%]%(([^%s)]+)%)" do
        if not target:find "^%a+:" then
          local path, anchor = target:match "^([^#]*)#?(.*)$"
          local resolved = path == "" and page or resolve(page, path)
          assert.is_true(exists(resolved), ("%s links to %s"):format(page, target))
          if anchor ~= "" then
            assert.is_true(anchors_of(read(resolved))[anchor], ("%s links to %s"):format(page, target))
          end
        end
      end
    end)
  end

  it("and every page is linked from README.md, by way of others", function()
    local seen, open = {}, { "README.md", "CONTRIBUTING.md" }
    while #open > 0 do
      local page = table.remove(open)
      if not seen[page] then
        seen[page] = true
        for target in read(page):gmatch "%]%(([^%s)#]+%.md)" do
          if not target:find "^%a+:" then
            open[#open + 1] = resolve(page, target)
          end
        end
      end
    end
    for _, page in ipairs(snippets.pages()) do
      assert.is_true(seen[page], page .. " is linked from nowhere")
    end
  end)
end)

local function has(library)
  return (pcall(require, library))
end

describe("README.md", function()
  it("says what a wrong key looks like", function()
    local deepidv = client.new("https", "deepidv", { api_key = "invalid_key_1" })
    local _, err = deepidv:create_session {
      first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
    }
    assert.is_truthy(read "README.md":find(("`%s`"):format(tostring(err)), 1, true), tostring(err))
  end)
end)

describe("every snippet runs", function()
  for _, page in ipairs(snippets.pages()) do
    for _, snippet in ipairs(snippets.of(page)) do
      local label = ("%s:%d"):format(snippet.path, snippet.line)
      local marker = snippet.marker
      if marker:find "^compiled, because " then
        it(label .. " (compiled only)", function()
          assert(snippets.compile(snippet))
        end)
      elseif (marker == "luv" or marker == "cqueues") and not has(marker) then
        pending(label .. ": " .. marker .. " is not installed")
      else
        local wanted = marker:match "^prints (.+)$"
        assert(wanted or marker == "" or marker == "goes on" or marker == "luv" or marker == "cqueues", label .. marker)
        it(label, function()
          local output = table.concat(snippets.run(snippet), "\n")
          assert.is_truthy(not wanted or output:find(wanted, 1, true), output)
        end)
      end
    end
  end
end)
