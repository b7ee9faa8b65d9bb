--- idv: a report of 1 GiB saved to a file, with the memory that it takes.

local applicant = require "bench.applicant"
local idv = require "idv"
local meter = require "bench.meter"

return function(settings)
  local checkout = idv.checkout {
    secret_key = "sk_sbox_bench", environment = "sandbox", base_url = settings.url:match "^%w+://[^/]+",
    allow_http = true, timeout = 300,
  }
  local warm = applicant.provider(settings)
  applicant.check(warm:create_session(applicant.params))
  return function()
    os.remove(settings.option)
    collectgarbage()
    meter.most_memory()
    local before = meter.memory()
    local report, err = checkout:get_report("idv_1", { path = settings.option })
    assert(report and report.bytes == 1024 ^ 3, tostring(err))
    return { extra = meter.most_memory() - before }
  end
end
