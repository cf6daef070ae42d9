#include "core/collection.h"

#include "core/reply.h"

static bool is_of_type(struct call *call, const struct entry *e, enum type type)
{
    if (e == NULL || e->type == type) return true;
    reply_wrong_type(call->client);
    return false;
}

bool collection_read(struct call *call, struct slice key, enum type type, struct value *value)
{
    const struct entry *e = db_lookup_read(call->db, key);
    *value = e ? entry_value(e) : value_empty(type);
    return is_of_type(call, e, type);
}

bool collection_open(struct collection *to, struct call *call, struct slice key, enum type type)
{
    struct entry *e = db_lookup_write(call->db, key);
    *to = (struct collection){call->db, key, e, e ? entry_value(e) : value_empty(type)};
    return is_of_type(call, e, type);
}

static bool is_empty(const struct value *value)
{
    const struct value_type *type = value_type(value);
    return value->object == NULL || (!type->stays_when_empty && type->length(value) == 0);
}

static void free_value(const struct value *value)
{
    if (value->object) value_type(value)->free(value->object, value->encoding);
}

void collection_close(struct collection *c, enum event event, size_t changes)
{
    collection_close_fields(c, event, changes, NULL, 0);
}

void collection_close_fields(struct collection *c, enum event event, size_t changes,
                             const struct slice *fields, size_t count)
{
    bool empty = is_empty(&c->value);
    if (c->entry) db_update_value(c->db, c->entry, &c->value);
    else if (empty) free_value(&c->value);
    else c->entry = db_add(c->db, c->key, &c->value);
    if (event == EVENT_NONE) return;
    db_signal_modified(c->db, c->key, event);
    db_signal_fields(c->db, c->key, event, fields, count);
    c->db->keyspace->dirty += changes - 1;
    if (empty && c->entry && db_delete(c->db, c->key)) db_signal_event(c->db, c->key, EVENT_DEL);
}

void collection_store(struct call *call, struct slice key, struct value *value, enum event event)
{
    if (is_empty(value)) {
        free_value(value);
        if (db_delete(call->db, key)) db_signal_modified(call->db, key, EVENT_DEL);
        return;
    }
    db_set(call->db, key, value, ENTRY_NO_DEADLINE);
    db_signal_modified(call->db, key, event);
}
