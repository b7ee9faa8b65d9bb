-- luacheck: the same rules on every Lua that the sources are for.
std = "max"
max_line_length = 120
read_globals = { "ngx" }
files["examples/openresty"] = { globals = { "ngx" } } -- handlers set ngx.status and ngx.header
files["examples/testing"] = { std = "max+busted" }
files["spec"] = { std = "max+busted", max_line_length = false }
files["examples/**/*_spec.lua"] = { std = "max+busted" }
exclude_files = { "build" }
files["lua/idv/types"] = { max_line_length = false, unused = false, unused_args = false, redefined = false }
