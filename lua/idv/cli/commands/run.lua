--- `idv run`: runs a Lua program that uses idv, with the Lua and the modules that this command itself has.
---
--- The program sees `arg` as it would from the interpreter. A mistake in it ends with its traceback and 1.

local failure = require "idv.cli.failure"
local status = require "idv.cli.status"

local run = {
  name = "run",
  usage = { "run FILE.lua [ARGUMENTS]", "run - [ARGUMENTS]" },
  about = "Runs a Lua program that finds idv, in a clone too",
  text = "`-` reads the program from stdin. What stands behind FILE goes to the program, as arg[1] and so on.",
  takes_raw_words = true,
}

--- The words as an interpreter gives them to a program: itself below 0, the program at 0.
local function words_of_program(words)
  local all = { [-1] = arg[-1], [0] = words[1] }
  for i = 2, #words do
    all[i - 1] = words[i]
  end
  return all
end

local function trace(thrown)
  return type(thrown) == "string" and debug.traceback(thrown, 2) or thrown
end

function run.run(words)
  if words[1] == "--help" or words[1] == "-h" then
    io.stdout:write(require("idv.cli.help").of_command(run))
    return status.OK
  elseif not words[1] then
    failure.usage "which file?"
  end
  local chunk, why = loadfile(words[1] ~= "-" and words[1] or nil)
  if not chunk then
    io.stderr:write("idv run: ", why, "\n")
    return status.MISTAKE
  end
  _G.arg = words_of_program(words)
  local unpack = table.unpack or unpack -- luacheck: ignore 143 113
  local ok, thrown = xpcall(function() return chunk(unpack(_G.arg)) end, trace)
  if not ok then
    io.stderr:write("idv run: ", tostring(thrown), "\n")
    return status.MISTAKE
  end
  return status.OK
end

--- What may stand at a place.
function run.complete(place)
  return place == 1 and { ":files" } or {}
end

return run
