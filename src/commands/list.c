/* Lists: pushing, popping, moving, reading and editing. */
#include "commands/list.h"

#include "base/mem.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/collection.h"
#include "core/reply.h"
#include "core/server.h"

static const enum event push_events[] = {[LIST_LEFT] = EVENT_LPUSH, [LIST_RIGHT] = EVENT_RPUSH};
static const enum event pop_events[] = {[LIST_LEFT] = EVENT_LPOP, [LIST_RIGHT] = EVENT_RPOP};

/* ---- pushing ---- */

static void push(struct call *call, enum list_end end, bool only_if_exists)
{
    struct collection list;
    size_t count = (size_t)call->argc - 2;
    if (!collection_open(&list, call, call->argv[1], TYPE_LIST)) return;
    if (only_if_exists && list.entry == NULL) {
        reply_int(call->client, 0);
        return;
    }
    list_push(&list.value, end, call->argv + 2, count, call->server->types);
    reply_int(call->client, (int64_t)list_length(&list.value));
    collection_close(&list, push_events[end], count);
}

static void lpush_run(struct call *call)
{
    push(call, LIST_LEFT, false);
}

static void rpush_run(struct call *call)
{
    push(call, LIST_RIGHT, false);
}

static void lpushx_run(struct call *call)
{
    push(call, LIST_LEFT, true);
}

static void rpushx_run(struct call *call)
{
    push(call, LIST_RIGHT, true);
}

/* ---- popping ---- */

/* Answers with count elements from an end on. */
static void reply_elements(struct client *c, const struct value *v, enum list_end end, size_t count)
{
    struct list_iter it;
    struct slice element;
    list_iter_init(&it, v, end == LIST_LEFT ? 0 : list_length(v) - 1, end == LIST_RIGHT);
    while (count-- && list_next(&it, &element)) reply_bulk(c, element);
    list_iter_fini(&it);
}

/* Deletes count elements, at least 1, from an end on, and closes the list. */
static void drop(struct call *call, struct collection *list, enum list_end end, size_t count, size_t changes)
{
    size_t index = end == LIST_LEFT ? 0 : list_length(&list->value) - count;
    list_delete(&list->value, index, count, call->server->types);
    collection_close(list, pop_events[end], changes);
}

static size_t at_most(const struct value *v, int64_t max)
{
    size_t length = list_length(v);
    return (uint64_t)max < length ? (size_t)max : length;
}

static void pop(struct call *call, enum list_end end)
{
    struct client *c = call->client;
    struct collection list;
    int64_t max = 1;
    bool as_array = call->argc == 3;
    if (call->argc > 3) {
        reply_errorf(c, "ERR wrong number of arguments for '%s' command", call->command->name);
        return;
    }
    if (as_array && !args_int_between(c, call->argv[2], 0, INT64_MAX, &max,
                                      "ERR value is out of range, must be positive"))
        return;
    if (!collection_open(&list, call, call->argv[1], TYPE_LIST)) return;
    if (list.entry == NULL) {
        if (as_array) reply_null_array(c);
        else reply_null(c);
        return;
    }
    size_t count = at_most(&list.value, max);
    if (as_array) reply_array(c, (int64_t)count);
    if (count == 0) return;
    reply_elements(c, &list.value, end, count);
    drop(call, &list, end, count, count);
}

static void lpop_run(struct call *call)
{
    pop(call, LIST_LEFT);
}

static void rpop_run(struct call *call)
{
    pop(call, LIST_RIGHT);
}

/* From one list, with the number of elements where it can be more than one. */
static void propagate_pop(struct call *call, const struct list_sources *sources, struct slice key,
                          int64_t count)
{
    struct propagate_number number;
    struct slice command = sources->end == LIST_LEFT ? SLICE("LPOP") : SLICE("RPOP");
    if (count < 0) propagate_as(call, command, key);
    else propagate_as(call, command, key, propagate_number(&number, count));
}

/* Pops from the first list there is; as_array: any number of elements, as an
 * array in the reply. */
static bool pop_first(struct call *call, const struct list_sources *sources, bool as_array)
{
    struct client *c = call->client;
    for (int i = 0; i < sources->key_count; i++) {
        struct collection list;
        if (!collection_open(&list, call, sources->keys[i], TYPE_LIST)) return true;
        if (list.entry == NULL) continue;
        size_t count = at_most(&list.value, sources->max);
        reply_array(c, 2);
        reply_bulk(c, sources->keys[i]);
        if (as_array) reply_array(c, (int64_t)count);
        reply_elements(c, &list.value, sources->end, count);
        propagate_pop(call, sources, sources->keys[i], as_array ? (int64_t)count : -1);
        drop(call, &list, sources->end, count, count);
        return true;
    }
    return false;
}

bool list_pop_many(struct call *call, const struct list_sources *sources)
{
    return pop_first(call, sources, true);
}

bool list_pop_one(struct call *call, const struct list_sources *sources)
{
    return pop_first(call, sources, false);
}

bool list_parse_end(struct call *call, struct slice word, enum list_end *end)
{
    bool left = slice_is(word, "left");
    *end = left ? LIST_LEFT : LIST_RIGHT;
    if (left || slice_is(word, "right")) return true;
    reply_syntax_error(call->client);
    return false;
}

bool list_parse_sources(struct call *call, int first, struct list_sources *sources)
{
    int key_count;
    if (!args_pop_keys(call, first, &key_count)) return false;
    int behind = first + 1 + key_count;
    *sources = (struct list_sources){call->argv + first + 1, key_count, LIST_LEFT, 1};
    return list_parse_end(call, call->argv[behind], &sources->end) &&
           args_pop_count(call, behind + 1, &sources->max);
}

static void lmpop_run(struct call *call)
{
    struct list_sources sources;
    if (list_parse_sources(call, 1, &sources) && !list_pop_many(call, &sources))
        reply_null_array(call->client);
}

/* ---- moving ---- */

/* Within one list: the element must not lie in it while it is put there. */
static void rotate(struct call *call, struct collection *list, struct slice element, enum list_end from,
                   enum list_end to)
{
    char *copy = mem_copy(element.ptr, element.len);
    struct slice moved = slice_make(copy, element.len);
    size_t index = from == LIST_LEFT ? 0 : list_length(&list->value) - 1;
    list_delete(&list->value, index, 1, call->server->types);
    list_push(&list->value, to, &moved, 1, call->server->types);
    mem_free(copy);
    collection_close(list, push_events[to], 1);
    collection_close(list, pop_events[from], 0);
}

bool list_move(struct call *call, struct slice from, enum list_end from_end, struct slice to,
               enum list_end to_end)
{
    struct collection source, target;
    struct list_iter it;
    struct slice element = SLICE("");
    if (!collection_open(&source, call, from, TYPE_LIST)) return true;
    if (source.entry == NULL) return false;
    if (!collection_open(&target, call, to, TYPE_LIST)) return true;
    list_iter_init(&it, &source.value, from_end == LIST_LEFT ? 0 : list_length(&source.value) - 1, false);
    list_next(&it, &element);
    reply_bulk(call->client, element);
    if (source.entry == target.entry) {
        list_iter_fini(&it); /* at an end there is no copy to lose */
        rotate(call, &source, element, from_end, to_end);
        return true;
    }
    list_push(&target.value, to_end, &element, 1, call->server->types);
    list_iter_fini(&it);
    collection_close(&target, push_events[to_end], 1);
    drop(call, &source, from_end, 1, 0);
    return true;
}

static void lmove_run(struct call *call)
{
    enum list_end from, to;
    if (!list_parse_end(call, call->argv[3], &from) || !list_parse_end(call, call->argv[4], &to)) return;
    if (!list_move(call, call->argv[1], from, call->argv[2], to)) reply_null(call->client);
}

static void rpoplpush_run(struct call *call)
{
    if (!list_move(call, call->argv[1], LIST_RIGHT, call->argv[2], LIST_LEFT)) reply_null(call->client);
}

/* ---- reading ---- */

static void llen_run(struct call *call)
{
    struct value list;
    if (collection_read(call, call->argv[1], TYPE_LIST, &list))
        reply_int(call->client, (int64_t)list_length(&list));
}

/* An index, from the right if negative, as one from the left; false where there
 * is no element. */
static bool resolve(const struct value *v, int64_t given, size_t *index)
{
    int64_t length = (int64_t)list_length(v);
    if (given < 0) given += length;
    *index = (size_t)given;
    return given >= 0 && given < length;
}

/* The part from start to end, both inclusive and, when negative, from the right. */
static size_t resolve_range(const struct value *v, int64_t start, int64_t end, size_t *first)
{
    int64_t length = (int64_t)list_length(v);
    if (start < 0) start = start + length < 0 ? 0 : start + length;
    if (end < 0) end += length;
    if (end >= length) end = length - 1;
    *first = (size_t)start;
    return start > end ? 0 : (size_t)(end - start + 1);
}

static void lindex_run(struct call *call)
{
    struct client *c = call->client;
    struct value list;
    struct list_iter it;
    struct slice element;
    int64_t given;
    size_t index;
    if (!collection_read(call, call->argv[1], TYPE_LIST, &list)) return;
    if (list.object == NULL) {
        reply_null(c);
        return;
    }
    if (!args_int(c, call->argv[2], &given, NULL)) return;
    if (!resolve(&list, given, &index)) {
        reply_null(c);
        return;
    }
    list_iter_init(&it, &list, index, false);
    if (list_next(&it, &element)) reply_bulk(c, element);
    list_iter_fini(&it);
}

static bool parse_range(struct call *call, int64_t *start, int64_t *end)
{
    return args_int(call->client, call->argv[2], start, NULL) &&
           args_int(call->client, call->argv[3], end, NULL);
}

static void lrange_run(struct call *call)
{
    struct client *c = call->client;
    struct value list;
    struct list_iter it;
    struct slice element;
    int64_t start, end;
    size_t first;
    if (!parse_range(call, &start, &end)) return;
    if (!collection_read(call, call->argv[1], TYPE_LIST, &list)) return;
    size_t count = resolve_range(&list, start, end, &first);
    reply_array(c, (int64_t)count);
    list_iter_init(&it, &list, first, false);
    while (count && list_next(&it, &element)) {
        reply_bulk(c, element);
        count--;
    }
    list_iter_fini(&it);
}

/* ---- LPOS ---- */

struct search {
    int64_t rank;         /* of the first match that counts; negative: from the right */
    int64_t max;          /* matches; 0: all */
    int64_t max_compared; /* elements; 0: all */
    bool as_array;
};

static bool parse_search(struct call *call, struct search *search)
{
    struct client *c = call->client;
    *search = (struct search){.rank = 1, .max = 1};
    for (int i = 3; i < call->argc; i += 2) {
        struct slice option = call->argv[i], value = i + 1 < call->argc ? call->argv[i + 1] : SLICE("");
        if (i + 1 == call->argc) {
            reply_syntax_error(c);
            return false;
        } else if (slice_is(option, "rank")) {
            if (!args_int_between(c, value, -INT64_MAX, INT64_MAX, &search->rank, NULL)) return false;
            if (search->rank == 0) {
                reply_error(c, "ERR RANK can't be zero: use 1 to start from the first match, 2 from the "
                               "second ... or use negative to start from the end of the list");
                return false;
            }
        } else if (slice_is(option, "count")) {
            search->as_array = true;
            if (!args_int_between(c, value, 0, INT64_MAX, &search->max, "ERR COUNT can't be negative"))
                return false;
        } else if (slice_is(option, "maxlen")) {
            if (!args_int_between(c, value, 0, INT64_MAX, &search->max_compared,
                                  "ERR MAXLEN can't be negative"))
                return false;
        } else {
            reply_syntax_error(c);
            return false;
        }
    }
    return true;
}

/* Answers with the index of each match, and returns how many there were. */
static int64_t reply_matches(struct client *c, const struct value *v, struct slice wanted,
                             const struct search *search)
{
    struct list_iter it;
    struct slice element;
    bool backwards = search->rank < 0;
    int64_t length = (int64_t)list_length(v), matches = 0;
    int64_t to_skip = (backwards ? -search->rank : search->rank) - 1;
    int64_t limit = search->max_compared ? search->max_compared : length;
    list_iter_init(&it, v, backwards ? (size_t)length - 1 : 0, backwards);
    for (int64_t i = 0; i < limit && list_next(&it, &element); i++) {
        if (!slice_equal(element, wanted) || to_skip-- > 0) continue;
        reply_int(c, backwards ? length - 1 - i : i);
        if (++matches == search->max) break;
    }
    list_iter_fini(&it);
    return matches;
}

static void lpos_run(struct call *call)
{
    struct client *c = call->client;
    struct search search;
    struct value list;
    if (!parse_search(call, &search)) return;
    if (!collection_read(call, call->argv[1], TYPE_LIST, &list)) return;
    struct output_mark mark = reply_open(c);
    int64_t matches = reply_matches(c, &list, call->argv[2], &search);
    if (search.as_array) reply_close_array(c, mark, matches);
    else if (matches == 0) reply_null(c);
}

/* ---- editing ---- */

static void lset_run(struct call *call)
{
    struct client *c = call->client;
    struct collection list;
    int64_t given;
    size_t index;
    if (!collection_open(&list, call, call->argv[1], TYPE_LIST)) return;
    if (list.entry == NULL) {
        reply_no_key(c);
        return;
    }
    if (!args_int(c, call->argv[2], &given, NULL)) return;
    if (!resolve(&list.value, given, &index)) {
        reply_error(c, "ERR index out of range");
        return;
    }
    list_set(&list.value, index, call->argv[3], call->server->types);
    collection_close(&list, EVENT_LSET, 1);
    reply_ok(c);
}

static void linsert_run(struct call *call)
{
    struct client *c = call->client;
    struct collection list;
    bool behind = slice_is(call->argv[2], "after");
    if (!behind && !slice_is(call->argv[2], "before")) {
        reply_syntax_error(c);
        return;
    }
    if (!collection_open(&list, call, call->argv[1], TYPE_LIST)) return;
    if (list.entry == NULL) {
        reply_int(c, 0);
        return;
    }
    bool inserted = list_insert(&list.value, call->argv[3], behind, call->argv[4], call->server->types);
    reply_int(c, inserted ? (int64_t)list_length(&list.value) : -1);
    collection_close(&list, inserted ? EVENT_LINSERT : EVENT_NONE, inserted);
}

static void lrem_run(struct call *call)
{
    struct collection list;
    int64_t count;
    if (!args_int(call->client, call->argv[2], &count, NULL)) return;
    if (!collection_open(&list, call, call->argv[1], TYPE_LIST)) return;
    size_t max = count == 0 ? SIZE_MAX : count < 0 ? -(size_t)count : (size_t)count;
    size_t deleted = list_delete_equal(&list.value, call->argv[3], count < 0 ? LIST_RIGHT : LIST_LEFT, max,
                                       call->server->types);
    collection_close(&list, deleted ? EVENT_LREM : EVENT_NONE, deleted);
    reply_int(call->client, (int64_t)deleted);
}

static void ltrim_run(struct call *call)
{
    struct collection list;
    int64_t start, end;
    size_t first;
    if (!parse_range(call, &start, &end)) return;
    if (!collection_open(&list, call, call->argv[1], TYPE_LIST)) return;
    if (list.entry) {
        size_t length = list_length(&list.value);
        size_t kept = resolve_range(&list.value, start, end, &first);
        if (kept == 0) first = length;
        list_delete(&list.value, first + kept, length, call->server->types);
        list_delete(&list.value, 0, first, call->server->types);
        collection_close(&list, EVENT_LTRIM, length - kept);
    }
    reply_ok(call->client);
}

/* ---- the rows ---- */

#define KEY(key_flags)                                                                                       \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define TWO_KEYS                                                                                             \
    {                                                                                                        \
        {.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 1},                                             \
        {                                                                                                    \
            .flags = KEY_RW | KEY_INSERT, .index = 2                                                         \
        }                                                                                                    \
    }
#define PUSH_ROW                                                                                             \
    .group = GROUP_LIST, .arity = -3, .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,                           \
    .keys = KEY(KEY_RW | KEY_INSERT), .syntax = "key element [element ...]",                                 \
    .complexity = "O(N), N being the number of elements added"
#define POP_ROW                                                                                              \
    .group = GROUP_LIST, .since = "1.0.0", .arity = -2, .flags = CMD_WRITE | CMD_FAST,                       \
    .keys = KEY(KEY_RW | KEY_ACCESS | KEY_DELETE), .syntax = "key [count]",                                  \
    .complexity = "O(N), N being the number of elements returned", .history = pop_history

static const char *const push_history[] = {"2.4.0", "Takes several elements.", NULL};
static const char *const pushx_history[] = {"4.0.0", "Takes several elements.", NULL};
static const char *const pop_history[] = {"6.2.0", "Added the count.", NULL};

const struct command list_commands[] = {
    {.name = "lindex",
     .group = GROUP_LIST,
     .since = "1.0.0",
     .arity = 3,
     .flags = CMD_READONLY,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the element of an index.",
     .complexity = "O(N), N being the number of elements to skip; O(1) for the first and the last",
     .syntax = "key index",
     .run = lindex_run},
    {.name = "linsert",
     .group = GROUP_LIST,
     .since = "2.2.0",
     .arity = 5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = KEY(KEY_RW | KEY_INSERT),
     .events = {EVENT_LINSERT},
     .summary = "Inserts an element in front of or behind another.",
     .complexity = "O(N), N being the number of elements in front of the other one",
     .syntax = "key <BEFORE | AFTER> pivot element",
     .run = linsert_run},
    {.name = "llen",
     .group = GROUP_LIST,
     .since = "1.0.0",
     .arity = 2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = KEY(KEY_RO),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the length of a list.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = llen_run},
    {.name = "lmove",
     .group = GROUP_LIST,
     .since = "6.2.0",
     .arity = 5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = TWO_KEYS,
     .events = {EVENT_LPUSH, EVENT_RPUSH, EVENT_LPOP, EVENT_RPOP, EVENT_DEL, EVENT_NEW},
     .summary = "Moves an element from an end of a list to an end of another, and returns it.",
     .complexity = "O(1)",
     .syntax = "source destination <wherefrom: LEFT | RIGHT> <whereto: LEFT | RIGHT>",
     .run = lmove_run},
    {.name = "lmpop",
     .group = GROUP_LIST,
     .since = "7.0.0",
     .arity = -4,
     .flags = CMD_WRITE,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 1, .keynum = 1}},
     .events = {EVENT_LPOP, EVENT_RPOP, EVENT_DEL},
     .summary = "Removes and returns elements of the first of several lists that has any.",
     .complexity = "O(N+M), N being the number of keys, M the number of elements returned",
     .syntax = "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
     .run = lmpop_run},
    {.name = "lpop",
     POP_ROW,
     .events = {EVENT_LPOP, EVENT_DEL},
     .summary = "Removes and returns the first elements of a list.",
     .run = lpop_run},
    {.name = "lpos",
     .group = GROUP_LIST,
     .since = "6.0.6",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the indexes of elements that are equal to one.",
     .complexity = "O(N), N being the number of elements compared",
     .syntax = "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
     .run = lpos_run},
    {.name = "lpush",
     PUSH_ROW,
     .since = "1.0.0",
     .events = {EVENT_LPUSH, EVENT_NEW},
     .summary = "Adds elements in front of a list, which begins if there is none.",
     .history = push_history,
     .run = lpush_run},
    {.name = "lpushx",
     PUSH_ROW,
     .since = "2.2.0",
     .events = {EVENT_LPUSH},
     .summary = "Adds elements in front of a list, if there is one.",
     .history = pushx_history,
     .run = lpushx_run},
    {.name = "lrange",
     .group = GROUP_LIST,
     .since = "1.0.0",
     .arity = 4,
     .flags = CMD_READONLY,
     .keys = KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the elements between two indexes.",
     .complexity = "O(S+N), S being the distance of the first from the nearer end, N the elements returned",
     .syntax = "key start stop",
     .run = lrange_run},
    {.name = "lrem",
     .group = GROUP_LIST,
     .since = "1.0.0",
     .arity = 4,
     .flags = CMD_WRITE,
     .keys = KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_LREM, EVENT_DEL},
     .summary = "Removes elements that are equal to one.",
     .complexity = "O(N+M), N being the length of the list, M the number of elements removed",
     .syntax = "key count element",
     .run = lrem_run},
    {.name = "lset",
     .group = GROUP_LIST,
     .since = "1.0.0",
     .arity = 4,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_LSET},
     .summary = "Replaces the element of an index.",
     .complexity = "O(N), N being the number of elements to skip; O(1) for the first and the last",
     .syntax = "key index element",
     .run = lset_run},
    {.name = "ltrim",
     .group = GROUP_LIST,
     .since = "1.0.0",
     .arity = 4,
     .flags = CMD_WRITE,
     .keys = KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_LTRIM, EVENT_DEL},
     .summary = "Keeps the elements between two indexes, and removes all others.",
     .complexity = "O(N), N being the number of elements removed",
     .syntax = "key start stop",
     .run = ltrim_run},
    {.name = "rpop",
     POP_ROW,
     .events = {EVENT_RPOP, EVENT_DEL},
     .summary = "Removes and returns the last elements of a list.",
     .run = rpop_run},
    {.name = "rpoplpush",
     .group = GROUP_LIST,
     .since = "1.2.0",
     .arity = 3,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = TWO_KEYS,
     .events = {EVENT_LPUSH, EVENT_RPOP, EVENT_DEL, EVENT_NEW},
     .summary = "Moves the last element of a list to the front of another, and returns it.",
     .complexity = "O(1)",
     .syntax = "source destination",
     .replaced_by = "`LMOVE` with the `RIGHT` and `LEFT` arguments",
     .deprecated_since = "6.2.0",
     .run = rpoplpush_run},
    {.name = "rpush",
     PUSH_ROW,
     .since = "1.0.0",
     .events = {EVENT_RPUSH, EVENT_NEW},
     .summary = "Adds elements at the end of a list, which begins if there is none.",
     .history = push_history,
     .run = rpush_run},
    {.name = "rpushx",
     PUSH_ROW,
     .since = "2.2.0",
     .events = {EVENT_RPUSH},
     .summary = "Adds elements at the end of a list, if there is one.",
     .history = pushx_history,
     .run = rpushx_run},
    {0},
};
