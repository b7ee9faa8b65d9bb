--- Types and reference say what the descriptions and the annotations say, and leave nothing public out.

local annotations = require "tools.reference.annotations"
local files = require "tools.reference.files"
local idv = require "idv"
local is_type = require "tools.reference.type_grammar"
local model = require "tools.reference.model"
local public = require "tools.reference.public"
local remote = require "idv.sandbox.remote"

local function read(path)
  local file = assert(io.open(path, "rb"), path .. " is missing: make docs")
  local text = file:read "*a"
  file:close()
  return text
end

local credentials = {
  checkout = { secret_key = "sk_x" }, cidaas = { base_url = "https://a.example" }, deepidv = { api_key = "x" },
  impact = { account_sid = "a", auth_token = "b" },
}

--- The methods that an object really has, which it shows to nobody.
local function methods_of(object)
  return debug.getmetatable(object).__index
end

local function names_of(methods)
  local names = {}
  for _, method in ipairs(methods) do
    names[#names + 1] = method.name
  end
  names[#names + 1] = "preview"
  names[#names + 1] = "supports"
  table.sort(names)
  return names
end

local generated = files.all()
local paths = model.sorted(generated)

describe("what is generated", function()
  for _, path in ipairs(paths) do
    it(path .. " is as `make docs` would write it", function()
      assert.is_true(read(path) == generated[path], path .. " differs: run `make docs`")
    end)
  end

  it("is Lua where it says so", function()
    for _, path in ipairs(paths) do
      if path:find "%.lua$" then
        assert(loadfile(path))
      end
    end
  end)

  it("has no file that nothing generates any more", function()
    local lfs = require "lfs"
    for _, folder in ipairs { "docs/reference", "lua/idv/types" } do
      for name in lfs.dir(folder) do
        if name:sub(1, 1) ~= "." then
          assert.is_truthy(generated[folder .. "/" .. name], folder .. "/" .. name)
        end
      end
    end
  end)
end)

--- Every file with annotations: the generated types, and the sources.
local function annotated_files()
  local lfs = require "lfs"
  local list = {}
  for _, folder in ipairs { "lua/idv", "lua/idv/loop", "lua/idv/transport", "lua/idv/types", "lua/idv/sandbox" } do
    for name in lfs.dir(folder) do
      if name:find "%.lua$" then
        list[#list + 1] = folder .. "/" .. name
      end
    end
  end
  return list
end

describe("the types", function()
  it("name no class that is not there", function()
    local known, sources = {}, {}
    for _, path in ipairs(paths) do
      sources[#sources + 1] = path:find "%.lua$" and path or nil
    end
    for _, name in ipairs { "error", "events", "records", "task", "transports", "webhook" } do
      sources[#sources + 1] = ("lua/idv/%s.lua"):format(name)
    end
    for _, module in ipairs(public.modules) do
      sources[#sources + 1] = module.path
    end
    local used = {}
    local function use(text, path)
      for name in text:gmatch "idv%.%u[%w_.]*" do
        used[name] = path
      end
    end
    for _, path in ipairs(sources) do
      local found = annotations.read(path)
      for _, list in ipairs { found.classes, found.aliases } do
        for _, item in ipairs(list) do
          known[item.name] = true
          use(item.parent or "", path)
          for _, field in ipairs(item.fields or {}) do
            use(field.type, path)
          end
        end
      end
      for _, item in ipairs(found.functions) do
        for _, list in ipairs { item.params, item.returns } do
          for _, one in ipairs(list) do
            use(one.type, path)
          end
        end
      end
    end
    for name, path in pairs(used) do
      assert.is_true(known[name], ("%s names %s, which is nowhere"):format(path, name))
    end
  end)

  it("are written as editors understand them", function()
    for _, right in ipairs {
      "string", "idv.DeepIDV.Session?", "string|string[]", '"a"|"b"', "fun(a: integer, b: string?): boolean, idv.Error?",
      "{ code: integer, summary: string }[]", "(function|idv.Task)[]", "table<string, any>", "fun()", "string[][]",
      "fun(self: idv.SandboxProcess)", '"a"|nil', "false",
    } do
      assert.is_true(is_type(right), right)
    end
    for _, wrong in ipairs { "", "string|", "{ code integer }", "fun(a", '"a', "string list", "(a", "idv.", "[]", "table<a" } do
      assert.is_false(is_type(wrong), wrong)
    end
    for _, path in ipairs(annotated_files()) do
      local found = annotations.read(path)
      local lists = {}
      for _, class in ipairs(found.classes) do
        lists[#lists + 1] = class.fields
      end
      for _, item in ipairs(found.functions) do
        lists[#lists + 1] = item.params
        lists[#lists + 1] = item.returns
      end
      for _, list in ipairs(lists) do
        for _, one in ipairs(list) do
          assert.is_true(is_type(one.type), ("%s: %s"):format(path, one.type))
        end
      end
    end
  end)

  it("have every field of every parameter, in every spelling", function()
    for _, provider in ipairs(model.providers()) do
      local text = generated[("lua/idv/types/%s.lua"):format(provider.name)]
      local function check(parameters)
        for _, parameter in ipairs(parameters or {}) do
          local names = model.spellings(parameter)
          names[#names + 1] = parameter.name
          for _, name in ipairs(names) do
            assert.is_truthy(text:find(("---@field %s%%??%%s"):format(name)), provider.name .. ": " .. name)
          end
          check(parameter.fields)
        end
      end
      for _, method in ipairs(provider.methods) do
        check(method.params)
      end
    end
  end)
end)

describe("every public name", function()
  for _, provider in ipairs(model.providers()) do
    it("of an object of " .. provider.name .. " is in its types and on its page", function()
      local object = idv.provider(provider.name, credentials[provider.name])
      assert.are_same(model.sorted(methods_of(object)), names_of(provider.methods))
      local page = generated[("docs/reference/%s.md"):format(provider.name)]
      local types = generated[("lua/idv/types/%s.lua"):format(provider.name)]
      for _, method in ipairs(provider.methods) do
        assert.is_truthy(page:find(("### %s\n"):format(method.name), 1, true), method.name)
        assert.is_truthy(types:find((":%s("):format(method.name), 1, true), method.name)
        assert.is_truthy(method.about:find "%.$", method.name)
        assert.is_truthy(method.source and method.page and method.page:find "^https://", method.name .. " has no page")
      end
    end)
  end

  it("of the sandbox's control is there too", function()
    local control = remote.connect { base_url = "http://127.0.0.1:1", allow_http = true }
    assert.are_same(model.sorted(methods_of(control)), names_of(model.of(remote.description).methods))
  end)

  it("of idv is annotated", function()
    local documented = { _VERSION = true }
    for _, item in ipairs(public.functions()) do
      documented[item.name:match "%.([%w_]+)$"] = true
    end
    for _, name in ipairs(idv.providers()) do
      documented[name] = generated["lua/idv/types/idv.lua"]:find(("function idv.%s("):format(name), 1, true) ~= nil
    end
    for name in pairs(idv) do
      assert.is_true(documented[name], "idv." .. tostring(name))
    end
    for name in pairs(documented) do
      assert.is_not_nil(idv[name], "idv." .. name)
    end
  end)

  --- Says what a function's annotations leave out.
  local function check_function(item)
    assert.is_truthy(item.about ~= "", item.name .. " has no comment")
    local annotated = {}
    for _, param in ipairs(item.params) do
      annotated[param.name] = param
      assert.is_truthy(param.about ~= "", ("%s: %s is not explained"):format(item.name, param.name))
    end
    for _, argument in ipairs(item.arguments) do
      assert.is_truthy(annotated[argument], ("%s: %s has no @param"):format(item.name, argument))
    end
    assert.are_equal(#item.arguments, #item.params, item.name)
  end

  it("of idv, of tasks and of the modules beside it has its parameters explained", function()
    for _, item in ipairs(public.functions()) do
      check_function(item)
    end
    for _, item in ipairs(public.methods("lua/idv/task.lua", "idv.Task")) do
      check_function(item)
    end
    for _, module in ipairs(public.modules) do
      local found = public.read(module)
      assert.is_truthy(found.about ~= "", module.name)
      for _, list in ipairs { found.functions, found.methods } do
        for _, item in ipairs(list) do
          check_function(item)
        end
      end
    end
  end)

  it("that a class of these has is explained", function()
    for _, path in ipairs { "error", "events", "records", "transports", "webhook", "transport/record", "sandbox/remote" } do
      for _, class in ipairs(annotations.read(("lua/idv/%s.lua"):format(path)).classes) do
        assert.is_truthy(class.about ~= "", class.name)
        for _, field in ipairs(class.fields) do
          assert.is_truthy(field.about ~= "", ("%s.%s"):format(class.name, field.name))
        end
      end
    end
  end)

  it("of every file of idv that is called from another file has a comment and its parameters named", function()
    local lfs = require "lfs"
    for _, folder in ipairs { "lua/idv", "lua/idv/loop", "lua/idv/transport", "lua/idv/providers" } do
      for name in lfs.dir(folder) do
        if name:find "%.lua$" then
          for _, item in ipairs(annotations.read(folder .. "/" .. name).functions) do
            local is_plain = item.name:find "__" or item.name:find "^methods%." or not item.name:find "[.:]"
            assert.is_truthy(is_plain or item.about ~= "", ("%s: %s"):format(name, item.name))
            assert.is_truthy(is_plain or #item.params == #item.arguments, ("%s: %s"):format(name, item.name))
          end
        end
      end
    end
  end)
end)
