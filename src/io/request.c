#include "io/request.h"

#include <ctype.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/number.h"

enum { ARGV_KEPT = 32 };

void request_reset(struct request *r)
{
    if (__builtin_expect(r->inline_text != NULL || r->capacity > ARGV_KEPT, 0)) {
        mem_free(r->inline_text);
        r->inline_text = NULL;
        if (r->capacity > ARGV_KEPT) {
            mem_free(r->argv);
            r->argv = NULL;
            r->capacity = 0;
        }
    }
    r->argc = 0;
    r->started = false;
}

void request_fini(struct request *r)
{
    mem_free(r->inline_text);
    mem_free(r->argv);
    *r = (struct request){0};
}

static enum request_status invalid(struct request *r, const char *error)
{
    snprintf(r->error, sizeof r->error, "%s", error);
    return REQUEST_INVALID;
}

static void grow_argv(struct request *r)
{
    r->capacity = r->capacity ? r->capacity * 2 : 8;
    r->argv = mem_realloc(r->argv, (size_t)r->capacity * sizeof *r->argv);
}

/* The number on the line at r->at, behind its type byte. */
static enum request_status header(struct request *r, struct slice data, int64_t *value, const char *too_big,
                                  const char *malformed)
{
    const char *start = data.ptr + r->at + 1, *end = data.ptr + data.len;
    const char *line_end = start < end ? memchr(start, '\r', (size_t)(end - start)) : NULL;
    if (line_end == NULL || line_end + 1 >= end) {
        if (end - start > REQUEST_INLINE_MAX) return invalid(r, too_big);
        return REQUEST_PARTIAL;
    }
    if (!number_parse(slice_make(start, (size_t)(line_end - start)), value)) return invalid(r, malformed);
    r->at = (size_t)(line_end + 2 - data.ptr);
    return REQUEST_READY;
}

static enum request_status array_header(struct request *r, struct slice data, const struct request_limits *limits)
{
    int64_t count;
    enum request_status status = header(r, data, &count, "Protocol error: too big mbulk count string",
                                        "Protocol error: invalid multibulk length");
    if (status != REQUEST_READY) return status;
    if (count > limits->args) return invalid(r, "Protocol error: invalid multibulk length");
    if (count > REQUEST_UNAUTHENTICATED_ARGS && !limits->authenticated)
        return invalid(r, "Protocol error: unauthenticated multibulk length");
    r->args_left = count > 0 ? count : 0;
    return REQUEST_READY;
}

static enum request_status bulk_header(struct request *r, struct slice data, const struct request_limits *limits)
{
    if (r->at >= data.len) return REQUEST_PARTIAL;
    if (data.ptr[r->at] != '$') {
        snprintf(r->error, sizeof r->error, "Protocol error: expected '$', got '%c'", data.ptr[r->at]);
        return REQUEST_INVALID;
    }
    enum request_status status = header(r, data, &r->bulk_len, "Protocol error: too big bulk count string",
                                        "Protocol error: invalid bulk length");
    if (status != REQUEST_READY) {
        r->bulk_len = -1;
        return status;
    }
    if (r->bulk_len < 0 || r->bulk_len > limits->bulk_bytes)
        return invalid(r, "Protocol error: invalid bulk length");
    if (r->bulk_len > REQUEST_UNAUTHENTICATED_BULK && !limits->authenticated)
        return invalid(r, "Protocol error: unauthenticated bulk length");
    return REQUEST_READY;
}

/* Takes bulks that are complete and shorter than 100 bytes, as nearly all are,
 * into [*to, last), as many as come in a row. Returns what follows them. */
static inline const char *take_short_bulks(const char *p, const char *end, struct slice **to,
                                           const struct slice *last)
{
    for (; *to < last && end - p >= 6 && *p == '$'; ++*to) {
        size_t len = (unsigned char)p[1] - (size_t)'0';
        const char *text = p + 4;
        if (len > 9) break;
        if (p[2] != '\r') {
            size_t digit = (unsigned char)p[2] - (size_t)'0';
            if (digit > 9 || len == 0 || p[3] != '\r') break;
            len = len * 10 + digit;
            text++;
        }
        if ((size_t)(end - text) < len + 2) break;
        **to = slice_make(text, len);
        p = text + len + 2;
    }
    return p;
}

/* The ordinary request, whole and short, leaves no state behind. */
static inline bool parse_whole(struct request *r, struct slice data)
{
    if (data.len < 4 || data.ptr[0] != '*' || data.ptr[2] != '\r') return false;
    unsigned count = (unsigned char)data.ptr[1] - (unsigned)'0';
    if (count - 1 > 8 || (int)count > r->capacity) return false;
    struct slice *to = r->argv, *last = to + count;
    const char *end = take_short_bulks(data.ptr + 4, data.ptr + data.len, &to, last);
    if (to != last) return false;
    r->argc = (int)count;
    r->consumed = (size_t)(end - data.ptr);
    return true;
}

static void resume_short_bulks(struct request *r, struct slice data)
{
    int64_t room = r->capacity - r->argc;
    struct slice *first = r->argv + r->argc, *to = first;
    const char *end = take_short_bulks(data.ptr + r->at, data.ptr + data.len, &to,
                                       first + (r->args_left < room ? r->args_left : room));
    r->argc += (int)(to - first);
    r->args_left -= to - first;
    r->at = (size_t)(end - data.ptr);
}

static enum request_status parse_array(struct request *r, struct slice data, const struct request_limits *limits)
{
    enum request_status status;
    if (r->args_left < 0 && (status = array_header(r, data, limits)) != REQUEST_READY) return status;
    while (r->args_left > 0) {
        if (r->argc == r->capacity) grow_argv(r);
        if (r->bulk_len < 0) resume_short_bulks(r, data);
        if (r->args_left == 0) break;
        if (r->argc == r->capacity) continue; /* room first, for whatever follows */
        if (r->bulk_len < 0 && (status = bulk_header(r, data, limits)) != REQUEST_READY) return status;
        size_t len = (size_t)r->bulk_len;
        if (data.len - r->at < len + 2) return REQUEST_PARTIAL;
        r->argv[r->argc++] = slice_make(data.ptr + r->at, len);
        r->at += len + 2;
        r->bulk_len = -1;
        r->args_left--;
    }
    r->consumed = r->at;
    return REQUEST_READY;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (isxdigit((unsigned char)c)) return tolower((unsigned char)c) - 'a' + 10;
    return -1;
}

/* Copies one double-quoted character from p to *to; returns what follows. */
static const char *unescape(const char *p, const char *end, char *to)
{
    static const char letters[] = "nrtba", values[] = "\n\r\t\b\a";
    if (*p != '\\' || end - p < 2) {
        *to = *p;
        return p + 1;
    }
    if (p[1] == 'x' && end - p >= 4 && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
        *to = (char)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
        return p + 4;
    }
    const char *letter = p[1] ? strchr(letters, p[1]) : NULL;
    *to = letter ? values[letter - letters] : p[1];
    return p + 2;
}

/* Copies the quoted text behind the quote at p; NULL when it is not closed
 * or runs into something else than a blank. */
static const char *split_quoted(const char *p, const char *end, char **out)
{
    char quote = *p++;
    while (p < end && *p != quote) {
        if (quote == '"') p = unescape(p, end, (*out)++);
        else if (end - p >= 2 && p[0] == '\\' && p[1] == '\'') *(*out)++ = '\'', p += 2;
        else *(*out)++ = *p++;
    }
    if (p >= end) return NULL;
    p++;
    return p == end || isspace((unsigned char)*p) ? p : NULL;
}

int request_split_words(struct slice line, char *storage, struct slice *words, int max)
{
    const char *p = line.ptr, *end = p + line.len;
    char *out = storage;
    for (int count = 0;; count++) {
        while (p < end && (isspace((unsigned char)*p) || *p == '\0')) p++;
        if (p == end) return count;
        if (count == max) return -2;
        char *start = out;
        while (p < end && !isspace((unsigned char)*p) && *p != '\0') {
            if (*p == '"' || *p == '\'') {
                p = split_quoted(p, end, &out);
                if (p == NULL) return -1;
                break;
            }
            *out++ = *p++;
        }
        words[count] = slice_make(start, (size_t)(out - start));
    }
}

static enum request_status parse_inline(struct request *r, struct slice data)
{
    const char *newline = memchr(data.ptr + r->at, '\n', data.len - r->at);
    if (newline == NULL) {
        r->at = data.len;
        if (data.len > REQUEST_INLINE_MAX) return invalid(r, "Protocol error: too big inline request");
        return REQUEST_PARTIAL;
    }
    struct slice line = slice_make(data.ptr, (size_t)(newline - data.ptr));
    r->consumed = line.len + 1;
    if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
    /* A word takes at least a byte and a blank. */
    int max = (int)(line.len / 2 + 1);
    r->inline_text = mem_alloc(line.len + 1);
    if (max > r->capacity) {
        r->argv = mem_realloc(r->argv, (size_t)max * sizeof *r->argv);
        r->capacity = max;
    }
    r->argc = request_split_words(line, r->inline_text, r->argv, max);
    if (r->argc < 0) {
        r->argc = 0;
        return invalid(r, "Protocol error: unbalanced quotes in request");
    }
    bool is_http = r->argc > 0 && (slice_is(r->argv[0], "post") || slice_is(r->argv[0], "host:"));
    return is_http ? REQUEST_HTTP : REQUEST_READY;
}

enum request_status request_parse(struct request *r, struct slice data, const struct request_limits *limits)
{
    if (!r->started) {
        if (parse_whole(r, data)) return REQUEST_READY;
        if (data.len == 0) return REQUEST_PARTIAL;
        r->started = true;
        r->is_inline = data.ptr[0] != '*';
        r->args_left = -1;
        r->bulk_len = -1;
        r->at = 0;
    } else if (r->base != (uintptr_t)data.ptr) {
        for (int i = 0; i < r->argc; i++) r->argv[i].ptr = data.ptr + ((uintptr_t)r->argv[i].ptr - r->base);
    }
    r->base = (uintptr_t)data.ptr;
    return r->is_inline ? parse_inline(r, data) : parse_array(r, data, limits);
}

size_t request_missing(const struct request *r, size_t have)
{
    if (!r->started || r->is_inline || r->bulk_len < 0) return 0;
    size_t end = r->at + (size_t)r->bulk_len + 2;
    return end > have ? end - have : 0;
}
