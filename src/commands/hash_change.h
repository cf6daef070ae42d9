/* A hash that a handler changes: the open collection, and which fields it
 * changed, whose names are kept if somebody listens for them or keeps what happens.
 *
 *     struct hash_change change;
 *     if (!hash_change_open(&change, call)) return;
 *     if (hash_remove(&change.hash.value, field)) hash_change_note(&change, field);
 *     hash_change_close(&change, EVENT_HDEL, EVENT_NONE);
 */
#ifndef COMMANDS_HASH_CHANGE_H
#define COMMANDS_HASH_CHANGE_H

#include "core/collection.h"

struct hash_change {
    struct collection hash;
    struct slice *fields; /* NULL: nobody listens, or none yet */
    size_t count;         /* of the changes noted */
    size_t capacity;      /* what one command can change at most */
};

/* Whether the arguments from that one on are short enough for a hash; false:
 * the client was answered. */
bool hash_change_fits(struct call *call, int from);

/* Opens the hash of argument 1; false when the client was answered. */
bool hash_change_open(struct hash_change *change, struct call *call);

/* The field, an argument of the call, was changed. */
void hash_change_note(struct hash_change *change, struct slice field);

/* What was changed is propagated as this command, of the fields noted: `command key
 * [deadline] [FIELDS count] field...`; without a deadline (-1), the FIELDS part only if
 * asked for. */
void hash_change_propagate(struct call *call, const struct hash_change *change, struct slice command,
                           int64_t deadline_ms, bool counts_fields);

/* Closes the collection and tells the event, and then `also` unless that is
 * EVENT_NONE, about the fields noted; nothing where none was. */
void hash_change_close(struct hash_change *change, enum event event, enum event also);

#endif
