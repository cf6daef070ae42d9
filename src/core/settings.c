#include "core/settings.h"

#include <locale.h>
#include <syslog.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/special.h"

#define OPTION_SETTINGS struct core_settings

static const struct option_word loglevels[] = {{"debug", LOG_LEVEL_DEBUG},     {"verbose", LOG_LEVEL_VERBOSE},
                                               {"notice", LOG_LEVEL_NOTICE},   {"warning", LOG_LEVEL_WARNING},
                                               {"nothing", LOG_LEVEL_NOTHING}, {NULL, 0}};

static const struct option_word syslog_facilities[] = {{"user", LOG_USER},     {"local0", LOG_LOCAL0},
                                                       {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},
                                                       {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
                                                       {"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6},
                                                       {"local7", LOG_LOCAL7}, {NULL, 0}};

static const struct option_word enables[] = {
    {"no", ENABLE_NO}, {"yes", ENABLE_YES}, {"local", ENABLE_LOCAL}, {NULL, 0}};

static const struct option_word supervisors[] = {{"upstart", SUPERVISED_UPSTART},
                                                 {"systemd", SUPERVISED_SYSTEMD},
                                                 {"auto", SUPERVISED_AUTO},
                                                 {"no", SUPERVISED_NO},
                                                 {NULL, 0}};

static const struct option_word oom_adjustments[] = {{"no", OOM_ADJUST_NO},
                                                     {"yes", OOM_ADJUST_RELATIVE},
                                                     {"relative", OOM_ADJUST_RELATIVE},
                                                     {"absolute", OOM_ADJUST_ABSOLUTE},
                                                     {NULL, 0}};

static const struct option_word pubsub_defaults[] = {{"allchannels", 1}, {"resetchannels", 0}, {NULL, 0}};

static const struct option_word propagation_errors[] = {{"ignore", PROPAGATION_IGNORE},
                                                        {"panic", PROPAGATION_PANIC},
                                                        {"panic-on-replicas", PROPAGATION_PANIC_ON_REPLICAS},
                                                        {NULL, 0}};

static const struct option_word shutdown_modes[] = {
    {"default", 0},           {"save", SHUTDOWN_ON_SAVE},   {"nosave", SHUTDOWN_ON_NOSAVE},
    {"now", SHUTDOWN_ON_NOW}, {"force", SHUTDOWN_ON_FORCE}, {NULL, 0}};

/* What acts through a hook: one function a hook, all alike. */
#define APPLY_BY_HOOK(hook)                                                                                  \
    static bool apply_##hook(const struct option_context *ctx, struct buffer *reason)                        \
    {                                                                                                        \
        const struct core_hooks *hooks = ctx->module;                                                        \
        return hooks == NULL || hooks->hook == NULL || hooks->hook(hooks->ctx, reason);                      \
    }

APPLY_BY_HOOK(listen)
APPLY_BY_HOOK(maxclients)
APPLY_BY_HOOK(requirepass)
APPLY_BY_HOOK(hz)
APPLY_BY_HOOK(watchdog)
APPLY_BY_HOOK(proc_title)
APPLY_BY_HOOK(oom_score_adj)
APPLY_BY_HOOK(trim)
APPLY_BY_HOOK(latency_tracking)
APPLY_BY_HOOK(crash_log)

static bool apply_loglevel(const struct option_context *ctx, struct buffer *reason)
{
    const struct core_settings *settings = ctx->settings;
    (void)reason;
    log_set_level((enum log_level)settings->loglevel);
    return true;
}

static bool apply_locale(const struct option_context *ctx, struct buffer *reason)
{
    const struct core_settings *settings = ctx->settings;
    return setlocale(LC_COLLATE, settings->locale_collate) || option_refuse(reason, "Invalid locale name");
}

static bool apply_bg_thread(const struct option_context *ctx, struct buffer *reason)
{
    const struct core_settings *settings = ctx->settings;
    uint64_t on = settings->jemalloc_bg_thread, was;
    (void)reason;
    mem_control("background_thread", &on, &was);
    return true;
}

static void adjust_hz(void *module_settings)
{
    struct core_settings *settings = module_settings;
    if (settings->hz < 1) settings->hz = 1;
    if (settings->hz > 500) settings->hz = 500;
}

/* The watchdog must outlast two runs of cron. */
static void adjust_watchdog(void *module_settings)
{
    struct core_settings *settings = module_settings;
    if (settings->watchdog_period_ms == 0) return;
    int64_t least_ms = 1000 / settings->hz * 2;
    if (settings->watchdog_period_ms < least_ms) settings->watchdog_period_ms = least_ms;
}

enum {
    IMMUTABLE = OPTION_IMMUTABLE,
    INERT = OPTION_INERT,
    HIDDEN = OPTION_HIDDEN,
    WORDS = OPTION_WORDS,
    SENSITIVE = OPTION_SENSITIVE,
    LINE = OPTION_FILE_ONLY | OPTION_WORDS,
};

/* name, alias, kind and field, default, min, max, flags */
const struct option core_options[] = {
    /* Listening. */
    {"bind", NULL, SPECIAL, "* -::*", 0, 0, WORDS, .set = special_set_bind, .get = special_get_bind,
     .fini = special_fini_bind, .apply = apply_listen},
    {"port", NULL, INT_AT(port), "6379", 0, 65535, .apply = apply_listen},
    {"tcp-backlog", NULL, INT_AT(tcp_backlog), "511", 0, INT32_MAX, IMMUTABLE},
    {"tcp-keepalive", NULL, INT_AT(tcp_keepalive_s), "300", 0, INT32_MAX},
    {"socket-mark-id", NULL, INT_AT(socket_mark_id), "0", 0, UINT32_MAX, IMMUTABLE},
    {"bind-source-addr", NULL, TEXT_AT(bind_source_addr)},
    {"unixsocket", NULL, TEXT_AT(unixsocket), .flags = IMMUTABLE},
    {"unixsocketperm", NULL, OCTAL_AT(unixsocketperm), "0", 0, 0777, IMMUTABLE},
    {"protected-mode", NULL, BOOL_AT(protected_mode), "yes"},

    /* Clients. */
    {"maxclients", NULL, INT_AT(maxclients), "10000", 1, UINT32_MAX, .apply = apply_maxclients},
    {"timeout", NULL, INT_AT(timeout_s), "0", 0, INT32_MAX},
    {"proto-max-bulk-len", NULL, MEMORY_AT(proto_max_bulk_len_bytes), "512mb", 1024 * 1024, INT64_MAX},
    {"client-query-buffer-limit", NULL, MEMORY_AT(client_query_buffer_limit_bytes), "1gb", 1024 * 1024,
     INT64_MAX},
    {"client-output-buffer-limit", NULL, SPECIAL,
     "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", 0, 0, WORDS,
     .set = special_set_output_limits, .get = special_get_output_limits,
     .rewrite = special_rewrite_output_limits},
    {"maxmemory-clients", NULL, PERCENT_AT(maxmemory_clients), "0"},
    {"tracking-table-max-keys", NULL, INT_AT(tracking_table_max_keys), "1000000", 0, INT64_MAX},
    {"io-threads", NULL, INT_AT(io_threads), "1", 1, 128, IMMUTABLE | INERT},
    {"io-threads-do-reads", NULL, BOOL_AT(io_threads_do_reads), "no", 0, 0, IMMUTABLE | INERT},

    /* Access. */
    {"requirepass", NULL, BYTES_AT(requirepass), "", 0, 0, SENSITIVE, .apply = apply_requirepass},
    {"aclfile", NULL, TEXT_AT(aclfile), .flags = IMMUTABLE},
    {"acllog-max-len", NULL, INT_AT(acllog_max_len), "128", 0, INT64_MAX, .apply = apply_trim},
    {"acl-pubsub-default", NULL, ENUM_AT(acl_pubsub_allchannels), "resetchannels", .words = pubsub_defaults},
    {"enable-debug-command", NULL, ENUM_AT(enable_debug_command), "no", 0, 0, IMMUTABLE, enables},
    {"enable-module-command", NULL, ENUM_AT(enable_module_command), "no", 0, 0, IMMUTABLE, enables},
    {"enable-protected-configs", NULL, ENUM_AT(enable_protected_configs), "no", 0, 0, IMMUTABLE, enables},
    {"rename-command", NULL, SPECIAL, .flags = LINE, .set = special_set_rename},
    {"user", NULL, SPECIAL, .flags = LINE, .set = special_set_user, .rewrite = special_rewrite_users},
    {"loadmodule", NULL, SPECIAL, .flags = LINE, .set = special_refuse_module},
    {"sentinel", NULL, SPECIAL, .flags = LINE, .set = special_refuse_sentinel},

    /* Observation. */
    {"loglevel", NULL, ENUM_AT(loglevel), "notice", .words = loglevels, .apply = apply_loglevel},
    {"logfile", NULL, TEXT_AT(logfile), .flags = IMMUTABLE},
    {"syslog-enabled", NULL, BOOL_AT(syslog_enabled), "no", 0, 0, IMMUTABLE},
    {"syslog-ident", NULL, TEXT_AT(syslog_ident), "redis", 0, 0, IMMUTABLE},
    {"syslog-facility", NULL, ENUM_AT(syslog_facility), "local0", 0, 0, IMMUTABLE, syslog_facilities},
    {"slowlog-log-slower-than", NULL, INT_AT(slowlog_log_slower_than_us), "10000", -1, INT64_MAX},
    {"slowlog-max-len", NULL, INT_AT(slowlog_max_len), "128", 0, INT64_MAX, .apply = apply_trim},
    {"latency-monitor-threshold", NULL, INT_AT(latency_monitor_threshold_ms), "0", 0, INT64_MAX},
    {"latency-tracking", NULL, BOOL_AT(latency_tracking), "yes", .apply = apply_latency_tracking},
    {"latency-tracking-info-percentiles", NULL, SPECIAL, "50 99 99.9", 0, 0, WORDS,
     .set = special_set_percentiles, .get = special_get_percentiles, .fini = special_fini_percentiles},
    {"crash-log-enabled", NULL, BOOL_AT(crash_log_enabled), "yes", .apply = apply_crash_log},
    {"crash-memcheck-enabled", NULL, BOOL_AT(crash_memcheck_enabled), "yes", 0, 0, INERT},
    {"use-exit-on-panic", NULL, BOOL_AT(use_exit_on_panic), "no", 0, 0, HIDDEN},

    /* The process. */
    {"databases", NULL, INT_AT(databases), "16", 1, INT32_MAX, IMMUTABLE},
    {"hz", NULL, INT_AT(hz), "10", 0, INT32_MAX, .adjust = adjust_hz, .apply = apply_hz},
    {"watchdog-period", NULL, INT_AT(watchdog_period_ms), "0", 0, INT32_MAX, HIDDEN,
     .adjust = adjust_watchdog, .apply = apply_watchdog},
    {"dynamic-hz", NULL, BOOL_AT(dynamic_hz), "yes", 0, 0, INERT},
    {"activerehashing", NULL, BOOL_AT(activerehashing), "yes"},
    {"daemonize", NULL, BOOL_AT(daemonize), "no", 0, 0, IMMUTABLE},
    {"pidfile", NULL, TEXT_AT(pidfile), .flags = IMMUTABLE},
    {"supervised", NULL, ENUM_AT(supervised), "no", 0, 0, IMMUTABLE, supervisors},
    {"always-show-logo", NULL, BOOL_AT(always_show_logo), "no", 0, 0, IMMUTABLE},
    {"set-proc-title", NULL, BOOL_AT(set_proc_title), "yes", 0, 0, IMMUTABLE},
    {"proc-title-template", NULL, TEXT_AT(proc_title_template), "{title} {listen-addr} {server-mode}",
     .check = special_check_title, .apply = apply_proc_title},
    {"locale-collate", NULL, TEXT_AT(locale_collate), .check = special_check_locale, .apply = apply_locale},
    {"oom-score-adj", NULL, ENUM_AT(oom_score_adj), "no", .words = oom_adjustments,
     .apply = apply_oom_score_adj},
    {"oom-score-adj-values", NULL, SPECIAL, "0 200 800", 0, 0, WORDS, .set = special_set_oom_values,
     .get = special_get_oom_values, .apply = apply_oom_score_adj},
    {"disable-thp", NULL, BOOL_AT(disable_thp), "yes", 0, 0, IMMUTABLE | INERT},
    {"jemalloc-bg-thread", NULL, BOOL_AT(jemalloc_bg_thread), "yes", .apply = apply_bg_thread},
    {"server_cpulist", NULL, TEXT_AT(server_cpulist), .flags = IMMUTABLE | INERT},
    {"bio_cpulist", NULL, TEXT_AT(bio_cpulist), .flags = IMMUTABLE | INERT},
    {"ignore-warnings", NULL, TEXT_AT(ignore_warnings)},
    {"busy-reply-threshold", "lua-time-limit", INT_AT(busy_reply_threshold_ms), "5000", 0, INT64_MAX},
    {"propagation-error-behavior", NULL, ENUM_AT(propagation_error_behavior), "ignore",
     .words = propagation_errors},

    /* Shutdown. */
    {"shutdown-timeout", NULL, INT_AT(shutdown_timeout_s), "10", 0, INT32_MAX},
    {"shutdown-on-sigint", NULL, BITS_AT(shutdown_on_sigint), "default", 0, 0, WORDS, shutdown_modes,
     .check = special_check_shutdown},
    {"shutdown-on-sigterm", NULL, BITS_AT(shutdown_on_sigterm), "default", 0, 0, WORDS, shutdown_modes,
     .check = special_check_shutdown},
    {0},
};
