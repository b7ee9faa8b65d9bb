--- Files for specs: whole at a time, missing ones are nil.

local lfs = require "lfs"

local files = {}

---@param path string
---@return string? bytes nil when there is no such file
function files.read(path)
  local file = io.open(path, "rb")
  local bytes = file and file:read "*a"
  if file then
    file:close()
  end
  return bytes
end

---@param path string
---@param bytes string
function files.write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

--- Names in a folder, sorted, hidden ones too.
---@param folder string
---@return string[]
function files.names_in(folder)
  local names = {}
  for name in lfs.dir(folder) do
    if name ~= "." and name ~= ".." then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

return files
