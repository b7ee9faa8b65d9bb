--- Runs busted with whatever Lua runs this file: `lua5.4 spec/run.lua spec/unit`. The Makefile sets the paths.

require "busted.runner" { standalone = false }
