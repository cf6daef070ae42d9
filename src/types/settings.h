/* The thresholds at which values change their encoding. types/settings.c has
 * the rows (types_options). */
#ifndef TYPES_SETTINGS_H
#define TYPES_SETTINGS_H

#include <stdint.h>

#include "base/option.h"

struct types_settings {
    int64_t hash_max_listpack_entries;
    uint64_t hash_max_listpack_value_bytes;
    int64_t list_max_listpack_size; /* entries of a node; -1 to -5: bytes, 4 KiB to 64 KiB */
    int64_t list_compress_depth;    /* nodes at each end that stay plain; 0: no compression */
    uint64_t list_plain_bytes;      /* an element of so many gets a node of its own; 0: the most that a node
                                       can hold (DEBUG QUICKLIST-PACKED-THRESHOLD) */
    int64_t set_max_intset_entries;
    int64_t set_max_listpack_entries;
    uint64_t set_max_listpack_value_bytes;
    int64_t zset_max_listpack_entries;
    uint64_t zset_max_listpack_value_bytes;
    uint64_t stream_node_max_bytes;  /* 0: no limit */
    int64_t stream_node_max_entries; /* 0: no limit */
    uint64_t hll_sparse_max_bytes;
};

extern const struct option types_options[];

#endif
