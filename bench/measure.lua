--- Running the groups: contenders take turns, round by round, and each round's figures are kept.

local contender = require "bench.contender"
local groups = require "bench.groups"
local keys = require "idv.keys"
local servers = require "bench.servers"

local measure = {}

local is_quick = os.getenv "BENCH_QUICK" ~= nil

local nginx_starters = {
  openresty = servers.start_openresty_twice,
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

--- Runs the rounds of one go and keeps their figures. The first one warms up and is not kept; who begins changes from
--- round to round.
local function run_rounds(group, contenders, names, kept, rounds)
  local running = {}
  for _, name in ipairs(names) do
    running[name] = not group.is_fresh and start(contenders[name]) or nil
  end
  for number = group.is_fresh and 1 or 0, rounds do
    for i = 1, #names do
      local name = names[(i + number) % #names + 1]
      local one = round(group, contenders[name], running[name])
      if number > 0 then
        table.insert(kept[name], one)
      end
    end
  end
  for _, one in pairs(running) do
    one:stop()
  end
end

--- Runs all rounds, in as many goes as the group wants: each go has processes of its own.
local function run_goes(group, contenders)
  local names, kept = keys.sorted(contenders), {}
  for _, name in ipairs(names) do
    kept[name] = {}
  end
  for _ = 1, is_quick and 1 or group.goes or 1 do
    run_rounds(group, contenders, names, kept, is_quick and math.min(3, group.rounds) or group.rounds)
  end
  return kept
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
  local ok, figures = pcall(run_goes, group, group.contenders(plain, nginx))
  if nginx then
    nginx.stop()
  end
  if not ok then
    return nil, figures
  end
  return figures
end

return measure
