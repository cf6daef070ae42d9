/* Targets of io/: what a stranger sends. */
#include "base/mem.h"
#include "fuzz.h"
#include "io/reply_reader.h"
#include "io/request.h"

/* Parses one request of which one byte more is there at each call. */
static enum request_status parse_slowly(struct request *r, struct slice data,
                                        const struct request_limits *limits)
{
    enum request_status status = REQUEST_PARTIAL;
    for (size_t have = 1; have <= data.len && status == REQUEST_PARTIAL; have++) {
        status = request_parse(r, slice_make(data.ptr, have), limits);
    }
    return status;
}

static void check_same(const struct request *a, const struct request *b, struct slice data)
{
    FUZZ_CHECK(a->consumed == b->consumed && a->consumed > 0 && a->consumed <= data.len);
    FUZZ_CHECK(a->argc == b->argc);
    for (int i = 0; i < a->argc; i++) FUZZ_CHECK(slice_equal(a->argv[i], b->argv[i]));
}

/* A stream of requests reads the same in one piece and in pieces of a byte. */
static void parse_stream(struct slice data, bool authenticated)
{
    const struct request_limits limits = {1024 * 1024, 512LL * 1024 * 1024, authenticated};
    struct request whole = {0}, pieces = {0};
    while (data.len) {
        enum request_status status = request_parse(&whole, data, &limits);
        FUZZ_CHECK(parse_slowly(&pieces, data, &limits) == status);
        if (status != REQUEST_READY) break;
        check_same(&whole, &pieces, data);
        data = slice_make(data.ptr + whole.consumed, data.len - whole.consumed);
        request_reset(&whole);
        request_reset(&pieces);
    }
    request_missing(&whole, data.len);
    request_fini(&whole);
    request_fini(&pieces);
}

int fuzz_request(const uint8_t *data, size_t size)
{
    parse_stream(slice_make((const char *)data, size), true);
    parse_stream(slice_make((const char *)data, size), false);
    return 0;
}

int fuzz_words(const uint8_t *data, size_t size)
{
    struct slice line = slice_make((const char *)data, size);
    int max = (int)(size / 2 + 1);
    char *storage = mem_alloc(size);
    struct slice *words = mem_calloc((size_t)max, sizeof *words);
    int count = request_split_words(line, storage, words, max);
    FUZZ_CHECK(count >= -1 && count <= max);
    for (int i = 0; i < count; i++) {
        FUZZ_CHECK(words[i].ptr >= storage && words[i].ptr + words[i].len <= storage + size);
    }
    int few = request_split_words(line, storage, words, 1);
    FUZZ_CHECK(few <= 1 && (count != few || count <= 1));
    mem_free(words);
    mem_free(storage);
    return 0;
}

static void check_same_reply(const struct reply *a, const struct reply *b)
{
    FUZZ_CHECK(a->kind == b->kind && a->integer == b->integer && a->item_count == b->item_count);
    FUZZ_CHECK(slice_equal(a->text, b->text));
    FUZZ_CHECK((a->attributes == NULL) == (b->attributes == NULL));
    if (a->attributes) check_same_reply(a->attributes, b->attributes);
    for (size_t i = 0; i < a->item_count; i++) check_same_reply(&a->items[i], &b->items[i]);
}

/* Feeds at most `piece` bytes at a time and moves *input on, until a reply is
 * there, or an error, or the end. */
static enum reply_status read_pieces(struct reply_reader *reader, struct slice *input, size_t piece,
                                     struct reply *reply)
{
    enum reply_status status = REPLY_MORE;
    while (input->len && status == REPLY_MORE) {
        struct slice part = slice_make(input->ptr, input->len < piece ? input->len : piece);
        size_t given = part.len;
        status = reply_reader_feed(reader, &part, reply);
        size_t taken = given - part.len;
        FUZZ_CHECK(taken <= given && (status != REPLY_MORE || taken == given));
        *input = slice_make(input->ptr + taken, input->len - taken);
    }
    return status;
}

/* A stream of replies reads the same in one piece and in pieces of a byte. */
int fuzz_reply(const uint8_t *data, size_t size)
{
    struct slice whole = slice_make((const char *)data, size), bytes = whole;
    struct reply_reader one, many;
    reply_reader_init(&one);
    reply_reader_init(&many);
    for (enum reply_status status = REPLY_READY; status == REPLY_READY && whole.len;) {
        struct reply a = {0}, b = {0};
        status = read_pieces(&one, &whole, size, &a);
        FUZZ_CHECK(read_pieces(&many, &bytes, 1, &b) == status);
        if (status == REPLY_READY) {
            FUZZ_CHECK(whole.len == bytes.len);
            check_same_reply(&a, &b);
            reply_fini(&a);
            reply_fini(&b);
        } else if (status == REPLY_BAD) {
            FUZZ_CHECK(*reply_reader_error(&one) && *reply_reader_error(&many));
        }
    }
    reply_reader_fini(&one);
    reply_reader_fini(&many);
    return 0;
}
