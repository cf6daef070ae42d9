#include "types/hash.h"

#include "base/mem.h"
#include "db/expire.h"
#include "db/fields.h"
#include "seed.h"
#include "test.h"

enum { FIELDS = 60, VALUE_MAX = 100 };

/* What a hash should hold: by the number of the field. */
struct expected {
    bool there;
    int64_t deadline_ms; /* VALUE_NO_DEADLINE: none */
    size_t value_len;
    char value[VALUE_MAX];
};

struct model {
    struct expected fields[FIELDS];
};

static size_t model_count(const struct model *m)
{
    size_t count = 0;
    for (int i = 0; i < FIELDS; i++) count += m->fields[i].there;
    return count;
}

static int64_t model_first_ms(const struct model *m)
{
    int64_t first_ms = VALUE_NO_DEADLINE;
    for (int i = 0; i < FIELDS; i++)
        if (m->fields[i].there && m->fields[i].deadline_ms < first_ms) first_ms = m->fields[i].deadline_ms;
    return first_ms;
}

/* Names of all kinds: numbers, words, the empty one, a long one. */
static struct slice name_of(int field, char room[80])
{
    if (field == 0) return SLICE("");
    if (field % 10 == 1) return slice_make(memset(room, 'a' + field % 26, 70), (size_t)(60 + field / 10));
    return slice_make(room, (size_t)snprintf(room, 80, field % 2 ? "%d" : "field:%d", field * 1000));
}

static int field_of(struct slice name)
{
    char room[80];
    for (int i = 0; i < FIELDS; i++)
        if (slice_equal(name, name_of(i, room))) return i;
    return -1;
}

static struct slice random_value(struct random *r, char room[VALUE_MAX])
{
    if (random_below(r, 2)) {
        uint64_t number = random_next(r) >> random_below(r, 64);
        return slice_make(room, (size_t)snprintf(room, VALUE_MAX, "%lld", (long long)number));
    }
    size_t len = random_below(r, 8) ? random_below(r, 20) : random_below(r, VALUE_MAX);
    for (size_t i = 0; i < len; i++) room[i] = (char)random_below(r, 256);
    return slice_make(room, len);
}

static void model_set(struct expected *f, struct slice value, bool keep_deadline)
{
    if (!f->there || !keep_deadline) f->deadline_ms = VALUE_NO_DEADLINE;
    f->there = true;
    f->value_len = value.len;
    memcpy(f->value, value.ptr, value.len);
}

/* ---- one hash ---- */

struct walk {
    const struct model *model;
    bool seen[FIELDS];
    size_t count;
};

static bool look_at(void *ctx, struct slice name, struct slice value)
{
    struct walk *walk = ctx;
    int field = field_of(name);
    CHECK(field >= 0 && walk->model->fields[field].there);
    const struct expected *f = &walk->model->fields[field];
    CHECK(slice_equal(value, slice_make(f->value, f->value_len)));
    CHECK(!walk->seen[field]);
    walk->seen[field] = true;
    walk->count++;
    return true;
}

static void check_hash(const struct value *hash, const struct model *m)
{
    char room[80], digits[NUMBER_TEXT_MAX];
    struct walk walk = {.model = m};
    CHECK_INT(hash_type.length(hash), model_count(m));
    CHECK_INT(hash_type.next_deadline_ms(hash), model_first_ms(m));
    hash_type.each(hash, &(struct value_visitor){look_at, &walk});
    CHECK_INT(walk.count, model_count(m));
    for (int i = 0; i < FIELDS; i++) {
        const struct expected *f = &m->fields[i];
        struct slice value;
        int64_t deadline_ms;
        CHECK(hash_find(hash, name_of(i, room), digits, &value) == f->there);
        CHECK(hash_deadline_ms(hash, name_of(i, room), &deadline_ms) == f->there);
        if (!f->there) continue;
        CHECK(slice_equal(value, slice_make(f->value, f->value_len)));
        CHECK_INT(deadline_ms, f->deadline_ms);
    }
}

static void check_draws(const struct value *hash, const struct model *m, struct random *r)
{
    struct walk one = {.model = m}, some = {.model = m};
    size_t count = model_count(m), wanted = random_below(r, FIELDS + 10);
    hash_random(hash, r, &(struct value_visitor){look_at, &one});
    CHECK_INT(one.count, count > 0);
    hash_random_fields(hash, wanted, r, &(struct value_visitor){look_at, &some});
    CHECK_INT(some.count, wanted < count ? wanted : count);
}

static void check_copy(const struct value *hash, const struct model *m)
{
    struct value copy = *hash;
    struct digest a = {0}, b = {0};
    copy.object = hash_type.copy(hash);
    check_hash(&copy, m);
    hash_type.digest(hash, &a);
    hash_type.digest(&copy, &b);
    CHECK(memcmp(&a, &b, sizeof a) == 0);
    if (copy.object) hash_type.free(copy.object, copy.encoding);
}

static bool note_expired(void *ctx, struct slice name, struct slice value)
{
    struct model *m = ctx;
    int field = field_of(name);
    CHECK(value.ptr == NULL);
    CHECK(m->fields[field].there && m->fields[field].deadline_ms == model_first_ms(m));
    m->fields[field].there = false;
    return true;
}

static void change_hash(struct value *hash, struct model *m, struct random *r, int64_t now_ms,
                        const struct types_settings *settings)
{
    char room[80], value_room[VALUE_MAX];
    int field = (int)random_below(r, FIELDS);
    struct expected *f = &m->fields[field];
    struct slice name = name_of(field, room);
    uint64_t what = random_below(r, 100);
    if (what < 45) {
        struct slice value = random_value(r, value_room);
        bool keep = random_below(r, 2);
        CHECK(hash_set(hash, name, value, keep, settings) == !f->there);
        model_set(f, value, keep);
    } else if (what < 65) {
        CHECK(hash_remove(hash, name) == f->there);
        f->there = false;
    } else if (what < 95 && f->there) {
        f->deadline_ms = random_below(r, 3) ? now_ms + (int64_t)random_below(r, 500) : VALUE_NO_DEADLINE;
        hash_set_deadline(hash, name, f->deadline_ms);
    } else if (what >= 97) {
        size_t before = model_count(m), limit = 1 + random_below(r, 5);
        size_t gone = hash_type.expire_due(hash, now_ms, limit, &(struct value_visitor){note_expired, m});
        CHECK_INT(before - model_count(m), gone);
        CHECK(gone == limit || model_first_ms(m) >= now_ms);
    }
}

static void against_a_model(struct types_settings settings, bool with_deadlines)
{
    struct random random;
    seed_init(&random);
    for (int round = 0; round < 60; round++) {
        struct value hash = value_empty(TYPE_HASH);
        struct model model = {0};
        int64_t now_ms = with_deadlines ? 1000 : INT64_MIN;
        for (int step = 0; step < 1000; step++) {
            if (with_deadlines) now_ms += (int64_t)random_below(&random, 3);
            change_hash(&hash, &model, &random, now_ms, &settings);
            if (step % 20 == 0) check_hash(&hash, &model);
            if (step % 50 == 0) check_draws(&hash, &model, &random);
            if (step % 100 == 0) check_copy(&hash, &model);
        }
        if (hash.object) hash_type.free(hash.object, hash.encoding);
    }
}

static void small_ones(void)
{
    against_a_model(
        (struct types_settings){.hash_max_listpack_entries = 1000, .hash_max_listpack_value_bytes = 1000},
        false);
}

static void large_ones(void)
{
    against_a_model((struct types_settings){.hash_max_listpack_entries = 0}, true);
}

static void between(void)
{
    against_a_model(
        (struct types_settings){.hash_max_listpack_entries = 20, .hash_max_listpack_value_bytes = 62}, true);
}

/* ---- hidden fields ---- */

static void hidden_fields(void)
{
    const struct types_settings settings = {.hash_max_listpack_entries = 100,
                                            .hash_max_listpack_value_bytes = 100};
    struct value hash = value_empty(TYPE_HASH);
    struct model model = {0};
    struct random random;
    char room[80], digits[NUMBER_TEXT_MAX];
    struct slice value;
    seed_init(&random);
    for (int i = 0; i < FIELDS; i++) {
        hash_set(&hash, name_of(i, room), SLICE("v"), false, &settings);
        model_set(&model.fields[i], SLICE("v"), false);
        if (i % 6) hash_set_deadline(&hash, name_of(i, room), 100 + i);
    }
    hash_type.show_at(&hash, 100 + FIELDS);
    for (int i = 0; i < FIELDS; i++) model.fields[i].there = i % 6 == 0;
    CHECK_INT(hash_type.length(&hash), FIELDS);
    struct walk walk = {.model = &model};
    hash_type.each(&hash, &(struct value_visitor){look_at, &walk});
    CHECK_INT(walk.count, FIELDS / 6);
    for (int i = 0; i < 200; i++) check_draws(&hash, &model, &random);
    CHECK(!hash_find(&hash, name_of(1, room), digits, &value));
    CHECK(!hash_remove(&hash, name_of(1, room)));
    CHECK(hash_set(&hash, name_of(1, room), SLICE("again"), true, &settings));
    CHECK(hash_find(&hash, name_of(1, room), digits, &value) && slice_equal(value, SLICE("again")));
    hash_type.show_at(&hash, 103); /* a field is gone only past its deadline */
    CHECK(!hash_find(&hash, name_of(2, room), digits, &value));
    CHECK(hash_find(&hash, name_of(3, room), digits, &value));
    hash_type.free(hash.object, hash.encoding);
}

/* ---- the keyspace, with a clock of its own ---- */

enum { KEYS = 20, OPERATIONS = 100000 };

struct world {
    struct keyspace *ks;
    struct random random;
    struct model models[2][KEYS]; /* by database */
    int passes[2][KEYS];          /* events `hexpired` since the last look */
    int dels[2][KEYS];
    int64_t last_ms; /* deadline of the field that went last in this sweep */
    bool sweeping;
};

static struct slice key_of(int key, char room[16])
{
    return slice_make(room, (size_t)snprintf(room, 16, "key:%d", key));
}

static int number_of(struct slice key)
{
    int64_t number = -1;
    number_parse(slice_make(key.ptr + 4, key.len - 4), &number);
    return (int)number;
}

static void hear_event(void *ctx, int db, struct slice key, enum event event)
{
    struct world *w = ctx;
    if (event == EVENT_HEXPIRED) w->passes[db][number_of(key)]++;
    if (event == EVENT_DEL) w->dels[db][number_of(key)]++;
}

/* Each field that goes is the first of its hash, and is due. */
static void hear_fields(void *ctx, int db, struct slice key, enum event event, const struct slice *fields,
                        size_t count)
{
    struct world *w = ctx;
    struct model *m = &w->models[db][number_of(key)];
    CHECK(event == EVENT_HEXPIRED && count > 0);
    for (size_t i = 0; i < count; i++) {
        struct expected *f = &m->fields[field_of(fields[i])];
        CHECK(f->there && f->deadline_ms == model_first_ms(m));
        CHECK(f->deadline_ms < w->ks->now_ms);
        f->there = false;
    }
}

static struct world *world_new(void)
{
    struct world *w = mem_calloc(1, sizeof *w);
    seed_init(&w->random);
    w->ks = keyspace_new(random_next(&w->random));
    keyspace_open(w->ks, 2);
    w->ks->now_ms = 1000000;
    w->ks->events_enabled = w->ks->events_interested = (1u << EVENT_CLASS_COUNT) - 1;
    w->ks->fields_interested = true;
    w->ks->listener.ctx = w;
    w->ks->listener.event = hear_event;
    w->ks->listener.fields = hear_fields;
    return w;
}

static void clear_heard(struct world *w)
{
    memset(w->passes, 0, sizeof w->passes);
    memset(w->dels, 0, sizeof w->dels);
}

/* Looks a key up, which removes what is due of it in one pass. */
static struct entry *look_up(struct world *w, int db, int key)
{
    char room[16];
    struct model *m = &w->models[db][key];
    bool due = model_first_ms(m) < w->ks->now_ms;
    clear_heard(w);
    struct entry *e = db_lookup_write(&w->ks->dbs[db], key_of(key, room));
    CHECK_INT(w->passes[db][key], due);
    CHECK_INT(w->dels[db][key], due && model_count(m) == 0);
    CHECK((e != NULL) == (model_count(m) > 0));
    CHECK(model_first_ms(m) >= w->ks->now_ms);
    return e;
}

static void change_key(struct world *w, int db, int key)
{
    static const struct types_settings settings = {.hash_max_listpack_entries = 10,
                                                   .hash_max_listpack_value_bytes = 64};
    char room[16];
    struct slice name = key_of(key, room);
    struct entry *e = look_up(w, db, key);
    struct value hash = e ? entry_value(e) : value_empty(TYPE_HASH);
    struct model *m = &w->models[db][key];
    for (uint64_t changes = 1 + random_below(&w->random, 5); changes; changes--)
        change_hash(&hash, m, &w->random, w->ks->now_ms, &settings);
    if (e) {
        db_update_value(&w->ks->dbs[db], e, &hash);
        if (model_count(m) == 0) CHECK(db_delete(&w->ks->dbs[db], name));
    } else if (model_count(m)) {
        db_add(&w->ks->dbs[db], name, &hash);
    } else if (hash.object) {
        hash_type.free(hash.object, hash.encoding);
    }
}

/* Deadlines go where the hash goes. */
static void transfer(struct world *w, bool copy)
{
    char room[16], other_room[16];
    enum db_change change;
    int from = (int)random_below(&w->random, 2), to = (int)random_below(&w->random, 2);
    int key = (int)random_below(&w->random, KEYS), other = (int)random_below(&w->random, KEYS);
    if (from == to && key == other) return;
    bool there = look_up(w, from, key) != NULL;
    look_up(w, to, other);
    struct db *source = &w->ks->dbs[from], *target = &w->ks->dbs[to];
    bool (*act)(struct db *, struct slice, struct db *, struct slice, enum db_change *) = copy ? db_copy
                                                                                               : db_move;
    CHECK(act(source, key_of(key, room), target, key_of(other, other_room), &change) == there);
    if (!there) return;
    w->models[to][other] = w->models[from][key];
    if (!copy) w->models[from][key] = (struct model){0};
}

static void replace_or_remove(struct world *w)
{
    char room[16];
    int db = (int)random_below(&w->random, 2), key = (int)random_below(&w->random, KEYS);
    bool there = look_up(w, db, key) != NULL;
    if (there && random_below(&w->random, 2))
        db_set_deadline(&w->ks->dbs[db], db_lookup_write(&w->ks->dbs[db], key_of(key, room)),
                        INT64_C(1) << 50);
    if (random_below(&w->random, 2)) {
        struct value text = {.type = TYPE_STRING, .store = STORE_TEXT, .text = SLICE("text")};
        db_set(&w->ks->dbs[db], key_of(key, room), &text, ENTRY_NO_DEADLINE);
        there = true;
    }
    CHECK(db_unlink(&w->ks->dbs[db], key_of(key, room)) == there);
    w->models[db][key] = (struct model){0};
}

static void swap_or_clear(struct world *w)
{
    if (random_below(&w->random, 4)) {
        struct model models[KEYS];
        keyspace_swap(w->ks, 0, 1);
        memcpy(models, w->models[0], sizeof models);
        memcpy(w->models[0], w->models[1], sizeof models);
        memcpy(w->models[1], models, sizeof models);
    } else {
        int db = (int)random_below(&w->random, 2);
        db_clear(&w->ks->dbs[db], false);
        memset(w->models[db], 0, sizeof w->models[db]);
    }
}

/* Lets time pass and the wheels turn: one event for each hash with something due. */
static void sweep(struct world *w)
{
    bool due[2][KEYS];
    w->ks->now_ms += (int64_t)random_below(&w->random, 60);
    for (int db = 0; db < 2; db++)
        for (int key = 0; key < KEYS; key++)
            due[db][key] = model_first_ms(&w->models[db][key]) < w->ks->now_ms;
    clear_heard(w);
    while (expire_slice(w->ks, w->ks->now_ms * 1000, 1000000)) continue;
    CHECK(expire_next_ms(w->ks) > w->ks->now_ms);
    CHECK_INT(expire_overdue_fields(w->ks), 0);
    for (int db = 0; db < 2; db++)
        for (int key = 0; key < KEYS; key++) {
            const struct model *m = &w->models[db][key];
            CHECK_INT(w->passes[db][key], due[db][key]);
            CHECK_INT(w->dels[db][key], due[db][key] && model_count(m) == 0);
            CHECK(model_first_ms(m) >= w->ks->now_ms);
        }
}

static void check_world(struct world *w)
{
    int64_t first_ms = INT64_MAX;
    for (int db = 0; db < 2; db++) {
        size_t keys = 0, volatile_keys = 0;
        for (int key = 0; key < KEYS; key++) {
            char room[16];
            const struct model *m = &w->models[db][key];
            keys += model_count(m) > 0;
            volatile_keys += model_first_ms(m) != VALUE_NO_DEADLINE;
            if (model_first_ms(m) < first_ms) first_ms = model_first_ms(m);
            if (model_count(m) == 0 || model_first_ms(m) < w->ks->now_ms) continue;
            struct value hash = entry_value(db_peek(&w->ks->dbs[db], key_of(key, room)));
            check_hash(&hash, m);
        }
        CHECK_INT(db_count(&w->ks->dbs[db]), keys);
        CHECK_INT(hashtable_count(&w->ks->dbs[db].fields_due), volatile_keys);
    }
    CHECK_INT(expire_next_deadline_ms(w->ks), first_ms);
}

static void keyspace_against_a_model(void)
{
    struct world *w = world_new();
    for (int i = 0; i < OPERATIONS; i++) {
        uint64_t what = random_below(&w->random, 1000);
        if (what < 700) change_key(w, (int)random_below(&w->random, 2), (int)random_below(&w->random, KEYS));
        else if (what < 750) transfer(w, what < 720);
        else if (what < 800) replace_or_remove(w);
        else if (what < 802) swap_or_clear(w);
        else sweep(w);
        if (i % 500 == 0) check_world(w);
    }
    CHECK(w->ks->stats.expired_fields > OPERATIONS / 50);
    keyspace_free(w->ks);
    mem_free(w);
}

static void held_back(void)
{
    struct world *w = world_new();
    const struct types_settings settings = {0};
    struct value hash = value_empty(TYPE_HASH);
    char digits[NUMBER_TEXT_MAX];
    struct slice value;
    hash_set(&hash, SLICE("3000"), SLICE("v"), false, &settings);
    hash_set_deadline(&hash, SLICE("3000"), w->ks->now_ms);
    model_set(&w->models[0][0].fields[field_of(SLICE("3000"))], SLICE("v"), false);
    db_add(&w->ks->dbs[0], SLICE("key:0"), &hash);
    w->ks->may_expire = false;
    hash = entry_value(db_lookup_read(&w->ks->dbs[0], SLICE("key:0")));
    CHECK(hash_find(&hash, SLICE("3000"), digits, &value));
    w->ks->now_ms++;
    CHECK_INT(expire_next_ms(w->ks), INT64_MAX);
    CHECK(!expire_slice(w->ks, w->ks->now_ms * 1000, 1000));
    hash = entry_value(db_lookup_read(&w->ks->dbs[0], SLICE("key:0")));
    CHECK(!hash_find(&hash, SLICE("3000"), digits, &value));
    CHECK_INT(expire_overdue_fields(w->ks), 1);
    w->ks->now_ms--; /* the clock was set back: it is there again */
    hash = entry_value(db_lookup_read(&w->ks->dbs[0], SLICE("key:0")));
    CHECK(hash_find(&hash, SLICE("3000"), digits, &value));
    keyspace_free(w->ks);
    mem_free(w);
}

int main(void)
{
    TEST("a small hash is what a plain model is", small_ones);
    TEST("so is a large one, with fields that expire", large_ones);
    TEST("so is one that grows from small to large", between);
    TEST("what is due but still there is hidden, until it is set again", hidden_fields);
    TEST("fields go exactly when they are due, in order, one event a pass, wherever the hash goes",
         keyspace_against_a_model);
    TEST("where nothing may expire, nothing does, and nothing overdue is seen", held_back);
    return TEST_END();
}
