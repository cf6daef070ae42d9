#include "db/keyspace.h"

#include "base/mem.h"
#include "db/expire.h"
#include "keyspace.h"
#include "seed.h"

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void set_number(struct db *db, const char *key, int64_t number, enum type type, int64_t deadline_ms)
{
    struct value value = string_number_value(number);
    value.type = (uint8_t)type;
    db_set(db, slice_of(key), &value, deadline_ms);
}

static void text_is(struct db *db, const char *key, const char *expected)
{
    char digits[NUMBER_TEXT_MAX];
    const struct entry *e = db_peek(db, slice_of(key));
    CHECK(e != NULL);
    struct value value = entry_value(e);
    CHECK(slice_equal(string_view(&value, digits), slice_of(expected)));
}

/* ---- deadlines ---- */

static void strictly_after_the_deadline(void)
{
    setup();
    world_set(w.db, "k", "v", w.ks->now_ms + 10);
    CHECK_EVENTS(&w, "new(k)");
    w.ks->now_ms += 10;
    CHECK(db_lookup_read(w.db, SLICE("k")) != NULL);
    CHECK(db_lookup_fact(w.db, SLICE("k")) != NULL);
    CHECK(db_lookup_write(w.db, SLICE("k")) != NULL);
    CHECK(db_peek(w.db, SLICE("k")) != NULL);
    CHECK_EVENTS(&w, "");
    w.ks->now_ms++;
    CHECK(db_lookup_read(w.db, SLICE("k")) == NULL);
    CHECK_EVENTS(&w, "expired(k) keymiss(k)");
    CHECK_INT(db_count(w.db), 0);
    CHECK_INT(w.ks->stats.hits, 2);
    CHECK_INT(w.ks->stats.misses, 1);
    world_fini(&w);
}

static struct entry *(*const lookups[])(struct db *db, struct slice key) = {db_lookup_read, db_lookup_fact,
                                                                            db_lookup_write, db_peek};
static const char *const lookup_events[] = {"expired(k) keymiss(k)", "expired(k) keymiss(k)", "expired(k)",
                                            "expired(k)"};

static void whoever_comes_upon_it(void)
{
    setup();
    for (int i = 0; i < 4; i++) {
        world_set(w.db, "k", "v", w.ks->now_ms);
        w.ks->now_ms++;
        buffer_clear(&w.events);
        uint64_t dirty = w.ks->dirty;
        CHECK(lookups[i](w.db, SLICE("k")) == NULL);
        CHECK_EVENTS(&w, lookup_events[i]);
        CHECK_INT(w.ks->dirty, dirty + 1);
    }
    world_set(w.db, "k", "v", w.ks->now_ms);
    w.ks->now_ms++;
    buffer_clear(&w.events);
    CHECK(!db_delete(w.db, SLICE("k")));
    CHECK_EVENTS(&w, "expired(k)");
    world_set(w.db, "k", "v", w.ks->now_ms);
    w.ks->now_ms++;
    buffer_clear(&w.events);
    world_set(w.db, "k", "v", ENTRY_NO_DEADLINE);
    CHECK_EVENTS(&w, "expired(k) new(k)");
    CHECK_INT(w.ks->stats.expired, 6);
    CHECK_INT(db_volatile_count(w.db), 0);
    world_fini(&w);
}

static void hidden_but_not_removed(void)
{
    setup();
    world_set(w.db, "k", "v", w.ks->now_ms);
    w.ks->now_ms++;
    w.ks->may_expire = false;
    buffer_clear(&w.events);
    for (int i = 0; i < 4; i++) CHECK(lookups[i](w.db, SLICE("k")) == NULL);
    CHECK_EVENTS(&w, "keymiss(k) keymiss(k)");
    CHECK(db_random(w.db) == NULL);
    CHECK_INT(db_count(w.db), 1);
    CHECK(db_delete(w.db, SLICE("k"))); /* as the master says */
    CHECK_EVENTS(&w, "");
    world_fini(&w);
}

static void setting_a_deadline(void)
{
    setup();
    world_set(w.db, "k", "v", ENTRY_NO_DEADLINE);
    struct entry *e = db_peek(w.db, SLICE("k"));
    CHECK_INT(entry_deadline_ms(e), ENTRY_NO_DEADLINE);
    e = db_set_deadline(w.db, e, ENTRY_NO_DEADLINE);
    CHECK_INT(db_volatile_count(w.db), 0);
    e = db_set_deadline(w.db, e, w.ks->now_ms + 50);
    CHECK(e == db_peek(w.db, SLICE("k")));
    CHECK_INT(entry_deadline_ms(e), w.ks->now_ms + 50);
    CHECK_INT(db_volatile_count(w.db), 1);
    CHECK(db_set_deadline(w.db, e, w.ks->now_ms + 150) == e); /* from now on it stays where it is */
    CHECK_INT(db_average_ttl_ms(w.db), 150);
    world_set(w.db, "l", "v", w.ks->now_ms + 50);
    CHECK_INT(db_average_ttl_ms(w.db), 100);
    w.ks->now_ms += 1000;
    CHECK_INT(db_average_ttl_ms(w.db), 0);
    w.ks->now_ms -= 1000;
    CHECK(db_set_deadline(w.db, e, ENTRY_NO_DEADLINE) == e);
    CHECK_INT(db_volatile_count(w.db), 1);
    CHECK_INT(db_average_ttl_ms(w.db), 50);
    text_is(w.db, "k", "v");
    world_fini(&w);
}

static void keeping_a_deadline(void)
{
    setup();
    int64_t deadline_ms = w.ks->now_ms + 50;
    world_set(w.db, "k", "short", deadline_ms);
    world_set(w.db, "k", "a longer one", DB_KEEP_DEADLINE);
    CHECK_INT(entry_deadline_ms(db_peek(w.db, SLICE("k"))), deadline_ms);
    world_set(w.db, "k", "12", DB_KEEP_DEADLINE);
    CHECK_INT(entry_deadline_ms(db_peek(w.db, SLICE("k"))), deadline_ms);
    CHECK_INT(db_volatile_count(w.db), 1);
    world_set(w.db, "k", "v", ENTRY_NO_DEADLINE);
    CHECK_INT(db_volatile_count(w.db), 0);
    world_set(w.db, "k", "v", DB_KEEP_DEADLINE);
    world_set(w.db, "new", "v", DB_KEEP_DEADLINE);
    CHECK_INT(db_volatile_count(w.db), 0);
    world_fini(&w);
}

/* ---- values ---- */

static void in_place_or_not(void)
{
    setup();
    char text[5000];
    memset(text, 't', sizeof text);
    struct value values[] = {string_number_value(7),
                             string_text_value(SLICE("short")),
                             string_text_value(SLICE("other")),
                             string_text_value(SLICE("of other length")),
                             string_text_value(slice_make(text, 4096)),
                             string_text_value(slice_make(text, 4097)),
                             string_text_value(SLICE(""))};
    enum { VALUES = sizeof values / sizeof *values };
    char digits[NUMBER_TEXT_MAX], other_digits[NUMBER_TEXT_MAX];
    for (int from = 0; from < VALUES; from++) {
        for (int to = 0; to < VALUES; to++) {
            for (int64_t deadline_ms = ENTRY_NO_DEADLINE; deadline_ms <= w.ks->now_ms;
                 deadline_ms += w.ks->now_ms + 1) {
                db_set(w.db, SLICE("k"), &values[from], deadline_ms);
                struct entry *e = db_lookup_write(w.db, SLICE("k"));
                uint32_t access = e->access;
                e = db_replace_value(w.db, e, &values[to]);
                CHECK(e == db_peek(w.db, SLICE("k")));
                struct value now = entry_value(e);
                CHECK(slice_equal(string_view(&now, digits), string_view(&values[to], other_digits)));
                CHECK_INT(entry_deadline_ms(e), deadline_ms);
                CHECK_INT(e->access, access);
                CHECK_INT(db_volatile_count(w.db), deadline_ms >= 0);
            }
        }
    }
    struct entry *e = db_lookup_write(w.db, SLICE("k"));
    e = db_replace_value(w.db, e, &values[1]);
    CHECK(db_replace_value(w.db, e, &values[2]) == e); /* the same length: in place */
    w.ks->now_ms++;
    buffer_clear(&w.events);
    expire_slice(w.ks, w.ks->now_ms * 1000, 1000);
    CHECK_EVENTS(&w, "expired(k)"); /* the wheel knows where it went */
    world_fini(&w);
}

static void editing(void)
{
    setup();
    world_set(w.db, "k", "12", w.ks->now_ms + 5);
    struct entry *e = db_lookup_write(w.db, SLICE("k"));
    char *text = db_edit_string(w.db, &e, 5);
    CHECK(memcmp(text, "12\0\0\0", 5) == 0);
    memcpy(text + 2, "345", 3);
    text_is(w.db, "k", "12345");
    struct value value = entry_value(e);
    CHECK_INT(value.encoding, STRING_RAW);
    text = db_edit_string(w.db, &e, 3);
    CHECK(memcmp(text, "123", 3) == 0);
    for (size_t len = 4; len < 200000; len += len / 3 + 1) {
        text = db_edit_string(w.db, &e, len);
        CHECK(e == db_peek(w.db, SLICE("k")));
        value = entry_value(e);
        CHECK_INT(string_length(&value), len);
        CHECK(memcmp(text, "123", 3) == 0);
        for (size_t i = 3; i < len; i++) CHECK_INT(text[i], 0);
    }
    text = db_edit_string(w.db, &e, 2); /* an object stays one */
    text_is(w.db, "k", "12");
    CHECK_INT(entry_deadline_ms(e), w.ks->now_ms + 5);
    world_fini(&w);
}

/* ---- events ---- */

static void events_of_setting(void)
{
    setup();
    world_set(w.db, "k", "v", ENTRY_NO_DEADLINE);
    CHECK_EVENTS(&w, "new(k)");
    world_set(w.db, "k", "v", w.ks->now_ms);
    CHECK_EVENTS(&w, "overwritten(k)");
    set_number(w.db, "k", 5, TYPE_LIST, ENTRY_NO_DEADLINE);
    CHECK_EVENTS(&w, "overwritten(k) type_changed(k)");
    set_number(&w.ks->dbs[1], "k", 5, TYPE_STRING, ENTRY_NO_DEADLINE);
    CHECK_EVENTS(&w, "new(k@1)");
    struct value value = string_number_value(1);
    CHECK_INT(db_set_quietly(w.db, SLICE("k"), &value, ENTRY_NO_DEADLINE), DB_TYPE_CHANGED);
    CHECK_INT(db_set_quietly(w.db, SLICE("k"), &value, ENTRY_NO_DEADLINE), DB_OVERWRITTEN);
    CHECK_INT(db_set_quietly(w.db, SLICE("q"), &value, ENTRY_NO_DEADLINE), DB_ADDED);
    CHECK_EVENTS(&w, "");
    CHECK(db_delete(w.db, SLICE("k")) && db_unlink(w.db, SLICE("q")) && !db_unlink(w.db, SLICE("q")));
    CHECK_EVENTS(&w, "");
    world_fini(&w);
}

static void moving_and_copying(void)
{
    enum db_change change;
    struct db *other;
    setup();
    other = &w.ks->dbs[1];
    world_set(w.db, "a", "text", w.ks->now_ms + 10);
    world_set(w.db, "b", "12", ENTRY_NO_DEADLINE);
    buffer_clear(&w.events);
    CHECK(!db_move(w.db, SLICE("none"), other, SLICE("x"), &change));
    CHECK(!db_copy(w.db, SLICE("none"), other, SLICE("x"), &change));
    CHECK(db_move(w.db, SLICE("a"), other, SLICE("a"), &change) && change == DB_ADDED);
    CHECK(db_peek(w.db, SLICE("a")) == NULL);
    text_is(other, "a", "text");
    CHECK_INT(entry_deadline_ms(db_peek(other, SLICE("a"))), w.ks->now_ms + 10);
    CHECK_INT(db_volatile_count(w.db) + 10 * db_volatile_count(other), 10);
    CHECK(db_copy(w.db, SLICE("b"), other, SLICE("a"), &change) && change == DB_OVERWRITTEN);
    text_is(other, "a", "12");
    text_is(w.db, "b", "12");
    CHECK_INT(db_volatile_count(other), 0); /* the copy's deadline: none */
    set_number(w.db, "l", 3, TYPE_LIST, ENTRY_NO_DEADLINE);
    CHECK(db_move(w.db, SLICE("l"), w.db, SLICE("b"), &change) && change == DB_TYPE_CHANGED);
    buffer_clear(&w.events);
    world_set(w.db, "due", "v", w.ks->now_ms);
    w.ks->now_ms++;
    buffer_clear(&w.events);
    CHECK(db_copy(other, SLICE("a"), w.db, SLICE("due"), &change) && change == DB_ADDED);
    CHECK_EVENTS(&w, "expired(due)");
    world_fini(&w);
}

/* A long value is an object: moved as it is, copied for a copy. */
static void moving_and_copying_objects(void)
{
    enum db_change change;
    char text[5001];
    memset(text, 't', 5000);
    text[5000] = '\0';
    setup();
    world_set(w.db, "a", text, ENTRY_NO_DEADLINE);
    const void *object = entry_value(db_peek(w.db, SLICE("a"))).object;
    CHECK(db_move(w.db, SLICE("a"), w.db, SLICE("b"), &change));
    CHECK(entry_value(db_peek(w.db, SLICE("b"))).object == object);
    CHECK(db_copy(w.db, SLICE("b"), w.db, SLICE("a"), &change));
    CHECK(entry_value(db_peek(w.db, SLICE("a"))).object != object);
    CHECK(db_delete(w.db, SLICE("b")));
    text_is(w.db, "a", text);
    world_fini(&w);
}

static void removed_by_the_server(void)
{
    setup();
    world_set(w.db, "a", "v", ENTRY_NO_DEADLINE);
    world_set(w.db, "b", "v", w.ks->now_ms + 1000);
    buffer_clear(&w.events);
    db_evict_entry(w.db, db_peek(w.db, SLICE("a")));
    db_evict_entry(w.db, db_peek(w.db, SLICE("b")));
    CHECK_EVENTS(&w, "evicted(a) evicted(b)");
    CHECK_INT(db_volatile_count(w.db), 0);
    CHECK_INT(w.ks->stats.evicted, 2);
    CHECK_INT(w.ks->stats.expired, 0);
    world_fini(&w);
}

static void classes_that_nobody_hears(void)
{
    setup();
    w.ks->events_enabled = 1u << EVENT_CLASS_NEW | 1u << EVENT_CLASS_OVERWRITTEN;
    w.ks->events_interested = 1u << EVENT_CLASS_OVERWRITTEN;
    world_set(w.db, "k", "v", ENTRY_NO_DEADLINE);
    set_number(w.db, "k", 1, TYPE_LIST, ENTRY_NO_DEADLINE);
    db_signal_modified(w.db, SLICE("k"), EVENT_SET);
    CHECK_EVENTS(&w, "overwritten(k)");
    CHECK_INT(w.ks->stats.events_skipped[EVENT_CLASS_NEW], 1);
    CHECK_INT(w.ks->stats.events_skipped[EVENT_CLASS_OVERWRITTEN], 0);
    CHECK_INT(w.ks->stats.events_skipped[EVENT_CLASS_TYPE_CHANGED], 0);
    CHECK_INT(w.ks->stats.events_skipped[EVENT_CLASS_STRING], 0);
    CHECK_INT(w.ks->dirty, 1);
    world_fini(&w);
}

static void whole_databases(void)
{
    setup();
    struct db *other = &w.ks->dbs[1];
    world_set(w.db, "a", "v", w.ks->now_ms + 5);
    world_set(w.db, "b", "v", ENTRY_NO_DEADLINE);
    world_set(other, "c", "v", w.ks->now_ms + 7);
    buffer_clear(&w.events);
    keyspace_swap(w.ks, 0, 1);
    CHECK_INT(db_count(w.db), 1);
    CHECK_INT(db_count(other), 2);
    CHECK_INT(db_average_ttl_ms(w.db), 7);
    CHECK_INT(db_average_ttl_ms(other), 5);
    CHECK_EVENTS(&w, "");
    w.ks->now_ms += 6;
    expire_slice(w.ks, w.ks->now_ms * 1000, 1000);
    CHECK_EVENTS(&w, "expired(a@1)"); /* where it is now */
    CHECK_INT(keyspace_count(w.ks), 2);
    CHECK_INT(db_clear(w.db, false), 1);
    CHECK_INT(db_volatile_count(w.db), 0);
    w.ks->now_ms += 100;
    CHECK(!expire_slice(w.ks, w.ks->now_ms * 1000, 1000));
    CHECK_EVENTS(&w, "");
    CHECK_INT(keyspace_count(w.ks), 1);
    world_fini(&w);
}

static void random_keys(void)
{
    setup();
    CHECK(db_random(w.db) == NULL);
    int seen[10] = {0};
    for (int i = 0; i < 10; i++) {
        char key[] = {(char)('0' + i), '\0'};
        world_set(w.db, key, "v", i < 4 ? w.ks->now_ms : ENTRY_NO_DEADLINE);
    }
    w.ks->now_ms++;
    buffer_clear(&w.events);
    for (int i = 0; i < 6000; i++) seen[entry_key(db_random(w.db)).ptr[0] - '0']++;
    for (int i = 0; i < 4; i++) CHECK_INT(seen[i], 0);
    for (int i = 4; i < 10; i++) CHECK(seen[i] > 700 && seen[i] < 1300);
    CHECK_INT(db_count(w.db), 6);
    CHECK_INT(w.ks->stats.expired, 4);
    world_fini(&w);
}

/* ---- many things at random, against a plain table ---- */

enum { KEYS = 60, TEXT_MAX = 6000 };

struct model_key {
    char name[300];
    bool is_there;
    uint8_t type;
    char *text; /* the value's bytes, NUL-terminated */
    int64_t deadline_ms;
};

struct model {
    struct random *random;
    struct world world;
    struct model_key keys[WORLD_DBS][KEYS];
    struct buffer expected; /* events, as the world writes them */
};

static size_t below(struct model *m, size_t bound)
{
    return (size_t)random_below(m->random, bound);
}

static void model_init(struct model *m, struct random *random)
{
    *m = (struct model){.random = random};
    world_init(&m->world);
    for (int db = 0; db < WORLD_DBS; db++) {
        for (int i = 0; i < KEYS; i++) {
            char *name = m->keys[db][i].name;
            sprintf(name, "k%d", i);
            if (i % 10 == 9) memset(name + strlen(name), 'k', 240 + (size_t)i - strlen(name));
        }
    }
}

static void drop(struct model_key *key)
{
    mem_free(key->text);
    key->text = NULL;
    key->is_there = false;
}

static void model_fini(struct model *m)
{
    for (int db = 0; db < WORLD_DBS; db++)
        for (int i = 0; i < KEYS; i++) drop(&m->keys[db][i]);
    buffer_fini(&m->expected);
    world_fini(&m->world);
}

static void expect_event(struct model *m, int db, const char *name, const char *event)
{
    if (m->expected.len) buffer_append_char(&m->expected, ' ');
    buffer_printf(&m->expected, db ? "%s(%s@%d)" : "%s(%s)", event, name, db);
}

static bool is_due(const struct model *m, const struct model_key *key)
{
    return key->is_there && key->deadline_ms >= 0 && m->world.ks->now_ms > key->deadline_ms;
}

static void touch(struct model *m, int db, struct model_key *key)
{
    if (!is_due(m, key)) return;
    drop(key);
    expect_event(m, db, key->name, "expired");
}

static int64_t some_deadline(struct model *m)
{
    int64_t ttl_ms = (int64_t)(random_next(m->random) >> (63 - below(m, 14)));
    return below(m, 3) ? m->world.ks->now_ms + ttl_ms : ENTRY_NO_DEADLINE;
}

/* A value, and its bytes in a new text. */
static struct value some_model_value(struct model *m, char **text)
{
    size_t len = below(m, 8) ? below(m, 40) : below(m, TEXT_MAX);
    *text = mem_calloc(1, len + 24);
    if (below(m, 3) == 0) {
        struct value value = string_number_value((int64_t)random_next(m->random) >> below(m, 64));
        sprintf(*text, "%lld", (long long)value.number);
        if (below(m, 3) == 0) value.type = TYPE_LIST;
        return value;
    }
    for (size_t i = 0; i < len; i++) (*text)[i] = (char)('a' + below(m, 26));
    return string_text_value(slice_make(*text, len));
}

static void give(struct model_key *key, char *text, uint8_t type, int64_t deadline_ms)
{
    mem_free(key->text);
    key->is_there = true;
    key->text = text;
    key->type = type;
    key->deadline_ms = deadline_ms;
}

static enum db_change model_change(const struct model_key *key, uint8_t type)
{
    return !key->is_there ? DB_ADDED : key->type == type ? DB_OVERWRITTEN : DB_TYPE_CHANGED;
}

static void step_set(struct model *m, int db, struct model_key *key)
{
    char *text;
    struct value value = some_model_value(m, &text);
    int64_t deadline_ms = below(m, 4) ? some_deadline(m) : DB_KEEP_DEADLINE;
    db_set(&m->world.ks->dbs[db], slice_of(key->name), &value, deadline_ms);
    touch(m, db, key);
    enum db_change change = model_change(key, value.type);
    expect_event(m, db, key->name, change == DB_ADDED ? "new" : "overwritten");
    if (change == DB_TYPE_CHANGED) expect_event(m, db, key->name, "type_changed");
    if (deadline_ms == DB_KEEP_DEADLINE) deadline_ms = key->is_there ? key->deadline_ms : ENTRY_NO_DEADLINE;
    give(key, text, value.type, deadline_ms);
}

static void step_delete(struct model *m, int db, struct model_key *key)
{
    bool unlinks = below(m, 2);
    bool deleted = (unlinks ? db_unlink : db_delete)(&m->world.ks->dbs[db], slice_of(key->name));
    touch(m, db, key);
    CHECK_INT(deleted, key->is_there);
    drop(key);
}

static void step_look(struct model *m, int db, struct model_key *key)
{
    size_t which = below(m, 4);
    const struct entry *e = lookups[which](&m->world.ks->dbs[db], slice_of(key->name));
    touch(m, db, key);
    if (!key->is_there && which < 2) expect_event(m, db, key->name, "keymiss");
    CHECK_INT(e != NULL, key->is_there);
    if (e == NULL) return;
    char digits[NUMBER_TEXT_MAX];
    struct value value = entry_value(e);
    CHECK(slice_equal(string_view(&value, digits), slice_of(key->text)));
    CHECK_INT(value.type, key->type);
    CHECK_INT(entry_deadline_ms(e), key->deadline_ms);
    CHECK(slice_equal(entry_key(e), slice_of(key->name)));
}

static struct entry *entry_for_writing(struct model *m, int db, struct model_key *key)
{
    struct entry *e = db_lookup_write(&m->world.ks->dbs[db], slice_of(key->name));
    touch(m, db, key);
    CHECK_INT(e != NULL, key->is_there);
    return e;
}

static void step_deadline(struct model *m, int db, struct model_key *key)
{
    struct entry *e = entry_for_writing(m, db, key);
    if (e == NULL) return;
    key->deadline_ms = some_deadline(m);
    e = db_set_deadline(&m->world.ks->dbs[db], e, key->deadline_ms);
    CHECK(e == db_peek(&m->world.ks->dbs[db], slice_of(key->name)));
}

static void step_replace(struct model *m, int db, struct model_key *key)
{
    struct entry *e = entry_for_writing(m, db, key);
    if (e == NULL) return;
    char *text;
    struct value value = some_model_value(m, &text);
    e = db_replace_value(&m->world.ks->dbs[db], e, &value);
    CHECK(e == db_peek(&m->world.ks->dbs[db], slice_of(key->name)));
    give(key, text, value.type, key->deadline_ms);
}

static void step_edit(struct model *m, int db, struct model_key *key)
{
    struct entry *e = entry_for_writing(m, db, key);
    if (e == NULL || key->type != TYPE_STRING) return;
    size_t len = strlen(key->text), wanted = 1 + below(m, below(m, 8) ? 60 : TEXT_MAX);
    char *text = db_edit_string(&m->world.ks->dbs[db], &e, wanted);
    CHECK(memcmp(text, key->text, len < wanted ? len : wanted) == 0);
    for (size_t i = len; i < wanted; i++) CHECK_INT(text[i], 0);
    for (size_t i = len; i < wanted; i++) text[i] = 'e';
    char *copy = mem_calloc(1, wanted + 24);
    memcpy(copy, text, wanted);
    give(key, copy, TYPE_STRING, key->deadline_ms);
}

static void step_transfer(struct model *m, int from_db, struct model_key *from)
{
    int to_db = (int)below(m, WORLD_DBS);
    struct model_key *to = &m->keys[to_db][below(m, KEYS)];
    if (from == to || entry_for_writing(m, from_db, from) == NULL) return;
    bool moves = below(m, 2);
    enum db_change change;
    struct keyspace *ks = m->world.ks;
    CHECK((moves ? db_move : db_copy)(&ks->dbs[from_db], slice_of(from->name), &ks->dbs[to_db],
                                      slice_of(to->name), &change));
    touch(m, to_db, to);
    CHECK_INT(change, model_change(to, from->type));
    char *text = mem_calloc(1, strlen(from->text) + 1);
    strcpy(text, from->text);
    give(to, text, from->type, from->deadline_ms);
    if (moves) drop(from);
}

static void step_evict(struct model *m, int db, struct model_key *key)
{
    struct entry *e = entry_for_writing(m, db, key);
    if (e == NULL) return;
    db_evict_entry(&m->world.ks->dbs[db], e);
    drop(key);
    expect_event(m, db, key->name, "evicted");
}

static struct model_key *first_due(struct model *m, int db)
{
    struct model_key *first = NULL;
    for (int i = 0; i < KEYS; i++) {
        struct model_key *key = &m->keys[db][i];
        if (is_due(m, key) && (first == NULL || key->deadline_ms < first->deadline_ms)) first = key;
    }
    return first;
}

/* All that is due goes, database by database; in each in the order of deadlines,
 * those of one deadline in any. */
static void step_expire(struct model *m)
{
    struct keyspace *ks = m->world.ks;
    CHECK(!expire_slice(ks, ks->now_ms * 1000, 1000000));
    const char *told = buffer_slice(&m->world.events).ptr;
    for (int db = 0; db < WORLD_DBS; db++) {
        for (struct model_key *first; (first = first_due(m, db)) != NULL;) {
            struct model_key *its = NULL;
            for (int i = 0; i < KEYS && its == NULL; i++) {
                struct buffer text = {0};
                buffer_printf(&text, db ? "expired(%s@%d)" : "expired(%s)", m->keys[db][i].name, db);
                if (slice_starts_with(slice_of(told), buffer_slice(&text))) its = &m->keys[db][i];
                if (its) told += text.len + (told[text.len] == ' ');
                buffer_fini(&text);
            }
            CHECK(its && is_due(m, its) && its->deadline_ms == first->deadline_ms);
            drop(its);
        }
    }
    CHECK_TEXT(told, "");
    buffer_clear(&m->world.events);
}

static void step_whole(struct model *m, int db)
{
    if (below(m, 20)) return;
    if (below(m, 2)) {
        db_clear(&m->world.ks->dbs[db], false);
        for (int i = 0; i < KEYS; i++) drop(&m->keys[db][i]);
        return;
    }
    keyspace_swap(m->world.ks, 0, 1);
    for (int i = 0; i < KEYS; i++) {
        struct model_key swap = m->keys[0][i];
        m->keys[0][i] = m->keys[1][i];
        m->keys[1][i] = swap;
    }
}

static void check_counts(struct model *m)
{
    for (int db = 0; db < WORLD_DBS; db++) {
        size_t count = 0, with_deadline = 0;
        __int128 sum_ms = 0;
        for (int i = 0; i < KEYS; i++) {
            const struct model_key *key = &m->keys[db][i];
            if (!key->is_there) continue;
            count++;
            if (key->deadline_ms < 0) continue;
            with_deadline++;
            sum_ms += key->deadline_ms;
        }
        const struct db *own = &m->world.ks->dbs[db];
        CHECK_INT(db_count(own), count);
        CHECK_INT(db_volatile_count(own), with_deadline);
        CHECK(own->deadline_sum_ms == sum_ms);
    }
}

static void model_step(struct model *m)
{
    int db = (int)below(m, WORLD_DBS);
    struct model_key *key = &m->keys[db][below(m, KEYS)];
    switch (below(m, 16)) {
    case 0:
    case 1:
    case 2:
    case 3: step_set(m, db, key); break;
    case 4: step_delete(m, db, key); break;
    case 5:
    case 6: step_look(m, db, key); break;
    case 7:
    case 8: step_deadline(m, db, key); break;
    case 9: step_replace(m, db, key); break;
    case 10: step_edit(m, db, key); break;
    case 11:
    case 12: step_transfer(m, db, key); break;
    case 13: step_evict(m, db, key); break;
    case 14: step_whole(m, db); break;
    default: m->world.ks->now_ms += (int64_t)(random_next(m->random) >> (64 - below(m, 10) - 1));
    }
    CHECK_TEXT(buffer_slice(&m->world.events).ptr, buffer_slice(&m->expected).ptr);
    buffer_clear(&m->world.events);
    buffer_clear(&m->expected);
    if (below(m, 10) == 0) step_expire(m);
    check_counts(m);
}

static void any_operations(void)
{
    static struct model m;
    struct random r;
    size_t before = mem_used();
    seed_init(&r);
    model_init(&m, &r);
    for (int i = 0; i < 100000; i++) model_step(&m);
    model_fini(&m);
    CHECK_INT(mem_used(), before);
}

/* Two keyspaces with clocks of their own: neither hears of the other. */
static void two_keyspaces(void)
{
    static struct model a, b;
    struct random r;
    seed_init(&r);
    model_init(&a, &r);
    model_init(&b, &r);
    b.world.ks->now_ms -= 500000;
    for (int i = 0; i < 20000; i++) {
        model_step(random_below(&r, 2) ? &a : &b);
        CHECK(a.world.events.len == 0 && b.world.events.len == 0);
    }
    CHECK(a.world.ks->stats.expired > 100 && b.world.ks->stats.expired > 100);
    model_fini(&a);
    for (int i = 0; i < 5000; i++) model_step(&b);
    model_fini(&b);
}

int main(void)
{
    mem_thread_init();
    TEST("a key is gone strictly after its deadline", strictly_after_the_deadline);
    TEST("whoever comes upon an overdue key removes it, and that is told", whoever_comes_upon_it);
    TEST("where it may not be removed it is hidden", hidden_but_not_removed);
    TEST("deadlines are set, changed and taken away", setting_a_deadline);
    TEST("a deadline may be kept when the value is set", keeping_a_deadline);
    TEST("a value replaces any other, in place or not, and keeps the deadline", in_place_or_not);
    TEST("a string is edited at any length, and zero where it grew", editing);
    TEST("setting tells what it did to the key", events_of_setting);
    TEST("keys are moved and copied with their deadlines", moving_and_copying);
    TEST("an object is moved as it is, and copied for a copy", moving_and_copying_objects);
    TEST("eviction is told as such", removed_by_the_server);
    TEST("only classes that somebody hears are told, others that are enabled counted",
         classes_that_nobody_hears);
    TEST("databases are swapped and emptied with their deadlines", whole_databases);
    TEST("random keys are live ones, all alike", random_keys);
    TEST("a hundred thousand random operations agree with a plain table", any_operations);
    TEST("two keyspaces in one process do not disturb each other", two_keyspaces);
    return TEST_END();
}
