--- A report archive: the PDF report of each verification in a list, one file each, in a folder.
---
---   lua examples/report_archive.lua FOLDER < ids
---
--- `ids` has one id (idv_...) in a line. A report is saved whole or not at all, so whatever is in the folder is
--- complete, and running the program again fetches only what is missing: it can be interrupted at any time. A file
--- beside each report names the attempts. CHECKOUT_SECRET_KEY has the key and CHECKOUT_ENVIRONMENT says which
--- environment; without a key it makes three verifications in the sandbox and archives those, twice.

local idv = require "idv"

local folder = arg[1] or os.getenv "TMPDIR" or "/tmp"

local function exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- Writes down which attempts there were: what the archive is asked for later.
local function save_attempts(checkout, id, path)
  local lines = {}
  for attempt, err in checkout:each_attempt(id) do
    if not attempt then
      return nil, err
    end
    lines[#lines + 1] = ("%s\t%s\n"):format(attempt.id, tostring(attempt.status))
  end
  local file, problem = io.open(path, "w")
  if not file then
    error(problem, 0)
  end
  file:write(table.concat(lines))
  file:close()
  return true
end

--- Archives one verification. Returns a word for what happened, or nil and an error.
local function archive(checkout, id)
  if not id:find "^idv_%w+$" then
    return "no id" -- it becomes the name of a file
  end
  local path = ("%s/%s.pdf"):format(folder, id)
  if exists(path) then
    return "there already"
  end
  local ok, err = save_attempts(checkout, id, ("%s/%s.attempts"):format(folder, id))
  if not ok then
    return nil, err
  end
  local report
  report, err = checkout:get_report(id, { path = path, timeout = 300 })
  return report and "saved", err
end

--- Goes through the ids. What does not exist yet is left for the next time; bad credentials end it at once.
local function run(checkout, ids)
  local counts, missing = {}, 0
  for _, id in ipairs(ids) do
    local word, err = archive(checkout, id)
    if word then
      counts[word] = (counts[word] or 0) + 1
    elseif err.kind == "auth" then
      error(tostring(err), 0)
    else
      missing = missing + 1
      io.stderr:write(("%s: %s\n"):format(id, tostring(err)))
    end
  end
  print(("%d saved, %d there already, %d not to be had yet"):format(counts.saved or 0, counts["there already"] or 0,
    missing))
  return missing == 0
end

-- ---- with a key, or in the sandbox ----

local function read_ids()
  local ids = {}
  for line in io.lines() do
    ids[#ids + 1] = line:match "%S+"
  end
  return ids
end

local function make_verification(checkout, sandbox, is_approved)
  local session = assert(checkout:create_session {
    declared_data = { name = "Ada Example" }, redirect_url = "https://shop.example/verified",
  })
  for _, status in ipairs(is_approved and { "capture_in_progress", "checks_in_progress", "approved" } or {}) do
    assert(sandbox.control:advance(session.id, status))
  end
  return session.id
end

local function show_in_sandbox()
  local sandbox = assert(require("idv.sandbox.remote").start(os.getenv "IDV_SANDBOX"))
  local checkout = idv.checkout { secret_key = "sk_sbox_demo", base_url = sandbox.https, ca_file = sandbox.ca_file }
  local ids = {}
  for i = 1, 3 do
    ids[i] = make_verification(checkout, sandbox, i < 3)
  end
  run(checkout, ids)
  for _, status in ipairs { "capture_in_progress", "checks_in_progress", "declined" } do
    assert(sandbox.control:advance(ids[3], status))
  end
  run(checkout, ids)
  sandbox:stop()
end

local key = os.getenv "CHECKOUT_SECRET_KEY"
if key then
  local checkout = idv.checkout { secret_key = key, environment = os.getenv "CHECKOUT_ENVIRONMENT" }
  os.exit(run(checkout, read_ids()) and 0 or 1)
end
show_in_sandbox()
