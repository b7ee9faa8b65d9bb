--- What is true of the sources and of what is built from them: layers that point down only, and no symbol that leaves
--- a shared object but its luaopen_ function.

local function lines_of(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  pipe:close()
  return lines
end

--- "lua5.4" or "luajit": the folder that this Lua's modules are in.
local function path_of(name)
  return assert(package.searchpath and package.searchpath("idv." .. name, package.cpath)
    or package.cpath:match("%./(build[^;?]*)%?"):gsub("$", "idv/" .. name .. ".so"))
end

describe("a shared object", function()
  for _, name in ipairs { "core", "httpd" } do
    it("exports its luaopen_ function and nothing else: " .. name, function()
      local symbols = {}
      for _, line in ipairs(lines_of("nm -D --defined-only " .. path_of(name))) do
        local symbol = line:match "%s%a%s+(%S+)$"
        local is_of_coverage = symbol and symbol:find "^__gcov" or symbol and symbol:find "^mangle_path$"
        if not is_of_coverage then
          symbols[#symbols + 1] = symbol or line
        end
      end
      assert.are_same({ "luaopen_idv_" .. name }, symbols)
    end)
  end
end)

describe("the core", function()
  it("knows nothing of Lua", function()
    assert.are_same({}, lines_of [[grep -nE '#include *[<"](lua|lauxlib|lualib|luajit|binding|compat)\.?h?' src/core/*.[ch] ]])
    assert.are_same({}, lines_of "grep -lw lua_State src/core/*.[ch]")
  end)

  it("knows nothing of the sandbox's server either, and nor does the binding", function()
    assert.are_same({}, lines_of "grep -nE 'microhttpd|gnutls/|gnutls_[a-z_]+\\(|httpd/' src/core/*.[ch] src/lua/*.[ch]")
  end)
end)

describe("the system", function()
  it("is known to one file of the core only, as far as waiting for descriptors goes", function()
    assert.are_same({ "src/core/poller_epoll.c" }, lines_of "grep -lE 'sys/(epoll|timerfd|event)\\.h' src/core/*.[ch]")
  end)
end)
