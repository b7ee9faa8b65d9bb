--- `make install`: what lies where, that a program links against it by pkg-config alone, and `make uninstall`.

local rocks = require "spec.support.rocks"
local sandbox = require "spec.support.sandbox"

local lua = sandbox.interpreter():match "[^/]+$"
local number = _VERSION:match "%d%.%d"
local quote = sandbox.quote

describe("make install", function()
  local prefix, game
  setup(function()
    local folder = rocks.shell("mktemp -d"):match "%S+"
    prefix, game = folder .. "/usr", folder .. "/game"
    rocks.shell("cp -r examples/game_server " .. game)
  end)
  teardown(function()
    rocks.shell("rm -rf " .. quote(prefix:match "^(.*)/usr$"))
  end)

  local function make(words)
    -- a make of its own: what the one that runs the specs was told is not for it
    return rocks.shell(("env -u MAKEFLAGS -u MAKELEVEL -u PROFILE -u LUAS -u DEFINES make -s %s LUA=%s PREFIX=%s"):format(
      words, lua, prefix))
  end

  local function installed()
    return rocks.shell(("cd %s && find . -type f | sort"):format(quote(prefix)))
  end

  local function environment()
    local to_lua, to_c = prefix .. "/share/lua/" .. number, prefix .. "/lib/lua/" .. number
    return ("PKG_CONFIG_PATH=%s/lib/pkgconfig:$PKG_CONFIG_PATH LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;'")
      :format(prefix, to_lua, to_lua, to_c)
  end

  it("puts the library into place, and the sandbox only when asked", function()
    make "install"
    local list = installed()
    for _, path in ipairs {
      "share/lua/" .. number .. "/idv/init.lua", "lib/lua/" .. number .. "/idv/core.so", "lib/libidv.a", "include/idv.h",
      "lib/pkgconfig/idv.pc", "bin/idv", "share/man/man1/idv.1", "share/bash-completion/completions/idv",
      "share/zsh/site-functions/_idv", "share/fish/vendor_completions.d/idv.fish",
    } do
      assert.is_truthy(list:find("./" .. path .. "\n", 1, true), path)
    end
    assert.is_nil(list:find("/idv/sandbox/", 1, true))
    assert.is_nil(list:find("idv-sandbox", 1, true))
    assert.is_nil(list:find("httpd.", 1, true))
    local alone = rocks.shell(("cd / && { %s %s/bin/idv sandbox 2>&1; echo status $?; }"):format(environment(), quote(prefix)))
    assert.are_equal("idv: the sandbox is not installed: luarocks install idv-sandbox\nstatus 3\n", alone)
    make "install-sandbox"
    list = installed()
    assert.is_truthy(list:find("./bin/idv-sandbox\n", 1, true))
    for path in rocks.shell "find lua -name '*.lua'":gmatch "lua/(%S+)" do
      assert.is_truthy(list:find(("./share/lua/%s/%s\n"):format(number, path), 1, true), path)
    end
  end)

  it("has a command line that runs from anywhere", function()
    local function idv(words)
      return rocks.shell(("cd / && %s %s/bin/idv %s 2>&1"):format(environment(), quote(prefix), words))
    end
    assert.are_equal("idv " .. dofile "lua/idv/version.lua" .. "\n", idv "--version")
    assert.is_truthy(idv("doctor"):find("sandbox%s+installed"))
    assert.is_truthy(rocks.shell(("head -1 %s/bin/idv"):format(prefix)):find("env " .. lua, 1, true))
  end)

  local bare = "env -i PATH=\"$PATH\" HOME=/nonexistent"

  it("has a command line that starts with nothing said of paths, by a link, and where it is staged", function()
    local said = "idv " .. dofile "lua/idv/version.lua" .. "\n"
    assert.are_equal(said, rocks.shell(("cd / && %s %s/bin/idv --version"):format(bare, quote(prefix))))
    rocks.shell(("mkdir -p %s/links && ln -s %s/bin/idv %s/links/idv"):format(prefix, prefix, prefix))
    assert.are_equal(said, rocks.shell(("cd / && %s %s/links/idv --version"):format(bare, quote(prefix))))
    rocks.shell(("rm -r %s/links"):format(prefix))
    local stage = prefix:match "^(.*)/usr$" .. "/stage"
    make("install install-sandbox DESTDIR=" .. stage)
    assert.are_equal(said, rocks.shell(("cd / && %s %s%s/bin/idv --version"):format(bare, stage, prefix)))
    rocks.shell(("cp %s%s/bin/idv %s/moved"):format(stage, prefix, stage)) -- its modules are under PREFIX all the same
    assert.are_equal(said, rocks.shell(("cd / && %s %s/moved --version"):format(bare, stage)))
  end)

  it("runs programs, which find the sandbox beside them and run it on the same Lua", function()
    local path = prefix:match "^(.*)/usr$" .. "/program.lua"
    local file = assert(io.open(path, "w"))
    file:write [[
      local sandbox = assert(require("idv.sandbox.remote").start())
      local deepidv = require("idv").deepidv { api_key = "live_1", base_url = sandbox.https, ca_file = sandbox.ca_file }
      print(assert(deepidv:list_sessions()).items[1], _VERSION, arg[0]:match "[^/]*$", arg[1])
    ]]
    file:close()
    assert.are_equal(("nil\t%s\tprogram.lua\tword\n"):format(_VERSION),
      rocks.shell(("cd / && %s %s/bin/idv run %s word"):format(bare, quote(prefix), quote(path))))
  end)

  it("says in idv.pc all that a program needs to link idv in, with --static and without", function()
    local function libs(how)
      return rocks.shell(("%s pkg-config %s --libs idv"):format(environment(), how))
    end
    assert.are_equal(libs "", libs "--static")
    assert.is_truthy(libs(""):find "%-lidv .*%-lcurl")
    assert.are_equal(lua, rocks.shell(environment() .. " pkg-config --variable=lua idv"):match "%S+")
    assert.are_equal(dofile "lua/idv/version.lua", rocks.shell(environment() .. " pkg-config --modversion idv"):match "%S+")
  end)

  it("serves the game server, built from its own folder and run outside of the repository", function()
    rocks.shell(("cd %s && env -u MAKEFLAGS %s make -s LUA=%s INSTALLED=yes PROGRAM=game_server"):format(quote(game),
      environment(), lua))
    local output = rocks.shell(("cd %s && %s GAME_WORLD=server.lua GAME_DELAY=0 IDV_SANDBOX=%s timeout 60 ./game_server 3 30 2>&1")
      :format(quote(game), environment(), quote(prefix .. "/bin/idv-sandbox")))
    assert.is_truthy(output:find "joined 3  refused 0", output)
    assert.is_truthy(rocks.shell(("head -1 %s/bin/idv-sandbox"):format(prefix)):find("env " .. lua, 1, true))
  end)

  it("is undone by make uninstall", function()
    make "uninstall"
    assert.are_equal("", installed())
  end)
end)
