#include "repl/sections.h"

#include "core/config.h"
#include "core/directive.h"
#include "core/info.h"
#include "core/server.h"

static void write_backlog_size(const struct server *server, struct buffer *to)
{
    struct buffer size = {0};
    directive_get(config_find(server->config, SLICE("repl-backlog-size"), NULL), &size);
    info_text(to, "repl_backlog_size", size.data);
    buffer_fini(&size);
}

static void write_replication(void *module, struct buffer *to)
{
    const struct server *server = module;
    info_text(to, "role", "master");
    info_int(to, "connected_slaves", 0);
    info_text(to, "master_failover_state", "no-failover");
    info_text(to, "master_replid", server->replication_id);
    info_text(to, "master_replid2", "0000000000000000000000000000000000000000");
    info_int(to, "master_repl_offset", 0);
    info_int(to, "second_repl_offset", -1);
    info_int(to, "repl_backlog_active", 0);
    write_backlog_size(server, to);
    info_int(to, "repl_backlog_first_byte_offset", 0);
    info_int(to, "repl_backlog_histlen", 0);
}

const struct info_section repl_section = {"replication", "Replication", true, write_replication};

static void write_stats(void *module, struct buffer *to)
{
    (void)module;
    info_int(to, "total_net_repl_input_bytes", 0);
    info_int(to, "total_net_repl_output_bytes", 0);
    info_ratio(to, "instantaneous_input_repl_kbps", 0);
    info_ratio(to, "instantaneous_output_repl_kbps", 0);
    static const char *const never[] = {
        "sync_full",
        "sync_partial_ok",
        "sync_partial_err",
        "migrate_cached_sockets",
        "slave_expires_tracked_keys",
        NULL,
    };
    info_zeros(to, never);
}

const struct info_section repl_section_stats = {"stats", NULL, true, write_stats};
