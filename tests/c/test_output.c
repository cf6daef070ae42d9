#include "core/output.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* ---- a stream that takes as much as it is told to ---- */

struct fake {
    struct buffer taken;
    size_t at_most;    /* bytes of one writev */
    size_t until_full; /* EAGAIN when they are used up */
    bool broken;
};

static ssize_t fake_writev(struct byte_stream *stream, const struct iovec *parts, int count)
{
    struct fake *fake = stream->state;
    size_t room = fake->at_most < fake->until_full ? fake->at_most : fake->until_full, taken = 0;
    if (fake->broken || room == 0) {
        errno = fake->broken ? EPIPE : EAGAIN;
        return -1;
    }
    for (int i = 0; i < count && taken < room; i++) {
        size_t len = parts[i].iov_len < room - taken ? parts[i].iov_len : room - taken;
        buffer_append(&fake->taken, parts[i].iov_base, len);
        taken += len;
    }
    fake->until_full -= taken;
    return (ssize_t)taken;
}

static const struct transport fake_transport = {.name = "fake", .writev = fake_writev};

static struct byte_stream stream_to(struct fake *fake)
{
    return (struct byte_stream){&fake_transport, -1, fake};
}

/* Writes everything in pieces of at_most bytes; the caller frees the text. */
static struct buffer drain(struct output *o, size_t at_most)
{
    struct fake fake = {.at_most = at_most, .until_full = SIZE_MAX};
    struct byte_stream stream = stream_to(&fake);
    size_t waiting = output_bytes(o), written = 0;
    CHECK(output_write(o, &stream, SIZE_MAX, &written));
    CHECK_INT(written, waiting);
    CHECK(output_empty(o));
    CHECK_INT(output_bytes(o), 0);
    return fake.taken;
}

static void expect(struct output *o, const char *text)
{
    struct buffer taken = drain(o, 3);
    CHECK_TEXT(taken.data ? taken.data : "", text);
    buffer_fini(&taken);
}

static void append(struct output *o, const char *text)
{
    output_append(o, text, strlen(text));
}

/* A block with text in it; its reference is the caller's. */
static struct block *block_of(struct block_pool *pool, const char *text)
{
    struct block *block = block_new(pool, 0);
    memcpy(block->data, text, strlen(text));
    return block;
}

/* Everything was given back: only the pool's own free blocks are left. */
static void finish(struct output *o, struct block_pool *pool)
{
    output_fini(o);
    size_t free_bytes = pool->free_count * (size_t)BLOCK_BYTES;
    CHECK_INT(pool->bytes, free_bytes);
    block_pool_fini(pool);
}

/* Leaves the open block with `left` free bytes; returns how many it put in. */
static size_t fill_open_block(struct output *o, size_t left)
{
    char *at = output_reserve(o, 1);
    size_t len = (size_t)(o->end - at) - left;
    memset(at, 'f', len);
    output_commit(o, at + len);
    return len;
}

/* ---- one thing at a time ---- */

static void order(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    struct block *shared = block_of(&pool, "shared");
    CHECK(output_empty(&o));
    append(&o, "a");
    output_append_shared(&o, shared, 0, 3);
    output_append_shared(&o, shared, 3, 6);
    CHECK_INT(o.count, 2);
    append(&o, "b");
    CHECK_INT(output_bytes(&o), 8);
    block_drop(&pool, shared);
    expect(&o, "asharedb");
    finish(&o, &pool);
}

static void spare(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    struct block *shared = block_of(&pool, "-");
    for (int i = 0; i < 100; i++) {
        append(&o, "x");
        output_append_shared(&o, shared, 0, 1);
    }
    CHECK_INT(pool.bytes, 2 * (size_t)BLOCK_BYTES);
    struct buffer taken = drain(&o, 7);
    CHECK_INT(taken.len, 200);
    for (size_t i = 0; i < 200; i++) CHECK_INT(taken.data[i], i % 2 ? '-' : 'x');
    CHECK(o.spare == NULL);
    buffer_fini(&taken);
    block_drop(&pool, shared);
    finish(&o, &pool);
}

static void large(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    size_t len = 5 * 1024 * 1024 + 17;
    char *data = mem_alloc(len);
    for (size_t i = 0; i < len; i++) data[i] = (char)(i * 31 >> 3);
    append(&o, "before");
    output_append(&o, data, len);
    append(&o, "after");
    struct buffer taken = drain(&o, 65536);
    CHECK_INT(taken.len, len + 11);
    CHECK(memcmp(taken.data, "before", 6) == 0 && memcmp(taken.data + 6, data, len) == 0);
    CHECK_TEXT(taken.data + 6 + len, "after");
    mem_free(data);
    buffer_fini(&taken);
    finish(&o, &pool);
}

static void inserting(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    struct output_mark outer = output_mark(&o);
    append(&o, "one ");
    struct output_mark inner = output_mark(&o);
    append(&o, "two");
    output_insert(&o, inner, "<2>", 3);
    output_insert(&o, outer, "<1>", 3);
    expect(&o, "<1>one <2>two");

    struct output_mark alone = output_mark(&o);
    output_insert(&o, alone, "*0", 2);
    expect(&o, "*0");
    finish(&o, &pool);
}

/* What is marked stands where the block ends, so what follows opens another. */
static void inserting_between_blocks(void)
{
    for (size_t left = 0; left < 9; left++) {
        struct block_pool pool = {0};
        struct output o;
        output_init(&o, &pool);
        size_t filled = fill_open_block(&o, left);
        struct output_mark mark = output_mark(&o);
        char *to = output_reserve(&o, 8);
        memcpy(to, "behind", 6);
        output_commit(&o, to + 6);
        output_insert(&o, mark, "HEADER", 6);
        append(&o, "!");
        struct buffer taken = drain(&o, 1000);
        CHECK_INT(taken.len, filled + 13);
        CHECK_TEXT(taken.data + filled, "HEADERbehind!");
        buffer_fini(&taken);
        finish(&o, &pool);
    }
}

/* The same where the mark is followed by a message of others. */
static void inserting_before_shared(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    struct block *shared = block_of(&pool, "shared");
    append(&o, "a");
    output_append_shared(&o, shared, 0, 6);
    struct output_mark mark = output_mark(&o);
    output_append_shared(&o, shared, 0, 2);
    append(&o, "b");
    output_insert(&o, mark, "|", 1);
    CHECK(memcmp(shared->data, "shared", 6) == 0);
    expect(&o, "ashared|shb");
    block_drop(&pool, shared);
    finish(&o, &pool);
}

static void truncating(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    struct block *shared = block_of(&pool, "shared");
    struct output_mark empty = output_mark(&o);
    append(&o, "x");
    output_append_shared(&o, shared, 0, 6);
    output_truncate(&o, empty);
    CHECK(output_empty(&o));
    CHECK_INT(output_bytes(&o), 0);

    append(&o, "kept");
    struct output_mark mark = output_mark(&o);
    output_append_shared(&o, shared, 0, 6);
    append(&o, "dropped");
    output_truncate(&o, mark);
    append(&o, "!");
    CHECK_INT(shared->refs, 1);
    expect(&o, "kept!");

    append(&o, "again");
    mark = output_mark(&o);
    output_truncate(&o, mark);
    expect(&o, "again");
    block_drop(&pool, shared);
    finish(&o, &pool);
}

static void limit_and_errors(void)
{
    struct block_pool pool = {0};
    struct output o;
    output_init(&o, &pool);
    struct block *shared = block_of(&pool, "0123456789");
    for (int i = 0; i < 10; i++) {
        append(&o, "abcdefghij");
        output_append_shared(&o, shared, 0, 10);
    }
    struct fake fake = {.at_most = SIZE_MAX, .until_full = 25};
    struct byte_stream stream = stream_to(&fake);
    size_t written = 5;
    CHECK(output_write(&o, &stream, SIZE_MAX, &written));
    CHECK_INT(written, 30);
    CHECK_INT(output_bytes(&o), 175);
    fake.until_full = SIZE_MAX;
    written = 0;
    CHECK(output_write(&o, &stream, 40, &written));
    CHECK(written >= 40 && written < 60);
    fake.broken = true;
    CHECK(!output_write(&o, &stream, SIZE_MAX, &written));
    CHECK_INT(errno, EPIPE);
    buffer_fini(&fake.taken);
    block_drop(&pool, shared);
    finish(&o, &pool);
}

/* ---- many things at random, against a string of bytes ---- */

enum { MARKS = 4, ROUNDS = 60, STEPS = 400, SHARED_BYTES = 3000 };

struct model {
    struct random *random;
    struct block_pool pool;
    struct output o;
    struct buffer text; /* what must be waiting in o */
    struct block *shared;
    uint32_t shared_at; /* the last shared message ended here */
    struct output_mark marks[MARKS];
    size_t positions[MARKS];
    int mark_count;
};

static size_t below(struct model *m, size_t limit)
{
    return (size_t)random_below(m->random, limit);
}

/* Mostly short, at times about a block or several. */
static size_t some_length(struct model *m)
{
    switch (below(m, 12)) {
    case 0: return below(m, 3 * BLOCK_BYTES);
    case 1: return BLOCK_BYTES - 40 + below(m, 60);
    case 2: return below(m, 5000);
    default: return below(m, 40);
    }
}

static void random_bytes_into(struct model *m, char *to, size_t len)
{
    for (size_t i = 0; i < len; i++) to[i] = (char)('a' + below(m, 26));
}

static void step_append(struct model *m)
{
    size_t len = some_length(m);
    char *data = mem_alloc(len + 1);
    random_bytes_into(m, data, len);
    output_append(&m->o, data, len);
    buffer_append(&m->text, data, len);
    mem_free(data);
}

static void step_reserve(struct model *m)
{
    size_t len = 1 + some_length(m), used = below(m, len + 1);
    char *to = output_reserve(&m->o, len);
    random_bytes_into(m, to, used);
    buffer_append(&m->text, to, used);
    output_commit(&m->o, to + used);
}

static void step_shared(struct model *m)
{
    uint32_t from = below(m, 2) ? m->shared_at : (uint32_t)below(m, SHARED_BYTES);
    if (from == SHARED_BYTES) from = 0;
    uint32_t to = from + 1 + (uint32_t)below(m, SHARED_BYTES - from);
    output_append_shared(&m->o, m->shared, from, to);
    buffer_append(&m->text, m->shared->data + from, to - from);
    m->shared_at = to;
}

static void step_splice(struct model *m)
{
    struct model other = {.random = m->random, .shared = m->shared};
    output_init(&other.o, &m->pool);
    for (size_t i = below(m, 5); i > 0; i--) {
        if (below(m, 2)) step_append(&other);
        else step_shared(&other);
    }
    output_splice(&m->o, &other.o);
    CHECK(output_empty(&other.o));
    buffer_append_slice(&m->text, buffer_slice(&other.text));
    output_fini(&other.o);
    buffer_fini(&other.text);
}

static void step_mark(struct model *m)
{
    if (m->mark_count == MARKS) return;
    m->positions[m->mark_count] = m->text.len;
    m->marks[m->mark_count++] = output_mark(&m->o);
}

/* Comes back to one of the marks; those behind it are void then. */
static void step_return(struct model *m)
{
    if (m->mark_count == 0) return;
    int which = (int)below(m, (size_t)m->mark_count);
    size_t position = m->positions[which];
    struct buffer after = {0};
    buffer_append(&after, m->text.data + position, m->text.len - position);
    m->text.len = position;
    if (below(m, 2)) {
        output_truncate(&m->o, m->marks[which]);
    } else {
        char header[24];
        size_t len = 1 + below(m, sizeof header);
        random_bytes_into(m, header, len);
        output_insert(&m->o, m->marks[which], header, len);
        buffer_append(&m->text, header, len);
        buffer_append_slice(&m->text, buffer_slice(&after));
    }
    m->mark_count = which;
    buffer_fini(&after);
}

static void step_write(struct model *m)
{
    struct fake fake = {.at_most = 1 + some_length(m), .until_full = some_length(m) * 4};
    struct byte_stream stream = stream_to(&fake);
    size_t written = 0;
    CHECK(output_write(&m->o, &stream, 1 + some_length(m) * 8, &written));
    CHECK_INT(written, fake.taken.len);
    CHECK(written <= m->text.len &&
          memcmp(fake.taken.data ? fake.taken.data : "", m->text.data, written) == 0);
    buffer_consume(&m->text, written);
    buffer_fini(&fake.taken);
    m->mark_count = 0;
}

static void run_model(struct random *random)
{
    static void (*const steps[])(struct model * m) = {step_append, step_append, step_reserve, step_reserve,
                                                      step_shared, step_shared, step_splice,  step_mark,
                                                      step_mark,   step_return, step_return,  step_write};
    struct model m = {.random = random};
    output_init(&m.o, &m.pool);
    m.shared = block_new(&m.pool, 0);
    random_bytes_into(&m, m.shared->data, SHARED_BYTES);
    buffer_append(&m.text, "", 0);
    for (int i = 0; i < STEPS; i++) {
        steps[below(&m, sizeof steps / sizeof *steps)](&m);
        CHECK_INT(output_bytes(&m.o), m.text.len);
        CHECK(m.text.len == 0 || !output_empty(&m.o));
    }
    struct buffer taken = drain(&m.o, 1 + below(&m, 5000));
    CHECK(slice_equal(buffer_slice(&taken), buffer_slice(&m.text)));
    buffer_fini(&taken);
    buffer_fini(&m.text);
    block_drop(&m.pool, m.shared);
    finish(&m.o, &m.pool);
}

static void as_a_string(void)
{
    struct random random;
    seed_init(&random);
    for (int i = 0; i < ROUNDS; i++) run_model(&random);
}

int main(void)
{
    mem_thread_init();
    TEST("replies and shared messages are written in their order", order);
    TEST("replies between shared messages fill one block", spare);
    TEST("a reply of many blocks is written whole", large);
    TEST("a length that becomes known later is put before what follows it", inserting);
    TEST("a mark at the end of a block stays where it was", inserting_between_blocks);
    TEST("inserting before a shared message leaves the message alone", inserting_before_shared);
    TEST("truncating drops what came after the mark, and only that", truncating);
    TEST("writing stops at the limit, at a full stream and at a broken one", limit_and_errors);
    TEST("a queue behaves as a string of bytes under random operations", as_a_string);
    return TEST_END();
}
