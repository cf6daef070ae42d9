#include "db/entry.h"

#include "base/assert.h"
#include "base/mem.h"

size_t entry_size_for(size_t key_len, const struct value *value, bool has_node)
{
    return (has_node ? sizeof(struct wheel_node) : 0) + sizeof(struct entry) +
           (value->store == STORE_TEXT ? value->text.len : 8) + (key_len < ENTRY_KEY_WIDE ? 0 : 4) + key_len;
}

size_t entry_size(const struct entry *e)
{
    struct slice key = entry_key(e);
    size_t to_key_end = (size_t)(key.ptr + key.len - (const char *)e);
    return to_key_end + (e->has_node ? sizeof(struct wheel_node) : 0) +
           (e->store == STORE_TEXT ? e->text_len : 0);
}

void entry_set_value(struct entry *e, const struct value *value)
{
    e->type = value->type & 15;
    e->encoding = value->encoding & 15;
    if (value->store == STORE_TEXT) {
        ASSERT(e->store == STORE_TEXT && value->text.len <= ENTRY_TEXT_MAX);
        e->text_len = (uint16_t)value->text.len;
        if (value->text.len) memcpy(entry_text(e), value->text.ptr, value->text.len);
    } else {
        e->store = value->store & 3;
        *entry_word(e) = value->store == STORE_NUMBER ? value->number : (int64_t)(intptr_t)value->object;
    }
}

struct entry *entry_new(struct slice key, const struct value *value, bool has_node)
{
    char *memory = mem_alloc(entry_size_for(key.len, value, has_node));
    struct entry *e = (struct entry *)(void *)memory;
    if (has_node) {
        struct wheel_node *node = (struct wheel_node *)(void *)memory;
        *node = (struct wheel_node){.deadline_ms = ENTRY_NO_DEADLINE};
        e = entry_of_node(node);
    }
    *e = (struct entry){.key_len = key.len < ENTRY_KEY_WIDE ? (uint32_t)key.len & 255 : ENTRY_KEY_WIDE,
                        .store = value->store & 3,
                        .has_node = has_node};
    char *body = entry_body(e);
    if (key.len >= ENTRY_KEY_WIDE) {
        uint32_t len = (uint32_t)key.len;
        memcpy(body, &len, sizeof len);
        body += sizeof len;
    }
    memcpy(body, key.ptr, key.len);
    entry_set_value(e, value);
    return e;
}

void entry_free(struct entry *e)
{
    mem_free_sized(e->has_node ? (void *)entry_node(e) : (void *)e, entry_size(e));
}
