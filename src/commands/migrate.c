/* MIGRATE: keys go to another server, by RESTORE there and DEL here. Everybody
 * waits until the other one has answered, or for the timeout. */
#include "base/clock.h"
#include "base/mem.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/propagate.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/dial.h"
#include "io/reply_reader.h"
#include "persist/dump.h"

enum { TIMEOUT_DEFAULT_MS = 1000, READ_BYTES = 16 * 1024 };

struct migration {
    bool keeps, replaces; /* COPY, REPLACE */
    bool has_user, has_password;
    struct slice user, password;
    int64_t db, timeout_ms, port;
    const struct slice *keys;
    int key_count;
    struct slice *found; /* of the keys, those that exist */
    int found_count;
};

/* ---- arguments ---- */

static bool parse_word(struct call *call, int *at, struct migration *m)
{
    struct slice word = call->argv[*at];
    int more = call->argc - *at - 1;
    if (slice_is(word, "copy")) {
        m->keeps = true;
    } else if (slice_is(word, "replace")) {
        m->replaces = true;
    } else if (slice_is(word, "auth") && more >= 1) {
        m->has_password = true;
        m->password = call->argv[++*at];
    } else if (slice_is(word, "auth2") && more >= 2) {
        m->has_user = m->has_password = true;
        m->user = call->argv[++*at];
        m->password = call->argv[++*at];
    } else if (slice_is(word, "keys")) {
        if (call->argv[3].len) {
            reply_error(call->client,
                        "ERR When using MIGRATE KEYS option, the key argument must be set to the empty "
                        "string");
            return false;
        }
        m->keys = &call->argv[*at + 1];
        m->key_count = more;
        *at = call->argc;
    } else {
        reply_syntax_error(call->client);
        return false;
    }
    return true;
}

static bool parse(struct call *call, struct migration *m)
{
    *m = (struct migration){.keys = &call->argv[3], .key_count = 1};
    for (int at = 6; at < call->argc; at++)
        if (!parse_word(call, &at, m)) return false;
    if (!args_int(call->client, call->argv[5], &m->timeout_ms, NULL) ||
        !args_int(call->client, call->argv[4], &m->db, NULL))
        return false;
    if (m->timeout_ms <= 0) m->timeout_ms = TIMEOUT_DEFAULT_MS;
    if (!number_parse(call->argv[2], &m->port) || m->port < 0 || m->port > 65535) m->port = 0;
    return true;
}

static void find_keys(struct call *call, struct migration *m)
{
    m->found = mem_alloc((size_t)(m->key_count + 1) * sizeof *m->found);
    for (int i = 0; i < m->key_count; i++)
        if (db_lookup_read(call->db, m->keys[i])) m->found[m->found_count++] = m->keys[i];
}

/* ---- what is sent ---- */

static void put_greeting(const struct migration *m, struct buffer *to)
{
    struct propagate_number db;
    const struct slice auth[] = {SLICE("AUTH"), m->has_user ? m->user : m->password, m->password};
    const struct slice select[] = {SLICE("SELECT"), propagate_number(&db, m->db)};
    if (m->has_password) propagate_encode(to, m->has_user ? 3 : 2, auth);
    propagate_encode(to, 2, select);
}

/* False, and why, where a value cannot be written. */
static bool put_key(struct call *call, const struct migration *m, struct slice key, struct buffer *to,
                    struct buffer *why)
{
    struct propagate_number ttl;
    struct buffer payload = {0};
    const struct entry *e = db_peek(call->db, key);
    struct value value = entry_value(e);
    int64_t deadline_ms = entry_deadline_ms(e), left_ms = 0;
    if (deadline_ms >= 0) {
        left_ms = deadline_ms - call->db->keyspace->now_ms;
        if (left_ms < 1) left_ms = 1;
    }
    bool written = dump_write(call->server->persist, &value, &payload, why);
    const struct slice words[] = {SLICE("RESTORE"), key, propagate_number(&ttl, left_ms),
                                  buffer_slice(&payload), SLICE("REPLACE")};
    if (written) propagate_encode(to, m->replaces ? 5 : 4, words);
    buffer_fini(&payload);
    return written;
}

/* ---- what is answered ---- */

struct answers {
    struct dial *dial;
    struct reply_reader reader;
    struct buffer data;
    size_t at;
};

/* The next reply; false when there is none in time. */
static bool read_answer(struct answers *a, struct reply *reply)
{
    for (;;) {
        struct slice input = slice_make(buffer_slice(&a->data).ptr + a->at, a->data.len - a->at);
        enum reply_status status = reply_reader_feed(&a->reader, &input, reply);
        a->at = a->data.len - input.len;
        if (status != REPLY_MORE) return status == REPLY_READY;
        buffer_clear(&a->data);
        a->at = 0;
        ssize_t len = dial_read(a->dial, buffer_reserve(&a->data, READ_BYTES), READ_BYTES);
        if (len < 0) return false;
        buffer_added(&a->data, (size_t)len);
    }
}

/* Reads an answer; the first error of all is kept. True if there was an answer. */
static bool take_answer(struct answers *a, struct buffer *error, bool *accepted)
{
    struct reply reply = {0};
    *accepted = false;
    if (!read_answer(a, &reply)) return false;
    *accepted = reply.kind != REPLY_ERROR;
    if (!*accepted && error->len == 0) {
        buffer_append_text(error, "ERR Target instance replied with error: ");
        buffer_append_slice(error, reply.text);
    }
    reply_fini(&reply);
    return true;
}

/* Keys that the other server has taken are no more here. */
static void remove_taken(struct call *call, struct slice *taken, int count)
{
    if (count == 0) return;
    for (int i = 0; i < count; i++) {
        db_delete(call->db, taken[i]);
        db_signal_modified(call->db, taken[i], EVENT_DEL);
    }
    if (!call->server->propagating) return;
    struct slice *words = mem_alloc((size_t)(count + 1) * sizeof *words);
    words[0] = SLICE("DEL");
    memcpy(words + 1, taken, (size_t)count * sizeof *words);
    propagate_words(call, count + 1, words);
    mem_free(words);
}

/* Reads all answers; false when one is missing. */
static bool settle(struct call *call, struct migration *m, struct dial *dial, struct buffer *error)
{
    struct answers answers = {.dial = dial};
    int taken = 0, greetings = m->has_password ? 2 : 1;
    bool answered = true, accepted = true, greeted = true;
    reply_reader_init(&answers.reader);
    for (int i = 0; i < greetings && answered; i++) {
        answered = take_answer(&answers, error, &accepted);
        greeted = greeted && accepted;
    }
    for (int i = 0; i < m->found_count && answered; i++) {
        answered = take_answer(&answers, error, &accepted);
        if (answered && accepted && greeted) m->found[taken++] = m->found[i];
    }
    if (!m->keeps) remove_taken(call, m->found, taken);
    reply_reader_fini(&answers.reader);
    buffer_fini(&answers.data);
    return answered;
}

/* ---- MIGRATE ---- */

static void migrate(struct call *call, struct migration *m)
{
    struct client *c = call->client;
    struct buffer out = {0}, error = {0};
    struct dial dial;
    char *host = mem_copy(call->argv[1].ptr, call->argv[1].len);
    int64_t deadline_ms = clock_monotonic_ns() / 1000000 + m->timeout_ms;
    put_greeting(m, &out);
    bool written = true;
    for (int i = 0; i < m->found_count && written; i++) written = put_key(call, m, m->found[i], &out, &error);
    if (!written) {
        reply_error(c, error.data);
    } else if (!dial_open(&dial, host, (int)m->port, deadline_ms)) {
        reply_error(c, "IOERR error or timeout writing to target instance");
    } else {
        bool sent = dial_write(&dial, out.data, out.len);
        if (!sent) reply_error(c, "IOERR error or timeout writing to target instance");
        else if (!settle(call, m, &dial, &error))
            reply_error(c, "IOERR error or timeout reading from target instance");
        else if (error.len) reply_error(c, error.data);
        else reply_ok(c);
        dial_close(&dial);
    }
    buffer_fini(&out);
    buffer_fini(&error);
    mem_free(host);
}

static void migrate_run(struct call *call)
{
    struct migration m;
    if (!parse(call, &m)) return;
    if (call->server->propagating) propagate_nothing(call);
    find_keys(call, &m);
    if (m.found_count) migrate(call, &m);
    else reply_simple(call->client, "NOKEY");
    mem_free(m.found);
}

static bool is_secret(const struct call *call, int i)
{
    if (i < 6) return false;
    for (int at = 6; at < i && !slice_is(call->argv[at], "keys"); at++) {
        if (slice_is(call->argv[at], "auth") && i == at + 1) return true;
        if (slice_is(call->argv[at], "auth2") && (i == at + 1 || i == at + 2)) return true;
    }
    return false;
}

/* The key of argument 3, unless it is empty; those behind KEYS. */
static bool get_keys(int argc, const struct slice *argv, struct key_positions *keys)
{
    const unsigned flags = KEY_RW | KEY_ACCESS | KEY_DELETE;
    for (int i = 6; i < argc && argv[3].len == 0; i++) {
        if (slice_is(argv[i], "auth")) {
            i++;
        } else if (slice_is(argv[i], "auth2")) {
            i += 2;
        } else if (slice_is(argv[i], "keys")) {
            while (++i < argc) command_keys_add(keys, i, flags);
            return true;
        }
    }
    command_keys_add(keys, 3, flags);
    return true;
}

static const char *const history[] = {"3.0.0", "Takes `COPY` and `REPLACE`.",
                                      "3.0.6", "Takes `KEYS`.",
                                      "4.0.7", "Takes `AUTH`.",
                                      "6.0.0", "Takes `AUTH2`.",
                                      NULL};

const struct command migrate_commands[] = {
    {.name = "migrate",
     .group = GROUP_GENERIC,
     .since = "2.6.0",
     .arity = -6,
     .flags = CMD_WRITE | CMD_MOVABLE_KEYS,
     .categories = CATEGORY_DANGEROUS | CATEGORY_KEYSPACE,
     .keys = {{.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .index = 3},
              {.flags = KEY_RW | KEY_ACCESS | KEY_DELETE | KEY_INCOMPLETE,
               .keyword = "KEYS",
               .keyword_from = -2,
               .last = -1}},
     .get_keys = get_keys,
     .events = {EVENT_DEL, EVENT_KEYMISS},
     .summary = "Moves keys to another server.",
     .complexity = "That of a DUMP and a DEL here, of a RESTORE there, and of sending what they return",
     .syntax = "host port <key-or-empty-string: key | \"\"> destination-db:integer timeout:integer [COPY] "
               "[REPLACE] [authentication: AUTH password | AUTH2 username password] [KEYS key [key ...]]",
     .tips = {"nondeterministic_output"},
     .history = history,
     .run = migrate_run,
     .is_secret = is_secret},
    {0},
};
