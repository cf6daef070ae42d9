/* Persistence: what a server keeps on disk, and the one struct that its parts
 * share. Snapshots are in persist/snapshot.h, the append only file in
 * persist/aof.h, the child that writes either in persist/child.h, what is read
 * at the start in persist/loading.h. */
#ifndef PERSIST_PERSIST_H
#define PERSIST_PERSIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "persist/settings.h"

struct server;
struct keyspace;
struct db;
struct aof;
struct child;
struct loading;
struct snapshot;

struct persist {
    struct server *server;
    struct keyspace *keyspace;
    struct persist_settings *settings;
    struct loading *loading;   /* persist/loading.h */
    struct child *child;       /* persist/child.h */
    struct snapshot *snapshot; /* persist/snapshot.h */
    struct aof *aof;           /* persist/aof.h */
    bool skip_checksums;       /* DEBUG SET-SKIP-CHECKSUM-VALIDATION */
    uint64_t payloads_checked; /* of RESTORE, element by element */
};

struct persist *persist_new(struct server *server, struct persist_settings *settings);
void persist_free(struct persist *p);

/* The server begins: what is saved is counted from now on. */
void persist_open(struct persist *p);

/* Ten times a second: save points, rewrites, syncs. */
void persist_cron(struct persist *p);

/* Sets or takes back the error that commands which write are refused with, when
 * the data cannot be kept as the settings demand. */
void persist_refuse_writes(struct persist *p);

/* The end (core/lifecycle.h): saves what is to be saved; false, and the reason in
 * the log, if that fails. The module is a struct persist. */
bool persist_may_exit(void *module, unsigned modes);

#endif
