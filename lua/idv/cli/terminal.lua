--- How wide the terminal is, and lines that fit into it.

local terminal = {}

local NARROWEST = 40 -- columns; below that, wrapping makes nothing easier to read

--- Columns of the terminal: what COLUMNS says, else what the terminal says that stdout is; nil where there is none.
---@return integer?
function terminal.width()
  local columns = tonumber(os.getenv "COLUMNS" or "")
  if not columns then
    local is_terminal = os.execute "test -t 1"
    if is_terminal ~= true and is_terminal ~= 0 then
      return nil
    end
    local pipe = io.popen "stty size </dev/tty 2>/dev/null"
    columns = pipe and tonumber((pipe:read "*a" or ""):match "^%d+ (%d+)")
    if pipe then
      pipe:close()
    end
  end
  return columns and columns >= NARROWEST and math.floor(columns) or nil
end

--- Breaks a text at blanks. Words that are longer than a line keep their line.
---@param head string     in front of the first line
---@param text string
---@param width integer?  not broken without one
---@return string lines  those behind the first begin where the text does
function terminal.wrapped(head, text, width)
  if not width then
    return head .. text
  end
  local indent = #head <= width / 2 and (" "):rep(#head) or "      "
  local lines, line, has_words = {}, head, false
  for word in text:gmatch "%S+" do
    if has_words and #line + 1 + #word > width then
      lines[#lines + 1] = line
      line, has_words = indent, false
    end
    line, has_words = line .. (has_words and " " or "") .. word, true
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

return terminal
