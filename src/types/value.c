#include "types/value.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/set.h"
#include "types/stream.h"
#include "types/string.h"
#include "types/zset.h"

const struct value_type *const value_types[TYPE_COUNT] = {
    [TYPE_STRING] = &string_type, [TYPE_LIST] = &list_type, [TYPE_SET] = &set_type,
    [TYPE_ZSET] = &zset_type,     [TYPE_HASH] = &hash_type, [TYPE_STREAM] = &stream_type,
};

enum type value_type_by_name(struct slice name)
{
    for (int i = 0; i < TYPE_COUNT; i++)
        if (value_types[i] && slice_is(name, value_types[i]->name)) return (enum type)i;
    return TYPE_COUNT;
}

/* ---- rebuilding ---- */

enum { REBUILD_ELEMENTS = 64, REBUILD_WORDS = 2 + 2 * REBUILD_ELEMENTS };

/* Elements are valid for a moment only: a command's are gathered here, as offsets
 * until all of them are known. */
struct rebuilding {
    struct slice words[REBUILD_WORDS];
    int count;
    struct buffer bytes;
    enum value_attached attached;
    const struct value_rebuilder *to;
};

static void add_word(struct rebuilding *r, struct slice word)
{
    r->words[r->count++] = slice_make((const char *)r->bytes.len, word.len);
    buffer_append_slice(&r->bytes, word);
}

static void pass_command(struct rebuilding *r)
{
    enum { FIXED = 2 }; /* the command, the key */
    if (r->count == FIXED) return;
    const char *bytes = buffer_slice(&r->bytes).ptr;
    for (int i = FIXED; i < r->count; i++) r->words[i].ptr = bytes + (size_t)r->words[i].ptr;
    r->to->command(r->to->ctx, r->count, r->words);
    r->count = FIXED;
    buffer_clear(&r->bytes);
}

static bool gather(void *ctx, struct slice element, struct slice attached)
{
    struct rebuilding *r = ctx;
    if (r->attached == ATTACHED_BEFORE) add_word(r, attached);
    add_word(r, element);
    if (r->attached == ATTACHED_BEHIND) add_word(r, attached);
    if (r->count + 2 > REBUILD_WORDS) pass_command(r);
    return true;
}

void value_rebuild_elements(const struct value *v, struct slice key, const char *command,
                            enum value_attached attached, const struct value_rebuilder *to)
{
    struct rebuilding r = {.words = {slice_of(command), key}, .count = 2, .attached = attached, .to = to};
    value_type(v)->each(v, &(struct value_visitor){gather, &r});
    pass_command(&r);
    buffer_fini(&r.bytes);
}

/* ---- digests ---- */

void digest_xor(struct digest *digest, const void *data, size_t len)
{
    uint8_t sha[20];
    hash_sha1(data, len, sha);
    for (int i = 0; i < 20; i++) digest->bytes[i] ^= sha[i];
}

void digest_mix(struct digest *digest, const void *data, size_t len)
{
    digest_xor(digest, data, len);
    hash_sha1(digest->bytes, sizeof digest->bytes, digest->bytes);
}
