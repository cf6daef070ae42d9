/* SORT, SORT_RO: the elements of a list, set or sorted set in order, by
 * themselves or by what keys named after them hold. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "commands/tables.h"
#include "core/acl_check.h"
#include "core/args.h"
#include "core/collection.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/string.h"

/* ---- patterns: keys and fields named after an element ---- */

struct pattern {
    bool is_element;            /* "#" */
    bool is_constant;           /* without a '*' it names no key at all */
    struct slice before, after; /* the element, in the key's name */
    struct slice field;         /* of a hash; empty: the key holds a string */
};

static const char *find_arrow(const char *from, const char *end)
{
    for (; from + 1 < end; from++)
        if (from[0] == '-' && from[1] == '>') return from;
    return NULL;
}

/* The '*' and the arrow are looked for up to a NUL, as in the reference. An arrow
 * with nothing behind it is a part of the key's name. */
static struct pattern pattern_parse(struct slice text)
{
    const char *end = text.ptr + text.len, *nul = text.ptr + strnlen(text.ptr, text.len);
    const char *star = memchr(text.ptr, '*', (size_t)(nul - text.ptr));
    if (star == NULL)
        return (struct pattern){.is_element = slice_equal(text, SLICE("#")), .is_constant = true};
    const char *arrow = find_arrow(star + 1, nul), *key_end = end;
    struct pattern pattern = {.before = slice_make(text.ptr, (size_t)(star - text.ptr))};
    if (arrow && arrow + 2 < nul) {
        pattern.field = slice_make(arrow + 2, (size_t)(end - arrow - 2));
        key_end = arrow;
    }
    pattern.after = slice_make(star + 1, (size_t)(key_end - star - 1));
    return pattern;
}

/* What the pattern means for an element, valid until the next call; false
 * where there is nothing of the kind. key and digits are room. */
static bool pattern_value(const struct pattern *pattern, struct db *db, struct slice element,
                          struct buffer *key, char digits[NUMBER_TEXT_MAX], struct slice *value)
{
    *value = element;
    if (pattern->is_constant) return pattern->is_element;
    buffer_clear(key);
    buffer_append_slice(key, pattern->before);
    buffer_append_slice(key, element);
    buffer_append_slice(key, pattern->after);
    const struct entry *e = db_lookup_read(db, buffer_slice(key));
    if (e == NULL || e->type != (pattern->field.len ? TYPE_HASH : TYPE_STRING)) return false;
    struct value held = entry_value(e);
    if (pattern->field.len) return hash_find(&held, pattern->field, digits, value);
    *value = string_view(&held, digits);
    return true;
}

/* ---- options ---- */

struct sort_options {
    struct pattern by;
    bool has_by, alpha, descending;
    bool unsorted;        /* some BY named no keys, even if another did */
    int64_t start, count; /* count below 0: all */
    const struct slice *destination;
    struct pattern *get;
    int gets;
};

enum sort_option {
    OPTION_NONE,
    OPTION_ASC,
    OPTION_DESC,
    OPTION_ALPHA,
    OPTION_LIMIT,
    OPTION_STORE,
    OPTION_BY,
    OPTION_GET
};

/* The option that a word is, and how many words follow it. */
static enum sort_option option_of(struct slice word, int *arguments)
{
    static const struct {
        const char *word;
        enum sort_option option;
        int arguments;
    } words[] = {
        {"asc", OPTION_ASC, 0},     {"desc", OPTION_DESC, 0},   {"alpha", OPTION_ALPHA, 0},
        {"limit", OPTION_LIMIT, 2}, {"store", OPTION_STORE, 1}, {"by", OPTION_BY, 1},
        {"get", OPTION_GET, 1},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        *arguments = words[i].arguments;
        if (slice_is(word, words[i].word)) return words[i].option;
    }
    *arguments = 0;
    return OPTION_NONE;
}

/* BY and GET reach keys that no rule tells: for users who may read all keys. */
static bool may_follow(struct call *call, const char *option)
{
    struct server *server = call->server;
    struct client *c = call->client;
    if (!(c->flags & CLIENT_RESTRICTED)) return true;
    const struct command_state *command = command_find_row(server->commands, slice_of(call->command->name));
    if (acl_check_reads_all(server->acl, c->user, command, call->argc, call->argv)) return true;
    reply_errorf(c, "ERR %s option of SORT denied due to insufficient ACL permissions.", option);
    return false;
}

static bool take_option(struct call *call, enum sort_option option, const struct slice *arguments,
                        struct sort_options *options)
{
    switch (option) {
    case OPTION_ASC: options->descending = false; return true;
    case OPTION_DESC: options->descending = true; return true;
    case OPTION_ALPHA: options->alpha = true; return true;
    case OPTION_LIMIT:
        return args_int(call->client, arguments[0], &options->start, NULL) &&
               args_int(call->client, arguments[1], &options->count, NULL);
    case OPTION_STORE: options->destination = arguments; return true;
    case OPTION_BY:
        options->by = pattern_parse(*arguments);
        options->has_by = true;
        options->unsorted |= options->by.is_constant;
        return options->by.is_constant || may_follow(call, "BY");
    case OPTION_GET:
        options->get[options->gets++] = pattern_parse(*arguments);
        return may_follow(call, "GET");
    case OPTION_NONE: break;
    }
    reply_syntax_error(call->client);
    return false;
}

static bool parse_options(struct call *call, bool may_store, struct sort_options *options)
{
    int arguments;
    for (int i = 2; i < call->argc; i += 1 + arguments) {
        enum sort_option option = option_of(call->argv[i], &arguments);
        if (i + arguments >= call->argc || (option == OPTION_STORE && !may_store)) option = OPTION_NONE;
        if (!take_option(call, option, call->argv + i + 1, options)) return false;
    }
    return true;
}

/* ---- the elements ---- */

enum { MISSING = -1 };

/* Texts lie in one buffer, each with a NUL behind it; positions in it order
 * the elements as they came. */
struct item {
    size_t at, len;
    union {
        double score;
        ptrdiff_t by_at; /* MISSING: there is nothing to sort it by */
    };
    size_t by_len;
};

struct sorting {
    struct call *call;
    struct sort_options options;
    bool collate;       /* texts by the locale, not by their bytes */
    size_t first, last; /* of the elements, in their own order, those that are wanted: [first, last) */
    size_t passed;
    struct item *items;
    size_t count, capacity;
    struct buffer texts, key;
};

static size_t keep_text(struct sorting *s, struct slice text)
{
    size_t at = s->texts.len;
    buffer_append_slice(&s->texts, text);
    buffer_append_char(&s->texts, '\0');
    return at;
}

static bool collect(void *ctx, struct slice element, struct slice attached)
{
    struct sorting *s = ctx;
    (void)attached;
    if (s->passed++ < s->first) return true;
    if (s->passed > s->last) return false;
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 16;
        s->items = mem_realloc(s->items, s->capacity * sizeof *s->items);
    }
    s->items[s->count++] = (struct item){.at = keep_text(s, element), .len = element.len};
    return true;
}

static struct slice item_text(const struct sorting *s, const struct item *item)
{
    return slice_make(s->texts.data + item->at, item->len);
}

/* As C reads a number: blanks before it, hexadecimal, nothing at all, and what
 * follows a NUL will do. */
static bool parse_score(const char *text, double *score)
{
    char *end;
    errno = 0;
    *score = strtod(text, &end);
    return *end == '\0' && errno != ERANGE && !isnan(*score);
}

/* Looks up what each element is sorted by. False when something should be a number
 * and is not; all are looked up nevertheless. */
static bool weigh(struct sorting *s)
{
    const struct sort_options *options = &s->options;
    bool all_numbers = true;
    for (size_t i = 0; i < s->count; i++) {
        struct item *item = &s->items[i];
        char digits[NUMBER_TEXT_MAX];
        struct slice by;
        size_t at = item->at, len = item->len;
        if (options->has_by) {
            bool found = pattern_value(&options->by, s->call->db, item_text(s, item), &s->key, digits, &by);
            if (!found) {
                if (options->alpha) item->by_at = MISSING;
                else item->score = 0;
                continue;
            }
            at = keep_text(s, by);
            len = by.len;
        }
        item->by_len = len;
        if (options->alpha) item->by_at = (ptrdiff_t)at;
        else if (!parse_score(s->texts.data + at, &item->score)) all_numbers = false;
    }
    return all_numbers;
}

/* ---- the order ---- */

static int compare_texts(const struct sorting *s, const struct item *a, const struct item *b)
{
    if (a->by_at == MISSING || b->by_at == MISSING) return (b->by_at == MISSING) - (a->by_at == MISSING);
    const char *x = s->texts.data + a->by_at, *y = s->texts.data + b->by_at;
    return s->collate ? strcoll(x, y) : slice_compare(slice_make(x, a->by_len), slice_make(y, b->by_len));
}

static int compare_scores(const struct sorting *s, const struct item *a, const struct item *b)
{
    if (a->score != b->score) return a->score < b->score ? -1 : 1;
    return slice_compare(item_text(s, a), item_text(s, b));
}

/* A total order: where there is no other, that in which they came. */
static int compare(const void *x, const void *y, void *ctx)
{
    const struct item *a = x, *b = y;
    const struct sorting *s = ctx;
    int order = s->options.alpha ? compare_texts(s, a, b) : compare_scores(s, a, b);
    if (order == 0) return a->at < b->at ? -1 : a->at > b->at;
    return s->options.descending ? -order : order;
}

static void swap(struct item *a, struct item *b)
{
    struct item t = *a;
    *a = *b;
    *b = t;
}

/* Brings the first `wanted` of count items to the front, in any order
 * (quickselect; the pivots are random). */
static void select_first(struct sorting *s, struct item *items, size_t count, size_t wanted)
{
    while (wanted > 0 && wanted < count) {
        struct item *pivot = &items[count - 1];
        size_t less = 0;
        swap(pivot, &items[random_below(&s->call->server->random, count)]);
        for (size_t i = 0; i + 1 < count; i++)
            if (compare(&items[i], pivot, s) < 0) swap(&items[i], &items[less++]);
        swap(pivot, &items[less]);
        if (wanted <= less) {
            count = less;
        } else {
            items += less + 1;
            count -= less + 1;
            wanted -= less + 1;
        }
    }
}

/* Sorts as far as somebody will look: items [first, last) are then in place. */
static void sort_range(struct sorting *s, size_t first, size_t last)
{
    select_first(s, s->items, s->count, last);
    select_first(s, s->items, last, first);
    qsort_r(s->items + first, last - first, sizeof *s->items, compare, s);
}

/* ---- the result ---- */

struct receiver {
    void (*take)(void *ctx, bool found, struct slice value);
    void *ctx;
};

static void reply_value(void *client, bool found, struct slice value)
{
    if (found) reply_bulk(client, value);
    else reply_null(client);
}

struct storing {
    struct value list;
    const struct types_settings *settings;
};

static void store_value(void *ctx, bool found, struct slice value)
{
    struct storing *to = ctx;
    const struct slice text = found ? value : SLICE("");
    list_push(&to->list, LIST_RIGHT, &text, 1, to->settings);
}

static void give_items(struct sorting *s, size_t first, size_t last, const struct receiver *to)
{
    const struct sort_options *options = &s->options;
    for (size_t i = first; i < last; i++) {
        struct slice element = item_text(s, &s->items[i]), value;
        if (options->gets == 0) to->take(to->ctx, true, element);
        for (int k = 0; k < options->gets; k++) {
            char digits[NUMBER_TEXT_MAX];
            bool found = pattern_value(&options->get[k], s->call->db, element, &s->key, digits, &value);
            to->take(to->ctx, found, value);
        }
    }
}

static void give_result(struct sorting *s, size_t first, size_t last)
{
    struct call *call = s->call;
    size_t values = (last - first) * (size_t)(s->options.gets ? s->options.gets : 1);
    if (s->options.destination == NULL) {
        reply_array(call->client, (int64_t)values);
        give_items(s, first, last, &(struct receiver){reply_value, call->client});
        return;
    }
    struct storing storing = {value_empty(TYPE_LIST), call->server->types};
    give_items(s, first, last, &(struct receiver){store_value, &storing});
    collection_store(call, *s->options.destination, &storing.list, EVENT_SORTSTORE);
    if (values) call->db->keyspace->dirty += values - 1;
    reply_int(call->client, (int64_t)values);
}

/* ---- both commands ---- */

/* The part [*first, *last) of length elements that LIMIT leaves. */
static void limit(const struct sort_options *options, size_t length, size_t *first, size_t *last)
{
    size_t start = options->start < 0 ? 0 : (size_t)options->start;
    *first = start < length ? start : length;
    size_t left = length - *first, wanted = options->count < 0 ? left : (size_t)options->count;
    *last = *first + (wanted < left ? wanted : left);
}

/* The elements in their own order, of which only those wanted are looked at. */
static void give_unsorted(struct sorting *s, const struct value *value, size_t first, size_t last)
{
    size_t length = value_type(value)->length(value);
    bool backwards = s->options.descending && value_type(value)->sorting == SORTING_ORDERED;
    s->first = backwards ? length - last : first;
    s->last = backwards ? length - first : last;
    value_type(value)->each(value, &(struct value_visitor){collect, s});
    for (size_t i = 0; backwards && i < s->count / 2; i++) swap(&s->items[i], &s->items[s->count - 1 - i]);
    give_result(s, 0, s->count);
}

static void sort_value(struct sorting *s, const struct value *value)
{
    struct sort_options *options = &s->options;
    size_t first, last;
    limit(options, value_type(value)->length(value), &first, &last);
    if (options->unsorted &&
        (options->destination == NULL || value_type(value)->sorting == SORTING_ORDERED)) {
        give_unsorted(s, value, first, last);
        return;
    }
    if (options->unsorted) { /* what is stored must not depend on how a set is held */
        options->alpha = true;
        options->has_by = false;
    }
    s->last = SIZE_MAX;
    s->collate = options->destination == NULL;
    value_type(value)->each(value, &(struct value_visitor){collect, s});
    if (!weigh(s)) {
        reply_error(s->call->client, "ERR One or more scores can't be converted into double");
        return;
    }
    if (first < last) sort_range(s, first, last);
    give_result(s, first, last);
}

static void sort(struct call *call, bool may_store)
{
    struct sorting s = {.call = call, .options = {.count = -1}};
    s.options.get = mem_alloc((size_t)call->argc * sizeof *s.options.get);
    if (parse_options(call, may_store, &s.options)) {
        const struct entry *e = db_lookup_read(call->db, call->argv[1]);
        struct value value = e ? entry_value(e) : value_empty(TYPE_LIST);
        if (value_type(&value)->sorting == SORTING_REFUSED) reply_wrong_type(call->client);
        else sort_value(&s, &value);
    }
    mem_free(s.options.get);
    mem_free(s.items);
    buffer_fini(&s.texts);
    buffer_fini(&s.key);
}

static void sort_run(struct call *call)
{
    sort(call, true);
}

static void sort_ro_run(struct call *call)
{
    sort(call, false);
}

/* ---- the rows ---- */

/* The last destination counts. One that is called like an option is read as that, too. */
static bool sort_get_keys(int argc, const struct slice *argv, struct key_positions *keys)
{
    int destination = 0, arguments;
    command_keys_add(keys, 1, KEY_RO | KEY_ACCESS);
    for (int i = 2; i < argc; i += 1 + arguments) {
        if (option_of(argv[i], &arguments) != OPTION_STORE) continue;
        arguments = 0;
        if (i + 1 < argc) destination = i + 1;
    }
    if (destination) command_keys_add(keys, destination, KEY_OW | KEY_UPDATE);
    return true;
}

#define SORTED_KEY                                                                                           \
    {                                                                                                        \
        .flags = KEY_RO | KEY_ACCESS, .index = 1                                                             \
    }
#define PATTERN_KEYS                                                                                         \
    {                                                                                                        \
        .flags = KEY_RO | KEY_ACCESS, .unknown = true,                                                       \
        .notes = "The keys of BY and GET are named after the elements, so that no rule tells them"           \
    }
#define DESTINATION_KEY                                                                                      \
    {                                                                                                        \
        .flags = KEY_OW | KEY_UPDATE, .unknown = true,                                                       \
        .notes = "STORE may stand anywhere among the options, so that no rule tells its key"                 \
    }
#define SORT_ROW                                                                                             \
    .group = GROUP_GENERIC, .arity = -2,                                                                     \
    .categories = CATEGORY_LIST | CATEGORY_SET | CATEGORY_SORTEDSET | CATEGORY_DANGEROUS,                    \
    .complexity = "O(N + M * log(M)), N being the number of elements and M of those returned; O(N) where "   \
                  "nothing is sorted"
#define SORT_OPTIONS                                                                                         \
    "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]"

const struct command sort_commands[] = {
    {.name = "sort",
     SORT_ROW,
     .since = "1.0.0",
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {SORTED_KEY, PATTERN_KEYS, DESTINATION_KEY},
     .get_keys = sort_get_keys,
     .events = {EVENT_SORTSTORE, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_DEL, EVENT_KEYMISS},
     .summary = "Returns the elements of a list, a set or a sorted set in order, or stores them.",
     .syntax = SORT_OPTIONS " [STORE destination]",
     .run = sort_run},
    {.name = "sort_ro",
     SORT_ROW,
     .since = "7.0.0",
     .flags = CMD_READONLY,
     .keys = {SORTED_KEY, PATTERN_KEYS},
     .events = {EVENT_KEYMISS},
     .summary = "Returns the elements of a list, a set or a sorted set in order.",
     .syntax = SORT_OPTIONS,
     .run = sort_ro_run},
    {0},
};
