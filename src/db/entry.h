/* An entry of the keyspace: key, value or the way to it, deadline. It is one
 * allocation:
 *
 *   [wheel_node, 24 bytes, only if it can expire]
 *   header, 8 bytes                    <- struct entry points here
 *   [word, 8 bytes: number or object pointer, unless the value is text]
 *   [key length, 4 bytes, if 255 or more]
 *   key bytes
 *   [text of the value]
 *
 * so that a small key with a small value is one cache line, and a lookup ends
 * in it. The layout follows from the header; accessors are below. */
#ifndef DB_ENTRY_H
#define DB_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "ds/wheel.h"
#include "types/value.h"

enum { ENTRY_NO_DEADLINE = -1, ENTRY_KEY_WIDE = 255, ENTRY_TEXT_MAX = 65535 };

struct entry {
    uint32_t access : 24; /* for eviction: last access in s, or minutes and a logarithmic count */
    uint32_t key_len : 8; /* ENTRY_KEY_WIDE: the length is in the field behind the word */
    uint8_t type : 4;
    uint8_t encoding : 4;
    uint8_t store : 2; /* enum store */
    uint8_t has_node : 1;
    uint8_t has_fields : 1; /* elements of the value have deadlines: db/fields.h has a record */
    uint16_t text_len;      /* STORE_TEXT */
};

/* A new entry; text of the value is copied, an object becomes the entry's. */
struct entry *entry_new(struct slice key, const struct value *value, bool has_node);

/* Frees the entry, not an object its value may be. */
void entry_free(struct entry *e);

/* Bytes of the allocation. */
size_t entry_size(const struct entry *e);
size_t entry_size_for(size_t key_len, const struct value *value, bool has_node);

/* Overwrites the value in place; only when the size stays (entry_size_for). */
void entry_set_value(struct entry *e, const struct value *value);

/* Whether no time can have come for the entry or a part of it. */
static inline bool entry_is_timeless(const struct entry *e)
{
    return !(e->has_node | e->has_fields);
}

static inline char *entry_body(const struct entry *e)
{
    return (char *)(uintptr_t)(e + 1) + (e->store == STORE_TEXT ? 0 : 8);
}

static inline struct slice entry_key(const struct entry *e)
{
    char *body = entry_body(e);
    if (__builtin_expect(e->key_len < ENTRY_KEY_WIDE, 1)) return slice_make(body, e->key_len);
    uint32_t len;
    memcpy(&len, body, sizeof len);
    return slice_make(body + sizeof len, len);
}

static inline char *entry_text(const struct entry *e)
{
    struct slice key = entry_key(e);
    return (char *)(uintptr_t)key.ptr + key.len;
}

static inline int64_t *entry_word(const struct entry *e)
{
    return (int64_t *)(uintptr_t)(e + 1);
}

/* The value, its text or object borrowed until the entry changes. */
static inline struct value entry_value(const struct entry *e)
{
    struct value v = {.type = e->type, .encoding = e->encoding, .store = e->store};
    if (e->store == STORE_TEXT) v.text = slice_make(entry_text(e), e->text_len);
    else if (e->store == STORE_NUMBER) v.number = *entry_word(e);
    else v.object = (void *)(intptr_t)*entry_word(e);
    return v;
}

static inline struct wheel_node *entry_node(const struct entry *e)
{
    return (struct wheel_node *)(uintptr_t)e - 1;
}

static inline struct entry *entry_of_node(struct wheel_node *node)
{
    return (struct entry *)(void *)(node + 1);
}

static inline int64_t entry_deadline_ms(const struct entry *e)
{
    return e->has_node ? entry_node(e)->deadline_ms : ENTRY_NO_DEADLINE;
}

#endif
