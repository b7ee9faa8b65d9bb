--- The PDF report of Checkout.com: found, fetched without credentials, saved whole or not at all.

local client = require "spec.support.client"
local files = require "spec.support.files"
local lfs = require "lfs"

local params = { declared_data = { name = "Hannah Bret" }, redirect_url = "https://me.example/back" }

local read, write, names_in = files.read, files.write, files.names_in

client.over_both("the report", function(scheme, control)
  local folder, path

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    path = folder .. "/report.pdf"
  end)

  after_each(function()
    for _, name in ipairs(names_in(folder)) do
      os.remove(folder .. "/" .. name)
    end
    lfs.rmdir(folder)
  end)

  --- A client and a verification that is approved.
  local function approved(options)
    local checkout = client.new(scheme, "checkout", options)
    local session = assert(checkout:create_session(params))
    control.advance(session.id, "approved")
    return checkout, session.id
  end

  for _, form in ipairs { "pdf_report", "signed_url", "pdf" } do
    it("comes as " .. form, function()
      control.settings { checkout = { report = form } }
      local checkout, id = approved()
      local report = assert(checkout:get_report(id, { path = path }))
      local bytes = read(path)
      assert.are_equal("%PDF-", bytes:sub(1, 5))
      assert.are_equal(#bytes, report.bytes)
      assert.are_equal(path, report.path)
      assert.are_equal("application/pdf", report.content_type)
      assert.is_nil(report.content)
      assert.are_equal("rw-------", lfs.attributes(path, "permissions"))
      assert.are_same({ "report.pdf" }, names_in(folder))
      local in_memory = assert(checkout:get_report(id))
      assert.are_equal(bytes, in_memory.content)
      assert.are_equal("checkout report " .. id, tostring(in_memory))
    end)
  end

  it("is fetched from the storage without credentials", function()
    local checkout, id = approved()
    assert(checkout:get_report(id, { path = path }))
    local entries = control.journal { path = "/_storage" }
    assert.are_equal(1, #entries)
    for _, header in ipairs(entries[1].headers) do
      assert.are_not_equal("authorization", header[1]:lower())
    end
  end)

  it("tells its progress", function()
    control.settings { checkout = { report_bytes = 64 * 1024 * 1024 } }
    local checkout, id = approved()
    local told = {}
    local report = assert(checkout:get_report(id, {
      path = path, on_progress = function(bytes, total) told[#told + 1] = { bytes, total } end,
    }))
    assert.is_true(#told >= 2)
    assert.are_same({ report.bytes, report.bytes }, told[#told])
    for i = 2, #told do
      assert.is_true(told[i][1] >= told[i - 1][1])
      assert.are_equal(report.bytes, told[i][2])
    end
    assert.are_equal(report.bytes, lfs.attributes(path, "size"))
  end)

  it("is larger than max_response_bytes only on disk", function()
    control.settings { checkout = { report_bytes = 2 * 1024 * 1024 } }
    local checkout, id = approved { max_response_bytes = 1024 * 1024 }
    assert(checkout:get_report(id, { path = path }))
    local report, err = checkout:get_report(id)
    assert.is_nil(report)
    assert.are_equal("protocol", err.kind)
  end)

  it("does not exist before the verdict, which is said clearly", function()
    local checkout = client.new(scheme, "checkout")
    local session = assert(checkout:create_session(params))
    local report, err = checkout:get_report(session.id, { path = path })
    assert.is_nil(report)
    assert.are_equal("not_found", err.kind)
    assert.are_equal("get_report", err.operation)
    assert.is_truthy(err.message:find "there is no report yet")
    control.settings { checkout = { report_ready = false } }
    control.advance(session.id, "approved")
    report, err = checkout:get_report(session.id, { path = path })
    assert.is_nil(report)
    assert.are_equal("not_found", err.kind)
    assert.are_same({}, names_in(folder))
  end)

  it("replaces an older file in one step, and leaves it alone when it fails", function()
    local checkout, id = approved()
    write(path, "old")
    control.fault { path = "/_storage", truncate = 100, times = 9 }
    local report, err = checkout:get_report(id, { path = path })
    assert.is_nil(report)
    assert.are_equal("network", err.kind)
    assert.are_equal("old", read(path))
    assert.are_same({ "report.pdf" }, names_in(folder))
    control.clear_faults()
    assert(checkout:get_report(id, { path = path }))
    assert.are_equal("%PDF-", read(path):sub(1, 5))
  end)

  it("leaves nothing behind whatever happens", function()
    local checkout, id = approved { max_retries = 1 }
    for _, fault in ipairs {
      { reset = true }, { close = true }, { truncate = 0 }, { truncate = 300 }, { status = 500 }, { status = 403 },
      { status = 200, body = "<html>not a report</html>", headers = { ["Content-Type"] = "text/html" } },
      { status = 200, body = "", headers = { ["Content-Type"] = "application/pdf" } }, { garbage = true },
    } do
      fault.path, fault.times = "/_storage", 9
      control.fault(fault)
      local report, err = checkout:get_report(id, { path = path })
      assert.is_nil(report)
      assert.is_truthy(err.kind ~= "validation", tostring(err))
      assert.are_same({}, names_in(folder))
      control.clear_faults()
    end
  end)

  it("is fetched again after a break in the middle", function()
    control.settings { checkout = { report_bytes = 1024 * 1024 } }
    local checkout, id = approved()
    control.fault { path = "/_storage", truncate = 500000, times = 1 }
    local report = assert(checkout:get_report(id, { path = path }))
    assert.are_equal(report.bytes, lfs.attributes(path, "size"))
    assert.are_equal(2, control.count { path = "/_storage" })
  end)

  it("is an error of what the storage says, which may be about the moment only", function()
    for status, wanted in pairs {
      [500] = { "server", "unknown", true }, [503] = { "server", "unknown", true }, [429] = { "rate_limited", "refused", true },
      [403] = { "rejected", "refused", false }, [300] = { "protocol", "unknown", false }, [304] = { "protocol", "unknown", false },
    } do
      local checkout, id = approved { max_retries = 0 }
      control.fault { path = "/_storage", status = status, times = 9, body = status ~= 304 and "<Error/>" or nil }
      local report, err = checkout:get_report(id, { path = path })
      assert.is_nil(report)
      assert.are_same({ status, wanted[1], wanted[2], wanted[3] }, { err.status, err.kind, err.outcome, err.retryable })
      assert.are_same({}, names_in(folder))
      control.clear_faults()
    end
  end)

  it("asks for a fresh address when the old one has expired", function()
    local checkout, id = approved()
    control.fault { path = "/_storage", status = 403, times = 1, body = "<Error>Request has expired</Error>" }
    assert(checkout:get_report(id, { path = path }))
    assert.are_equal(2, control.count { path = "/_storage" })
    assert.are_equal(2, control.count { path = "/identity-verifications/" .. id .. "/pdf-report" })
  end)

  it("is not even asked for when it can not be saved", function()
    local checkout, id = approved()
    control.clear_journal()
    write(folder .. "/plain", "x")
    for _, case in ipairs {
      { folder .. "/none/report.pdf", "folder does not exist" }, { folder .. "/plain/report.pdf", "folder does not exist" },
      { folder, "not a plain file" }, { folder .. "/", "must name a file" }, { "", "is empty" },
    } do
      local report, err = checkout:get_report(id, { path = case[1] })
      assert.is_nil(report)
      assert.are_equal("validation", err.kind)
      assert.are_equal("options.path", err.details[1].field)
      assert.is_truthy(err.details[1].message:find(case[2]), err.message)
    end
    assert.are_equal(0, control.count {})
  end)

  it("does not follow a symbolic link", function()
    local checkout, id = approved()
    write(folder .. "/target", "precious")
    assert(lfs.link(folder .. "/target", path, true))
    local report, err = checkout:get_report(id, { path = path })
    assert.is_nil(report)
    assert.is_truthy(err.message:find "symbolic link")
    assert.are_equal("precious", read(folder .. "/target"))
  end)

  it("of deepIDV is JSON, in memory and on disk", function()
    local deepidv = client.new(scheme, "deepidv")
    local session = assert(deepidv:create_session {
      first_name = "Ada", last_name = "Example", email = "ada@example.com", phone = "+15192223333",
    })
    assert.is_nil(assert(deepidv:get_report(session.id)).analysis)
    control.advance(session.id, "VERIFIED")
    local report = assert(deepidv:get_report(session.id, { path = path }))
    assert.are_equal(path, report.path)
    assert.is_true(report.analysis.id_matches_selfie)
    assert.are_equal(report.bytes, #read(path))
    assert.is_truthy(read(path):find('"session_record"', 1, true))
    assert.are_equal("rw-------", lfs.attributes(path, "permissions"))
    local _, err = deepidv:get_report(session.id, { path = folder .. "/none/x" })
    assert.are_equal("validation", err.kind)
  end)
end)
