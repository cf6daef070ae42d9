/* Reading the append only file: its base and increments one after another, as the
 * commands of a client that has no connection. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/client.h"
#include "core/dispatch.h"
#include "core/multi.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/request.h"
#include "persist/aof.h"
#include "persist/loading.h"
#include "persist/rdb_load.h"
#include "persist/snapshot.h"

enum { READ_BYTES = 256 * 1024 };

enum outcome { WHOLE, EMPTY, TRUNCATED, FAILED };

struct reading {
    struct aof *aof;
    const char *name; /* of the file */
    int fd;
    struct buffer data;   /* read and not yet executed */
    size_t at;            /* executed up to here */
    uint64_t offset;      /* of data's first byte in the file */
    uint64_t whole_bytes; /* of the file: up to here nothing is half done */
    bool at_end;
    struct client *client;
    struct request request;
};

/* ---- the bytes ---- */

/* Reads on; false at the end, or if it fails. */
static bool read_more(struct reading *r)
{
    if (r->at) {
        buffer_consume(&r->data, r->at);
        r->offset += r->at;
        r->at = 0;
    }
    size_t missing = request_missing(&r->request, r->data.len);
    size_t room = loading_room(r->aof->persist->loading, missing > READ_BYTES ? missing : READ_BYTES);
    ssize_t len = file_read_some(r->fd, buffer_reserve(&r->data, room), room);
    if (len > 0) buffer_added(&r->data, (size_t)len);
    r->at_end = len == 0;
    if (len < 0)
        log_warning("Unrecoverable error reading the append only file %s: %s", r->name, strerror(errno));
    return len > 0 && loading_step(r->aof->persist->loading, (uint64_t)len);
}

static ssize_t fill_rdb(void *ctx, void *to, size_t room)
{
    struct reading *r = ctx;
    size_t waiting = r->data.len;
    if (waiting) { /* what was read to see what the file is */
        if (waiting > room) waiting = room;
        memcpy(to, r->data.data, waiting);
        buffer_consume(&r->data, waiting);
        r->offset += waiting;
        return (ssize_t)waiting;
    }
    ssize_t len = file_read_some(r->fd, to, loading_room(r->aof->persist->loading, room));
    if (len > 0) r->offset += (uint64_t)len;
    bool goes_on = len <= 0 || loading_step(r->aof->persist->loading, (uint64_t)len);
    return goes_on ? len : -1;
}

/* A base, or what older versions put in front of the commands; behind it commands
 * may follow. */
static bool load_rdb(struct reading *r)
{
    struct rdb_reader rdb;
    rdb_reader_init(&rdb, fill_rdb, r);
    log_notice("Reading RDB base file on AOF loading...");
    bool loaded = snapshot_read(r->aof->persist, &rdb, false);
    if (!loaded && !loop_is_stopping(r->aof->persist->server->loop))
        log_warning("Error reading the RDB preamble of the AOF file %s at offset %" PRIu64
                    ", AOF loading aborted: %s",
                    r->name, rdb_reader_offset(&rdb), rdb.reason);
    /* What it has read beyond its end. */
    size_t left = (size_t)(rdb.end - rdb.at);
    if (loaded && left) {
        struct buffer rest = {0};
        buffer_append(&rest, rdb.at, left);
        buffer_append_slice(&rest, buffer_slice(&r->data));
        buffer_fini(&r->data);
        r->data = rest;
        r->offset -= left;
    }
    r->whole_bytes = r->offset;
    rdb_reader_fini(&rdb);
    return loaded;
}

/* ---- the commands ---- */

static enum outcome refuse_format(const struct reading *r, const char *why)
{
    log_warning("The AOF file %s is damaged at offset %" PRIu64 ": %s", r->name, r->offset + r->at, why);
    log_warning("Bad file format reading the append only file %s: make a backup of your AOF file, then use "
                "./redis-check-aof --fix <filename.manifest>",
                r->name);
    return FAILED;
}

static bool is_named(const struct command_state *command, const char *name)
{
    return command->parent == NULL && strcmp(command->row->name, name) == 0;
}

static enum outcome execute(struct reading *r)
{
    struct client *c = r->client;
    struct request *q = &r->request;
    struct command_state *command = command_find(c->server->commands, q->argc, q->argv);
    if (command == NULL || !command_arity_fits(command->row, q->argc) || command->row->run == NULL) {
        log_warning("Unknown command '%.*s' reading the append only file %s",
                    q->argv[0].len > 128 ? 128 : (int)q->argv[0].len, q->argv[0].ptr, r->name);
        return FAILED;
    }
    if (c->flags & CLIENT_MULTI && !is_named(command, "exec")) multi_queue(c, command, q->argc, q->argv);
    else dispatch_run(c, command, q->argc, q->argv);
    output_truncate(&c->out, (struct output_mark){0});
    loading_delay(r->aof->persist->loading);
    return WHOLE;
}

/* A line of its own, which is no command: a time. False: there is none here, or not
 * all of it yet (*partial). */
static bool skip_annotation(struct reading *r, bool *partial)
{
    const char *begin = r->data.data + r->at;
    size_t len = r->data.len - r->at;
    *partial = false;
    if (len == 0 || *begin != '#') return false;
    const char *end = memchr(begin, '\n', len);
    *partial = end == NULL;
    if (end) r->at += (size_t)(end - begin) + 1;
    return end != NULL;
}

/* The next command or annotation; EMPTY when there is none behind what was read. */
static enum outcome step(struct reading *r)
{
    static const struct request_limits limits = {INT32_MAX, INT64_MAX, true};
    bool partial;
    if (r->at == r->data.len) return EMPTY;
    if (skip_annotation(r, &partial)) return WHOLE;
    if (partial) return TRUNCATED;
    if (r->data.data[r->at] != '*') return refuse_format(r, "a command is expected to begin with '*'");
    struct slice rest = slice_make(r->data.data + r->at, r->data.len - r->at);
    switch (request_parse(&r->request, rest, &limits)) {
    case REQUEST_PARTIAL: return TRUNCATED;
    case REQUEST_INVALID: return refuse_format(r, r->request.error);
    case REQUEST_READY: break;
    }
    enum outcome outcome = r->request.argc ? execute(r) : WHOLE;
    r->at += r->request.consumed;
    request_reset(&r->request);
    return outcome;
}

static enum outcome load_commands(struct reading *r)
{
    for (;;) {
        enum outcome outcome = step(r);
        if (outcome == FAILED) return FAILED;
        if (outcome == WHOLE) {
            if (!(r->client->flags & CLIENT_MULTI)) r->whole_bytes = r->offset + r->at;
            continue;
        }
        if (read_more(r)) continue;
        if (!r->at_end) return FAILED;
        bool in_multi = r->client->flags & CLIENT_MULTI;
        if (in_multi) log_warning("Revert incomplete MULTI/EXEC transaction from AOF file %s", r->name);
        return outcome == EMPTY && !in_multi ? WHOLE : TRUNCATED;
    }
}

/* ---- a file ---- */

static void reading_init(struct reading *r, struct aof *a, const char *name, int fd)
{
    *r = (struct reading){.aof = a, .name = name, .fd = fd};
    r->client = client_new_detached(a->persist->server);
    r->client->flags &= ~(unsigned)CLIENT_IN_EXEC;
}

static void reading_fini(struct reading *r)
{
    client_free_detached(r->client);
    request_fini(&r->request);
    buffer_fini(&r->data);
    close(r->fd);
}

static enum outcome load_content(struct reading *r)
{
    static const char magic[] = "REDIS";
    size_t len = sizeof magic - 1;
    while (r->data.len < len && read_more(r)) continue;
    if (r->data.len == 0) return r->at_end ? EMPTY : FAILED;
    if (r->data.len >= len && memcmp(r->data.data, magic, len) == 0 && !load_rdb(r)) return FAILED;
    return load_commands(r);
}

/* The last file may end in the middle of a write that a crash cut off. */
static bool cut_off(struct reading *r, const char *path)
{
    if (!r->aof->persist->settings->aof_load_truncated) {
        log_warning(
            "Unexpected end of file reading the append only file %s. You can: 1) Make a backup of your AOF "
            "file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the "
            "'aof-load-truncated' configuration option to yes and restart the server.",
            r->name);
        return false;
    }
    log_warning("!!! Warning: short read while loading the AOF file %s!!!", r->name);
    log_warning(
        "AOF %s loaded anyway because aof-load-truncated is enabled: truncating it at offset %" PRIu64,
        r->name, r->whole_bytes);
    if (truncate(path, (off_t)r->whole_bytes) == 0) return true;
    log_warning("Error truncating the AOF file %s: %s", r->name, strerror(errno));
    return false;
}

static bool load_file(struct aof *a, const struct manifest_file *file, bool is_last)
{
    struct reading r;
    char *path = aof_path(a, file->name);
    int64_t start_ns = clock_monotonic_ns();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        log_warning("Fatal error: can't open the append log file %s for reading: %s", file->name,
                    strerror(errno));
        mem_free(path);
        return false;
    }
    reading_init(&r, a, file->name, fd);
    enum outcome outcome = load_content(&r);
    bool loaded = outcome == WHOLE || outcome == EMPTY;
    if (outcome == TRUNCATED && is_last) loaded = cut_off(&r, path);
    else if (outcome == TRUNCATED)
        log_warning(
            "Fatal error: the truncated file %s is not the last file of the append only file: nothing "
            "behind it can be trusted. Make a backup, then use ./redis-check-aof --fix "
            "<filename.manifest>. Unexpected end of file reading the append only file %s",
            file->name, file->name);
    if (outcome == WHOLE)
        log_notice("DB loaded from %s file %s: %.3f seconds", file->kind == MANIFEST_BASE ? "base" : "incr",
                   file->name, (double)(clock_monotonic_ns() - start_ns) / 1e9);
    reading_fini(&r);
    mem_free(path);
    return loaded;
}

/* ---- all of them ---- */

/* A file of versions that had one only becomes the base: named in the manifest first,
 * then moved, where a crash between the two leaves the move to be made. */
static bool adopt_single_file(struct aof *a)
{
    const char *name = a->persist->settings->appendfilename;
    const struct manifest_file *base = manifest_base(&a->manifest);
    char *path = aof_path(a, name), *manifest_path = aof_manifest_path(a);
    bool was_begun = a->manifest.count == 1 && base && strcmp(base->name, name) == 0 && !file_exists(path);
    if ((a->manifest.count && !was_begun) || !file_exists(name)) {
        mem_free(path);
        mem_free(manifest_path);
        return true;
    }
    log_notice("The old append only file %s becomes the base of a new one", name);
    if (!was_begun) manifest_add(&a->manifest, name, 1, MANIFEST_BASE);
    bool adopted = manifest_save(&a->manifest, manifest_path) && rename(name, path) == 0 &&
                   file_sync_dir(path);
    if (!adopted)
        log_warning("The old append only file %s cannot be moved to %s: %s", name, path, strerror(errno));
    mem_free(path);
    mem_free(manifest_path);
    return adopted;
}

static bool sum_sizes(struct aof *a)
{
    a->total_bytes = 0;
    for (int i = 0; i < a->manifest.count; i++) {
        if (a->manifest.files[i].kind == MANIFEST_HISTORY) continue;
        char *path = aof_path(a, a->manifest.files[i].name);
        int64_t size = file_size(path);
        mem_free(path);
        if (size < 0) {
            log_warning("Unable to obtain the AOF file %s length. stat: %s", a->manifest.files[i].name,
                        strerror(errno));
            return false;
        }
        a->total_bytes += (uint64_t)size;
    }
    return true;
}

static bool load_files(struct aof *a)
{
    const struct manifest_file *last = &a->manifest.files[a->manifest.count - 1];
    int64_t start_ns = clock_monotonic_ns();
    for (int i = 0; i < a->manifest.count; i++) {
        const struct manifest_file *file = &a->manifest.files[i];
        if (file->kind != MANIFEST_HISTORY && !load_file(a, file, file == last)) return false;
    }
    log_notice("DB loaded from append only file: %.3f seconds",
               (double)(clock_monotonic_ns() - start_ns) / 1e9);
    return true;
}

bool aof_load(struct aof *a)
{
    struct persist *p = a->persist;
    if (!aof_find_manifest(a) || !adopt_single_file(a) || !sum_sizes(a)) return false;
    if (a->manifest.count == 0) return true;
    loading_begin(p->loading, a->total_bytes);
    bool loaded = load_files(a);
    loading_end(p->loading);
    loaded = loaded && sum_sizes(a); /* one may have been cut off */
    a->base_bytes = a->total_bytes;
    p->keyspace->dirty = 0;
    return loaded || loop_is_stopping(p->server->loop);
}
