#include "commands/hash_change.h"

#include "base/mem.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/hash.h"

bool hash_change_fits(struct call *call, int from)
{
    if (call->server->settings->proto_max_bulk_len_bytes <= HASH_TEXT_MAX) return true;
    for (int i = from; i < call->argc; i++) {
        if (call->argv[i].len <= HASH_TEXT_MAX) continue;
        reply_error(call->client, "ERR a field or value of a hash cannot be that long");
        return false;
    }
    return true;
}

bool hash_change_open(struct hash_change *change, struct call *call)
{
    *change = (struct hash_change){.capacity = (size_t)call->argc};
    return collection_open(&change->hash, call, call->argv[1], TYPE_HASH);
}

void hash_change_note(struct hash_change *change, struct slice field)
{
    if (change->hash.db->keyspace->fields_interested) {
        if (change->fields == NULL) change->fields = mem_alloc(change->capacity * sizeof *change->fields);
        change->fields[change->count] = field;
    }
    change->count++;
}

void hash_change_close(struct hash_change *change, enum event event, enum event also)
{
    struct collection *hash = &change->hash;
    size_t named = change->fields ? change->count : 0;
    collection_close_fields(hash, change->count ? event : EVENT_NONE, change->count, change->fields, named);
    if (change->count && also != EVENT_NONE) {
        db_signal_event(hash->db, hash->key, also);
        db_signal_fields(hash->db, hash->key, also, change->fields, named);
    }
    mem_free(change->fields);
}
