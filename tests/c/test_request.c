#include "io/request.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "seed.h"
#include "test.h"

static const struct request_limits no_limits = {INT32_MAX, 512 << 20, true};

/* A page end, in front of which the data is put: reading beyond it dies. */
static char *page_end;
enum { ROOM = 1 << 20 };

static void make_room(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + ROOM, page, PROT_NONE) != 0) abort();
    page_end = map + ROOM;
}

static struct slice at_page_end(struct slice data)
{
    memmove(page_end - data.len, data.ptr, data.len);
    return slice_make(page_end - data.len, data.len);
}

/* The words of a request as "[a][b]", or "(partial)" or "(error text)". */
static void describe(const struct request *r, enum request_status status, struct buffer *to)
{
    if (status == REQUEST_PARTIAL) buffer_append_text(to, "(partial)");
    if (status == REQUEST_INVALID) buffer_printf(to, "(%s)", r->error);
    for (int i = 0; status == REQUEST_READY && i < r->argc; i++) {
        buffer_append_char(to, '[');
        buffer_append_slice(to, r->argv[i]);
        buffer_append_char(to, ']');
    }
    if (status == REQUEST_READY) buffer_printf(to, "%zu", r->consumed);
}

/* Feeds data up to each of the ends, one after another, until the request is
 * not partial any more; the data is elsewhere each time. */
static struct buffer parse_in_pieces(struct request *r, struct slice data, const size_t *ends, int count,
                                     const struct request_limits *limits)
{
    struct buffer text = {0};
    enum request_status status = REQUEST_PARTIAL;
    for (int i = 0; i < count && status == REQUEST_PARTIAL; i++) {
        CHECK(ends[i] <= data.len);
        status = request_parse(r, at_page_end(slice_make(data.ptr, ends[i])), limits);
    }
    describe(r, status, &text);
    return text;
}

static void expect_with(struct slice data, const struct request_limits *limits, const char *expected)
{
    struct request r = {0};
    struct buffer text = parse_in_pieces(&r, data, &data.len, 1, limits);
    CHECK_TEXT(text.data, expected);
    buffer_fini(&text);
    request_fini(&r);
}

static void expect(struct slice data, const char *expected)
{
    expect_with(data, &no_limits, expected);
}

static void resp(void)
{
    expect(SLICE("*1\r\n$4\r\nPING\r\n"), "[PING]14");
    expect(SLICE("*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n"), "[GET][]19");
    expect(SLICE("*2\r\n$3\r\nGET\r\n$6\r\na\r\nb$1\r\n"), "[GET][a\r\nb$1]25");
    expect(SLICE("*0\r\n"), "4");
    expect(SLICE("*-1\r\n"), "5");
    expect(SLICE("*-10\r\n"), "6");
    expect(SLICE(""), "(partial)");
    expect(SLICE("*"), "(partial)");
    expect(SLICE("*1\r\n"), "(partial)");
    expect(SLICE("*1\r\n$4\r\nPING\r"), "(partial)");
}

static void inline_commands(void)
{
    expect(SLICE("PING\r\n"), "[PING]6");
    expect(SLICE("PING\nPING\n"), "[PING]5");
    expect(SLICE("  set  a\t\"b c\\x41\\n\" 'd\\'e'  \r\n"), "[set][a][b cA\n][d'e]31");
    expect(SLICE("\r\n"), "2");
    expect(SLICE("\n"), "1");
    expect(SLICE("   \n"), "4");
    expect(SLICE("get \"\"\n"), "[get][]7");
    expect(SLICE("PING"), "(partial)");
    expect(SLICE("PING\r"), "(partial)");
    expect(SLICE("get \"a\n"), "(Protocol error: unbalanced quotes in request)");
    expect(SLICE("get \"a\"b\n"), "(Protocol error: unbalanced quotes in request)");
    expect(SLICE("get 'a\n"), "(Protocol error: unbalanced quotes in request)");
}

static void garbage(void)
{
    expect(SLICE("*a\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*+1\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*01\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*9223372036854775807\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*99999999999999999999999\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*2147483648\r\n"), "(Protocol error: invalid multibulk length)");
    expect(SLICE("*2147483647\r\n"), "(partial)"); /* and no memory is taken for them */
    expect(SLICE("*1\r\nPING\r\n"), "(Protocol error: expected '$', got 'P')");
    expect(SLICE("*1\r\n$-1\r\n"), "(Protocol error: invalid bulk length)");
    expect(SLICE("*1\r\n$a\r\n"), "(Protocol error: invalid bulk length)");
    expect(SLICE("*1\r\n$01\r\na\r\n"), "(Protocol error: invalid bulk length)");
    expect(SLICE("*1\r\n$9223372036854775807\r\n"), "(Protocol error: invalid bulk length)");
    expect(SLICE("*1\r\n$536870913\r\n"), "(Protocol error: invalid bulk length)");
    expect(SLICE("*1\r\n$536870912\r\n"), "(partial)");
}

static void lines_without_end(void)
{
    static char text[REQUEST_INLINE_MAX + 20];
    memset(text, 'a', sizeof text);
    expect(slice_make(text, REQUEST_INLINE_MAX), "(partial)");
    expect(slice_make(text, REQUEST_INLINE_MAX + 1), "(Protocol error: too big inline request)");
    memset(text, '1', sizeof text);
    text[0] = '*';
    expect(slice_make(text, REQUEST_INLINE_MAX + 2), "(Protocol error: too big mbulk count string)");
    memcpy(text, "*1\r\n$", 5);
    expect(slice_make(text, REQUEST_INLINE_MAX + 6), "(Protocol error: too big bulk count string)");
}

static void strangers(void)
{
    const struct request_limits stranger = {INT32_MAX, 512 << 20, false}, small = {3, 5, true};
    expect_with(SLICE("*11\r\n"), &stranger, "(Protocol error: unauthenticated multibulk length)");
    expect_with(SLICE("*10\r\n"), &stranger, "(partial)");
    expect_with(SLICE("*1\r\n$16385\r\n"), &stranger, "(Protocol error: unauthenticated bulk length)");
    expect_with(SLICE("*1\r\n$16384\r\n"), &stranger, "(partial)");
    expect_with(SLICE("*4\r\n"), &small, "(Protocol error: invalid multibulk length)");
    expect_with(SLICE("*1\r\n$6\r\n"), &small, "(Protocol error: invalid bulk length)");
    expect_with(SLICE("*1\r\n$5\r\nabcde\r\n"), &small, "[abcde]15");
}

static const struct slice samples[] = {
    {"*1\r\n$4\r\nPING\r\n", 14},
    {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", 26},
    {"*2\r\n$3\r\nGET\r\n$11\r\nhello\r\nworl\r\n", 31},
    {"*12\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n$1\r\nf\r\n$1\r\ng\r\n$1\r\nh\r\n$1\r\ni\r\n"
     "$1\r\nj\r\n$1\r\nk\r\n$1\r\nl\r\n",
     89},
    {"*0\r\n", 4},
    {"*2\r\n$3\r\nGET\r\n!1\r\nk\r\n", 20},
    {"*2\r\n$3\r\nGET\r\n$-5\r\nk\r\n", 21},
    {"*x\r\n", 4},
    {"  set key \"quo ted\\x00\" 'x'\r\n", 29},
    {"set \"un closed\r\n", 16},
    {"\r\n", 2},
};

/* A whole request has one meaning, in whatever pieces it comes. */
static void every_split(void)
{
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        struct slice data = samples[s];
        CHECK_INT(strlen(data.ptr), data.len);
        struct request r = {0};
        struct buffer whole = parse_in_pieces(&r, data, &data.len, 1, &no_limits);
        for (size_t first = 0; first <= data.len; first++) {
            for (size_t second = first; second <= data.len; second++) {
                const size_t ends[] = {first, second, data.len};
                request_reset(&r);
                struct buffer pieces = parse_in_pieces(&r, data, ends, 3, &no_limits);
                CHECK_TEXT(pieces.data, whole.data);
                buffer_fini(&pieces);
            }
        }
        request_fini(&r);
        buffer_fini(&whole);
    }
}

static void append_bulk(struct buffer *to, struct random *r, size_t len)
{
    buffer_printf(to, "$%zu\r\n", len);
    for (size_t i = 0; i < len; i++) buffer_append_char(to, (char)random_next(r));
    buffer_append_text(to, "\r\n");
}

/* Requests one after another, as a client's buffer has them; each part arrives
 * when the reader says that there is not enough. */
static void a_stream_of_requests(void)
{
    struct random r;
    struct request request = {0};
    seed_init(&r);
    for (int i = 0; i < 3000; i++) {
        struct buffer data = {0};
        int argc = 1 + (int)(random_next(&r) >> (60 + random_below(&r, 4)));
        size_t lengths[16];
        buffer_printf(&data, "*%d\r\n", argc);
        for (int a = 0; a < argc; a++) {
            lengths[a] = (size_t)(random_next(&r) >> (53 + random_below(&r, 11)));
            append_bulk(&data, &r, lengths[a]);
        }
        size_t own = data.len;
        buffer_append_text(&data, "*2\r\n$3\r\nGET");
        enum request_status status = REQUEST_PARTIAL;
        for (size_t end = 0; status == REQUEST_PARTIAL; end += 1 + random_below(&r, 300)) {
            if (end > data.len) end = data.len;
            status = request_parse(&request, at_page_end(slice_make(data.data, end)), &no_limits);
            size_t missing = request_missing(&request, end);
            CHECK(status != REQUEST_PARTIAL || end < own);
            CHECK(missing <= own - (end < own ? end : own));
        }
        CHECK_INT(status, REQUEST_READY);
        CHECK_INT(request.argc, argc);
        CHECK_INT(request.consumed, own);
        struct buffer again = {0};
        buffer_printf(&again, "*%d\r\n", argc);
        for (int a = 0; a < argc; a++) {
            CHECK_INT(request.argv[a].len, lengths[a]);
            buffer_printf(&again, "$%zu\r\n", lengths[a]);
            buffer_append_slice(&again, request.argv[a]);
            buffer_append_text(&again, "\r\n");
        }
        CHECK(slice_equal(buffer_slice(&again), slice_make(data.data, own)));
        request_reset(&request);
        buffer_fini(&again);
        buffer_fini(&data);
    }
    request_fini(&request);
}

/* Whatever comes, in one piece or byte by byte: the same, and nothing is read
 * that is not there. */
static void any_bytes(void)
{
    static const char letters[] = "***$$$123450\r\n\r\n\r\nab\"'\\ -";
    struct random r;
    seed_init(&r);
    int ready = 0;
    for (int i = 0; i < 100000; i++) {
        char bytes[40];
        size_t ends[40], len = 1 + random_below(&r, sizeof bytes - 1);
        const struct slice sample = samples[random_below(&r, sizeof samples / sizeof *samples)];
        for (size_t at = 0; at < len; at++) {
            bytes[at] = i % 2 && at < sample.len ? sample.ptr[at]
                                                 : letters[random_below(&r, sizeof letters - 1)];
            ends[at] = at + 1;
        }
        if (i % 2) bytes[random_below(&r, len)] = letters[random_below(&r, sizeof letters - 1)];
        struct request one = {0}, many = {0};
        struct buffer whole = parse_in_pieces(&one, slice_make(bytes, len), &len, 1, &no_limits);
        struct buffer pieces = parse_in_pieces(&many, slice_make(bytes, len), ends, (int)len, &no_limits);
        CHECK(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
        ready += whole.data[0] == '[';
        request_fini(&one);
        request_fini(&many);
        buffer_fini(&whole);
        buffer_fini(&pieces);
    }
    CHECK(ready > 1000);
}

static void what_is_missing(void)
{
    struct request r = {0};
    struct slice data = SLICE("*2\r\n$3\r\nSET\r\n$1000\r\nabc");
    CHECK_INT(request_missing(&r, 0), 0);
    CHECK_INT(request_parse(&r, slice_make(data.ptr, 15), &no_limits), REQUEST_PARTIAL);
    CHECK_INT(request_missing(&r, 15), 0);
    CHECK_INT(request_parse(&r, data, &no_limits), REQUEST_PARTIAL);
    CHECK_INT(request_missing(&r, data.len), 1002 - 3);
    request_fini(&r);
    CHECK_INT(request_parse(&r, SLICE("SET a"), &no_limits), REQUEST_PARTIAL);
    CHECK_INT(request_missing(&r, 5), 0);
    request_fini(&r);
}

static void memory_follows_what_came(void)
{
    struct request r = {0};
    size_t before = mem_used();
    CHECK_INT(request_parse(&r, SLICE("*2147483647\r\n$536870912\r\nabc"), &no_limits), REQUEST_PARTIAL);
    CHECK(mem_used() - before < 10000);
    request_fini(&r);
    struct buffer data = {0};
    buffer_append_text(&data, "*1000\r\n");
    for (int i = 0; i < 1000; i++) buffer_append_text(&data, "$1\r\na\r\n");
    CHECK_INT(request_parse(&r, buffer_slice(&data), &no_limits), REQUEST_READY);
    CHECK_INT(r.argc, 1000);
    buffer_fini(&data);
    request_reset(&r); /* keeps only a small argv */
    CHECK_INT(mem_used(), before);
    request_fini(&r);
}

/* ---- words ---- */

static void words_are(struct slice line, int max, const char *expected)
{
    struct slice words[16];
    struct buffer text = {0};
    char *storage = mem_alloc(line.len);
    int count = request_split_words(at_page_end(line), storage, words, max);
    buffer_printf(&text, "%d", count);
    for (int i = 0; i < count; i++) {
        CHECK(words[i].ptr >= storage && words[i].ptr + words[i].len <= storage + line.len);
        buffer_append_char(&text, '[');
        buffer_append_slice(&text, words[i]);
        buffer_append_char(&text, ']');
    }
    CHECK_TEXT(text.data, expected);
    buffer_fini(&text);
    mem_free(storage);
}

static void splitting_words(void)
{
    words_are(SLICE(""), 16, "0");
    words_are(SLICE(" \t\r\n"), 16, "0");
    words_are(SLICE("a bc  d"), 16, "3[a][bc][d]");
    words_are(SLICE("a\0b"), 16, "2[a][b]");
    words_are(SLICE("\"a b\" 'c d'"), 16, "2[a b][c d]");
    words_are(SLICE("\"\\n\\r\\t\\b\\a\\\"\\\\\\q\""), 16, "1[\n\r\t\b\a\"\\q]");
    words_are(SLICE("\"\\x41\\x4g\\x\""), 16, "1[Ax4gx]");
    words_are(SLICE("'\\n\\'\\x41'"), 16, "1[\\n'\\x41]");
    words_are(SLICE("pre\"fixed\""), 16, "1[prefixed]");
    words_are(SLICE("\"\" ''"), 16, "2[][]");
    words_are(SLICE("\"a\"b"), 16, "-1");
    words_are(SLICE("'a"), 16, "-1");
    words_are(SLICE("\"a\\"), 16, "-1");
    words_are(SLICE("'a\\"), 16, "-1");
    words_are(SLICE("\"\\x4"), 16, "-1");
    words_are(SLICE("a b c"), 3, "3[a][b][c]");
    words_are(SLICE("a b c d"), 3, "-2");
    words_are(SLICE("a b c "), 3, "3[a][b][c]");
    words_are(SLICE("a"), 0, "-2");
}

/* What buffer_append_quoted writes is one word, the same. */
static void quoted_words_come_back(void)
{
    struct random r;
    seed_init(&r);
    for (int i = 0; i < 20000; i++) {
        char text[24];
        size_t len = random_below(&r, sizeof text);
        for (size_t at = 0; at < len; at++) text[at] = (char)random_next(&r);
        struct buffer line = {0};
        struct slice word;
        buffer_append_quoted(&line, slice_make(text, len));
        char *storage = mem_alloc(line.len);
        CHECK_INT(request_split_words(at_page_end(buffer_slice(&line)), storage, &word, 1), 1);
        CHECK(slice_equal(word, slice_make(text, len)));
        for (size_t cut = 1; cut < line.len; cut++)
            CHECK_INT(request_split_words(at_page_end(slice_make(line.data, cut)), storage, &word, 1), -1);
        mem_free(storage);
        buffer_fini(&line);
    }
}

int main(void)
{
    mem_thread_init();
    make_room();
    TEST("requests are arrays of bulk strings", resp);
    TEST("or lines of words, with quotes", inline_commands);
    TEST("what is neither is refused, with the reason", garbage);
    TEST("a line that does not end is refused", lines_without_end);
    TEST("limits hold, and stricter ones for strangers", strangers);
    TEST("a request means the same in whatever three pieces it comes", every_split);
    TEST("a stream of requests is read in any pieces, each to its end", a_stream_of_requests);
    TEST("any bytes mean the same whole and byte by byte", any_bytes);
    TEST("what is missing of a bulk is known", what_is_missing);
    TEST("memory follows what came, not what was announced", memory_follows_what_came);
    TEST("lines are split into words", splitting_words);
    TEST("quoted words come back", quoted_words_come_back);
    return TEST_END();
}
