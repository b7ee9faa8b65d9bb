--- Descriptions are checked when they are loaded: every slip throws, with its place.

local description = require "idv.description"
local records = require "idv.records"

--- A small description that is right, to be spoilt.
local function fresh()
  return {
    name = "acme", title = "Acme", source = "a page", base_url = "https://api.acme.test", options = {},
    refusal = { message = { "message" }, code = { "code" } },
    statuses = { OK = "approved" },
    operations = {
      get_thing = {
        about = "Gets it.", source = "a page", method = "GET", path = "/things/{id}", safe = true, arguments = { "id" },
        parameters = { { name = "id", type = "token", required = true, about = "Id" } },
        answer = { record = "session", fields = { id = "id", status = "state.name" }, required = { "id" } },
      },
    },
  }
end

--- Has the answer read by a hook, with this evidence.
local function read_by_hook(evidence)
  return function(d)
    local operation = d.operations.get_thing
    operation.answer, operation.read, operation.record, operation.evidence = nil, print, "session", evidence
  end
end

-- what is spoilt, how, pattern of the message
local slips = {
  { "an unknown key", function(d) d.color = "red" end, "acme: unknown key 'color'" },
  { "an unknown key of an operation", function(d) d.operations.get_thing.retry = true end, "unknown key 'retry'" },
  { "an unknown key of a parameter", function(d) d.operations.get_thing.parameters[1].optional = true end, "unknown key 'optional'" },
  { "an unknown type", function(d) d.operations.get_thing.parameters[1].type = "uuid" end, "unknown type 'uuid'" },
  { "a path without its slash", function(d) d.operations.get_thing.path = "things/{id}" end, "must begin with '/'" },
  { "a brace that is not closed", function(d) d.operations.get_thing.path = "/things/{id" end, "matching braces" },
  { "a placeholder without parameter", function(d) d.operations.get_thing.path = "/things/{other}" end, "names '{other}'" },
  { "an optional placeholder", function(d) d.operations.get_thing.parameters[1].required = nil end, "must be a required text" },
  { "a method that is none", function(d) d.operations.get_thing.method = "FETCH" end, "unknown method 'FETCH'" },
  { "a missing method", function(d) d.operations.get_thing.method = nil end, "'method' is missing" },
  { "a missing class", function(d) d.operations.get_thing.safe = nil end, "'safe' is missing" },
  { "a missing source", function(d) d.operations.get_thing.source = nil end, "'source' is missing" },
  { "an encoding that is none", function(d) d.operations.get_thing.encoding = "xml" end, "unknown encoding 'xml'" },
  { "no way to read the answer", function(d) d.operations.get_thing.answer = nil end, "needs either" },
  { "two ways to read the answer", function(d) d.operations.get_thing.read = print end, "needs either" },
  { "a record that is none", function(d) d.operations.get_thing.answer.record = "thing" end, "unknown record 'thing'" },
  { "a required field that is not there", function(d) d.operations.get_thing.answer.required = { "url" } end, "'url' is not described" },
  { "an answer without evidence", function(d) d.operations.get_thing.answer.required = nil end, "'required' is missing" },
  { "an answer whose evidence is empty", function(d) d.operations.get_thing.answer.required = {} end, "'required' is missing" },
  { "an answer that may be empty", function(d) d.operations.get_thing.answer.may_be_empty = true end, "unknown key 'may_be_empty'" },
  { "evidence for an answer that has its own", function(d) d.operations.get_thing.evidence = { { json = { "id" } } } end, "is its 'required'" },
  { "a hook without evidence", read_by_hook(nil), "'evidence' is missing" },
  { "a hook whose evidence is empty", read_by_hook {}, "'evidence' is missing" },
  { "evidence that is no list of proofs", read_by_hook { "id" }, "list of proofs" },
  { "a status as evidence", read_by_hook { { status = 200 } }, "proves nothing" },
  { "a proof of a wrong type", read_by_hook { { json = "id" } }, "'json' must be a table" },
  { "a proof that names nothing", read_by_hook { { json = {} } }, "'json' must be a table that is not empty" },
  { "a proof that is none", read_by_hook { { body = { "id" } } }, "unknown key 'body'" },
  { "a part of an answer for a success", function(d) d.operations.get_thing.success = { 206 } end, "206 is not a success" },
  { "an answer without a body for a success", function(d) d.operations.get_thing.success = { 200, 204 } end, "204 is not a success" },
  { "a redirect for a success of an answer", function(d) d.operations.get_thing.success = { 302 } end, "302 is not a success" },
  { "an error for a success", function(d) d.operations.get_thing.success = { 404 } end, "404 is not a success" },
  { "an echo of no argument", function(d) d.operations.get_thing.answer.echo = { id = "other" } end, "not an argument" },
  { "a comparison with no argument", function(d) d.operations.get_thing.answer.same = { id = "other" } end, "not an argument" },
  { "a redirect without evidence", function(d) d.redirect = { read = print, about = "" } end, "'evidence' is missing" },
  { "a redirect that its path proves", function(d)
    d.redirect = { read = print, about = "", evidence = { { redirect = { "/*" } } } }
  end, "unknown key 'redirect'" },
  { "a status without statuses", function(d) d.statuses = nil end, "needs the provider's 'statuses'" },
  { "a status that is none", function(d) d.statuses.OK = "fine" end, "'OK' becomes 'fine'" },
  { "an argument without parameter", function(d) d.operations.get_thing.arguments = { "id", "x" } end, "argument 'x'" },
  { "a name used twice", function(d)
    table.insert(d.operations.get_thing.parameters, { name = "x", also = { "id" }, type = "text", about = "" })
  end, "'id' is used twice" },
  { "a parameter called extra", function(d)
    table.insert(d.operations.get_thing.parameters, { name = "extra", type = "text", about = "" })
  end, "'extra' is used twice" },
  { "an enum without values", function(d) d.operations.get_thing.parameters[1].type = "enum" end, "enum needs values" },
  { "an object without fields", function(d) d.operations.get_thing.parameters[1].type = "object" end, "object needs fields" },
  { "values without enum", function(d) d.operations.get_thing.parameters[1].values = { "a" } end, "enum needs values" },
  { "a choice of something else", function(d) d.operations.get_thing.choice = { "nope" } end, "names 'nope'" },
  { "a body parameter in a GET", function(d)
    table.insert(d.operations.get_thing.parameters, { name = "x", type = "text", about = "", place = "body" })
  end, "can not be in the body" },
  { "an option of an unknown type", function(d) d.options.key = { type = "uuid", about = "" } end, "unknown type 'uuid'" },
  { "a form that tells of no option", function(d)
    d.options.key = { type = "string", about = "", tells = { place = {} } }
  end, "names 'place', which is not an option" },
  { "a form that is none", function(d)
    d.options.key = { type = "string", about = "", tells = { key = { { value = "a", pattern = "b" } } } }
  end, "key.tells: 'example' is missing" },
  { "a form of something that has none", function(d)
    d.options.key = { type = "boolean", about = "", tells = { key = {} } }
  end, "only a string tells" },
  { "headers that are no list of pairs", function(d) d.headers = { Accept = "x", [1] = "y" } end, "list of {name, value}" },
  { "a name that is none", function(d) d.name = "Acme Inc" end, "the name must be" },
  { "a way to authenticate that is none", function(d) d.auth = { { scheme = "magic" } } end, "unknown scheme of 'auth'" },
  { "a credential that is no option", function(d) d.auth = { { scheme = "bearer", token = "key" } } end, "'auth' needs 'token'" },
  { "a header without its name", function(d)
    d.options.key = { type = "string", about = "" }
    d.auth = { { scheme = "header", value = "key" } }
  end, "'auth' needs 'name'" },
  { "no address", function(d) d.base_url = nil end, "needs 'base_url'" },
  { "a method that is only a function", function(d) d.methods = { get_report = print } end, "must be a table" },
  { "a method without its operation", function(d)
    d.methods = { x = { run = print, about = "", source = "", performs = "nope", record = "report" } }
  end, "performs 'nope'" },
  { "a record for readers that is none", function(d) d.records = { thing = {} } end, "unknown record 'thing'" },
  { "a field for readers without words", function(d) d.records = { session = { x = { type = "string" } } } end, "session.x: 'about' is missing" },
  { "an error that is no status", function(d) d.operations.get_thing.errors = { oops = "x" } end, "errors are HTTP statuses" },
  { "a missing refusal", function(d) d.refusal = nil end, "'refusal' is missing" },
}

describe("a description", function()
  it("that is right is taken", function()
    local plain = description.check(fresh(), records.metatables)
    assert.are_equal("path", plain.get_thing.parameters[1].place)
    assert.are_same({ { "state", "name" } }, plain.get_thing.answer.fields[2].paths)
  end)

  for _, slip in ipairs(slips) do
    it("with " .. slip[1] .. " throws", function()
      local spoilt = fresh()
      slip[2](spoilt)
      local ok, message = pcall(description.check, spoilt, records.metatables)
      assert.is_false(ok)
      assert.is_truthy(message:find(slip[3], 1, true), message)
    end)
  end
end)

describe("what only a JSON body can say", function()
  local function with(encoding, parameter, path)
    local spoilt = fresh()
    spoilt.operations.make_thing = {
      about = "Makes it.", source = "a page", method = "POST", path = path or "/things", safe = false, encoding = encoding,
      parameters = { { name = "type", type = "text", about = "Type" }, parameter },
      answer = { record = "session", fields = { id = "id" }, required = { "id" } },
    }
    return pcall(description.check, spoilt, records.metatables)
  end

  local options = {
    name = "options", type = "object", about = "Options", fields = { { name = "a", type = "integer", about = "A" } },
  }
  local note = { name = "note", type = "text", nullable = true, about = "Note" }

  local holders = {
    { "form", "a form" }, { nil, "a query" }, { "none", "a query" }, { { "form", "json" }, "a form" },
    { { "json", "form" }, "a form" }, { { "json", "none" }, "a query" }, { { "none", "json" }, "a query" },
    { { "form" }, "a form" },
  }

  for _, case in ipairs(holders) do
    local encoding = type(case[1]) == "table" and table.concat(case[1], " or ") or tostring(case[1])
    it("throws in an operation of another encoding: " .. encoding, function()
      local ok, message = with(case[1], options)
      assert.is_false(ok)
      assert.are_equal("description of acme.make_thing: 'options' is an object, which needs a JSON body; " .. case[2]
        .. " cannot hold one", message)
      ok, message = with(case[1], note)
      assert.is_false(ok)
      assert.are_equal("description of acme.make_thing: 'note' may be null, which needs a JSON body; " .. case[2]
        .. " cannot say it", message)
    end)
  end

  it("throws in a path, whatever the encoding", function()
    local ok, message = with("json", { name = "note", type = "text", nullable = true, required = true, about = "" }, "/x/{note}")
    assert.is_false(ok)
    assert.is_truthy(message:find("'note' may be null, which needs a JSON body; a path cannot say it", 1, true), message)
    ok, message = with("json", { name = "options", type = "object", fields = {}, required = true, about = "" }, "/x/{options}")
    assert.is_false(ok)
    assert.is_truthy(message:find("must be a required text", 1, true), message)
  end)

  it("throws for every object, required or an argument, also where an object lies in it", function()
    for _, changes in ipairs {
      { required = true }, { sensitive = true }, { sends = "Options" },
      { fields = { { name = "inner", type = "object", about = "", fields = {} } } },
    } do
      local parameter = {}
      for _, set in ipairs { options, changes } do
        for key, value in pairs(set) do
          parameter[key] = value
        end
      end
      assert.is_false((with("form", parameter)))
      assert.is_true((with("json", parameter)))
    end
  end)

  it("is taken in a JSON body, at every level", function()
    assert(with("json", options))
    assert(with({ "json" }, note))
    assert(with("json", { name = "o", type = "object", about = "", fields = { note, options } }))
  end)

  it("is asked of a provider that a program describes, before there is an object", function()
    local described = fresh()
    described.operations.get_thing.parameters[2] = options
    local ok, message = pcall(require("idv").provider, described, {})
    assert.is_false(ok)
    assert.is_truthy(message:find "needs a JSON body")
  end)
end)
