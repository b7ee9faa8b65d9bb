--- Lines of a head that begin with a blank, which go on with the line before them.
---
--- A libcurl from 7.83 to 8.3 goes on with the last header of the answer before, in memory that it has freed, when a
--- handle is used again and no header has come yet: the process ends, not only the call.

local idv = require "idv"
local scripted = require "spec.support.scripted"

local ROUNDS = 40

local body = '{"session_record":{"id":"s1","status":"PENDING"}}'
local usual = scripted.answer("200 OK", "X-A: b\r\n", body)

-- {what is folded, the lines behind the status line}
local folded = {
  { "the first line, shortly", " x\r\n" },
  { "the first line, with a tab", "\tX-B: y\r\n" },
  { "the first line, with 5,000 bytes", " " .. ("x"):rep(5000) .. "\r\n" },
  { "the first ten lines", (" X-B: y\r\n"):rep(10) },
  { "a later line", "X-B: y\r\n " .. ("z"):rep(5000) .. "\r\n" },
  { "nothing but a blank", " \r\n" },
}

describe("an answer in whose head is folded", function()
  for _, case in ipairs(folded) do
    it(case[1] .. ", is read or refused, however many answers came before", function()
      local odd = scripted.answer("200 OK", case[2], body)
      local answers, errors = scripted.run(function(_, count)
        return count % 2 == 1 and usual or odd
      end, function(base)
        local deepidv = idv.deepidv { api_key = "k", base_url = base, allow_http = true, max_retries = 0 }
        local good, bad = 0, 0
        for _ = 1, ROUNDS do
          local session, err = deepidv:get_session "s1"
          good = good + (session and 1 or 0)
          bad = bad + (err and err.outcome == "unknown" and 1 or 0)
        end
        return good, bad
      end)
      assert.are_equal(ROUNDS, answers + errors)
      assert.is_true(answers >= ROUNDS / 2)
    end)
  end
end)
