#include "app/benchmark/replies.h"

#include <string.h>

#include "app/benchmark/fail.h"
#include "base/mem.h"
#include "base/number.h"

void replies_init(struct replies *r, size_t size_bytes)
{
    *r = (struct replies){.data = mem_alloc(size_bytes), .cap = size_bytes};
}

void replies_fini(struct replies *r)
{
    mem_free(r->data);
    *r = (struct replies){0};
}

void replies_clear(struct replies *r)
{
    *r = (struct replies){.data = r->data, .cap = r->cap};
}

ssize_t replies_read(struct replies *r, struct byte_stream *stream)
{
    if (r->from > 0) {
        memmove(r->data, r->data + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    if (r->to == r->cap) r->data = mem_realloc(r->data, r->cap *= 2); /* a line as long as the buffer */
    ssize_t got = byte_stream_read(stream, r->data + r->to, r->cap - r->to);
    if (got > 0) r->to += (size_t)got;
    return got;
}

/* Passes over a text of len bytes and its line end; false when all of it must
 * be read first. */
static bool take_text(struct replies *r, size_t line_len, size_t len)
{
    size_t whole = line_len + len + 2, available = r->to - r->from;
    if (whole <= available) {
        r->last = slice_make(r->data + r->from + line_len, len);
        r->from += whole;
        return true;
    }
    if (whole <= r->cap / 2) return false;
    r->last = SLICE("");
    r->skip = whole - available;
    r->from = r->to;
    return true;
}

/* One element; false when it is not there yet. */
static bool take_element(struct replies *r)
{
    const char *start = r->data + r->from, *end = memchr(start, '\n', r->to - r->from);
    if (!end) return false;
    struct slice line = slice_make(start + 1, (size_t)(end - start) - 1);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') line.len--;
    size_t line_len = (size_t)(end - start) + 1;
    int64_t count = 0;
    char type = *start;
    if (!memchr("+-:#,(_$=!*~>%|", type, 15) ||
        (memchr("$=!*~>%|", type, 8) && (!number_parse(line, &count) || count < -1 || count > UINT32_MAX)))
        fail("Protocol error: the server sent \"%.*s\"", (int)(line.len < 64 ? line.len + 1 : 64), start);
    if (r->type == 0) {
        if (type != '|') r->type = type; /* attributes precede the reply they describe */
        r->pending = 1;
    }
    switch (type) {
    case '$':
    case '=':
    case '!':
        if (count >= 0) {
            if (!take_text(r, line_len, (size_t)count)) return false;
            line_len = 0;
        }
        break;
    case '*':
    case '~':
    case '>':
        if (count > 0) r->pending += (uint64_t)count;
        break;
    case '%': r->pending += 2 * (uint64_t)count; break;
    case '|': r->pending += 2 * (uint64_t)count + 1; break;
    default: r->last = line;
    }
    r->from += line_len;
    r->pending--;
    return true;
}

char replies_next(struct replies *r)
{
    for (;;) {
        size_t available = r->to - r->from;
        if (r->skip > 0) {
            size_t skipped = r->skip < available ? r->skip : available;
            r->from += skipped;
            r->skip -= skipped;
            if (r->skip > 0) return 0;
        } else if (r->type != 0 && r->pending == 0) {
            char type = r->type;
            r->type = 0;
            return type;
        } else if (available == 0 || !take_element(r)) {
            return 0;
        }
    }
}
