#include "core/memory.h"

#include "core/client.h"
#include "core/server.h"
#include "core/stats.h"
#include "db/keyspace.h"

size_t memory_db_overhead_bytes(const struct db *db)
{
    return hashtable_memory_bytes(&db->keys) + hashtable_memory_bytes(&db->watched) +
           (db->wheel ? wheel_memory_bytes(db->wheel) : 0);
}

static size_t client_bytes(const struct clients *clients)
{
    size_t bytes = 0;
    list_each (node, &clients->all) bytes += client_memory_bytes(container_of(node, struct client, of_all));
    return bytes;
}

void memory_report_get(struct server *server, struct memory_report *report)
{
    const struct keyspace *ks = server->keyspace;
    stats_note_memory(server->stats);
    *report = (struct memory_report){
        .used_bytes = mem_used(),
        .peak_bytes = server->stats->memory_peak_bytes,
        .startup_bytes = server->stats->memory_startup_bytes,
        .clients_bytes = client_bytes(server->clients),
    };
    report->overhead_bytes = report->startup_bytes + report->clients_bytes;
    for (int i = 0; i < ks->db_count; i++) report->overhead_bytes += memory_db_overhead_bytes(&ks->dbs[i]);
    size_t used = report->used_bytes;
    report->dataset_bytes = used > report->overhead_bytes ? used - report->overhead_bytes : 0;
    report->peak_percent = report->peak_bytes ? 100.0 * (double)used / (double)report->peak_bytes : 0;
    if (used > report->startup_bytes)
        report->dataset_percent = 100.0 * (double)report->dataset_bytes /
                                  (double)(used - report->startup_bytes);
    mem_stats_get(&report->process);
}
