/* Surveys of the keyspace: --bigkeys, --memkeys, --hotkeys. */
#include <inttypes.h>
#include <stdio.h>

#include "app/cli/modes.h"
#include "base/mem.h"
#include "base/number.h"

enum { TYPES_MAX = 32, PAGES_PER_PAUSE = 100, HOT_KEYS = 16 };

struct type_row {
    char name[64];
    const char *command; /* tells the size; NULL: sizes are unknown */
    const char *unit;
    int64_t count;
    int64_t total;
    int64_t biggest; /* -1: none yet */
    struct buffer biggest_key;
};

struct survey {
    struct session *session;
    struct type_row types[TYPES_MAX];
    int type_count;
    int64_t keys_total; /* DBSIZE */
    int64_t sampled;
    int64_t name_bytes;
};

static void survey_init(struct survey *survey, struct session *s)
{
    static const struct type_row known[] = {
        {"string", "STRLEN", "bytes", 0, 0, -1, {0}}, {"list", "LLEN", "items", 0, 0, -1, {0}},
        {"set", "SCARD", "members", 0, 0, -1, {0}},   {"hash", "HLEN", "fields", 0, 0, -1, {0}},
        {"zset", "ZCARD", "members", 0, 0, -1, {0}},  {"stream", "XLEN", "entries", 0, 0, -1, {0}},
    };
    *survey = (struct survey){.session = s, .type_count = sizeof known / sizeof *known};
    memcpy(survey->types, known, sizeof known);
    for (int i = 0; i < survey->type_count && s->options->mode == MODE_MEMORY_KEYS; i++)
        survey->types[i].unit = "bytes";
}

static void survey_fini(struct survey *survey)
{
    for (int i = 0; i < survey->type_count; i++) buffer_fini(&survey->types[i].biggest_key);
}

/* A type that a module brought is counted too, but nobody knows its size. */
static struct type_row *type_find(struct survey *survey, struct slice name)
{
    for (int i = 0; i < survey->type_count; i++)
        if (slice_equal(slice_of(survey->types[i].name), name)) return &survey->types[i];
    struct type_row *row = &survey->types[survey->type_count];
    if (survey->type_count == TYPES_MAX || name.len >= sizeof row->name) return NULL;
    *row = (struct type_row){.unit = "units", .biggest = -1};
    if (survey->session->options->mode == MODE_MEMORY_KEYS) row->unit = "bytes";
    memcpy(row->name, name.ptr, name.len);
    survey->type_count++;
    return row;
}

static bool receive(struct session *s, struct reply *reply)
{
    return connection_receive(&s->connection, reply, -1, -1) == CONNECTION_REPLY;
}

static bool ask_number(struct session *s, const char *command, int64_t *value)
{
    struct reply reply;
    if (!connection_ask(&s->connection, &reply, command, NULL)) return false;
    *value = reply.kind == REPLY_INTEGER ? reply.integer : 0;
    reply_fini(&reply);
    return true;
}

static bool ask_types(struct survey *survey, const struct reply *keys, struct type_row **rows)
{
    struct session *s = survey->session;
    for (size_t i = 0; i < keys->item_count; i++) {
        struct slice words[] = {SLICE("TYPE"), keys->items[i].text};
        if (!connection_send(&s->connection, 2, words)) return false;
    }
    for (size_t i = 0; i < keys->item_count; i++) {
        struct reply reply;
        if (!receive(s, &reply)) return false;
        bool gone = !reply_is_text(&reply) || slice_is(reply.text, "none");
        rows[i] = gone ? NULL : type_find(survey, reply.text);
        reply_fini(&reply);
    }
    return true;
}

static bool send_size_question(struct session *s, const struct type_row *row, struct slice key)
{
    const struct options *o = s->options;
    char samples[NUMBER_TEXT_MAX];
    if (o->mode == MODE_BIG_KEYS) {
        struct slice words[] = {slice_of(row->command), key};
        return connection_send(&s->connection, 2, words);
    }
    struct slice words[] = {SLICE("MEMORY"), SLICE("USAGE"), key, SLICE("SAMPLES"), {0}};
    if (o->memory_samples >= 0) words[4] = slice_make(samples, number_print(samples, o->memory_samples));
    return connection_send(&s->connection, o->memory_samples >= 0 ? 5 : 3, words);
}

/* Sizes of the keys of a page; -1 for one that has gone or has no size. */
static bool ask_sizes(struct survey *survey, const struct reply *keys, struct type_row **rows, int64_t *sizes)
{
    struct session *s = survey->session;
    bool memory = s->options->mode == MODE_MEMORY_KEYS;
    for (size_t i = 0; i < keys->item_count; i++) {
        if (rows[i] == NULL || (!memory && rows[i]->command == NULL)) continue;
        if (!send_size_question(s, rows[i], keys->items[i].text)) return false;
    }
    for (size_t i = 0; i < keys->item_count; i++) {
        struct reply reply;
        sizes[i] = rows[i] ? 0 : -1;
        if (rows[i] == NULL || (!memory && rows[i]->command == NULL)) continue;
        if (!receive(s, &reply)) return false;
        sizes[i] = reply.kind == REPLY_INTEGER ? reply.integer : -1;
        if (reply.kind == REPLY_ERROR) fprintf(stderr, "Warning: %s\n", reply.text.ptr);
        reply_fini(&reply);
    }
    return true;
}

static double percent(int64_t part, int64_t whole)
{
    return whole ? (double)part * 100 / (double)whole : 0;
}

static void count_key(struct survey *survey, struct type_row *row, struct slice key, int64_t size)
{
    row->count++;
    row->total += size;
    survey->name_bytes += (int64_t)key.len;
    survey->sampled++;
    if (size > row->biggest) {
        row->biggest = size;
        buffer_clear(&row->biggest_key);
        buffer_append_quoted(&row->biggest_key, key);
        printf("[%05.2f%%] Biggest %-6s found so far '%s' with %" PRId64 " %s\n",
               percent(survey->sampled - 1, survey->keys_total), row->name, row->biggest_key.data, size,
               row->unit);
    }
    if (survey->sampled % 1000000 == 0)
        printf("[%05.2f%%] Sampled %" PRId64 " keys so far\n", percent(survey->sampled, survey->keys_total),
               survey->sampled);
}

static bool survey_page(struct survey *survey, const struct reply *keys)
{
    size_t count = keys->item_count ? keys->item_count : 1;
    struct type_row **rows = mem_calloc(count, sizeof *rows);
    int64_t *sizes = mem_calloc(count, sizeof *sizes);
    bool ok = ask_types(survey, keys, rows) && ask_sizes(survey, keys, rows, sizes);
    for (size_t i = 0; ok && i < keys->item_count; i++)
        if (sizes[i] >= 0) count_key(survey, rows[i], keys->items[i].text, sizes[i]);
    mem_free(rows);
    mem_free(sizes);
    return ok;
}

static void print_summary(const struct survey *survey)
{
    printf("\n-------- summary -------\n\n");
    printf("Sampled %" PRId64 " keys in the keyspace!\n", survey->sampled);
    printf("Total key length in bytes is %" PRId64 " (avg len %.2f)\n\n", survey->name_bytes,
           survey->sampled ? (double)survey->name_bytes / (double)survey->sampled : 0.0);
    for (int i = 0; i < survey->type_count; i++) {
        const struct type_row *row = &survey->types[i];
        if (row->biggest >= 0)
            printf("Biggest %6s found '%s' has %" PRId64 " %s\n", row->name, row->biggest_key.data,
                   row->biggest, row->unit);
    }
    putchar('\n');
    for (int i = 0; i < survey->type_count; i++) {
        const struct type_row *row = &survey->types[i];
        printf("%" PRId64 " %ss with %" PRId64 " %s (%05.2f%% of keys, avg size %.2f)\n", row->count,
               row->name, row->total, row->unit, percent(row->count, survey->sampled),
               row->count ? (double)row->total / (double)row->count : 0.0);
    }
}

static void print_introduction(const char *what)
{
    printf("\n# Scanning the entire keyspace to find %s keys as well as\n"
           "# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n"
           "# per 100 SCAN commands (not usually needed).\n\n",
           what);
}

int modes_sizes(struct session *s)
{
    struct survey survey;
    struct modes_scan scan;
    bool failed;
    survey_init(&survey, s);
    modes_scan_init(&scan, s);
    print_introduction("biggest");
    failed = !ask_number(s, "DBSIZE", &survey.keys_total);
    if (failed) modes_fail(s);
    while (!failed && modes_scan_next(&scan, &failed)) {
        if (!survey_page(&survey, scan.keys)) failed = modes_fail(s);
        if (!scan.done && scan.pages % PAGES_PER_PAUSE == 0) modes_pause(s->options, 0);
    }
    if (!failed) print_summary(&survey);
    modes_scan_fini(&scan);
    survey_fini(&survey);
    return failed;
}

/* The hottest keys so far, hottest first. */
struct hot_keys {
    struct {
        int64_t counter;
        struct buffer key;
    } list[HOT_KEYS];
    int count;
};

static bool insert_hot_key(struct hot_keys *hot, struct slice key, int64_t counter)
{
    int at = hot->count;
    while (at > 0 && hot->list[at - 1].counter < counter) at--;
    if (counter == 0 || at == HOT_KEYS) return false;
    if (hot->count == HOT_KEYS) buffer_fini(&hot->list[--hot->count].key);
    memmove(&hot->list[at + 1], &hot->list[at], sizeof hot->list[0] * (size_t)(hot->count - at));
    hot->count++;
    hot->list[at].counter = counter;
    hot->list[at].key = (struct buffer){0};
    buffer_append_quoted(&hot->list[at].key, key);
    return true;
}

/* Asks for the counters of a page's keys. False with the reason in the
 * connection's error when the server does not count. */
static bool hot_page(struct session *s, const struct reply *keys, struct hot_keys *hot, int64_t *sampled,
                     int64_t keys_total)
{
    struct connection *c = &s->connection;
    bool ok = true;
    for (size_t i = 0; i < keys->item_count; i++) {
        struct slice words[] = {SLICE("OBJECT"), SLICE("FREQ"), keys->items[i].text};
        if (!connection_send(c, 3, words)) return false;
    }
    for (size_t i = 0; i < keys->item_count; i++) {
        struct reply reply;
        struct slice key = keys->items[i].text;
        if (!receive(s, &reply)) return false;
        if (reply.kind == REPLY_ERROR) {
            snprintf(c->error, sizeof c->error, "%s", reply.text.ptr);
            ok = false;
        } else if (reply.kind == REPLY_INTEGER && insert_hot_key(hot, key, reply.integer)) {
            struct buffer quoted = {0};
            buffer_append_quoted(&quoted, key);
            printf("[%05.2f%%] Hot key '%s' found so far with counter %" PRId64 "\n",
                   percent(*sampled, keys_total), quoted.data, reply.integer);
            buffer_fini(&quoted);
        }
        ++*sampled;
        reply_fini(&reply);
    }
    return ok;
}

int modes_hot_keys(struct session *s)
{
    struct hot_keys hot = {.count = 0};
    struct modes_scan scan;
    int64_t sampled = 0, keys_total = 0;
    modes_scan_init(&scan, s);
    print_introduction("hot");
    bool failed = !ask_number(s, "DBSIZE", &keys_total);
    if (failed) modes_fail(s);
    while (!failed && modes_scan_next(&scan, &failed)) {
        if (!hot_page(s, scan.keys, &hot, &sampled, keys_total)) failed = modes_fail(s);
        if (!scan.done && scan.pages % PAGES_PER_PAUSE == 0) modes_pause(s->options, 0);
    }
    if (!failed) printf("\n-------- summary -------\n\nSampled %" PRId64 " keys in the keyspace!\n", sampled);
    for (int i = 0; i < hot.count; i++) {
        if (!failed)
            printf("hot key found with counter: %" PRId64 "\tkeyname: %s\n", hot.list[i].counter,
                   hot.list[i].key.data);
        buffer_fini(&hot.list[i].key);
    }
    modes_scan_fini(&scan);
    return failed;
}
