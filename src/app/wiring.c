#include "app/wiring.h"

#include "app/cron.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "cluster/sections.h"
#include "cluster/settings.h"
#include "commands/tables.h"
#include "core/client.h"
#include "core/config.h"
#include "core/dispatch.h"
#include "core/errorstats.h"
#include "core/info.h"
#include "core/latency.h"
#include "core/network.h"
#include "core/pause.h"
#include "core/sections.h"
#include "core/server.h"
#include "core/slowlog.h"
#include "core/stats.h"
#include "db/keyspace.h"
#include "db/sections.h"
#include "io/tls_settings.h"
#include "io/worker.h"
#include "notify/notify.h"
#include "notify/pubsub.h"
#include "notify/sections.h"
#include "persist/sections.h"
#include "persist/settings.h"
#include "repl/sections.h"
#include "repl/settings.h"
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
};

/* ---- commands ---- */

static const struct command *const command_tables[] = {
    client_commands,
    command_commands,
    config_commands,
    connection_commands,
    expire_commands,
    info_commands,
    keys_commands,
    object_commands,
    pubsub_commands,
    scan_commands,
    server_commands,
    string_commands,
    transaction_commands,
};

static void add_commands(struct server *server)
{
    server->commands = command_table_new();
    for (size_t i = 0; i < sizeof command_tables / sizeof *command_tables; i++)
        command_table_add(server->commands, command_tables[i]);
}

/* ---- directives ---- */

static bool hook_listen(void *ctx, struct buffer *reason)
{
    struct buffer detail = {0};
    bool ok = network_listen(ctx, &detail);
    buffer_fini(&detail);
    return ok || option_refuse(reason, "Failed to bind to specified addresses.");
}

static bool hook_rename_command(void *ctx, struct slice name, struct slice to, struct buffer *reason)
{
    struct server *server = ctx;
    if (command_find(server->commands, 1, &name) == NULL)
        return option_refuse(reason, "No such command in rename-command");
    if (!command_table_rename(server->commands, name, to))
        return option_refuse(reason, "Target command name already exists");
    return true;
}

static void add_directives(struct wiring *w)
{
    struct server *server = &w->server;
    struct config *config = server->config = config_new();
    server->settings = &w->settings.core;
    w->core_hooks = (struct core_hooks){
        .ctx = server,
        .listen = hook_listen,
        .rename_command = hook_rename_command,
    };
    config_add(config, core_options, &w->settings.core, &w->core_hooks);
    config_add(config, types_options, &w->settings.types, NULL);
    config_add(config, tls_options, &w->settings.tls, NULL);
    config_add(config, db_options, &server->keyspace->settings, server->keyspace);
    config_add(config, notify_options, notify_settings(server->notify), server->notify);
    config_add(config, persist_options, &w->settings.persist, NULL);
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
    server->keyspace->listener = (struct keyspace_listener){.ctx = server->notify, .event = notify_event};
    pubsub_listen(server->pubsub, (struct pubsub_listener){server->notify, notify_audience_changed});
    server->keyspace->worker = server->worker;
    server->deliver_messages = pubsub_deliver;
    server->forget_subscriber = pubsub_forget;
    server->count_subscriptions = pubsub_count_subscriptions;
}

/* ---- life ---- */

static void seed(struct server *server)
{
    uint8_t hash_seed[16];
    uint64_t random;
    random_bytes(hash_seed, sizeof hash_seed);
    hash_set_seed(hash_seed);
    random_bytes(&random, sizeof random);
    random_seed(&server->random, random);
    random_hex(server->run_id, 40);
    random_hex(server->replication_id, 40);
}

struct server *wiring_new(void)
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
    server->pause = mem_calloc(1, sizeof *server->pause);
    server->slowlog = slowlog_new();
    server->latency = latency_new();
    add_sections(server);
    add_commands(server);
    add_directives(w);
    return server;
}

void wiring_open(struct server *server)
{
    server->worker = worker_new("background");
    connect_modules(server);
    keyspace_open(server->keyspace, (int)server->settings->databases);
    server_read_clock(server);
    server->start_ms = server_now_ms(server);
    server->stats->memory_startup_bytes = mem_used();
    server->loop = cron_new_loop(server);
    notify_configured(server->notify);
    dispatch_refresh_checks(server);
}

void wiring_free(struct server *server)
{
    network_stop_listening(server);
    clients_free(server->clients);
    pubsub_free(server->pubsub);
    notify_free(server->notify);
    network_free(server->network);
    loop_free(server->loop);
    worker_free(server->worker);
    keyspace_free(server->keyspace);
    errorstats_free(server->errorstats);
    mem_free(server->stats);
    mem_free(server->pause);
    slowlog_free(server->slowlog);
    latency_free(server->latency);
    info_free(server->info);
    command_table_free(server->commands);
    config_free(server->config);
    mem_free(container_of(server, struct wiring, server));
}
