/* MEMORY: what takes how much. */
#include <stdio.h>

#include "commands/tables.h"
#include "core/args.h"
#include "core/memory.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"

enum { USAGE_SAMPLES = 5 };

/* ---- USAGE ---- */

static bool parse_samples(struct call *call, int64_t *samples)
{
    *samples = USAGE_SAMPLES;
    for (int i = 3; i < call->argc; i += 2) {
        bool known = slice_is(call->argv[i], "samples") && i + 1 < call->argc;
        if (known && !args_int(call->client, call->argv[i + 1], samples, NULL)) return false;
        if (!known || *samples < 0) {
            reply_syntax_error(call->client);
            return false;
        }
    }
    return true;
}

static void memory_usage(struct call *call)
{
    int64_t samples;
    if (!parse_samples(call, &samples)) return;
    const struct entry *e = db_peek(call->db, call->argv[2]);
    if (e == NULL) {
        reply_null(call->client);
        return;
    }
    struct value value = entry_value(e);
    size_t entry_bytes = mem_good_size(entry_size(e));
    size_t slot_bytes = sizeof(struct hashtable_bucket) / HASHTABLE_SLOTS;
    reply_int(call->client, (int64_t)(slot_bytes + entry_bytes +
                                      value_type(&value)->memory_bytes(&value, (size_t)samples)));
}

/* ---- STATS ---- */

static double ratio_of(size_t a, size_t b)
{
    return b ? (double)a / (double)b : 0;
}

static void field_bytes(struct client *c, const char *name, size_t bytes)
{
    reply_text(c, name);
    reply_int(c, (int64_t)bytes);
}

static void field_ratio(struct client *c, const char *name, double ratio)
{
    reply_text(c, name);
    reply_double(c, ratio);
}

/* How much more bytes there are of one kind than of the other. */
static void fields_ratio(struct client *c, const char *ratio_name, const char *bytes_name, size_t more,
                         size_t less)
{
    field_ratio(c, ratio_name, ratio_of(more, less));
    reply_text(c, bytes_name);
    reply_int(c, (int64_t)more - (int64_t)less);
}

/* Of the wheels, and of what finds the hashes with fields that expire. */
static size_t deadline_bytes(const struct db *db)
{
    return (db->wheel ? wheel_memory_bytes(db->wheel) : 0) +
           (db->fields_wheel ? wheel_memory_bytes(db->fields_wheel) : 0) +
           hashtable_memory_bytes(&db->fields_due);
}

static int64_t stats_databases(struct call *call)
{
    struct client *c = call->client;
    const struct keyspace *ks = call->server->keyspace;
    int64_t count = 0;
    for (int i = 0; i < ks->db_count; i++) {
        const struct db *db = &ks->dbs[i];
        char name[32];
        if (db_count(db) == 0) continue;
        snprintf(name, sizeof name, "db.%d", i);
        reply_text(c, name);
        reply_map(c, 3);
        field_bytes(c, "overhead.hashtable.main", hashtable_memory_bytes(&db->keys));
        field_bytes(c, "overhead.hashtable.expires", deadline_bytes(db));
        field_bytes(c, "overhead.hashtable.slot-to-keys", 0);
        count++;
    }
    return count;
}

static void memory_stats(struct call *call)
{
    struct client *c = call->client;
    struct memory_report r;
    size_t keys = keyspace_count(call->server->keyspace);
    memory_report_get(call->server, &r);
    const struct mem_stats *allocator = &r.process;
    struct output_mark mark = reply_open(c);
    field_bytes(c, "peak.allocated", r.peak_bytes);
    field_bytes(c, "total.allocated", r.used_bytes);
    field_bytes(c, "startup.allocated", r.startup_bytes);
    field_bytes(c, "replication.backlog", 0);
    field_bytes(c, "clients.slaves", 0);
    field_bytes(c, "clients.normal", r.clients_bytes);
    field_bytes(c, "cluster.links", 0);
    field_bytes(c, "aof.buffer", 0);
    field_bytes(c, "lua.caches", 0);
    field_bytes(c, "functions.caches", 0);
    int64_t fields = 10 + stats_databases(call);
    field_bytes(c, "overhead.total", r.overhead_bytes);
    field_bytes(c, "keys.count", keys);
    field_bytes(c, "keys.bytes-per-key", keys ? (r.used_bytes - r.startup_bytes) / keys : 0);
    field_bytes(c, "dataset.bytes", r.dataset_bytes);
    field_ratio(c, "dataset.percentage", r.dataset_percent);
    field_ratio(c, "peak.percentage", r.peak_percent);
    field_bytes(c, "allocator.allocated", allocator->allocated_bytes);
    field_bytes(c, "allocator.active", allocator->active_bytes);
    field_bytes(c, "allocator.resident", allocator->resident_bytes);
    fields_ratio(c, "allocator-fragmentation.ratio", "allocator-fragmentation.bytes", allocator->active_bytes,
                 allocator->allocated_bytes);
    fields_ratio(c, "allocator-rss.ratio", "allocator-rss.bytes", allocator->resident_bytes,
                 allocator->active_bytes);
    fields_ratio(c, "rss-overhead.ratio", "rss-overhead.bytes", allocator->rss_bytes,
                 allocator->resident_bytes);
    fields_ratio(c, "fragmentation", "fragmentation.bytes", allocator->rss_bytes, r.used_bytes);
    reply_close_map(c, mark, fields + 17);
}

/* ---- DOCTOR ---- */

enum {
    LITTLE_BYTES = 5 * 1024 * 1024,   /* below, proportions say nothing */
    NOTABLE_BYTES = 10 * 1024 * 1024, /* below, waste is not worth a word */
    CLIENT_BYTES = 200 * 1024,
};

static bool is_wasteful(size_t more, size_t less, double ratio)
{
    return ratio_of(more, less) > ratio && more > less + NOTABLE_BYTES;
}

static void diagnose(const struct memory_report *r, unsigned clients, struct buffer *to)
{
    const struct mem_stats *allocator = &r->process;
    if (ratio_of(r->peak_bytes, r->used_bytes) > 1.5)
        buffer_append_text(
            to, " * Peak: once, more than one and a half times as much memory was in use. What the "
                "allocator keeps of it makes the fragmentation look high; it is used again as the "
                "data grow. MEMORY PURGE may give some of it back.\n");
    if (is_wasteful(allocator->active_bytes, allocator->allocated_bytes, 1.1))
        buffer_append_text(
            to, " * Fragmentation inside the allocator: its pages are filled badly, by more than a "
                "tenth. This is what many changes of differently sized values leave behind.\n");
    if (is_wasteful(allocator->resident_bytes, allocator->active_bytes, 1.1))
        buffer_append_text(
            to, " * Unused pages: the allocator holds on to memory it does not need at the moment. "
                "MEMORY PURGE gives it back.\n");
    if (is_wasteful(allocator->rss_bytes, allocator->resident_bytes, 1.1))
        buffer_append_text(to,
                           " * Memory beside the allocator: the process is larger than what its allocator "
                           "knows of, which points to libraries, stacks or shared pages.\n");
    if (clients && r->clients_bytes / clients > CLIENT_BYTES)
        buffer_append_text(
            to, " * Clients: their buffers hold more than 200 KB each on average. CLIENT LIST tells "
                "whose (tot-mem, omem, qbuf); client-output-buffer-limit bounds them.\n");
}

static void memory_doctor(struct call *call)
{
    struct memory_report r;
    struct buffer findings = {0}, text = {0};
    memory_report_get(call->server, &r);
    diagnose(&r, call->server->clients->count, &findings);
    if (r.used_bytes < LITTLE_BYTES)
        buffer_append_text(&text,
                           "There is too little data here to judge: less than 5 MB are in use. Ask again "
                           "when there is more.\n");
    else if (findings.len == 0) buffer_append_text(&text, "Nothing is wrong with the use of memory.\n");
    else buffer_printf(&text, "The use of memory shows this:\n\n%s", findings.data);
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&findings);
    buffer_fini(&text);
}

/* ---- the allocator ---- */

static void collect(void *ctx, const char *text)
{
    buffer_append_text(ctx, text);
}

static void memory_malloc_stats(struct call *call)
{
    struct buffer text = {0};
    mem_report(collect, &text);
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&text);
}

static void memory_purge(struct call *call)
{
    mem_purge();
    reply_ok(call->client);
}

/* ---- the rows ---- */

static void memory_help(struct call *call)
{
    static const char *const lines[] = {
        "DOCTOR",
        "    Tell what is unusual about the use of memory.",
        "MALLOC-STATS",
        "    Show the allocator's own report.",
        "PURGE",
        "    Ask the allocator to give unused pages back.",
        "STATS",
        "    Tell what memory is used for.",
        "USAGE <key> [SAMPLES <count>]",
        "    Tell how many bytes a key and its value take. Of a value with many",
        "    elements <count> are looked at (default: 5, 0: all).",
        NULL,
    };
    reply_help(call, lines);
}

static const struct command memory_subcommands[] = {
    {.name = "doctor",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = 2,
     .summary = "Tells what is unusual about the use of memory.",
     .complexity = "O(1)",
     .tips = {"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
     .run = memory_doctor},
    {.name = "help",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = 2,
     .flags = CMD_LOADING | CMD_STALE,
     .summary = "Describes the subcommands.",
     .complexity = "O(1)",
     .run = memory_help},
    {.name = "malloc-stats",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = 2,
     .summary = "Returns the allocator's own report.",
     .complexity = "Depends on how much memory is in use",
     .tips = {"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
     .run = memory_malloc_stats},
    {.name = "purge",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = 2,
     .summary = "Asks the allocator to give unused memory back.",
     .complexity = "Depends on how much memory is in use",
     .tips = {"request_policy:all_shards", "response_policy:all_succeeded"},
     .run = memory_purge},
    {.name = "stats",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = 2,
     .summary = "Tells what memory is used for.",
     .complexity = "O(N), N being the number of clients",
     .tips = {"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
     .run = memory_stats},
    {.name = "usage",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = {{.flags = KEY_RO, .index = 2, .step = 1}},
     .summary = "Tells how many bytes a key and its value take.",
     .complexity = "O(N), N being the number of samples",
     .syntax = "key [SAMPLES count]",
     .run = memory_usage},
    {0},
};

const struct command memory_commands[] = {
    {.name = "memory",
     .group = GROUP_SERVER,
     .since = "4.0.0",
     .arity = -2,
     .summary = "A container for commands about memory.",
     .complexity = "Depends on subcommand.",
     .subcommands = memory_subcommands},
    {0},
};
