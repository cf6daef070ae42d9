#include "types/settings.h"

#define OPTION_SETTINGS struct types_settings

/* Thresholds of encodings that are no more: files that have them still load. */
static bool ignore(const struct option_context *ctx, int argc, const struct slice *argv,
                   struct buffer *reason)
{
    (void)ctx, (void)argc, (void)argv, (void)reason;
    return true;
}

enum { IGNORED = OPTION_FILE_ONLY | OPTION_INERT };

/* name, alias, kind and field, default, min, max, flags */
const struct option types_options[] = {
    {"hash-max-listpack-entries", "hash-max-ziplist-entries", INT_AT(hash_max_listpack_entries), "512", 0,
     INT64_MAX},
    {"hash-max-listpack-value", "hash-max-ziplist-value", MEMORY_AT(hash_max_listpack_value_bytes), "64", 0,
     INT64_MAX},
    {"list-max-listpack-size", "list-max-ziplist-size", INT_AT(list_max_listpack_size), "-2", INT32_MIN,
     INT32_MAX},
    {"list-compress-depth", NULL, INT_AT(list_compress_depth), "0", 0, INT32_MAX},
    {"list-max-ziplist-entries", NULL, SPECIAL, .flags = IGNORED, .set = ignore},
    {"list-max-ziplist-value", NULL, SPECIAL, .flags = IGNORED, .set = ignore},
    {"set-max-intset-entries", NULL, INT_AT(set_max_intset_entries), "512", 0, INT64_MAX},
    {"set-max-listpack-entries", NULL, INT_AT(set_max_listpack_entries), "128", 0, INT64_MAX},
    {"set-max-listpack-value", NULL, MEMORY_AT(set_max_listpack_value_bytes), "64", 0, INT64_MAX},
    {"zset-max-listpack-entries", "zset-max-ziplist-entries", INT_AT(zset_max_listpack_entries), "128", 0,
     INT64_MAX},
    {"zset-max-listpack-value", "zset-max-ziplist-value", MEMORY_AT(zset_max_listpack_value_bytes), "64", 0,
     INT64_MAX},
    {"stream-node-max-bytes", NULL, MEMORY_AT(stream_node_max_bytes), "4kb", 0, INT64_MAX},
    {"stream-node-max-entries", NULL, INT_AT(stream_node_max_entries), "100", 0, INT64_MAX},
    {"hll-sparse-max-bytes", NULL, MEMORY_AT(hll_sparse_max_bytes), "3000", 0, INT64_MAX},
    {0},
};
