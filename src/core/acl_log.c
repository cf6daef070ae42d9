#include "core/acl_log.h"

#include "base/mem.h"
#include "core/server.h"

/* Of a key or a name that many bytes are kept: a client may choose very long ones. */
enum { SAME_FOR_MS = 60 * 1000, COMPARED_MAX = 10, KEPT_BYTES = 1024 };

struct acl_log *acl_log_new(void)
{
    return mem_calloc(1, sizeof(struct acl_log));
}

static void free_from(struct acl_log_entry **link)
{
    while (*link) {
        struct acl_log_entry *old = *link;
        *link = old->next;
        buffer_fini(&old->object);
        buffer_fini(&old->user);
        buffer_fini(&old->client);
        mem_free(old);
    }
}

void acl_log_reset(struct acl_log *log)
{
    free_from(&log->newest);
    log->count = 0;
}

void acl_log_free(struct acl_log *log)
{
    acl_log_reset(log);
    mem_free(log);
}

void acl_log_reset_stats(struct acl_log *log)
{
    memset(log->denied, 0, sizeof log->denied);
}

const char *acl_log_reason(enum acl_denied reason)
{
    static const char *const names[ACL_DENIALS] = {
        [ACL_DENIED_COMMAND] = "command",
        [ACL_DENIED_KEY] = "key",
        [ACL_DENIED_CHANNEL] = "channel",
        [ACL_DENIED_AUTH] = "auth",
    };
    return names[reason];
}

const char *acl_log_context(const struct client *c)
{
    return c->flags & (CLIENT_MULTI | CLIENT_IN_EXEC) ? "multi" : "toplevel";
}

static bool is_same(const struct acl_log_entry *a, const struct acl_log_entry *b)
{
    return a->reason == b->reason && strcmp(a->context, b->context) == 0 &&
           b->created_ms - a->seen_ms <= SAME_FOR_MS &&
           slice_equal(buffer_slice(&a->object), buffer_slice(&b->object)) &&
           slice_equal(buffer_slice(&a->user), buffer_slice(&b->user));
}

/* Takes the entry out that says the same; NULL: none of the newest does. */
static struct acl_log_entry *take_same(struct acl_log *log, const struct acl_log_entry *entry)
{
    struct acl_log_entry **link = &log->newest;
    for (int i = 0; *link && i < COMPARED_MAX; i++, link = &(*link)->next) {
        if (!is_same(*link, entry)) continue;
        struct acl_log_entry *same = *link;
        *link = same->next;
        same->next = NULL;
        return same;
    }
    return NULL;
}

/* The entry goes on where an older one is. */
static void go_on(struct acl_log *log, struct acl_log_entry *entry)
{
    struct acl_log_entry *same = take_same(log, entry);
    if (same == NULL) {
        entry->id = log->next_id++;
        log->count++;
        return;
    }
    entry->id = same->id;
    entry->count = same->count + 1;
    entry->created_ms = same->created_ms;
    free_from(&same);
}

static void trim(struct acl_log *log, int64_t max)
{
    if (log->count <= max) return;
    struct acl_log_entry **link = &log->newest;
    for (int64_t i = 0; i < max; i++) link = &(*link)->next;
    free_from(link);
    log->count = max;
}

static void keep(struct buffer *to, struct slice text)
{
    buffer_append(to, text.ptr, text.len < KEPT_BYTES ? text.len : KEPT_BYTES);
}

void acl_log_add(struct client *c, enum acl_denied reason, const char *context, struct slice object,
                 const struct slice *user)
{
    struct acl_log *log = c->server->acl->log;
    struct acl_log_entry *entry = mem_calloc(1, sizeof *entry);
    entry->count = 1;
    entry->reason = reason;
    entry->context = context;
    entry->created_ms = entry->seen_ms = server_now_ms(c->server);
    keep(&entry->object, object);
    keep(&entry->user, user ? *user : c->user->name);
    client_describe(c, &entry->client);
    log->denied[reason]++;
    go_on(log, entry);
    entry->next = log->newest;
    log->newest = entry;
    trim(log, c->server->settings->acllog_max_len);
}
