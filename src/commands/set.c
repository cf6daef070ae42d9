/* Sets: members, members at random, and what several sets have in common. */
#include "types/set.h"

#include "base/mem.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/collection.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/set_algebra.h"

static size_t length(const struct value *set)
{
    return set_type.length(set);
}

static bool reply_member(void *ctx, struct set_member *m)
{
    reply_bulk(ctx, set_member_text(m));
    return true;
}

/* ---- adding and removing ---- */

static bool fits(struct call *call)
{
    if (call->server->settings->proto_max_bulk_len_bytes <= SET_TEXT_MAX) return true;
    for (int i = 2; i < call->argc; i++) {
        if (call->argv[i].len <= SET_TEXT_MAX) continue;
        reply_error(call->client, "ERR a member of a set cannot be that long");
        return false;
    }
    return true;
}

static void sadd_run(struct call *call)
{
    const struct types_settings *settings = call->server->types;
    struct collection set;
    struct set_member m;
    size_t added = 0;
    if (!fits(call) || !collection_open(&set, call, call->argv[1], TYPE_SET)) return;
    set_member_init(&m, call->argv[2]);
    set_expect(&set.value, &m, (size_t)call->argc - 2, settings);
    added += set_add(&set.value, &m, settings);
    for (int i = 3; i < call->argc; i++) {
        set_member_init(&m, call->argv[i]);
        added += set_add(&set.value, &m, settings);
    }
    collection_close(&set, added ? EVENT_SADD : EVENT_NONE, added);
    reply_int(call->client, (int64_t)added);
}

static void srem_run(struct call *call)
{
    struct collection set;
    struct set_member m;
    size_t removed = 0;
    if (!collection_open(&set, call, call->argv[1], TYPE_SET)) return;
    for (int i = 2; i < call->argc; i++) {
        set_member_init(&m, call->argv[i]);
        removed += set_remove(&set.value, &m);
    }
    collection_close(&set, removed ? EVENT_SREM : EVENT_NONE, removed);
    reply_int(call->client, (int64_t)removed);
}

/* Both are open, and different. */
static bool move_member(struct collection *from, struct collection *to, struct set_member *m,
                        const struct types_settings *settings)
{
    bool found = set_remove(&from->value, m);
    collection_close(from, found ? EVENT_SREM : EVENT_NONE, found);
    bool added = found && set_add(&to->value, m, settings);
    collection_close(to, added ? EVENT_SADD : EVENT_NONE, added);
    return found;
}

static void smove_run(struct call *call)
{
    struct collection from, to;
    struct set_member m;
    set_member_init(&m, call->argv[3]);
    if (!collection_open(&from, call, call->argv[1], TYPE_SET)) return;
    if (from.entry == NULL) {
        reply_int(call->client, 0); /* whatever the other key holds */
        return;
    }
    if (!collection_open(&to, call, call->argv[2], TYPE_SET)) return;
    bool same = slice_equal(call->argv[1], call->argv[2]);
    reply_int(call->client,
              same ? set_has(&from.value, &m) : move_member(&from, &to, &m, call->server->types));
}

/* ---- asking ---- */

static void sismember_run(struct call *call)
{
    struct value set;
    struct set_member m;
    if (!collection_read(call, call->argv[1], TYPE_SET, &set)) return;
    set_member_init(&m, call->argv[2]);
    reply_int(call->client, set_has(&set, &m));
}

static void smismember_run(struct call *call)
{
    struct value set;
    struct set_member m;
    if (!collection_read(call, call->argv[1], TYPE_SET, &set)) return;
    reply_array(call->client, call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        set_member_init(&m, call->argv[i]);
        reply_int(call->client, set_has(&set, &m));
    }
}

static void scard_run(struct call *call)
{
    struct value set;
    if (!collection_read(call, call->argv[1], TYPE_SET, &set)) return;
    reply_int(call->client, (int64_t)length(&set));
}

static void smembers_run(struct call *call)
{
    struct value set;
    if (!collection_read(call, call->argv[1], TYPE_SET, &set)) return;
    reply_set(call->client, (int64_t)length(&set));
    set_walk(&set, &(struct set_visitor){reply_member, call->client});
}

/* ---- chance ---- */

/* Members that one call may repeat: beyond that nobody wants the reply, and the
 * server could not hold it. */
enum { REPEATS_MAX = 1 << 26 };

enum { SREM_MEMBERS = 1024 }; /* of one command that removes what was popped */

static void srandmember_some(struct call *call, const struct value *set, int64_t count)
{
    struct random *random = &call->server->random;
    const struct set_visitor visitor = {reply_member, call->client};
    int64_t members = (int64_t)length(set);
    if (count >= 0) {
        int64_t replied = members < count ? members : count;
        reply_array(call->client, replied);
        set_random_members(set, (size_t)replied, random, &visitor);
    } else {
        int64_t replied = members ? -count : 0;
        reply_array(call->client, replied);
        while (replied--) set_random(set, random, &visitor);
    }
}

static void srandmember_run(struct call *call)
{
    struct client *c = call->client;
    struct value set;
    int64_t count = 1;
    if (call->argc > 3) {
        reply_syntax_error(c);
        return;
    }
    if (call->argc > 2 && !args_int_between(c, call->argv[2], -INT64_MAX, INT64_MAX, &count, NULL)) return;
    if (count < -REPEATS_MAX) {
        reply_error(c, "ERR value is out of range");
        return;
    }
    if (!collection_read(call, call->argv[1], TYPE_SET, &set)) return;
    if (call->argc > 2) srandmember_some(call, &set, count);
    else if (length(&set) == 0) reply_null(c);
    else set_random(&set, &call->server->random, &(struct set_visitor){reply_member, c});
}

/* The set goes as a whole: nothing is taken out of it piece by piece. */
static void pop_all(struct call *call, struct collection *set)
{
    size_t members = length(&set->value);
    set_walk(&set->value, &(struct set_visitor){reply_member, call->client});
    propagate_as(call, propagate_removal(call->db->keyspace->settings.lazyfree_lazy_server_del), set->key);
    db_signal_modified(call->db, set->key, EVENT_SPOP);
    call->db->keyspace->dirty += members - 1;
    db_delete(call->db, set->key);
    db_signal_event(call->db, set->key, EVENT_DEL);
}

/* Members that chance has chosen are removed by their names, some a command. */
struct popping {
    struct call *call;
    struct slice key;
    struct buffer bytes;
    struct slice words[2 + SREM_MEMBERS];
    int count; /* of words; the members' are offsets into bytes until they are passed on */
};

static void propagate_popped(struct popping *p)
{
    enum { FIXED = 2 };
    for (int i = FIXED; i < p->count; i++) p->words[i].ptr = p->bytes.data + (size_t)p->words[i].ptr;
    if (p->count > FIXED) propagate_words(p->call, p->count, p->words);
    p->count = FIXED;
    buffer_clear(&p->bytes);
}

static bool reply_and_note(void *ctx, struct set_member *member)
{
    struct popping *p = ctx;
    struct slice text = set_member_text(member);
    reply_bulk(p->call->client, text);
    p->words[p->count++] = slice_make((const char *)p->bytes.len, text.len);
    buffer_append(&p->bytes, text.len ? text.ptr : "", text.len ? text.len : 1);
    if (p->count == 2 + SREM_MEMBERS) propagate_popped(p);
    return true;
}

static void pop_some(struct call *call, struct collection *set, size_t count)
{
    if (call->server->propagating) {
        struct popping *p = mem_calloc(1, sizeof *p);
        *p = (struct popping){.call = call, .words = {SLICE("SREM"), set->key}, .count = 2};
        set_pop(&set->value, count, &call->server->random, call->server->types,
                &(struct set_visitor){reply_and_note, p});
        propagate_popped(p);
        buffer_fini(&p->bytes);
        mem_free(p);
    } else {
        set_pop(&set->value, count, &call->server->random, call->server->types,
                &(struct set_visitor){reply_member, call->client});
    }
    collection_close(set, EVENT_SPOP, count);
}

static void spop_run(struct call *call)
{
    struct client *c = call->client;
    struct collection set;
    int64_t count = 1;
    if (call->argc > 3) {
        reply_syntax_error(c);
        return;
    }
    if (call->argc > 2 && !args_int_between(c, call->argv[2], 0, INT64_MAX, &count,
                                            "ERR value is out of range, must be positive"))
        return;
    if (!collection_open(&set, call, call->argv[1], TYPE_SET)) return;
    size_t members = length(&set.value), popped = (size_t)count < members ? (size_t)count : members;
    if (call->argc > 2) reply_set(c, (int64_t)popped);
    else if (members == 0) reply_null(c);
    if (popped == 0) return;
    if (popped == members && call->argc > 2) pop_all(call, &set);
    else pop_some(call, &set, popped);
}

/* ---- several sets ---- */

/* The sets of count keys from that argument on, an array that the caller frees.
 * NULL: one is none, and the client is answered. */
static struct value *read_sets(struct call *call, int from, int count)
{
    struct value *sets = mem_alloc((size_t)count * sizeof *sets);
    for (int i = 0; i < count; i++) {
        if (collection_read(call, call->argv[from + i], TYPE_SET, &sets[i])) continue;
        mem_free(sets);
        return NULL;
    }
    return sets;
}

enum operation { INTERSECT, UNITE, SUBTRACT };

static void operate(struct call *call, enum operation operation, struct value *sets, int count,
                    const struct set_visitor *visitor)
{
    if (operation == INTERSECT) set_intersect(sets, (size_t)count, visitor);
    else if (operation == UNITE) set_unite(sets, (size_t)count, call->server->types, visitor);
    else set_subtract(sets, (size_t)count, call->server->types, visitor);
}

struct replying {
    struct client *client;
    int64_t count;
};

static bool reply_counted(void *ctx, struct set_member *m)
{
    struct replying *to = ctx;
    to->count++;
    return reply_member(to->client, m);
}

static void reply_result(struct call *call, enum operation operation)
{
    struct replying to = {call->client, 0};
    struct value *sets = read_sets(call, 1, call->argc - 1);
    if (sets == NULL) return;
    struct output_mark mark = reply_open(call->client);
    operate(call, operation, sets, call->argc - 1, &(struct set_visitor){reply_counted, &to});
    reply_close_set(call->client, mark, to.count);
    mem_free(sets);
}

static void sinter_run(struct call *call)
{
    reply_result(call, INTERSECT);
}

static void sunion_run(struct call *call)
{
    reply_result(call, UNITE);
}

static void sdiff_run(struct call *call)
{
    reply_result(call, SUBTRACT);
}

struct storing {
    struct value result;
    const struct types_settings *settings;
};

static bool store_member(void *ctx, struct set_member *m)
{
    struct storing *to = ctx;
    set_add(&to->result, m, to->settings);
    return true;
}

static void store_result(struct call *call, enum operation operation, enum event event)
{
    struct storing to = {value_empty(TYPE_SET), call->server->types};
    int count = call->argc - 2;
    struct value *sets = read_sets(call, 2, count);
    if (sets == NULL) return;
    if (operation == UNITE) /* the result itself knows what it has */
        for (int i = 0; i < count; i++) set_add_all(&to.result, &sets[i], to.settings);
    else operate(call, operation, sets, count, &(struct set_visitor){store_member, &to});
    mem_free(sets);
    reply_int(call->client, (int64_t)length(&to.result));
    collection_store(call, call->argv[1], &to.result, event);
}

static void sinterstore_run(struct call *call)
{
    store_result(call, INTERSECT, EVENT_SINTERSTORE);
}

static void sunionstore_run(struct call *call)
{
    store_result(call, UNITE, EVENT_SUNIONSTORE);
}

static void sdiffstore_run(struct call *call)
{
    store_result(call, SUBTRACT, EVENT_SDIFFSTORE);
}

struct counting {
    int64_t count, limit; /* 0: none */
};

static bool count_member(void *ctx, struct set_member *m)
{
    struct counting *counting = ctx;
    (void)m;
    return ++counting->count != counting->limit;
}

static bool parse_sintercard(struct call *call, int64_t *keys, int64_t *limit)
{
    struct client *c = call->client;
    if (!args_int_between(c, call->argv[1], 1, INT64_MAX, keys, "ERR numkeys should be greater than 0"))
        return false;
    if (*keys > call->argc - 2) {
        reply_error(c, "ERR Number of keys can't be greater than number of args");
        return false;
    }
    for (int i = 2 + (int)*keys; i < call->argc; i += 2) {
        if (!slice_is(call->argv[i], "limit") || i + 1 == call->argc) {
            reply_syntax_error(c);
            return false;
        }
        if (!args_int_between(c, call->argv[i + 1], 0, INT64_MAX, limit, "ERR LIMIT can't be negative"))
            return false;
    }
    return true;
}

static void sintercard_run(struct call *call)
{
    struct counting counting = {0};
    int64_t keys;
    if (!parse_sintercard(call, &keys, &counting.limit)) return;
    struct value *sets = read_sets(call, 2, (int)keys);
    if (sets == NULL) return;
    set_intersect(sets, (size_t)keys, &(struct set_visitor){count_member, &counting});
    mem_free(sets);
    reply_int(call->client, counting.count);
}

/* ---- the rows ---- */

#define ONE_KEY(key_flags)                                                                                   \
    {                                                                                                        \
        {                                                                                                    \
            .flags = (key_flags), .index = 1                                                                 \
        }                                                                                                    \
    }
#define MEMBER_ROW .group = GROUP_SET, .since = "1.0.0"
#define FACT_ROW   .flags = CMD_READONLY | CMD_FAST, .events = {EVENT_KEYMISS}
#define SEVERAL_ROW                                                                                          \
    .arity = -2, .flags = CMD_READONLY, .events = {EVENT_KEYMISS},                                           \
    .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 1, .last = -1}}, .syntax = "key [key ...]",             \
    .tips = {"nondeterministic_output_order"}
#define STORE_ROW(event, target_flags)                                                                       \
    .arity = -3, .flags = CMD_WRITE | CMD_DENYOOM, .syntax = "destination key [key ...]",                    \
    .keys = {{.flags = (target_flags), .index = 1}, {.flags = KEY_RO | KEY_ACCESS, .index = 2, .last = -1}}, \
    .events = {event, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_DEL, EVENT_KEYMISS}

#define INTERSECTION_COST "O(N * M) at worst, N being the size of the smallest set and M the number of sets"
#define ALL_COST          "O(N), N being the number of members of all the sets"

static const char *const sadd_history[] = {"2.4.0", "Takes several members.", NULL};
static const char *const srem_history[] = {"2.4.0", "Takes several members.", NULL};
static const char *const spop_history[] = {"3.2.0", "Takes a `count`.", NULL};
static const char *const srandmember_history[] = {"2.6.0", "Takes a `count`.", NULL};

const struct command set_commands[] = {
    {.name = "sadd",
     MEMBER_ROW,
     .arity = -3,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_INSERT),
     .events = {EVENT_SADD, EVENT_NEW},
     .summary = "Adds members to a set, which is created if need be.",
     .complexity = "O(N), N being the number of members named",
     .syntax = "key member [member ...]",
     .history = sadd_history,
     .run = sadd_run},
    {.name = "scard",
     MEMBER_ROW,
     .arity = 2,
     FACT_ROW,
     .keys = ONE_KEY(KEY_RO),
     .summary = "Returns how many members a set has.",
     .complexity = "O(1)",
     .syntax = "key",
     .run = scard_run},
    {.name = "sdiff",
     MEMBER_ROW,
     SEVERAL_ROW,
     .summary = "Returns what is in the first set and in none of the others.",
     .complexity = ALL_COST,
     .run = sdiff_run},
    {.name = "sdiffstore",
     MEMBER_ROW,
     STORE_ROW(EVENT_SDIFFSTORE, KEY_OW | KEY_UPDATE),
     .summary = "Stores what is in the first set and in none of the others.",
     .complexity = ALL_COST,
     .run = sdiffstore_run},
    {.name = "sinter",
     MEMBER_ROW,
     SEVERAL_ROW,
     .summary = "Returns what is in all of the sets.",
     .complexity = INTERSECTION_COST,
     .run = sinter_run},
    {.name = "sintercard",
     .group = GROUP_SET,
     .since = "7.0.0",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 1, .keynum = 1}},
     .events = {EVENT_KEYMISS},
     .summary = "Counts what is in all of the sets, up to a limit.",
     .complexity = INTERSECTION_COST,
     .syntax = "numkeys key [key ...] [LIMIT limit]",
     .run = sintercard_run},
    {.name = "sinterstore",
     MEMBER_ROW,
     STORE_ROW(EVENT_SINTERSTORE, KEY_RW | KEY_UPDATE),
     .summary = "Stores what is in all of the sets.",
     .complexity = INTERSECTION_COST,
     .run = sinterstore_run},
    {.name = "sismember",
     MEMBER_ROW,
     .arity = 3,
     FACT_ROW,
     .keys = ONE_KEY(KEY_RO),
     .summary = "Tells whether a set has a member.",
     .complexity = "O(1)",
     .syntax = "key member",
     .run = sismember_run},
    {.name = "smembers",
     MEMBER_ROW,
     .arity = 2,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns all members of a set.",
     .complexity = "O(N), N being the number of members",
     .syntax = "key",
     .tips = {"nondeterministic_output_order"},
     .run = smembers_run},
    {.name = "smismember",
     .group = GROUP_SET,
     .since = "6.2.0",
     .arity = -3,
     FACT_ROW,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .summary = "Tells of several members whether a set has them.",
     .complexity = "O(N), N being the number of members named",
     .syntax = "key member [member ...]",
     .run = smismember_run},
    {.name = "smove",
     MEMBER_ROW,
     .arity = 4,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 1},
              {.flags = KEY_RW | KEY_INSERT, .index = 2}},
     .events = {EVENT_SREM, EVENT_DEL, EVENT_SADD, EVENT_NEW},
     .summary = "Moves a member from one set to another.",
     .complexity = "O(1)",
     .syntax = "source destination member",
     .run = smove_run},
    {.name = "spop",
     MEMBER_ROW,
     .arity = -2,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_ACCESS | KEY_DELETE),
     .events = {EVENT_SPOP, EVENT_DEL},
     .summary = "Removes members that are chosen at random, and returns them.",
     .complexity = "O(N), N being the number of members returned",
     .syntax = "key [count]",
     .tips = {"nondeterministic_output"},
     .history = spop_history,
     .run = spop_run},
    {.name = "srandmember",
     MEMBER_ROW,
     .arity = -2,
     .flags = CMD_READONLY,
     .keys = ONE_KEY(KEY_RO | KEY_ACCESS),
     .events = {EVENT_KEYMISS},
     .summary = "Returns members that are chosen at random.",
     .complexity = "O(N), N being the number of members returned",
     .syntax = "key [count]",
     .tips = {"nondeterministic_output"},
     .history = srandmember_history,
     .run = srandmember_run},
    {.name = "srem",
     MEMBER_ROW,
     .arity = -3,
     .flags = CMD_WRITE | CMD_FAST,
     .keys = ONE_KEY(KEY_RW | KEY_DELETE),
     .events = {EVENT_SREM, EVENT_DEL},
     .summary = "Removes members of a set, and the set with the last of them.",
     .complexity = "O(N), N being the number of members named",
     .syntax = "key member [member ...]",
     .history = srem_history,
     .run = srem_run},
    {.name = "sunion",
     MEMBER_ROW,
     SEVERAL_ROW,
     .summary = "Returns what is in one of the sets at least.",
     .complexity = ALL_COST,
     .run = sunion_run},
    {.name = "sunionstore",
     MEMBER_ROW,
     STORE_ROW(EVENT_SUNIONSTORE, KEY_OW | KEY_UPDATE),
     .summary = "Stores what is in one of the sets at least.",
     .complexity = ALL_COST,
     .run = sunionstore_run},
    {0},
};
