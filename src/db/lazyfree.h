/* Freeing in the background: values of many allocations and whole databases. */
#ifndef DB_LAZYFREE_H
#define DB_LAZYFREE_H

#include <stdbool.h>

#include "db/keyspace.h"

/* Frees a table of entries with their values and leaves it empty. */
void lazyfree_table(struct keyspace *ks, struct hashtable *table, bool in_background);

#endif
