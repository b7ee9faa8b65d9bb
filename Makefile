# idv: see README.md. The two commands of a newcomer are `make demo` and `make test`; `make help` lists all of them. A line
# that begins with two signs says what the rule below it does, and is what `make help` prints.
#
# PROFILE=asan builds with AddressSanitizer and UBSan into build/asan/..., PROFILE=tsan with ThreadSanitizer,
# PROFILE=coverage for gcov, and PROFILE=without_prereq as for a libcurl before 7.80, which does not ask before it sends.

# luajit is the one that is installed; luajit-plain the other one, where .ci/luajit has unpacked it.
export PATH := $(CURDIR)/build/luajits/bin:$(PATH)
export PKG_CONFIG_PATH := $(CURDIR)/build/luajits:$(PKG_CONFIG_PATH)
pkg_config = $(shell PKG_CONFIG_PATH="$(PKG_CONFIG_PATH)" pkg-config $(1))
is_there = $(shell PATH="$(PATH)"; command -v $(1) >/dev/null && echo yes)

ALL_LUAS := lua5.4 lua5.3 lua5.2 lua5.1 luajit luajit-plain
has_headers = $(call pkg_config,--modversion --silence-errors $(1))
PRESENT_LUAS := $(foreach lua,$(ALL_LUAS),$(if $(call is_there,$(lua)),$(if $(call has_headers,$(lua)),$(lua))))
ABSENT_LUAS = $(filter-out $(PRESENT_LUAS),$(ALL_LUAS))
LUAS ?= $(PRESENT_LUAS)

PROFILE ?=
BUILD := build$(if $(PROFILE),/$(PROFILE))

CFLAGS ?= -O2 -g
PROFILE_FLAGS_asan := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
PROFILE_FLAGS_tsan := -O1 -fno-omit-frame-pointer -fsanitize=thread
PROFILE_FLAGS_coverage := -O0 --coverage
PROFILE_FLAGS_without_prereq := -DIDV_WITHOUT_PREREQ
PROFILE_FLAGS = $(PROFILE_FLAGS_$(PROFILE))
WARNINGS := -Wall -Wextra -Wshadow -Werror
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC $(WARNINGS) $(CFLAGS) $(PROFILE_FLAGS) $(DEFINES) -MMD -MP

CORE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard src/core/*.c)))
BINDING_SOURCES := $(sort $(wildcard src/lua/*.c))
HTTPD_SOURCES := $(sort $(wildcard src/httpd/*.c)) src/lua/compat.c
CORE_TESTS := $(patsubst spec/core/%.c,$(BUILD)/spec/%,$(sort $(wildcard spec/core/test_*.c)))

CURL_CFLAGS = $(shell pkg-config --cflags libcurl)
CORE_LIBS = $(shell pkg-config --libs libcurl libssl libcrypto) -lm -ldl
HTTPD_LIBS = $(shell pkg-config --libs libmicrohttpd gnutls libcrypto)

# How a Lua finds the modules of this build.
LUA_ENV = LUA_PATH="./?.lua;./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./$(BUILD)/$(1)/?.so;;" IDV_BUILD=$(BUILD)

.PHONY: all docs demo run-demo game-server test run-test test-core deps lint format hooks check check-asan check-valgrind check-collector check-tidy check-clang coverage run-coverage clean
## make   builds for every Lua that the machine has into build/LUA/idv/*.so; LUAS=lua5.4 builds for one
all: $(foreach lua,$(LUAS),$(BUILD)/$(lua)/idv/core.so $(BUILD)/$(lua)/idv/httpd.so)

.PHONY: help
## make help   prints this
help:
	@sed -n 's/^## //p' $(filter Makefile %.mk,$(MAKEFILE_LIST)) | awk -F '   +' '{ printf "  %-48s %s\n", $$1, $$2 }'

# ---- what a target needs: no other rule installs anything ----

FOR ?= test
NEEDS_UNPACKED := test check coverage bench bench-instructions

## make deps FOR=test   installs what that target needs, on Debian and Ubuntu; no other rule does
deps:
	@.ci/install $(FOR)
	@$(if $(filter $(NEEDS_UNPACKED),$(FOR)),.ci/nginx && .ci/luajit)

# ---- the two commands ----

## make demo   takes an applicant through the four providers in the sandbox
demo:
	@$(MAKE) --no-print-directory deps FOR=demo
	@$(MAKE) --no-print-directory run-demo LUAS=lua5.4

run-demo: all
	@lua5.4 bin/idv run examples/onboarding.lua
	@echo "Your own programs run so too: bin/idv run FILE.lua"

PLAYERS ?= 1000
GAME_LUA ?= lua5.4
## make game-server PLAYERS=1000 GAME_LUA=luajit   prints what a tick costs while players are onboarded
game-server: $(BUILD)/$(GAME_LUA)/idv/core.so $(BUILD)/$(GAME_LUA)/idv/httpd.so $(BUILD)/$(GAME_LUA)/game_server
	@$(call LUA_ENV,$(GAME_LUA)) IDV_SANDBOX="$(GAME_LUA) bin/idv-sandbox" GAME_WORLD=examples/game_server/server.lua \
	  $(BUILD)/$(GAME_LUA)/game_server $(PLAYERS) 60

# The specs wait more than they compute: three suites at a time take little longer than one.
JOBS ?= 3
export JOBS

## make test   runs all tests on every Lua; a table at the end names the command of each suite
test:
	@$(MAKE) --no-print-directory deps FOR=test
	@$(MAKE) --no-print-directory run-test

# The suites, the longest first. Each is a target, and what it needs is built before the first begins.
SUITES = $(LUAS:%=test-%) \
  $(if $(filter lua5.4,$(LUAS)),test-cjson-fork test-without-prereq test-starved test-threads) \
  $(CORE_SUITES)

run-test: all test-tools core-tests \
  $(if $(filter lua5.4,$(LUAS)),$(BUILD)/lua5.4/test_starved $(BUILD)/lua5.4/test_threads build-without-prereq)
	@echo "Running $(words $(SUITES)) suites, $(JOBS) at a time, on $(LUAS)"
	@$(if $(ABSENT_LUAS),echo "Not on this machine: $(ABSENT_LUAS)")
	@BUILD="$(BUILD)" PROFILE="$(PROFILE)" MAKE="$(MAKE)" tools/run_suites $(SUITES)

# ---- what is generated ----

## make docs   writes the types for editors and the reference anew, from descriptions and annotations
docs: $(BUILD)/lua5.4/idv/core.so
	@$(call LUA_ENV,lua5.4) lua5.4 tools/generate.lua

# ---- building ----

$(BUILD)/src/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(ALL_CFLAGS) $(CURL_CFLAGS) -c -o $@ $<

# Put in front of the system's libraries by specs.
PRELOADED := $(patsubst %,$(BUILD)/%.so,old_curl new_curl slow_names told_names)

# The rules for one Lua: $(1) is its name.
define lua_rules
BINDING_OBJECTS_$(1) := $$(patsubst %.c,$$(BUILD)/$(1)/obj/%.o,$$(BINDING_SOURCES))
HTTPD_OBJECTS_$(1) := $$(patsubst %.c,$$(BUILD)/$(1)/obj/%.o,$$(HTTPD_SOURCES))

$$(BUILD)/$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	@echo "  CC  $$@"
	@$$(CC) $$(ALL_CFLAGS) -Isrc/core -Isrc/lua $$(CURL_CFLAGS) $$(call pkg_config,--cflags $(1)) -c -o $$@ $$<

$$(BUILD)/$(1)/idv/core.so: $$(BINDING_OBJECTS_$(1)) $$(CORE_OBJECTS)
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CC) -shared $$(CFLAGS) $$(PROFILE_FLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(CORE_LIBS)

$$(BUILD)/$(1)/idv/httpd.so: $$(HTTPD_OBJECTS_$(1))
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CC) -shared $$(CFLAGS) $$(PROFILE_FLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(HTTPD_LIBS)

# The C part as a static library, for programs that link idv in.
$$(BUILD)/$(1)/libidv.a: $$(BINDING_OBJECTS_$(1)) $$(CORE_OBJECTS)
	@echo "  AR  $$@"
	@rm -f $$@ && $$(AR) rcs $$@ $$^

$$(BUILD)/$(1)/game_server: $$(BUILD)/$(1)/libidv.a examples/game_server/main.c
	@echo "  CC  $$@"
	@$$(MAKE) --no-print-directory -s -C examples/game_server LUA=$(1) LIBIDV=$$(CURDIR)/$$< PROGRAM=$$(CURDIR)/$$@ \
	  CFLAGS="$$(CFLAGS) $$(PROFILE_FLAGS)"

SPEC_MODULES_$(1) := $$(patsubst %,$$(BUILD)/$(1)/%.so,forking heap)

$$(SPEC_MODULES_$(1)): $$(BUILD)/$(1)/%.so: $$(BUILD)/$(1)/obj/spec/support/%.o $$(BUILD)/$(1)/obj/src/lua/compat.o
	@$$(CC) -shared $$(CFLAGS) $$(PROFILE_FLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^)

# Programs that hold Lua: memory that runs out, and several states in threads. What they link is the module, so that the
# allocator of a test is the module's.
$$(BUILD)/$(1)/test_%: spec/lua/test_%.c $$(BINDING_OBJECTS_$(1)) $$(CORE_OBJECTS)
	@echo "  CC  $$@"
	@$$(CC) $$(ALL_CFLAGS) -Isrc/core -Ispec/core $$(call pkg_config,--cflags $(1)) -o $$@ $$(filter %.c %.o,$$^) \
	  $$(LDFLAGS) $$(CORE_LIBS) $$(call pkg_config,--libs $(1)) -lcmocka -lpthread

TEST_TOOLS_$(1) := $$(SPEC_MODULES_$(1)) $$(BUILD)/$(1)/game_server $$(BUILD)/fault_server $$(PRELOADED)

.PHONY: test-$(1)
test-$(1): $$(BUILD)/$(1)/idv/core.so $$(BUILD)/$(1)/idv/httpd.so $$(TEST_TOOLS_$(1))
	@echo "== busted on $(1)"
	@$$(call LUA_ENV,$(1)) $(1) spec/run.lua $$(SPECS)
endef
$(foreach lua,$(LUAS),$(eval $(call lua_rules,$(lua))))

# ---- testing ----

## make test-lua5.4 SPECS=spec/unit   the specs on one Lua, or some of them
SPECS ?= spec examples/fifth_provider

.PHONY: test-tools core-tests test-starved test-threads
core-tests: $(CORE_TESTS)
test-tools: $(foreach lua,$(LUAS),$(TEST_TOOLS_$(lua)))

$(BUILD)/fault_server: $(wildcard spec/support/fault_*.c spec/support/fault_*.h)
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -o $@ $(filter %.c,$^) $(shell pkg-config --libs libssl libcrypto) -lpthread

$(BUILD)/old_curl.so $(BUILD)/new_curl.so: PRELOADED_LIBS = -Wl,--no-as-needed $(shell pkg-config --libs libcurl)
$(PRELOADED): $(BUILD)/%.so: spec/support/%.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) -std=c11 -D_GNU_SOURCE -fPIC -shared $(WARNINGS) $(CFLAGS) $(CURL_CFLAGS) -o $@ $< $(PRELOADED_LIBS) -ldl

$(BUILD)/spec/%: spec/core/%.c $(CORE_OBJECTS)
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(ALL_CFLAGS) -Isrc/core $(CURL_CFLAGS) -o $@ $(filter %.c %.o,$^) $(CORE_LIBS) -lcmocka -lpthread

# One program of spec/core is a suite: test-core-uri runs test_uri.
CORE_SUITES := $(CORE_TESTS:$(BUILD)/spec/test_%=test-core-%)
.PHONY: $(CORE_SUITES)
## make test-core   the tests of the C core; test-core-uri is one of them
test-core: $(CORE_SUITES)
$(CORE_SUITES): test-core-%: $(BUILD)/spec/test_% $(BUILD)/fault_server
	@echo "== $<"
	@IDV_BUILD=$(BUILD) $<

# The rule above all others, as on a libcurl from 7.61 to 7.79.
.PHONY: build-without-prereq test-without-prereq test-cjson-fork
build-without-prereq:
	@$(MAKE) -s --no-print-directory PROFILE=without_prereq LUAS=lua5.4 all test-tools
test-without-prereq:
	@$(MAKE) --no-print-directory PROFILE=without_prereq LUAS=lua5.4 SPECS="spec/never_twice_spec.lua spec/faults/old_libcurl_spec.lua" test-lua5.4

# Everything that reads and writes JSON, with what OpenResty's fork of lua-cjson does differently.
FORK_SPECS := $(addprefix spec/,unit/cjson_fork_spec.lua unit/json_spec.lua unit/json_loose_spec.lua unit/left_out_spec.lua unit/answers_spec.lua unit/record_spec.lua \
  rows_spec.lua providers/deepidv_spec.lua providers/impact_spec.lua)
test-cjson-fork: $(BUILD)/lua5.4/idv/core.so $(BUILD)/lua5.4/idv/httpd.so $(TEST_TOOLS_lua5.4)
	@echo "== busted on lua5.4 with OpenResty's lua-cjson, a stand-in"
	@$(subst LUA_PATH=",LUA_PATH="./spec/support/cjson_fork/?.lua;,$(call LUA_ENV,lua5.4)) IDV_CJSON_FORK=yes \
	  lua5.4 spec/run.lua $(FORK_SPECS)
test-starved test-threads: test-%: $(BUILD)/lua5.4/test_%
	@echo "== $<"
	@$(call LUA_ENV,lua5.4) $<

# ---- checking ----

# The sanitizers of gcc have to be in the process before an interpreter that is built without them.
SANITIZERS = $(shell gcc -print-file-name=libasan.so) $(shell gcc -print-file-name=libubsan.so)

## make check   lints; runs the tests with sanitizers, with valgrind and with the collector always at work
check:
	@$(MAKE) --no-print-directory deps FOR=check
	@$(MAKE) --no-print-directory lint check-tidy check-clang check-asan check-threads check-valgrind check-collector

## make check-asan   the tests under AddressSanitizer and UBSan
check-asan:
	@$(MAKE) --no-print-directory PROFILE=asan LUAS=lua5.4 test-core test-starved run-sanitized

.PHONY: check-threads
## make check-threads   several Lua states in threads, under ThreadSanitizer
check-threads:
	@$(MAKE) --no-print-directory PROFILE=tsan LUAS=lua5.4 test-threads

.PHONY: run-sanitized
run-sanitized: all test-tools
	@echo "== busted on lua5.4 under AddressSanitizer and UBSan"
	@$(call LUA_ENV,lua5.4) LD_PRELOAD="$(SANITIZERS)" lua5.4 spec/run.lua $(SPECS)

## make check-collector   the specs with a step of the collector before each call of one of idv's functions
check-collector: $(foreach lua,$(LUAS),$(BUILD)/$(lua)/idv/core.so) test-tools
	@for lua in $(LUAS); do echo "== busted on $$lua, collecting all the time"; \
	  IDV_COLLECTOR=1 $(MAKE) --no-print-directory test-$$lua || exit 1; done

## make check-valgrind   the tests under valgrind
check-valgrind: all $(TEST_TOOLS_lua5.4) $(CORE_TESTS) $(BUILD)/lua5.4/test_starved
	@echo "== cmocka and busted on lua5.4 under valgrind"
	@for test in $(CORE_TESTS) $(BUILD)/lua5.4/test_starved; do \
	  $(call LUA_ENV,lua5.4) $(VALGRIND) $$test >/dev/null || exit 1; \
	done
	@$(call LUA_ENV,lua5.4) $(VALGRIND) lua5.4 spec/run.lua $(SPECS)

VALGRIND := valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
  --errors-for-leak-kinds=definite --suppressions=spec/support/valgrind.supp

## make lint   luacheck, cppcheck and clang-format
lint:
	@echo "== luacheck, cppcheck, clang-format"
	@tools/lint

## make format   formats the C files
format:
	@clang-format -i $(shell git ls-files '*.c' '*.h')

## make hooks   has git lint what is staged before each commit
hooks:
	@git config core.hooksPath tools/hooks

## make check-tidy   clang-tidy, with the checks of .clang-tidy
check-tidy:
	@echo "== clang-tidy"
	@git ls-files 'src/*.c' | xargs -P 2 -n 8 sh -c 'clang-tidy --quiet "$$@" -- $(TIDY_FLAGS) 2>/dev/null' tidy

TIDY_FLAGS = -std=c11 -D_GNU_SOURCE -Isrc/core -Isrc/lua $(shell pkg-config --cflags lua5.4 libcurl)

## make check-clang   everything compiled by the other compiler
check-clang:
	@echo "== everything with clang"
	@$(MAKE) --no-print-directory PROFILE=clang CC=clang LUAS="$(LUAS)" all test-tools core-tests

## make coverage   runs the tests with figures of gcov and luacov
coverage:
	@$(MAKE) --no-print-directory deps FOR=coverage
	@rm -rf build/coverage
	@$(MAKE) --no-print-directory PROFILE=coverage LUAS=lua5.4 run-coverage

# Without the specs that install idv elsewhere, and whatever becomes of those that count what a process leaves behind:
# here it leaves figures.
COVERED_SPECS := $(filter-out spec/packaging/%,$(sort $(wildcard spec/*_spec.lua spec/*/*_spec.lua)))
run-coverage: all test-core test-tools
	@mkdir -p $(BUILD)/hits
	-@$(call LUA_ENV,lua5.4) IDV_COVERAGE=$(CURDIR)/$(BUILD)/hits LUA_INIT_5_4='local there, coverage = pcall(require, "spec.support.coverage") if there then coverage.start() end' \
	  lua5.4 spec/run.lua $(COVERED_SPECS)
	@$(call LUA_ENV,lua5.4) lua5.4 -e 'require("spec.support.coverage").report "$(BUILD)/hits"'
	@gcovr -r . --object-directory $(BUILD) -f src/core -f src/lua -f src/httpd

## make clean   deletes build
clean:
	rm -rf build

include fuzz/fuzz.mk
include packaging/install.mk
include bench/bench.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
