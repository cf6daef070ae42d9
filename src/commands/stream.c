/* Streams: adding, reading and removing entries. */
#include "commands/stream.h"

#include "base/mem.h"

#include <ctype.h>

#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"

/* ---- IDs ---- */

/* One half of an ID: digits, behind blanks and a '+' if need be. */
static bool parse_half(struct slice text, uint64_t *half)
{
    *half = 0;
    while (text.len && isspace((unsigned char)text.ptr[0])) text = slice_make(text.ptr + 1, text.len - 1);
    if (text.len && text.ptr[0] == '+') text = slice_make(text.ptr + 1, text.len - 1);
    if (text.len == 0) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return false;
        if (__builtin_mul_overflow(*half, 10, half)) return false;
        if (__builtin_add_overflow(*half, (uint64_t)(text.ptr[i] - '0'), half)) return false;
    }
    return true;
}

static bool parse_id(struct slice text, uint64_t missing_seq, struct stream_id *id)
{
    const char *dash = text.len ? memchr(text.ptr, '-', text.len) : NULL;
    id->seq = missing_seq;
    if (dash == NULL) return parse_half(text, &id->ms);
    size_t ms_len = (size_t)(dash - text.ptr);
    return parse_half(slice_make(text.ptr, ms_len), &id->ms) &&
           parse_half(slice_make(dash + 1, text.len - ms_len - 1), &id->seq);
}

bool stream_is_id(struct slice text, struct stream_id *id)
{
    return parse_id(text, 0, id);
}

static bool refuse_id(struct client *c)
{
    reply_error(c, "ERR Invalid stream ID specified as stream command argument");
    return false;
}

bool stream_args_id(struct client *c, struct slice arg, uint64_t missing_seq, struct stream_id *id)
{
    return parse_id(arg, missing_seq, id) || refuse_id(c);
}

/* One bound; *excluded tells of a '('. */
static bool parse_bound(struct client *c, struct slice arg, uint64_t missing_seq, struct stream_id *id,
                        bool *excluded)
{
    *excluded = arg.len > 1 && arg.ptr[0] == '(';
    if (*excluded) return stream_args_id(c, slice_make(arg.ptr + 1, arg.len - 1), missing_seq, id);
    if (slice_equal(arg, SLICE("-"))) *id = STREAM_ID_MIN;
    else if (slice_equal(arg, SLICE("+"))) *id = STREAM_ID_MAX;
    else return stream_args_id(c, arg, missing_seq, id);
    return true;
}

bool stream_args_range(struct client *c, struct slice start_arg, struct slice end_arg,
                       struct stream_id *start, struct stream_id *end)
{
    bool excluded;
    if (!parse_bound(c, start_arg, 0, start, &excluded)) return false;
    if (excluded && !stream_id_increment(start)) {
        reply_error(c, "ERR invalid start ID for the interval");
        return false;
    }
    if (!parse_bound(c, end_arg, UINT64_MAX, end, &excluded)) return false;
    if (excluded && !stream_id_decrement(end)) {
        reply_error(c, "ERR invalid end ID for the interval");
        return false;
    }
    return true;
}

/* ---- replies ---- */

void stream_reply_id(struct client *c, struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];
    reply_bulk(c, slice_make(text, stream_id_print(text, id)));
}

void stream_insert_id(struct client *c, struct output_mark mark, struct stream_id id)
{
    char text[STREAM_ID_TEXT_MAX];
    reply_insert_bulk(c, mark, slice_make(text, stream_id_print(text, id)));
}

void stream_reply_entry(struct client *c, struct stream_walk *walk)
{
    reply_array(c, 2);
    stream_reply_id(c, walk->id);
    reply_array(c, 2 * (int64_t)walk->field_count);
    while (walk->field_count) {
        struct stream_field field;
        stream_walk_field(walk, &field);
        reply_bulk(c, field.name);
        reply_bulk(c, field.value);
    }
}

void stream_reply_range(struct client *c, const struct stream *s, struct stream_id start,
                        struct stream_id end, bool backwards, uint64_t limit)
{
    uint64_t count = 0;
    struct stream_walk walk;
    struct output_mark mark = reply_open(c);
    stream_walk_init(&walk, s, start, end, backwards);
    while ((limit == 0 || count < limit) && stream_walk_next(&walk)) {
        stream_reply_entry(c, &walk);
        count++;
    }
    reply_close_array(c, mark, (int64_t)count);
}

/* ---- XADD, XTRIM ---- */

struct adding {
    bool only_existing; /* NOMKSTREAM */
    bool has_limit;
    struct stream_trim trim;
    int id_at; /* of the ID among the arguments */
};

/* MAXLEN or MINID at *at, with what belongs to it. */
static bool parse_strategy(struct call *call, int *at, struct stream_trim *trim)
{
    struct client *c = call->client;
    bool by_length = slice_is(call->argv[*at], "maxlen");
    if (trim->by != STREAM_TRIM_NONE) {
        reply_error(c, "ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
        return false;
    }
    struct slice next = call->argv[*at + 1];
    bool marked = *at + 2 < call->argc && (slice_equal(next, SLICE("~")) || slice_equal(next, SLICE("=")));
    trim->approximately = marked && next.ptr[0] == '~';
    *at += marked ? 2 : 1;
    trim->by = by_length ? STREAM_TRIM_LENGTH : STREAM_TRIM_ID;
    if (!by_length) return stream_args_id(c, call->argv[*at], 0, &trim->min_id);
    int64_t length;
    if (!args_int(c, call->argv[*at], &length, NULL)) return false;
    trim->max_length = (uint64_t)length;
    if (length >= 0) return true;
    reply_error(c, "ERR The MAXLEN argument must be >= 0.");
    return false;
}

static bool parse_limit(struct call *call, int *at, struct adding *adding)
{
    int64_t limit;
    if (!args_int(call->client, call->argv[++*at], &limit, NULL)) return false;
    if (limit < 0) {
        reply_error(call->client, "ERR The LIMIT argument must be >= 0.");
        return false;
    }
    adding->trim.limit = (uint64_t)limit;
    adding->has_limit = true;
    return true;
}

static bool check_limit(struct call *call, struct adding *adding)
{
    struct stream_trim *trim = &adding->trim;
    if (adding->has_limit && trim->by == STREAM_TRIM_NONE) {
        reply_error(call->client,
                    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
        return false;
    }
    if (adding->has_limit && !trim->approximately) {
        reply_error(call->client, "ERR syntax error, LIMIT cannot be used without the special ~ option");
        return false;
    }
    /* An approximate trimming may leave much to later ones. */
    int64_t node_entries = call->server->types->stream_node_max_entries;
    if (!adding->has_limit && trim->approximately)
        trim->limit = 100 * (uint64_t)(node_entries > 0 ? node_entries : 100);
    return true;
}

/* The options from argument 2 on: up to the ID of an XADD, else to the end. */
static bool parse_adding(struct call *call, bool is_add, struct adding *adding)
{
    *adding = (struct adding){0};
    int at = 2;
    for (; at < call->argc; at++) {
        struct slice word = call->argv[at];
        bool has_value = at + 1 < call->argc;
        if (has_value && (slice_is(word, "maxlen") || slice_is(word, "minid"))) {
            if (!parse_strategy(call, &at, &adding->trim)) return false;
        } else if (has_value && slice_is(word, "limit")) {
            if (!parse_limit(call, &at, adding)) return false;
        } else if (is_add && slice_is(word, "nomkstream")) {
            adding->only_existing = true;
        } else if (is_add) {
            break;
        } else {
            reply_syntax_error(call->client);
            return false;
        }
    }
    adding->id_at = at;
    return true;
}

/* The ID that an entry gets: "*" the time, "ms-*" the next one of that time. */
struct wanted_id {
    bool any_ms, any_seq;
    struct stream_id id;
};

static bool parse_wanted_id(struct client *c, struct slice text, struct wanted_id *wanted)
{
    *wanted = (struct wanted_id){0};
    wanted->any_ms = slice_equal(text, SLICE("*"));
    if (wanted->any_ms) return true;
    wanted->any_seq = text.len > 2 && text.ptr[text.len - 1] == '*' && text.ptr[text.len - 2] == '-';
    if (wanted->any_seq) text.len -= 2;
    if (wanted->any_seq && memchr(text.ptr, '-', text.len)) return refuse_id(c);
    return stream_args_id(c, text, 0, &wanted->id);
}

static bool is_zero(const struct wanted_id *wanted)
{
    return !wanted->any_ms && !wanted->any_seq && wanted->id.ms == 0 && wanted->id.seq == 0;
}

/* The ID proper, beyond the last one; false when there is none. */
static bool choose_id(const struct wanted_id *wanted, struct stream_id last, int64_t now_ms,
                      struct stream_id *id)
{
    *id = wanted->id;
    if (wanted->any_ms) *id = (struct stream_id){(uint64_t)now_ms, 0};
    bool same_ms = wanted->any_ms ? id->ms <= last.ms : wanted->any_seq && id->ms == last.ms;
    if (same_ms) {
        *id = last;
        return stream_id_increment(id) && (wanted->any_ms || id->ms == last.ms);
    }
    return stream_id_compare(*id, last) > 0;
}

/* Nothing was added: the stream, if it was made, goes again. */
static void give_up(struct collection *stream, const char *error, struct client *c)
{
    if (stream->entry == NULL && stream->value.object) {
        stream_type.free(stream->value.object, 0);
        stream->value.object = NULL;
    }
    collection_close(stream, EVENT_NONE, 0);
    reply_error(c, error);
}

/* What an approximate trimming came to: exactly that is left. */
static int put_trimming(struct slice *words, const struct stream *s, const struct stream_trim *trim,
                        char text[STREAM_ID_TEXT_MAX])
{
    bool by_length = trim->by == STREAM_TRIM_LENGTH;
    struct stream_id first = s->length ? stream_first_id(s) : STREAM_ID_MAX;
    size_t len = by_length ? number_print_unsigned(text, s->length) : stream_id_print(text, first);
    words[0] = by_length ? SLICE("MAXLEN") : SLICE("MINID");
    words[1] = SLICE("=");
    words[2] = slice_make(text, len);
    return 3;
}

/* With the ID that the entry got, where it was not given. */
static void propagate_adding(struct call *call, const struct adding *adding, const struct wanted_id *wanted,
                             const struct stream *s, struct stream_id id)
{
    enum { TRIMMING_WORDS = 3 };
    char text[STREAM_ID_TEXT_MAX], bound[STREAM_ID_TEXT_MAX];
    int fields = call->argc - adding->id_at - 1, argc = 2;
    if (!call->server->propagating) return;
    struct slice *words = mem_alloc((size_t)(call->argc + TRIMMING_WORDS) * sizeof *words);
    words[0] = call->argv[0];
    words[1] = call->argv[1];
    if (adding->trim.approximately) {
        if (adding->only_existing) words[argc++] = SLICE("NOMKSTREAM");
        argc += put_trimming(words + argc, s, &adding->trim, bound);
    } else {
        for (; argc < adding->id_at; argc++) words[argc] = call->argv[argc];
    }
    bool was_given = !wanted->any_ms && !wanted->any_seq;
    words[argc++] = was_given ? call->argv[adding->id_at] : slice_make(text, stream_id_print(text, id));
    memcpy(words + argc, &call->argv[adding->id_at + 1], (size_t)fields * sizeof *words);
    propagate_words(call, argc + fields, words);
    mem_free(words);
}

static void add_entry(struct call *call, const struct adding *adding, const struct wanted_id *wanted)
{
    struct client *c = call->client;
    struct collection stream;
    struct stream_id id;
    if (!collection_open(&stream, call, call->argv[1], TYPE_STREAM)) return;
    if (stream.entry == NULL && adding->only_existing) {
        reply_null(c);
        return;
    }
    if (stream.entry == NULL) stream.value = stream_value(stream_new());
    struct stream *s = stream_get(&stream.value);
    if (stream_id_compare(s->last, STREAM_ID_MAX) == 0) {
        give_up(&stream, "ERR The stream has exhausted the last possible ID, unable to add more items", c);
        return;
    }
    if (!choose_id(wanted, s->last, call->db->keyspace->now_ms, &id)) {
        give_up(&stream, "ERR The ID specified in XADD is equal or smaller than the target stream top item",
                c);
        return;
    }
    const struct slice *fields = &call->argv[adding->id_at + 1];
    size_t count = (size_t)(call->argc - adding->id_at - 1) / 2;
    if (!stream_append(s, id, fields, count, call->server->types)) {
        give_up(&stream, "ERR Elements are too large to be stored", c);
        return;
    }
    stream_reply_id(c, id);
    collection_close(&stream, EVENT_XADD, 1);
    if (stream_trim(s, &adding->trim)) db_signal_event(call->db, call->argv[1], EVENT_XTRIM);
    propagate_adding(call, adding, wanted, s, id);
}

static void xadd_run(struct call *call)
{
    struct adding adding;
    struct wanted_id wanted;
    if (!parse_adding(call, true, &adding)) return;
    int fields = call->argc - adding.id_at - 1;
    if (adding.id_at < call->argc && !parse_wanted_id(call->client, call->argv[adding.id_at], &wanted))
        return;
    if (!check_limit(call, &adding)) return;
    if (fields < 2 || fields % 2) {
        reply_error(call->client, "ERR wrong number of arguments for 'xadd' command");
        return;
    }
    if (is_zero(&wanted)) {
        reply_error(call->client, "ERR The ID specified in XADD must be greater than 0-0");
        return;
    }
    add_entry(call, &adding, &wanted);
}

static void xtrim_run(struct call *call)
{
    struct adding adding;
    struct collection stream;
    if (!parse_adding(call, false, &adding) || !check_limit(call, &adding)) return;
    if (!collection_open(&stream, call, call->argv[1], TYPE_STREAM)) return;
    uint64_t removed = stream.entry ? stream_trim(stream_get(&stream.value), &adding.trim) : 0;
    if (removed && adding.trim.approximately && call->server->propagating) {
        char bound[STREAM_ID_TEXT_MAX];
        struct slice words[5] = {call->argv[0], call->argv[1]};
        int argc = 2 + put_trimming(words + 2, stream_get(&stream.value), &adding.trim, bound);
        propagate_words(call, argc, words);
    }
    collection_close(&stream, removed ? EVENT_XTRIM : EVENT_NONE, (size_t)removed);
    reply_int(call->client, (int64_t)removed);
}

/* ---- XLEN, XRANGE, XREVRANGE ---- */

static void xlen_run(struct call *call)
{
    struct value value;
    if (collection_read(call, call->argv[1], TYPE_STREAM, &value))
        reply_int(call->client, (int64_t)stream_type.length(&value));
}

static bool parse_count(struct call *call, int64_t *count)
{
    *count = -1;
    for (int i = 4; i < call->argc; i += 2) {
        if (i + 1 >= call->argc || !slice_is(call->argv[i], "count")) {
            reply_syntax_error(call->client);
            return false;
        }
        if (!args_int(call->client, call->argv[i + 1], count, NULL)) return false;
        if (*count < 0) *count = 0;
    }
    return true;
}

static void reply_range(struct call *call, bool backwards)
{
    struct client *c = call->client;
    struct stream_id start, end;
    struct value value;
    int64_t count;
    if (!stream_args_range(c, call->argv[backwards ? 3 : 2], call->argv[backwards ? 2 : 3], &start, &end))
        return;
    if (!parse_count(call, &count)) return;
    if (!collection_read(call, call->argv[1], TYPE_STREAM, &value)) return;
    if (value.object == NULL) reply_empty_array(c);
    else if (count == 0) reply_null_array(c);
    else stream_reply_range(c, stream_get(&value), start, end, backwards, count < 0 ? 0 : (uint64_t)count);
}

static void xrange_run(struct call *call)
{
    reply_range(call, false);
}

static void xrevrange_run(struct call *call)
{
    reply_range(call, true);
}

/* ---- XDEL, XSETID ---- */

static void xdel_run(struct call *call)
{
    struct client *c = call->client;
    struct collection stream;
    struct stream_id id;
    size_t deleted = 0;
    if (!collection_open(&stream, call, call->argv[1], TYPE_STREAM)) return;
    /* All must be IDs before any is deleted. */
    for (int i = 2; stream.entry && i < call->argc; i++)
        if (!stream_args_id(c, call->argv[i], 0, &id)) return;
    for (int i = 2; stream.entry && i < call->argc; i++)
        deleted += parse_id(call->argv[i], 0, &id) && stream_delete(stream_get(&stream.value), id);
    collection_close(&stream, deleted ? EVENT_XDEL : EVENT_NONE, deleted);
    reply_int(c, (int64_t)deleted);
}

struct set_id {
    struct stream_id last, max_deleted;
    int64_t added; /* -1: as it is */
    bool has_max_deleted;
};

static bool parse_set_id(struct call *call, struct set_id *set)
{
    struct client *c = call->client;
    *set = (struct set_id){.added = -1};
    if (!stream_args_id(c, call->argv[2], 0, &set->last)) return false;
    for (int i = 3; i < call->argc; i += 2) {
        bool has_value = i + 1 < call->argc;
        if (has_value && slice_is(call->argv[i], "entriesadded")) {
            if (!args_int(c, call->argv[i + 1], &set->added, NULL)) return false;
            if (set->added >= 0) continue;
            reply_error(c, "ERR entries_added must be positive");
            return false;
        }
        if (!has_value || !slice_is(call->argv[i], "maxdeletedid")) {
            reply_syntax_error(c);
            return false;
        }
        if (!stream_args_id(c, call->argv[i + 1], 0, &set->max_deleted)) return false;
        set->has_max_deleted = true;
        if (stream_id_compare(set->last, set->max_deleted) >= 0) continue;
        reply_error(c, "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
        return false;
    }
    return true;
}

/* Why a stream cannot be set so; NULL when it can. */
static const char *obstacle(const struct stream *s, const struct set_id *set)
{
    struct stream_walk walk;
    stream_walk_init(&walk, s, STREAM_ID_MIN, STREAM_ID_MAX, true);
    bool any = stream_walk_next(&walk);
    if (any && stream_id_compare(set->last, walk.id) < 0)
        return "ERR The ID specified in XSETID is smaller than the target stream top item";
    if (any && set->added >= 0 && s->length > (uint64_t)set->added)
        return "ERR The entries_added specified in XSETID is smaller than the target stream length";
    return NULL;
}

static void xsetid_run(struct call *call)
{
    struct client *c = call->client;
    struct collection stream;
    struct set_id set;
    if (!parse_set_id(call, &set)) return;
    if (!collection_open(&stream, call, call->argv[1], TYPE_STREAM)) return;
    if (stream.entry == NULL) {
        reply_no_key(c);
        return;
    }
    struct stream *s = stream_get(&stream.value);
    const char *error = obstacle(s, &set);
    if (error) {
        reply_error(c, error);
        return;
    }
    s->last = set.last;
    if (set.added >= 0) s->added = (uint64_t)set.added;
    if (set.has_max_deleted && (set.max_deleted.ms || set.max_deleted.seq)) s->max_deleted = set.max_deleted;
    collection_close(&stream, EVENT_XSETID, 1);
    reply_ok(c);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }

static const char *const xadd_history[] = {"6.2.0", "Takes `NOMKSTREAM`, `MINID` and `LIMIT`.", "7.0.0",
                                           "The ID may be `<ms>-*`.", NULL};
static const char *const xrange_history[] = {"6.2.0", "Bounds may be excluded.", NULL};
static const char *const xtrim_history[] = {"6.2.0", "Takes `MINID` and `LIMIT`.", NULL};
static const char *const xsetid_history[] = {"7.0.0", "Takes `ENTRIESADDED` and `MAXDELETEDID`.", NULL};

const struct command stream_commands[] = {
    {.name = "xadd",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = {{.flags = KEY_RW | KEY_UPDATE,
               .index = 1,
               .notes = "UPDATE instead of INSERT because of the optional trimming feature"}},
     .events = {EVENT_XADD, EVENT_XTRIM, EVENT_NEW},
     .summary = "Adds an entry to a stream, and trims the stream if asked to.",
     .complexity = "O(1) to add, O(N) to trim, N being the number of entries that go",
     .syntax = "key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value "
               "[field value ...]",
     .tips = {"nondeterministic_output"},
     .history = xadd_history,
     .run = xadd_run},
    {.name = "xdel",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -3,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_XDEL},
     .summary = "Deletes entries of a stream; tells how many there were.",
     .complexity = "O(log N) for each ID, N being the number of entries",
     .syntax = "key id [id ...]",
     .run = xdel_run},
    {.name = "xlen",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = 2,
     .flags = CMD_READONLY | CMD_FAST,
     .keys = ONE_KEY(KEY_RO),
     .events = {EVENT_KEYMISS},
     .summary = "Tells how many entries a stream has.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = xlen_run},
    {.name = "xrange",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -4,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the entries between two IDs.",
     .complexity = "O(log N + M), N being the number of entries and M that of those returned",
     .syntax = "key start end [COUNT count]",
     .history = xrange_history,
     .run = xrange_run},
    {.name = "xrevrange",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -4,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns the entries between two IDs, the last one first.",
     .complexity = "O(log N + M), N being the number of entries and M that of those returned",
     .syntax = "key end start [COUNT count]",
     .history = xrange_history,
     .run = xrevrange_run},
    {.name = "xsetid",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -3,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_UPDATE),
     .events = {EVENT_XSETID},
     .summary = "Sets the last ID of a stream, for those who copy streams.",
     .complexity = "O(1)",
     .syntax = "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
     .history = xsetid_history,
     .run = xsetid_run},
    {.name = "xtrim",
     .group = GROUP_STREAM,
     .since = "5.0.0",
     .arity = -4,
     .flags = CMD_WRITE,
     .keys = ONE_KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_XTRIM},
     .summary = "Removes the oldest entries of a stream.",
     .complexity = "O(N), N being the number of entries that go",
     .syntax = "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count]",
     .tips = {"nondeterministic_output"},
     .history = xtrim_history,
     .run = xtrim_run},
    {0},
};
