#include "base/buffer.h"

#include "base/mem.h"
#include "seed.h"
#include "test.h"

static void zero_is_empty(void)
{
    struct buffer b = {0};
    CHECK_INT(buffer_slice(&b).len, 0);
    CHECK(buffer_slice(&b).ptr != NULL);
    buffer_clear(&b);
    buffer_consume(&b, 0);
    buffer_append(&b, NULL, 0);
    CHECK_TEXT(b.data, "");
    buffer_fini(&b);
    CHECK(b.data == NULL && b.len == 0 && b.cap == 0);
    buffer_fini(&b);
}

static void appending(void)
{
    struct buffer b = {0};
    buffer_append_text(&b, "one");
    buffer_append_char(&b, ',');
    buffer_append_slice(&b, SLICE("two"));
    buffer_append(&b, ",x", 1);
    buffer_printf(&b, "%d-%s", 3, "four");
    CHECK_TEXT(b.data, "one,two,3-four");
    char *to = buffer_reserve(&b, 100);
    CHECK(to == b.data + b.len);
    memcpy(to, "five!", 5);
    buffer_added(&b, 4);
    CHECK_TEXT(b.data, "one,two,3-fourfive");
    const char *data = b.data;
    size_t cap = b.cap;
    buffer_clear(&b);
    CHECK_TEXT(b.data, "");
    CHECK(b.data == data && b.cap == cap);
    buffer_fini(&b);
}

static void printing_what_is_long(void)
{
    struct buffer b = {0};
    size_t expected = 0;
    for (int width = 1; width < 2000; width += 7) {
        buffer_printf(&b, "%*d", width, 7);
        expected += (size_t)width;
        CHECK_INT(b.len, expected);
        CHECK(b.data[b.len - 1] == '7' && b.data[b.len] == '\0');
    }
    buffer_fini(&b);
}

static void quoted(struct slice text, const char *expected)
{
    struct buffer b = {0};
    buffer_append_quoted(&b, text);
    CHECK_TEXT(b.data, expected);
    buffer_fini(&b);
}

static void quoting(void)
{
    quoted(SLICE(""), "\"\"");
    quoted(SLICE("plain text"), "\"plain text\"");
    quoted(SLICE("a\n\r\t\a\b\\\"z"), "\"a\\n\\r\\t\\a\\b\\\\\\\"z\"");
    quoted(SLICE("\0\x01\x7f\xff"), "\"\\x00\\x01\\x7f\\xff\"");
}

/* The model is an array large enough for all. */
static void any_changes(void)
{
    enum { MODEL = 1 << 16 };
    struct random r;
    struct buffer b = {0};
    char *model = mem_alloc(MODEL);
    size_t len = 0;
    seed_init(&r);
    for (int i = 0; i < 20000; i++) {
        char piece[300];
        size_t more = random_below(&r, sizeof piece), dropped = random_below(&r, len + 1);
        for (size_t at = 0; at < more; at++) piece[at] = (char)random_next(&r);
        switch (random_below(&r, len + more > MODEL ? 2 : 5)) {
        case 0:
            buffer_consume(&b, dropped);
            memmove(model, model + dropped, len - dropped);
            len -= dropped;
            break;
        case 1:
            if (random_below(&r, 20) && len + more <= MODEL) break;
            buffer_clear(&b);
            len = 0;
            break;
        case 2:
            memcpy(buffer_reserve(&b, more), piece, more);
            buffer_added(&b, more);
            memcpy(model + len, piece, more);
            len += more;
            break;
        default:
            buffer_append(&b, piece, more);
            memcpy(model + len, piece, more);
            len += more;
        }
        CHECK_INT(b.len, len);
        if (b.data) CHECK(memcmp(b.data, model, len) == 0 && b.data[len] == '\0' && b.cap > len);
    }
    buffer_fini(&b);
    mem_free(model);
}

int main(void)
{
    TEST("a buffer of zeros is an empty one", zero_is_empty);
    TEST("what is appended stands in the buffer, ended by a NUL", appending);
    TEST("printing finds the room it needs", printing_what_is_long);
    TEST("quoting escapes what is not printable", quoting);
    TEST("any changes agree with an array", any_changes);
    return TEST_END();
}
