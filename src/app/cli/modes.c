#include "app/cli/modes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/words.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/random.h"

int modes_fail(const struct session *s)
{
    fflush(stdout);
    fprintf(stderr, "Error: %s\n", s->connection.error);
    return 1;
}

void modes_pause(const struct options *options, int64_t standard_us)
{
    fflush(stdout);
    int64_t us = options->interval_us ? options->interval_us : standard_us;
    if (us) usleep((useconds_t)us);
}

static int (*runner(enum mode mode))(struct session *)
{
    switch (mode) {
    case MODE_EVAL: return modes_eval;
    case MODE_PIPE: return modes_pipe;
    case MODE_RDB: return modes_rdb;
    case MODE_REPLICA: return modes_replica;
    case MODE_SCAN: return modes_scan;
    case MODE_BIG_KEYS:
    case MODE_MEMORY_KEYS: return modes_sizes;
    case MODE_HOT_KEYS: return modes_hot_keys;
    case MODE_STAT: return modes_stat;
    case MODE_LATENCY:
    case MODE_LATENCY_HISTORY: return modes_latency;
    case MODE_LATENCY_DISTRIBUTION: return modes_latency_distribution;
    case MODE_INTRINSIC_LATENCY: return modes_intrinsic_latency;
    case MODE_LRU_TEST: return modes_lru_test;
    case MODE_HINT:
    case MODE_HINT_FILE: return modes_hint;
    case MODE_COMMAND: break;
    }
    return NULL;
}

int modes_run(struct session *s)
{
    enum mode mode = s->options->mode;
    if (mode != MODE_INTRINSIC_LATENCY && !session_connect(s)) return 1;
    return runner(mode)(s);
}

static bool read_file(const char *path, struct buffer *content)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    size_t got;
    while ((got = fread(buffer_reserve(content, 4096), 1, 4096, file)) > 0) buffer_added(content, got);
    bool ok = !ferror(file);
    fclose(file);
    return ok;
}

/* EVAL with the words up to a lone comma as keys, the rest as arguments. */
int modes_eval(struct session *s)
{
    const struct options *o = s->options;
    struct buffer script = {0};
    if (!read_file(o->file, &script)) {
        fprintf(stderr, "Can't open file '%s': %s\n", o->file, strerror(errno));
        buffer_fini(&script);
        return 1;
    }
    int keys = 0;
    while (keys < o->argc && strcmp(o->argv[keys], ",") != 0) keys++;
    char count[NUMBER_TEXT_MAX];
    struct words words = {0};
    words_add(&words, SLICE("EVAL"));
    words_add(&words, buffer_slice(&script));
    words_add(&words, slice_make(count, number_print(count, keys)));
    for (int i = 0; i < o->argc; i++)
        if (i != keys) words_add(&words, slice_of(o->argv[i]));
    buffer_fini(&script);
    enum session_result result = session_run(s, words.count, words.list);
    words_fini(&words);
    return result == SESSION_FAILED || (result == SESSION_ERROR_REPLY && o->exit_on_error);
}

void modes_scan_init(struct modes_scan *scan, struct session *s)
{
    *scan = (struct modes_scan){.session = s, .cursor = "0", .page.kind = REPLY_NULL};
}

void modes_scan_fini(struct modes_scan *scan)
{
    reply_fini(&scan->page);
}

static bool is_page(const struct reply *reply)
{
    return reply->kind == REPLY_ARRAY && reply->item_count == 2 && reply_is_text(&reply->items[0]) &&
           reply->items[0].text.len < sizeof((struct modes_scan *)NULL)->cursor &&
           reply->items[1].kind == REPLY_ARRAY;
}

bool modes_scan_next(struct modes_scan *scan, bool *failed)
{
    struct session *s = scan->session;
    const struct options *o = s->options;
    *failed = false;
    if (scan->done) return false;
    *failed = true;
    char count[NUMBER_TEXT_MAX];
    struct slice words[6] = {SLICE("SCAN"), slice_of(scan->cursor)};
    int n = 2;
    if (o->has_pattern) {
        words[n++] = SLICE("MATCH");
        words[n++] = o->pattern;
    }
    if (o->scan_count) {
        words[n++] = SLICE("COUNT");
        words[n++] = slice_make(count, number_print(count, o->scan_count));
    }
    reply_fini(&scan->page);
    if (!connection_send(&s->connection, n, words) ||
        connection_receive(&s->connection, &scan->page, -1, -1) != CONNECTION_REPLY) {
        modes_fail(s);
        return false;
    }
    if (!is_page(&scan->page)) {
        bool said = scan->page.kind == REPLY_ERROR;
        fprintf(stderr, "ERROR: %s\n", said ? scan->page.text.ptr : "SCAN was answered with something else");
        return false;
    }
    memcpy(scan->cursor, scan->page.items[0].text.ptr, scan->page.items[0].text.len + 1);
    scan->keys = &scan->page.items[1];
    scan->done = strcmp(scan->cursor, "0") == 0;
    scan->pages++;
    *failed = false;
    return true;
}

int modes_scan(struct session *s)
{
    struct modes_scan scan;
    struct buffer text = {0};
    bool failed;
    modes_scan_init(&scan, s);
    while (modes_scan_next(&scan, &failed)) {
        buffer_clear(&text);
        for (size_t i = 0; i < scan.keys->item_count; i++) {
            struct slice key = scan.keys->items[i].text;
            if (s->options->output == OUTPUT_STANDARD) buffer_append_quoted(&text, key);
            else buffer_append_slice(&text, key);
            buffer_append_char(&text, '\n');
        }
        fwrite(buffer_slice(&text).ptr, 1, text.len, stdout);
        if (fflush(stdout) != 0) break;
        if (!scan.done) modes_pause(s->options, 0);
    }
    buffer_fini(&text);
    modes_scan_fini(&scan);
    return failed;
}

/* One second's worth of a cache: reads with an 80-20 distribution, and a
 * write for each miss. */

enum { LRU_PIPELINE = 250 };

struct lru_counts {
    int64_t hits, misses;
};

/* Self-similar: 80 % of the picks fall into the first fifth, 80 % of those
 * into the first fifth of that, ... (Gray et al., "Quickly generating
 * billion-record synthetic databases", 1994). */
static uint64_t pick_80_20(struct random *random, uint64_t keys)
{
    while (keys > 1 && random_below(random, 100) < 80) keys = (keys + 4) / 5;
    return random_below(random, keys);
}

static bool lru_batch(struct connection *c, struct random *random, uint64_t keys, struct lru_counts *counts)
{
    char names[LRU_PIPELINE][32];
    int missed[LRU_PIPELINE], misses = 0;
    for (int i = 0; i < LRU_PIPELINE; i++) {
        snprintf(names[i], sizeof names[i], "lru:%" PRIu64, pick_80_20(random, keys));
        struct slice words[] = {SLICE("GET"), slice_of(names[i])};
        if (!connection_send(c, 2, words)) return false;
    }
    struct reply reply;
    for (int i = 0; i < LRU_PIPELINE; i++) {
        if (connection_receive(c, &reply, -1, -1) != CONNECTION_REPLY) return false;
        if (reply.kind == REPLY_NULL) missed[misses++] = i;
        reply_fini(&reply);
    }
    for (int i = 0; i < misses; i++) {
        struct slice words[] = {SLICE("SET"), slice_of(names[missed[i]]), SLICE("value")};
        if (!connection_send(c, 3, words)) return false;
    }
    for (int i = 0; i < misses; i++) {
        if (connection_receive(c, &reply, -1, -1) != CONNECTION_REPLY) return false;
        if (reply.kind == REPLY_ERROR) {
            snprintf(c->error, sizeof c->error, "%s", reply.text.ptr);
            reply_fini(&reply);
            return false;
        }
        reply_fini(&reply);
    }
    counts->hits += LRU_PIPELINE - misses;
    counts->misses += misses;
    return true;
}

int modes_lru_test(struct session *s)
{
    struct random random;
    random_seed(&random, (uint64_t)clock_realtime_us());
    for (;;) {
        struct lru_counts counts = {0};
        int64_t start_ns = clock_monotonic_ns(), elapsed_ns;
        do {
            if (!lru_batch(&s->connection, &random, (uint64_t)s->options->lru_keys, &counts))
                return modes_fail(s);
            elapsed_ns = clock_monotonic_ns() - start_ns;
        } while (elapsed_ns < 1000000000);
        double gets = (double)(counts.hits + counts.misses);
        printf("%.0f Gets/sec | Hits: %" PRId64 " (%.2f%%) | Misses: %" PRId64 " (%.2f%%)\n",
               gets * 1e9 / (double)elapsed_ns, counts.hits, (double)counts.hits * 100 / gets, counts.misses,
               (double)counts.misses * 100 / gets);
        fflush(stdout);
    }
}
