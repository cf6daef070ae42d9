#include "persist/dump.h"

#include "base/crc64.h"
#include "core/server.h"
#include "io/rdb.h"
#include "persist/rdb_load.h"
#include "persist/rdb_save.h"
#include "types/rdb_form.h"

static bool append(void *ctx, const char *data, size_t len)
{
    buffer_append(ctx, data, len);
    return true;
}

void dump_seal(struct buffer *bytes, int version)
{
    buffer_append_char(bytes, (char)(version & 255));
    buffer_append_char(bytes, (char)(version >> 8));
    uint64_t crc = crc64(0, bytes->data, bytes->len);
    for (int i = 0; i < 8; i++) buffer_append_char(bytes, (char)(crc >> 8 * i & 255));
}

bool dump_write(const struct persist *p, const struct value *v, struct buffer *to, struct buffer *why)
{
    struct rdb_writer w;
    bool has_deadlines = value_type(v)->rdb_form(v, RDB_VERSION_FIELD_TTL) == RDB_HASH_DEADLINES;
    int version = rdb_save_version_for(p, has_deadlines);
    if (version == 0) {
        buffer_printf(why, "ERR rdb-version %d has no place for the TTLs of hash fields",
                      (int)p->settings->rdb_version);
        return false;
    }
    rdb_writer_init(&w, append, to);
    rdb_save_init(p, &w, version);
    w.no_checksum = true; /* the seal has its own */
    rdb_put_byte(&w, value_type(v)->rdb_form(v, version));
    value_type(v)->save(v, &w);
    rdb_writer_flush(&w);
    rdb_writer_fini(&w);
    dump_seal(to, version);
    return true;
}

bool dump_is_sealed(const struct persist *p, struct slice payload, int *version)
{
    if (payload.len < DUMP_FOOTER_BYTES) return false;
    size_t summed = payload.len - 8;
    const unsigned char *footer = (const unsigned char *)payload.ptr + payload.len - DUMP_FOOTER_BYTES;
    uint64_t told = 0;
    for (int i = 8; i-- > 0;) told = told << 8 | footer[2 + i];
    *version = footer[0] | footer[1] << 8;
    if (*version > RDB_VERSION_MAX) return false;
    return p->skip_checksums || crc64(0, payload.ptr, summed) == told;
}

/* A client's payload is always checked element by element: its seal is no secret. */
bool dump_read(struct persist *p, struct slice payload, struct rdb_reader *r, struct value *v)
{
    rdb_reader_init_memory(r, slice_make(payload.ptr, payload.len - DUMP_FOOTER_BYTES));
    r->deep = true;
    p->payloads_checked++;
    uint8_t form = rdb_get_byte(r);
    if (!rdb_load_value(p->server->types, r, form, v)) return false;
    bool is_object = v->store == STORE_OBJECT;
    if (r->at == r->end && !(is_object && v->object == NULL)) return true;
    if (is_object && v->object) value_type(v)->free(v->object, v->encoding);
    return false;
}
