#include "core/reply.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/number.h"
#include "core/errorstats.h"
#include "core/server.h"

enum { HEADER_MAX = 24, ERROR_MAX = 4096 };

static inline char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

static inline char *put_crlf(char *to)
{
    return put(to, "\r\n", 2);
}

static inline char *put_header(char *to, char type, int64_t value)
{
    *to++ = type;
    if (value >= 0 && value < 100) { /* nearly all lengths and counts */
        if (value >= 10) *to++ = (char)('0' + value / 10);
        *to++ = (char)('0' + value % 10);
    } else {
        to += number_print(to, value);
    }
    return put_crlf(to);
}

static inline void raw(struct client *c, const char *data, size_t len)
{
    reply_encoded(c, slice_make(data, len));
}

static void header(struct client *c, char type, int64_t value)
{
    char *to = output_reserve(&c->out, HEADER_MAX);
    output_commit(&c->out, put_header(to, type, value));
    client_write_later(c);
}

void reply_ok(struct client *c)
{
    raw(c, "+OK\r\n", 5);
}

void reply_simple(struct client *c, const char *text)
{
    size_t len = strlen(text);
    char *to = output_reserve(&c->out, len + 3);
    *to++ = '+';
    output_commit(&c->out, put_crlf(put(to, text, len)));
    client_write_later(c);
}

/* ---- errors ---- */

/* Returns how much of the text is told. */
static size_t write_error(struct client *c, const char *text)
{
    char line[ERROR_MAX];
    size_t len = strlen(text);
    while (len && (text[len - 1] == '\r' || text[len - 1] == '\n')) len--;
    if (len > sizeof line - 3) len = sizeof line - 3;
    line[0] = '-';
    for (size_t i = 0; i < len; i++) line[1 + i] = text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
    put_crlf(line + 1 + len);
    raw(c, line, len + 3);
    c->errors++;
    return len;
}

void reply_error(struct client *c, const char *text)
{
    size_t len = write_error(c, text);
    errorstats_count(c->server->errorstats, slice_make(text, len));
}

void reply_error_again(struct client *c, const char *text)
{
    write_error(c, text);
}

void reply_errorf(struct client *c, const char *format, ...)
{
    char text[ERROR_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    reply_error(c, text);
}

void reply_syntax_error(struct client *c)
{
    reply_error(c, "ERR syntax error");
}

void reply_wrong_type(struct client *c)
{
    reply_error(c, "WRONGTYPE Operation against a key holding the wrong kind of value");
}

void reply_no_key(struct client *c)
{
    reply_error(c, "ERR no such key");
}

/* ---- scalars ---- */

void reply_int(struct client *c, int64_t value)
{
    header(c, ':', value);
}

void reply_bulk(struct client *c, struct slice data)
{
    struct output *out = &c->out;
    if (data.len + HEADER_MAX + 2 <= BLOCK_BYTES / 2) {
        char *to = put_header(output_reserve(out, data.len + HEADER_MAX + 2), '$', (int64_t)data.len);
        output_commit(out, put_crlf(put(to, data.ptr, data.len)));
    } else {
        output_commit(out, put_header(output_reserve(out, HEADER_MAX), '$', (int64_t)data.len));
        output_append(out, data.ptr, data.len);
        output_append(out, "\r\n", 2);
    }
    client_write_later(c);
}

void reply_text(struct client *c, const char *text)
{
    reply_bulk(c, slice_of(text));
}

void reply_bulk_int(struct client *c, int64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    reply_bulk(c, slice_make(digits, number_print(digits, value)));
}

void reply_null(struct client *c)
{
    if (c->resp == 2) raw(c, "$-1\r\n", 5);
    else raw(c, "_\r\n", 3);
}

void reply_null_array(struct client *c)
{
    if (c->resp == 2) raw(c, "*-1\r\n", 5);
    else raw(c, "_\r\n", 3);
}

void reply_bool(struct client *c, bool value)
{
    if (c->resp == 2) reply_int(c, value);
    else raw(c, value ? "#t\r\n" : "#f\r\n", 4);
}

void reply_double(struct client *c, double value)
{
    char text[40];
    size_t len = number_print_double(text, value);
    if (c->resp == 2) {
        reply_bulk(c, slice_make(text, len));
        return;
    }
    char *to = output_reserve(&c->out, len + 3);
    *to++ = ',';
    output_commit(&c->out, put_crlf(put(to, text, len)));
    client_write_later(c);
}

void reply_bignum(struct client *c, const char *digits)
{
    if (c->resp == 2) {
        reply_text(c, digits);
        return;
    }
    raw(c, "(", 1);
    raw(c, digits, strlen(digits));
    raw(c, "\r\n", 2);
}

void reply_verbatim(struct client *c, struct slice data, const char *format)
{
    if (c->resp == 2) {
        reply_bulk(c, data);
        return;
    }
    header(c, '=', (int64_t)data.len + 4);
    raw(c, format, 3);
    raw(c, ":", 1);
    raw(c, data.ptr, data.len);
    raw(c, "\r\n", 2);
}

/* ---- aggregates ---- */

void reply_array(struct client *c, int64_t count)
{
    header(c, '*', count);
}

void reply_map(struct client *c, int64_t pairs)
{
    if (c->resp == 2) header(c, '*', pairs * 2);
    else header(c, '%', pairs);
}

void reply_set(struct client *c, int64_t count)
{
    header(c, c->resp == 2 ? '*' : '~', count);
}

void reply_push(struct client *c, int64_t count)
{
    header(c, c->resp == 2 ? '*' : '>', count);
}

void reply_attribute(struct client *c, int64_t pairs)
{
    ASSERT(c->resp > 2);
    header(c, '|', pairs);
}

void reply_empty_array(struct client *c)
{
    header(c, '*', 0);
}

struct output_mark reply_open(struct client *c)
{
    client_write_later(c);
    return output_mark(&c->out);
}

static void close_with(struct client *c, struct output_mark mark, char type, int64_t count)
{
    char text[HEADER_MAX];
    output_insert(&c->out, mark, text, (size_t)(put_header(text, type, count) - text));
}

void reply_insert_bulk(struct client *c, struct output_mark mark, struct slice data)
{
    output_insert(&c->out, mark, "\r\n", 2);
    if (data.len) output_insert(&c->out, mark, data.ptr, data.len);
    close_with(c, mark, '$', (int64_t)data.len);
}

void reply_close_array(struct client *c, struct output_mark mark, int64_t count)
{
    close_with(c, mark, '*', count);
}

void reply_close_map(struct client *c, struct output_mark mark, int64_t pairs)
{
    if (c->resp == 2) close_with(c, mark, '*', pairs * 2);
    else close_with(c, mark, '%', pairs);
}

void reply_close_set(struct client *c, struct output_mark mark, int64_t count)
{
    close_with(c, mark, c->resp == 2 ? '*' : '~', count);
}

/* ---- what commands with subcommands say ---- */

enum { COMMAND_SHOWN = 128 };

/* The command's name as the client wrote it, in capitals. */
static void print_capitals(char to[COMMAND_SHOWN], struct slice name)
{
    size_t len = name.len < COMMAND_SHOWN - 1 ? name.len : COMMAND_SHOWN - 1;
    for (size_t i = 0; i < len; i++) to[i] = (char)toupper((unsigned char)name.ptr[i]);
    to[len] = '\0';
}

void reply_subcommand_error(struct call *call)
{
    char command[COMMAND_SHOWN];
    struct slice subcommand = call->argv[1];
    print_capitals(command, call->argv[0]);
    reply_errorf(call->client, "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try %s HELP.",
                 (int)(subcommand.len < COMMAND_SHOWN ? subcommand.len : COMMAND_SHOWN), subcommand.ptr,
                 command);
}

void reply_help(struct call *call, const char *const *lines)
{
    struct client *c = call->client;
    char command[COMMAND_SHOWN], first[2 * COMMAND_SHOWN];
    int64_t count = 0;
    while (lines[count]) count++;
    print_capitals(command, call->argv[0]);
    snprintf(first, sizeof first, "%s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", command);
    reply_array(c, count + 3);
    reply_simple(c, first);
    for (int64_t i = 0; i < count; i++) reply_simple(c, lines[i]);
    reply_simple(c, "HELP");
    reply_simple(c, "    Print this help.");
}
