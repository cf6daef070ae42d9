#include "types/string.h"

#include "base/assert.h"
#include "base/mem.h"
#include "types/rdb_form.h"

struct value string_number_value(int64_t number)
{
    return (struct value){
        .type = TYPE_STRING, .encoding = STRING_INT, .store = STORE_NUMBER, .number = number};
}

struct value string_raw_value(struct slice text)
{
    return (struct value){.type = TYPE_STRING, .encoding = STRING_RAW, .store = STORE_TEXT, .text = text};
}

struct value string_text_value(struct slice text)
{
    struct value v = string_raw_value(text);
    if (text.len <= STRING_EMBSTR_MAX) v.encoding = STRING_EMBSTR;
    return v;
}

struct value string_value(struct slice text)
{
    int64_t number;
    if (text.len <= 20 && number_parse(text, &number)) return string_number_value(number);
    return string_text_value(text);
}

static struct slice object_text(const struct string *s)
{
    return slice_make(s->data, s->len);
}

struct slice string_view(const struct value *v, char digits[NUMBER_TEXT_MAX])
{
    if (v->store == STORE_TEXT) return v->text;
    if (v->store == STORE_OBJECT) return object_text(v->object);
    return slice_make(digits, number_print(digits, v->number));
}

size_t string_length(const struct value *v)
{
    if (v->store == STORE_TEXT) return v->text.len;
    if (v->store == STORE_OBJECT) return ((const struct string *)v->object)->len;
    return number_width(v->number);
}

bool string_to_number(const struct value *v, int64_t *number)
{
    if (v->store == STORE_NUMBER) {
        *number = v->number;
        return true;
    }
    return number_parse(string_view(v, NULL), number);
}

bool string_to_long_double(const struct value *v, long double *number)
{
    if (v->store == STORE_NUMBER) {
        *number = (long double)v->number;
        return true;
    }
    return number_parse_long_double(string_view(v, NULL), number);
}

struct string *string_new_try(struct slice text, size_t capacity)
{
    struct string *s = mem_alloc_try(sizeof *s + (capacity > text.len ? capacity : text.len));
    if (s == NULL) return NULL;
    s->len = text.len;
    if (text.len) memcpy(s->data, text.ptr, text.len);
    return s;
}

struct string *string_new_zeros_try(size_t len)
{
    struct string *s = string_new_try(SLICE(""), len);
    if (s == NULL) return NULL;
    memset(s->data, 0, len);
    s->len = len;
    return s;
}

struct value string_object_value(struct string *s)
{
    return (struct value){.type = TYPE_STRING, .encoding = STRING_RAW, .store = STORE_OBJECT, .object = s};
}

struct string *string_grow_try(struct string *s, size_t capacity)
{
    if (sizeof *s + capacity <= mem_usable(s)) return s;
    return mem_realloc_try(s, sizeof *s + capacity);
}

/* ---- the row ---- */

static const char *encoding_name(const struct value *v)
{
    static const char *const names[] = {
        [STRING_RAW] = "raw", [STRING_INT] = "int", [STRING_EMBSTR] = "embstr"};
    return names[v->encoding];
}

static void free_object(void *object, uint8_t encoding)
{
    (void)encoding;
    mem_free(object);
}

static size_t free_effort(const struct value *v)
{
    (void)v;
    return 1;
}

static void *copy(const struct value *v)
{
    struct string *s = string_new_try(object_text(v->object), 0);
    if (s == NULL) panic("out of memory copying a string");
    return s;
}

static size_t memory_bytes(const struct value *v, size_t samples)
{
    (void)samples;
    return v->store == STORE_OBJECT ? mem_usable(v->object) : 0;
}

static void digest(const struct value *v, struct digest *to)
{
    char digits[NUMBER_TEXT_MAX];
    struct slice text = string_view(v, digits);
    digest_mix(to, text.ptr, text.len);
}

static uint8_t rdb_form(const struct value *v, int version)
{
    (void)v, (void)version;
    return RDB_STRING;
}

static void save(const struct value *v, struct rdb_writer *w)
{
    char digits[NUMBER_TEXT_MAX];
    if (v->store == STORE_NUMBER) rdb_put_integer(w, v->number);
    else rdb_put_string(w, string_view(v, digits));
}

static void load(struct value *v, uint8_t form, struct rdb_reader *r, const struct types_settings *settings)
{
    (void)form, (void)settings;
    rdb_get_string(r, &r->text);
    *v = string_value(buffer_slice(&r->text));
}

static void rebuild(const struct value *v, struct slice key, const struct value_rebuilder *to)
{
    char digits[NUMBER_TEXT_MAX];
    const struct slice words[] = {SLICE("SET"), key, string_view(v, digits)};
    to->command(to->ctx, 3, words);
}

const struct value_type string_type = {
    .rdb_form = rdb_form,
    .save = save,
    .load = load,
    .rebuild = rebuild,
    .name = "string",
    .encoding_name = encoding_name,
    .length = string_length,
    .free = free_object,
    .free_effort = free_effort,
    .copy = copy,
    .memory_bytes = memory_bytes,
    .digest = digest,
};
