#include "app/cron.h"

#include <signal.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rows.h"
#include "base/signals.h"
#include "base/watchdog.h"
#include "core/blocking.h"
#include "core/dispatch.h"
#include "core/lifecycle.h"
#include "core/network.h"
#include "core/pause.h"
#include "core/server.h"
#include "core/settings.h"
#include "core/stats.h"
#include "core/tracking.h"
#include "db/expire.h"
#include "io/loop.h"
#include "persist/aof.h"
#include "persist/persist.h"

/* Expiry works in slices of this long while clients wait, so that a mass
 * expiry costs each of their commands little. */
enum { EXPIRE_SLICE_US = 100 };

/* What is further away than this need not be known to the microsecond. */
enum { DEADLINE_FAR_MS = 3600 * 1000 };

/* ---- periodic jobs ---- */

static void sample_stats(void *module, int64_t now_ms)
{
    stats_sample(module, now_ms);
}

static void check_idle(void *module, int64_t now_ms)
{
    network_check_idle(module, now_ms);
}

static void keep_data(void *module, int64_t now_ms)
{
    (void)now_ms;
    persist_cron(((struct server *)module)->persist);
}

static const struct cron_job jobs[] = {
    {"keep-data", 100, keep_data},
    {"sample-stats", 100, sample_stats},
    {"check-idle-clients", 1000, check_idle},
};
enum { JOBS = sizeof jobs / sizeof *jobs };

struct cron {
    struct server *server;
    int64_t next_ms[JOBS]; /* monotonic */
    bool expiry_left;      /* keys are overdue: do not sleep */
    bool watched;          /* the watchdog runs */
    int64_t woke_ns;
};

/* Runs what is due; returns when the next job will be. */
static int64_t run_jobs(struct cron *cron, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    for (int i = 0; i < JOBS; i++) {
        if (now_ms >= cron->next_ms[i]) {
            if (cron->next_ms[i] && !cron->server->cron_paused)
                jobs[i].run(cron->server, server_now_ms(cron->server));
            cron->next_ms[i] = now_ms + jobs[i].period_ms;
        }
        if (cron->next_ms[i] < next_ms) next_ms = cron->next_ms[i];
    }
    return next_ms;
}

/* ---- around the sleep ---- */

/* Time until the wheel has something to do, a pause or a client's waiting
 * ends, to the microsecond. */
static int64_t ns_to_next_deadline(const struct server *server)
{
    int64_t next_ms = expire_next_ms(server->keyspace), pause_ms = server->pause->until_ms;
    int64_t wait_ms = blocking_next_ms(server);
    if (pause_ms && pause_ms < next_ms) next_ms = pause_ms;
    if (wait_ms < next_ms) next_ms = wait_ms;
    if (next_ms == INT64_MAX) return INT64_MAX;
    int64_t left_ms = next_ms - server_now_ms(server);
    if (left_ms > DEADLINE_FAR_MS) return (int64_t)DEADLINE_FAR_MS * 1000000;
    int64_t left_us = next_ms * 1000 - clock_realtime_us();
    return left_us > 0 ? left_us * 1000 : 0;
}

/* A refused shutdown is over: the next signal asks anew. */
static void obey_signals(struct server *server)
{
    const struct core_settings *settings = server->settings;
    int signum = signals_noted();
    if (signum == 0) return;
    int modes = signum == SIGINT ? settings->shutdown_on_sigint : settings->shutdown_on_sigterm;
    if (!lifecycle_shutdown(server, (unsigned)modes)) signals_forget();
}

/* A turn of the loop is watched from its awakening on. */
static void watch_turn(struct cron *cron)
{
    int64_t period_ms = cron->server->settings->watchdog_period_ms;
    if (period_ms) watchdog_start(period_ms);
    cron->watched = period_ms > 0;
}

static void unwatch_turn(struct cron *cron)
{
    if (cron->watched) watchdog_stop();
    cron->watched = false;
}

/* Clients in blocking commands: those whose time is up, those for whom a key
 * has changed outside of any command, and what either sent meanwhile. True:
 * somebody is not done yet. */
static bool serve_waiting(struct server *server)
{
    blocking_check_timeouts(server);
    if (server->keys_changed) blocking_serve(server);
    return network_resume(server);
}

static int64_t before_sleep(void *ctx)
{
    struct cron *cron = ctx;
    struct server *server = cron->server;
    server_read_clock(server);
    obey_signals(server);
    cron->expiry_left = expire_slice(server->keyspace, server->now_us, EXPIRE_SLICE_US);
    pause_check(server);
    bool unread = network_read_pending(server), unserved = serve_waiting(server);
    aof_write(server->persist->aof);
    int64_t now_ns = clock_monotonic_ns();
    int64_t next_job_ns = run_jobs(cron, now_ns / 1000000) * 1000000;
    tracking_broadcast(server);
    network_flush(server);
    unwatch_turn(cron);
    server->stats->loop_cycles++;
    if (cron->woke_ns) server->stats->loop_us += (uint64_t)(clock_monotonic_ns() - cron->woke_ns) / 1000;
    if (cron->expiry_left || unread || unserved || server->loading) return 0;
    int64_t sleep_ns = next_job_ns - now_ns, deadline_ns = ns_to_next_deadline(server);
    if (deadline_ns < sleep_ns) sleep_ns = deadline_ns;
    return sleep_ns > 0 ? sleep_ns : 0;
}

static void after_sleep(void *ctx)
{
    struct cron *cron = ctx;
    cron->woke_ns = clock_monotonic_ns();
    watch_turn(cron);
    server_read_clock(cron->server);
    dispatch_refresh_checks(cron->server);
}

struct cron *cron_new(struct server *server)
{
    struct cron *cron = mem_calloc(1, sizeof *cron);
    cron->server = server;
    return cron;
}

void cron_free(struct cron *cron)
{
    mem_free(cron);
}

struct loop_hooks cron_hooks(struct cron *cron)
{
    return (struct loop_hooks){cron, before_sleep, after_sleep};
}
