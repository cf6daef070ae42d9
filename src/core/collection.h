/* Collections by their key, for handlers: looking one up, changing it, and
 * what follows from a change. A key that does not exist is an empty collection;
 * one that becomes empty goes, unless its type stays.
 *
 *     struct collection list;
 *     if (!collection_open(&list, call, key, TYPE_LIST)) return;
 *     list_push(&list.value, ...);
 *     collection_close(&list, EVENT_LPUSH, 1);
 */
#ifndef CORE_COLLECTION_H
#define CORE_COLLECTION_H

#include <stdbool.h>

#include "core/command.h"
#include "db/event.h"
#include "db/keyspace.h"

struct collection {
    struct db *db;
    struct slice key;
    struct entry *entry; /* NULL: the key does not exist */
    struct value value;  /* to be changed by the type's operations */
};

/* The value of a key, borrowed, for a read (db_lookup_read). False, and the
 * client is answered, when it is of another type. */
bool collection_read(struct call *call, struct slice key, enum type type, struct value *value);

/* The same for a write. Until it is closed the key must not be changed by
 * other means; other collections may be open. */
bool collection_open(struct collection *to, struct call *call, struct slice key, enum type type);

/* Stores what became of the value and tells event: `new` before it, if there
 * is a key now and was none, and behind it `del`, if it became empty. changes
 * are those that the change counts for persistence; EVENT_NONE and 0 when
 * nothing changed. To be called in every case, or the value may be lost. */
void collection_close(struct collection *c, enum event event, size_t changes);

/* The same for an event that was about these fields (db_signal_fields). */
void collection_close_fields(struct collection *c, enum event event, size_t changes,
                             const struct slice *fields, size_t count);

/* Sets a key to a value that was made for it (its object is taken), or removes
 * the key (`del`) when the value is empty. Replaces what is there, of any type. */
void collection_store(struct call *call, struct slice key, struct value *value, enum event event);

#endif
