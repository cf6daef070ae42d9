/* Where the server's memory is: what INFO memory and MEMORY STATS tell. */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stddef.h>

#include "base/mem.h"

struct server;

struct memory_report {
    size_t used_bytes, peak_bytes, startup_bytes;
    size_t clients_bytes;   /* of all of them */
    size_t overhead_bytes;  /* startup, clients, tables: all that is not keys and values */
    size_t dataset_bytes;   /* the rest */
    double peak_percent;    /* used of peak */
    double dataset_percent; /* of what was used since the start */
    struct mem_stats process;
};

/* Looks at every client. */
void memory_report_get(struct server *server, struct memory_report *report);

struct db;

/* Bytes of a database that are neither keys nor values. */
size_t memory_db_overhead_bytes(const struct db *db);

/* What scripts hold (server->measure_scripts). */
struct script_usage {
    size_t vm_bytes, scripts_bytes, scripts;
};

#endif
