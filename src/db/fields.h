/* Values whose elements have deadlines of their own (hashes and their fields).
 * The value keeps the deadlines; the database keeps one record for each such
 * key, by the earliest of them: a node of a second timing wheel, found by the
 * key's name, so that entries may move freely. entry->has_fields says that
 * there is a record. Whoever puts a value into an entry, changes it or takes
 * an entry out of the table says so here. */
#ifndef DB_FIELDS_H
#define DB_FIELDS_H

#include "db/keyspace.h"

struct fields_record {
    struct wheel_node node; /* out of the wheel only while its fields are being removed */
    uint32_t key_len;
    char key[];
};

static inline struct fields_record *fields_record_of(struct wheel_node *node)
{
    return (struct fields_record *)(void *)node;
}

static inline struct slice fields_key(const struct fields_record *record)
{
    return slice_make(record->key, record->key_len);
}

void fields_init(struct db *db);

/* The entry of a record. */
struct entry *fields_entry(const struct db *db, const struct fields_record *record);

/* Makes, moves or drops the record, as the entry's value demands. */
void fields_track(struct db *db, struct entry *entry);

/* Drops the record of an entry that has one. */
void fields_forget(struct db *db, struct entry *entry);

#endif
