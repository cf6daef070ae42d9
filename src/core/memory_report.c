#include "core/memory_report.h"

#include "core/client.h"
#include "core/server.h"
#include "core/stats.h"
#include "db/keyspace.h"

double memory_report_ratio(size_t a, size_t b)
{
    return b ? (double)a / (double)b : 0;
}

size_t memory_report_excess(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

size_t memory_report_table_bytes(const struct db *db)
{
    return hashtable_memory_bytes(&db->keys);
}

size_t memory_report_wheel_bytes(const struct db *db)
{
    return db->wheel ? wheel_memory_bytes(db->wheel) : 0;
}

static size_t clients_bytes(const struct clients *clients)
{
    size_t bytes = 0;
    list_each(node, &clients->all) bytes += client_memory_bytes(container_of(node, struct client, of_all));
    return bytes;
}

static size_t databases_bytes(const struct keyspace *ks)
{
    size_t bytes = 0;
    for (int i = 0; i < ks->db_count; i++)
        bytes += memory_report_table_bytes(&ks->dbs[i]) + memory_report_wheel_bytes(&ks->dbs[i]);
    return bytes;
}

void memory_report_make(struct server *server, struct memory_report *report)
{
    struct stats *stats = server->stats;
    size_t total = mem_used();
    stats_note_memory(stats);
    *report = (struct memory_report){
        .total_bytes = total,
        .peak_bytes = stats->memory_peak_bytes,
        .startup_bytes = stats->memory_startup_bytes,
        .clients_bytes = clients_bytes(server->clients),
        .databases_bytes = databases_bytes(server->keyspace),
        .keys = keyspace_count(server->keyspace),
        .peak_percentage = memory_report_ratio(total, stats->memory_peak_bytes) * 100,
    };
    report->overhead_bytes = report->startup_bytes + report->clients_bytes + report->databases_bytes;
    report->dataset_bytes = memory_report_excess(total, report->overhead_bytes);
    report->dataset_percentage =
        memory_report_ratio(report->dataset_bytes, memory_report_excess(total, report->startup_bytes)) * 100;
    mem_stats_get(&report->allocator);
}
