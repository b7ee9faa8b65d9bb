--- The program that serves the sandbox: its arguments, its one line, its end. bin/idv-sandbox and `idv sandbox` run it.
--
-- Prints one line of JSON on stdout with everything a program needs to use it, then serves until SIGINT or
-- SIGTERM. The authority's certificate is written to a file because clients want one; keys never are.

local program = {}

local usage = [[
usage: idv-sandbox [options]
  --port N             plain HTTP port on 127.0.0.1; 0 (the default): any that is free
  --tls-port N         HTTPS port, the same way
  --ca-file PATH       where to write the certificate that signs the HTTPS one; without it a file in a
                       temporary folder, which is removed at the end
  --host NAME          a name that leads to the sandbox, besides localhost and 127.0.0.1; may be given again
  --simulator FILE     a simulator of your own beside the four, a Lua file; may be given again
  --exit-with-parent   end when the process that started this one ends, or closes the pipe in which it
                       reads the output of this one
  --quiet              no log on stderr
  --help               this text
]]

-- Leaves with everything freed (Lua 5.1 has no means for that and leaves it to the system).
local function leave(status)
  os.exit(status, true)
end

local function refuse_arguments(message)
  io.stderr:write("idv-sandbox: ", message, "\n", usage)
  leave(2)
end

local function port_of(text, name)
  local number = text and text:match("^%d+$") and tonumber(text)
  if not number or number > 65535 then
    refuse_arguments(name .. " needs a port number")
  end
  return number
end

-- What each option does with the options read so far, and with the word after it.
local readers = {
  ["--port"] = function(options, word) options.port = port_of(word, "--port") return true end,
  ["--tls-port"] = function(options, word) options.tls_port = port_of(word, "--tls-port") return true end,
  ["--ca-file"] = function(options, word)
    options.ca_file = word or refuse_arguments("--ca-file needs a path")
    return true
  end,
  ["--simulator"] = function(options, word)
    options.simulators[#options.simulators + 1] = word or refuse_arguments("--simulator needs a file")
    return true
  end,
  ["--host"] = function(options, word)
    options.hosts[#options.hosts + 1] = word or refuse_arguments("--host needs a name")
    return true
  end,
  ["--exit-with-parent"] = function(options) options.exit_with_parent = true end,
  ["--quiet"] = function(options) options.quiet = true end,
  ["--help"] = function() io.stdout:write(usage) leave(0) end,
}

local function read_arguments(words)
  local options, i = { port = 0, tls_port = 0, simulators = {}, hosts = {} }, 1
  while words[i] do
    local reader = readers[words[i]] or refuse_arguments("unknown argument '" .. words[i] .. "'")
    i = i + (reader(options, words[i + 1]) and 2 or 1)
  end
  return options
end

local function fail(message)
  io.stderr:write("idv-sandbox: ", tostring(message), "\n")
  leave(1)
end

local function write_file(path, text)
  local file, problem = io.open(path, "w")
  if not file then
    fail("cannot write the certificate: " .. problem)
  end
  file:write(text)
  file:close()
end

-- Writes the certificate where it is wanted; returns the path, and a function that tidies up. In a folder of its own
-- everybody may read it: the workers of a server run as another user.
local function publish_certificate(httpd, options, pem)
  if options.ca_file then
    write_file(options.ca_file, pem)
    return options.ca_file, function() end
  end
  local folder, problem = httpd.temporary_folder()
  if not folder then
    fail(problem)
  end
  local path = folder .. "/ca.pem"
  write_file(path, pem)
  httpd.readable(path)
  return path, function()
    os.remove(path)
    os.remove(folder)
  end
end

local function announce(httpd, server, ca_file)
  local port, tls_port = server:ports()
  io.stdout:write(require("idv.sandbox.json").encode {
    http = "http://127.0.0.1:" .. port, https = "https://127.0.0.1:" .. tls_port,
    http_port = port, https_port = tls_port, ca_file = ca_file, pid = httpd.pid(),
  }, "\n")
  io.stdout:flush()
end

local function load_simulator(path)
  local chunk, problem = loadfile(path)
  if not chunk then
    fail("cannot load the simulator: " .. problem)
  end
  local ok, simulator = pcall(chunk)
  if not ok or type(simulator) ~= "table" or type(simulator.new) ~= "function" then
    fail("the simulator " .. path .. " does not return a table with a function new"
      .. (ok and "" or ": " .. tostring(simulator)))
  end
  return simulator
end

local function new_sandbox(options, ca)
  local simulators = {}
  for i, path in ipairs(options.simulators) do
    simulators[i] = load_simulator(path)
  end
  local log = not options.quiet and function(line) io.stderr:write(line, "\n") end or nil
  local ok, sandbox = pcall(require("idv.sandbox").new, {
    ca = ca, simulators = simulators, log = log, hosts = options.hosts,
  })
  if not ok then
    fail(sandbox)
  end
  return sandbox
end

local function main(options)
  local httpd = require "idv.httpd"
  local authority = httpd.authority()
  local sandbox = new_sandbox(options, authority.ca)
  local server, problem = httpd.server {
    port = options.port, tls_port = options.tls_port,
    certificate = authority.certificate, key = authority.key, follow_parent = options.exit_with_parent,
  }
  if not server then
    fail(problem)
  end
  local ca_file, tidy = publish_certificate(httpd, options, authority.ca)
  announce(httpd, server, ca_file)
  local ok, mistake = xpcall(function() sandbox:serve(server) end, debug.traceback)
  server:close()
  tidy()
  if not ok then
    fail(mistake)
  end
end

--- Runs the program to its end.
---@param words string[] the arguments
function program.main(words)
  main(read_arguments(words))
end

return program
