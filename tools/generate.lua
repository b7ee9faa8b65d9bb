--- Writes the generated files, types for editors and the reference: `make docs`.

local all = require("tools.reference.files").all()

local paths = {}
for path in pairs(all) do
  paths[#paths + 1] = path
end
table.sort(paths)

for _, path in ipairs(paths) do
  local file = assert(io.open(path, "wb"))
  assert(file:write(all[path]))
  assert(file:close())
  print("  DOC " .. path)
end
