#include "persist/aof_base.h"

#include <errno.h>
#include <stdio.h>

#include "base/number.h"
#include "core/propagate.h"
#include "core/server.h"
#include "db/keyspace.h"
#include "io/file.h"
#include "persist/child.h"
#include "persist/snapshot.h"

enum {
    SYNC_STEP_BYTES = 4 * 1024 * 1024, /* aof-rewrite-incremental-fsync */
    CHUNK_BYTES = 64 * 1024,           /* gathered before a write */
};

struct base_writer {
    struct persist *persist;
    struct file_writer file;
    struct buffer text;
    uint64_t keys;
    bool failed;
    int failed_errno;
};

static void flush(struct base_writer *w)
{
    if (!w->failed && !file_writer_flush(&w->file, w->text.data, w->text.len)) {
        w->failed = true;
        w->failed_errno = errno;
    }
    buffer_clear(&w->text);
}

static void put_command(void *ctx, int argc, const struct slice *words)
{
    struct base_writer *w = ctx;
    propagate_encode(&w->text, argc, words);
    if (w->text.len > CHUNK_BYTES) flush(w);
}

static void put_entry(struct base_writer *w, const struct entry *e)
{
    char digits[NUMBER_TEXT_MAX];
    struct value value = entry_value(e);
    int64_t deadline_ms = entry_deadline_ms(e);
    const struct value_rebuilder rebuilder = {put_command, w};
    value_type(&value)->rebuild(&value, entry_key(e), &rebuilder);
    if (deadline_ms >= 0) {
        const struct slice words[] = {SLICE("PEXPIREAT"), entry_key(e),
                                      slice_make(digits, number_print(digits, deadline_ms))};
        put_command(w, 3, words);
    }
    child_progress(w->persist->child, ++w->keys);
}

static void put_db(struct base_writer *w, struct db *db)
{
    char digits[NUMBER_TEXT_MAX];
    const struct slice words[] = {SLICE("SELECT"), slice_make(digits, number_print(digits, db->id))};
    struct hashtable_iter it;
    put_command(w, 2, words);
    hashtable_iter_init(&it, &db->keys);
    for (void **slot; !w->failed && (slot = hashtable_iter_next(&it)) != NULL;) put_entry(w, *slot);
}

static bool write_commands(struct persist *p, const char *path, uint64_t step_bytes)
{
    struct base_writer w = {.persist = p};
    struct keyspace *ks = p->keyspace;
    if (!file_writer_open(&w.file, path, step_bytes)) return false;
    for (int i = 0; i < ks->db_count; i++)
        if (db_count(&ks->dbs[i])) put_db(&w, &ks->dbs[i]);
    if (w.text.len) flush(&w);
    bool closed = file_writer_close(&w.file);
    buffer_fini(&w.text);
    if (w.failed) errno = w.failed_errno;
    return closed && !w.failed;
}

bool aof_base_write(struct persist *p, const char *path)
{
    uint64_t step_bytes = p->settings->aof_rewrite_incremental_fsync ? SYNC_STEP_BYTES : 0;
    if (p->settings->aof_use_rdb_preamble) return snapshot_write_file(p, path, true, step_bytes);
    return write_commands(p, path, step_bytes);
}
