-- luacheck: the same rules on every Lua that the sources are for.
std = "max"
max_line_length = 120
read_globals = { "ngx" }
files["spec"] = { std = "max+busted", max_line_length = false }
files["examples/**/*_spec.lua"] = { std = "max+busted" }
exclude_files = { "build" }
