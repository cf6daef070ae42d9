#include "db/fields.h"

#include "base/assert.h"
#include "base/mem.h"

static uint64_t record_hash(const void *element)
{
    return db_hash(fields_key(element));
}

static bool record_equal(const void *element, const void *key, size_t key_len)
{
    return slice_equal(fields_key(element), slice_make(key, key_len));
}

static const struct hashtable_type record_table = {.hash = record_hash, .equal = record_equal};

void fields_init(struct db *db)
{
    hashtable_init(&db->fields_due, &record_table);
}

static struct fields_record *record_new(struct db *db, struct slice key, uint64_t hash)
{
    struct fields_record *record = mem_alloc(sizeof *record + key.len);
    record->node = (struct wheel_node){0};
    record->key_len = (uint32_t)key.len;
    memcpy(record->key, key.ptr, key.len);
    hashtable_insert(&db->fields_due, hash, record);
    return record;
}

static void **find_record(struct db *db, struct slice key, uint64_t hash)
{
    void **slot = hashtable_find_as(&db->fields_due, &record_table, hash, key.ptr, key.len);
    ASSERT(slot);
    return slot;
}

static void hang(struct db *db, struct fields_record *record, int64_t deadline_ms)
{
    if (wheel_has(&record->node)) {
        if (record->node.deadline_ms == deadline_ms) return;
        wheel_remove(db->fields_wheel, &record->node);
    }
    if (db->fields_wheel == NULL) {
        db->fields_wheel = mem_alloc(sizeof *db->fields_wheel);
        wheel_init(db->fields_wheel, db->keyspace->now_ms);
    }
    wheel_add(db->fields_wheel, &record->node, deadline_ms);
}

struct entry *fields_entry(const struct db *db, const struct fields_record *record)
{
    struct slice key = fields_key(record);
    void **slot = hashtable_find(&db->keys, db_hash(key), key.ptr, key.len);
    ASSERT(slot);
    return *slot;
}

void fields_track(struct db *db, struct entry *e)
{
    struct value value = entry_value(e);
    const struct value_type *type = value_type(&value);
    int64_t deadline_ms = type->next_deadline_ms ? type->next_deadline_ms(&value) : VALUE_NO_DEADLINE;
    if (deadline_ms == VALUE_NO_DEADLINE) {
        if (e->has_fields) fields_forget(db, e);
        return;
    }
    struct slice key = entry_key(e);
    uint64_t hash = db_hash(key);
    struct fields_record *record = e->has_fields ? *find_record(db, key, hash) : record_new(db, key, hash);
    e->has_fields = true;
    hang(db, record, deadline_ms);
}

void fields_forget(struct db *db, struct entry *e)
{
    struct slice key = entry_key(e);
    uint64_t hash = db_hash(key);
    void **slot = find_record(db, key, hash);
    struct fields_record *record = *slot;
    hashtable_remove(&db->fields_due, hash, slot);
    if (wheel_has(&record->node)) wheel_remove(db->fields_wheel, &record->node);
    mem_free(record);
    e->has_fields = false;
}
