/* The append only file: every change as a command, in the directory
 * appenddirname, in several files of which a manifest (persist/manifest.h) says
 * what they are: a base, all data as it once was, and increments, what was
 * changed since. A rewrite makes a new base in a child; what changes meanwhile
 * goes to a new increment.
 *
 * What is propagated (core/propagate.h) is written once a turn of the loop, before
 * replies are sent: with appendfsync always it is on the disk by then, for all
 * clients of the turn by one sync; with everysec a thread syncs each second. */
#ifndef PERSIST_AOF_H
#define PERSIST_AOF_H

#include <stdatomic.h>
#include <sys/types.h>

#include "persist/manifest.h"
#include "persist/persist.h"

enum aof_state {
    AOF_OFF,
    AOF_ON,
    AOF_WAITS_FOR_BASE, /* switched on: the first base is being made */
};

struct aof {
    struct persist *persist;
    enum aof_state state;
    int fd; /* of the last increment; -1 while off */
    struct manifest manifest;
    uint64_t increment_bytes; /* of the last increment, all of it whole units */
    uint64_t total_bytes;     /* of all files */
    uint64_t base_bytes;      /* total_bytes after the last rewrite, or at the start */

    /* Writing and syncing. */
    int write_errno;   /* of the last write or sync; 0: all is well */
    char refusal[128]; /* the error that follows from it */
    int64_t last_sync_ms, delayed_since_ms;
    bool is_unsynced;
    atomic_bool is_syncing; /* a sync is queued or running in the background */
    atomic_int sync_errno;
    uint64_t delayed_syncs;
    int64_t stamped_s; /* the last timestamp annotation */
    int64_t error_logged_ms;

    /* Rewriting. */
    bool is_scheduled;
    bool last_failed;
    int failures; /* in a row */
    uint64_t rewrites;
    int64_t last_duration_s; /* -1: none */
    int64_t next_try_ms;     /* of an automatic one, after failures */
    uint64_t last_cow_bytes;
    int retired_increments; /* those that the base being made contains */
};

struct aof *aof_new(struct persist *p);
void aof_free(struct aof *a);

/* Reads all files into the empty keyspace; without a manifest a single file of
 * older versions becomes the base of a new one. False: the reason is in the log. */
bool aof_load(struct aof *a);

/* Begins to append, at the start of the server; with nothing there yet, makes the
 * first base. False: the reason is in the log. */
bool aof_open(struct aof *a);

/* Acts on `appendonly`, while the server runs. False: it could not. */
bool aof_switch(struct aof *a);

/* Writes what was propagated; before replies are sent, and before the loop sleeps. */
void aof_write(struct aof *a);

bool aof_write_now(struct aof *a); /* without waiting for a sync; false: it failed */

void aof_cron(struct aof *a);

/* Whether the server may end; all is written and synced then. */
bool aof_may_exit(struct aof *a, bool forced);

/* The error for commands that write while nothing can be appended; NULL: none. */
const char *aof_refusal(const struct aof *a);

/* ---- rewriting (persist/aof_rewrite.c) ---- */

/* Begins a rewrite: there is no child. */
bool aof_rewrite_start(struct aof *a);

/* Starts what is scheduled, and what the growth of the file asks for. */
void aof_rewrite_cron(struct aof *a);

/* ---- for the parts of it ---- */

/* The path of a file in the directory of the append only file; the caller's. */
char *aof_path(const struct aof *a, const char *name);
char *aof_manifest_path(const struct aof *a);

/* The name of the base or increment of a sequence number. */
void aof_name(const struct aof *a, struct buffer *to, int64_t sequence, enum manifest_kind kind);

/* Opens the next increment, which the manifest names from then on (while the first
 * base is made: a temporary file, which it does not name). */
bool aof_next_increment(struct aof *a, const char *occasion);

/* Makes the directory if there is none, and reads the manifest if there is one that
 * was not read yet. False: the reason is in the log. */
bool aof_find_manifest(struct aof *a);

/* Deletes what is history, and writes the manifest without it. */
void aof_drop_history(struct aof *a);

/* Everything written is on the disk. False, and errno. */
bool aof_sync_now(struct aof *a);

#define AOF_TEMPORARY_INCREMENT "temp-%s.incr"

#endif
