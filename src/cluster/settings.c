#include "cluster/settings.h"

#include <ctype.h>

#define OPTION_SETTINGS struct cluster_settings

enum { HOSTNAME_MAX = 255 };

static bool is_name(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (!isalnum(c) && c != '-' && c != '.') return false;
    }
    return true;
}

static bool check_hostname(const struct option_context *ctx, int argc, const struct slice *argv,
                           struct buffer *reason)
{
    (void)ctx, (void)argc;
    if (argv[0].len > HOSTNAME_MAX)
        return option_refuse(reason, "Hostnames must be less than 256 characters");
    return is_name(argv[0]) ||
           option_refuse(reason, "Hostnames may only contain alphanumeric characters, hyphens or dots");
}

static bool check_nodename(const struct option_context *ctx, int argc, const struct slice *argv,
                           struct buffer *reason)
{
    (void)ctx, (void)argc;
    return is_name(argv[0]) || option_refuse(reason, "Announced human node name contained invalid character");
}

static const struct option_word endpoints[] = {
    {"ip", ENDPOINT_IP}, {"hostname", ENDPOINT_HOSTNAME}, {"unknown-endpoint", ENDPOINT_UNKNOWN}, {NULL, 0}};

enum { IMMUTABLE = OPTION_IMMUTABLE, HIDDEN = OPTION_HIDDEN };

/* name, alias, kind and field, default, min, max, flags */
const struct option cluster_options[] = {
    {"cluster-enabled", NULL, BOOL_AT(enabled), "no", 0, 0, IMMUTABLE},
    {"cluster-config-file", NULL, TEXT_AT(config_file), "nodes.conf", 0, 0, IMMUTABLE},
    {"cluster-port", NULL, INT_AT(port), "0", 0, 65535, IMMUTABLE},
    {"cluster-node-timeout", NULL, INT_AT(node_timeout_ms), "15000", 0, INT64_MAX},
    {"cluster-ping-interval", NULL, INT_AT(ping_interval_ms), "1000", 0, INT32_MAX, HIDDEN},
    {"cluster-migration-barrier", NULL, INT_AT(migration_barrier), "1", 0, INT32_MAX},
    {"cluster-replica-validity-factor", "cluster-slave-validity-factor", INT_AT(replica_validity_factor),
     "10", 0, INT32_MAX},
    {"cluster-replica-no-failover", "cluster-slave-no-failover", BOOL_AT(replica_no_failover), "no"},
    {"cluster-allow-replica-migration", NULL, BOOL_AT(allow_replica_migration), "yes"},
    {"cluster-require-full-coverage", NULL, BOOL_AT(require_full_coverage), "yes"},
    {"cluster-allow-reads-when-down", NULL, BOOL_AT(allow_reads_when_down), "no"},
    {"cluster-allow-pubsubshard-when-down", NULL, BOOL_AT(allow_pubsubshard_when_down), "yes"},
    {"cluster-link-sendbuf-limit", NULL, MEMORY_AT(link_sendbuf_limit_bytes), "0"},
    {"cluster-announce-ip", NULL, TEXT_AT(announce_ip)},
    {"cluster-announce-hostname", NULL, TEXT_AT(announce_hostname), .check = check_hostname},
    {"cluster-announce-human-nodename", NULL, TEXT_AT(announce_human_nodename), .check = check_nodename},
    {"cluster-announce-port", NULL, INT_AT(announce_port), "0", 0, 65535},
    {"cluster-announce-tls-port", NULL, INT_AT(announce_tls_port), "0", 0, 65535},
    {"cluster-announce-bus-port", NULL, INT_AT(announce_bus_port), "0", 0, 65535},
    {"cluster-preferred-endpoint-type", NULL, ENUM_AT(preferred_endpoint_type), "ip", .words = endpoints},
    {0},
};
