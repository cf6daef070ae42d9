#include "base/buffer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/mem.h"

void buffer_fini(struct buffer *b)
{
    mem_free(b->data);
    *b = (struct buffer){0};
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
    if (b->data) b->data[0] = '\0';
}

char *buffer_reserve(struct buffer *b, size_t more)
{
    size_t need = b->len + more + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 64;
        if (cap < need) cap = need;
        b->data = mem_realloc(b->data, cap);
        b->cap = cap;
    }
    return b->data + b->len;
}

void buffer_added(struct buffer *b, size_t len)
{
    b->len += len;
    ASSERT(b->len < b->cap);
    b->data[b->len] = '\0';
}

void buffer_append(struct buffer *b, const void *data, size_t len)
{
    char *to = buffer_reserve(b, len);
    if (len) memcpy(to, data, len);
    buffer_added(b, len);
}

void buffer_append_slice(struct buffer *b, struct slice s)
{
    buffer_append(b, s.ptr, s.len);
}

void buffer_append_text(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

void buffer_append_char(struct buffer *b, char c)
{
    buffer_append(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(len >= 0);
    char *to = buffer_reserve(b, (size_t)len);
    va_start(args, format);
    vsnprintf(to, (size_t)len + 1, format, args);
    va_end(args);
    buffer_added(b, (size_t)len);
}

void buffer_append_quoted(struct buffer *b, struct slice s)
{
    static const char plain[] = "\n\r\t\a\b\\\"", letter[] = "nrtab\\\"";
    buffer_append_char(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        const char *special = c ? strchr(plain, c) : NULL;
        if (special) buffer_printf(b, "\\%c", letter[special - plain]);
        else if (isprint(c)) buffer_append_char(b, (char)c);
        else buffer_printf(b, "\\x%02x", c);
    }
    buffer_append_char(b, '"');
}

void buffer_consume(struct buffer *b, size_t len)
{
    ASSERT(len <= b->len);
    b->len -= len;
    if (len) memmove(b->data, b->data + len, b->len);
    if (b->data) b->data[b->len] = '\0';
}
