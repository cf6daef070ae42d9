/* Freeing in the background: values of many allocations and whole databases. */
#ifndef DB_LAZYFREE_H
#define DB_LAZYFREE_H

#include <stdbool.h>

#include "db/keyspace.h"

/* Frees a database's entries with their values, and its records of fields
 * that have deadlines; leaves both tables empty. */
void lazyfree_tables(struct keyspace *ks, struct hashtable *keys, struct hashtable *fields_due,
                     bool in_background);

/* Frees a value's object; a large one in the background if asked to. */
void lazyfree_object(struct keyspace *ks, const struct value *value, bool in_background);

/* Objects and keys that wait for the background thread. */
size_t lazyfree_pending(const struct keyspace *ks);

#endif
