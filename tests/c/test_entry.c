#include "db/entry.h"

#include "base/buffer.h"
#include "base/mem.h"
#include "seed.h"
#include "test.h"

static const size_t lengths[] = {0, 1, 7, 8, 44, 254, 255, 256, 4096, 65535};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static char *bytes_of(struct random *r, size_t len)
{
    char *bytes = mem_alloc(len);
    for (size_t i = 0; i < len; i++) bytes[i] = (char)random_next(r);
    return bytes;
}

static struct value some_value(enum store store, struct slice text)
{
    struct value v = {.type = TYPE_HASH, .encoding = 15, .store = (uint8_t)store};
    if (store == STORE_TEXT) v.text = text;
    else if (store == STORE_NUMBER) v.number = INT64_MIN + 5;
    else v.object = (void *)(uintptr_t)0x123456789abcdef0;
    return v;
}

static void check_value(const struct entry *e, const struct value *expected)
{
    struct value v = entry_value(e);
    CHECK_INT(v.type, expected->type);
    CHECK_INT(v.encoding, expected->encoding);
    CHECK_INT(v.store, expected->store);
    if (v.store == STORE_TEXT) CHECK(slice_equal(v.text, expected->text));
    else if (v.store == STORE_NUMBER) CHECK_INT(v.number, expected->number);
    else CHECK(v.object == expected->object);
}

static void check_entry(struct slice key, const struct value *value, bool has_node)
{
    struct entry *e = entry_new(key, value, has_node);
    size_t size = entry_size(e);
    CHECK_INT(size, entry_size_for(key.len, value, has_node));
    CHECK_INT(size, (has_node ? 24 : 0) + 8 + (value->store == STORE_TEXT ? value->text.len : 8) +
                        (key.len >= 255 ? 4 : 0) + key.len);
    CHECK(mem_usable(has_node ? (void *)entry_node(e) : (void *)e) >= size);
    CHECK(slice_equal(entry_key(e), key));
    check_value(e, value);
    CHECK_INT(entry_deadline_ms(e), ENTRY_NO_DEADLINE);
    if (has_node) {
        CHECK(!wheel_has(entry_node(e)));
        CHECK(entry_of_node(entry_node(e)) == e);
        entry_node(e)->deadline_ms = 77;
        CHECK_INT(entry_deadline_ms(e), 77);
        check_value(e, value);
        CHECK(slice_equal(entry_key(e), key));
    }
    entry_free(e);
}

static void every_layout(void)
{
    struct random r;
    seed_init(&r);
    for (int k = 0; k < LENGTHS; k++) {
        for (int t = 0; t < LENGTHS; t++) {
            char *key = bytes_of(&r, lengths[k]), *text = bytes_of(&r, lengths[t]);
            for (int store = STORE_TEXT; store <= STORE_OBJECT; store++) {
                struct value value = some_value((enum store)store, slice_make(text, lengths[t]));
                check_entry(slice_make(key, lengths[k]), &value, false);
                check_entry(slice_make(key, lengths[k]), &value, true);
            }
            mem_free(key);
            mem_free(text);
        }
    }
}

static void overwriting_in_place(void)
{
    struct value number = some_value(STORE_NUMBER, SLICE("")), object = some_value(STORE_OBJECT, SLICE(""));
    struct value text = some_value(STORE_TEXT, SLICE("four")), other = some_value(STORE_TEXT, SLICE("five"));
    other.type = TYPE_STRING;
    other.encoding = 1;
    struct entry *e = entry_new(SLICE("key"), &number, true);
    entry_node(e)->deadline_ms = 5;
    e->access = 0xabcdef;
    entry_set_value(e, &object);
    check_value(e, &object);
    entry_set_value(e, &number);
    check_value(e, &number);
    CHECK(slice_equal(entry_key(e), SLICE("key")));
    CHECK_INT(entry_deadline_ms(e), 5);
    CHECK_INT(e->access, 0xabcdef);
    entry_free(e);
    e = entry_new(SLICE("key"), &text, false);
    entry_set_value(e, &other);
    check_value(e, &other);
    CHECK(slice_equal(entry_key(e), SLICE("key")));
    entry_free(e);
}

static void a_small_one_is_a_cache_line(void)
{
    struct value value = some_value(STORE_TEXT, SLICE("sixteen bytes ok"));
    CHECK(entry_size_for(16, &value, false) <= 40);
    CHECK(entry_size_for(16, &value, true) <= 64);
}

int main(void)
{
    mem_thread_init();
    TEST("an entry gives back its key and value, in every layout", every_layout);
    TEST("a value of the same size is written in place", overwriting_in_place);
    TEST("a small key with a small value is a cache line", a_small_one_is_a_cache_line);
    return TEST_END();
}
