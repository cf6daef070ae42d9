/* Rewriting the append only file: a new base from what is in memory. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/propagate.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/file.h"
#include "persist/aof.h"
#include "persist/aof_base.h"
#include "persist/child.h"
#include "types/value.h"

enum {
    FAILURES_TOLERATED = 3,
    RETRY_FIRST_MS = 60 * 1000, /* after more failures, doubled by each */
    RETRY_LAST_MS = 3600 * 1000,
    TEMPORARY_NAME_MAX = 64,
};

static int64_t now_ms(const struct aof *a)
{
    return server_now_ms(a->persist->server);
}

static void name_temporary(char name[TEMPORARY_NAME_MAX], pid_t pid)
{
    snprintf(name, TEMPORARY_NAME_MAX, "temp-rewriteaof-bg-%d.aof", (int)pid);
}

static bool write_new_base(struct persist *p)
{
    char name[TEMPORARY_NAME_MAX];
    name_temporary(name, getpid());
    if (!aof_base_write(p, name)) {
        log_warning("Write error writing append only file on disk: %s", strerror(errno));
        return false;
    }
    log_notice("Successfully created the temporary AOF base file %s", name);
    return true;
}

/* ---- the end of it ---- */

/* Gives a file a name in the directory of the append only file. */
static bool put_in_place(const struct aof *a, const char *temporary, const char *name, const char *kind)
{
    char *path = aof_path(a, name);
    bool renamed = file_replace(temporary, path);
    if (renamed)
        log_notice("Successfully renamed the temporary AOF %s file %s into %s", kind, temporary, name);
    else
        log_warning("Error trying to rename the temporary AOF %s file %s into %s: %s", kind, temporary, name,
                    strerror(errno));
    mem_free(path);
    return renamed;
}

/* While the first base was made, what changed went to a temporary file. */
static bool adopt_increment(struct aof *a, struct manifest *next)
{
    struct buffer name = {0}, temporary = {0};
    int64_t sequence = manifest_sequence(&a->manifest, MANIFEST_INCREMENT) + 1;
    aof_name(a, &name, sequence, MANIFEST_INCREMENT);
    buffer_printf(&temporary, AOF_TEMPORARY_INCREMENT, a->persist->settings->appendfilename);
    char *path = aof_path(a, temporary.data);
    bool adopted = put_in_place(a, path, name.data, "incr");
    if (adopted) manifest_add(next, name.data, sequence, MANIFEST_INCREMENT);
    mem_free(path);
    buffer_fini(&name);
    buffer_fini(&temporary);
    return adopted;
}

/* The manifest is what makes it true: all that it names is there before. */
static bool adopt(struct aof *a, const char *temporary)
{
    struct buffer base = {0};
    struct manifest next;
    bool waited = a->state == AOF_WAITS_FOR_BASE;
    int64_t sequence = manifest_sequence(&a->manifest, MANIFEST_BASE) + 1;
    aof_name(a, &base, sequence, MANIFEST_BASE);
    manifest_copy(&a->manifest, &next);
    manifest_retire(&next, a->state == AOF_ON ? a->retired_increments : INT32_MAX);
    manifest_add(&next, base.data, sequence, MANIFEST_BASE);
    char *path = aof_path(a, base.data), *manifest_path = aof_manifest_path(a);
    int64_t base_bytes = file_size(temporary);
    bool adopted = put_in_place(a, temporary, base.data, "base");
    if (adopted && waited) adopted = adopt_increment(a, &next);
    if (adopted && !manifest_save(&next, manifest_path)) {
        log_warning("Can't write the AOF manifest %s: %s", manifest_path, strerror(errno));
        adopted = false;
    }
    if (adopted) {
        manifest_fini(&a->manifest);
        a->manifest = next;
        if (waited) a->state = AOF_ON;
        a->base_bytes = a->total_bytes = (uint64_t)base_bytes + a->increment_bytes;
    } else {
        unlink(path);
        manifest_fini(&next);
    }
    buffer_fini(&base);
    mem_free(path);
    mem_free(manifest_path);
    return adopted;
}

/* After some failures in a row the next tries are put off further and further. */
static void note_failure(struct aof *a)
{
    a->last_failed = true;
    if (++a->failures < FAILURES_TOLERATED) return;
    int64_t delay_ms = RETRY_FIRST_MS;
    for (int i = a->failures - FAILURES_TOLERATED; i > 0 && delay_ms < RETRY_LAST_MS; i--) delay_ms *= 2;
    if (delay_ms > RETRY_LAST_MS) delay_ms = RETRY_LAST_MS;
    a->next_try_ms = now_ms(a) + delay_ms;
    log_warning("Background AOF rewrite has repeatedly failed and triggered the limit, will retry in %" PRId64
                " minutes",
                delay_ms / 60000);
}

static void note_end(struct persist *p, enum child_end end)
{
    struct aof *a = p->aof;
    char temporary[TEMPORARY_NAME_MAX];
    name_temporary(temporary, p->child->last_pid);
    a->last_duration_s = (now_ms(a) - p->child->started_ms) / 1000;
    a->last_cow_bytes = p->child->cow_peak_bytes;
    bool adopted = false;
    if (end == CHILD_SUCCEEDED) {
        log_notice("Background AOF rewrite terminated with success");
        adopted = adopt(a, temporary);
    } else {
        log_warning(end == CHILD_KILLED ? "Background AOF rewrite terminated by the server"
                                        : "Background AOF rewrite terminated with error");
    }
    if (adopted) {
        a->last_failed = false;
        a->failures = 0;
        aof_drop_history(a);
        log_notice("Background AOF rewrite finished successfully");
        return;
    }
    unlink(temporary);
    if (end != CHILD_KILLED) note_failure(a);
    /* Without a base there is nothing to append to yet: it is tried again. */
    if (a->state == AOF_WAITS_FOR_BASE) a->is_scheduled = true;
}

/* ---- the begin of it ---- */

static const struct child_job job = {
    .purpose = CHILD_REWRITE,
    .name = "AOF rewrite",
    .work = write_new_base,
    .done = note_end,
};

/* What changes from here on goes to a file of its own. What was propagated before
 * is in an older one, and in the base. */
static bool begin_increment(struct aof *a)
{
    struct propagation *propagation = a->persist->server->propagation;
    if (a->state == AOF_OFF) return true; /* only a base is asked for */
    if (a->state == AOF_WAITS_FOR_BASE) {
        propagate_switch(a->persist->server, true);
    } else if (!aof_write_now(a)) {
        log_warning("Can't rewrite the append only file while it cannot be written");
        return false;
    }
    a->retired_increments = manifest_count(&a->manifest, MANIFEST_INCREMENT);
    propagation->selected_db = -1;
    return aof_next_increment(a, "background rewrite");
}

bool aof_rewrite_start(struct aof *a)
{
    struct persist *p = a->persist;
    a->is_scheduled = false;
    if (!aof_find_manifest(a) || !begin_increment(a)) {
        note_failure(a);
        return false;
    }
    if (!child_start(p->child, &job)) {
        log_warning("Can't rewrite append only file in background: fork: %s", strerror(errno));
        note_failure(a);
        return false;
    }
    a->rewrites++;
    log_notice("Background append only file rewriting started by pid %d", (int)p->child->pid);
    return true;
}

static bool has_grown(const struct aof *a)
{
    const struct persist_settings *settings = a->persist->settings;
    if (a->state != AOF_ON || settings->auto_aof_rewrite_percentage == 0) return false;
    if (a->total_bytes <= settings->auto_aof_rewrite_min_size_bytes) return false;
    uint64_t base = a->base_bytes ? a->base_bytes : 1;
    uint64_t growth = a->total_bytes > base ? (a->total_bytes - base) * 100 / base : 0;
    if (growth < (uint64_t)settings->auto_aof_rewrite_percentage || now_ms(a) < a->next_try_ms) return false;
    log_notice("Starting automatic rewriting of AOF on %" PRIu64 "%% growth", growth);
    return true;
}

void aof_rewrite_cron(struct aof *a)
{
    if (child_purpose(a->persist->child) != CHILD_NONE) return;
    bool is_due = a->is_scheduled && (a->failures < FAILURES_TOLERATED || now_ms(a) >= a->next_try_ms);
    if ((is_due || has_grown(a)) && !aof_rewrite_start(a) && a->state == AOF_WAITS_FOR_BASE)
        a->is_scheduled = true;
}
