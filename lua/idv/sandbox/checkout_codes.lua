--- Checkout.com's response codes for identity verifications, and the summary that goes with each.
--
-- The provider may add codes at any time; one that is not listed here gets the summary `unlisted`.

local names = require "idv.providers.checkout_codes"

local codes = {}

--- A code as it stands in an answer.
---@param code integer
---@return {code: integer, summary: string}
function codes.entry(code)
  return { code = code, summary = names[code] or "unlisted" }
end

--- The code that goes with a summary, or with a code written in digits; nil when there is none.
---@param text string
---@return integer|nil
function codes.find(text)
  for code, name in pairs(names) do
    if name == text or tostring(code) == text then
      return code
    end
  end
  return nil
end

return codes
