/* DEBUG: what is on disk. */
#include "commands/debug.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "persist/aof.h"
#include "persist/loading.h"
#include "persist/snapshot.h"

static void empty(struct server *server)
{
    struct keyspace *ks = server->keyspace;
    for (int i = 0; i < ks->db_count; i++) db_clear(&ks->dbs[i], false);
}

void debug_reload(struct call *call)
{
    struct client *c = call->client;
    const struct persist *p = call->server->persist;
    bool saves = true, flushes = true, merges = false;
    for (int i = 2; i < call->argc; i++) {
        if (slice_is(call->argv[i], "nosave")) saves = false;
        else if (slice_is(call->argv[i], "noflush")) flushes = false;
        else if (slice_is(call->argv[i], "merge")) merges = true;
        else {
            reply_error(c, "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
            return;
        }
    }
    if (saves && !snapshot_save(p->snapshot)) {
        reply_error(c, "ERR the data could not be saved: the reason is in the log");
        return;
    }
    if (flushes) empty(call->server);
    if (snapshot_load_into(p->snapshot, merges)) reply_ok(c);
    else reply_error(c, "ERR Error trying to load the RDB dump, check server logs");
    loading_announce_expired(p->loading);
}

/* What is in the files is what was in memory: nothing of it is propagated. */
void debug_loadaof(struct call *call)
{
    struct server *server = call->server;
    struct aof *a = server->persist->aof;
    bool was_propagating = server->propagating;
    if (a->state == AOF_ON && !aof_write_now(a)) {
        reply_error(call->client, "ERR the append only file cannot be written: the reason is in the log");
        return;
    }
    empty(server);
    if (was_propagating) propagate_switch(server, false);
    bool loaded = aof_load(a);
    if (was_propagating) propagate_switch(server, true);
    loading_announce_expired(server->persist->loading);
    if (loaded) reply_ok(call->client);
    else reply_error(call->client, "ERR Error trying to load the AOF files, check server logs");
}

void debug_set_skip_checksum(struct call *call)
{
    int64_t skip;
    if (!args_int(call->client, call->argv[2], &skip, NULL)) return;
    call->server->persist->skip_checksums = skip != 0;
    reply_ok(call->client);
}
