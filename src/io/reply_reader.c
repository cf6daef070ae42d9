#include "io/reply_reader.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/mem.h"

void reply_fini(struct reply *reply)
{
    if (reply->attributes) {
        reply_fini(reply->attributes);
        mem_free(reply->attributes);
    }
    for (size_t i = 0; i < reply->item_count; i++) reply_fini(&reply->items[i]);
    mem_free(reply->items);
    mem_free((char *)reply->text.ptr);
    *reply = (struct reply){.kind = REPLY_NULL};
}

const struct reply *reply_find(const struct reply *reply, const char *name)
{
    if (!reply_is_aggregate(reply)) return NULL;
    for (size_t i = 0; i + 1 < reply->item_count; i += 2) {
        const struct reply *key = &reply->items[i];
        if (reply_is_text(key) && slice_is(key->text, name)) return &reply->items[i + 1];
    }
    return NULL;
}

void reply_reader_init(struct reply_reader *reader)
{
    *reader = (struct reply_reader){.root = {.kind = REPLY_NULL}, .blob_bytes = -1};
}

void reply_reader_fini(struct reply_reader *reader)
{
    reply_fini(&reader->root);
    for (size_t i = 0; i < reader->depth; i++) {
        if (!reader->stack[i].is_attribute) continue;
        reply_fini(reader->stack[i].reply);
        mem_free(reader->stack[i].reply);
    }
    if (reader->attributes) {
        reply_fini(reader->attributes);
        mem_free(reader->attributes);
    }
    buffer_fini(&reader->partial);
    reply_reader_init(reader);
}

const char *reply_reader_error(const struct reply_reader *reader)
{
    return reader->error;
}

__attribute__((format(printf, 2, 3))) static enum reply_status bad(struct reply_reader *reader,
                                                                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(reader->error, sizeof reader->error, format, args);
    va_end(args);
    reader->bad = true;
    return REPLY_BAD;
}

static struct slice copy_text(struct slice s)
{
    return slice_make(mem_copy(s.ptr, s.len), s.len);
}

/* Decimal, with a sign, nothing else around it. The text is NUL-terminated. */
static bool parse_integer(struct slice s, int64_t *value)
{
    size_t digits = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0;
    if (digits == s.len) return false;
    int64_t v = 0;
    bool negative = s.ptr[0] == '-';
    for (size_t i = digits; i < s.len; i++) {
        if (!isdigit((unsigned char)s.ptr[i])) return false;
        int digit = s.ptr[i] - '0';
        if (__builtin_mul_overflow(v, 10, &v)) return false;
        if (__builtin_add_overflow(v, negative ? -digit : digit, &v)) return false;
    }
    *value = v;
    return true;
}

static bool is_double(struct slice s)
{
    if (s.len == 0 || isspace((unsigned char)s.ptr[0])) return false;
    if (strspn(s.ptr, "+-.0123456789eE") != s.len && !slice_is(s, "inf") && !slice_is(s, "-inf") &&
        !slice_is(s, "nan"))
        return false;
    char *end;
    strtod(s.ptr, &end);
    return end == s.ptr + s.len;
}

static bool is_big_number(struct slice s)
{
    size_t sign = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0;
    if (sign == s.len) return false;
    for (size_t i = sign; i < s.len; i++)
        if (!isdigit((unsigned char)s.ptr[i])) return false;
    return true;
}

/* Where the next value goes: the root, or a new last item of the innermost
 * aggregate. An attribute stands apart until its reply comes. */
static struct reply *place(struct reply_reader *reader)
{
    struct reply *at = &reader->root;
    if (reader->depth) {
        struct reply_frame *frame = &reader->stack[reader->depth - 1];
        struct reply *parent = frame->reply;
        if (parent->item_count == frame->capacity) {
            frame->capacity = frame->capacity ? frame->capacity * 2 : 4;
            parent->items = mem_realloc(parent->items, frame->capacity * sizeof *parent->items);
        }
        at = &parent->items[parent->item_count++];
        frame->missing--;
    }
    *at = (struct reply){.kind = REPLY_NULL, .attributes = reader->attributes};
    reader->attributes = NULL;
    return at;
}

/* Pops what is complete. An attribute moves aside and reading goes on. */
static enum reply_status finish(struct reply_reader *reader, struct reply *reply)
{
    while (reader->depth && reader->stack[reader->depth - 1].missing == 0) {
        struct reply_frame *frame = &reader->stack[--reader->depth];
        if (frame->is_attribute) {
            reader->attributes = frame->reply;
            return REPLY_MORE;
        }
    }
    if (reader->depth) return REPLY_MORE;
    *reply = reader->root;
    reader->root = (struct reply){.kind = REPLY_NULL};
    return REPLY_READY;
}

static enum reply_status open_attribute(struct reply_reader *reader, int64_t entries)
{
    if (reader->attributes) return bad(reader, "Protocol error, an attribute follows an attribute");
    struct reply *at = mem_calloc(1, sizeof *at);
    at->kind = REPLY_MAP;
    reader->stack[reader->depth++] = (struct reply_frame){
        .reply = at, .missing = entries * 2, .is_attribute = true};
    return REPLY_MORE;
}

static enum reply_status open_aggregate(struct reply_reader *reader, struct slice line, struct reply *reply)
{
    static const char types[] = "*%~>";
    static const enum reply_kind kinds[] = {REPLY_ARRAY, REPLY_MAP, REPLY_SET, REPLY_PUSH};
    int64_t count;
    if (!parse_integer(line, &count) || count < -1 || count > REPLY_ITEMS_MAX)
        return bad(reader, "Bad multi-bulk length");
    if (count == -1) {
        if (reader->type != '*') return bad(reader, "Bad multi-bulk length");
        place(reader);
        return finish(reader, reply);
    }
    if (reader->depth == REPLY_DEPTH_MAX)
        return bad(reader, "Replies nested more than %d deep", REPLY_DEPTH_MAX);
    if (reader->type == '|') {
        enum reply_status status = open_attribute(reader, count);
        return status == REPLY_BAD ? status : finish(reader, reply);
    }
    struct reply *at = place(reader);
    at->kind = kinds[strchr(types, reader->type) - types];
    int64_t items = at->kind == REPLY_MAP ? count * 2 : count;
    reader->stack[reader->depth++] = (struct reply_frame){.reply = at, .missing = items};
    return finish(reader, reply);
}

static enum reply_status take_text(struct reply_reader *reader, enum reply_kind kind, struct slice text,
                                   struct reply *reply)
{
    struct reply *at = place(reader);
    at->kind = kind;
    at->text = copy_text(text);
    return finish(reader, reply);
}

static enum reply_status take_integer(struct reply_reader *reader, enum reply_kind kind, int64_t value,
                                      struct reply *reply)
{
    struct reply *at = place(reader);
    at->kind = kind;
    at->integer = value;
    return finish(reader, reply);
}

static enum reply_status open_blob(struct reply_reader *reader, struct slice line, struct reply *reply)
{
    int64_t len;
    if (!parse_integer(line, &len) || len < -1 || len > REPLY_BYTES_MAX || (len == -1 && reader->type != '$'))
        return bad(reader, "Bad bulk string length");
    if (len == -1) {
        place(reader);
        return finish(reader, reply);
    }
    reader->blob_bytes = len;
    return REPLY_MORE;
}

static enum reply_status take_line(struct reply_reader *reader, struct slice line, struct reply *reply)
{
    int64_t value;
    switch (reader->type) {
    case '+': return take_text(reader, REPLY_SIMPLE, line, reply);
    case '-': return take_text(reader, REPLY_ERROR, line, reply);
    case ':':
        if (!parse_integer(line, &value)) return bad(reader, "Bad integer value");
        return take_integer(reader, REPLY_INTEGER, value, reply);
    case ',':
        if (!is_double(line)) return bad(reader, "Bad double value");
        return take_text(reader, REPLY_DOUBLE, line, reply);
    case '#':
        if (line.len != 1 || (line.ptr[0] != 't' && line.ptr[0] != 'f')) return bad(reader, "Bad bool value");
        return take_integer(reader, REPLY_BOOLEAN, line.ptr[0] == 't', reply);
    case '_':
        if (line.len) return bad(reader, "Bad nil value");
        place(reader);
        return finish(reader, reply);
    case '(':
        if (!is_big_number(line)) return bad(reader, "Bad bignum value");
        return take_text(reader, REPLY_BIG_NUMBER, line, reply);
    case '$':
    case '!':
    case '=': return open_blob(reader, line, reply);
    default: return open_aggregate(reader, line, reply);
    }
}

static enum reply_status read_line(struct reply_reader *reader, struct slice *input, struct reply *reply)
{
    const char *newline = memchr(input->ptr, '\n', input->len);
    size_t len = newline ? (size_t)(newline - input->ptr) + 1 : input->len;
    buffer_append(&reader->partial, input->ptr, len);
    *input = slice_make(input->ptr + len, input->len - len);
    if (reader->partial.len > (size_t)REPLY_BYTES_MAX) return bad(reader, "Line too long");
    if (newline == NULL) return REPLY_MORE;

    reader->type = reader->partial.data[0];
    if (memchr("+-:,#_($!=*%~>|", reader->type, 15) == NULL)
        return bad(reader,
                   isprint((unsigned char)reader->type)
                       ? "Protocol error, got \"%c\" as reply type byte"
                       : "Protocol error, got \"\\x%02x\" as reply type byte",
                   (unsigned char)reader->type);
    struct slice line = slice_make(reader->partial.data + 1, reader->partial.len - 2);
    if (line.len == 0 || line.ptr[line.len - 1] != '\r' || memchr(line.ptr, '\r', line.len - 1))
        return bad(reader, "Bad simple string value");
    line.len--;
    reader->partial.data[line.len + 1] = '\0';
    enum reply_status status = take_line(reader, line, reply);
    buffer_clear(&reader->partial);
    return status;
}

static enum reply_status take_blob(struct reply_reader *reader, struct slice body, struct reply *reply)
{
    if (reader->type == '$') return take_text(reader, REPLY_BLOB, body, reply);
    if (reader->type == '!') return take_text(reader, REPLY_ERROR, body, reply);
    if (body.len < 4 || body.ptr[3] != ':') return bad(reader, "Bad verbatim string value");
    struct reply *at = place(reader);
    at->kind = REPLY_VERBATIM;
    memcpy(at->format, body.ptr, 3);
    at->text = copy_text(slice_make(body.ptr + 4, body.len - 4));
    return finish(reader, reply);
}

static enum reply_status read_blob(struct reply_reader *reader, struct slice *input, struct reply *reply)
{
    size_t want = (size_t)reader->blob_bytes + 2 - reader->partial.len;
    size_t len = want < input->len ? want : input->len;
    buffer_append(&reader->partial, input->ptr, len);
    *input = slice_make(input->ptr + len, input->len - len);
    if (len < want) return REPLY_MORE;

    struct slice body = slice_make(reader->partial.data, (size_t)reader->blob_bytes);
    if (memcmp(body.ptr + body.len, "\r\n", 2) != 0) return bad(reader, "Bad bulk string end");
    reader->blob_bytes = -1;
    enum reply_status status = take_blob(reader, body, reply);
    if (reader->partial.cap > 1 << 20) buffer_fini(&reader->partial);
    else buffer_clear(&reader->partial);
    return status;
}

enum reply_status reply_reader_feed(struct reply_reader *reader, struct slice *input, struct reply *reply)
{
    if (reader->bad) return REPLY_BAD;
    while (input->len) {
        enum reply_status status = reader->blob_bytes >= 0 ? read_blob(reader, input, reply)
                                                           : read_line(reader, input, reply);
        if (status != REPLY_MORE) return status;
    }
    return REPLY_MORE;
}
