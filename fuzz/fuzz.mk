# Fuzzing: one target per file of this folder, in C or in Lua.
#
# `make fuzz` and `make fuzz-short` end with a table and fail when a target found something; the input that does it is then in
# build/fuzz/findings, and `build/fuzz/<target> FILE` runs it again. What a run learns stays in build/fuzz/corpus, so the
# next one goes on from there; fuzz/corpus holds the inputs to begin with, among them those that once found something. A
# target's paragraph says what an input is.

FUZZ := build/fuzz
FUZZ_CC ?= clang
FUZZ_LUA ?= lua5.4
FUZZ_C_TARGETS := retry uri
FUZZ_LUA_TARGETS := answer redirect request webhook
FUZZ_TARGETS := $(sort $(FUZZ_C_TARGETS) $(FUZZ_LUA_TARGETS))

FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=undefined
FUZZ_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) $(FUZZ_FLAGS) -Isrc/core -Isrc/lua \
  $(shell pkg-config --cflags $(FUZZ_LUA) libcurl)
FUZZ_LINK := -fsanitize=fuzzer,address,undefined
FUZZ_CORE_OBJECTS := $(patsubst %.c,$(FUZZ)/obj/%.o,$(wildcard src/core/*.c))
FUZZ_BINDING_OBJECTS := $(patsubst %.c,$(FUZZ)/obj/%.o,$(BINDING_SOURCES))
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(FUZZ)/%)

.PHONY: fuzz fuzz-build fuzz-short fuzz-merge
## make fuzz SECONDS=60   builds every fuzz target and runs each for that long, two at a time
## make fuzz-short   a fixed number of executions from a fixed seed, in less than half a minute
fuzz fuzz-short: fuzz-build
	@fuzz/run $@ "$(FUZZ_TARGETS)" $(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)

## make fuzz-merge   puts the smallest part of all inputs that covers as much into build/fuzz/merged
fuzz-merge: fuzz-build
	@fuzz/run merge "$(FUZZ_TARGETS)"

fuzz-build:
	@$(MAKE) --no-print-directory deps FOR=fuzz
	@$(MAKE) --no-print-directory $(FUZZ_PROGRAMS)

$(FUZZ)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_C_TARGETS:%=$(FUZZ)/%): $(FUZZ)/%: $(FUZZ)/obj/fuzz/%.o $(FUZZ_CORE_OBJECTS)
	@echo "  LD  $@"
	@$(FUZZ_CC) $(FUZZ_LINK) -o $@ $^ $(CORE_LIBS)

$(FUZZ_LUA_TARGETS:%=$(FUZZ)/%): $(FUZZ)/%: fuzz/lua_target.c $(FUZZ_CORE_OBJECTS) $(FUZZ_BINDING_OBJECTS)
	@echo "  LD  $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -DTARGET='"$*"' $(FUZZ_LINK) -rdynamic -o $@ $^ $(CORE_LIBS) \
	  $(shell pkg-config --libs $(FUZZ_LUA))
