#include "persist/persist.h"

#include "base/log.h"
#include "base/mem.h"
#include "core/dispatch.h"
#include "core/server.h"
#include "core/settings.h"
#include "persist/aof.h"
#include "persist/child.h"
#include "persist/loading.h"
#include "persist/snapshot.h"

struct persist *persist_new(struct server *server, struct persist_settings *settings)
{
    struct persist *p = mem_calloc(1, sizeof *p);
    p->server = server;
    p->keyspace = server->keyspace;
    p->settings = settings;
    p->loading = loading_new(p);
    p->child = child_new(p);
    p->snapshot = snapshot_new(p);
    p->aof = aof_new(p);
    return p;
}

void persist_free(struct persist *p)
{
    child_free(p->child);
    aof_free(p->aof);
    snapshot_free(p->snapshot);
    loading_free(p->loading);
    mem_free(p);
}

void persist_open(struct persist *p)
{
    p->snapshot->last_save_s = server_now_ms(p->server) / 1000;
}

void persist_cron(struct persist *p)
{
    if (p->loading->is_on) return;
    aof_cron(p->aof);
    snapshot_cron(p->snapshot);
}

void persist_refuse_writes(struct persist *p)
{
    bool is_unsaved = p->snapshot->last_failed && p->settings->stop_writes_on_bgsave_error &&
                      snapshot_is_configured(p->snapshot);
    const char *refusal = aof_refusal(p->aof);
    if (is_unsaved)
        refusal =
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to "
            "disk. Commands that may modify the data set are disabled, because this instance is configured "
            "to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). "
            "Please check the Redis logs for details about the RDB error.";
    p->server->write_refusal = refusal;
    dispatch_refresh_checks(p->server);
}

/* ---- the end ---- */

static bool save_at_end(struct persist *p, unsigned modes)
{
    bool wanted = snapshot_is_configured(p->snapshot) && !(modes & SHUTDOWN_ON_NOSAVE);
    if (!wanted && !(modes & SHUTDOWN_ON_SAVE)) return true;
    log_notice("Saving the final RDB snapshot before exiting.");
    if (snapshot_save(p->snapshot)) return true;
    log_warning("Error trying to save the DB, can't exit.");
    return false;
}

bool persist_may_exit(void *module, unsigned modes)
{
    struct persist *p = module;
    bool forced = modes & SHUTDOWN_ON_FORCE;
    if (p->loading->is_on) return true;
    if (child_purpose(p->child) == CHILD_SAVE) {
        log_warning("There is a child saving an .rdb. Killing it!");
        child_kill(p->child);
    }
    if (!aof_may_exit(p->aof, forced)) return false;
    return save_at_end(p, modes);
}
