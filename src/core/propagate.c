#include "core/propagate.h"

#include "base/assert.h"
#include "base/mem.h"
#include "db/keyspace.h"

struct propagation *propagate_new(struct keyspace *ks)
{
    struct propagation *p = mem_calloc(1, sizeof *p);
    p->keyspace = ks;
    p->selected_db = -1;
    return p;
}

void propagate_free(struct propagation *p)
{
    buffer_fini(&p->stream);
    mem_free(p);
}

void propagate_switch(struct server *server, bool on)
{
    struct propagation *p = server->propagation;
    server->propagating = on;
    server->keyspace->tell_removed = on;
    buffer_clear(&p->stream);
    p->unit_start = 0;
    p->unit_commands = 0;
    p->selected_db = -1;
}

/* ---- encoding ---- */

static const char multi_words[] = "*1\r\n$5\r\nMULTI\r\n", exec_words[] = "*1\r\n$4\r\nEXEC\r\n";
enum { WORD_OVERHEAD = NUMBER_TEXT_MAX + 5 }; /* $<length>\r\n and \r\n */

/* "$<number>\r\n"; nearly all numbers have one digit or two. */
static inline char *put_header(char *to, char kind, size_t number)
{
    *to++ = kind;
    if (number < 10) {
        *to++ = (char)('0' + number);
    } else if (number < 100) {
        *to++ = (char)('0' + number / 10);
        *to++ = (char)('0' + number % 10);
    } else {
        to += number_print_unsigned(to, number);
    }
    memcpy(to, "\r\n", 2);
    return to + 2;
}

/* A word and its end. Most are short: pieces that overlap cost less than a call. */
static inline char *put_bytes(char *to, struct slice word)
{
    if (word.len > 64) {
        memcpy(to, word.ptr, word.len);
    } else if (word.len >= 16) {
        for (size_t at = 0; at + 16 <= word.len; at += 16) memcpy(to + at, word.ptr + at, 16);
        memcpy(to + word.len - 16, word.ptr + word.len - 16, 16);
    } else if (word.len >= 8) {
        memcpy(to, word.ptr, 8);
        memcpy(to + word.len - 8, word.ptr + word.len - 8, 8);
    } else {
        for (size_t at = 0; at < word.len; at++) to[at] = word.ptr[at];
    }
    memcpy(to + word.len, "\r\n", 2);
    return to + word.len + 2;
}

void propagate_encode(struct buffer *to, int argc, const struct slice *argv)
{
    size_t bound = WORD_OVERHEAD;
    for (int i = 0; i < argc; i++) bound += argv[i].len + WORD_OVERHEAD;
    char *start = buffer_reserve(to, bound), *at = put_header(start, '*', (size_t)argc);
    for (int i = 0; i < argc; i++) at = put_bytes(put_header(at, '$', argv[i].len), argv[i]);
    buffer_added(to, (size_t)(at - start));
}

static void select_db(struct propagation *p, int db)
{
    struct propagate_number room;
    const struct slice words[] = {SLICE("SELECT"), propagate_number(&room, db)};
    propagate_encode(&p->stream, 2, words);
    p->selected_db = db;
}

/* ---- units ---- */

static void insert(struct buffer *to, size_t at, const char *text, size_t len)
{
    size_t behind = to->len - at;
    buffer_reserve(to, len);
    buffer_added(to, len);
    memmove(to->data + at + len, to->data + at, behind);
    memcpy(to->data + at, text, len);
}

void propagate_annotate(struct propagation *p, struct slice line)
{
    insert(&p->stream, 0, line.ptr, line.len);
    p->unit_start += line.len;
}

void propagate_consume(struct propagation *p)
{
    enum { KEPT_BYTES = 1024 * 1024 }; /* of memory, for the next turn */
    if (p->stream.cap > KEPT_BYTES) buffer_fini(&p->stream);
    else buffer_clear(&p->stream);
    p->unit_start = 0;
}

/* Only now it is known whether there are several commands. */
static void enclose(struct propagation *p)
{
    insert(&p->stream, p->unit_start, multi_words, sizeof multi_words - 1);
    buffer_append(&p->stream, exec_words, sizeof exec_words - 1);
}

static void close_unit(struct propagation *p)
{
    if (p->unit_commands > 1) enclose(p);
    p->unit_commands = 0;
    p->unit_start = p->stream.len;
}

void propagate_add(struct propagation *p, int db, int argc, const struct slice *argv)
{
    if (p->is_muted) return;
    if (db != p->selected_db) select_db(p, db);
    propagate_encode(&p->stream, argc, argv);
    p->unit_commands++;
    if (p->depth == 0) close_unit(p);
}

void propagate_begin(struct propagation *p)
{
    if (p->depth++ == 0) p->dirty_seen = p->keyspace->dirty;
    p->is_spoken_for = false;
}

void propagate_end(struct propagation *p, const struct call *call)
{
    enum { MAY_CHANGE = CMD_WRITE | CMD_MAY_REPLICATE };
    bool changed = p->keyspace->dirty != p->dirty_seen && call->command->flags & MAY_CHANGE;
    if (changed && !p->is_spoken_for) propagate_add(p, call->db->id, call->argc, call->argv);
    p->is_spoken_for = false;
    p->dirty_seen = p->keyspace->dirty;
    if (--p->depth == 0) close_unit(p);
}

/* ---- handlers ---- */

void propagate_words(struct call *call, int argc, const struct slice *argv)
{
    struct propagation *p = call->server->propagation;
    p->is_spoken_for = true;
    propagate_add(p, call->db->id, argc, argv);
}

void propagate_nothing(struct call *call)
{
    call->server->propagation->is_spoken_for = true;
}

struct slice propagate_number(struct propagate_number *room, int64_t number)
{
    return slice_make(room->digits, number_print(room->digits, number));
}

/* ---- the keyspace's listener ---- */

/* A key that went with its last field needs no command: the field's does it. */
void propagate_removed(void *ctx, int db, struct slice key, enum event event)
{
    struct propagation *p = ctx;
    const struct db_settings *settings = &p->keyspace->settings;
    p->dirty_seen++;
    if (event != EVENT_EXPIRED && event != EVENT_EVICTED) return;
    bool in_background = event == EVENT_EXPIRED ? settings->lazyfree_lazy_expire
                                                : settings->lazyfree_lazy_eviction;
    const struct slice words[] = {propagate_removal(in_background), key};
    propagate_add(p, db, 2, words);
}

void propagate_fields_removed(void *ctx, int db, struct slice key, const struct slice *fields, size_t count)
{
    struct propagation *p = ctx;
    struct slice *words = mem_alloc((count + 2) * sizeof *words);
    words[0] = SLICE("HDEL");
    words[1] = key;
    memcpy(words + 2, fields, count * sizeof *fields);
    p->dirty_seen += count;
    propagate_add(p, db, (int)count + 2, words);
    mem_free(words);
}
