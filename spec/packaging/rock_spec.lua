--- The rocks: what they hold, that they build into an empty tree with nothing said, work from there alone, and go away.

local rocks = require "spec.support.rocks"
local sandbox = require "spec.support.sandbox"

local version = dofile "lua/idv/version.lua"
local built_by = sandbox.interpreter():match "[^/]+$"

local function read_rockspec(path)
  local env = {}
  local chunk = setfenv and setfenv(assert(loadfile(path)), env) or assert(loadfile(path, "t", env))
  chunk()
  return env
end

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

--- path -> how often it is named by the modules of the rockspecs
local function named_by(...)
  local count = {}
  for _, path in ipairs { ... } do
    for _, module in pairs(read_rockspec(path).build.modules) do
      for _, file in ipairs(type(module) == "table" and module.sources or { module }) do
        count[file] = (count[file] or 0) + 1
      end
    end
  end
  return count
end

describe("the rockspecs", function()
  it("are what the tree says", function()
    local status, output = sandbox.shell(sandbox.interpreter() .. " packaging/rockspecs.lua --check")
    assert.are_equal("", output)
    assert.are_equal(0, status)
  end)

  for _, pair in ipairs {
    { "idv-scm-1.rockspec", "idv-sandbox-scm-1.rockspec" },
    { "rockspecs/idv-" .. version .. "-1.rockspec", "rockspecs/idv-sandbox-" .. version .. "-1.rockspec" },
  } do
    it("name every Lua and C file once: " .. pair[1], function()
      local count = named_by(pair[1], pair[2])
      for _, path in ipairs(words(rocks.shell "find lua src -name '*.lua' -o -name '*.c'")) do
        local wanted = path == "src/lua/compat.c" and 2 or 1 -- both shared objects need it
        assert.are_equal(wanted, count[path], path)
        count[path] = nil
      end
      assert.is_nil(next(count))
    end)

    it("keep libmicrohttpd out of the library: " .. pair[1], function()
      assert.is_nil(read_rockspec(pair[1]).external_dependencies.MICROHTTPD)
      assert.is_nil(named_by(pair[1])["lua/idv/sandbox/init.lua"])
    end)
  end
end)

if not rocks.is_there() then
  pending "luarocks, zip and pkg-config are not all here"
  return
end

--- What the build of the rock reads, as the compiler tells it, and what goes along.
local function expected_files(rockspec, includes, documents)
  local set = {}
  for path in pairs(named_by(rockspec)) do
    set[path] = true
    if path:find "%.c$" then
      local flags = rocks.shell("pkg-config --cflags " .. built_by):gsub("\n", " ")
      for _, word in ipairs(words(rocks.shell(("gcc -MM -D_GNU_SOURCE %s %s %s"):format(includes, flags, path)))) do
        if word:find "%.h$" and word:find "^src/" then
          set[word] = true
        end
      end
    end
  end
  for _, path in ipairs(words(documents)) do
    set[path] = true
  end
  local list = {}
  for path in pairs(set) do
    list[#list + 1] = path
  end
  table.sort(list)
  return list
end

local function archived_files(folder, stem)
  local list = words(rocks.shell(("tar -tzf %s/%s.tar.gz"):format(folder, stem)))
  for i, path in ipairs(list) do
    list[i] = path:gsub("^" .. stem:gsub("%p", "%%%0") .. "/", "")
  end
  table.sort(list)
  return list
end

local script = [[
local sandbox = assert(require("idv.sandbox.remote").start())
local deepidv = require("idv").deepidv { api_key = "live_1", base_url = sandbox.https, ca_file = sandbox.ca_file }
local session = assert(deepidv:create_session {
  first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
})
print(#session.id)
sandbox:stop()
]]

describe("the source rocks", function()
  local tree
  setup(function()
    tree = rocks.new()
    rocks.shell(("%s packaging/dist.lua %s/dist"):format(sandbox.interpreter(), tree.folder))
  end)
  teardown(function()
    tree:close()
  end)

  local function rock(name)
    return ("%s/dist/%s-%s-1.src.rock"):format(tree.folder, name, version)
  end

  it("hold exactly what their builds need", function()
    local documents = rocks.shell "git ls-files docs examples" .. " LICENSE README.md"
    assert.are_same(expected_files(("rockspecs/idv-%s-1.rockspec"):format(version), "-Isrc/core -Isrc/lua",
      documents .. " " .. rocks.shell "git ls-files bin | grep -v bin/idv-sandbox || true"),
      archived_files(tree.folder .. "/dist", "idv-" .. version))
    assert.are_same(expected_files(("rockspecs/idv-sandbox-%s-1.rockspec"):format(version), "-Isrc/httpd -Isrc/lua",
      "LICENSE README.md bin/idv-sandbox"), archived_files(tree.folder .. "/dist", "idv-sandbox-" .. version))
  end)

  it("build into an empty tree, work from there alone, and leave nothing when they are removed", function()
    tree:luarocks("", "install " .. rock "idv")
    tree:luarocks("", "install " .. rock "idv-sandbox")
    assert.are_equal("36\n", tree:run(script))
    tree:luarocks("", "remove idv-sandbox")
    assert.is_nil((table.concat(tree:files(), " "):find "httpd%."))
    tree:luarocks("", "remove idv")
    assert.are_same({}, tree:files())
  end)
end)

-- What follows is the same for every Lua.
if built_by ~= "lua5.4" then
  return
end

describe("luarocks make in a clone", function()
  local tree
  setup(function()
    tree = rocks.new()
    rocks.shell(("mkdir %s/clone && git ls-files -z | xargs -0 cp --parents -t %s/clone"):format(tree.folder, tree.folder))
  end)
  teardown(function()
    tree:close()
  end)

  it("takes libcurl and libcrypto from where CURL_DIR and OPENSSL_DIR say", function()
    local prefix = tree.folder .. "/prefix"
    rocks.shell(([[
      for part in curl crypto; do
        mkdir -p %s/$part/lib %s/$part/include
        ln -s "$(gcc -print-file-name=lib$part.so)" %s/$part/lib/lib$part.so
      done]]):format(prefix, prefix, prefix))
    local output = tree:luarocks("cd %s/clone &&", ("make idv-scm-1.rockspec CURL_DIR=%s/curl OPENSSL_DIR=%s/crypto"):format(
      prefix, prefix), tree.folder)
    for _, part in ipairs { "curl", "crypto" } do
      assert.is_truthy(output:find("-I" .. prefix .. "/" .. part .. "/include", 1, true))
      assert.is_truthy(output:find("-L" .. prefix .. "/" .. part .. "/lib", 1, true))
    end
    assert.are_equal("idv\n", tree:run "print((tostring(require 'idv'.deepidv { api_key = 'k' }):match 'idv'))")
  end)

  it("leaves a core.so for whichever Lua in the clone, which breaks nothing there", function()
    rocks.shell(("test -e %s/clone/idv/core.so && echo junk >%s/clone/idv/core.so && ln -s \"$PWD/build\" %s/clone/build")
      :format(tree.folder, tree.folder, tree.folder))
    assert.are_equal("idv " .. version .. "\n", rocks.shell(("cd %s/clone && env -i PATH=\"$PATH\" lua5.4 bin/idv --version")
      :format(tree.folder)))
    rocks.shell(("rm %s/clone/build"):format(tree.folder))
    local status, output = rocks.try(("cd %s/clone && env -i PATH=\"$PATH\" lua5.4 bin/idv --version"):format(tree.folder))
    assert.are_equal(3, status)
    assert.is_truthy(output:find("the module idv.core cannot be loaded by Lua 5.4", 1, true), output)
    assert.is_truthy(output:find("what to do: build it for this Lua", 1, true), output)
  end)

  it("makes a command that starts without the dependencies of rocks, and with the rock of another Lua beside it", function()
    local root = tree.folder .. "/bare"
    local function luarocks(number, command_words)
      rocks.shell(("cd %s/clone && luarocks --lua-version %s --tree %s %s"):format(tree.folder, number, root, command_words))
    end
    local function command(path)
      return rocks.shell(("cd / && env -i PATH=\"$PATH\" HOME=/nonexistent %s --version"):format(path))
    end
    local said = "idv " .. version .. "\n"
    luarocks("5.4", "make --deps-mode none idv-scm-1.rockspec")
    assert.are_equal(said, command(root .. "/bin/idv"))
    luarocks("5.3", "make --deps-mode none idv-scm-1.rockspec")
    local own = "lua%s %s/lib/luarocks/rocks-%s/idv/scm-1/bin/idv"
    assert.are_equal(said, command(root .. "/bin/idv"))
    assert.are_equal(said, command(own:format("5.4", root, "5.4")))
    assert.are_equal(said, command(own:format("5.3", root, "5.3")))
    luarocks("5.3", "remove idv")
    assert.are_equal(said, command(own:format("5.4", root, "5.4")))
  end)

  it("says which library is missing where there is none", function()
    local status, output = rocks.try(("cd %s/clone && luarocks --lua-version 5.4 --tree %s make idv-scm-1.rockspec "
      .. "CURL_DIR=/nonexistent"):format(tree.folder, tree.root))
    assert.are_not_equal(0, status)
    assert.is_truthy(output:find "CURL_DIR", output)
  end)
end)
