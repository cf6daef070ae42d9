#include "persist/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/file.h"
#include "persist/aof.h"
#include "persist/child.h"
#include "persist/loading.h"
#include "persist/rdb_load.h"
#include "persist/rdb_save.h"

enum {
    SYNC_STEP_BYTES = 4 * 1024 * 1024, /* rdb-save-incremental-fsync */
    RETRY_AFTER_S = 5,                 /* a failed one in the background */
    TEMPORARY_NAME_MAX = 64,
};

struct snapshot *snapshot_new(struct persist *p)
{
    struct snapshot *s = mem_calloc(1, sizeof *s);
    s->persist = p;
    s->last_duration_s = -1;
    return s;
}

void snapshot_free(struct snapshot *s)
{
    mem_free(s);
}

bool snapshot_is_configured(const struct snapshot *s)
{
    return s->persist->settings->save_point_count > 0;
}

static int64_t now_s(const struct snapshot *s)
{
    return s->persist->server->now_us / 1000000;
}

/* ---- writing ---- */

bool snapshot_write_file(struct persist *p, const char *path, bool is_base, uint64_t step_bytes)
{
    struct rdb_writer w;
    struct file_writer file;
    struct buffer why = {0};
    struct rdb_progress progress = {child_progress, p->child};
    bool in_child = p->child->out >= 0;
    int version = rdb_save_version(p, &why);
    if (version == 0) {
        log_warning("Cannot save: %s", why.data);
        buffer_fini(&why);
        errno = ENOTSUP;
        return false;
    }
    if (!file_writer_open(&file, path, step_bytes)) return false;
    rdb_writer_init(&w, file_writer_flush, &file);
    rdb_save_init(p, &w, version);
    bool saved = rdb_save(p, &w, is_base, in_child ? &progress : NULL);
    int failure = w.failed_errno;
    bool closed = file_writer_close(&file);
    if (saved && !closed) failure = errno;
    rdb_writer_fini(&w);
    errno = failure;
    return saved && closed;
}

static void name_temporary(char name[TEMPORARY_NAME_MAX], pid_t pid)
{
    snprintf(name, TEMPORARY_NAME_MAX, "temp-%d.rdb", (int)pid);
}

static bool write_snapshot(struct persist *p)
{
    char temporary[TEMPORARY_NAME_MAX];
    const char *path = p->settings->dbfilename;
    name_temporary(temporary, getpid());
    uint64_t step = p->settings->rdb_save_incremental_fsync ? SYNC_STEP_BYTES : 0;
    bool written = snapshot_write_file(p, temporary, false, step);
    if (written && file_replace(temporary, path)) {
        log_notice("DB saved on disk");
        return true;
    }
    int failure = errno;
    char dir[PATH_MAX];
    if (written)
        log_warning("Error moving temp DB file %s on the final destination %s (in server root dir %s): %s",
                    temporary, path, getcwd(dir, sizeof dir) ? dir : "unknown", strerror(failure));
    else log_warning("Write error saving DB on disk: %s (%s)", strerror(failure), temporary);
    unlink(temporary);
    errno = failure;
    return false;
}

static void note_saved(struct snapshot *s)
{
    s->last_save_s = now_s(s);
    s->last_failed = false;
    s->saves++;
}

bool snapshot_save(struct snapshot *s)
{
    if (!write_snapshot(s->persist)) return false;
    s->persist->keyspace->dirty = 0;
    note_saved(s);
    persist_refuse_writes(s->persist);
    return true;
}

/* ---- in the background ---- */

static void note_end(struct persist *p, enum child_end end)
{
    struct snapshot *s = p->snapshot;
    char temporary[TEMPORARY_NAME_MAX];
    s->last_duration_s = now_s(s) - p->child->started_ms / 1000;
    s->last_cow_bytes = p->child->cow_peak_bytes;
    if (end == CHILD_SUCCEEDED) {
        log_notice("Background saving terminated with success");
        p->keyspace->dirty -= s->dirty_before;
        note_saved(s);
    } else if (end == CHILD_FAILED) {
        log_warning("Background saving error");
        s->last_failed = true;
    } else {
        log_warning("Background saving terminated by the server");
    }
    persist_refuse_writes(p);
    if (end == CHILD_SUCCEEDED) return;
    name_temporary(temporary, p->child->last_pid); /* what a killed child leaves behind */
    unlink(temporary);
}

static const struct child_job job = {
    .purpose = CHILD_SAVE,
    .name = "RDB",
    .work = write_snapshot,
    .done = note_end,
};

bool snapshot_start(struct snapshot *s)
{
    struct persist *p = s->persist;
    s->is_scheduled = false;
    s->last_try_s = now_s(s);
    s->dirty_before = p->keyspace->dirty;
    if (!child_start(p->child, &job)) {
        s->last_failed = true;
        log_warning("Can't save in background: fork: %s", strerror(errno));
        persist_refuse_writes(p);
        return false;
    }
    log_notice("Background saving started by pid %d", (int)p->child->pid);
    return true;
}

static bool point_is_reached(const struct snapshot *s, const struct save_point *point)
{
    uint64_t dirty = s->persist->keyspace->dirty;
    return dirty >= (uint64_t)point->changes && dirty > 0 && now_s(s) - s->last_save_s > point->interval_s;
}

void snapshot_cron(struct snapshot *s)
{
    const struct persist_settings *settings = s->persist->settings;
    bool may_try = !s->last_failed || now_s(s) - s->last_try_s > RETRY_AFTER_S;
    if (child_purpose(s->persist->child) != CHILD_NONE || !may_try) return;
    for (int i = 0; i < settings->save_point_count; i++) {
        const struct save_point *point = &settings->save_points[i];
        if (!point_is_reached(s, point)) continue;
        log_notice("%" PRId64 " changes in %" PRId64 " seconds. Saving...", point->changes,
                   point->interval_s);
        snapshot_start(s);
        return;
    }
    if (s->is_scheduled) snapshot_start(s);
}

void snapshot_flushed(struct snapshot *s)
{
    struct persist *p = s->persist;
    if (child_purpose(p->child) == CHILD_SAVE) child_kill(p->child);
    if (!snapshot_is_configured(s)) return;
    uint64_t dirty = p->keyspace->dirty;
    snapshot_save(s);
    p->keyspace->dirty = dirty; /* a flush is a change, for the append only file and replicas */
}

/* ---- reading ---- */

struct source {
    struct persist *persist;
    int fd;
};

static ssize_t fill(void *ctx, void *to, size_t room)
{
    struct source *source = ctx;
    ssize_t len = file_read_some(source->fd, to, loading_room(source->persist->loading, room));
    if (len > 0 && !loading_step(source->persist->loading, (uint64_t)len)) {
        errno = ECANCELED;
        return -1;
    }
    return len;
}

bool snapshot_read(struct persist *p, struct rdb_reader *r, bool may_merge)
{
    struct rdb_loaded loaded;
    bool read = rdb_load(p, r, may_merge, &loaded);
    p->loading->keys_loaded = loaded.keys;
    p->loading->keys_expired = loaded.expired;
    return read;
}

static bool read_file(struct persist *p, const char *path, bool may_merge)
{
    struct rdb_reader r;
    struct source source = {p, open(path, O_RDONLY | O_CLOEXEC)};
    if (source.fd < 0) {
        log_warning("Fatal error: can't open the RDB file %s for reading: %s", path, strerror(errno));
        return false;
    }
    rdb_reader_init(&r, fill, &source);
    bool read = snapshot_read(p, &r, may_merge);
    if (!read && !loop_is_stopping(p->server->loop))
        log_warning("Internal error in RDB reading offset %" PRIu64
                    " of %s: %s. Terminating server after rdb "
                    "file reading failure. redis-check-rdb %s tells more.",
                    rdb_reader_offset(&r), path, r.reason, path);
    rdb_reader_fini(&r);
    close(source.fd);
    return read;
}

bool snapshot_load_into(struct snapshot *s, bool may_merge)
{
    struct persist *p = s->persist;
    const char *path = p->settings->dbfilename;
    int64_t start_ns = clock_monotonic_ns(), size = file_size(path);
    if (size < 0 && errno == ENOENT) return true;
    loading_begin(p->loading, size > 0 ? (uint64_t)size : 0);
    bool loaded = read_file(p, path, may_merge);
    loading_end(p->loading);
    if (loaded)
        log_notice("DB loaded from disk: %.3f seconds", (double)(clock_monotonic_ns() - start_ns) / 1e9);
    return loaded;
}

bool snapshot_load(struct snapshot *s)
{
    struct persist *p = s->persist;
    bool loaded = snapshot_load_into(s, false);
    p->keyspace->dirty = 0;
    return loaded || loop_is_stopping(p->server->loop);
}
