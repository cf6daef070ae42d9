#include "app/wiring.h"

#include "app/bug_report.h"
#include "app/cron.h"
#include "app/open_files.h"
#include "app/process.h"
#include "app/title.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/mem.h"
#include "cluster/sections.h"
#include "cluster/settings.h"
#include "commands/tables.h"
#include "core/acl_file.h"
#include "core/blocking.h"
#include "core/client.h"
#include "core/config.h"
#include "core/dispatch.h"
#include "core/errorstats.h"
#include "core/info.h"
#include "core/latency.h"
#include "core/lifecycle.h"
#include "core/network.h"
#include "core/pause.h"
#include "core/propagate.h"
#include "core/sections.h"
#include "core/server.h"
#include "core/slowlog.h"
#include "core/stats.h"
#include "core/tracking.h"
#include "db/keyspace.h"
#include "db/sections.h"
#include "io/tls_context.h"
#include "io/tls_settings.h"
#include "io/worker.h"
#include "notify/notify.h"
#include "notify/pubsub.h"
#include "notify/sections.h"
#include "persist/aof.h"
#include "persist/persist.h"
#include "persist/sections.h"
#include "persist/settings.h"
#include "repl/sections.h"
#include "repl/settings.h"
#include "script/host.h"
#include "script/settings.h"
#include "types/settings.h"

/* Settings of modules whose owners only read them. */
struct settings {
    struct core_settings core;
    struct types_settings types;
    struct tls_settings tls;
    struct persist_settings persist;
    struct repl_settings repl;
    struct cluster_settings cluster;
    struct script_settings script;
};

/* The server and what belongs to no module alone. */
struct wiring {
    struct server server;
    struct settings settings;
    struct core_hooks core_hooks;
    struct tls_hooks tls_hooks;
    struct cron *cron;
    struct crash_subject crash_subject;
};

/* ---- commands ---- */

static const struct command *const command_tables[] = {
    acl_commands,         bitfield_commands,     bitmap_commands,        client_commands,
    command_commands,     config_commands,       connection_commands,    debug_commands,
    dump_commands,        expire_commands,       geo_commands,           hash_commands,
    hash_expire_commands, hyperloglog_commands,  info_commands,          keys_commands,
    latency_commands,     lcs_commands,          list_blocking_commands, list_commands,
    memory_commands,      migrate_commands,      object_commands,        persistence_commands,
    pubsub_commands,      scan_commands,         script_commands,        server_commands,
    set_commands,         shutdown_commands,     slowlog_commands,       sort_commands,
    stream_commands,      stream_group_commands, stream_info_commands,   stream_read_commands,
    string_commands,      transactions_commands, zset_combine_commands,  zset_commands,
    zset_pop_commands,    zset_range_commands,
};

static void add_commands(struct server *server)
{
    server->commands = command_table_new();
    for (size_t i = 0; i < sizeof command_tables / sizeof *command_tables; i++)
        command_table_add(server->commands, command_tables[i]);
}

/* ---- directives ---- */

static void set_title(struct wiring *w)
{
    const struct title_facts facts = {
        .settings = &w->settings.core,
        .config_file = config_path(w->server.config),
        .mode = w->settings.cluster.enabled ? "[cluster]" : "",
        .tls_port = w->settings.tls.port,
    };
    process_set_title(w->server.process, &facts);
}

static bool hook_listen(void *ctx, struct buffer *reason)
{
    struct wiring *w = ctx;
    struct buffer detail = {0};
    bool ok = network_listen(&w->server, &detail);
    buffer_fini(&detail);
    if (!ok) return option_refuse(reason, "Failed to bind to specified addresses.");
    set_title(w);
    return true;
}

/* New connections get what the settings say now, once it is known to work. */
static bool hook_tls_context(void *ctx, struct buffer *reason)
{
    struct wiring *w = ctx;
    struct buffer detail = {0};
    bool wanted = w->settings.tls.port || w->settings.tls.replication || w->settings.tls.cluster;
    struct tls_context *fresh = wanted ? tls_context_of_settings(&w->settings.tls, &detail) : NULL;
    if (wanted && fresh == NULL) {
        log_warning("%s", detail.data);
        buffer_fini(&detail);
        return option_refuse(reason, "Unable to update TLS configuration. Check server logs.");
    }
    tls_context_drop(w->server.tls_live);
    w->server.tls_live = fresh;
    return true;
}

static bool hook_tls_port(void *ctx, struct buffer *reason)
{
    struct wiring *w = ctx;
    struct buffer detail = {0};
    if (!hook_tls_context(ctx, reason)) return false;
    bool ok = network_listen(&w->server, &detail);
    buffer_fini(&detail);
    if (!ok) return option_refuse(reason, "Unable to listen on this port. Check server logs.");
    set_title(w);
    return true;
}

static bool hook_maxclients(void *ctx, struct buffer *reason)
{
    const struct wiring *w = ctx;
    return open_files_allow(w->settings.core.maxclients, reason);
}

static bool hook_requirepass(void *ctx, struct buffer *reason)
{
    const struct wiring *w = ctx;
    (void)reason;
    acl_set_password(w->server.acl, buffer_slice(&w->settings.core.requirepass));
    return true;
}

static bool hook_user(void *ctx, int argc, const struct slice *argv, struct buffer *reason)
{
    const struct wiring *w = ctx;
    return acl_file_declare(w->server.acl, argc, argv, reason);
}

/* With an aclfile, the configuration has no users. */
static bool hook_users_rewrite(void *ctx, struct buffer *to)
{
    const struct wiring *w = ctx;
    if (*w->settings.core.aclfile == '\0') acl_file_print(w->server.acl, to);
    return true;
}

static bool hook_proc_title(void *ctx, struct buffer *reason)
{
    (void)reason;
    set_title(ctx);
    return true;
}

static bool hook_oom_score_adj(void *ctx, struct buffer *reason)
{
    const struct wiring *w = ctx;
    return process_adjust_oom_score(w->server.process) ||
           option_refuse(reason, "Failed to set current oom_score_adj. Check server logs.");
}

static bool hook_trim(void *ctx, struct buffer *reason)
{
    const struct wiring *w = ctx;
    (void)reason;
    slowlog_trim(w->server.slowlog, w->settings.core.slowlog_max_len);
    return true;
}

/* What was measured before is no more. */
static bool hook_latency_tracking(void *ctx, struct buffer *reason)
{
    const struct wiring *w = ctx;
    (void)reason;
    if (!w->settings.core.latency_tracking) command_latency_reset(w->server.commands);
    return true;
}

static bool hook_crash_log(void *ctx, struct buffer *reason)
{
    const struct wiring *w = ctx;
    (void)reason;
    crash_enable(w->settings.core.crash_log_enabled);
    return true;
}

static bool hook_rename_command(void *ctx, struct slice name, struct slice to, struct buffer *reason)
{
    const struct wiring *w = ctx;
    struct command_table *commands = w->server.commands;
    if (command_find(commands, 1, &name) == NULL)
        return option_refuse(reason, "No such command in rename-command");
    if (!command_table_rename(commands, name, to))
        return option_refuse(reason, "Target command name already exists");
    return true;
}

static void add_directives(struct wiring *w)
{
    struct server *server = &w->server;
    struct config *config = server->config = config_new();
    server->settings = &w->settings.core;
    server->types = &w->settings.types;
    server->tls = &w->settings.tls;
    w->core_hooks = (struct core_hooks){
        .ctx = w,
        .listen = hook_listen,
        .maxclients = hook_maxclients,
        .requirepass = hook_requirepass,
        .proc_title = hook_proc_title,
        .oom_score_adj = hook_oom_score_adj,
        .trim = hook_trim,
        .latency_tracking = hook_latency_tracking,
        .crash_log = hook_crash_log,
        .rename_command = hook_rename_command,
        .user = hook_user,
        .users_rewrite = hook_users_rewrite,
    };
    w->tls_hooks = (struct tls_hooks){.ctx = w, .listen = hook_tls_port, .context = hook_tls_context};
    config_add(config, core_options, &w->settings.core, &w->core_hooks);
    config_add(config, types_options, &w->settings.types, NULL);
    config_add(config, tls_options, &w->settings.tls, &w->tls_hooks);
    config_add(config, db_options, &server->keyspace->settings, server->keyspace);
    config_add(config, notify_options, notify_settings(server->notify), server->notify);
    server->persist = persist_new(server, &w->settings.persist);
    config_add(config, persist_options, &w->settings.persist, server->persist);
    config_add(config, repl_options, &w->settings.repl, NULL);
    config_add(config, cluster_options, &w->settings.cluster, NULL);
    config_add(config, script_options, &w->settings.script, NULL);
}

/* ---- INFO ---- */

/* In the order in which they are printed. */
static void add_sections(struct server *server)
{
    const struct {
        const struct info_section *section;
        void *module;
    } sections[] = {
        {&core_section_server, server},
        {&core_section_clients, server},
        {&core_section_memory, server},
        {&persist_section, server},
        {&core_section_stats, server},
        {&repl_section_stats, server},
        {&db_section_stats, server->keyspace},
        {&notify_section_stats, server},
        {&persist_section_stats, server},
        {&core_section_stats_end, server},
        {&repl_section, server},
        {&core_section_cpu, server},
        {&core_section_modules, server},
        {&core_section_commandstats, server},
        {&core_section_errorstats, server},
        {&core_section_latencystats, server},
        {&cluster_section, server},
        {&db_section_keyspace, server->keyspace},
        {&notify_section_notifications, server},
    };
    server->info = info_new();
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        info_add(server->info, sections[i].section, sections[i].module);
}

/* ---- listeners ---- */

static void connect_modules(struct server *server)
{
    server->keyspace->listener = (struct keyspace_listener){
        .ctx = server->notify,
        .event = notify_event,
        .fields = notify_fields,
        .keeper = server->propagation,
        .removed = propagate_removed,
        .fields_removed = propagate_fields_removed,
        .waiters = server->blocking,
        .changed = blocking_key_changed,
        .replaced = blocking_db_replaced,
        .caches = server->tracking,
        .invalid = tracking_key_changed,
    };
    pubsub_listen(server->pubsub,
                  (struct pubsub_listener){server->notify, notify_audience_changed, notify_readers_changed});
    server->keyspace->worker = server->worker;
    server->deliver_messages = pubsub_deliver;
    server->forget_subscriber = pubsub_forget;
    server->count_subscriptions = pubsub_count_subscriptions;
    server->review_subscriber = pubsub_review;
}

/* ---- the end ---- */

static void finish_network(void *module)
{
    network_close(module);
}

static void finish_process(void *module)
{
    process_finish(module);
}

static void add_participants(struct wiring *w)
{
    struct lifecycle *lifecycle = w->server.lifecycle;
    lifecycle_join(lifecycle,
                   (struct lifecycle_participant){w->server.persist, .may_exit = persist_may_exit});
    lifecycle_join(lifecycle, (struct lifecycle_participant){&w->server, .finish = finish_network});
    lifecycle_join(lifecycle, (struct lifecycle_participant){w->server.process, .finish = finish_process});
}

/* ---- life ---- */

static void seed(struct server *server)
{
    uint64_t random;
    random_bytes(&random, sizeof random);
    random_seed(&server->random, random);
    random_hex(server->run_id, 40);
    random_hex(server->replication_id, 40);
}

struct server *wiring_new(int argc, char **argv)
{
    struct wiring *w = mem_calloc(1, sizeof *w);
    struct server *server = &w->server;
    seed(server);
    clock_ticks_init();
    server->clock_max_age_ticks = clock_ticks_of_ns(500000);
    server->keyspace = keyspace_new(random_next(&server->random));
    server->clients = clients_new();
    server->network = network_new(server);
    server->pubsub = pubsub_new(server);
    server->notify = notify_new(server->keyspace, server->pubsub);
    server->errorstats = errorstats_new();
    server->stats = mem_calloc(1, sizeof *server->stats);
    server->propagation = propagate_new(server->keyspace);
    server->pause = mem_calloc(1, sizeof *server->pause);
    server->tracking = tracking_new(server);
    server->slowlog = slowlog_new();
    server->latency = latency_new();
    server->lifecycle = lifecycle_new();
    server->script = host_new(server, &w->settings.script);
    server->measure_scripts = host_measure;
    add_sections(server);
    add_commands(server);
    server->acl = acl_new(server->commands, &w->settings.core);
    add_directives(w);
    server->process = process_new(server->settings, argc, argv);
    add_participants(w);
    return server;
}

bool wiring_open(struct server *server)
{
    struct wiring *w = container_of(server, struct wiring, server);
    struct buffer reason = {0};
    bool secured = hook_tls_context(w, &reason);
    buffer_fini(&reason);
    if (!secured) {
        log_warning("Failed to configure TLS. Check logs for more info.");
        return false;
    }
    bug_report_init(&w->crash_subject, server);
    crash_set_subject(&w->crash_subject);
    crash_enable(server->settings->crash_log_enabled);
    server->worker = worker_new("background");
    server_read_clock(server);
    server->blocking = blocking_new(server);
    connect_modules(server);
    keyspace_open(server->keyspace, (int)server->settings->databases);
    server->start_ms = server_now_ms(server);
    persist_open(server->persist);
    w->cron = cron_new(server);
    server->loop = loop_new(cron_hooks(w->cron));
    notify_configured(server->notify);
    dispatch_refresh_checks(server);
    set_title(w);
    server->stats->memory_startup_bytes = mem_used();
    return true;
}

static void close_modules(struct wiring *w)
{
    struct server *server = &w->server;
    network_stop_listening(server);
    clients_close_all(server->clients);
    blocking_free(server->blocking);
    crash_set_subject(NULL);
    loop_free(server->loop);
    cron_free(w->cron);
    worker_free(server->worker);
}

void wiring_free(struct server *server)
{
    struct wiring *w = container_of(server, struct wiring, server);
    if (server->loop) close_modules(w);
    host_free(server->script);
    persist_free(server->persist);
    pubsub_free(server->pubsub);
    notify_free(server->notify);
    network_free(server->network);
    tls_context_drop(server->tls_live);
    clients_free(server->clients);
    keyspace_free(server->keyspace);
    errorstats_free(server->errorstats);
    mem_free(server->stats);
    propagate_free(server->propagation);
    mem_free(server->pause);
    tracking_free(server->tracking);
    slowlog_free(server->slowlog);
    latency_free(server->latency);
    info_free(server->info);
    lifecycle_free(server->lifecycle);
    acl_free(server->acl);
    command_table_free(server->commands);
    process_free(server->process);
    config_free(server->config);
    mem_free(w);
}
