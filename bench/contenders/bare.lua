--- The least that a call from Lua can be: lua-cjson writes and reads, libcurl in C carries, nothing is checked.

local applicant = require "bench.applicant"
local bare = require "bench.bare"
local cjson = require "cjson"

return function()
  return function(calls)
    for _ = 1, calls do
      applicant.check(cjson.decode(bare.post(cjson.encode(applicant.fields()))))
    end
  end
end
