--- Which certificate authorities are trusted: where libcurl looks for them, and how many are really there.
---
--- A file holds any number; a folder is looked at as OpenSSL does, under names that are hashes, so a certificate under
--- another name, a link that leads nowhere and a file without a certificate do not count. Certificates are counted, not
--- verified.

local authorities = {}

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- Certificates in a text: each with its beginning and its end.
local function count_in(text)
  local count = 0
  for kind in text:gmatch "%-%-%-%-%-BEGIN ([%u%d ]-)%-%-%-%-%-%s[^-]+%-%-%-%-%-END %1%-%-%-%-%-" do
    local is_one = kind == "CERTIFICATE" or kind == "TRUSTED CERTIFICATE" or kind == "X509 CERTIFICATE"
    count = count + (is_one and 1 or 0)
  end
  return count
end

--- The content of a file; nil and why where there is none.
local function read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil, "cannot be read"
  end
  local text = file:read "*a" -- nil for a folder
  file:close()
  return text, "is a folder"
end

--- A file of certificates.
---@param path string
---@return integer count
---@return string words
function authorities.in_file(path)
  local text, why = read(path)
  local count = text and count_in(text) or 0
  local words = not text and why or text == "" and "is empty" or count == 0 and "holds no certificate"
  return count, ("%s %s"):format(path, words or ("(%d certificate%s)"):format(count, count == 1 and "" or "s"))
end

local function names_in(folder)
  local pipe = io.popen("ls -A -- " .. quote(folder) .. " 2>/dev/null")
  local names = {}
  for name in pipe and pipe:lines() or function() end do
    names[#names + 1] = name
  end
  if pipe then
    pipe:close()
  end
  return names
end

local function words_of_folder(count, others, names)
  if count > 0 then
    return ("(%d certificate%s by hash)"):format(count, count == 1 and "" or "s")
  elseif others > 0 then
    return "has certificates, but not under the hashes by which OpenSSL finds them: openssl rehash makes these"
  end
  return #names == 0 and "is empty or not there" or "holds no certificate that can be read"
end

--- A folder of certificates.
---@param path string
---@return integer count
---@return string words
function authorities.in_folder(path)
  local names, count, others = names_in(path), 0, 0
  for _, name in ipairs(names) do
    local found = count_in(read(path .. "/" .. name) or "")
    local is_hash = name:find "^%x%x%x%x%x%x%x%x%.%d+$" ~= nil
    count, others = count + (is_hash and found or 0), others + (is_hash and 0 or found)
  end
  return count, ("%s %s"):format(path, words_of_folder(count, others, names))
end

-- Variables that name authorities to other programs. libcurl has its own places built in and does not ask for these;
-- without any, OpenSSL asks for the first two.
local openssl = { file = "SSL_CERT_FILE", folder = "SSL_CERT_DIR" }
local others = { "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE" }

--- Which of the variables are set and not heeded, in words to add.
local function words_of_unheeded(heeds_openssl, variable)
  local list = {}
  for _, name in ipairs(others) do
    local is_heeded = heeds_openssl and name ~= "CURL_CA_BUNDLE"
    list[#list + 1] = variable(name) and not is_heeded and name or nil
  end
  return #list > 0 and ("; libcurl does not read %s: give idv ca_file"):format(table.concat(list, ", ")) or ""
end

--- The places of the system: built into libcurl, else those that OpenSSL is told of.
local function places(built_in, variable)
  if built_in.file or built_in.folder then
    return built_in
  end
  return { file = variable(openssl.file), folder = variable(openssl.folder) }
end

--- Whether any authority is trusted: "ok" or "fail", and what was found where.
---@param named string?                            the option ca_file, which replaces all else
---@param built_in {file: string?, folder: string?}  of libcurl
---@param variable fun(name: string): string?       the environment
---@return "ok"|"fail" state
---@return string words
function authorities.check(named, built_in, variable)
  if named then
    local count, words = authorities.in_file(named)
    return count > 0 and "ok" or "fail", words
  end
  local found, sum, words = places(built_in, variable), 0, {}
  for _, kind in ipairs { "file", "folder" } do
    if found[kind] then
      local count, said = authorities["in_" .. kind](found[kind])
      sum = sum + count
      words[#words + 1] = (count > 0 or sum == 0) and said or nil
    end
  end
  local heeds_openssl = found ~= built_in
  local all = table.concat(words, "; ") .. words_of_unheeded(heeds_openssl, variable)
  if sum > 0 then
    return "ok", all
  elseif #words == 0 then
    all = "libcurl has no place for them built in, and neither SSL_CERT_FILE nor SSL_CERT_DIR is set"
  end
  return "fail", all .. "; no authority is trusted: install ca-certificates, or give ca_file"
end

return authorities
