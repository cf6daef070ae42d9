/* Targets of io/: what a stranger sends. */
#include "base/mem.h"
#include "fuzz.h"
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
