--- Reading annotations: the comments with `---@class`, `---@field`, `---@alias` and what stands above a function.
---
--- This reads the few forms that this project writes, by lines and not by parsing Lua, so it needs nothing to be loaded
--- and works the same for modules that only their host can load.

local annotations = {}

---@class tools.Function
---@field name string      as written: "record.new", "Attachment:detach"
---@field about string     what it does
---@field params table[]   {name, type, about}; "?" at the end of a name when it may be left out
---@field returns table[]  {type, name, about}
---@field arguments string[]  the names in the code
---@field line integer

--- The type at the beginning of a text, and the rest: spaces inside brackets and quotes, and after a comma, a colon or
--- a bar belong to it.
local function split_type(text)
  local depth, is_quoted, i = 0, false, 1
  while i <= #text do
    local character = text:sub(i, i)
    if character == '"' then
      is_quoted = not is_quoted
    elseif character:find "[%(<{%[]" then
      depth = depth + 1
    elseif character:find "[%)>}%]]" then
      depth = depth - 1
    end
    if character == " " and depth == 0 and not is_quoted and not text:sub(1, i - 1):find "[:|,]$" then
      break
    end
    i = i + 1
  end
  return text:sub(1, i - 1), (text:sub(i):gsub("^%s*#?%s*", ""))
end

--- "name? type about" -> {name, type, about}
local function entry_of(text)
  local name, rest = text:match "^(%S+)%s*(.*)$"
  if name:sub(1, 1) == "[" then
    name, rest = text:match "^(%b[])%s*(.*)$"
  end
  local entry = { name = name }
  entry.type, entry.about = split_type(rest)
  return entry
end

local function return_of(text)
  local entry = {}
  local rest
  entry.type, rest = split_type(text)
  entry.name, entry.about = rest:match "^(%S*)%s*(.*)$"
  return entry
end

local function lines_of(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

local function is_comment(line)
  return line:find "^%-%-%-" ~= nil
end

--- The blocks of comments that begin with three dashes: first and last line, and their texts.
local function blocks_of(lines)
  local blocks, i = {}, 1
  while i <= #lines do
    if is_comment(lines[i]) then
      local block = { first = i }
      while lines[i] and is_comment(lines[i]) do
        block[#block + 1] = lines[i]:sub(4)
        i = i + 1
      end
      block.last = i - 1
      block.code = lines[i] or ""
      blocks[#blocks + 1] = block
    else
      i = i + 1
    end
  end
  return blocks
end

local readers = {}

function readers.class(block, text)
  local name, parent = text:match "^([%w_.]+)%s*:%s*([%w_.]+)"
  block.class = { name = name or text:match "^[%w_.]+", parent = parent, fields = {} }
end

function readers.field(block, text)
  table.insert(assert(block.class, "a field without class: " .. text).fields, entry_of(text))
end

function readers.alias(block, text)
  local name, rest = text:match "^([%w_.]+)%s*(.*)$"
  block.alias = { name = name, type = rest ~= "" and rest or nil, values = {} }
end

function readers.param(block, text)
  table.insert(block.params, entry_of(text))
end

readers["return"] = function(block, text)
  table.insert(block.returns, return_of(text))
end

--- Lines as paragraphs: an empty line ends one.
local function paragraphs_of(lines)
  local text = table.concat(lines, "\n"):gsub("^%s+", ""):gsub("%s+$", "")
  return (text:gsub("\n\n+", "\0"):gsub("\n", " "):gsub("%z", "\n\n"))
end

--- Reads the lines of a block into its parts.
local function read_block(block)
  block.params, block.returns = {}, {}
  local words = {}
  for _, line in ipairs(block) do
    local tag, text = line:match "^@(%w+)%s*(.*)$"
    if tag and readers[tag] then
      readers[tag](block, text)
    elseif line:find "^|" then
      for value, about in (line .. "|"):gmatch "|%s*\"([%w_]+)\"%s*#?%s*([^|]*)" do
        table.insert(block.alias.values, { value = value, about = (about:gsub("%s+$", "")) })
      end
    elseif not tag then
      words[#words + 1] = (line:gsub("^ ", ""))
    end
  end
  block.about = paragraphs_of(words)
  return block
end

--- The function that a line of code begins, unless it is local: its name and the names of its parameters.
local function function_of(line)
  local name, arguments = line:match "^function ([%w_.:]+)%((.-)%)"
  if not name then
    name, arguments = line:match "^([%w_]+%.[%w_]+) = function%((.-)%)"
  end
  if not name then
    return nil
  end
  local list = {}
  for argument in arguments:gmatch "[%w_.]+" do
    list[#list + 1] = argument
  end
  return name, list
end

--- Reads a file: its classes, aliases and functions that are not local, each in the order of the file; functions
--- without a comment are there with an empty `about`.
---@param path string
---@return {classes: table[], aliases: table[], functions: tools.Function[], about: string}
function annotations.read(path)
  local lines = lines_of(path)
  local found = { classes = {}, aliases = {}, functions = {}, about = "" }
  local above = {}
  for i, block in ipairs(blocks_of(lines)) do
    read_block(block)
    above[block.last + 1] = block
    if i == 1 then
      found.about = block.about
    end
    if block.class then
      block.class.about = block.about
      table.insert(found.classes, block.class)
    elseif block.alias then
      table.insert(found.aliases, block.alias)
    end
  end
  for i, line in ipairs(lines) do
    local name, arguments = function_of(line)
    if name then
      local block = above[i] or { about = "", params = {}, returns = {} }
      table.insert(found.functions, {
        name = name, about = block.about, params = block.params, returns = block.returns, arguments = arguments,
        line = i,
      })
    end
  end
  return found
end

--- The same, by name.
---@param list table[]
---@return table<string, table>
function annotations.by_name(list)
  local map = {}
  for _, item in ipairs(list) do
    map[item.name] = item
  end
  return map
end

return annotations
