# Installing without LuaRocks, and what a release is made of.
#
# `make install LUA=lua5.4` puts under PREFIX what one Lua needs; `make install-sandbox` adds the sandbox, and
# `make uninstall` takes both away again. DESTDIR goes in front, for packagers. The folders are those in which that Lua
# looks by itself when PREFIX is /usr/local. With another one the commands find them all the same; for programs, LUA_PATH and
# LUA_CPATH have to name them, or `idv run` runs them.

LUA ?= $(firstword $(LUAS))
PREFIX ?= /usr/local
DESTDIR ?=

LUA_NUMBER = $(if $(findstring luajit,$(LUA)),5.1,$(patsubst lua%,%,$(LUA)))
IDV_VERSION = $(shell sed -n 's/^return "\(.*\)"$$/\1/p' lua/idv/version.lua)
TO_LUA = $(PREFIX)/share/lua/$(LUA_NUMBER)
TO_LUA_C = $(PREFIX)/lib/lua/$(LUA_NUMBER)/idv
TO_LIB = $(PREFIX)/lib
TO_MAN = $(PREFIX)/share/man/man1
# Where bash, zsh and fish look for the completion of a command.
TO_COMPLETIONS = $(PREFIX)/share/bash-completion/completions/idv $(PREFIX)/share/zsh/site-functions/_idv \
  $(PREFIX)/share/fish/vendor_completions.d/idv.fish

SANDBOX_LUA = $(shell find lua/idv/sandbox -name '*.lua')
LIBRARY_LUA = $(filter-out $(SANDBOX_LUA),$(shell find lua -name '*.lua'))
SANDBOX_BIN = bin/idv-sandbox
LIBRARY_BIN = $(filter-out $(SANDBOX_BIN),$(wildcard bin/*))
LIBRARY_MAN = $(wildcard docs/*.1)

INSTALLED_LIBRARY = $(LIBRARY_LUA:lua/%=$(TO_LUA)/%) $(TO_LUA_C)/core.so $(LIBRARY_BIN:%=$(PREFIX)/%) \
  $(TO_LIB)/libidv.a $(PREFIX)/include/idv.h $(TO_LIB)/pkgconfig/idv.pc $(LIBRARY_MAN:docs/%=$(TO_MAN)/%) \
  $(TO_COMPLETIONS)
INSTALLED_SANDBOX = $(SANDBOX_LUA:lua/%=$(TO_LUA)/%) $(TO_LUA_C)/httpd.so $(SANDBOX_BIN:%=$(PREFIX)/%)

.PHONY: install install-sandbox uninstall rockspecs dist

# $(call put,mode,files,folder)
put = $(foreach file,$(2),install -D -m $(1) $(file) $(DESTDIR)$(3)/$(notdir $(file)) &&) true
# Lua files keep their folders.
put_lua = $(foreach file,$(1),install -D -m 644 $(file) $(DESTDIR)$(TO_LUA)/$(file:lua/%=%) &&) true
# A script runs on the Lua that it was installed for, and knows where its modules are.
put_scripts = $(foreach file,$(1),install -d $(DESTDIR)$(PREFIX)/bin && \
  sed '1s|^\#!.*|\#!/usr/bin/env $(LUA)|; s|^local INSTALLED = nil .*|local INSTALLED = "$(TO_LUA)"|' $(file) >$(DESTDIR)$(PREFIX)/$(file) && \
  chmod 755 $(DESTDIR)$(PREFIX)/$(file) &&) true

## make install PREFIX=/usr/local LUA=lua5.4   the library without LuaRocks: Lua files, core.so, libidv.a, idv.h, idv.pc
install: $(BUILD)/$(LUA)/idv/core.so $(BUILD)/$(LUA)/libidv.a
	@$(call put_lua,$(LIBRARY_LUA))
	@$(call put_scripts,$(LIBRARY_BIN))
	@$(call put,755,$(BUILD)/$(LUA)/idv/core.so,$(TO_LUA_C))
	@$(call put,644,$(BUILD)/$(LUA)/libidv.a,$(TO_LIB))
	@$(call put,644,src/lua/idv.h,$(PREFIX)/include)
	@$(call put,644,$(LIBRARY_MAN),$(TO_MAN))
	@install -D -m 644 completions/idv.bash $(DESTDIR)$(word 1,$(TO_COMPLETIONS))
	@install -D -m 644 completions/_idv $(DESTDIR)$(word 2,$(TO_COMPLETIONS))
	@install -D -m 644 completions/idv.fish $(DESTDIR)$(word 3,$(TO_COMPLETIONS))
	@install -d $(DESTDIR)$(TO_LIB)/pkgconfig
	@sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(IDV_VERSION)|; s|@LUA@|$(LUA)|; s|@LIBS@|$(strip $(CORE_LIBS))|' \
	  packaging/idv.pc.in >$(DESTDIR)$(TO_LIB)/pkgconfig/idv.pc
	@echo "installed for $(LUA) under $(DESTDIR)$(PREFIX)"

## make install-sandbox   the sandbox beside it
install-sandbox: $(BUILD)/$(LUA)/idv/httpd.so
	@$(call put_lua,$(SANDBOX_LUA))
	@$(call put_scripts,$(SANDBOX_BIN))
	@$(call put,755,$(BUILD)/$(LUA)/idv/httpd.so,$(TO_LUA_C))

## make uninstall   removes both again, with the same PREFIX, DESTDIR and LUA
uninstall:
	@rm -f $(addprefix $(DESTDIR),$(INSTALLED_LIBRARY) $(INSTALLED_SANDBOX))
	@for folder in $(DESTDIR)$(TO_LUA)/idv $(DESTDIR)$(TO_LUA_C); do \
	  [ ! -d $$folder ] || find $$folder -depth -type d -empty -delete; done

## make rockspecs   writes the rockspecs from the tree, after a file was added or removed
rockspecs:
	@$(firstword $(LUAS)) packaging/rockspecs.lua

## make dist   the source archives and source rocks of a release, in build/dist
dist:
	@$(firstword $(LUAS)) packaging/dist.lua build/dist
