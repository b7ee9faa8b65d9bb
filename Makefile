# idv: see README.md. The two commands of a newcomer are `make demo` and `make test`.
#
# Everything is built for every Lua that the machine has (LUAS=lua5.4 builds for one), into build/<lua>/idv/*.so.
# PROFILE=asan builds with AddressSanitizer and UBSan into build/asan/..., PROFILE=coverage with gcov.

ALL_LUAS := lua5.4 lua5.3 lua5.2 lua5.1 luajit
LUAS ?= $(foreach lua,$(ALL_LUAS),$(if $(shell command -v $(lua) && pkg-config --exists $(lua) && echo yes),$(lua)))

PROFILE ?=
BUILD := build$(if $(PROFILE),/$(PROFILE))

CC ?= gcc
WARNINGS := -Wall -Wextra -Wshadow -Werror
CFLAGS ?= -O2 -g
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
CFLAGS_coverage := -O0 -g --coverage
PROFILE_FLAGS := $(CFLAGS_$(PROFILE))
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) $(CFLAGS) $(PROFILE_FLAGS) $(DEFINES) -MMD -MP

CORE_SOURCES := $(sort $(wildcard src/core/*.c))
BINDING_SOURCES := $(sort $(wildcard src/lua/*.c))
HTTPD_SOURCES := $(sort $(wildcard src/httpd/*.c)) src/lua/compat.c
CORE_OBJECTS := $(CORE_SOURCES:%.c=$(BUILD)/%.o)

CORE_LIBS = $(shell pkg-config --libs libcurl libcrypto)
HTTPD_LIBS = $(shell pkg-config --libs libmicrohttpd libcrypto)

.PHONY: all build demo test check clean setup-% test-core test-lua run-demo run-test

all: build

# ---- building ----

build: $(foreach lua,$(LUAS),$(BUILD)/$(lua)/idv/core.so $(BUILD)/$(lua)/idv/httpd.so)

$(BUILD)/src/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(shell pkg-config --cflags libcurl) -c -o $@ $<

# One set of rules for each Lua: $(1) is its name.
define lua_rules
BINDING_OBJECTS_$(1) := $$(BINDING_SOURCES:%.c=$$(BUILD)/$(1)/obj/%.o)
HTTPD_OBJECTS_$(1) := $$(HTTPD_SOURCES:%.c=$$(BUILD)/$(1)/obj/%.o)

$$(BUILD)/$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) -Isrc/core -Isrc/lua $$(shell pkg-config --cflags $(1)) -c -o $$@ $$<

$$(BUILD)/$(1)/idv/core.so: $$(BINDING_OBJECTS_$(1)) $$(CORE_OBJECTS)
	@mkdir -p $$(@D)
	$$(CC) -shared $$(CFLAGS) $$(PROFILE_FLAGS) $$(LDFLAGS) -o $$@ $$^ $$(CORE_LIBS)

$$(BUILD)/$(1)/idv/httpd.so: $$(HTTPD_OBJECTS_$(1))
	@mkdir -p $$(@D)
	$$(CC) -shared $$(CFLAGS) $$(PROFILE_FLAGS) $$(LDFLAGS) -o $$@ $$^ $$(HTTPD_LIBS)
endef
$(foreach lua,$(LUAS),$(eval $(call lua_rules,$(lua))))

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf build
