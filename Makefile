# Tocsin. `make help` lists the targets.
#
# Objects go to build/<variant>/, the release programs to src/ where users of
# Redis expect them. A variant (release, debug, asan, ubsan, hard, lint) is a
# set of flags and a folder; each keeps its own objects and programs.

PREFIX ?= /usr/local
VARIANT ?= release
TIME ?= 60
BUILD := build/$(VARIANT)
SERVER_FOLDERS := base ds io types db core notify persist repl cluster script commands app
CLIENT_FOLDERS := base ds io

.DEFAULT_GOAL := all
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

# Finding the system's libraries writes build/deps.mk (and installs what is
# missing, on Debian); every target that compiles needs it.
ifneq ($(filter-out help clean distclean format format-check tls-certs uninstall,$(or $(MAKECMDGOALS),all)),)
include build/deps.mk
endif
build/deps.mk: deps/find deps/packages
	@mkdir -p build
	@deps/find $@

CPPFLAGS += -Isrc -D_GNU_SOURCE $(DEPS_CFLAGS)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wwrite-strings -Wundef \
    -Wpointer-arith -Wformat=2 -Wno-missing-field-initializers
LTO := -flto=auto
ifneq ($(findstring clang,$(CC)),)
LTO := $(if $(shell command -v ld.lld),-flto=thin)
LTO_LINK := $(if $(LTO),-fuse-ld=lld)
endif
CFLAGS_release := -O3 -g $(LTO) -fno-omit-frame-pointer
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address -fno-omit-frame-pointer -DMEM_NO_JEMALLOC
CFLAGS_ubsan := -O1 -g -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DMEM_NO_JEMALLOC
CFLAGS_hard := -O1 -g -DTOCSIN_HARD
CFLAGS_lint := -O0
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DMEM_NO_JEMALLOC
CFLAGS := -std=c11 -pthread $(WARNINGS) $(CFLAGS_$(VARIANT)) $(EXTRA_CFLAGS)
LDFLAGS := $(CFLAGS) $(LTO_LINK) -rdynamic $(EXTRA_LDFLAGS)
ALLOCATOR_LIBS := $(if $(findstring MEM_NO_JEMALLOC,$(CFLAGS_$(VARIANT))),,$(DEPS_JEMALLOC_LIBS))
LUA_LIBS := $(DEPS_LUA_CJSON_LIBS) $(DEPS_LUA_BITOP_LIBS) $(DEPS_LUA_LIBS)
SERVER_LIBS := $(ALLOCATOR_LIBS) $(DEPS_SSL_LIBS) $(DEPS_CRYPTO_LIBS) $(DEPS_LZF_LIBS) $(LUA_LIBS) -lm -ldl
CLIENT_LIBS := $(ALLOCATOR_LIBS) $(DEPS_SSL_LIBS) $(DEPS_CRYPTO_LIBS) $(DEPS_LZF_LIBS) $(DEPS_HIREDIS_LIBS) $(DEPS_EDIT_LIBS) -lm

objects = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(wildcard $(1)))
SERVER_OBJECTS := $(call objects,$(SERVER_FOLDERS:%=src/%/*.c))
CLIENT_OBJECTS := $(call objects,$(CLIENT_FOLDERS:%=src/%/*.c))
CLI_OBJECTS := $(call objects,src/app/cli/*.c)
BENCHMARK_OBJECTS := $(call objects,src/app/benchmark/*.c)
CHECK_OBJECTS := $(call objects,src/app/check/*.c)
PROGRAMS := redis-server redis-cli redis-benchmark redis-check-rdb redis-check-aof
BIN := $(if $(filter release,$(VARIANT)),src,$(BUILD))

all: $(PROGRAMS:%=$(BIN)/%) ## build the programs (the default)

$(BIN)/redis-server: $(SERVER_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BIN)/redis-cli: $(CLIENT_OBJECTS) $(CLI_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)
$(BIN)/redis-benchmark: $(CLIENT_OBJECTS) $(BENCHMARK_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(BIN)/redis-check-rdb: $(filter-out $(BUILD)/obj/app/%,$(SERVER_OBJECTS)) $(CHECK_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BIN)/redis-check-aof: $(BIN)/redis-check-rdb
	@ln -sf redis-check-rdb $@

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What the objects were compiled with: another compiler or flag makes new ones.
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(CFLAGS)' > $@

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

run: all ## build, then start the server on port 6379 with every key event announced
	@echo 'Watch a key expire: in one terminal   src/redis-cli subscribe __keyevent@0__:expired'
	@echo 'and in another                        src/redis-cli set hello world px 1500'
	@exec src/redis-server ./redis.conf --notify-keyspace-events KEA

# The C tests: one program a module, linked with the server's objects but main.
TEST_SOURCES := $(wildcard tests/c/test_*.c)
TEST_PROGRAMS := $(TEST_SOURCES:tests/c/%.c=$(BUILD)/tests/%)
LIBRARY_OBJECTS = $(filter-out $(BUILD)/obj/app/main.o,$(SERVER_OBJECTS))
$(BUILD)/tests/%: tests/c/%.c tests/c/test.h $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CPPFLAGS) -Itests/c $(LDFLAGS) -o $@ $< $(LIBRARY_OBJECTS) $(SERVER_LIBS)

# What is preloaded into a server to let calls fail (tests/integration/faults.tcl).
build/%.so: tests/fault/%.c
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O1 -shared -fPIC -o $@ $<
all: build/fault.so

test: all ## run every suite and sum them up
	@deps/install test
	@tests/all
test-c: $(TEST_PROGRAMS) ## run the C tests alone
	@tests/c/run $(TEST_PROGRAMS)
asan ubsan hard: ## run the tests on this variant: address or undefined-behaviour sanitizer, hostile settings
	@$(MAKE) VARIANT=$@ all
	@deps/install test
	@tests/all $@

# Fuzzing: one list of targets, driven by libFuzzer for TIME seconds each, or
# by a loop of our own, which mutates with a seed and needs no clang.
FUZZ_SOURCES := $(wildcard tests/fuzz/*.c)
$(BUILD)/fuzzer: $(FUZZ_SOURCES) $(wildcard tests/fuzz/*.h) $(LIBRARY_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(CPPFLAGS) -Itests/fuzz $(LDFLAGS) $(FUZZ_DRIVER_$(VARIANT)) -o $@ $(FUZZ_SOURCES) $(LIBRARY_OBJECTS) $(SERVER_LIBS)
FUZZ_DRIVER_fuzz := -fsanitize=fuzzer -DFUZZ_LIBFUZZER
fuzz: ## fuzz every parser for TIME=60 seconds each, with clang's libFuzzer
	@deps/install dev
	@$(MAKE) VARIANT=fuzz CC=clang build/fuzz/fuzzer
	@tests/fuzz/run build/fuzz/fuzzer $(TIME)
fuzz-loop: $(BUILD)/fuzzer ## fuzz every parser for a moment, with any compiler
	@$(BUILD)/fuzzer

bench: all ## measure the budgets, ours beside REFERENCE=/usr/bin/redis-server
	@deps/install dev
	@tests/bench/run

clients: all ## try clients of others, in Python, Ruby, PHP and JavaScript; installs them first
	@deps/install clients
	@mkdir -p build/npm && cp tests/clients/package.json build/npm
	@npm install --prefix build/npm --silent --no-audit --no-fund
	@tests/clients/run

tls-certs: ## make a set of certificates in build/tls to try TLS with, good for a day
	@tests/support/tls-certs build/tls
	@echo 'src/redis-server --tls-port 6380 --tls-cert-file build/tls/server.crt --tls-key-file build/tls/server.key \'
	@echo '    --tls-ca-cert-file build/tls/ca.crt'
	@echo 'src/redis-cli -p 6380 --tls --cacert build/tls/ca.crt --cert build/tls/client.crt --key build/tls/client.key'

lint: all ## check layers, names, headers, style, redis.conf and the command tables
	@tests/lint/run

# For lint: every object, and each header compiled alone.
ALL_OBJECTS := $(SERVER_OBJECTS) $(CLI_OBJECTS) $(BENCHMARK_OBJECTS) $(CHECK_OBJECTS)
objects: $(ALL_OBJECTS)
headers: $(patsubst src/%.h,$(BUILD)/headers/%.ok,$(wildcard src/*/*.h src/app/*/*.h))
$(BUILD)/headers/%.ok: src/%.h $(BUILD)/flags
	@mkdir -p $(@D)
	@echo '#include "$*.h"' | $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -MF $(@:.ok=.d) -MT $@ -fsyntax-only -x c - && touch $@
-include $(shell find $(BUILD)/headers -name '*.d' 2>/dev/null)

C_FILES = $(shell find src tests -name '*.[ch]')
format: ## let clang-format lay out the C
	@clang-format -i $(C_FILES)
format-check:
	@clang-format --dry-run -Werror $(C_FILES)

BINDIR := $(DESTDIR)$(PREFIX)/bin
CONFIG := $(DESTDIR)$(PREFIX)/etc/redis/redis.conf
DOCDIR := $(DESTDIR)$(PREFIX)/share/doc/tocsin
install: all ## install to PREFIX=/usr/local, below DESTDIR; an existing redis.conf stays
	install -d $(BINDIR) $(dir $(CONFIG)) $(DOCDIR)
	install $(PROGRAMS:%=$(BIN)/%) $(BINDIR)
	test -e $(CONFIG) || install -m 644 redis.conf $(CONFIG)
	install -m 644 README.md COPYING $(DOCDIR)
uninstall: ## remove what install put there; a redis.conf that was changed stays
	rm -f $(PROGRAMS:%=$(BINDIR)/%)
	! cmp -s redis.conf $(CONFIG) || rm $(CONFIG)
	rm -rf $(DOCDIR)

clean: ## remove what was built
	rm -rf build/*/
	rm -f $(PROGRAMS:%=src/%)
distclean: clean ## the same, and forget which libraries were found
	rm -rf build

help: ## print this
	@sed -n 's/^\([a-z][a-z -]*\):.* ## \(.*\)/\1 - \2/p' Makefile | awk -F' - ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

.PHONY: all run test test-c asan ubsan hard fuzz fuzz-loop bench clients tls-certs lint objects headers format format-check install \
    uninstall clean distclean help force
