#include "persist/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "io/rdb.h"
#include "persist/aof.h"
#include "persist/persist.h"

#define OPTION_SETTINGS struct persist_settings

/* save: pairs of seconds and changes. Lines add up, none or "" clears. */

static bool parse_point(const struct slice *words, struct save_point *point)
{
    return number_parse(words[0], &point->interval_s) && number_parse(words[1], &point->changes) &&
           point->interval_s >= 1 && point->changes >= 0;
}

static void fini_save(void *module_settings)
{
    struct persist_settings *settings = module_settings;
    mem_free(settings->save_points);
    settings->save_points = NULL;
    settings->save_point_count = 0;
}

static bool set_save(const struct option_context *ctx, int argc, const struct slice *argv,
                     struct buffer *reason)
{
    struct persist_settings *settings = ctx->settings;
    if (argc == 0 || (argc == 1 && argv[0].len == 0)) {
        fini_save(settings);
        return true;
    }
    struct save_point point;
    if (argc % 2 != 0) return option_refuse(reason, "Invalid save parameters");
    for (int i = 0; i < argc; i += 2)
        if (!parse_point(&argv[i], &point)) return option_refuse(reason, "Invalid save parameters");
    size_t count = (size_t)(settings->save_point_count + argc / 2);
    settings->save_points = mem_realloc(settings->save_points, count * sizeof *settings->save_points);
    for (int i = 0; i < argc; i += 2)
        parse_point(&argv[i], &settings->save_points[settings->save_point_count++]);
    return true;
}

static void get_save(const struct option_context *ctx, struct buffer *to)
{
    const struct persist_settings *settings = ctx->settings;
    for (int i = 0; i < settings->save_point_count; i++) {
        const struct save_point *point = &settings->save_points[i];
        buffer_printf(to, "%s%" PRId64 " %" PRId64, i ? " " : "", point->interval_s, point->changes);
    }
}

static bool rewrite_save(const struct option_context *ctx, struct buffer *to)
{
    const struct persist_settings *settings = ctx->settings;
    if (settings->save_point_count == 0) buffer_append_text(to, "save \"\"\n");
    for (int i = 0; i < settings->save_point_count; i++) {
        const struct save_point *point = &settings->save_points[i];
        buffer_printf(to, "save %" PRId64 " %" PRId64 "\n", point->interval_s, point->changes);
    }
    return true;
}

/* dir: the working directory, at once, so that the paths in later lines are
 * seen from there. */

static bool set_dir(const struct option_context *ctx, int argc, const struct slice *argv,
                    struct buffer *reason)
{
    char *path = mem_copy(argv[0].ptr, argv[0].len);
    bool changed = strlen(path) == argv[0].len && chdir(path) == 0;
    const char *why = strerror(strlen(path) == argv[0].len ? errno : ENOENT);
    (void)ctx, (void)argc;
    mem_free(path);
    return changed || option_refuse(reason, "%s", why);
}

static void get_dir(const struct option_context *ctx, struct buffer *to)
{
    char path[PATH_MAX];
    (void)ctx;
    if (getcwd(path, sizeof path)) buffer_append_text(to, path);
}

/* Names of files in that directory. */

static bool is_path(struct slice name)
{
    return name.len && memchr(name.ptr, '/', name.len) != NULL;
}

static bool check_dbfilename(const struct option_context *ctx, int argc, const struct slice *argv,
                             struct buffer *reason)
{
    (void)ctx, (void)argc;
    return !is_path(argv[0]) || option_refuse(reason, "dbfilename can't be a path, just a filename");
}

static bool check_appendfilename(const struct option_context *ctx, int argc, const struct slice *argv,
                                 struct buffer *reason)
{
    (void)ctx, (void)argc;
    if (argv[0].len == 0) return option_refuse(reason, "appendfilename can't be empty");
    return !is_path(argv[0]) || option_refuse(reason, "appendfilename can't be a path, just a filename");
}

static bool check_appenddirname(const struct option_context *ctx, int argc, const struct slice *argv,
                                struct buffer *reason)
{
    (void)ctx, (void)argc;
    if (argv[0].len == 0) return option_refuse(reason, "appenddirname can't be empty");
    return !is_path(argv[0]) || option_refuse(reason, "appenddirname can't be a path, just a dirname");
}

/* What acts at once; the module is a struct persist, NULL where settings are all there is. */

static bool apply_appendonly(const struct option_context *ctx, struct buffer *reason)
{
    const struct persist *p = ctx->module;
    return p == NULL || aof_switch(p->aof) ||
           option_refuse(reason, "Unable to turn on AOF. Check server logs.");
}

static bool apply_refusal(const struct option_context *ctx, struct buffer *reason)
{
    (void)reason;
    if (ctx->module) persist_refuse_writes(ctx->module);
    return true;
}

static const struct option_word sanitize_modes[] = {
    {"no", SANITIZE_NO}, {"yes", SANITIZE_YES}, {"clients", SANITIZE_CLIENTS}, {NULL, 0}};

static const struct option_word fsync_modes[] = {
    {"everysec", FSYNC_EVERYSEC}, {"always", FSYNC_ALWAYS}, {"no", FSYNC_NO}, {NULL, 0}};

enum {
    IMMUTABLE = OPTION_IMMUTABLE,
    HIDDEN = OPTION_HIDDEN,
    PROTECTED = OPTION_PROTECTED,
    LINES = OPTION_WORDS | OPTION_ADDS,
};

/* name, alias, kind and field, default, min, max, flags */
const struct option persist_options[] = {
    {"save", NULL, SPECIAL, "3600 1 300 100 60 10000", 0, 0, LINES, .set = set_save, .get = get_save,
     .rewrite = rewrite_save, .fini = fini_save, .apply = apply_refusal},
    {"dir", NULL, SPECIAL, .flags = PROTECTED, .set = set_dir, .get = get_dir},
    {"dbfilename", NULL, TEXT_AT(dbfilename), "dump.rdb", 0, 0, PROTECTED, .check = check_dbfilename},
    {"rdbcompression", NULL, BOOL_AT(rdbcompression), "yes"},
    {"rdbchecksum", NULL, BOOL_AT(rdbchecksum), "yes", 0, 0, IMMUTABLE},
    {"rdb-save-incremental-fsync", NULL, BOOL_AT(rdb_save_incremental_fsync), "yes"},
    {"stop-writes-on-bgsave-error", NULL, BOOL_AT(stop_writes_on_bgsave_error), "yes",
     .apply = apply_refusal},
    {"sanitize-dump-payload", NULL, ENUM_AT(sanitize_dump_payload), "no", .words = sanitize_modes},
    {"rdb-version", NULL, INT_AT(rdb_version), "11", RDB_VERSION_LEAST, RDB_VERSION_MAX},
    {"notify-expired-on-load", NULL, BOOL_AT(notify_expired_on_load), "yes"},
    {"rdb-key-save-delay", NULL, INT_AT(rdb_key_save_delay_us), "0", INT32_MIN, INT32_MAX, HIDDEN},
    {"key-load-delay", NULL, INT_AT(key_load_delay_us), "0", INT32_MIN, INT32_MAX, HIDDEN},
    {"loading-process-events-interval-bytes", NULL, INT_AT(loading_process_events_interval_bytes), "2097152",
     1024, INT32_MAX, HIDDEN},
    {"appendonly", NULL, BOOL_AT(appendonly), "no", .apply = apply_appendonly},
    {"appendfilename", NULL, TEXT_AT(appendfilename), "appendonly.aof", 0, 0, IMMUTABLE,
     .check = check_appendfilename},
    {"appenddirname", NULL, TEXT_AT(appenddirname), "appendonlydir", 0, 0, IMMUTABLE,
     .check = check_appenddirname},
    {"appendfsync", NULL, ENUM_AT(appendfsync), "everysec", .words = fsync_modes},
    {"no-appendfsync-on-rewrite", NULL, BOOL_AT(no_appendfsync_on_rewrite), "no"},
    {"auto-aof-rewrite-percentage", NULL, INT_AT(auto_aof_rewrite_percentage), "100", 0, INT32_MAX},
    {"auto-aof-rewrite-min-size", NULL, MEMORY_AT(auto_aof_rewrite_min_size_bytes), "64mb", 0, INT64_MAX},
    {"aof-load-truncated", NULL, BOOL_AT(aof_load_truncated), "yes"},
    {"aof-use-rdb-preamble", NULL, BOOL_AT(aof_use_rdb_preamble), "yes"},
    {"aof-timestamp-enabled", NULL, BOOL_AT(aof_timestamp_enabled), "no"},
    {"aof-rewrite-incremental-fsync", NULL, BOOL_AT(aof_rewrite_incremental_fsync), "yes"},
    {"aof-disable-auto-gc", NULL, BOOL_AT(aof_disable_auto_gc), "no"},
    {"bgsave_cpulist", NULL, TEXT_AT(bgsave_cpulist), .flags = IMMUTABLE},
    {"aof_rewrite_cpulist", NULL, TEXT_AT(aof_rewrite_cpulist), .flags = IMMUTABLE},
    {0},
};
