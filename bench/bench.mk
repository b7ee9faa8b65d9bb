# The benchmarks. A whole run writes bench/results/latest.json and, from it, the numbers and charts of docs/performance.md.
# BENCH_QUICK=1 makes a short run for development, and ROWS="1 2" runs some rows only; both write nothing.

BENCH_LUAS := lua5.4 luajit
BENCH_BUILD := $(BUILD)/bench
BENCH_C := reference_sequential reference_multi reference_loading load
BENCH_FLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS)

bench_parts := $(BENCH_C:%=$(BENCH_BUILD)/%) $(BENCH_BUILD)/engine_sequential $(BENCH_BUILD)/server $(BENCH_BUILD)/allocations.so \
  $(BENCH_BUILD)/libcurl_time.so \
  $(foreach lua,$(BENCH_LUAS),$(BUILD)/$(lua)/idv/core.so $(BUILD)/$(lua)/bench/meter.so $(BUILD)/$(lua)/bench/bare.so)

.PHONY: bench run-bench bench-charts bench-parts bench-instructions bench-instructions-keep
## make bench ROWS="1 2"   measures; all rows fill in docs/performance.md, some are only shown
bench:
	@$(MAKE) --no-print-directory deps FOR=bench
	@$(MAKE) --no-print-directory run-bench LUAS="$(BENCH_LUAS)"

run-bench: bench-parts
	@$(call LUA_ENV,lua5.4) lua5.4 bench/run.lua $(ROWS)
	@$(if $(ROWS)$(BENCH_QUICK),,$(MAKE) --no-print-directory bench-charts)

## make bench-charts   docs/performance.md and its charts, from the results that are there
bench-charts:
	@$(call LUA_ENV,lua5.4) lua5.4 bench/charts.lua

bench-parts: $(bench_parts)

## make bench-instructions   fails when a path of every call needs more instructions than before; -keep keeps today's
bench-instructions bench-instructions-keep: $(BUILD)/lua5.4/idv/core.so $(BUILD)/lua5.4/bench/meter.so $(BENCH_BUILD)/still.so
	@$(call LUA_ENV,lua5.4) bench/instructions $(if $(findstring keep,$@),keep,check)

$(BENCH_BUILD)/server: bench/server.c src/httpd/authority.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(BENCH_FLAGS) -Isrc/httpd -o $@ $(filter %.c,$^) $(HTTPD_LIBS) -lpthread

$(BENCH_BUILD)/engine_sequential: bench/engine_sequential.c bench/contender.c bench/contender.h $(CORE_OBJECTS)
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(BENCH_FLAGS) -Isrc/core -o $@ $(filter %.c %.o,$^) $(CORE_LIBS)

$(BENCH_BUILD)/%: bench/%.c bench/contender.c bench/contender.h
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(BENCH_FLAGS) -o $@ $(filter %.c,$^) $(CORE_LIBS)

$(BENCH_BUILD)/%.so: bench/%.c
	@mkdir -p $(@D)
	@echo "  CC  $@"
	@$(CC) $(BENCH_FLAGS) -fPIC -shared -o $@ $<

define bench_rules
$$(BUILD)/$(1)/bench/meter.so: $$(BUILD)/$(1)/obj/bench/meter.o $$(BUILD)/$(1)/obj/src/lua/compat.o
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CC) -shared $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^

$$(BUILD)/$(1)/bench/bare.so: $$(BUILD)/$(1)/obj/bench/bare.o $$(BUILD)/$(1)/obj/bench/contender.o $$(BUILD)/$(1)/obj/src/lua/compat.o
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CC) -shared $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(CORE_LIBS)
endef
$(foreach lua,$(filter $(BENCH_LUAS),$(LUAS)),$(eval $(call bench_rules,$(lua))))
