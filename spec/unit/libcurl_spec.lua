--- Which libcurl there has to be: 7.61 or newer, said when it is compiled and when it is loaded.

local sandbox = require "spec.support.sandbox"

local build = os.getenv "IDV_BUILD" or "build"

--- Runs a line of Lua with a libcurl that says it is of that version.
local function with_curl(version, line)
  return sandbox.shell(("OLD_CURL=%s LD_PRELOAD=\"$LD_PRELOAD %s/old_curl.so\" %s -e %s"):format(version, build,
    sandbox.interpreter(), sandbox.quote(line)))
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

describe("a libcurl that is too old", function()
  it("is refused in one clear line when the module is loaded", function()
    local status, output = with_curl("7.60.0", "print(select(2, pcall(require, 'idv.core')))")
    assert.are_equal(0, status)
    assert.are_equal("idv needs libcurl 7.61.0 or newer; the one that is loaded is 7.60.0\n", output)
  end)

  it("is refused when the module is compiled", function()
    local header = os.tmpname()
    local file = assert(io.open(header, "w"))
    file:write "#include <curl/curlver.h>\n#undef LIBCURL_VERSION_NUM\n#define LIBCURL_VERSION_NUM 0x073c00\n"
    file:close()
    local status, output = sandbox.tool("gcc -std=c11 -D_GNU_SOURCE -fsyntax-only -include " .. header
      .. " -Isrc/core " .. sandbox.libcurl_flags() .. " src/core/wire.c")
    os.remove(header)
    assert.are_not_equal(0, status)
    assert.is_truthy(output:find("idv needs libcurl 7.61.0 or newer", 1, true), output)
  end)
end)

describe("a libcurl from 7.61 on", function()
  it("is taken, and one that does not ask before it sends is known as such", function()
    for version, asks_first in pairs { ["7.61.0"] = "false", ["7.79.1"] = "false", ["7.80.0"] = "true", ["8.9.0"] = "true" } do
      local status, output = with_curl(version, "print(require('idv.core').versions.asks_first)")
      assert.are_equal(0, status, output)
      local expected = build:find "without_prereq" and "false" or asks_first
      assert.are_equal(expected .. "\n", output)
    end
  end)
end)

describe("a libcurl from 8.12 on, which has one address for both ways of saying it", function()
  it("is asked for addresses with a query and without, in any order", function()
    local services = sandbox.shared()
    services.control.reset()
    local status, output = sandbox.shell(("LD_PRELOAD=\"$LD_PRELOAD %s/new_curl.so\" %s -e %s"):format(build,
      sandbox.interpreter(), sandbox.quote(([[
        local deepidv = require "idv".deepidv { api_key = "live_1", base_url = "%s", allow_http = true, max_retries = 0 }
        local ada = { first_name = "Ada", last_name = "Example", email = "a@example.com", phone = "+15192223333" }
        for _ = 1, 3 do
          assert(deepidv:list_sessions { limit = 2 })
          local session = assert(deepidv:create_session(ada))
          assert(deepidv:list_sessions { limit = 3 })
          assert(deepidv:get_session(session.id))
          assert(deepidv:get_session(session.id))
        end
        print "fine"
      ]]):format(services.http))))
    assert.are_equal("fine\n", output)
    assert.are_equal(0, status)
  end)
end)

-- Which libcurl brought each option, call and constant that is used, as the symbols-in-versions of its documentation
-- says; "" for what was there before 7.61.
local since = {}
for version, names in pairs {
  [""] = [[
    CURLOPT_SSL_CTX_DATA CURLOPT_SSL_CTX_FUNCTION CURLINFO_ACTIVESOCKET CURLINFO_TLS_SSL_PTR CURLSSLBACKEND_OPENSSL
    CURLE_ABORTED_BY_CALLBACK CURLE_BAD_CONTENT_ENCODING CURLE_COULDNT_CONNECT CURLE_COULDNT_RESOLVE_HOST
    CURLE_COULDNT_RESOLVE_PROXY CURLE_GOT_NOTHING CURLE_HTTP2 CURLE_HTTP2_STREAM CURLE_OK CURLE_OPERATION_TIMEDOUT
    CURLE_OUT_OF_MEMORY CURLE_PARTIAL_FILE CURLE_PEER_FAILED_VERIFICATION CURLE_RECV_ERROR CURLE_SEND_ERROR
    CURLE_SSL_CACERT_BADFILE CURLE_SSL_CERTPROBLEM CURLE_SSL_CIPHER CURLE_SSL_CONNECT_ERROR CURLE_SSL_ENGINE_INITFAILED
    CURLE_UNSUPPORTED_PROTOCOL CURLE_URL_MALFORMAT CURLE_WEIRD_SERVER_REPLY
    CURLHEADER_SEPARATE CURLINFO_CONTENT_LENGTH_DOWNLOAD_T CURLINFO_HTTP_VERSION CURLINFO_NUM_CONNECTS CURLINFO_PRIVATE
    CURLINFO_REQUEST_SIZE CURLINFO_RESPONSE_CODE CURLINFO_SIZE_UPLOAD_T CURLMOPT_MAXCONNECTS CURLMOPT_SOCKETDATA
    CURLMOPT_SOCKETFUNCTION CURLMOPT_TIMERDATA CURLMOPT_TIMERFUNCTION CURLMSG_DONE CURLM_INTERNAL_ERROR CURLM_OK CURLM_OUT_OF_MEMORY
    CURLOPT_ACCEPT_ENCODING CURLOPT_BUFFERSIZE CURLOPT_CAINFO CURLOPT_CLOSESOCKETDATA CURLOPT_CLOSESOCKETFUNCTION
    CURLOPT_CONNECTTIMEOUT_MS CURLOPT_CUSTOMREQUEST CURLOPT_DNS_CACHE_TIMEOUT CURLOPT_FOLLOWLOCATION CURLOPT_FORBID_REUSE
    CURLOPT_FRESH_CONNECT CURLOPT_HEADERDATA CURLOPT_HEADERFUNCTION CURLOPT_HEADEROPT CURLOPT_HTTPGET CURLOPT_HTTPHEADER
    CURLOPT_HTTPPROXYTUNNEL CURLOPT_HTTP_VERSION CURLOPT_NOPROXY CURLOPT_NOSIGNAL CURLOPT_OPENSOCKETDATA
    CURLOPT_OPENSOCKETFUNCTION CURLOPT_PATH_AS_IS CURLOPT_PIPEWAIT CURLOPT_POST CURLOPT_POSTFIELDS
    CURLOPT_POSTFIELDSIZE_LARGE CURLOPT_PRIVATE CURLOPT_PROTOCOLS CURLOPT_PROXY CURLOPT_SSLVERSION
    CURLOPT_SSL_VERIFYHOST CURLOPT_SSL_VERIFYPEER CURLOPT_SUPPRESS_CONNECT_HEADERS CURLOPT_URL CURLOPT_WRITEDATA
    CURLOPT_WRITEFUNCTION CURLPROTO_HTTP CURLPROTO_HTTPS CURLVERSION_NOW
    CURLINFO_HTTP_CONNECTCODE CURLINFO_PROXY_SSL_VERIFYRESULT CURLINFO_SSL_VERIFYRESULT CURLOPT_ERRORBUFFER
    CURLOPT_PROXY_CAINFO CURLOPT_PROXY_SSLVERSION CURLOPT_PROXY_SSL_VERIFYHOST CURLOPT_PROXY_SSL_VERIFYPEER
    CURL_ERROR_SIZE CURL_VERSION_HTTPS_PROXY
    CURL_CSELECT_ERR CURL_CSELECT_IN CURL_CSELECT_OUT CURL_GLOBAL_DEFAULT CURL_HTTP_VERSION_1_0 CURL_HTTP_VERSION_1_1
    CURL_HTTP_VERSION_2TLS CURL_HTTP_VERSION_2_0 CURL_HTTP_VERSION_NONE CURL_POLL_IN CURL_POLL_OUT CURL_POLL_REMOVE
    CURL_SOCKET_BAD CURL_SOCKET_TIMEOUT CURL_SSLVERSION_TLSv1_2 CURL_VERSION_BROTLI CURL_VERSION_HTTP2
    CURL_VERSION_LIBZ]],
  ["0x073f00"] = "CURLUPART_URL CURLU_PATH_AS_IS CURLUE_OK CURLOPT_CURLU",
  ["0x074000"] = "CURLOPT_HTTP09_ALLOWED",
  ["0x074100"] = "CURLOPT_MAXAGE_CONN",
  ["0x074600"] = "CURLVERSION_SEVENTH",
  ["0x074900"] = [[CURLE_PROXY CURLINFO_PROXY_ERROR CURLPX_CLOSED CURLPX_NO_AUTH CURLPX_RECV_ADDRESS CURLPX_RECV_AUTH
    CURLPX_RECV_CONNECT CURLPX_RECV_REQACK CURLPX_REPLY_CONNECTION_REFUSED CURLPX_REPLY_GENERAL_SERVER_FAILURE
    CURLPX_REPLY_HOST_UNREACHABLE CURLPX_REPLY_NETWORK_UNREACHABLE CURLPX_REPLY_NOT_ALLOWED CURLPX_REPLY_TTL_EXPIRED
    CURLPX_REQUEST_FAILED CURLPX_RESOLVE_HOST CURLPX_SEND_AUTH CURLPX_SEND_CONNECT CURLPX_SEND_REQUEST
    CURLPX_USER_REJECTED]],
  ["0x075000"] = "CURLOPT_PREREQFUNCTION CURLOPT_PREREQDATA CURL_PREREQFUNC_ABORT CURL_PREREQFUNC_OK",
  ["0x075500"] = "CURLOPT_PROTOCOLS_STR",
  ["0x075700"] = "CURLOPT_QUICK_EXIT",
  ["0x080600"] = "CURLE_TOO_LARGE",
  ["0x081400"] = "CURLMOPT_QUICK_EXIT",
} do
  for name in names:gmatch "%S+" do
    since[name] = version
  end
end

-- What libcurl.h gives a number where the headers are older: {name, number, version that brought it}.
local numbered, is_numbered = {}, {}
do
  local version
  for line in read "src/core/libcurl.h":gmatch "[^\n]+" do
    version = line:match "^#if LIBCURL_VERSION_NUM < (0x%x+)" or version
    local name, number = line:match "^#define (CURL%w*_[%w_]+) (.+)$"
    if name then
      numbered[#numbered + 1] = { name = name, number = number, version = version }
      is_numbered[name] = true
    end
  end
end

describe("what is known by its number", function()
  local function compile(text, more)
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(text)
    file:close()
    local status, output = sandbox.tool(("gcc -std=c11 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Werror %s %s -x c %s"):format(
      sandbox.libcurl_flags(), more or "", path))
    os.remove(path)
    return status, output
  end

  it("has that number in the headers that are here, as far as they know it", function()
    local lines = { "#include <curl/curl.h>" }
    for _, one in ipairs(numbered) do
      assert.are_equal(since[one.name], one.version, one.name)
      lines[#lines + 1] = ("#if LIBCURL_VERSION_NUM >= %s\n_Static_assert((int)%s == (int)%s, \"\");\n#endif"):format(
        one.version, one.name, one.number)
    end
    local status, output = compile(table.concat(lines, "\n") .. "\n")
    assert.are_equal(0, status, output)
    assert.is_true(#numbered >= 10)
  end)

  it("lets everything compile with headers of 7.63", function()
    local lines = { "#define CURL_DISABLE_DEPRECATION\n#include <curl/curl.h>\n#undef LIBCURL_VERSION_NUM\n#define LIBCURL_VERSION_NUM 0x073f00" }
    for path in read "idv-scm-1.rockspec":gmatch '"(src/core/[^"]+%.c)"' do
      local text = read(path)
      if text:find "[Cc][Uu][Rr][Ll]" then
        local status, output = compile(table.concat(lines) .. "\n" .. text, "-Isrc/core")
        assert.are_equal(0, status, path .. ": " .. output)
      end
    end
  end)
end)

--- Each line of code with the version that the innermost #if around it asks for.
local function guarded_lines(path)
  local guards, list = {}, {}
  for line in (read(path):gsub("/%*.-%*/", "") .. "\n"):gmatch "(.-)\n" do
    local condition = line:match "^%s*#%s*if(.*)"
    if condition then
      guards[#guards + 1] = condition:match "LIBCURL_VERSION_NUM >= (0x%x+)"
        or ""
    elseif line:match "^%s*#%s*else" then
      guards[#guards] = ""
    elseif line:match "^%s*#%s*endif" then
      guards[#guards] = nil
    else
      list[#list + 1] = { text = line, guard = guards[#guards] or "" }
    end
  end
  return list
end

describe("what is used of libcurl", function()
  for path in read "idv-scm-1.rockspec":gmatch '"(src/[^"]+%.c)"' do
    it("was there in 7.61 or stands behind a guard: " .. path, function()
      for _, line in ipairs(guarded_lines(path)) do
        for name in line.text:gmatch "%f[%w_](CURL%w*_[%w_]+)" do
          assert.is_truthy(since[name] or name == "CURL_DISABLE_DEPRECATION", name .. " is not in the list of this spec")
          assert.is_true(is_numbered[name] or (since[name] or "") <= line.guard, name .. " needs a guard")
        end
      end
    end)
  end
end)
