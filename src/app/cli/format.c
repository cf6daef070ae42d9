#include "app/cli/format.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"

static void append_integer(struct buffer *out, int64_t value)
{
    buffer_printf(out, "%" PRId64, value);
}

/* Standard: typed scalars. */

static void standard_scalar(struct buffer *out, const struct reply *reply)
{
    switch (reply->kind) {
    case REPLY_ERROR:
        buffer_append_text(out, "(error) ");
        buffer_append_slice(out, reply->text);
        break;
    case REPLY_BLOB: buffer_append_quoted(out, reply->text); break;
    case REPLY_INTEGER:
        buffer_append_text(out, "(integer) ");
        append_integer(out, reply->integer);
        break;
    case REPLY_DOUBLE:
        buffer_append_text(out, "(double) ");
        buffer_append_slice(out, reply->text);
        break;
    case REPLY_BIG_NUMBER:
        buffer_append_text(out, "(big number) ");
        buffer_append_slice(out, reply->text);
        break;
    case REPLY_BOOLEAN: buffer_append_text(out, reply->integer ? "(true)" : "(false)"); break;
    case REPLY_NULL: buffer_append_text(out, "(nil)"); break;
    default: buffer_append_slice(out, reply->text); /* simple and verbatim strings */
    }
    buffer_append_char(out, '\n');
}

static void standard(struct buffer *out, const struct reply *reply, size_t indent);

static void drop_newline(struct buffer *out)
{
    if (out->len && out->data[out->len - 1] == '\n') out->data[--out->len] = '\0';
}

/* An entry's value stands beside its key, unless it is an aggregate that
 * takes several lines: then it begins on the next one. */
static void standard_map_value(struct buffer *out, const struct reply *value, size_t indent)
{
    drop_newline(out);
    buffer_append_text(out, " => ");
    struct buffer text = {0};
    standard(&text, value, indent);
    bool several_lines = memchr(text.data, '\n', text.len - 1) != NULL;
    if (reply_is_aggregate(value) && several_lines) buffer_printf(out, "\n%*s", (int)indent, "");
    buffer_append_slice(out, buffer_slice(&text));
    buffer_fini(&text);
}

static void standard_aggregate(struct buffer *out, const struct reply *reply, size_t indent)
{
    static const char *const empty[] = {[REPLY_ARRAY] = "(empty array)\n",
                                        [REPLY_MAP] = "(empty hash)\n",
                                        [REPLY_SET] = "(empty set)\n",
                                        [REPLY_PUSH] = "(empty push)\n"};
    static const char marks[] = {
        [REPLY_ARRAY] = ')', [REPLY_MAP] = '#', [REPLY_SET] = '~', [REPLY_PUSH] = ')'};
    if (reply->item_count == 0) {
        buffer_append_text(out, empty[reply->kind]);
        return;
    }
    size_t step = reply->kind == REPLY_MAP ? 2 : 1;
    int width = (int)number_width((int64_t)(reply->item_count / step));
    size_t inner = indent + (size_t)width + 2;
    for (size_t i = 0; i < reply->item_count; i += step) {
        if (i) buffer_printf(out, "%*s", (int)indent, "");
        buffer_printf(out, "%*zu%c ", width, i / step + 1, marks[reply->kind]);
        standard(out, &reply->items[i], inner);
        if (step == 2) standard_map_value(out, &reply->items[i + 1], inner);
    }
}

static void standard(struct buffer *out, const struct reply *reply, size_t indent)
{
    if (reply_is_aggregate(reply)) standard_aggregate(out, reply, indent);
    else standard_scalar(out, reply);
}

/* Raw: the bytes; keys and values of a map in pairs on one line. */

static void raw(struct buffer *out, const struct reply *reply, struct slice delimiter)
{
    switch (reply->kind) {
    case REPLY_NULL: break;
    case REPLY_ERROR:
        buffer_append_slice(out, reply->text);
        buffer_append_char(out, '\n');
        break;
    case REPLY_INTEGER: append_integer(out, reply->integer); break;
    case REPLY_BOOLEAN: buffer_append_text(out, reply->integer ? "(true)" : "(false)"); break;
    case REPLY_ARRAY:
    case REPLY_MAP:
    case REPLY_SET:
    case REPLY_PUSH:
        for (size_t i = 0; i < reply->item_count; i++) {
            if (i && reply->kind == REPLY_MAP && i % 2) buffer_append_char(out, ' ');
            else if (i) buffer_append_slice(out, delimiter);
            raw(out, &reply->items[i], delimiter);
        }
        break;
    default: buffer_append_slice(out, reply->text);
    }
}

static void csv(struct buffer *out, const struct reply *reply)
{
    switch (reply->kind) {
    case REPLY_ERROR:
        buffer_append_text(out, "ERROR,");
        buffer_append_quoted(out, reply->text);
        break;
    case REPLY_INTEGER: append_integer(out, reply->integer); break;
    case REPLY_DOUBLE:
    case REPLY_BIG_NUMBER: buffer_append_slice(out, reply->text); break;
    case REPLY_BOOLEAN: buffer_append_text(out, reply->integer ? "true" : "false"); break;
    case REPLY_NULL: buffer_append_text(out, "NULL"); break;
    case REPLY_ARRAY:
    case REPLY_MAP:
    case REPLY_SET:
    case REPLY_PUSH:
        for (size_t i = 0; i < reply->item_count; i++) {
            if (i) buffer_append_char(out, ',');
            csv(out, &reply->items[i]);
        }
        break;
    default: buffer_append_quoted(out, reply->text);
    }
}

/* A JSON string. Bytes beyond ASCII pass as they are: UTF-8 stays readable. */
static void json_string(struct buffer *out, struct slice s)
{
    static const char special[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    buffer_append_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        const char *found = c ? strchr(special, c) : NULL;
        if (found) buffer_printf(out, "\\%c", letter[found - special]);
        else if (c < 0x20) buffer_printf(out, "\\u%04x", c);
        else buffer_append_char(out, (char)c);
    }
    buffer_append_char(out, '"');
}

/* A JSON string whose content is the quoted form of s, without its quotes. */
static void json_quoted_string(struct buffer *out, struct slice s)
{
    struct buffer quoted = {0};
    buffer_append_quoted(&quoted, s);
    json_string(out, slice_make(quoted.data + 1, quoted.len - 2));
    buffer_fini(&quoted);
}

static void json_text(struct buffer *out, struct slice s, enum output output)
{
    if (output == OUTPUT_JSON) json_string(out, s);
    else json_quoted_string(out, s);
}

static void json(struct buffer *out, const struct reply *reply, enum output output);

/* A key of an object must be a string: any other value is written as text. */
static void json_key(struct buffer *out, const struct reply *key, enum output output)
{
    if (reply_is_text(key)) {
        json_text(out, key->text, output);
        return;
    }
    struct buffer text = {0};
    json(&text, key, output);
    json_string(out, buffer_slice(&text));
    buffer_fini(&text);
}

static void json_aggregate(struct buffer *out, const struct reply *reply, enum output output)
{
    bool map = reply->kind == REPLY_MAP;
    buffer_append_char(out, map ? '{' : '[');
    for (size_t i = 0; i < reply->item_count; i++) {
        bool value = map && i % 2;
        if (i) buffer_append_char(out, value ? ':' : ',');
        if (map && !value) json_key(out, &reply->items[i], output);
        else json(out, &reply->items[i], output);
    }
    buffer_append_char(out, map ? '}' : ']');
}

static void json(struct buffer *out, const struct reply *reply, enum output output)
{
    switch (reply->kind) {
    case REPLY_ERROR:
        buffer_append_text(out, "error:");
        json_text(out, reply->text, output);
        break;
    case REPLY_INTEGER: append_integer(out, reply->integer); break;
    case REPLY_DOUBLE:
    case REPLY_BIG_NUMBER: buffer_append_slice(out, reply->text); break;
    case REPLY_BOOLEAN: buffer_append_text(out, reply->integer ? "true" : "false"); break;
    case REPLY_NULL: buffer_append_text(out, "null"); break;
    case REPLY_ARRAY:
    case REPLY_MAP:
    case REPLY_SET:
    case REPLY_PUSH: json_aggregate(out, reply, output); break;
    default: json_text(out, reply->text, output);
    }
}

void format_reply(struct buffer *out, const struct reply *reply, enum output output,
                  struct slice bulk_delimiter)
{
    switch (output) {
    case OUTPUT_STANDARD: standard(out, reply, 0); break;
    case OUTPUT_RAW: raw(out, reply, bulk_delimiter); break;
    case OUTPUT_CSV: csv(out, reply); break;
    case OUTPUT_JSON:
    case OUTPUT_QUOTED_JSON: json(out, reply, output); break;
    }
}

static bool is_invalidation(const struct reply *push)
{
    return push->item_count == 2 && reply_is_text(&push->items[0]) &&
           slice_is(push->items[0].text, "invalidate");
}

void format_push(struct buffer *out, const struct reply *push, enum output output,
                 struct slice bulk_delimiter)
{
    if (output != OUTPUT_STANDARD || !is_invalidation(push)) {
        format_reply(out, push, output, bulk_delimiter);
        return;
    }
    const struct reply *keys = &push->items[1];
    buffer_append_text(out, "-> invalidate: ");
    if (keys->kind == REPLY_NULL) buffer_append_text(out, "all keys");
    for (size_t i = 0; i < keys->item_count; i++) {
        if (i) buffer_append_text(out, ", ");
        buffer_append_char(out, '\'');
        buffer_append_slice(out, keys->items[i].text);
        buffer_append_char(out, '\'');
    }
    buffer_append_char(out, '\n');
}
