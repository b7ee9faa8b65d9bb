--- Reports on a disk that does not do what it should: a whole file under its name or none, the old one untouched,
--- nothing left behind, and an error that says why.

local client = require "spec.support.client"
local level = require "spec.support.level"
local files = require "spec.support.files"
local lfs = require "lfs"
local sandbox = require "spec.support.sandbox"

local MIB = 1024 * 1024
local params = { declared_data = { name = "Hannah Bret" }, redirect_url = "https://me.example/back" }

-- ---- files ----

local read, write, names_in = files.read, files.write, files.names_in

local function run(command)
  return sandbox.tool(command)
end

local function free_bytes(folder)
  local _, output = run("df --output=avail -B1 " .. folder)
  return tonumber(output:match "(%d+)%s*$")
end

-- ---- specs ----

describe("a report that is saved", function()
  local control = sandbox.shared().control
  local folder, path

  before_each(function()
    control.reset()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    path = folder .. "/report.pdf"
  end)

  after_each(function()
    run(("umount %s 2>/dev/null; chattr -i %s 2>/dev/null; rm -rf %s"):format(folder, folder, folder))
  end)

  --- Puts a small disk of its own into the folder. False where this user may not.
  local function mount(options)
    return (run(("mount -t tmpfs -o %s idv-spec %s"):format(options, folder))) == 0
  end

  --- A verification with a report of that size.
  local function approved(bytes)
    control.settings { checkout = { report_bytes = bytes } }
    local checkout = client.new("http", "checkout", { max_retries = 0 })
    local session = assert(checkout:create_session(params))
    control.advance(session.id, "approved")
    return checkout, session.id
  end

  --- Runs a program of its own that saves the report. `before` is shell in front of the interpreter, `options` what
  --- get_report gets besides the path.
  local function save_elsewhere(id, before, options)
    local program = folder .. "-program.lua"
    write(program, ([[
      local files = require "spec.support.files"
local idv = require "idv"
      local checkout = idv.checkout { secret_key = "sk_sbox_key", base_url = %q, allow_http = true, max_retries = 0 }
      local options = %s
      options.path = %q
      local report, err = checkout:get_report(%q, options)
      io.write(report and "saved" or err.kind .. ": " .. err.message)
    ]]):format(sandbox.shared().http, options or "{}", path, id))
    local status, output = sandbox.shell(("%s %s %s"):format(before, sandbox.interpreter(), program))
    os.remove(program)
    return status, output
  end

  it("on a disk that gets full is an error, the old file stays, and the space is given back at once", function()
    if not mount "size=256k" then
      return pending "this user may not mount a disk"
    end
    local checkout, id = approved(MIB)
    write(path, "old")
    local space, descriptors = free_bytes(folder), level.descriptors()
    collectgarbage "stop" -- a program that goes on must not have to wait for the collector
    local report, err = checkout:get_report(id, { path = path })
    local space_after, descriptors_after = free_bytes(folder), level.descriptors()
    collectgarbage "restart"
    assert.is_nil(report)
    assert.are_equal("file", err.kind)
    assert.are_equal("the disk is full", err.message)
    assert.are_equal("old", read(path))
    assert.are_same({ "report.pdf" }, names_in(folder))
    assert.are_equal(space, space_after)
    assert.is_true(descriptors_after <= descriptors + 1) -- the kept-alive connection
    control.settings { checkout = { report_bytes = 64 * 1024 } }
    assert(checkout:get_report(id, { path = path }))
    assert.are_equal("%PDF-", read(path):sub(1, 5))
  end)

  it("as JSON on a disk that gets full is an error too", function()
    if not mount "size=4k" then
      return pending "this user may not mount a disk"
    end
    local deepidv = client.new("http", "deepidv")
    local session = assert(deepidv:create_session {
      first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
    })
    write(folder .. "/other", ("x"):rep(4096))
    local report, err = deepidv:get_report(session.id, { path = path })
    assert.is_nil(report)
    assert.are_equal("file", err.kind)
    assert.are_equal("the disk is full", err.message)
    assert.are_same({ "other" }, names_in(folder))
  end)

  it("beyond the size that files may have is an error", function()
    local _, id = approved(MIB)
    write(path, "old")
    local status, output = save_elsewhere(id, "trap '' XFSZ; ulimit -f 128;")
    assert.are_equal(0, status)
    assert.are_equal("file: the file would be larger than the system allows", output)
    assert.are_equal("old", read(path))
    assert.are_same({ "report.pdf" }, names_in(folder))
  end)

  it("to a disk that can only be read is refused before anything is asked for", function()
    if not mount "ro" then
      return pending "this user may not mount a disk"
    end
    local checkout, id = approved(MIB)
    control.clear_journal()
    local report, err = checkout:get_report(id, { path = path })
    assert.is_nil(report)
    assert.are_equal("validation", err.kind)
    assert.are_equal("options.path", err.details[1].field)
    assert.is_truthy(err.message:find("the file system is read-only", 1, true), err.message)
    assert.are_equal(0, control.count {})
  end)

  it("to a folder that may not be written to is refused before anything is asked for", function()
    local _, id = approved(MIB)
    assert(run("chmod 555 " .. folder))
    control.clear_journal()
    local drop = run "id -u | grep -qx 0" == 0 and "setpriv --reuid 65534 --clear-groups" or ""
    local status, output = save_elsewhere(id, drop)
    assert.are_equal(0, status, output)
    assert.is_truthy(output:find "^validation: .*the folder can not be written to", output)
    assert.are_same({}, names_in(folder))
    assert.are_equal(0, control.count {})
  end)

  it("is in nobody's way until it is complete", function()
    local checkout, id = approved(16 * MIB)
    write(path, "old")
    assert(lfs.link(path, folder .. "/also")) -- whoever has the old file keeps it
    local seen = {}
    assert(checkout:get_report(id, { path = path, on_progress = function(bytes, total)
      if bytes < total then
        seen[#seen + 1] = read(path) .. " " .. table.concat(names_in(folder), " ")
      end
    end }))
    assert.is_true(#seen > 0)
    for _, sight in ipairs(seen) do
      assert.are_equal("old also report.pdf", sight)
    end
    assert.are_equal(16 * MIB, math.floor(lfs.attributes(path, "size") / MIB + 0.5) * MIB)
    assert.are_equal("old", read(folder .. "/also"))
  end)

  it("does not follow a symbolic link that is put in its way meanwhile", function()
    local checkout, id = approved(16 * MIB)
    write(folder .. "/target", "precious")
    local report, err = checkout:get_report(id, { path = path, on_progress = function()
      lfs.link(folder .. "/target", path, true)
    end })
    assert.is_nil(report)
    assert.are_equal("file", err.kind)
    assert.is_truthy(err.message:find("symbolic link", 1, true), err.message)
    assert.are_equal("precious", read(folder .. "/target"))
    assert.are_equal("link", lfs.symlinkattributes(path, "mode"))
    assert.are_same({ "report.pdf", "target" }, names_in(folder))
  end)

  it("does not replace what is no plain file", function()
    local checkout, id = approved(MIB)
    assert.are_equal(0, (run("mkfifo " .. path)))
    for _, name in ipairs { path, "/dev/null", folder } do
      local report, err = checkout:get_report(id, { path = name })
      assert.is_nil(report)
      assert.are_equal("validation", err.kind)
      assert.is_truthy(err.message:find("not a plain file", 1, true), err.message)
    end
    assert.are_equal("named pipe", lfs.attributes(path, "mode"))
  end)

  it("into a folder that is removed meanwhile is an error", function()
    local checkout, id = approved(16 * MIB)
    local report, err = checkout:get_report(id, { path = path, on_progress = function()
      lfs.rmdir(folder)
    end })
    assert.is_nil(report)
    assert.are_equal("file", err.kind)
    assert.are_equal("the folder does not exist", err.message)
  end)

  -- The program kills itself when the first part of the report has come: nothing of it runs any more after that.
  for _, case in ipairs { { "an old file stays as it was", "old" }, { "nothing appears", nil } } do
    it("by a program that is killed half way does no harm: " .. case[1], function()
      local _, id = approved(16 * MIB)
      if case[2] then
        write(path, case[2])
      end
      local status, output = save_elsewhere(id, "", [[{ on_progress = function() os.execute "kill -9 $PPID" end }]])
      assert.are_equal(128 + 9, status)
      assert.is_nil(output:find "saved")
      assert.are_equal(case[2], read(path))
      assert.are_same({ case[2] and "report.pdf" }, names_in(folder))
    end)
  end
end)
