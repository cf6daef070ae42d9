/* LCS: the longest common subsequence of two strings, by the textbook table
 * of the lengths for all pairs of prefixes (Wagner and Fischer, 1974). */
#include "base/mem.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/settings.h"
#include "db/keyspace.h"
#include "types/string.h"

struct lcs_options {
    bool len, idx, with_match_len;
    int64_t min_match_len;
};

struct lcs {
    struct slice a, b;
    uint32_t *lengths; /* of the subsequence of the first i bytes of a and the first j of b */
};

static inline uint32_t *length_at(const struct lcs *lcs, size_t i, size_t j)
{
    return &lcs->lengths[i * (lcs->b.len + 1) + j];
}

static bool parse_options(struct call *call, struct lcs_options *options)
{
    for (int i = 3; i < call->argc; i++) {
        struct slice word = call->argv[i];
        if (slice_is(word, "len")) {
            options->len = true;
        } else if (slice_is(word, "idx")) {
            options->idx = true;
        } else if (slice_is(word, "withmatchlen")) {
            options->with_match_len = true;
        } else if (slice_is(word, "minmatchlen") && i + 1 < call->argc) {
            if (!args_int(call->client, call->argv[++i], &options->min_match_len, NULL)) return false;
        } else {
            reply_syntax_error(call->client);
            return false;
        }
    }
    if (options->len && options->idx)
        reply_error(call->client, "ERR If you want both the length and indexes, please just use IDX.");
    return !(options->len && options->idx);
}

/* The text of a key, empty where there is none. */
static bool get_text(struct call *call, struct slice key, char digits[NUMBER_TEXT_MAX], struct slice *text)
{
    const struct entry *e = db_lookup_read(call->db, key);
    struct value value = e ? entry_value(e) : string_raw_value(SLICE(""));
    if (value.type != TYPE_STRING) return false;
    *text = string_view(&value, digits);
    return true;
}

/* Room for the table; false, and answered, where it would be too large. */
static bool make_table(struct call *call, struct lcs *lcs)
{
    size_t cells, bytes;
    bool fits = lcs->a.len < UINT32_MAX && lcs->b.len < UINT32_MAX &&
                !__builtin_mul_overflow(lcs->a.len + 1, lcs->b.len + 1, &cells) &&
                !__builtin_mul_overflow(cells, sizeof *lcs->lengths, &bytes);
    if (!fits) {
        reply_error(call->client, "ERR String too long for LCS");
    } else if (bytes > call->server->settings->proto_max_bulk_len_bytes) {
        reply_error(call->client,
                    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
    } else if ((lcs->lengths = mem_alloc_try(bytes)) == NULL) {
        reply_error(call->client, "ERR Insufficient memory, failed allocating transient memory for LCS");
    }
    return lcs->lengths != NULL;
}

static void fill_table(struct lcs *lcs)
{
    for (size_t j = 0; j <= lcs->b.len; j++) *length_at(lcs, 0, j) = 0;
    for (size_t i = 1; i <= lcs->a.len; i++) {
        uint32_t *row = length_at(lcs, i, 0), *above = length_at(lcs, i - 1, 0);
        row[0] = 0;
        for (size_t j = 1; j <= lcs->b.len; j++) {
            if (lcs->a.ptr[i - 1] == lcs->b.ptr[j - 1]) row[j] = above[j - 1] + 1;
            else row[j] = above[j] > row[j - 1] ? above[j] : row[j - 1];
        }
    }
}

/* Walks the table from its end to the next pair of equal bytes that belongs
 * to the subsequence, a[*i - 1] and b[*j - 1]; false: there is no more. */
static bool step_back(const struct lcs *lcs, size_t *i, size_t *j)
{
    while (*i > 0 && *j > 0) {
        if (lcs->a.ptr[*i - 1] == lcs->b.ptr[*j - 1]) return true;
        if (*length_at(lcs, *i - 1, *j) > *length_at(lcs, *i, *j - 1)) --*i;
        else --*j;
    }
    return false;
}

static void reply_subsequence(struct client *c, const struct lcs *lcs)
{
    size_t i = lcs->a.len, j = lcs->b.len, len = *length_at(lcs, i, j);
    char *text = mem_alloc(len + 1);
    for (size_t at = len; step_back(lcs, &i, &j); i--, j--) text[--at] = lcs->a.ptr[i - 1];
    reply_bulk(c, slice_make(text, len));
    mem_free(text);
}

static void reply_range(struct client *c, size_t from, size_t len)
{
    reply_array(c, 2);
    reply_int(c, (int64_t)from);
    reply_int(c, (int64_t)(from + len - 1));
}

/* The runs of bytes that are adjacent in both strings, the last one first. */
static void reply_matches(struct client *c, const struct lcs *lcs, const struct lcs_options *options)
{
    size_t i = lcs->a.len, j = lcs->b.len;
    struct output_mark mark = reply_open(c);
    int64_t count = 0;
    while (step_back(lcs, &i, &j)) {
        size_t len = 0;
        for (; i > 0 && j > 0 && lcs->a.ptr[i - 1] == lcs->b.ptr[j - 1]; i--, j--) len++;
        if ((int64_t)len < options->min_match_len) continue;
        reply_array(c, options->with_match_len ? 3 : 2);
        reply_range(c, i, len);
        reply_range(c, j, len);
        if (options->with_match_len) reply_int(c, (int64_t)len);
        count++;
    }
    reply_close_array(c, mark, count);
}

static void lcs_reply(struct client *c, const struct lcs *lcs, const struct lcs_options *options)
{
    uint32_t len = *length_at(lcs, lcs->a.len, lcs->b.len);
    if (options->idx) {
        reply_map(c, 2);
        reply_text(c, "matches");
        reply_matches(c, lcs, options);
        reply_text(c, "len");
        reply_int(c, len);
    } else if (options->len) {
        reply_int(c, len);
    } else {
        reply_subsequence(c, lcs);
    }
}

static void lcs_run(struct call *call)
{
    struct lcs lcs = {0};
    struct lcs_options options = {0};
    char digits[2][NUMBER_TEXT_MAX];
    bool first = get_text(call, call->argv[1], digits[0], &lcs.a);
    bool second = get_text(call, call->argv[2], digits[1], &lcs.b);
    if (!first || !second) {
        reply_error(call->client, "ERR The specified keys must contain string values");
        return;
    }
    if (!parse_options(call, &options) || !make_table(call, &lcs)) return;
    fill_table(&lcs);
    lcs_reply(call->client, &lcs, &options);
    mem_free(lcs.lengths);
}

const struct command lcs_commands[] = {
    {.name = "lcs",
     .group = GROUP_STRING,
     .since = "7.0.0",
     .arity = -3,
     .flags = CMD_READONLY,
     .keys = {{.flags = KEY_RO | KEY_ACCESS, .index = 1, .last = 1, .step = 1}},
     .summary = "Finds the longest common subsequence of two strings.",
     .complexity = "O(N*M), N and M being the lengths of the strings",
     .syntax = "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
     .run = lcs_run},
    {0},
};
