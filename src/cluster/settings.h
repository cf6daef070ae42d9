/* The settings of the cluster. cluster/settings.c has the rows
 * (cluster_options). */
#ifndef CLUSTER_SETTINGS_H
#define CLUSTER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

enum { ENDPOINT_IP, ENDPOINT_HOSTNAME, ENDPOINT_UNKNOWN };

struct cluster_settings {
    bool enabled;
    char *config_file;
    int64_t port; /* of the bus; 0: the server's plus 10000 */
    int64_t node_timeout_ms;
    int64_t ping_interval_ms;
    int64_t migration_barrier;
    int64_t replica_validity_factor; /* 0: a replica may always take over */
    bool replica_no_failover;
    bool allow_replica_migration;
    bool require_full_coverage;
    bool allow_reads_when_down;
    bool allow_pubsubshard_when_down;
    uint64_t link_sendbuf_limit_bytes;                               /* 0: no limit */
    char *announce_ip, *announce_hostname, *announce_human_nodename; /* empty: not announced */
    int64_t announce_port, announce_tls_port, announce_bus_port;     /* 0: as it is */
    int preferred_endpoint_type;                                     /* ENDPOINT_x */
};

extern const struct option cluster_options[];

#endif
