/* HyperLogLogs: estimates of how many distinct elements a set has. */
#include "types/hyperloglog.h"

#include <math.h>

#include "commands/string.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "types/settings.h"
#include "types/string.h"

/* ---- what the handlers share ---- */

static void reply_corrupt(struct client *c)
{
    reply_error(c, "INVALIDOBJ Corrupted HLL object detected");
}

/* The bytes of a HyperLogLog, borrowed from its entry. */
static bool view(struct call *call, const struct entry *e, struct slice *text)
{
    char digits[NUMBER_TEXT_MAX];
    if (e->type != TYPE_STRING) {
        reply_wrong_type(call->client);
        return false;
    }
    struct value value = entry_value(e);
    *text = string_view(&value, digits);
    if (hyperloglog_is_valid(*text)) return true; /* what stands in digits never is */
    reply_error(call->client, "WRONGTYPE Key is not a valid HyperLogLog string value.");
    return false;
}

/* The bytes of the entry, len of them, to be written to; answers the client
 * and returns NULL if there is no memory. */
static char *edit(struct call *call, struct entry **e, size_t len)
{
    char *text = db_edit_string(call->db, e, len);
    if (text == NULL) string_refuse_memory(call->client);
    return text;
}

/* View for a command that may edit: a short string is raw from now on, whether
 * it comes to that or not, as OBJECT ENCODING tells of the reference's. */
static bool view_own(struct call *call, struct entry **e, struct slice *text)
{
    if (!view(call, *e, text)) return false;
    if (text->len > STRING_EMBSTR_MAX) return true;
    text->ptr = edit(call, e, text->len);
    return text->ptr != NULL;
}

/* Writes the text to the key; e is NULL where that is new. */
static bool store(struct call *call, struct slice key, struct entry *e, const struct buffer *text)
{
    if (e == NULL) {
        struct value value = string_raw_value(buffer_slice(text));
        db_add(call->db, key, &value);
        return true;
    }
    char *to = edit(call, &e, text->len);
    if (to) memcpy(to, text->data, text->len);
    return to != NULL;
}

/* Merges the keys from argument `from` on; absent ones are empty. */
static bool merge_keys(struct call *call, uint8_t registers[HYPERLOGLOG_REGISTERS], bool *any_dense)
{
    *any_dense = false;
    memset(registers, 0, HYPERLOGLOG_REGISTERS);
    for (int i = 1; i < call->argc; i++) {
        struct slice text;
        const struct entry *e = db_lookup_read(call->db, call->argv[i]);
        if (e == NULL) continue;
        if (!view(call, e, &text)) return false;
        if (!hyperloglog_merge(registers, text)) {
            reply_corrupt(call->client);
            return false;
        }
        *any_dense |= hyperloglog_is_dense(text);
    }
    return true;
}

/* ---- PFADD ---- */

/* changes: the registers that rose, and the key if it is new. */
static void finish_add(struct call *call, unsigned changes)
{
    if (changes) {
        db_signal_modified(call->db, call->argv[1], EVENT_PFADD);
        call->db->keyspace->dirty += changes - 1;
    }
    reply_int(call->client, changes > 0);
}

/* The registers stand where they are, so that they are raised in place. */
static void add_to_dense(struct call *call, struct entry *e, struct slice text)
{
    char *edited = NULL;
    unsigned changes = 0;
    for (int i = 2; i < call->argc; i++) {
        struct hyperloglog_element element = hyperloglog_element(call->argv[i]);
        if (hyperloglog_dense_get(text.ptr, element.index) >= element.rank) continue;
        if (edited == NULL) {
            edited = edit(call, &e, text.len);
            if (edited == NULL) return;
            text.ptr = edited;
            hyperloglog_set_stale(edited);
        }
        hyperloglog_dense_set(edited, element.index, element.rank);
        changes++;
    }
    finish_add(call, changes);
}

/* Runs move when one is split, so that a copy is changed, then stored. */
static void add_to_copy(struct call *call, struct entry *e, struct buffer *copy)
{
    unsigned changes = e == NULL;
    for (int i = 2; i < call->argc; i++) {
        switch (hyperloglog_raise(copy, hyperloglog_element(call->argv[i]),
                                  call->server->types->hll_sparse_max_bytes)) {
        case HYPERLOGLOG_SAME: break;
        case HYPERLOGLOG_RAISED: changes++; break;
        case HYPERLOGLOG_CORRUPT: reply_corrupt(call->client); return;
        }
    }
    if (changes) {
        hyperloglog_set_stale(copy->data);
        if (!store(call, call->argv[1], e, copy)) return;
    }
    finish_add(call, changes);
}

static void pfadd_run(struct call *call)
{
    struct slice text;
    struct buffer copy = {0};
    struct entry *e = db_lookup_write(call->db, call->argv[1]);
    if (e && !view_own(call, &e, &text)) return;
    if (e && hyperloglog_is_dense(text)) {
        add_to_dense(call, e, text);
        return;
    }
    if (e) buffer_append_slice(&copy, text);
    else hyperloglog_init(&copy);
    add_to_copy(call, e, &copy);
    buffer_fini(&copy);
}

/* ---- PFCOUNT ---- */

/* One key keeps its estimate, which is a change of the string, but none that
 * anybody is told of. */
static void count_one(struct call *call)
{
    struct slice text, key = call->argv[1];
    uint64_t count = 0;
    struct entry *e = db_lookup_read(call->db, key);
    if (e && !view_own(call, &e, &text)) return;
    if (e && !hyperloglog_cached(text, &count)) {
        if (!hyperloglog_estimate(text, &count)) {
            reply_corrupt(call->client);
            return;
        }
        char *edited = edit(call, &e, text.len);
        if (edited == NULL) return;
        hyperloglog_set_cached(edited, count);
        db_signal_modified(call->db, key, EVENT_NONE);
        propagate_same(call);
    }
    reply_int(call->client, (int64_t)count);
}

static void pfcount_run(struct call *call)
{
    uint8_t registers[HYPERLOGLOG_REGISTERS];
    bool any_dense;
    if (call->argc == 2) count_one(call);
    else if (merge_keys(call, registers, &any_dense))
        reply_int(call->client, (int64_t)hyperloglog_estimate_registers(registers));
}

/* ---- PFMERGE ---- */

/* The destination is one of the sources. It stays or becomes sparse only
 * where all are; its bytes have been found to be sound. */
static void pfmerge_run(struct call *call)
{
    uint8_t registers[HYPERLOGLOG_REGISTERS];
    bool any_dense;
    struct slice text, key = call->argv[1];
    struct buffer merged = {0};
    if (!merge_keys(call, registers, &any_dense)) return;
    struct entry *e = db_lookup_write(call->db, key);
    if (e && !view(call, e, &text)) return;
    if (e) buffer_append_slice(&merged, text);
    else hyperloglog_init(&merged);
    if (any_dense) hyperloglog_make_dense(&merged);
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
        struct hyperloglog_element element = {.index = i, .rank = registers[i]};
        if (element.rank) hyperloglog_raise(&merged, element, call->server->types->hll_sparse_max_bytes);
    }
    hyperloglog_set_stale(merged.data);
    if (store(call, key, e, &merged)) {
        db_signal_modified(call->db, key, EVENT_PFADD);
        reply_ok(call->client);
    }
    buffer_fini(&merged);
}

/* ---- PFDEBUG ---- */

/* Makes a sparse value dense; what it says is the same, so that nobody is told. */
static bool make_dense(struct call *call, struct entry *e, struct slice text)
{
    struct buffer copy = {0};
    buffer_append_slice(&copy, text);
    bool is_sound = hyperloglog_make_dense(&copy);
    if (!is_sound) reply_corrupt(call->client);
    bool ok = is_sound && store(call, call->argv[2], e, &copy);
    if (ok) call->db->keyspace->dirty++;
    buffer_fini(&copy);
    return ok;
}

static void debug_getreg(struct call *call, struct entry *e, struct slice text)
{
    uint8_t registers[HYPERLOGLOG_REGISTERS] = {0};
    if (!hyperloglog_merge(registers, text)) {
        reply_corrupt(call->client);
        return;
    }
    if (!hyperloglog_is_dense(text) && !make_dense(call, e, text)) return;
    reply_array(call->client, HYPERLOGLOG_REGISTERS);
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) reply_int(call->client, registers[i]);
}

static void debug_decode(struct call *call, struct entry *e, struct slice text)
{
    (void)e;
    if (hyperloglog_is_dense(text)) {
        reply_error(call->client, "ERR HLL encoding is not sparse");
        return;
    }
    struct buffer runs = {0};
    if (hyperloglog_print_runs(text, &runs)) reply_bulk(call->client, buffer_slice(&runs));
    else reply_corrupt(call->client);
    buffer_fini(&runs);
}

static void debug_encoding(struct call *call, struct entry *e, struct slice text)
{
    (void)e;
    reply_simple(call->client, hyperloglog_is_dense(text) ? "dense" : "sparse");
}

static void debug_todense(struct call *call, struct entry *e, struct slice text)
{
    bool was_dense = hyperloglog_is_dense(text);
    if (was_dense || make_dense(call, e, text)) reply_int(call->client, !was_dense);
}

static void pfdebug_run(struct call *call)
{
    static const struct {
        const char *name;
        void (*run)(struct call *call, struct entry *e, struct slice text);
    } subcommands[] = {
        {"getreg", debug_getreg},
        {"decode", debug_decode},
        {"encoding", debug_encoding},
        {"todense", debug_todense},
    };
    struct slice text, name = call->argv[1];
    struct entry *e = db_lookup_write(call->db, call->argv[2]);
    if (e == NULL) {
        reply_error(call->client, "ERR The specified key does not exist");
        return;
    }
    if (!view_own(call, &e, &text)) return;
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (!slice_is(name, subcommands[i].name)) continue;
        subcommands[i].run(call, e, text);
        return;
    }
    reply_errorf(call->client, "ERR Unknown PFDEBUG subcommand '%.*s'", (int)name.len, name.ptr);
}

/* ---- PFSELFTEST ---- */

/* Every register keeps what was last written to it, and none else changes. */
static bool packs_registers(struct random *random)
{
    char text[HYPERLOGLOG_DENSE_BYTES] = {0};
    uint8_t expected[HYPERLOGLOG_REGISTERS] = {0};
    for (int round = 0; round < 10; round++) {
        for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++) {
            unsigned index = (unsigned)random_below(random, HYPERLOGLOG_REGISTERS);
            expected[index] = (uint8_t)random_below(random, 64);
            hyperloglog_dense_set(text, index, expected[index]);
        }
        for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
            if (hyperloglog_dense_get(text, i) != expected[i]) return false;
    }
    return true;
}

/* Both encodings agree, and the estimate is off by at most six times the
 * standard error, or by two where that is more. */
static bool estimates(const struct buffer *dense, const struct buffer *any, uint64_t count)
{
    const double standard_error = 1.04 / sqrt(HYPERLOGLOG_REGISTERS);
    uint64_t estimate, other;
    if (!hyperloglog_estimate(buffer_slice(dense), &estimate) ||
        !hyperloglog_estimate(buffer_slice(any), &other) || estimate != other)
        return false;
    double error = fabs((double)estimate - (double)count);
    return error <= fmax(2, 6 * standard_error * (double)count);
}

static bool counts_elements(struct random *random, uint64_t sparse_max_bytes)
{
    struct buffer dense = {0}, any = {0};
    uint64_t next_check = 1;
    bool ok = true;
    hyperloglog_init(&dense);
    hyperloglog_init(&any);
    hyperloglog_make_dense(&dense);
    for (uint64_t count = 1; ok && count <= 1000000; count++) {
        uint64_t number = random_next(random);
        struct hyperloglog_element element = hyperloglog_element(
            slice_make((const char *)&number, sizeof number));
        ok = hyperloglog_raise(&dense, element, sparse_max_bytes) ==
             hyperloglog_raise(&any, element, sparse_max_bytes);
        if (count != next_check) continue;
        ok = ok && estimates(&dense, &any, count);
        next_check *= 10;
    }
    buffer_fini(&dense);
    buffer_fini(&any);
    return ok;
}

/* The numbers are the same each time, and so is the answer. */
static void pfselftest_run(struct call *call)
{
    struct random random;
    random_seed(&random, HYPERLOGLOG_REGISTERS);
    if (!packs_registers(&random)) reply_error(call->client, "TESTFAILED a register does not keep its value");
    else if (!counts_elements(&random, call->server->types->hll_sparse_max_bytes))
        reply_error(call->client, "TESTFAILED the encodings disagree, or the estimate is too far off");
    else reply_ok(call->client);
}

/* ---- the rows ---- */

const struct command hyperloglog_commands[] = {
    {.name = "pfadd",
     .group = GROUP_HYPERLOGLOG,
     .since = "2.8.9",
     .arity = -2,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_FAST,
     .keys = {{.flags = KEY_RW | KEY_INSERT, .index = 1}},
     .events = {EVENT_PFADD, EVENT_NEW},
     .summary = "Counts elements in a HyperLogLog, which is created if need be.",
     .complexity = "O(1) for each element",
     .syntax = "key [element [element ...]]",
     .run = pfadd_run},
    {.name = "pfcount",
     .group = GROUP_HYPERLOGLOG,
     .since = "2.8.9",
     .arity = -2,
     .flags = CMD_READONLY,
     .keys = {{.flags = KEY_RW | KEY_ACCESS,
               .index = 1,
               .last = -1,
               .notes = "RW because the estimate is kept in the string"}},
     .events = {EVENT_KEYMISS},
     .summary = "Estimates how many distinct elements HyperLogLogs have counted, all of them together.",
     .complexity = "O(1) for one key, at once if nothing was added since; O(N) for N keys",
     .syntax = "key [key ...]",
     .run = pfcount_run},
    {.name = "pfdebug",
     .group = GROUP_HYPERLOGLOG,
     .since = "2.8.9",
     .arity = 3,
     .flags = CMD_WRITE | CMD_DENYOOM | CMD_ADMIN | CMD_SYSTEM,
     .keys = {{.flags = KEY_RW | KEY_ACCESS, .index = 2}},
     .summary = "Shows the registers and the encoding of a HyperLogLog, or makes it dense.",
     .complexity = "N/A",
     .syntax = "subcommand key",
     .run = pfdebug_run},
    {.name = "pfmerge",
     .group = GROUP_HYPERLOGLOG,
     .since = "2.8.9",
     .arity = -2,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_INSERT, .index = 1},
              {.flags = KEY_RO | KEY_ACCESS, .index = 2, .last = -1}},
     .events = {EVENT_PFADD, EVENT_NEW, EVENT_KEYMISS},
     .summary = "Merges HyperLogLogs into another, which is created if need be.",
     .complexity = "O(N) for N keys",
     .syntax = "destkey [sourcekey [sourcekey ...]]",
     .run = pfmerge_run},
    {.name = "pfselftest",
     .group = GROUP_HYPERLOGLOG,
     .since = "2.8.9",
     .arity = 1,
     .flags = CMD_ADMIN | CMD_SYSTEM,
     .summary = "Tests the counting of HyperLogLogs.",
     .complexity = "N/A",
     .run = pfselftest_run},
    {0},
};
