/* DEBUG: keys and values. */
#include <stdio.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "commands/debug.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/settings.h"
#include "db/evict.h"
#include "types/settings.h"
#include "types/string.h"

/* ---- digests ---- */

static void reply_digest(struct client *c, const struct digest *digest)
{
    char hex[2 * sizeof digest->bytes + 1] = "";
    hash_to_hex(digest->bytes, sizeof digest->bytes, hex);
    reply_simple(c, hex);
}

/* The value, and that it will expire; when does not matter: two servers with
 * the same data have been asked at different times. */
static struct digest digest_of(const struct entry *e)
{
    struct digest digest = {0};
    struct value value = entry_value(e);
    value_type(&value)->digest(&value, &digest);
    if (entry_deadline_ms(e) >= 0) digest_mix(&digest, "expires", strlen("expires"));
    return digest;
}

/* Adds all keys of a database, each a digest of its own, in any order. */
static void add_database(struct digest *all, struct db *db)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, &db->keys);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) {
        const struct entry *e = *slot;
        struct slice key = entry_key(e);
        if (entry_is_overdue(db->keyspace, e)) continue;
        struct digest value = digest_of(e), entry = {0};
        digest_mix(&entry, &db->id, sizeof db->id);
        digest_mix(&entry, key.ptr, key.len);
        digest_mix(&entry, value.bytes, sizeof value.bytes);
        digest_xor(all, entry.bytes, sizeof entry.bytes);
    }
}

void debug_digest(struct call *call)
{
    struct digest all = {0};
    struct keyspace *ks = call->server->keyspace;
    for (int i = 0; i < ks->db_count; i++) add_database(&all, &ks->dbs[i]);
    reply_digest(call->client, &all);
}

void debug_digest_value(struct call *call)
{
    reply_array(call->client, call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        const struct entry *e = db_peek(call->db, call->argv[i]);
        struct digest digest = {0};
        if (e) digest = digest_of(e);
        reply_digest(call->client, &digest);
    }
}

/* ---- how things are held ---- */

/* Bytes of a string in an RDB file, uncompressed: a number in a type byte and
 * 1, 2 or 4 bytes where these suffice, else a text behind its length. Of a
 * collection, those that it takes in memory. */
static size_t serialized_length(const struct value *value)
{
    if (value->store == STORE_NUMBER && value->number >= INT32_MIN && value->number <= INT32_MAX) {
        if (value->number >= INT8_MIN && value->number <= INT8_MAX) return 2;
        return value->number >= INT16_MIN && value->number <= INT16_MAX ? 3 : 5;
    }
    if (value->type != TYPE_STRING) return value_type(value)->memory_bytes(value, 0);
    size_t len = string_length(value);
    return len + (len < 1 << 6 ? 1 : len < 1 << 14 ? 2 : len <= UINT32_MAX ? 5 : 9);
}

void debug_object(struct call *call)
{
    const struct entry *e = db_peek(call->db, call->argv[2]);
    char text[256];
    if (e == NULL) {
        reply_no_key(call->client);
        return;
    }
    struct value value = entry_value(e);
    snprintf(text, sizeof text,
             "Value at:%p refcount:1 encoding:%s serializedlength:%zu lru:%u lru_seconds_idle:%lld",
             value.store == STORE_OBJECT ? value.object : (const void *)e,
             value_type(&value)->encoding_name(&value), serialized_length(&value), (unsigned)e->access,
             (long long)evict_idle_s(call->server->keyspace, e));
    reply_simple(call->client, text);
}

static void describe_table(const struct hashtable *table, struct buffer *to)
{
    struct hashtable_stats stats;
    if (hashtable_count(table) == 0) {
        buffer_append_text(to, "No stats available for empty dictionaries\n");
        return;
    }
    hashtable_stats(table, &stats);
    buffer_printf(to, " table size: %zu\n number of elements: %zu\n buckets: %zu, and %zu overflow buckets\n",
                  stats.buckets * HASHTABLE_SLOTS, stats.elements, stats.buckets, stats.overflow_buckets);
    buffer_printf(to, " memory: %zu bytes\n buckets read to find an element: %.2f\n max chain length: %zu\n",
                  stats.memory_bytes, (double)stats.reads / (double)stats.elements, stats.longest_chain);
    buffer_append_text(to, " Chain length distribution:\n");
    for (size_t i = 0; i < HASHTABLE_CHAIN_LENGTHS; i++)
        if (stats.chains[i])
            buffer_printf(to, "   %zu: %zu (%.2f%%)\n", i + 1, stats.chains[i],
                          (double)stats.chains[i] * 100 / (double)stats.buckets);
}

void debug_htstats(struct call *call)
{
    struct keyspace *ks = call->server->keyspace;
    struct buffer text = {0};
    int64_t index;
    if (!args_int(call->client, call->argv[2], &index, NULL)) return;
    if (index < 0 || index >= ks->db_count) {
        reply_error(call->client, "ERR Out of range database");
        return;
    }
    buffer_append_text(&text, "[Dictionary HT]\n");
    describe_table(&ks->dbs[index].keys, &text);
    buffer_printf(&text, "[Expires HT]\n timing wheel, number of elements: %zu\n",
                  db_volatile_count(&ks->dbs[index]));
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&text);
}

void debug_htstats_key(struct call *call)
{
    if (db_peek(call->db, call->argv[2]) == NULL) reply_no_key(call->client);
    else
        reply_error(call->client,
                    "ERR The value stored at the specified key is not represented using an hash table");
}

void debug_quicklist_packed_threshold(struct call *call)
{
    uint64_t bytes;
    if (!number_parse_memory(call->argv[2], &bytes) || bytes >= UINT64_C(4) << 30) {
        reply_error(call->client, "ERR argument must be a memory value bigger than 1 and smaller than 4gb");
        return;
    }
    call->server->types->list_plain_bytes = bytes;
    reply_ok(call->client);
}

/* ---- POPULATE ---- */

/* Writes "prefix:number" to a buffer that is emptied first. */
static struct slice name_number(struct buffer *to, struct slice prefix, int64_t number)
{
    buffer_clear(to);
    buffer_append_slice(to, prefix);
    buffer_printf(to, ":%lld", (long long)number);
    return buffer_slice(to);
}

/* Adds a key unless it exists. size < 0: the value is as long as it is. */
static void add_key(struct db *db, struct slice key, struct buffer *text, int64_t number, char *filled,
                    int64_t size)
{
    if (db_peek(db, key)) return;
    struct slice value_text = name_number(text, SLICE("value"), number);
    if (size > 0) {
        size_t len = value_text.len < (size_t)size ? value_text.len : (size_t)size;
        memcpy(filled, value_text.ptr, len);
        value_text = slice_make(filled, (size_t)size);
    }
    struct value value = string_text_value(value_text);
    db_set_quietly(db, key, &value, ENTRY_NO_DEADLINE);
    if (db->keyspace->watchers || db->keyspace->waiting) db_signal_observers(db, key);
    db->keyspace->dirty++;
}

void debug_populate(struct call *call)
{
    static const char range[] = "ERR value is out of range, must be positive";
    struct client *c = call->client;
    int64_t count, size = 0, size_max = (int64_t)call->server->settings->proto_max_bulk_len_bytes;
    struct slice prefix = call->argc > 3 ? call->argv[3] : SLICE("key");
    struct buffer key = {0}, text = {0};
    if (!args_int_between(c, call->argv[2], 0, INT64_MAX, &count, range) ||
        (call->argc > 4 && !args_int_between(c, call->argv[4], 0, size_max, &size, range)))
        return;
    char *filled = mem_alloc_try((size_t)size + NUMBER_TEXT_MAX);
    if (filled == NULL) {
        reply_error(c, "OOM not enough memory for values of this size");
        return;
    }
    memset(filled, 0, (size_t)size + NUMBER_TEXT_MAX);
    for (int64_t i = 0; i < count; i++)
        add_key(call->db, name_number(&key, prefix, i), &text, i, filled, size);
    mem_free(filled);
    buffer_fini(&key);
    buffer_fini(&text);
    reply_ok(c);
}
