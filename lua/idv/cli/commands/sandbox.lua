--- `idv sandbox`: serves the four providers on this machine, until it is interrupted.

local arguments = require "idv.cli.arguments"
local failure = require "idv.cli.failure"

local sandbox = {
  name = "sandbox",
  usage = { "sandbox [--port N] [--tls-port N] [--ca-file PATH] [--host NAME] [--simulator FILE] [OPTIONS]" },
  about = "Serves the four providers on this machine, to try things without keys",
  options = {
    { name = "port", value = "N", about = "Port for plain HTTP; any that is free when left out" },
    { name = "tls-port", value = "N", about = "Port for HTTPS, the same way" },
    { name = "ca-file", value = "PATH", type = "file", about = "Where to write the certificate to trust" },
    { name = "host", value = "NAME", about = "A name that leads to it, besides localhost and 127.0.0.1" },
    { name = "simulator", value = "FILE", type = "file", about = "A simulator of your own beside the four" },
    { name = "exit-with-parent", about = "End with the program that started it" },
    { name = "quiet", about = "No log on stderr" },
  },
  text = [[
It prints one line of JSON with its addresses and serves until Ctrl-C. Any credential of the right shape is good:
  DEEPIDV_API_KEY=live_1 idv call deepidv check_credentials --base-url http://127.0.0.1:PORT]],
}

function sandbox.run(rest, given)
  arguments.expect(rest, {})
  local is_there, program = pcall(require, "idv.sandbox.program")
  if not is_there or not pcall(require, "idv.httpd") then
    failure.setup "the sandbox is not installed: luarocks install idv-sandbox"
  end
  local words = {}
  for _, option in ipairs(sandbox.options) do
    local value = given[option.name:gsub("-", "_")]
    if value then
      words[#words + 1] = "--" .. option.name
      words[#words + 1] = option.value and value or nil
    end
  end
  program.main(words)
end

return sandbox
