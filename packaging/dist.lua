--- Makes what is published of a release: `lua packaging/dist.lua FOLDER` (or `make dist`).
---
--- For each rock a source archive with exactly the files that its build needs, beside it the rockspec, and the source
--- rock that holds the two, as `luarocks pack` would make it had the archive an address already; `luarocks install`
--- takes it by its path. The same tree gives the same archive, byte for byte.

package.path = "packaging/?.lua;" .. package.path
local rocks = require "rocks"

local folder = assert(arg[1], "usage: lua packaging/dist.lua FOLDER")

local function run(command, ...)
  local line = command:format(...)
  local pipe = assert(io.popen("{ " .. line .. "; } && echo done"))
  local last
  for output in pipe:lines() do
    last = output
  end
  pipe:close()
  assert(last == "done", line .. " failed")
end

local nobody_in_particular = "--owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --mtime=@0"

run("mkdir -p %s", folder)
for _, rock in ipairs(rocks.all()) do
  local stem = rock.name .. "-" .. rocks.version
  run("tar -c %s --transform 's,^,%s/,' %s | gzip -n >%s/%s.tar.gz", nobody_in_particular, stem,
    table.concat(rocks.files(rock), " "), folder, stem)
  run("cp rockspecs/%s-1.rockspec %s", stem, folder)
  run("cd %s && rm -f %s-1.src.rock && zip -q -X %s-1.src.rock %s-1.rockspec %s.tar.gz", folder, stem, stem, stem, stem)
  print(("%s/%s-1.src.rock"):format(folder, stem))
end
