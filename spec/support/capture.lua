--- A transport for specs: keeps every request it is given and answers from a function or a fixed answer.

local capture = {}

--- Makes a transport. `answer` is a table, or a function of the request that returns what a transport returns.
---@param answer table|function
---@return table  callable; its list part holds the requests
function capture.new(answer)
  local requests = {}
  return setmetatable(requests, {
    __call = function(_, request)
      requests[#requests + 1] = request
      if type(answer) == "function" then
        return answer(request, #requests)
      end
      return answer
    end,
  })
end

--- A JSON answer.
---@param status integer
---@param body string
---@param headers table?
---@return table
function capture.json(status, body, headers)
  local all = { ["Content-Type"] = "application/json" }
  for name, value in pairs(headers or {}) do
    all[name] = value
  end
  return { status = status, headers = all, body = body }
end

--- The value of a header of a request, or nil.
function capture.header(request, name)
  for _, header in ipairs(request.headers) do
    if header[1]:lower() == name:lower() then
      return header[2]
    end
  end
end

return capture
