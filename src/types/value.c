#include "types/value.h"

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
