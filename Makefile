# idv: see README.md. The two commands of a newcomer are `make demo` and `make test`; both install what is missing.
#
#   make          builds for every Lua that the machine has (LUAS=lua5.4 builds for one) into build/<lua>/idv/*.so
#   make demo     takes an applicant through the four providers in the sandbox
#   make test     runs all tests on every Lua
#   make check    runs them under the sanitizers and valgrind, and the linters
#   make coverage runs them with gcov and luacov figures
#   make game-server PLAYERS=1000 GAME_LUA=luajit   prints what a tick costs while players are onboarded
#   make clean
#
# PROFILE=asan builds with AddressSanitizer and UBSan into build/asan/..., PROFILE=coverage for gcov.

ALL_LUAS := lua5.4 lua5.3 lua5.2 lua5.1 luajit
LUAS ?= $(foreach lua,$(ALL_LUAS),$(if $(shell command -v $(lua) && pkg-config --exists $(lua) && echo yes),$(lua)))

PROFILE ?=
BUILD := build$(if $(PROFILE),/$(PROFILE))

CFLAGS ?= -O2 -g
PROFILE_FLAGS_asan := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
PROFILE_FLAGS_coverage := -O0 --coverage
PROFILE_FLAGS := $(PROFILE_FLAGS_$(PROFILE))
WARNINGS := -Wall -Wextra -Wshadow -Werror
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -fPIC $(WARNINGS) $(CFLAGS) $(PROFILE_FLAGS) $(DEFINES) -MMD -MP

CORE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard src/core/*.c)))
BINDING_SOURCES := $(sort $(wildcard src/lua/*.c))
HTTPD_SOURCES := $(sort $(wildcard src/httpd/*.c)) src/lua/compat.c
CORE_TESTS := $(patsubst spec/core/%.c,$(BUILD)/spec/%,$(sort $(wildcard spec/core/test_*.c)))

CORE_LIBS = $(shell pkg-config --libs libcurl libcrypto) -lm
HTTPD_LIBS = $(shell pkg-config --libs libmicrohttpd gnutls libcrypto)

# How a Lua finds the modules of this build.
LUA_ENV = LUA_PATH="./?.lua;./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./$(BUILD)/$(1)/?.so;;" IDV_BUILD=$(BUILD)

.PHONY: all demo run-demo game-server test run-test test-core check check-asan check-valgrind check-lint coverage run-coverage clean
all: $(foreach lua,$(LUAS),$(BUILD)/$(lua)/idv/core.so $(BUILD)/$(lua)/idv/httpd.so)

# ---- the two commands ----

demo:
	@.ci/install demo
	@$(MAKE) --no-print-directory run-demo LUAS=lua5.4

run-demo: all
	@$(call LUA_ENV,lua5.4) IDV_SANDBOX="lua5.4 bin/idv-sandbox" lua5.4 examples/onboarding.lua

# The game server of examples/game_server with PLAYERS at once, for the figures that it prints.
PLAYERS ?= 1000
GAME_LUA ?= lua5.4
game-server: $(BUILD)/$(GAME_LUA)/idv/core.so $(BUILD)/$(GAME_LUA)/idv/httpd.so $(BUILD)/$(GAME_LUA)/game_server
	@$(call LUA_ENV,$(GAME_LUA)) IDV_SANDBOX="$(GAME_LUA) bin/idv-sandbox" GAME_WORLD=examples/game_server/server.lua \
	  $(BUILD)/$(GAME_LUA)/game_server $(PLAYERS) 60

test:
	@.ci/install test
	@.ci/nginx
	@$(MAKE) --no-print-directory run-test

run-test: test-core $(LUAS:%=test-%)

# ---- building ----

$(BUILD)/src/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(ALL_CFLAGS) $(shell pkg-config --cflags libcurl) -c -o $@ $<

# The rules for one Lua: $(1) is its name.
define lua_rules
BINDING_OBJECTS_$(1) := $$(patsubst %.c,$$(BUILD)/$(1)/obj/%.o,$$(BINDING_SOURCES))
HTTPD_OBJECTS_$(1) := $$(patsubst %.c,$$(BUILD)/$(1)/obj/%.o,$$(HTTPD_SOURCES))

$$(BUILD)/$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	@echo "  CC  $$@"
	@$$(CC) $$(ALL_CFLAGS) -Isrc/core -Isrc/lua $$(shell pkg-config --cflags $(1)) -c -o $$@ $$<

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

$$(BUILD)/$(1)/forking.so: $$(BUILD)/$(1)/obj/spec/support/forking.o $$(BUILD)/$(1)/obj/src/lua/compat.o
	@$$(CC) -shared $$(CFLAGS) $$(PROFILE_FLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^)

TEST_TOOLS_$(1) := $$(BUILD)/$(1)/forking.so $$(BUILD)/$(1)/game_server $$(BUILD)/fault_server

.PHONY: test-$(1)
test-$(1): $$(BUILD)/$(1)/idv/core.so $$(BUILD)/$(1)/idv/httpd.so $$(TEST_TOOLS_$(1))
	@echo "== busted on $(1)"
	@$$(call LUA_ENV,$(1)) $(1) spec/run.lua $$(SPECS)
endef
$(foreach lua,$(LUAS),$(eval $(call lua_rules,$(lua))))

# ---- testing ----

SPECS ?= spec

.PHONY: test-tools
test-tools: $(foreach lua,$(LUAS),$(TEST_TOOLS_$(lua)))

$(BUILD)/fault_server: spec/support/fault_server.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) -o $@ $< -lpthread

$(BUILD)/spec/%: spec/core/%.c $(CORE_OBJECTS)
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(ALL_CFLAGS) -Isrc/core -o $@ $(filter %.c %.o,$^) $(CORE_LIBS) -lcmocka -lpthread

test-core: $(CORE_TESTS) $(BUILD)/fault_server
	@for test in $(CORE_TESTS); do echo "== $$test"; IDV_BUILD=$(BUILD) $$test || exit 1; done

# ---- checking ----

# The sanitizers of gcc have to be in the process before an interpreter that is built without them.
SANITIZERS = $(shell gcc -print-file-name=libasan.so) $(shell gcc -print-file-name=libubsan.so)

check:
	@.ci/install check
	@$(MAKE) --no-print-directory check-asan check-valgrind check-lint

check-asan:
	@$(MAKE) --no-print-directory PROFILE=asan LUAS=lua5.4 test-core all test-tools
	@echo "== busted on lua5.4 under AddressSanitizer and UBSan"
	@$(subst build/lua5.4,build/asan/lua5.4,$(call LUA_ENV,lua5.4)) LD_PRELOAD="$(SANITIZERS)" lua5.4 spec/run.lua $(SPECS)

check-valgrind: all $(TEST_TOOLS_lua5.4) $(CORE_TESTS)
	@echo "== cmocka and busted on lua5.4 under valgrind"
	@for test in $(CORE_TESTS); do $(VALGRIND) $$test >/dev/null || exit 1; done
	@$(call LUA_ENV,lua5.4) $(VALGRIND) lua5.4 spec/run.lua $(SPECS)

VALGRIND := valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite

check-lint:
	@echo "== luacheck, cppcheck, clang-format"
	@luacheck -q lua bin/idv-sandbox spec examples bench bench/instructions
	@cppcheck -q --std=c11 --error-exitcode=1 --enable=warning,portability --inline-suppr --suppress=missingInclude \
	  -D_GNU_SOURCE src/core src/lua src/httpd
	@clang-format --dry-run -Werror $(shell git ls-files '*.c' '*.h')

coverage:
	@.ci/install coverage
	@rm -rf build/coverage
	@$(MAKE) --no-print-directory PROFILE=coverage LUAS=lua5.4 run-coverage

run-coverage: all test-core test-tools
	@mkdir -p $(BUILD)/hits
	@$(call LUA_ENV,lua5.4) IDV_COVERAGE=$(CURDIR)/$(BUILD)/hits LUA_INIT='require("spec.support.coverage").start()' \
	  lua5.4 spec/run.lua $(SPECS)
	@$(call LUA_ENV,lua5.4) lua5.4 -e 'require("spec.support.coverage").report "$(BUILD)/hits"'
	@gcovr -r . --object-directory $(BUILD) -f src/core -f src/lua -f src/httpd

clean:
	rm -rf build

include bench/bench.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
