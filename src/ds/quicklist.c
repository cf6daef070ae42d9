#include "ds/quicklist.h"

#include <lzf.h>
#include <string.h>

#include "base/assert.h"
#include "base/mem.h"
#include "ds/listpack.h"

enum {
    ENTRY_OVERHEAD = 8,      /* bytes an element may take beyond its text, estimated high */
    LISTPACK_OVERHEAD = 7,   /* of an empty listpack */
    COUNTED_BYTES = 8192,    /* of a node whose elements are counted */
    COMPRESS_MIN_BYTES = 48, /* a smaller node stays as it is, */
    COMPRESS_MIN_SAVED = 8,  /* and one that would not become so much smaller */
};

enum kind { PACKED, COMPRESSED, PLAIN };

struct quicklist_node {
    struct quicklist_node *prev, *next;
    unsigned char *data; /* a listpack, a struct compressed, or a struct plain */
    uint32_t bytes;      /* of the listpack, be it compressed or not */
    uint32_t count : 30; /* elements */
    uint32_t kind : 2;
};

struct compressed {
    uint32_t bytes;
    unsigned char data[];
};

struct plain {
    size_t len;
    char text[];
};

/* ---- limits ---- */

static size_t fill_bytes(int fill)
{
    static const size_t bytes[] = {4096, 8192, 16384, 32768, 65536};
    if (fill >= 0) return COUNTED_BYTES;
    return bytes[fill < -5 ? 4 : -fill - 1];
}

static size_t fill_count(int fill)
{
    if (fill < 0) return SIZE_MAX;
    return fill ? (size_t)fill : 1;
}

bool quicklist_exceeds(int fill, size_t bytes, size_t count)
{
    return bytes > fill_bytes(fill) || count > fill_count(fill);
}

bool quicklist_exceeds_half(int fill, size_t bytes, size_t count)
{
    return bytes > fill_bytes(fill) / 2 || count > fill_count(fill) / 2;
}

static bool has_room(const struct quicklist *q, const struct quicklist_node *node, struct slice text)
{
    return node && node->kind != PLAIN &&
           !quicklist_exceeds(q->limits.fill, node->bytes + text.len + ENTRY_OVERHEAD, node->count + 1U);
}

static bool is_large(const struct quicklist *q, struct slice text)
{
    return text.len >= q->limits.plain_bytes;
}

/* ---- nodes ---- */

static struct quicklist_node *node_new(unsigned char *data, enum kind kind)
{
    struct quicklist_node *node = mem_alloc(sizeof *node);
    *node = (struct quicklist_node){.data = data, .count = 1, .kind = kind & 3};
    return node;
}

static struct quicklist_node *listpack_node(unsigned char *lp)
{
    struct quicklist_node *node = node_new(lp, PACKED);
    node->bytes = (uint32_t)listpack_bytes(lp);
    node->count = (uint32_t)listpack_count(lp) & 0x3fffffff;
    return node;
}

/* A node of one element. */
static struct quicklist_node *element_node(const struct quicklist *q, struct slice text)
{
    if (!is_large(q, text)) return listpack_node(listpack_append(listpack_new(0), text));
    struct plain *plain = mem_alloc(sizeof *plain + text.len);
    plain->len = text.len;
    if (text.len) memcpy(plain->text, text.ptr, text.len);
    return node_new((unsigned char *)plain, PLAIN);
}

static size_t data_bytes(const struct quicklist_node *node)
{
    if (node->kind == PLAIN)
        return sizeof(struct plain) + ((const struct plain *)(const void *)node->data)->len;
    if (node->kind == PACKED) return node->bytes;
    return sizeof(struct compressed) + ((const struct compressed *)(const void *)node->data)->bytes;
}

/* Where a node's data was allocated. */
static unsigned char *allocation(const struct quicklist *q, const struct quicklist_node *node)
{
    return node == q->head ? node->data - q->gap : node->data;
}

static void node_free(struct quicklist_node *node, unsigned char *begin)
{
    mem_free(begin);
    mem_free_sized(node, sizeof *node);
}

/* Stores where a node's listpack is after a change. */
static void update(struct quicklist_node *node, unsigned char *lp)
{
    node->data = lp;
    node->bytes = (uint32_t)listpack_bytes(lp);
}

/* ---- the gap ---- */

/* Puts a node's listpack where it can be changed as a whole. */
static void close_gap(struct quicklist *q, struct quicklist_node *node)
{
    if (node != q->head || q->gap == 0) return;
    unsigned char *begin = allocation(q, node);
    memmove(begin, node->data, node->bytes);
    node->data = mem_realloc(begin, node->bytes);
    q->gap = 0;
}

/* Makes room in front of the head for need bytes and, since more will follow,
 * for as much as it holds, within the limits. */
static void open_gap(struct quicklist *q, size_t need)
{
    struct quicklist_node *head = q->head;
    size_t bytes = head->bytes, wanted = 2 * bytes + need, most = fill_bytes(q->limits.fill);
    if (wanted > most) wanted = most;
    if (wanted < bytes + need) wanted = bytes + need;
    wanted = mem_good_size(wanted);
    unsigned char *to = mem_alloc(wanted);
    memcpy(to + wanted - bytes, head->data, bytes);
    mem_free(allocation(q, head));
    q->gap = wanted - bytes;
    head->data = to + q->gap;
}

/* The head's listpack begins elsewhere in its allocation. */
static void shift_head(struct quicklist *q, unsigned char *lp)
{
    ptrdiff_t by = lp - q->head->data;
    q->gap += (size_t)by;
    q->head->bytes -= (uint32_t)by;
    q->head->data = lp;
}

/* ---- the chain ---- */

/* Links a node behind another; NULL: in front of all. */
static void link_behind(struct quicklist *q, struct quicklist_node *at, struct quicklist_node *node)
{
    if (at == NULL && q->head) close_gap(q, q->head);
    node->prev = at;
    node->next = at ? at->next : q->head;
    if (node->next) node->next->prev = node;
    else q->tail = node;
    if (at) at->next = node;
    else q->head = node;
    q->node_count++;
    q->count += node->count;
}

static void drop_node(struct quicklist *q, struct quicklist_node *node)
{
    unsigned char *begin = allocation(q, node);
    if (node == q->head) q->gap = 0;
    if (node->prev) node->prev->next = node->next;
    else q->head = node->next;
    if (node->next) node->next->prev = node->prev;
    else q->tail = node->prev;
    q->node_count--;
    q->count -= node->count;
    node_free(node, begin);
}

/* ---- compression ---- */

static unsigned char *unpacked_copy(const struct quicklist_node *node)
{
    const struct compressed *from = (const struct compressed *)(const void *)node->data;
    unsigned char *lp = mem_alloc(node->bytes);
    unsigned bytes = lzf_decompress(from->data, from->bytes, lp, node->bytes);
    ASSERT(bytes == node->bytes);
    return lp;
}

static void unpack(struct quicklist_node *node)
{
    if (node->kind != COMPRESSED) return;
    unsigned char *lp = unpacked_copy(node);
    mem_free(node->data);
    node->data = lp;
    node->kind = PACKED;
}

static void pack(struct quicklist_node *node)
{
    if (node->kind != PACKED || node->bytes < COMPRESS_MIN_BYTES) return;
    struct compressed *to = mem_alloc(sizeof *to + node->bytes);
    to->bytes = lzf_compress(node->data, node->bytes, to->data, node->bytes - COMPRESS_MIN_SAVED);
    if (to->bytes == 0) {
        mem_free(to);
        return;
    }
    mem_free(node->data);
    node->data = mem_realloc(to, sizeof *to + to->bytes);
    node->kind = COMPRESSED;
}

/* To be called when nodes came or went, and with a node that was changed:
 * unpacks what is near an end, packs the node and what has come to lie just
 * beyond the depth. All other nodes are as they should be. */
static void settle(struct quicklist *q, struct quicklist_node *changed)
{
    if (q->limits.depth == 0) return;
    struct quicklist_node *front = q->head, *back = q->tail;
    bool is_inner = changed != NULL;
    for (unsigned i = 0; i < q->limits.depth && front; i++) {
        unpack(front);
        unpack(back);
        if (front == changed || back == changed) is_inner = false;
        front = front->next;
        back = back->prev;
    }
    if (q->node_count <= 2 * (size_t)q->limits.depth) return;
    pack(front);
    pack(back);
    if (is_inner) pack(changed);
}

/* ---- life ---- */

struct quicklist *quicklist_new(const struct quicklist_limits *limits)
{
    struct quicklist *q = mem_calloc(1, sizeof *q);
    ASSERT(limits->plain_bytes <= QUICKLIST_PLAIN_BYTES_MAX);
    q->limits = *limits;
    return q;
}

void quicklist_free(struct quicklist *q)
{
    for (struct quicklist_node *node = q->head, *next; node; node = next) {
        next = node->next;
        node_free(node, allocation(q, node));
    }
    mem_free(q);
}

struct quicklist *quicklist_copy(const struct quicklist *q)
{
    struct quicklist *copy = quicklist_new(&q->limits);
    for (const struct quicklist_node *node = q->head; node; node = node->next) {
        size_t bytes = data_bytes(node);
        struct quicklist_node *its = node_new(mem_alloc(bytes), node->kind);
        memcpy(its->data, node->data, bytes);
        its->bytes = node->bytes;
        its->count = node->count;
        link_behind(copy, copy->tail, its);
    }
    return copy;
}

void quicklist_append_listpack(struct quicklist *q, unsigned char *lp)
{
    link_behind(q, q->tail, listpack_node(lp));
    settle(q, NULL);
}

const unsigned char *quicklist_only_listpack(const struct quicklist *q)
{
    return q->node_count == 1 && q->head->kind == PACKED ? q->head->data : NULL;
}

unsigned char *quicklist_take_listpack(struct quicklist *q)
{
    ASSERT(quicklist_only_listpack(q));
    close_gap(q, q->head);
    unsigned char *lp = q->head->data;
    q->head->data = NULL;
    quicklist_free(q);
    return lp;
}

void quicklist_each_node(const struct quicklist *q,
                         void (*visit)(void *ctx, bool is_plain, struct slice bytes), void *ctx)
{
    for (const struct quicklist_node *node = q->head; node; node = node->next) {
        if (node->kind == PLAIN) {
            const struct plain *plain = (const void *)node->data;
            visit(ctx, true, slice_make(plain->text, plain->len));
            continue;
        }
        unsigned char *copy = node->kind == COMPRESSED ? unpacked_copy(node) : NULL;
        visit(ctx, false, slice_make((const char *)(copy ? copy : node->data), node->bytes));
        mem_free(copy);
    }
}

size_t quicklist_memory_bytes(const struct quicklist *q, size_t samples)
{
    size_t seen = 0, bytes = 0;
    const struct quicklist_node *node = q->head;
    for (; node && (samples == 0 || seen < samples); node = node->next, seen++)
        bytes += mem_usable(node) + mem_usable(allocation(q, node));
    if (node) bytes = (size_t)((double)bytes / (double)seen * (double)q->node_count);
    return mem_usable(q) + bytes;
}

/* ---- the ends: their nodes are never compressed ---- */

void quicklist_push_head(struct quicklist *q, struct slice text)
{
    struct quicklist_node *head = q->head;
    if (has_room(q, head, text) && !is_large(q, text)) {
        unsigned char *lp = listpack_grow_down(head->data, q->gap, text);
        if (lp == NULL) {
            open_gap(q, listpack_entry_bytes(text));
            lp = listpack_grow_down(head->data, q->gap, text);
        }
        shift_head(q, lp);
        head->count++;
        q->count++;
        return;
    }
    link_behind(q, NULL, element_node(q, text));
    settle(q, NULL);
}

void quicklist_push_tail(struct quicklist *q, struct slice text)
{
    struct quicklist_node *tail = q->tail;
    if (has_room(q, tail, text) && !is_large(q, text)) {
        close_gap(q, tail);
        update(tail, listpack_append(tail->data, text));
        tail->count++;
        q->count++;
        return;
    }
    link_behind(q, tail, element_node(q, text));
    settle(q, NULL);
}

/* ---- by index ---- */

/* The node of an element, whose index in the node is left in *index. */
static struct quicklist_node *find_node(const struct quicklist *q, size_t *index)
{
    if (*index >= q->count) return NULL;
    if (*index < q->count / 2) {
        struct quicklist_node *node = q->head;
        for (; *index >= node->count; node = node->next) *index -= node->count;
        return node;
    }
    struct quicklist_node *node = q->tail;
    size_t from_end = q->count - *index; /* 1 is the last */
    for (; from_end > node->count; node = node->prev) from_end -= node->count;
    *index = node->count - from_end;
    return node;
}

/* Puts an element into a node that has room, in front of the one of an index in it. */
static void insert_in_node(struct quicklist *q, struct quicklist_node *node, size_t index, struct slice text)
{
    close_gap(q, node);
    unpack(node);
    unsigned char *at = listpack_seek(node->data, (int64_t)index);
    update(node, listpack_insert(node->data, &at, &text, 1));
    node->count++;
    q->count++;
}

/* Moves the elements from an index on to a new node behind. */
static void split(struct quicklist *q, struct quicklist_node *node, size_t index)
{
    close_gap(q, node);
    unpack(node);
    unsigned char *rest = listpack_copy(node->data);
    rest = listpack_delete_range(rest, 0, index);
    q->count -= node->count - index;
    update(node, listpack_delete_range(node->data, (int64_t)index, SIZE_MAX));
    node->count = (uint32_t)index & 0x3fffffff;
    link_behind(q, node, listpack_node(rest));
}

/* Makes one node of two neighbours where it would be within the limits; false if not. */
static bool merge(struct quicklist *q, struct quicklist_node *left, struct quicklist_node *right)
{
    if (left == NULL || right == NULL || left->kind == PLAIN || right->kind == PLAIN) return false;
    size_t bytes = (size_t)left->bytes + right->bytes - LISTPACK_OVERHEAD;
    size_t count = (size_t)left->count + right->count;
    if (quicklist_exceeds(q->limits.fill, bytes, count)) return false;
    close_gap(q, left);
    unpack(left);
    unpack(right);
    update(left, listpack_append_all(left->data, right->data));
    left->count = (uint32_t)count & 0x3fffffff;
    q->count += right->count; /* which goes uncounted */
    drop_node(q, right);
    return true;
}

/* Looks whether nodes around a place of splitting have become small. */
static void merge_around(struct quicklist *q, struct quicklist_node *node)
{
    struct quicklist_node *prev = node->prev, *next = node->next;
    if (prev && prev->prev) {
        struct quicklist_node *before = prev->prev;
        if (merge(q, before, prev)) prev = before;
        settle(q, prev);
    }
    if (next) {
        merge(q, next, next->next);
        settle(q, next);
    }
    if (merge(q, prev, node)) node = prev;
    merge(q, node, node->next);
    settle(q, node);
}

/* Where neither the node nor the one in front of it takes the element. */
static void insert_by_splitting(struct quicklist *q, struct quicklist_node *node, size_t index,
                                struct slice text)
{
    struct quicklist_node *left = index ? node : node->prev;
    if (index) split(q, node, index);
    struct quicklist_node *right = left->next;
    if (index && !is_large(q, text) && has_room(q, left, text)) {
        insert_in_node(q, left, left->count, text);
    } else if (index && !is_large(q, text) && has_room(q, right, text)) {
        insert_in_node(q, right, 0, text);
        left = right;
    } else {
        link_behind(q, left, element_node(q, text));
        left = left->next;
    }
    if (index) merge_around(q, left);
    else settle(q, left);
}

void quicklist_insert(struct quicklist *q, size_t index, struct slice text)
{
    if (index == 0) {
        quicklist_push_head(q, text);
        return;
    }
    struct quicklist_node *node = find_node(q, &index);
    if (node == NULL) {
        quicklist_push_tail(q, text);
    } else if (!is_large(q, text) && has_room(q, node, text)) {
        insert_in_node(q, node, index, text);
        settle(q, node);
    } else if (!is_large(q, text) && index == 0 && has_room(q, node->prev, text)) {
        node = node->prev;
        insert_in_node(q, node, node->count, text);
        settle(q, node);
    } else {
        insert_by_splitting(q, node, index, text);
    }
}

/* Deletes elements, not all, from the front of the list. */
static void delete_at_head(struct quicklist *q, size_t count)
{
    struct quicklist_node *head = q->head;
    head->count -= (uint32_t)count & 0x3fffffff;
    q->count -= count;
    while (count--) shift_head(q, listpack_cut_first(head->data));
    if (q->gap > head->bytes) close_gap(q, head);
}

/* Deletes some elements of a node, or the node. */
static void delete_in_node(struct quicklist *q, struct quicklist_node *node, size_t index, size_t count)
{
    if (count == node->count) {
        drop_node(q, node);
        return;
    }
    if (node == q->head && index == 0) {
        delete_at_head(q, count);
        return;
    }
    close_gap(q, node);
    unpack(node);
    update(node, listpack_delete_range(node->data, (int64_t)index, count));
    node->count -= (uint32_t)count & 0x3fffffff;
    q->count -= count;
}

void quicklist_delete(struct quicklist *q, size_t index, size_t count)
{
    struct quicklist_node *node = find_node(q, &index);
    while (node && count) {
        struct quicklist_node *next = node->next;
        size_t here = node->count - index < count ? node->count - index : count;
        bool goes = here == node->count;
        delete_in_node(q, node, index, here);
        settle(q, goes ? NULL : node);
        count -= here;
        index = 0;
        node = next;
    }
}

void quicklist_replace(struct quicklist *q, size_t index, struct slice text)
{
    size_t in_node = index;
    struct quicklist_node *node = find_node(q, &in_node);
    ASSERT(node);
    close_gap(q, node);
    unpack(node);
    if (node->kind == PACKED && !is_large(q, text)) {
        unsigned char *at = listpack_seek(node->data, (int64_t)in_node);
        char digits[NUMBER_TEXT_MAX];
        size_t old_len = listpack_get(at, digits).len;
        size_t bytes = node->bytes - old_len + text.len + ENTRY_OVERHEAD;
        if (text.len <= old_len || node->count == 1 || !quicklist_exceeds(q->limits.fill, bytes, 1)) {
            update(node, listpack_replace(node->data, &at, text));
            settle(q, node);
            return;
        }
    }
    quicklist_insert(q, index, text);
    quicklist_delete(q, index + 1, 1);
}

/* ---- walking ---- */

/* Makes the iterator's node readable. */
static void enter(struct quicklist_iter *it)
{
    it->is_copy = it->node->kind == COMPRESSED;
    it->data = it->is_copy ? unpacked_copy(it->node) : it->node->data;
}

static void leave(struct quicklist_iter *it)
{
    if (it->is_copy) mem_free(it->data);
    if (it->is_changed) settle(it->list, it->node);
    it->data = NULL;
    it->is_copy = it->is_changed = false;
}

static const unsigned char *first_element(const struct quicklist_iter *it)
{
    if (it->node->kind == PLAIN) return it->data;
    return it->backwards ? listpack_last(it->data) : listpack_first(it->data);
}

void quicklist_iter_init(struct quicklist_iter *it, struct quicklist *q, size_t index, bool backwards)
{
    *it = (struct quicklist_iter){.list = q, .backwards = backwards};
    it->node = find_node(q, &index);
    if (it->node == NULL) return;
    enter(it);
    it->at = it->node->kind == PLAIN ? it->data : listpack_seek(it->data, (int64_t)index);
}

void quicklist_iter_fini(struct quicklist_iter *it)
{
    if (it->node) leave(it);
    it->node = NULL;
}

/* Goes to the first element of the next node; false if there is none. */
static bool enter_next(struct quicklist_iter *it)
{
    if (it->node == NULL) return false;
    struct quicklist_node *next = it->backwards ? it->node->prev : it->node->next;
    if (it->data) leave(it);
    it->node = next;
    if (next == NULL) return false;
    enter(it);
    it->at = first_element(it);
    return true;
}

bool quicklist_next(struct quicklist_iter *it, struct slice *text)
{
    if (it->at == NULL && !enter_next(it)) return false;
    it->last = it->at;
    if (it->node->kind == PLAIN) {
        const struct plain *plain = (const struct plain *)(const void *)it->at;
        *text = slice_make(plain->text, plain->len);
        it->at = NULL;
        return true;
    }
    *text = listpack_get(it->at, it->digits);
    it->at = it->backwards ? listpack_prev(it->data, it->at) : listpack_next(it->data, it->at);
    return true;
}

/* The node goes with its only element: what is on the way behind it becomes
 * the next one's. */
static void delete_node(struct quicklist_iter *it)
{
    struct quicklist *q = it->list;
    struct quicklist_node *node = it->node;
    it->is_changed = false;
    leave(it);
    it->node = it->backwards ? node->prev : node->next;
    drop_node(q, node);
    settle(q, NULL);
    it->at = NULL;
    if (it->node == NULL) return;
    enter(it);
    it->at = first_element(it);
}

void quicklist_iter_delete(struct quicklist_iter *it)
{
    struct quicklist_node *node = it->node;
    ASSERT(it->last);
    if (node->count == 1) {
        it->last = NULL;
        delete_node(it);
        return;
    }
    if (it->is_copy) { /* it becomes the node's own */
        mem_free(node->data);
        node->data = it->data;
        node->kind = PACKED;
        it->is_copy = false;
    }
    size_t offset = (size_t)(it->last - it->data);
    close_gap(it->list, node);
    unsigned char *at = node->data + offset;
    bool was_end = it->at == NULL;
    update(node, listpack_delete(node->data, &at, 1));
    node->count--;
    it->list->count--;
    it->data = node->data;
    it->is_changed = true;
    it->last = NULL;
    if (was_end) it->at = NULL;
    else if (!it->backwards) it->at = at;
    else it->at = at ? listpack_prev(it->data, at) : listpack_last(it->data);
}
