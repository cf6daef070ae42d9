#include "commands/hash_change.h"

#include "base/mem.h"
#include "core/propagate.h"
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
    const struct keyspace *ks = change->hash.db->keyspace;
    if (ks->fields_interested || ks->tell_removed) {
        if (change->fields == NULL) change->fields = mem_alloc(change->capacity * sizeof *change->fields);
        change->fields[change->count] = field;
    }
    change->count++;
}

void hash_change_propagate(struct call *call, const struct hash_change *change, struct slice command,
                           int64_t deadline_ms, bool counts_fields)
{
    enum { FIXED_WORDS = 5 };
    struct propagate_number deadline, count;
    if (!call->server->propagating || change->count == 0) return;
    struct slice *words = mem_alloc((FIXED_WORDS + change->count) * sizeof *words);
    int argc = 0;
    words[argc++] = command;
    words[argc++] = change->hash.key;
    if (deadline_ms >= 0) words[argc++] = propagate_number(&deadline, deadline_ms);
    if (deadline_ms >= 0 || counts_fields) {
        words[argc++] = SLICE("FIELDS");
        words[argc++] = propagate_number(&count, (int64_t)change->count);
    }
    memcpy(words + argc, change->fields, change->count * sizeof *words);
    propagate_words(call, argc + (int)change->count, words);
    mem_free(words);
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
