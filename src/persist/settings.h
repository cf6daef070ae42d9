/* The settings of persistence: snapshots, append only file, the working
 * directory. persist/settings.c has the rows (persist_options). */
#ifndef PERSIST_SETTINGS_H
#define PERSIST_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

/* Save after interval_s seconds if at least `changes` were made. */
struct save_point {
    int64_t interval_s;
    int64_t changes;
};

enum { SANITIZE_NO, SANITIZE_YES, SANITIZE_CLIENTS };
enum { FSYNC_NO, FSYNC_ALWAYS, FSYNC_EVERYSEC };

struct persist_settings {
    struct save_point *save_points;
    int save_point_count;
    char *dbfilename;
    bool rdbcompression;
    bool rdbchecksum;
    bool rdb_save_incremental_fsync;
    bool stop_writes_on_bgsave_error;
    int sanitize_dump_payload;     /* SANITIZE_x */
    int64_t rdb_version;           /* of the format that is written */
    bool notify_expired_on_load;   /* what came due while the server was down */
    int64_t rdb_key_save_delay_us; /* between keys, for tests; negative: 1 us every -n keys */
    int64_t key_load_delay_us;     /* the same while loading */
    int64_t loading_process_events_interval_bytes;

    bool appendonly;
    char *appendfilename;
    char *appenddirname;
    int appendfsync; /* FSYNC_x */
    bool no_appendfsync_on_rewrite;
    int64_t auto_aof_rewrite_percentage; /* 0: never by itself */
    uint64_t auto_aof_rewrite_min_size_bytes;
    bool aof_load_truncated;
    bool aof_use_rdb_preamble;
    bool aof_timestamp_enabled;
    bool aof_rewrite_incremental_fsync;
    bool aof_disable_auto_gc;
    char *bgsave_cpulist, *aof_rewrite_cpulist;
};

/* The directive `dir` has no field: the working directory of the process is
 * its value, and it changes with the directive, in the file too. */
extern const struct option persist_options[];

#endif
