--- `idv webhook`: checks the signature of a webhook and prints what it says.

local arguments = require "idv.cli.arguments"
local catalogue = require "idv.cli.catalogue"
local core = require "idv.core"
local credentials = require "idv.cli.credentials"
local failure = require "idv.cli.failure"
local idv = require "idv"
local output = require "idv.cli.output"
local reader = require "idv.webhook"

local STDIN = 0

local webhook = {
  name = "webhook",
  usage = { "webhook PROVIDER -H 'NAME: VALUE' [-H @FILE] < BODY" },
  about = "Checks the signature of a webhook and prints what it says",
  text = [[
The body is read from stdin, byte for byte. The secret comes from the environment or the file of credentials:
CHECKOUT_WEBHOOK_SECRET or CHECKOUT_WEBHOOK_AUTHORIZATION or both, DEEPIDV_WEBHOOK_SECRET. While one is rotated the file
may have the line twice. A header that holds a secret itself (deepidv-signature, Authorization) has to come from a file:
-H @FILE, lines of 'NAME: VALUE'.]],
  options = {
    {
      name = "header", short = "H", value = "'NAME: VALUE'|@FILE", repeated = true,
      about = "A header of the request, or a file of them",
    },
    { name = "json", about = "One line of JSON on stdout, for records and for errors" },
    { name = "credentials", value = "FILE", type = "file", about = "File of credentials, mode 0600" },
  },
}

local function split(line)
  local name, value = line:match "^([^:%s]+):%s*(.-)%s*$"
  if not name then
    failure.usage "a header must look like 'NAME: VALUE'"
  end
  return { name, value }
end

local function read_file(headers, path)
  local file = io.open(path, "r")
  if not file then
    failure.file("the file %s can not be read", path)
  end
  for line in file:lines() do
    if line:find "%S" then
      headers[#headers + 1] = split(line)
    end
  end
  file:close()
end

--- Whether the value of a header is a secret, so that it must not be on a command line.
local function is_secret(described, name)
  name = name:lower()
  local is_shared = described.scheme == "shared_secret" and name == described.header:lower()
  return is_shared or name == "authorization"
end

local function headers_of(described, words)
  local headers = {}
  for _, word in ipairs(words or {}) do
    if word:sub(1, 1) == "@" then
      read_file(headers, word:sub(2))
    else
      local header = split(word)
      if is_secret(described, header[1]) then
        failure.usage("%s holds a secret, which does not belong on the command line: put the header into a file and "
          .. "give -H @FILE", header[1]:lower())
      end
      headers[#headers + 1] = header
    end
  end
  return headers
end

--- The secrets of a provider's webhook, without the credentials that only requests need.
local function secrets_of(described, given)
  local values = credentials.options(described, credentials.read_file(given.credentials))
  local why = reader.unprotected(described.webhook, values)
  if why then
    failure.setup("%s", credentials.explain(described, why))
  end
  return values
end

function webhook.run(rest, given)
  arguments.expect(rest, { "PROVIDER" })
  local described = catalogue.provider(rest[1])
  if not described.webhook then
    failure.usage("%s has no webhooks", described.name)
  end
  if core.is_terminal(STDIN) then
    failure.usage "the body of the webhook comes from stdin, byte for byte: idv webhook ... < BODY"
  end
  local headers = headers_of(described.webhook, given.header)
  local state = { provider = described, values = secrets_of(described, given) }
  return output.result(given.json, reader.parse(state, headers, io.stdin:read(reader.LARGEST + 1) or ""))
end

--- What may stand at a place.
function webhook.complete(position)
  local able = {}
  for _, name in ipairs(position == 1 and idv.providers() or {}) do
    able[#able + 1] = catalogue.provider(name).webhook and name or nil
  end
  return able
end

return webhook
