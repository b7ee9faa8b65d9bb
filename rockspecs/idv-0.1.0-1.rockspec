-- Written by packaging/rockspecs.lua from the tree; change that, or run `make rockspecs` after adding a file.
rockspec_format = "3.0"
package = "idv"
version = "0.1.0-1"

source = { url = "idv-0.1.0.tar.gz", dir = "idv-0.1.0" }

description = {
  summary = "Identity verification with impact.com, deepIDV, Checkout.com and cidaas",
  detailed = [[
One require, four identity-verification providers that feel the same, on a C core (libcurl, lua-cjson) that never sends
a request twice and never leaks a secret or personal data.]],
  license = "MIT",
}

dependencies = { "lua >= 5.1, < 5.6", "lua-cjson >= 2.1.0" }

supported_platforms = { "linux" }

-- No headers here: LuaRocks does not look into Debian's multiarch folders, the compiler does.
external_dependencies = {
  CURL = { library = "curl" },
  OPENSSL = { library = "crypto" },
}

build = {
  type = "builtin",
  modules = {
    ["idv.core"] = {
      sources = {
        "src/core/buffer.c",
        "src/core/call.c",
        "src/core/clock.c",
        "src/core/dice.c",
        "src/core/engine.c",
        "src/core/failure.c",
        "src/core/head.c",
        "src/core/nearest.c",
        "src/core/origins.c",
        "src/core/poller_epoll.c",
        "src/core/query.c",
        "src/core/reactor.c",
        "src/core/retry.c",
        "src/core/route.c",
        "src/core/rule.c",
        "src/core/shape.c",
        "src/core/signature.c",
        "src/core/sigpipe.c",
        "src/core/sink.c",
        "src/core/slice.c",
        "src/core/sockets.c",
        "src/core/template.c",
        "src/core/timers.c",
        "src/core/uri.c",
        "src/core/utf8.c",
        "src/core/wipe.c",
        "src/core/wire.c",
        "src/lua/call.c",
        "src/lua/compat.c",
        "src/lua/engine.c",
        "src/lua/file.c",
        "src/lua/json.c",
        "src/lua/module.c",
        "src/lua/operation_build.c",
        "src/lua/operation_compile.c",
        "src/lua/operation_extra.c",
        "src/lua/operation_gather.c",
        "src/lua/operation_read.c",
        "src/lua/operation_values.c",
        "src/lua/problems.c",
        "src/lua/route.c",
        "src/lua/signature.c",
        "src/lua/text.c",
      },
      incdirs = { "src/core", "src/lua", "$(CURL_INCDIR)", "$(OPENSSL_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)", "$(OPENSSL_LIBDIR)" },
      libraries = { "curl", "crypto", "m" },
      defines = { "_GNU_SOURCE" },
    },
    idv = "lua/idv/init.lua",
    ["idv.calls"] = "lua/idv/calls.lua",
    ["idv.description"] = "lua/idv/description.lua",
    ["idv.error"] = "lua/idv/error.lua",
    ["idv.events"] = "lua/idv/events.lua",
    ["idv.host"] = "lua/idv/host.lua",
    ["idv.loop.cqueues"] = "lua/idv/loop/cqueues.lua",
    ["idv.loop.luv"] = "lua/idv/loop/luv.lua",
    ["idv.loop.ngx"] = "lua/idv/loop/ngx.lua",
    ["idv.oauth"] = "lua/idv/oauth.lua",
    ["idv.options"] = "lua/idv/options.lua",
    ["idv.paging"] = "lua/idv/paging.lua",
    ["idv.polling"] = "lua/idv/polling.lua",
    ["idv.provider"] = "lua/idv/provider.lua",
    ["idv.providers.checkout"] = "lua/idv/providers/checkout.lua",
    ["idv.providers.checkout_codes"] = "lua/idv/providers/checkout_codes.lua",
    ["idv.providers.cidaas"] = "lua/idv/providers/cidaas.lua",
    ["idv.providers.deepidv"] = "lua/idv/providers/deepidv.lua",
    ["idv.providers.impact"] = "lua/idv/providers/impact.lua",
    ["idv.records"] = "lua/idv/records.lua",
    ["idv.redact"] = "lua/idv/redact.lua",
    ["idv.redirect"] = "lua/idv/redirect.lua",
    ["idv.refusal"] = "lua/idv/refusal.lua",
    ["idv.report"] = "lua/idv/report.lua",
    ["idv.routes"] = "lua/idv/routes.lua",
    ["idv.task"] = "lua/idv/task.lua",
    ["idv.transport.record"] = "lua/idv/transport/record.lua",
    ["idv.transports"] = "lua/idv/transports.lua",
    ["idv.version"] = "lua/idv/version.lua",
    ["idv.webhook"] = "lua/idv/webhook.lua",
  },
  copy_directories = { "docs", "examples" },
}
