/* redis-check-rdb and redis-check-aof: which of them follows from the name. */
#include <stdio.h>
#include <string.h>

#include "app/check/aof.h"
#include "app/check/rdb.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/random.h"
#include "base/version.h"

static int usage(FILE *to, bool is_aof)
{
    if (is_aof)
        fputs("Usage: redis-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n",
              to);
    else fputs("Usage: redis-check-rdb <rdb-file-name>\n", to);
    return to == stdout ? 0 : 1;
}

static int check_rdb(int argc, char **argv)
{
    uint64_t end;
    if (argc != 2) return usage(stderr, false);
    return rdb_check(argv[1], &end) ? 0 : 1;
}

static int check_aof(int argc, char **argv)
{
    struct aof_check_options options = {0};
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        bool is_time = strcmp(argv[i], "--truncate-to-timestamp") == 0;
        if (strcmp(argv[i], "--fix") == 0) {
            options.fix = true;
        } else if (is_time && i + 1 < argc) {
            if (!number_parse(slice_of(argv[++i]), &options.until_s) || options.until_s <= 0) {
                fprintf(stderr, "Invalid timestamp: '%s' is not a number of seconds\n", argv[i]);
                return 1;
            }
        } else if (is_time || path) {
            return usage(stderr, true);
        } else {
            path = argv[i];
        }
    }
    if (path == NULL || (options.fix && options.until_s)) return usage(stderr, true);
    return aof_check(path, &options) ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint8_t seed[16];
    const char *slash = strrchr(argv[0], '/');
    bool is_aof = strstr(slash ? slash : argv[0], "aof") != NULL;
    setvbuf(stdout, NULL, _IOLBF, 0);
    mem_thread_init();
    random_bytes(seed, sizeof seed);
    hash_set_seed(seed);
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return usage(stdout, is_aof);
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-v") == 0)) {
        printf("%s %s (Tocsin %s)\n", is_aof ? "redis-check-aof" : "redis-check-rdb", VERSION_REDIS,
               VERSION_TOCSIN);
        return 0;
    }
    return is_aof ? check_aof(argc, argv) : check_rdb(argc, argv);
}
