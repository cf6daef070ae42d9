#include "core/command.h"

#include "base/assert.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/number.h"
#include "ds/hashtable.h"

struct command_table {
    struct hashtable names; /* struct name, by the name a client uses */
    struct command_state **states;
    int count;
    int next_id;
};

/* What a client calls a command: the row's name unless it was renamed. */
struct name {
    struct command_state *state;
    size_t len;
    char text[];
};

static uint64_t name_hash(const void *element)
{
    const struct name *name = element;
    return hash_bytes_nocase(name->text, name->len);
}

static bool name_equal(const void *element, const void *key, size_t key_len)
{
    const struct name *name = element;
    return name->len == key_len && strncasecmp(name->text, key, key_len) == 0;
}

static const struct hashtable_type name_table = {.hash = name_hash, .equal = name_equal};

struct command_table *command_table_new(void)
{
    struct command_table *table = mem_calloc(1, sizeof *table);
    hashtable_init(&table->names, &name_table);
    return table;
}

static void state_fini(struct command_state *state)
{
    for (int i = 0; i < state->subcommand_count; i++) state_fini(&state->subcommands[i]);
    mem_free(state->subcommands);
    mem_free(state->full_name);
    histogram_free(state->latency);
}

void command_table_free(struct command_table *table)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, &table->names);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) mem_free(*slot);
    hashtable_fini(&table->names);
    for (int i = 0; i < table->count; i++) {
        state_fini(table->states[i]);
        mem_free(table->states[i]);
    }
    mem_free(table->states);
    mem_free(table);
}

/* ---- what follows from a row ---- */

const char *command_group_name(enum command_group group)
{
    static const char *const names[] = {
        [GROUP_GENERIC] = "generic",
        [GROUP_STRING] = "string",
        [GROUP_LIST] = "list",
        [GROUP_SET] = "set",
        [GROUP_SORTED_SET] = "sorted-set",
        [GROUP_HASH] = "hash",
        [GROUP_PUBSUB] = "pubsub",
        [GROUP_TRANSACTIONS] = "transactions",
        [GROUP_CONNECTION] = "connection",
        [GROUP_SERVER] = "server",
        [GROUP_SCRIPTING] = "scripting",
        [GROUP_HYPERLOGLOG] = "hyperloglog",
        [GROUP_CLUSTER] = "cluster",
        [GROUP_GEO] = "geo",
        [GROUP_STREAM] = "stream",
        [GROUP_BITMAP] = "bitmap",
    };
    return names[group];
}

const char *command_category_name(unsigned bit)
{
    static const char *const names[] = {
        "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
        "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
        "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting",
    };
    return bit < sizeof names / sizeof *names ? names[bit] : NULL;
}

unsigned command_category_find(struct slice name)
{
    for (unsigned bit = 0; command_category_name(bit); bit++)
        if (slice_is(name, command_category_name(bit))) return 1u << bit;
    return 0;
}

static unsigned group_category(enum command_group group)
{
    static const unsigned categories[] = {
        [GROUP_GENERIC] = CATEGORY_KEYSPACE,
        [GROUP_STRING] = CATEGORY_STRING,
        [GROUP_LIST] = CATEGORY_LIST,
        [GROUP_SET] = CATEGORY_SET,
        [GROUP_SORTED_SET] = CATEGORY_SORTEDSET,
        [GROUP_HASH] = CATEGORY_HASH,
        [GROUP_PUBSUB] = 0,
        [GROUP_TRANSACTIONS] = CATEGORY_TRANSACTION,
        [GROUP_CONNECTION] = CATEGORY_CONNECTION,
        [GROUP_SERVER] = 0,
        [GROUP_SCRIPTING] = CATEGORY_SCRIPTING,
        [GROUP_HYPERLOGLOG] = CATEGORY_HYPERLOGLOG,
        [GROUP_CLUSTER] = 0,
        [GROUP_GEO] = CATEGORY_GEO,
        [GROUP_STREAM] = CATEGORY_STREAM,
        [GROUP_BITMAP] = CATEGORY_BITMAP,
    };
    return categories[group];
}

/* What only holds subcommands has none of its group's; what is about certain
 * types is not about keys in general. */
static unsigned categories_of(const struct command *row)
{
    const unsigned types = CATEGORY_LIST | CATEGORY_SET | CATEGORY_SORTEDSET | CATEGORY_HASH |
                           CATEGORY_STRING;
    unsigned categories = row->categories | (row->run ? group_category(row->group) : 0);
    if (categories & types) categories &= ~(unsigned)CATEGORY_KEYSPACE;
    if (row->flags & CMD_WRITE) categories |= CATEGORY_WRITE;
    if (row->flags & CMD_READONLY && !(categories & CATEGORY_SCRIPTING)) categories |= CATEGORY_READ;
    if (row->flags & CMD_ADMIN) categories |= CATEGORY_ADMIN | CATEGORY_DANGEROUS;
    if (row->flags & CMD_PUBSUB) categories |= CATEGORY_PUBSUB;
    if (row->flags & CMD_BLOCKING) categories |= CATEGORY_BLOCKING;
    return categories | (row->flags & CMD_FAST ? CATEGORY_FAST : CATEGORY_SLOW);
}

/* ---- filling the table ---- */

static void state_init(struct command_table *table, struct command_state *state, const struct command *row,
                       struct command_state *parent)
{
    struct buffer name = {0};
    if (parent) buffer_printf(&name, "%s|", parent->full_name);
    buffer_append_text(&name, row->name);
    *state = (struct command_state){
        .row = row, .parent = parent, .full_name = name.data, .id = table->next_id++};
    state->categories = categories_of(row);
    while (row->subcommands && row->subcommands[state->subcommand_count].name) state->subcommand_count++;
    if (state->subcommand_count == 0) return;
    state->subcommands = mem_calloc((size_t)state->subcommand_count, sizeof *state->subcommands);
    for (int i = 0; i < state->subcommand_count; i++)
        state_init(table, &state->subcommands[i], &row->subcommands[i], state);
}

static void add_name(struct command_table *table, struct slice text, struct command_state *state)
{
    struct name *name = mem_alloc(sizeof *name + text.len);
    name->state = state;
    name->len = text.len;
    memcpy(name->text, text.ptr, text.len);
    hashtable_insert(&table->names, name_hash(name), name);
}

static void **find_name(const struct command_table *table, struct slice name)
{
    return hashtable_find_as(&table->names, &name_table, hash_bytes_nocase(name.ptr, name.len), name.ptr,
                             name.len);
}

void command_table_add(struct command_table *table, const struct command *rows)
{
    for (const struct command *row = rows; row->name; row++) {
        ASSERT(find_name(table, slice_of(row->name)) == NULL);
        table->states = mem_realloc(table->states, (size_t)(table->count + 1) * sizeof *table->states);
        struct command_state *state = mem_alloc(sizeof *state);
        table->states[table->count++] = state;
        state_init(table, state, row, NULL);
        add_name(table, slice_of(row->name), state);
    }
}

bool command_table_rename(struct command_table *table, struct slice name, struct slice to)
{
    void **slot = find_name(table, name);
    if (slot == NULL || (to.len && find_name(table, to))) return false;
    struct name *old = *slot;
    struct command_state *state = old->state;
    hashtable_remove(&table->names, name_hash(old), slot);
    mem_free(old);
    state->is_removed = to.len == 0;
    if (to.len) add_name(table, to, state);
    return true;
}

/* ---- finding ---- */

static struct command_state *find_subcommand(struct command_state *state, struct slice name)
{
    for (int i = 0; i < state->subcommand_count; i++)
        if (slice_is(name, state->subcommands[i].row->name)) return &state->subcommands[i];
    return NULL;
}

struct command_state *command_find(const struct command_table *table, int argc, const struct slice *argv)
{
    void **slot = find_name(table, argv[0]);
    if (slot == NULL) return NULL;
    struct command_state *state = ((struct name *)*slot)->state;
    if (state->subcommand_count == 0 || argc < 2) return state;
    return find_subcommand(state, argv[1]);
}

struct command_state *command_find_named(const struct command_table *table, struct slice full_name)
{
    const char *bar = full_name.len ? memchr(full_name.ptr, '|', full_name.len) : NULL;
    if (bar == NULL) return command_find(table, 1, &full_name);
    size_t len = (size_t)(bar - full_name.ptr);
    struct slice words[2] = {{full_name.ptr, len}, {bar + 1, full_name.len - len - 1}};
    struct command_state *state = command_find(table, 2, words);
    return state && state->parent ? state : NULL;
}

struct command_state *command_find_row(const struct command_table *table, struct slice full_name)
{
    const char *bar = full_name.len ? memchr(full_name.ptr, '|', full_name.len) : NULL;
    size_t len = bar ? (size_t)(bar - full_name.ptr) : full_name.len;
    for (int i = 0; i < table->count; i++) {
        struct command_state *state = table->states[i];
        if (!slice_is(slice_make(full_name.ptr, len), state->row->name)) continue;
        return bar ? find_subcommand(state, slice_make(bar + 1, full_name.len - len - 1)) : state;
    }
    return NULL;
}

int command_id_count(const struct command_table *table)
{
    return table->next_id;
}

int command_count(const struct command_table *table)
{
    return table->count;
}

struct command_state *command_at(const struct command_table *table, int index)
{
    return table->states[index];
}

struct slice command_shown_argument(const struct call *call, int i)
{
    bool secret = call->command->is_secret && call->command->is_secret(call, i);
    return secret ? SLICE("(redacted)") : call->argv[i];
}

bool command_arity_fits(const struct command *row, int argc)
{
    return row->arity >= 0 ? argc == row->arity : argc >= -row->arity;
}

/* ---- keys ---- */

void command_keys_add(struct key_positions *keys, int index, unsigned flags)
{
    if (keys->count == keys->capacity) {
        keys->capacity = keys->capacity ? keys->capacity * 2 : 16;
        keys->at = mem_realloc(keys->at, (size_t)keys->capacity * sizeof *keys->at);
    }
    keys->at[keys->count++] = (struct key_position){index, flags};
}

int command_key_spec_count(const struct command *row)
{
    int count = 0;
    while (count < KEY_SPECS_MAX && row->keys[count].flags) count++;
    return count;
}

bool command_has_keys(const struct command *row)
{
    return row->get_keys || (row->keys[0].flags && !(row->keys[0].flags & KEY_NOT_KEY));
}

static bool stands_fixed(const struct key_spec *spec)
{
    return !spec->unknown && spec->keyword == NULL && spec->keynum == 0;
}

bool command_keys_move(const struct command *row)
{
    bool move = row->flags & CMD_MOVABLE_KEYS;
    for (int i = 0; i < command_key_spec_count(row); i++)
        move |= !stands_fixed(&row->keys[i]) || row->keys[i].flags & KEY_INCOMPLETE;
    return move;
}

struct key_range command_key_range(const struct command *row)
{
    struct key_range range = {0};
    for (int i = 0; i < command_key_spec_count(row); i++) {
        const struct key_spec *spec = &row->keys[i];
        if (!stands_fixed(spec)) continue;
        bool follows = range.first == 0 || spec->index == range.last + 1;
        if (!follows) break;
        if (range.first == 0) range = (struct key_range){spec->index, 0, spec->step ? spec->step : 1};
        range.last = spec->last < 0 ? spec->last : spec->index + spec->last;
    }
    return range;
}

/* Where a spec's keys begin; 0: its keyword is not among the arguments. */
static int spec_begin(const struct key_spec *spec, int argc, const struct slice *argv)
{
    if (spec->keyword == NULL) return spec->index;
    int from = spec->keyword_from, step = from < 0 ? -1 : 1;
    for (int i = from < 0 ? argc + from : from; i > 0 && i < argc; i += step)
        if (slice_is(argv[i], spec->keyword)) return i + 1;
    return 0;
}

/* Adds the keys of one spec; false when the arguments do not fit it. fewest:
 * how many a count of keys must announce. */
static bool add_spec_keys(const struct key_spec *spec, int fewest, int argc, const struct slice *argv,
                          struct key_positions *keys)
{
    int first = spec_begin(spec, argc, argv), step = spec->step ? spec->step : 1, last;
    if (first == 0) return true;
    if (spec->keynum) {
        int64_t count;
        if (first >= argc || !number_parse(argv[first], &count) || count < fewest || count > argc)
            return false;
        first += spec->keynum;
        last = first + ((int)count - 1) * step;
    } else if (spec->last >= 0) {
        last = first + spec->last;
    } else {
        last = argc + spec->last;
        if (spec->limit > 1) last = first + (argc - first) / spec->limit - 1;
    }
    if (last >= argc) return false;
    for (int i = first; i <= last; i += step) command_keys_add(keys, i, spec->flags);
    return true;
}

bool command_keys(const struct command_state *command, int argc, const struct slice *argv,
                  struct key_positions *keys)
{
    const struct command *row = command->row;
    int fewest = row->flags & CMD_NO_MANDATORY_KEYS ? 0 : 1;
    keys->count = 0;
    if (row->get_keys) return row->get_keys(argc, argv, keys);
    for (int i = 0; i < command_key_spec_count(row); i++)
        if (!add_spec_keys(&row->keys[i], fewest, argc, argv, keys)) return false;
    return true;
}

/* ---- statistics ---- */

static void reset_state(struct command_state *state)
{
    state->calls = state->rejected_calls = state->failed_calls = state->total_ns = 0;
    if (state->latency) histogram_reset(state->latency);
    for (int i = 0; i < state->subcommand_count; i++) reset_state(&state->subcommands[i]);
}

void command_stats_reset(struct command_table *table)
{
    for (int i = 0; i < table->count; i++) reset_state(table->states[i]);
}

static void drop_latency(struct command_state *state)
{
    if (state->latency) histogram_free(state->latency);
    state->latency = NULL;
    for (int i = 0; i < state->subcommand_count; i++) drop_latency(&state->subcommands[i]);
}

void command_latency_reset(struct command_table *table)
{
    for (int i = 0; i < table->count; i++) drop_latency(table->states[i]);
}
