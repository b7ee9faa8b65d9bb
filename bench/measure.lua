--- Running the groups: contenders take turns, round by round, and each round's figures are kept.

local contender = require "bench.contender"
local groups = require "bench.groups"
local keys = require "idv.keys"
local servers = require "bench.servers"

local measure = {}

local is_quick = os.getenv "BENCH_QUICK" ~= nil

local nginx_starters = {
  openresty = servers.start_openresty,
  tls = function(plain) return servers.start_tls(plain, false) end,
  tls_sessions = function(plain) return servers.start_tls(plain, true) end,
}

local function start(described)
  return contender.start(described.command, described.environment, described.part)
end

--- Calls in a round: fewer where things are short.
local function calls_of(group)
  return is_quick and math.max(1, math.floor(group.calls / 10)) or group.calls
end

--- One round of a contender, in a process of its own where the group wants that.
local function round(group, described, running)
  if not group.is_fresh then
    return running:round(calls_of(group))
  end
  local one = start(described)
  local figures = one:round(calls_of(group))
  one:stop()
  return figures
end

--- Runs all rounds. The first one warms up and is not kept; who begins changes from round to round.
local function run_rounds(group, contenders)
  local names, running, figures = keys.sorted(contenders), {}, {}
  for _, name in ipairs(names) do
    running[name] = not group.is_fresh and start(contenders[name]) or nil
    figures[name] = {}
  end
  local rounds = is_quick and math.min(3, group.rounds) or group.rounds
  for number = group.is_fresh and 1 or 0, rounds do
    for i = 1, #names do
      local name = names[(i + number) % #names + 1]
      local one = round(group, contenders[name], running[name])
      figures[name][number] = number > 0 and one or nil
    end
  end
  for _, one in pairs(running) do
    one:stop()
  end
  return figures
end

--- Measures a group. Returns nil and a sentence where what it needs is not on this machine.
---@param name string
---@param plain table  the server in C
---@return table<string, table[]>? figures  by contender and round
---@return string? why
function measure.group(name, plain)
  local group = assert(groups[name], "there is no group " .. name)
  if group.nginx and not servers.has_nginx() then
    return nil, "needs nginx, which .ci/nginx unpacks on Debian"
  end
  local nginx = group.nginx and nginx_starters[group.nginx](plain)
  local ok, figures = pcall(run_rounds, group, group.contenders(plain, nginx))
  if nginx then
    nginx.stop()
  end
  if not ok then
    return nil, figures
  end
  return figures
end

return measure
