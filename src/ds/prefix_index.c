#include "ds/prefix_index.h"

#include <stdint.h>

#include "base/assert.h"
#include "base/mem.h"

/* The children of a node, in order of their labels' first bytes: these bytes
 * one by one, or a bit for each of the 256. */
enum { BYTES_MAX = 32 };
struct branch {
    uint16_t count;
    uint16_t capacity;
    union {
        uint8_t bytes[BYTES_MAX]; /* count <= BYTES_MAX */
        uint64_t bitmap[4];       /* more */
    };
    struct prefix_index_node *child[];
};

struct prefix_index_node {
    union {
        void *value;                    /* of a stored node */
        struct prefix_index_node *next; /* while the index is freed: of those still to do */
    };
    struct branch *branch; /* NULL: no children */
    size_t label_len;
    bool stored;
    char label[];
};

/* Where a walk along a name ended. */
struct path {
    struct prefix_index_node **parent; /* the places that hold the node and its parent; */
    struct prefix_index_node **place;  /* parent is NULL for the root */
    size_t done;                       /* bytes of the name that led to the end of the node's label */
    struct prefix_index_node **partial; /* the child whose label begins like the rest of the name, */
    size_t common;                     /* by this many bytes; NULL and 0 when there is none */
};
