/* Snapshots: the RDB file, written by SAVE, BGSAVE, the save points and the end
 * of the server. A snapshot is written to temp-<pid>.rdb and then takes the place
 * of the one before, so that there always is a whole one. */
#ifndef PERSIST_SNAPSHOT_H
#define PERSIST_SNAPSHOT_H

#include "persist/persist.h"

struct snapshot {
    struct persist *persist;
    int64_t last_save_s, last_try_s; /* wall clock */
    int64_t last_duration_s;         /* of the last one in the background; -1: none */
    bool last_failed;                /* of those in the background */
    bool is_scheduled;               /* as soon as there is no child */
    uint64_t dirty_before;           /* keyspace->dirty at the fork */
    uint64_t saves;
    uint64_t last_cow_bytes;
};

struct snapshot *snapshot_new(struct persist *p);
void snapshot_free(struct snapshot *s);

/* Writes the file now. False: the reason is in the log. */
bool snapshot_save(struct snapshot *s);

/* Begins to write it in a child, of which there must be none. */
bool snapshot_start(struct snapshot *s);

/* Whether the settings ask for snapshots; whether a shutdown with these modes
 * (SHUTDOWN_ON_x) ends with one. */
bool snapshot_is_configured(const struct snapshot *s);

/* Starts what save points or BGSAVE SCHEDULE ask for. */
void snapshot_cron(struct snapshot *s);

/* All data was flushed: the file is to say so, and no child to bring it back. */
void snapshot_flushed(struct snapshot *s);

/* Reads the file, if there is one, into the empty keyspace; keeps what is there
 * with may_merge. False: it is damaged, the reason is in the log. */
bool snapshot_load(struct snapshot *s);
bool snapshot_load_into(struct snapshot *s, bool may_merge);

/* Reads RDB data, and says how much it was. False: r failed. */
struct rdb_reader;
bool snapshot_read(struct persist *p, struct rdb_reader *r, bool may_merge);

/* Writes an RDB file, synced, under this name. False, and errno. */
bool snapshot_write_file(struct persist *p, const char *path, bool is_base, uint64_t step_bytes);

#endif
