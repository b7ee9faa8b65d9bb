-- Written by packaging/rockspecs.lua from the tree; change that, or run `make rockspecs` after adding a file.
rockspec_format = "3.0"
package = "idv-sandbox"
version = "0.1.0-1"

source = { url = "idv-sandbox-0.1.0.tar.gz", dir = "idv-sandbox-0.1.0" }

description = {
  summary = "The four providers of idv, simulated on this machine over HTTP and HTTPS",
  detailed = [[
Serves what impact.com, deepIDV, Checkout.com and cidaas document, without keys, with faults to order and a journal of
what came in; for developing and testing programs that use idv.]],
  license = "MIT",
}

dependencies = { "lua >= 5.1, < 5.6", "lua-cjson >= 2.1.0", "idv >= 0.1.0" }

supported_platforms = { "linux" }

-- No headers here: LuaRocks does not look into Debian's multiarch folders, the compiler does.
external_dependencies = {
  GNUTLS = { library = "gnutls" },
  MICROHTTPD = { library = "microhttpd" },
  OPENSSL = { library = "crypto" },
}

build = {
  type = "builtin",
  modules = {
    ["idv.httpd"] = {
      sources = {
        "src/httpd/authority.c",
        "src/httpd/binding_request.c",
        "src/httpd/binding_server.c",
        "src/httpd/body.c",
        "src/httpd/bytes.c",
        "src/httpd/exchange.c",
        "src/httpd/faults.c",
        "src/httpd/fields.c",
        "src/httpd/listener.c",
        "src/httpd/module.c",
        "src/httpd/server.c",
        "src/httpd/signals.c",
        "src/httpd/timers.c",
        "src/lua/compat.c",
      },
      incdirs = { "src/httpd", "src/lua", "$(GNUTLS_INCDIR)", "$(MICROHTTPD_INCDIR)", "$(OPENSSL_INCDIR)" },
      libdirs = { "$(GNUTLS_LIBDIR)", "$(MICROHTTPD_LIBDIR)", "$(OPENSSL_LIBDIR)" },
      libraries = { "microhttpd", "gnutls", "crypto" },
      defines = { "_GNU_SOURCE" },
    },
    ["idv.sandbox"] = "lua/idv/sandbox/init.lua",
    ["idv.sandbox.check"] = "lua/idv/sandbox/check.lua",
    ["idv.sandbox.checkout"] = "lua/idv/sandbox/checkout.lua",
    ["idv.sandbox.checkout_codes"] = "lua/idv/sandbox/checkout_codes.lua",
    ["idv.sandbox.checkout_flow"] = "lua/idv/sandbox/checkout_flow.lua",
    ["idv.sandbox.checkout_page"] = "lua/idv/sandbox/checkout_page.lua",
    ["idv.sandbox.checkout_rules"] = "lua/idv/sandbox/checkout_rules.lua",
    ["idv.sandbox.checkout_view"] = "lua/idv/sandbox/checkout_view.lua",
    ["idv.sandbox.checkout_webhook"] = "lua/idv/sandbox/checkout_webhook.lua",
    ["idv.sandbox.cidaas"] = "lua/idv/sandbox/cidaas.lua",
    ["idv.sandbox.clock"] = "lua/idv/sandbox/clock.lua",
    ["idv.sandbox.control"] = "lua/idv/sandbox/control.lua",
    ["idv.sandbox.credentials"] = "lua/idv/sandbox/credentials.lua",
    ["idv.sandbox.deepidv"] = "lua/idv/sandbox/deepidv.lua",
    ["idv.sandbox.deepidv_analysis"] = "lua/idv/sandbox/deepidv_analysis.lua",
    ["idv.sandbox.deepidv_fields"] = "lua/idv/sandbox/deepidv_fields.lua",
    ["idv.sandbox.deepidv_fixtures"] = "lua/idv/sandbox/deepidv_fixtures.lua",
    ["idv.sandbox.faults"] = "lua/idv/sandbox/faults.lua",
    ["idv.sandbox.guard"] = "lua/idv/sandbox/guard.lua",
    ["idv.sandbox.hosted"] = "lua/idv/sandbox/hosted.lua",
    ["idv.sandbox.ids"] = "lua/idv/sandbox/ids.lua",
    ["idv.sandbox.impact"] = "lua/idv/sandbox/impact.lua",
    ["idv.sandbox.interpreter"] = "lua/idv/sandbox/interpreter.lua",
    ["idv.sandbox.journal"] = "lua/idv/sandbox/journal.lua",
    ["idv.sandbox.json"] = "lua/idv/sandbox/json.lua",
    ["idv.sandbox.outbox"] = "lua/idv/sandbox/outbox.lua",
    ["idv.sandbox.pdf"] = "lua/idv/sandbox/pdf.lua",
    ["idv.sandbox.program"] = "lua/idv/sandbox/program.lua",
    ["idv.sandbox.remote"] = "lua/idv/sandbox/remote.lua",
    ["idv.sandbox.reply"] = "lua/idv/sandbox/reply.lua",
    ["idv.sandbox.request"] = "lua/idv/sandbox/request.lua",
    ["idv.sandbox.router"] = "lua/idv/sandbox/router.lua",
    ["idv.sandbox.settings"] = "lua/idv/sandbox/settings.lua",
    ["idv.sandbox.storage"] = "lua/idv/sandbox/storage.lua",
    ["idv.sandbox.store"] = "lua/idv/sandbox/store.lua",
    ["idv.sandbox.uri"] = "lua/idv/sandbox/uri.lua",
  },
  install = { bin = { "bin/idv-sandbox" } },
}
