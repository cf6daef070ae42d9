#include "ds/prefix_index.h"

#include <stdint.h>

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

void prefix_index_init(struct prefix_index *x)
{
    *x = (struct prefix_index){0};
}

/* Memory, accounted as the size classes it takes */

static size_t node_bytes(size_t label_len)
{
    return sizeof(struct prefix_index_node) + label_len;
}

static size_t branch_bytes(size_t capacity)
{
    return sizeof(struct branch) + capacity * sizeof(struct prefix_index_node *);
}

static void *resize(struct prefix_index *x, void *ptr, size_t old_bytes, size_t new_bytes)
{
    if (old_bytes) x->memory_bytes -= mem_good_size(old_bytes);
    if (new_bytes) x->memory_bytes += mem_good_size(new_bytes);
    if (new_bytes) return mem_realloc(ptr, new_bytes);
    mem_free(ptr);
    return NULL;
}

static struct prefix_index_node *node_new(struct prefix_index *x, const char *label, size_t label_len)
{
    struct prefix_index_node *node = resize(x, NULL, 0, node_bytes(label_len));
    node->value = NULL;
    node->branch = NULL;
    node->label_len = label_len;
    node->stored = false;
    if (label_len) memcpy(node->label, label, label_len);
    return node;
}

static void node_free(struct prefix_index *x, struct prefix_index_node *node)
{
    if (node->branch) resize(x, node->branch, branch_bytes(node->branch->capacity), 0);
    resize(x, node, node_bytes(node->label_len), 0);
}

/* Branches */

static bool bitmap_has(const struct branch *branch, uint8_t byte)
{
    return branch->bitmap[byte / 64] >> byte % 64 & 1;
}

/* How many children begin with a lower byte: where one that begins with byte
 * is, or would be. */
static unsigned branch_rank(const struct branch *branch, uint8_t byte)
{
    unsigned rank = 0;
    if (branch->count <= BYTES_MAX) {
        while (rank < branch->count && branch->bytes[rank] < byte) rank++;
        return rank;
    }
    for (unsigned word = 0; word < byte / 64U; word++)
        rank += (unsigned)__builtin_popcountll(branch->bitmap[word]);
    uint64_t lower = ((uint64_t)1 << byte % 64) - 1;
    return rank + (unsigned)__builtin_popcountll(branch->bitmap[byte / 64] & lower);
}

static struct prefix_index_node **branch_find(struct branch *branch, uint8_t byte)
{
    if (branch == NULL) return NULL;
    if (branch->count <= BYTES_MAX) {
        const uint8_t *found = memchr(branch->bytes, byte, branch->count);
        return found ? &branch->child[found - branch->bytes] : NULL;
    }
    return bitmap_has(branch, byte) ? &branch->child[branch_rank(branch, byte)] : NULL;
}

static void bytes_to_bitmap(struct branch *branch)
{
    uint64_t bitmap[4] = {0};
    for (unsigned i = 0; i < BYTES_MAX; i++)
        bitmap[branch->bytes[i] / 64] |= (uint64_t)1 << branch->bytes[i] % 64;
    memcpy(branch->bitmap, bitmap, sizeof bitmap);
}

static void bitmap_to_bytes(struct branch *branch)
{
    uint8_t bytes[BYTES_MAX];
    unsigned count = 0;
    for (unsigned byte = 0; byte < 256; byte++)
        if (bitmap_has(branch, (uint8_t)byte)) bytes[count++] = (uint8_t)byte;
    memcpy(branch->bytes, bytes, count);
}

static void branch_resize(struct prefix_index *x, struct prefix_index_node *node, unsigned capacity)
{
    struct branch *branch = node->branch;
    size_t old_bytes = branch ? branch_bytes(branch->capacity) : 0;
    node->branch = resize(x, branch, old_bytes, capacity ? branch_bytes(capacity) : 0);
    if (node->branch == NULL) return;
    if (branch == NULL) node->branch->count = 0;
    node->branch->capacity = (uint16_t)capacity;
}

static void branch_add(struct prefix_index *x, struct prefix_index_node *node,
                       struct prefix_index_node *child)
{
    uint8_t byte = (uint8_t)child->label[0];
    if (node->branch == NULL) branch_resize(x, node, 2);
    else if (node->branch->count == node->branch->capacity)
        branch_resize(x, node, node->branch->capacity * 2U);

    struct branch *branch = node->branch;
    unsigned rank = branch_rank(branch, byte), after = branch->count - rank;
    memmove(&branch->child[rank + 1], &branch->child[rank], after * sizeof *branch->child);
    branch->child[rank] = child;
    if (branch->count == BYTES_MAX) bytes_to_bitmap(branch);
    if (branch->count >= BYTES_MAX) {
        branch->bitmap[byte / 64] |= (uint64_t)1 << byte % 64;
    } else {
        memmove(&branch->bytes[rank + 1], &branch->bytes[rank], after);
        branch->bytes[rank] = byte;
    }
    branch->count++;
}

static void branch_remove(struct prefix_index *x, struct prefix_index_node *node, uint8_t byte)
{
    struct branch *branch = node->branch;
    unsigned rank = branch_rank(branch, byte), after = branch->count - rank - 1U;
    memmove(&branch->child[rank], &branch->child[rank + 1], after * sizeof *branch->child);
    if (branch->count > BYTES_MAX) {
        branch->bitmap[byte / 64] &= ~((uint64_t)1 << byte % 64);
        if (branch->count == BYTES_MAX + 1) bitmap_to_bytes(branch);
    } else {
        memmove(&branch->bytes[rank], &branch->bytes[rank + 1], after);
    }
    branch->count--;
    if (branch->count == 0) branch_resize(x, node, 0);
    else if (branch->count <= branch->capacity / 4) branch_resize(x, node, branch->capacity / 2U);
}

/* Splitting and joining nodes */

/* Puts a node above *place that takes the first bytes of its label. */
static void split(struct prefix_index *x, struct prefix_index_node **place, size_t first)
{
    struct prefix_index_node *lower = *place;
    size_t rest = lower->label_len - first;
    *place = node_new(x, lower->label, first);
    memmove(lower->label, lower->label + first, rest);
    lower = resize(x, lower, node_bytes(lower->label_len), node_bytes(rest));
    lower->label_len = rest;
    branch_add(x, *place, lower);
}

/* Joins *place with its child, if that is the only one and nothing is stored
 * here. The root keeps its empty label. */
static void join(struct prefix_index *x, struct prefix_index_node **place)
{
    struct prefix_index_node *upper = *place;
    if (place == &x->root || upper->stored || upper->branch == NULL || upper->branch->count > 1) return;
    struct prefix_index_node *lower = upper->branch->child[0];
    size_t first = upper->label_len, rest = lower->label_len;
    lower = resize(x, lower, node_bytes(rest), node_bytes(first + rest));
    memmove(lower->label + first, lower->label, rest);
    memcpy(lower->label, upper->label, first);
    lower->label_len = first + rest;
    node_free(x, upper);
    *place = lower;
}

/* Walking */

static size_t common_length(const char *a, const char *b, size_t len)
{
    size_t i = 0;
    for (uint64_t wa, wb; i + sizeof wa <= len; i += sizeof wa) {
        memcpy(&wa, a + i, sizeof wa);
        memcpy(&wb, b + i, sizeof wb);
        if (wa != wb) break;
    }
    while (i < len && a[i] == b[i]) i++;
    return i;
}

/* The place of the child whose label begins like rest, which is not empty, and
 * how many bytes they have in common; NULL if there is no such child. */
static struct prefix_index_node **step(const struct prefix_index_node *node, struct slice rest,
                                       size_t *common)
{
    struct prefix_index_node **place = branch_find(node->branch, (uint8_t)rest.ptr[0]);
    if (place == NULL) return NULL;
    size_t len = (*place)->label_len < rest.len ? (*place)->label_len : rest.len;
    *common = common_length((*place)->label, rest.ptr, len);
    return place;
}

static struct slice skip(struct slice s, size_t len)
{
    return slice_make(s.ptr + len, s.len - len);
}

void **prefix_index_add(struct prefix_index *x, struct slice prefix)
{
    if (x->root == NULL) x->root = node_new(x, NULL, 0);
    struct prefix_index_node *node = x->root;
    size_t common = 0;
    for (; prefix.len; prefix = skip(prefix, common)) {
        struct prefix_index_node **place = step(node, prefix, &common);
        if (place == NULL) {
            struct prefix_index_node *leaf = node_new(x, prefix.ptr, prefix.len);
            branch_add(x, node, leaf);
            node = leaf;
            break;
        }
        if (common < (*place)->label_len) split(x, place, common);
        node = *place;
    }
    if (!node->stored) x->count++;
    node->stored = true;
    return &node->value;
}

void **prefix_index_find(const struct prefix_index *x, struct slice prefix)
{
    struct prefix_index_node *node = x->root;
    size_t common = 0;
    for (; node && prefix.len; prefix = skip(prefix, common)) {
        struct prefix_index_node **place = step(node, prefix, &common);
        if (place == NULL || common < (*place)->label_len) return NULL;
        node = *place;
    }
    return node && node->stored ? &node->value : NULL;
}

bool prefix_index_remove(struct prefix_index *x, struct slice prefix)
{
    if (x->root == NULL) return false;
    struct prefix_index_node **parent = NULL, **place = &x->root;
    size_t common = 0;
    for (; prefix.len; prefix = skip(prefix, common)) {
        parent = place;
        place = step(*parent, prefix, &common);
        if (place == NULL || common < (*place)->label_len) return false;
    }
    struct prefix_index_node *node = *place;
    if (!node->stored) return false;
    node->stored = false;
    node->value = NULL;
    x->count--;
    if (node->branch) {
        join(x, place);
    } else if (parent) {
        branch_remove(x, *parent, (uint8_t)node->label[0]);
        node_free(x, node);
        join(x, parent);
    }
    if (x->count == 0) {
        node_free(x, x->root);
        x->root = NULL;
    }
    return true;
}

size_t prefix_index_visit(const struct prefix_index *x, struct slice name, void (*fn)(void *ctx, void *value),
                          void *ctx)
{
    const struct prefix_index_node *node = x->root;
    size_t visited = node != NULL, common = 0;
    for (; node; name = skip(name, common)) {
        if (node->stored) fn(ctx, node->value);
        if (name.len == 0) break;
        struct prefix_index_node **place = step(node, name, &common);
        if (place == NULL) break;
        visited++;
        node = *place;
        if (common < node->label_len) break;
    }
    return visited;
}

/* Below every node something is stored, so it is enough to arrive at one. */
bool prefix_index_overlaps(const struct prefix_index *x, struct slice text)
{
    const struct prefix_index_node *node = x->root;
    size_t common = 0;
    for (; node; text = skip(text, common)) {
        if (node->stored || text.len == 0) return true;
        struct prefix_index_node **place = step(node, text, &common);
        if (place == NULL) return false;
        if (common == text.len) return true;
        if (common < (*place)->label_len) return false;
        node = *place;
    }
    return false;
}

void prefix_index_fini(struct prefix_index *x, void (*drop)(void *ctx, void *value), void *ctx)
{
    struct prefix_index_node *todo = x->root;
    if (todo && todo->stored && drop) drop(ctx, todo->value);
    if (todo) todo->next = NULL;
    while (todo) {
        struct prefix_index_node *node = todo;
        todo = node->next;
        for (unsigned i = 0; node->branch && i < node->branch->count; i++) {
            struct prefix_index_node *child = node->branch->child[i];
            if (child->stored && drop) drop(ctx, child->value);
            child->next = todo;
            todo = child;
        }
        node_free(x, node);
    }
    prefix_index_init(x);
}
