/* Targets of persistence: values as RDB files and DUMP payloads hold them, in every
 * form that was ever written, and the manifest of the append only file. */
#include "fuzz.h"
#include "persist/manifest.h"
#include "types/rdb_form.h"
#include "types/settings.h"
#include "types/value.h"

static bool collect(void *ctx, const char *data, size_t len)
{
    buffer_append(ctx, data, len);
    return true;
}

static void free_value(struct value *v)
{
    if (v->store == STORE_OBJECT && v->object) value_type(v)->free(v->object, v->encoding);
    v->object = NULL;
}

/* False: the reader failed, and nothing is left. */
static bool load(struct rdb_reader *r, struct slice bytes, struct value *v)
{
    static const struct types_settings settings = {.hash_max_listpack_entries = 8,
                                                   .hash_max_listpack_value_bytes = 16,
                                                   .list_max_listpack_size = 4,
                                                   .set_max_intset_entries = 8,
                                                   .set_max_listpack_entries = 4,
                                                   .set_max_listpack_value_bytes = 16,
                                                   .zset_max_listpack_entries = 4,
                                                   .zset_max_listpack_value_bytes = 16,
                                                   .stream_node_max_entries = 4};
    enum type type;
    rdb_reader_init_memory(r, bytes);
    r->deep = true;
    uint8_t form = rdb_get_byte(r);
    if (r->failed || !rdb_form_type(form, &type)) return false;
    *v = value_empty(type);
    value_types[type]->load(v, form, r, &settings);
    if (r->failed && type != TYPE_STRING) free_value(v);
    return !r->failed;
}

/* What can be loaded can be saved, and loaded again. */
int fuzz_rdb_value(const uint8_t *data, size_t size)
{
    struct rdb_reader r, again;
    struct value v, copy;
    struct buffer saved = {0};
    if (load(&r, slice_make((const char *)data, size), &v)) {
        bool is_object = v.store == STORE_OBJECT;
        if (!is_object || (v.object && (value_type(&v)->stays_when_empty || value_type(&v)->length(&v)))) {
            struct rdb_writer w;
            rdb_writer_init(&w, collect, &saved);
            w.version = RDB_VERSION_MAX;
            rdb_put_byte(&w, value_type(&v)->rdb_form(&v, w.version));
            value_type(&v)->save(&v, &w);
            FUZZ_CHECK(rdb_writer_flush(&w));
            rdb_writer_fini(&w);
            FUZZ_CHECK(load(&again, buffer_slice(&saved), &copy));
            FUZZ_CHECK(again.at == again.end);
            if (is_object) FUZZ_CHECK(value_type(&v)->length(&v) == value_type(&copy)->length(&copy));
            free_value(&copy);
            rdb_reader_fini(&again);
        }
        free_value(&v);
    }
    rdb_reader_fini(&r);
    buffer_fini(&saved);
    return 0;
}

/* What can be read is printed so that it reads as the same. */
int fuzz_manifest(const uint8_t *data, size_t size)
{
    struct manifest m = {0}, again = {0};
    struct buffer why = {0}, text = {0}, second = {0};
    bool valid = manifest_parse(&m, slice_make((const char *)data, size), &why);
    FUZZ_CHECK(valid || (why.len > 0 && m.count == 0));
    if (valid && m.count) {
        manifest_print(&m, &text);
        FUZZ_CHECK(manifest_parse(&again, buffer_slice(&text), &why));
        manifest_print(&again, &second);
        FUZZ_CHECK(again.count == m.count && slice_equal(buffer_slice(&text), buffer_slice(&second)));
    }
    manifest_fini(&m);
    manifest_fini(&again);
    buffer_fini(&why);
    buffer_fini(&text);
    buffer_fini(&second);
    return 0;
}
