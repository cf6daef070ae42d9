#include "app/command_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/memory_test.h"
#include "app/system_check.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/version.h"

enum { MEMORY_TEST_PASSES = 3 };

static const char usage[] =
    "Usage: redis-server [file] [--directive value ...] [-]\n"
    "       redis-server -v | --version\n"
    "       redis-server -h | --help\n"
    "       redis-server --test-memory <megabytes> [passes]\n"
    "       redis-server --check-system\n"
    "\n"
    "The file holds a directive on each line, see redis.conf; the options, read after it, are\n"
    "directives too. A last '-' reads more of them from the standard input, before the options.\n"
    "\n"
    "  redis-server                                     with the defaults, on port 6379\n"
    "  redis-server /etc/redis/redis.conf --port 7000   a file, and another port\n"
    "  redis-server --notify-keyspace-events KEA        every keyspace event is announced\n"
    "  echo 'maxmemory 128mb' | redis-server -          directives from the standard input\n";

/* Tells builds apart: by the versions, and by the compiler (FNV-1a, Fowler,
 * Noll, Vo). */
static uint64_t fingerprint(void)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *p = VERSION_REDIS " " VERSION_TOCSIN " " __VERSION__; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3;
    return hash;
}

static void print_version(void)
{
    printf("Redis server v=%s sha=00000000:0 malloc=%s bits=%d build=%016" PRIx64 " tocsin=%s\n", VERSION_REDIS,
           mem_allocator(), (int)sizeof(void *) * 8, fingerprint(), VERSION_TOCSIN);
}

static int test_memory(int argc, char *const *argv)
{
    int64_t megabytes, passes = MEMORY_TEST_PASSES;
    bool understood = argc >= 3 && argc <= 4 && number_parse(slice_of(argv[2]), &megabytes) && megabytes > 0;
    if (understood && argc == 4)
        understood = number_parse(slice_of(argv[3]), &passes) && passes > 0 && passes <= INT32_MAX;
    if (!understood) {
        fputs("--test-memory takes a number of megabytes and, if need be, of passes: --test-memory 4096 10\n", stderr);
        return 1;
    }
    return memory_test_run((size_t)megabytes, (int)passes) ? 0 : 1;
}

bool command_line_answer(int argc, char *const *argv, int *status)
{
    const char *option = argc > 1 ? argv[1] : "";
    int answered = 0;
    if (argc == 2 && (strcmp(option, "-v") == 0 || strcmp(option, "--version") == 0)) {
        print_version();
    } else if (argc == 2 && (strcmp(option, "-h") == 0 || strcmp(option, "--help") == 0)) {
        fputs(usage, stdout);
    } else if (argc == 2 && strcmp(option, "--check-system") == 0) {
        answered = system_check_print() ? 1 : 0;
    } else if (strcmp(option, "--test-memory") == 0) {
        answered = test_memory(argc, argv);
    } else {
        return false;
    }
    *status = answered;
    return true;
}
