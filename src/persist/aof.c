#include "persist/aof.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/propagate.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/file.h"
#include "io/worker.h"
#include "persist/aof_base.h"
#include "persist/child.h"
#include "persist/loading.h"
#include "persist/snapshot.h"

enum {
    SYNC_INTERVAL_MS = 1000, /* everysec */
    DELAY_MAX_MS = 2000,     /* a write waits so long at most for a sync that is running */
    ERROR_LOG_INTERVAL_MS = 30 * 1000,
    DIR_MODE = 0755,
    FILE_MODE = 0644,
};

struct aof *aof_new(struct persist *p)
{
    struct aof *a = mem_calloc(1, sizeof *a);
    a->persist = p;
    a->fd = -1;
    a->last_duration_s = -1;
    return a;
}

void aof_free(struct aof *a)
{
    if (a->fd >= 0) close(a->fd);
    manifest_fini(&a->manifest);
    mem_free(a);
}

static int64_t now_ms(const struct aof *a)
{
    return server_now_ms(a->persist->server);
}

static int policy(const struct aof *a)
{
    return a->persist->settings->appendfsync;
}

/* ---- names ---- */

char *aof_path(const struct aof *a, const char *name)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s/%s", a->persist->settings->appenddirname, name);
    return path.data;
}

char *aof_manifest_path(const struct aof *a)
{
    struct buffer path = {0};
    const struct persist_settings *settings = a->persist->settings;
    buffer_printf(&path, "%s/%s.manifest", settings->appenddirname, settings->appendfilename);
    return path.data;
}

void aof_name(const struct aof *a, struct buffer *to, int64_t sequence, enum manifest_kind kind)
{
    const struct persist_settings *settings = a->persist->settings;
    const char *base = settings->aof_use_rdb_preamble ? "base.rdb" : "base.aof";
    buffer_clear(to);
    buffer_printf(to, "%s.%" PRId64 ".%s", settings->appendfilename, sequence,
                  kind == MANIFEST_BASE ? base : "incr.aof");
}

static bool make_dir(const struct aof *a)
{
    const char *dir = a->persist->settings->appenddirname;
    if (mkdir(dir, DIR_MODE) == 0 ? file_sync_dir(dir) : errno == EEXIST) return true;
    log_warning("Can't open or create append-only dir %s: %s", dir, strerror(errno));
    return false;
}

static void log_lines(const char *text)
{
    for (const char *end; *text; text = *end ? end + 1 : end) {
        end = strchrnul(text, '\n');
        log_warning("%.*s", (int)(end - text), text);
    }
}

bool aof_find_manifest(struct aof *a)
{
    if (!make_dir(a)) return false;
    if (a->manifest.count) return true;
    struct buffer why = {0};
    char *path = aof_manifest_path(a);
    bool found = !file_exists(path) || manifest_load(&a->manifest, path, &why);
    if (!found) {
        log_warning("*** FATAL AOF MANIFEST FILE ERROR ***");
        log_lines(why.data);
    }
    buffer_fini(&why);
    mem_free(path);
    return found;
}

/* ---- syncing ---- */

bool aof_sync_now(struct aof *a)
{
    if (a->fd < 0 || !a->is_unsynced) return true;
    if (!file_sync(a->fd)) return false;
    a->is_unsynced = false;
    a->last_sync_ms = now_ms(a);
    return true;
}

struct sync_job {
    struct aof *aof;
    int fd; /* of its own */
};

static void run_sync(void *arg)
{
    struct sync_job *job = arg;
    atomic_store(&job->aof->sync_errno, file_sync(job->fd) ? 0 : errno);
    close(job->fd);
    atomic_store(&job->aof->is_syncing, false);
    mem_free(job);
}

static void sync_in_background(struct aof *a)
{
    int fd = fcntl(a->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return; /* the next second may have one */
    struct sync_job *job = mem_alloc(sizeof *job);
    *job = (struct sync_job){a, fd};
    a->is_unsynced = false;
    a->last_sync_ms = now_ms(a);
    atomic_store(&a->is_syncing, true);
    worker_submit(a->persist->server->worker, run_sync, job);
}

/* ---- writing ---- */

static void note_failure(struct aof *a, int failure, const char *what)
{
    bool is_news = a->write_errno != failure || now_ms(a) - a->error_logged_ms > ERROR_LOG_INTERVAL_MS;
    if (is_news) {
        log_warning("Error %s the AOF file: %s", what, strerror(failure));
        a->error_logged_ms = now_ms(a);
    }
    bool refuses = a->write_errno == 0;
    a->write_errno = failure;
    snprintf(a->refusal, sizeof a->refusal, "MISCONF Errors writing to the AOF file: %s", strerror(failure));
    if (policy(a) == FSYNC_ALWAYS) {
        log_warning("Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...");
        exit(1);
    }
    if (refuses) persist_refuse_writes(a->persist);
}

static void note_success(struct aof *a)
{
    if (a->write_errno == 0) return;
    log_warning("AOF write error looks solved, Redis can write again.");
    a->write_errno = 0;
    persist_refuse_writes(a->persist);
}

/* What was written of a unit that did not fit is taken back: the file always ends
 * with a whole one. */
static void take_back(struct aof *a)
{
    if (ftruncate(a->fd, (off_t)a->increment_bytes) != 0)
        log_warning("Could not remove short write from the append-only file, which redis-check-aof --fix can "
                    "do before the next start: %s",
                    strerror(errno));
}

/* The time, once a second, where that is asked for. */
static void stamp(struct aof *a)
{
    struct propagation *propagation = a->persist->server->propagation;
    int64_t now_s = now_ms(a) / 1000;
    if (!a->persist->settings->aof_timestamp_enabled || a->stamped_s == now_s) return;
    char text[48];
    int len = snprintf(text, sizeof text, "#TS:%" PRId64 "\r\n", now_s);
    propagate_annotate(propagation, slice_make(text, (size_t)len));
    a->stamped_s = now_s;
}

/* Whether a write would wait for a sync that is running, and may wait itself. */
static bool should_delay(struct aof *a)
{
    if (policy(a) != FSYNC_EVERYSEC || !atomic_load(&a->is_syncing)) {
        a->delayed_since_ms = 0;
        return false;
    }
    if (a->delayed_since_ms == 0) a->delayed_since_ms = now_ms(a);
    if (now_ms(a) - a->delayed_since_ms < DELAY_MAX_MS) return true;
    if (a->delayed_syncs++ == 0)
        log_notice(
            "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without "
            "waiting for fsync to complete, this may slow down Redis.");
    a->delayed_since_ms = 0;
    return false;
}

static void sync_as_configured(struct aof *a)
{
    const struct persist *p = a->persist;
    if (!a->is_unsynced) return;
    if (p->settings->no_appendfsync_on_rewrite && child_purpose(p->child) != CHILD_NONE) return;
    if (policy(a) == FSYNC_ALWAYS) {
        if (!aof_sync_now(a)) note_failure(a, errno, "syncing");
    } else if (policy(a) == FSYNC_EVERYSEC && now_ms(a) - a->last_sync_ms >= SYNC_INTERVAL_MS &&
               !atomic_load(&a->is_syncing)) {
        sync_in_background(a);
    }
}

bool aof_write_now(struct aof *a)
{
    struct buffer *stream = &a->persist->server->propagation->stream;
    if (stream->len == 0) return true;
    stamp(a);
    if (!file_write(a->fd, stream->data, stream->len)) {
        int failure = errno;
        take_back(a);
        note_failure(a, failure, "writing");
        return false;
    }
    note_success(a);
    a->increment_bytes += stream->len;
    a->total_bytes += stream->len;
    a->is_unsynced = true;
    propagate_consume(a->persist->server->propagation);
    return true;
}

void aof_write(struct aof *a)
{
    if (a->fd < 0) return;
    if (a->persist->server->propagation->stream.len && !should_delay(a)) aof_write_now(a);
    if (a->is_unsynced) sync_as_configured(a);
}

/* A sync that failed in the background counts as a write that failed. */
void aof_cron(struct aof *a)
{
    int failure = atomic_exchange(&a->sync_errno, 0);
    if (failure) note_failure(a, failure, "syncing");
    aof_write(a);
    aof_rewrite_cron(a);
}

const char *aof_refusal(const struct aof *a)
{
    return a->state != AOF_OFF && a->write_errno ? a->refusal : NULL;
}

/* ---- increments ---- */

bool aof_next_increment(struct aof *a, const char *occasion)
{
    struct buffer name = {0};
    struct manifest next;
    const struct persist_settings *settings = a->persist->settings;
    bool is_temporary = a->state == AOF_WAITS_FOR_BASE;
    int64_t sequence = manifest_sequence(&a->manifest, MANIFEST_INCREMENT) + 1;
    if (is_temporary) buffer_printf(&name, AOF_TEMPORARY_INCREMENT, settings->appendfilename);
    else aof_name(a, &name, sequence, MANIFEST_INCREMENT);
    char *path = aof_path(a, name.data), *manifest_path = aof_manifest_path(a);
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC;
    int fd = open(path, flags, FILE_MODE);
    bool opened = fd >= 0;
    if (opened && !is_temporary) {
        manifest_copy(&a->manifest, &next);
        manifest_add(&next, name.data, sequence, MANIFEST_INCREMENT);
        opened = file_sync_dir(path) && manifest_save(&next, manifest_path);
        if (opened) {
            manifest_fini(&a->manifest);
            a->manifest = next;
        } else {
            int failure = errno;
            manifest_fini(&next);
            close(fd);
            unlink(path);
            errno = failure;
        }
    }
    if (opened) {
        log_notice("Creating AOF incr file %s on %s", name.data, occasion);
        if (a->fd >= 0) close(a->fd);
        a->fd = fd;
        a->increment_bytes = 0;
        a->is_unsynced = false;
    } else {
        log_warning("Can't create the AOF incr file %s: %s", name.data, strerror(errno));
    }
    buffer_fini(&name);
    mem_free(path);
    mem_free(manifest_path);
    return opened;
}

static void delete_in_background(void *path)
{
    unlink(path);
    mem_free(path);
}

void aof_drop_history(struct aof *a)
{
    bool any = manifest_count(&a->manifest, MANIFEST_HISTORY) > 0;
    if (!any || a->persist->settings->aof_disable_auto_gc) return;
    for (int i = 0; i < a->manifest.count; i++) {
        const struct manifest_file *file = &a->manifest.files[i];
        if (file->kind != MANIFEST_HISTORY) continue;
        log_notice("Removing the history file %s in the background", file->name);
        worker_submit(a->persist->server->worker, delete_in_background, aof_path(a, file->name));
    }
    manifest_forget_history(&a->manifest);
    char *path = aof_manifest_path(a);
    if (!manifest_save(&a->manifest, path))
        log_warning("Can't write the AOF manifest %s: %s", path, strerror(errno));
    mem_free(path);
}

/* ---- the start ---- */

/* The first base, where there is no manifest: what is in memory, by and large nothing. */
static bool make_first_base(struct aof *a)
{
    struct buffer name = {0};
    aof_name(a, &name, 1, MANIFEST_BASE);
    char *path = aof_path(a, name.data);
    log_notice("Creating AOF base file %s on server start", name.data);
    bool made = aof_base_write(a->persist, path);
    if (made) manifest_add(&a->manifest, name.data, 1, MANIFEST_BASE);
    else log_warning("Can't create the AOF base file %s: %s", path, strerror(errno));
    a->total_bytes = made && file_size(path) > 0 ? (uint64_t)file_size(path) : 0;
    a->base_bytes = a->total_bytes;
    buffer_fini(&name);
    mem_free(path);
    return made;
}

/* Goes on with the last increment. */
static bool open_last(struct aof *a, const struct manifest_file *last)
{
    char *path = aof_path(a, last->name);
    int64_t size = file_size(path);
    a->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (a->fd < 0) log_warning("Can't open the AOF incr file %s: %s", path, strerror(errno));
    else log_notice("Opening AOF incr file %s on server start", last->name);
    a->increment_bytes = size > 0 ? (uint64_t)size : 0;
    mem_free(path);
    return a->fd >= 0;
}

bool aof_open(struct aof *a)
{
    struct persist *p = a->persist;
    if (!p->settings->appendonly) return true;
    if (!aof_find_manifest(a)) return false;
    a->state = AOF_ON;
    if (a->manifest.count == 0 && !make_first_base(a)) return false;
    const struct manifest_file *last = manifest_last(&a->manifest);
    if (last ? !open_last(a, last) : !aof_next_increment(a, "server start")) return false;
    a->last_sync_ms = now_ms(a);
    propagate_switch(p->server, true);
    aof_drop_history(a);
    return true;
}

/* ---- switching ---- */

static void switch_off(struct aof *a)
{
    struct persist *p = a->persist;
    if (!aof_write_now(a) || !aof_sync_now(a)) log_warning("Fail to fsync the AOF file: %s", strerror(errno));
    propagate_switch(p->server, false);
    a->state = AOF_OFF;
    close(a->fd);
    a->fd = -1;
    a->write_errno = 0;
    a->is_scheduled = false;
    if (child_purpose(p->child) == CHILD_REWRITE) {
        log_notice("Killing AOF child");
        child_kill(p->child);
    }
    persist_refuse_writes(p);
}

/* What changes from now on goes to a temporary increment, until there is a base. */
static bool switch_on(struct aof *a)
{
    struct persist *p = a->persist;
    if (!aof_find_manifest(a)) return false;
    a->state = AOF_WAITS_FOR_BASE;
    a->last_sync_ms = now_ms(a);
    if (child_purpose(p->child) == CHILD_REWRITE) child_kill(p->child);
    if (child_purpose(p->child) != CHILD_NONE) {
        log_warning(
            "AOF was enabled but there is already another background operation. An AOF background was "
            "scheduled to start when possible.");
        a->is_scheduled = true;
        return true;
    }
    if (aof_rewrite_start(a)) return true;
    a->state = AOF_OFF;
    return false;
}

bool aof_switch(struct aof *a)
{
    bool wanted = a->persist->settings->appendonly;
    if (wanted == (a->state != AOF_OFF)) return true;
    if (wanted) return switch_on(a);
    switch_off(a);
    return true;
}

/* ---- the end ---- */

bool aof_may_exit(struct aof *a, bool forced)
{
    struct persist *p = a->persist;
    if (child_purpose(p->child) == CHILD_REWRITE) {
        if (a->state == AOF_WAITS_FOR_BASE && !forced) {
            log_warning("Writing initial AOF, can't exit.");
            return false;
        }
        log_warning("There is a child rewriting the AOF. Killing it!");
        child_kill(p->child);
    }
    if (a->state == AOF_OFF) return true;
    log_notice("Calling fsync() on the AOF file.");
    worker_drain(p->server->worker);
    bool whole = aof_write_now(a) && aof_sync_now(a);
    if (!whole)
        log_warning("Fail to fsync the AOF file: %s", strerror(a->write_errno ? a->write_errno : errno));
    return whole || forced;
}
