# The build that runs fastest: `make PROFILE=trained LUAS=lua5.4 install`.
#
# It is built twice. The first one counts which way every branch goes while packaging/training.lua takes applicants
# through the sandbox; the second one is laid out by that: what every call goes through lies together and runs straight
# on, and what seldom happens lies elsewhere. Between two waits for a server the processor's caches are lost to others,
# so a call costs by how much code it touches more than by how much it runs. The source, and with it what idv does, is the
# same. For gcc, on the machine that builds; the sandbox, and with it libmicrohttpd and GnuTLS, has to be there.

# Code is kept small: nothing is padded, and no loop or function is written out twice to run faster when it is warm.
TRAINING_FLAGS := -fprofile-generate
TRAINED_FLAGS := -fprofile-use -Wno-missing-profile -flto=auto -ffat-lto-objects -fno-plt \
  -falign-functions=1 -falign-loops=1 -falign-jumps=1 -fno-unroll-loops -fno-peel-loops -fno-split-loops \
  -fno-unswitch-loops -fno-tree-vectorize -fno-tracer -fno-ipa-cp-clone

is_clang = $(shell $(CC) -dM -E - </dev/null | grep -o __clang__)

# What the objects of a trained build need first: the training for these Luas. It leaves its counts beside the objects.
empty :=
TRAINING := $(if $(filter trained,$(PROFILE)),$(if $(IS_TRAINING),,$(BUILD)/training-$(subst $(empty) $(empty),-,$(LUAS))))

ifneq ($(TRAINING),)
.PHONY: train-for-gcc-only
train-for-gcc-only:
	@$(if $(is_clang),echo "PROFILE=trained needs gcc; CC is $(CC)"; exit 1)

# Only what depends on the training is deleted: other things may be made beside it.
$(TRAINING): packaging/training.lua $(wildcard src/core/*.[ch] src/lua/*.[ch]) | train-for-gcc-only
	@rm -rf $(BUILD)/training-* $(BUILD)/src $(BUILD)/*/obj $(BUILD)/*/idv
	@for lua in $(LUAS); do \
	  $(MAKE) -s --no-print-directory PROFILE= LUAS=$$lua build/$$lua/idv/core.so build/$$lua/idv/httpd.so && \
	  $(MAKE) --no-print-directory IS_TRAINING=yes LUAS=$$lua $(BUILD)/$$lua/idv/core.so && \
	  echo "  training on $$lua" && \
	  $(call LUA_ENV,$$lua) IDV_SANDBOX="env LUA_CPATH='./build/$$lua/?.so;;' $$lua bin/idv-sandbox" \
	    $$lua packaging/training.lua || exit 1; \
	done
	@test -s $(BUILD)/src/core/engine.gcda || { echo "the training left no counts"; exit 1; }
	@find $(BUILD)/src $(BUILD)/*/obj $(BUILD)/*/idv \( -name '*.o' -o -name '*.so' \) -delete
	@touch $@
endif

# All specs once on what is installed by it, which is other machine code.
.PHONY: test-trained
test-trained:
	@$(MAKE) --no-print-directory PROFILE=trained LUAS=lua5.4 test-lua5.4
