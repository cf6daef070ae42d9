/* A growable run of bytes that owns its memory: what is built piece by piece
 * (INFO, a config file, a log line). All zero is a valid empty buffer. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdint.h>

#include "base/slice.h"

struct buffer {
    char *data; /* NUL-terminated whenever it is not NULL */
    size_t len;
    size_t cap;
};

void buffer_fini(struct buffer *b);
void buffer_clear(struct buffer *b); /* keeps the memory */

/* Makes room for more bytes and returns where they go; buffer_added then
 * says how many were written. */
char *buffer_reserve(struct buffer *b, size_t more);
void buffer_added(struct buffer *b, size_t len);

void buffer_append(struct buffer *b, const void *data, size_t len);
void buffer_append_slice(struct buffer *b, struct slice s);
void buffer_append_text(struct buffer *b, const char *text);
void buffer_append_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends s as a quoted string: \n \r \t \a \b \\ \" and \xHH for what is not printable. */
void buffer_append_quoted(struct buffer *b, struct slice s);

/* Drops the first len bytes. */
void buffer_consume(struct buffer *b, size_t len);

static inline struct slice buffer_slice(const struct buffer *b)
{
    return slice_make(b->data ? b->data : "", b->len);
}

#endif
