--- Writing Markdown: lines, tables and links.

local Page = {}
Page.__index = Page

local markdown = {}

--- An empty page.
function markdown.page()
  return setmetatable({}, Page)
end

--- Adds a paragraph, or any block, with an empty line after it.
function Page:add(format, ...)
  self[#self + 1] = select("#", ...) > 0 and format:format(...) or format
  self[#self + 1] = ""
end

--- Adds a table; `rows` are lists of as many texts as there are titles. Nothing is added for no rows.
function Page:table(titles, rows)
  if #rows == 0 then
    return
  end
  local rule = {}
  for i = 1, #titles do
    rule[i] = "---"
  end
  local lines = { "| " .. table.concat(titles, " | ") .. " |", "|" .. table.concat(rule, "|") .. "|" }
  for _, row in ipairs(rows) do
    local cells = {}
    for i = 1, #titles do
      cells[i] = (row[i] or ""):gsub("|", "\\|")
    end
    lines[#lines + 1] = "| " .. table.concat(cells, " | ") .. " |"
  end
  self:add(table.concat(lines, "\n"))
end

function Page:text()
  return (table.concat(self, "\n"):gsub("\n+$", "\n"))
end

function markdown.code(text)
  return "`" .. text .. "`"
end

--- The anchor that a heading gets: lower case, spaces become dashes, everything else but letters, digits, "-" and "_"
--- goes.
function markdown.anchor(heading)
  return (heading:lower():gsub("[^%w%- _]", ""):gsub(" ", "-"))
end

return markdown
