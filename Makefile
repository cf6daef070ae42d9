# Tocsin. `make help` lists the targets.
#
# Objects go to build/<variant>/, the release programs to src/ where users of
# Redis expect them. A variant (release, debug, asan, ubsan, hard) is a set of
# flags and a folder; each keeps its own objects and programs.

PREFIX ?= /usr/local
VARIANT ?= release
BUILD := build/$(VARIANT)
SERVER_FOLDERS := base ds io types db core notify persist repl cluster script commands app
CLIENT_FOLDERS := base ds io

.DEFAULT_GOAL := all

# Finding the system's libraries writes build/deps.mk (and installs what is
# missing, on Debian); every target that compiles needs it.
ifeq ($(filter help clean distclean format uninstall,$(MAKECMDGOALS)),)
include build/deps.mk
endif
build/deps.mk: deps/find deps/packages
	@mkdir -p build
	@deps/find $@

CPPFLAGS += -Isrc -D_GNU_SOURCE $(DEPS_CFLAGS)
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wwrite-strings -Wundef \
    -Wpointer-arith -Wformat=2 -Wno-missing-field-initializers
CFLAGS_release := -O3 -g -flto=auto -fno-omit-frame-pointer
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address -fno-omit-frame-pointer -DMEM_NO_JEMALLOC
CFLAGS_ubsan := -O1 -g -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DMEM_NO_JEMALLOC
CFLAGS_hard := -O1 -g -DTOCSIN_HARD
ifneq ($(findstring clang,$(CC)),)
CFLAGS_release := $(subst -flto=auto,-flto=thin,$(CFLAGS_release))
endif
CFLAGS := -std=c11 -pthread $(WARNINGS) $(CFLAGS_$(VARIANT)) $(EXTRA_CFLAGS)
LDFLAGS := $(CFLAGS) -rdynamic $(EXTRA_LDFLAGS)
ALLOCATOR_LIBS := $(if $(findstring MEM_NO_JEMALLOC,$(CFLAGS_$(VARIANT))),,$(DEPS_JEMALLOC_LIBS))
SERVER_LIBS := $(ALLOCATOR_LIBS) $(DEPS_CRYPTO_LIBS) -lm -ldl
CLIENT_LIBS := $(ALLOCATOR_LIBS) $(DEPS_HIREDIS_LIBS) $(DEPS_EDIT_LIBS) -lm

objects = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(wildcard $(1)))
SERVER_OBJECTS := $(call objects,$(SERVER_FOLDERS:%=src/%/*.c))
CLIENT_OBJECTS := $(call objects,$(CLIENT_FOLDERS:%=src/%/*.c))
CLI_OBJECTS := $(call objects,src/app/cli/*.c)
BENCHMARK_OBJECTS := $(call objects,src/app/benchmark/*.c)
PROGRAMS := redis-server $(if $(CLI_OBJECTS),redis-cli) $(if $(BENCHMARK_OBJECTS),redis-benchmark)
BIN := $(if $(filter release,$(VARIANT)),src,$(BUILD))

all: $(PROGRAMS:%=$(BIN)/%)

$(BIN)/redis-server: $(SERVER_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)
$(BIN)/redis-cli: $(CLIENT_OBJECTS) $(CLI_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)
$(BIN)/redis-benchmark: $(CLIENT_OBJECTS) $(BENCHMARK_OBJECTS)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(BUILD)/obj/%.o: src/%.c build/deps.mk
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The C tests: one program a module, linked with the server's objects but main.
TEST_SOURCES := $(wildcard tests/c/test_*.c)
TEST_PROGRAMS := $(TEST_SOURCES:tests/c/%.c=$(BUILD)/tests/%)
LIBRARY_OBJECTS = $(filter-out $(BUILD)/obj/app/main.o,$(SERVER_OBJECTS))
$(BUILD)/tests/%: tests/c/%.c tests/c/test.h $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CPPFLAGS) -Itests/c $(CFLAGS) -rdynamic -o $@ $< $(LIBRARY_OBJECTS) $(SERVER_LIBS)

test-c: $(TEST_PROGRAMS)
	@tests/c/run $(TEST_PROGRAMS)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf build/release build/debug build/asan build/ubsan build/hard build/lint
	rm -f src/redis-server src/redis-cli src/redis-benchmark src/redis-check-rdb src/redis-check-aof
distclean: clean
	rm -rf build

.PHONY: all clean distclean test-c
