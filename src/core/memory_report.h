/* What the memory of the server is used for: counted on demand, for MEMORY
 * and INFO. */
#ifndef CORE_MEMORY_REPORT_H
#define CORE_MEMORY_REPORT_H

#include <stddef.h>

#include "base/mem.h"

struct server;
struct db;

struct memory_report {
    size_t total_bytes, peak_bytes, startup_bytes;
    size_t clients_bytes; /* of all clients that are no replicas */
    size_t databases_bytes; /* tables and wheels, without the entries */
    size_t overhead_bytes; /* all that is not data: the three above */
    size_t dataset_bytes;
    size_t keys;
    double dataset_percentage; /* of what was allocated since the start */
    double peak_percentage;
    struct mem_stats allocator;
};
void memory_report_make(struct server *server, struct memory_report *report);

/* Of one database: its table; what its deadlines add. */
size_t memory_report_table_bytes(const struct db *db);
size_t memory_report_wheel_bytes(const struct db *db);

/* a / b, and 0 where b is 0; a - b, and 0 where that is negative. */
double memory_report_ratio(size_t a, size_t b);
size_t memory_report_excess(size_t a, size_t b);

#endif
