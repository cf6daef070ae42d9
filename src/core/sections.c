#include "core/sections.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/number.h"
#include "base/version.h"
#include "core/acl_log.h"
#include "core/blocking.h"
#include "core/client.h"
#include "core/config.h"
#include "core/directive.h"
#include "core/errorstats.h"
#include "core/info.h"
#include "core/memory.h"
#include "core/server.h"
#include "core/stats.h"
#include "core/tracking.h"
#include "db/keyspace.h"
#include "db/lazyfree.h"
#include "io/tls_settings.h"

/* ---- server ---- */

static void write_build(struct buffer *to)
{
    struct utsname machine;
    uname(&machine);
    info_text(to, "redis_version", VERSION_REDIS);
    info_text(to, "tocsin_version", VERSION_TOCSIN);
    info_text(to, "redis_git_sha1", "00000000");
    info_int(to, "redis_git_dirty", 0);
    info_int(to, "redis_build_id", 0);
    info_text(to, "redis_mode", "standalone");
    buffer_printf(to, "os:%s %s %s\r\n", machine.sysname, machine.release, machine.machine);
    info_int(to, "arch_bits", (int64_t)sizeof(void *) * 8);
    info_text(to, "monotonic_clock", "POSIX clock_gettime");
    info_text(to, "multiplexing_api", "epoll");
    info_text(to, "atomicvar_api", "c11-builtin");
    buffer_printf(to, "gcc_version:%d.%d.%d\r\n", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
}

static void write_listener(int index, const char *name, int64_t port, const struct core_settings *settings,
                           struct buffer *to)
{
    buffer_printf(to, "listener%d:name=%s", index, name);
    for (int i = 0; i < settings->bind_count; i++) buffer_printf(to, ",bind=%s", settings->bind[i]);
    buffer_printf(to, ",port=%d\r\n", (int)port);
}

static void write_listeners(const struct server *server, struct buffer *to)
{
    const struct core_settings *settings = server->settings;
    int64_t tls_port = server->tls->port;
    int count = 0;
    if (settings->port && settings->bind_count) write_listener(count++, "tcp", settings->port, settings, to);
    if (*settings->unixsocket)
        buffer_printf(to, "listener%d:name=unix,bind=%s\r\n", count++, settings->unixsocket);
    if (tls_port && settings->bind_count) write_listener(count, "tls", tls_port, settings, to);
}

static void write_server(void *module, struct buffer *to)
{
    const struct server *server = module;
    const struct core_settings *settings = server->settings;
    int64_t uptime_s = (server_now_ms(server) - server->start_ms) / 1000;
    write_build(to);
    info_int(to, "process_id", getpid());
    info_text(to, "process_supervised", server->supervisor);
    info_text(to, "run_id", server->run_id);
    info_int(to, "tcp_port", settings->port ? settings->port : server->tls->port);
    info_int(to, "server_time_usec", server->now_us);
    info_int(to, "uptime_in_seconds", uptime_s);
    info_int(to, "uptime_in_days", uptime_s / 86400);
    info_int(to, "hz", settings->hz);
    info_int(to, "configured_hz", settings->hz);
    info_int(to, "lru_clock", server->keyspace->access_clock & 0xffffff);
    info_text(to, "executable", server->executable);
    info_text(to, "config_file", config_path(server->config));
    info_int(to, "io_threads_active", 0);
    write_listeners(server, to);
}

const struct info_section core_section_server = {"server", "Server", true, write_server};

/* ---- clients ---- */

static void write_clients(void *module, struct buffer *to)
{
    const struct server *server = module;
    size_t input_bytes = 0, output_bytes = 0;
    int64_t blocked = 0;
    list_each (node, &server->clients->all) {
        const struct client *c = container_of(node, struct client, of_all);
        size_t its_output_bytes = output_memory_bytes(&c->out);
        if (c->query_peak_bytes > input_bytes) input_bytes = c->query_peak_bytes;
        if (its_output_bytes > output_bytes) output_bytes = its_output_bytes;
        blocked += (c->flags & (CLIENT_BLOCKED | CLIENT_POSTPONED)) != 0;
    }
    struct tracking_counts tracking;
    tracking_count(server, &tracking);
    info_int(to, "connected_clients", server->clients->count);
    info_int(to, "cluster_connections", 0);
    info_int(to, "maxclients", server->settings->maxclients);
    info_int(to, "client_recent_max_input_buffer", (int64_t)input_bytes);
    info_int(to, "client_recent_max_output_buffer", (int64_t)output_bytes);
    info_int(to, "blocked_clients", blocked);
    info_int(to, "tracking_clients", (int64_t)tracking.clients);
    info_int(to, "pubsub_clients", server->clients->subscribed);
    struct blocking_counts counts = blocking_counts(server);
    info_int(to, "clients_in_timeout_table", (int64_t)counts.timeouts);
    info_int(to, "total_blocking_keys", (int64_t)counts.keys);
    info_int(to, "total_blocking_keys_on_nokey", (int64_t)counts.keys_waking_without);
}

const struct info_section core_section_clients = {"clients", "Clients", true, write_clients};

/* ---- memory ---- */

static void write_usage(const struct memory_report *report, struct buffer *to)
{
    info_bytes(to, "used_memory", report->used_bytes);
    info_bytes(to, "used_memory_rss", report->process.rss_bytes);
    info_bytes(to, "used_memory_peak", report->peak_bytes);
    buffer_printf(to, "used_memory_peak_perc:%.2f%%\r\n", report->peak_percent);
    info_int(to, "used_memory_overhead", (int64_t)report->overhead_bytes);
    info_int(to, "used_memory_startup", (int64_t)report->startup_bytes);
    info_int(to, "used_memory_dataset", (int64_t)report->dataset_bytes);
    buffer_printf(to, "used_memory_dataset_perc:%.2f%%\r\n", report->dataset_percent);
    info_int(to, "allocator_allocated", (int64_t)report->process.allocated_bytes);
    info_int(to, "allocator_active", (int64_t)report->process.active_bytes);
    info_int(to, "allocator_resident", (int64_t)report->process.resident_bytes);
    info_bytes(to, "total_system_memory", mem_machine_bytes());
}

static void write_scripts(const struct server *server, struct buffer *to)
{
    static const char *const never[] = {"number_of_functions", "number_of_libraries",
                                        "used_memory_vm_functions", NULL};
    struct script_usage usage;
    char human[32];
    server->measure_scripts(server, &usage);
    human[number_print_human(human, usage.vm_bytes)] = '\0';
    info_int(to, "used_memory_lua", (int64_t)usage.vm_bytes);
    info_int(to, "used_memory_vm_eval", (int64_t)usage.vm_bytes);
    info_text(to, "used_memory_lua_human", human);
    info_int(to, "used_memory_scripts_eval", (int64_t)usage.scripts_bytes);
    info_int(to, "number_of_cached_scripts", (int64_t)usage.scripts);
    info_zeros(to, never);
    info_bytes(to, "used_memory_vm_total", usage.vm_bytes);
    info_int(to, "used_memory_functions", 0);
    info_bytes(to, "used_memory_scripts", usage.scripts_bytes);
}

/* name_ratio and name_bytes: how much more a is than b. */
static void write_excess(struct buffer *to, const char *name, const char *ratio, size_t a, size_t b)
{
    buffer_printf(to, "%s_%s:%.2f\r\n", name, ratio, b ? (double)a / (double)b : 0);
    buffer_printf(to, "%s_bytes:%lld\r\n", name, (long long)a - (long long)b);
}

static void write_policy(const struct server *server, struct buffer *to)
{
    struct buffer policy = {0};
    directive_get(config_find(server->config, SLICE("maxmemory-policy"), NULL), &policy);
    info_text(to, "maxmemory_policy", policy.data);
    buffer_fini(&policy);
}

static void write_memory(void *module, struct buffer *to)
{
    struct server *server = module;
    const struct keyspace *ks = server->keyspace;
    struct memory_report report;
    memory_report_get(server, &report);
    const struct mem_stats *process = &report.process;
    write_usage(&report, to);
    write_scripts(server, to);
    info_bytes(to, "maxmemory", ks->settings.maxmemory_bytes);
    write_policy(server, to);
    write_excess(to, "allocator_frag", "ratio", process->active_bytes, process->allocated_bytes);
    write_excess(to, "allocator_rss", "ratio", process->resident_bytes, process->active_bytes);
    write_excess(to, "rss_overhead", "ratio", process->rss_bytes, process->resident_bytes);
    write_excess(to, "mem_fragmentation", "ratio", process->rss_bytes, report.used_bytes);
    info_int(to, "mem_not_counted_for_evict", (int64_t)ks->memory_not_counted);
    static const char *const no_replicas[] = {
        "mem_replication_backlog",
        "mem_total_replication_buffers",
        "mem_clients_slaves",
        NULL,
    };
    info_zeros(to, no_replicas);
    info_int(to, "mem_clients_normal", (int64_t)report.clients_bytes);
    info_int(to, "mem_cluster_links", 0);
    info_int(to, "mem_aof_buffer", 0);
    info_text(to, "mem_allocator", mem_allocator());
    info_int(to, "active_defrag_running", 0);
    info_int(to, "lazyfree_pending_objects", (int64_t)lazyfree_pending(ks));
    info_int(to, "lazyfreed_objects", (int64_t)atomic_load(&ks->lazyfreed));
}

const struct info_section core_section_memory = {"memory", "Memory", true, write_memory};

/* ---- stats ---- */

static void write_stats(void *module, struct buffer *to)
{
    const struct server *server = module;
    const struct clients *clients = server->clients;
    const struct stats *stats = server->stats;
    info_int(to, "total_connections_received", (int64_t)clients->accepted);
    info_int(to, "total_commands_processed", (int64_t)stats->commands_processed);
    info_int(to, "instantaneous_ops_per_sec", (int64_t)stats_rate(stats, RATE_COMMANDS));
    info_int(to, "total_net_input_bytes", (int64_t)clients->net_input_bytes);
    info_int(to, "total_net_output_bytes", (int64_t)clients->net_output_bytes);
    info_ratio(to, "instantaneous_input_kbps", (double)stats_rate(stats, RATE_INPUT) / 1024);
    info_ratio(to, "instantaneous_output_kbps", (double)stats_rate(stats, RATE_OUTPUT) / 1024);
    info_int(to, "rejected_connections", (int64_t)clients->rejected);
}

const struct info_section core_section_stats = {"stats", "Stats", true, write_stats};

static void write_stats_end(void *module, struct buffer *to)
{
    const struct server *server = module;
    const struct clients *clients = server->clients;
    const struct stats *stats = server->stats;
    static const char *const never[] = {
        "active_defrag_hits",
        "active_defrag_misses",
        "active_defrag_key_hits",
        "active_defrag_key_misses",
        "total_active_defrag_time",
        "current_active_defrag_time",
        NULL,
    };
    struct tracking_counts tracking;
    tracking_count(server, &tracking);
    info_int(to, "evicted_clients", (int64_t)clients->evicted);
    info_zeros(to, never);
    info_int(to, "tracking_total_keys", (int64_t)tracking.keys);
    info_int(to, "tracking_total_items", (int64_t)tracking.items);
    info_int(to, "tracking_total_prefixes", (int64_t)tracking.prefixes);
    info_int(to, "unexpected_error_replies", 0);
    info_int(to, "total_error_replies", (int64_t)errorstats_total(server->errorstats));
    info_int(to, "total_reads_processed", (int64_t)stats->reads);
    info_int(to, "total_writes_processed", (int64_t)stats->writes);
    static const char *const never_either[] = {
        "io_threaded_reads_processed",
        "io_threaded_writes_processed",
        "reply_buffer_shrinks",
        "reply_buffer_expands",
        NULL,
    };
    info_zeros(to, never_either);
    info_int(to, "eventloop_cycles", (int64_t)stats->loop_cycles);
    info_int(to, "eventloop_duration_sum", (int64_t)stats->loop_us);
    info_int(to, "eventloop_duration_cmd_sum", (int64_t)(stats->loop_command_ns / 1000));
    info_int(to, "instantaneous_eventloop_cycles_per_sec", (int64_t)stats_rate(stats, RATE_LOOP_CYCLES));
    info_int(to, "instantaneous_eventloop_duration_usec", (int64_t)stats_rate(stats, RATE_LOOP_US));
    const uint64_t *denied = server->acl->log->denied;
    info_int(to, "acl_access_denied_auth", (int64_t)denied[ACL_DENIED_AUTH]);
    info_int(to, "acl_access_denied_cmd", (int64_t)denied[ACL_DENIED_COMMAND]);
    info_int(to, "acl_access_denied_key", (int64_t)denied[ACL_DENIED_KEY]);
    info_int(to, "acl_access_denied_channel", (int64_t)denied[ACL_DENIED_CHANNEL]);
    info_int(to, "client_query_buffer_limit_disconnections", (int64_t)clients->query_limit_disconnections);
    info_int(to, "client_output_buffer_limit_disconnections", (int64_t)clients->output_limit_disconnections);
}

const struct info_section core_section_stats_end = {"stats", NULL, true, write_stats_end};

/* ---- cpu ---- */

static void write_times(struct buffer *to, int who, const char *suffix)
{
    struct rusage usage;
    getrusage(who, &usage);
    buffer_printf(to, "used_cpu_sys%s:%lld.%06lld\r\n", suffix, (long long)usage.ru_stime.tv_sec,
                  (long long)usage.ru_stime.tv_usec);
    buffer_printf(to, "used_cpu_user%s:%lld.%06lld\r\n", suffix, (long long)usage.ru_utime.tv_sec,
                  (long long)usage.ru_utime.tv_usec);
}

static void write_cpu(void *module, struct buffer *to)
{
    (void)module;
    write_times(to, RUSAGE_SELF, "");
    write_times(to, RUSAGE_CHILDREN, "_children");
    write_times(to, RUSAGE_THREAD, "_main_thread");
}

const struct info_section core_section_cpu = {"cpu", "CPU", true, write_cpu};

/* ---- modules ---- */

/* There are none; the title alone is what clients expect then. */
static void write_modules(void *module, struct buffer *to)
{
    (void)module;
    (void)to;
}

const struct info_section core_section_modules = {"modules", "Modules", true, write_modules};

/* ---- per command and per error ---- */

static void write_command_stats(const struct command_state *command, struct buffer *to)
{
    for (int i = 0; i < command->subcommand_count; i++) write_command_stats(&command->subcommands[i], to);
    if (command->calls + command->rejected_calls + command->failed_calls == 0) return;
    double us = (double)command->total_ns / 1000;
    buffer_printf(
        to, "cmdstat_%s:calls=%llu,usec=%llu,usec_per_call=%.2f,rejected_calls=%llu,failed_calls=%llu\r\n",
        command->full_name, (unsigned long long)command->calls,
        (unsigned long long)(command->total_ns / 1000), command->calls ? us / (double)command->calls : 0,
        (unsigned long long)command->rejected_calls, (unsigned long long)command->failed_calls);
}

static void write_commandstats(void *module, struct buffer *to)
{
    const struct command_table *commands = ((const struct server *)module)->commands;
    for (int i = 0; i < command_count(commands); i++) write_command_stats(command_at(commands, i), to);
}

const struct info_section core_section_commandstats = {"commandstats", "Commandstats", false,
                                                       write_commandstats};

static void write_errorstats(void *module, struct buffer *to)
{
    errorstats_write(((const struct server *)module)->errorstats, to);
}

const struct info_section core_section_errorstats = {"errorstats", "Errorstats", true, write_errorstats};

static void write_command_latency(const struct core_settings *settings, const struct command_state *command,
                                  struct buffer *to)
{
    for (int i = 0; i < command->subcommand_count; i++)
        write_command_latency(settings, &command->subcommands[i], to);
    if (command->latency == NULL || histogram_count(command->latency) == 0) return;
    buffer_printf(to, "latency_percentiles_usec_%s:", command->full_name);
    for (int i = 0; i < settings->latency_percentile_count; i++) {
        double percent = settings->latency_percentiles[i];
        buffer_printf(to, "%sp%g=%.3f", i ? "," : "", percent,
                      (double)histogram_percentile(command->latency, percent) / 1000);
    }
    buffer_append_text(to, "\r\n");
}

static void write_latencystats(void *module, struct buffer *to)
{
    const struct server *server = module;
    for (int i = 0; i < command_count(server->commands); i++)
        write_command_latency(server->settings, command_at(server->commands, i), to);
}

const struct info_section core_section_latencystats = {"latencystats", "Latencystats", false,
                                                       write_latencystats};
