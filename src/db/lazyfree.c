#include "db/lazyfree.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "io/worker.h"

/* Below this many allocations handing over costs more than freeing. */
enum { EFFORT_MIN = 64 };

struct object_job {
    struct keyspace *keyspace;
    struct value value;
};

struct tables_job {
    struct keyspace *keyspace;
    struct hashtable keys, fields_due;
};

static void pending_add(struct keyspace *ks, size_t count)
{
    atomic_fetch_add_explicit(&ks->lazyfree_pending, count, memory_order_relaxed);
}

static void pending_done(struct keyspace *ks, size_t count)
{
    atomic_fetch_sub_explicit(&ks->lazyfree_pending, count, memory_order_relaxed);
    atomic_fetch_add_explicit(&ks->lazyfreed, count, memory_order_relaxed);
}

size_t lazyfree_pending(const struct keyspace *ks)
{
    return atomic_load_explicit(&ks->lazyfree_pending, memory_order_relaxed);
}

static void free_object_job(void *arg)
{
    struct object_job *job = arg;
    value_type(&job->value)->free(job->value.object, job->value.encoding);
    pending_done(job->keyspace, 1);
    mem_free(job);
}

void lazyfree_object(struct keyspace *ks, const struct value *value, bool in_background)
{
    const struct value_type *type = value_type(value);
    if (value->object == NULL) return; /* a collection that became empty */
    if (!in_background || ks->worker == NULL || type->free_effort(value) <= EFFORT_MIN) {
        type->free(value->object, value->encoding);
        return;
    }
    struct object_job *job = mem_alloc(sizeof *job);
    *job = (struct object_job){ks, *value};
    pending_add(ks, 1);
    worker_submit(ks->worker, free_object_job, job);
}

static void drop_entry(void *ctx, void *element)
{
    struct entry *e = element;
    struct value value = entry_value(e);
    (void)ctx;
    if (value.store == STORE_OBJECT) value_type(&value)->free(value.object, value.encoding);
    entry_free(e);
}

static void drop_record(void *ctx, void *element)
{
    (void)ctx;
    mem_free(element);
}

static void free_tables(struct hashtable *keys, struct hashtable *fields_due)
{
    while (!hashtable_clear_step(keys, SIZE_MAX, drop_entry, NULL)) continue;
    while (!hashtable_clear_step(fields_due, SIZE_MAX, drop_record, NULL)) continue;
}

static void free_tables_job(void *arg)
{
    struct tables_job *job = arg;
    size_t count = hashtable_count(&job->keys);
    free_tables(&job->keys, &job->fields_due);
    pending_done(job->keyspace, count);
    mem_free(job);
}

void lazyfree_tables(struct keyspace *ks, struct hashtable *keys, struct hashtable *fields_due,
                     bool in_background)
{
    if (!in_background || ks->worker == NULL) {
        free_tables(keys, fields_due);
        return;
    }
    struct tables_job *job = mem_alloc(sizeof *job);
    *job = (struct tables_job){ks, *keys, *fields_due};
    hashtable_init(keys, job->keys.type);
    hashtable_init(fields_due, job->fields_due.type);
    pending_add(ks, hashtable_count(&job->keys));
    worker_submit(ks->worker, free_tables_job, job);
}
