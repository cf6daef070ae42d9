/* The reader of replies: every type, split at every point, in memory whose
 * next byte is out of bounds, and the refusals. */
#include "io/reply_reader.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "test.h"

/* Writes a reply in a notation that shows all of it: (map "a" 1). */
static void describe(struct buffer *out, const struct reply *reply)
{
    static const char *const names[] = {
        [REPLY_ARRAY] = "array", [REPLY_MAP] = "map", [REPLY_SET] = "set", [REPLY_PUSH] = "push"};
    if (reply->attributes) {
        buffer_append_text(out, "with ");
        describe(out, reply->attributes);
        buffer_append_char(out, ' ');
    }
    switch (reply->kind) {
    case REPLY_SIMPLE: buffer_printf(out, "+%s", reply->text.ptr); break;
    case REPLY_ERROR: buffer_printf(out, "-%s", reply->text.ptr); break;
    case REPLY_BLOB: buffer_append_quoted(out, reply->text); break;
    case REPLY_INTEGER: buffer_printf(out, "%lld", (long long)reply->integer); break;
    case REPLY_DOUBLE: buffer_printf(out, "double %s", reply->text.ptr); break;
    case REPLY_BOOLEAN: buffer_append_text(out, reply->integer ? "true" : "false"); break;
    case REPLY_NULL: buffer_append_text(out, "null"); break;
    case REPLY_BIG_NUMBER: buffer_printf(out, "big %s", reply->text.ptr); break;
    case REPLY_VERBATIM:
        buffer_printf(out, "%s:", reply->format);
        buffer_append_quoted(out, reply->text);
        break;
    default:
        buffer_printf(out, "(%s", names[reply->kind]);
        for (size_t i = 0; i < reply->item_count; i++) {
            buffer_append_char(out, ' ');
            describe(out, &reply->items[i]);
        }
        buffer_append_char(out, ')');
    }
}

/* Places text right before an inaccessible page. */
struct guarded {
    char *map;
    size_t page;
};

static void guarded_init(struct guarded *g)
{
    g->page = (size_t)sysconf(_SC_PAGESIZE);
    g->map = mmap(NULL, 2 * g->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(g->map != MAP_FAILED);
    CHECK(mprotect(g->map + g->page, g->page, PROT_NONE) == 0);
}

static struct slice guarded_place(struct guarded *g, struct slice s)
{
    char *at = g->map + g->page - s.len;
    memcpy(at, s.ptr, s.len);
    return slice_make(at, s.len);
}

static void guarded_fini(struct guarded *g)
{
    munmap(g->map, 2 * g->page);
}

/* Feeds text cut in two at split, each part before the guard page; out gets
 * all complete replies, one after the other, or the error. */
static void read_all(struct guarded *g, struct slice text, size_t split, struct buffer *out)
{
    struct reply_reader reader;
    reply_reader_init(&reader);
    for (int part = 0; part < 2; part++) {
        struct slice piece = part ? slice_make(text.ptr + split, text.len - split)
                                  : slice_make(text.ptr, split);
        struct slice input = guarded_place(g, piece);
        enum reply_status status;
        struct reply reply;
        while ((status = reply_reader_feed(&reader, &input, &reply)) == REPLY_READY) {
            if (out->len) buffer_append_char(out, ';');
            describe(out, &reply);
            reply_fini(&reply);
        }
        if (status == REPLY_BAD) {
            buffer_append_text(out, reply_reader_error(&reader));
            break;
        }
        CHECK_INT(input.len, 0);
    }
    reply_reader_fini(&reader);
}

static void check_at_every_split(struct slice text, const char *expected)
{
    struct guarded g;
    guarded_init(&g);
    for (size_t split = 0; split <= text.len; split++) {
        struct buffer out = {0};
        read_all(&g, text, split, &out);
        CHECK_TEXT(out.data ? out.data : "", expected);
        buffer_fini(&out);
    }
    guarded_fini(&g);
}

#define READS(literal, expected) check_at_every_split(SLICE(literal), expected)

static void scalars(void)
{
    READS("+OK\r\n", "+OK");
    READS("+\r\n", "+");
    READS("-ERR no\r\n", "-ERR no");
    READS("!6\r\nERR\r\nx\r\n", "-ERR\r\nx");
    READS(":0\r\n:-9223372036854775808\r\n:9223372036854775807\r\n",
          "0;-9223372036854775808;9223372036854775807");
    READS("$5\r\na\r\n\0b\r\n", "\"a\\r\\n\\x00b\"");
    READS("$0\r\n\r\n", "\"\"");
    READS("$-1\r\n*-1\r\n_\r\n", "null;null;null");
    READS(",1.5\r\n,-inf\r\n,10\r\n,1e300\r\n,nan\r\n",
          "double 1.5;double -inf;double 10;double 1e300;double nan");
    READS("#t\r\n#f\r\n", "true;false");
    READS("(3492890328409238509324850943850943825024385\r\n",
          "big 3492890328409238509324850943850943825024385");
    READS("=8\r\ntxt:a\r\nb\r\n", "txt:\"a\\r\\nb\"");
}

static void aggregates(void)
{
    READS("*0\r\n~0\r\n%0\r\n>0\r\n", "(array);(set);(map);(push)");
    READS("*2\r\n*1\r\n:1\r\n*0\r\n", "(array (array 1) (array))");
    READS("%2\r\n+a\r\n:1\r\n$1\r\nb\r\n~2\r\n:2\r\n_\r\n+after\r\n", "(map +a 1 \"b\" (set 2 null));+after");
    READS(">2\r\n+message\r\n%1\r\n#t\r\n,2\r\n", "(push +message (map true double 2))");
    READS("*9\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n:9\r\n", "(array 1 2 3 4 5 6 7 8 9)");
}

static void attributes(void)
{
    READS("|1\r\n+ttl\r\n:9\r\n+OK\r\n", "with (map +ttl 9) +OK");
    READS("*2\r\n:1\r\n|1\r\n+k\r\n*1\r\n:2\r\n:3\r\n", "(array 1 with (map +k (array 2)) 3)");
    READS("|0\r\n*0\r\n", "with (map) (array)");
    READS("|1\r\n+a\r\n:1\r\n", "");
    READS("*1\r\n|1\r\n+a\r\n:1\r\n", "");
}

static void refusals(void)
{
    READS("hello\r\n", "Protocol error, got \"h\" as reply type byte");
    READS("\001\r\n", "Protocol error, got \"\\x01\" as reply type byte");
    READS(":\r\n", "Bad integer value");
    READS(":1x\r\n", "Bad integer value");
    READS(":9223372036854775808\r\n", "Bad integer value");
    READS(":-9223372036854775809\r\n", "Bad integer value");
    READS("+a\n", "Bad simple string value");
    READS("+a\rb\r\n", "Bad simple string value");
    READS(",\r\n", "Bad double value");
    READS(",0x10\r\n", "Bad double value");
    READS(",1.5.5\r\n", "Bad double value");
    READS("#x\r\n", "Bad bool value");
    READS("#\r\n", "Bad bool value");
    READS("_x\r\n", "Bad nil value");
    READS("(\r\n", "Bad bignum value");
    READS("(12a\r\n", "Bad bignum value");
    READS("$-2\r\n", "Bad bulk string length");
    READS("$4294967297\r\n", "Bad bulk string length");
    READS("$?\r\n", "Bad bulk string length");
    READS("!-1\r\n", "Bad bulk string length");
    READS("$1\r\nabc", "Bad bulk string end");
    READS("=3\r\ntxt\r\n", "Bad verbatim string value");
    READS("*-2\r\n", "Bad multi-bulk length");
    READS("*4294967297\r\n", "Bad multi-bulk length");
    READS("%-1\r\n", "Bad multi-bulk length");
    READS("|1\r\n+a\r\n:1\r\n|1\r\n+b\r\n:1\r\n+OK\r\n", "Protocol error, an attribute follows an attribute");
    READS("*2\r\n:1\r\n?\r\n", "Protocol error, got \"?\" as reply type byte");
}

static void depth(void)
{
    struct buffer text = {0}, expected = {0};
    for (int i = 0; i < REPLY_DEPTH_MAX; i++) {
        buffer_append_text(&text, "*1\r\n");
        buffer_append_text(&expected, "(array ");
    }
    buffer_append_text(&text, ":1\r\n");
    buffer_append_text(&expected, "1");
    for (int i = 0; i < REPLY_DEPTH_MAX; i++) buffer_append_char(&expected, ')');
    check_at_every_split(buffer_slice(&text), expected.data);

    buffer_clear(&text);
    for (int i = 0; i <= REPLY_DEPTH_MAX; i++) buffer_append_text(&text, "~1\r\n");
    check_at_every_split(buffer_slice(&text), "Replies nested more than 64 deep");
    buffer_fini(&text);
    buffer_fini(&expected);
}

static void promises(void)
{
    struct reply_reader reader;
    reply_reader_init(&reader);
    struct slice input = SLICE("*4294967296\r\n$4294967296\r\nabc");
    struct reply reply;
    CHECK_INT(reply_reader_feed(&reader, &input, &reply), REPLY_MORE);
    CHECK(reader.partial.cap < 4096);
    CHECK(reader.stack[0].capacity < 64);
    reply_reader_fini(&reader);
}

static void one_reply_at_a_time(void)
{
    struct reply_reader reader;
    reply_reader_init(&reader);
    struct slice input = SLICE(":1\r\nREDIS0011");
    struct reply reply;
    CHECK_INT(reply_reader_feed(&reader, &input, &reply), REPLY_READY);
    CHECK_INT(input.len, 9);
    CHECK(memcmp(input.ptr, "REDIS0011", 9) == 0);
    reply_fini(&reply);
    reply_reader_fini(&reader);
}

static void finding(void)
{
    struct reply_reader reader;
    reply_reader_init(&reader);
    struct slice input = SLICE("*4\r\n$1\r\na\r\n:1\r\n$7\r\nSummary\r\n+text\r\n");
    struct reply reply;
    CHECK_INT(reply_reader_feed(&reader, &input, &reply), REPLY_READY);
    const struct reply *found = reply_find(&reply, "summary");
    CHECK(found != NULL);
    CHECK_TEXT(found->text.ptr, "text");
    CHECK(reply_find(&reply, "text") == NULL);
    CHECK(reply_find(found, "text") == NULL);
    reply_fini(&reply);
    reply_reader_fini(&reader);
}

int main(void)
{
    TEST("scalar replies are read whole, wherever the input is cut", scalars);
    TEST("arrays, maps, sets and pushes nest", aggregates);
    TEST("an attribute belongs to the reply that follows it", attributes);
    TEST("what is not a reply is refused with its reason", refusals);
    TEST("nesting is read to its limit and refused beyond", depth);
    TEST("an announced length allocates nothing by itself", promises);
    TEST("bytes after a reply are left to the caller", one_reply_at_a_time);
    TEST("a value is found by its name, in maps and in flat arrays", finding);
    return TEST_END();
}
