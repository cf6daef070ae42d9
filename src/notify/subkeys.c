#include "notify/subkeys.h"

#include "base/mem.h"
#include "base/number.h"
#include "notify/notify.h"

/* The kinds, in the order in which they are published. */
enum { BY_KEY, BY_EVENT, BY_ITEM, BY_EVENT_AND_KEY, KINDS };

static const struct {
    unsigned flag;
    struct slice prefix;
} kinds[KINDS] = {
    [BY_KEY] = {NOTIFY_SUBKEYSPACE, SLICE("__subkeyspace@")},
    [BY_EVENT] = {NOTIFY_SUBKEYEVENT, SLICE("__subkeyevent@")},
    [BY_ITEM] = {NOTIFY_SUBKEYSPACEITEM, SLICE("__subkeyspaceitem@")},
    [BY_EVENT_AND_KEY] = {NOTIFY_SUBKEYSPACEEVENT, SLICE("__subkeyspaceevent@")},
};

struct subkeys {
    struct pubsub *pubsub;
    unsigned channels[KINDS];                           /* exact ones that somebody subscribed to */
    bool interested[KINDS];                             /* enabled, and somebody could receive it */
    void (*send)(void *ctx, struct audience *audience); /* to all, or to who may read the key */
    struct slice key;                                   /* that is told of */
    struct buffer channel, payload;
};

struct subkeys *subkeys_new(struct pubsub *ps)
{
    struct subkeys *s = mem_calloc(1, sizeof *s);
    s->pubsub = ps;
    return s;
}

void subkeys_free(struct subkeys *s)
{
    buffer_fini(&s->channel);
    buffer_fini(&s->payload);
    mem_free(s);
}

bool subkeys_channel_changed(struct subkeys *s, struct slice name, bool exists)
{
    for (int kind = 0; kind < KINDS; kind++) {
        if (!slice_starts_with(name, kinds[kind].prefix)) continue;
        s->channels[kind] += exists ? 1u : -1u;
        return true;
    }
    return false;
}

bool subkeys_configure(struct subkeys *s, unsigned flags)
{
    bool any = false;
    for (int kind = 0; kind < KINDS; kind++) {
        bool audible = s->channels[kind] || pubsub_patterns_overlap(s->pubsub, kinds[kind].prefix);
        s->interested[kind] = audible && flags & kinds[kind].flag && flags & 1u << EVENT_CLASS_HASH;
        any |= s->interested[kind];
    }
    return any;
}

unsigned subkeys_channel_count(const struct subkeys *s)
{
    unsigned count = 0;
    for (int kind = 0; kind < KINDS; kind++) count += s->channels[kind];
    return count;
}

/* ---- publishing ---- */

static struct slice name_of(enum event event)
{
    return slice_make(event_rows[event].name, event_rows[event].name_len);
}

static void append_number(struct buffer *to, uint64_t number)
{
    buffer_added(to, number_print_unsigned(buffer_reserve(to, NUMBER_TEXT_MAX), number));
}

static void append_counted(struct buffer *to, struct slice text)
{
    append_number(to, text.len);
    buffer_append_char(to, ':');
    buffer_append_slice(to, text);
}

static void append_fields(struct buffer *to, const struct slice *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i) buffer_append_char(to, ',');
        append_counted(to, fields[i]);
    }
}

static void begin_channel(struct subkeys *s, int kind, int db)
{
    buffer_clear(&s->channel);
    buffer_clear(&s->payload);
    buffer_append_slice(&s->channel, kinds[kind].prefix);
    append_number(&s->channel, (uint64_t)db);
    buffer_append_slice(&s->channel, SLICE("__:"));
}

static void send_to(void *ctx, struct audience *audience)
{
    struct subkeys *s = ctx;
    pubsub_send(s->pubsub, audience, buffer_slice(&s->channel), buffer_slice(&s->payload));
}

static void send_to_readers(void *ctx, struct audience *audience)
{
    struct subkeys *s = ctx;
    pubsub_send_guarded(s->pubsub, audience, buffer_slice(&s->channel), buffer_slice(&s->payload), s->key);
}

void subkeys_guard(struct subkeys *s, bool guarded)
{
    s->send = guarded ? send_to_readers : send_to;
}

static void publish(struct subkeys *s, int kind)
{
    struct slice channel = buffer_slice(&s->channel);
    struct audience *exact = s->channels[kind] ? pubsub_find(s->pubsub, AUDIENCE_CHANNEL, channel) : NULL;
    if (exact) s->send(s, exact);
    pubsub_match(s->pubsub, channel, s->send, s);
}

static void publish_by_key(struct subkeys *s, int db, struct slice key, enum event event,
                           const struct slice *fields, size_t count)
{
    begin_channel(s, BY_KEY, db);
    buffer_append_slice(&s->channel, key);
    buffer_append_slice(&s->payload, name_of(event));
    buffer_append_char(&s->payload, '|');
    append_fields(&s->payload, fields, count);
    publish(s, BY_KEY);
}

static void publish_by_event(struct subkeys *s, int db, struct slice key, enum event event,
                             const struct slice *fields, size_t count)
{
    begin_channel(s, BY_EVENT, db);
    buffer_append_slice(&s->channel, name_of(event));
    append_counted(&s->payload, key);
    buffer_append_char(&s->payload, '|');
    append_fields(&s->payload, fields, count);
    publish(s, BY_EVENT);
}

static void publish_by_item(struct subkeys *s, int db, struct slice key, enum event event, struct slice field)
{
    begin_channel(s, BY_ITEM, db);
    buffer_append_slice(&s->channel, key);
    buffer_append_char(&s->channel, '\n');
    buffer_append_slice(&s->channel, field);
    buffer_append_slice(&s->payload, name_of(event));
    publish(s, BY_ITEM);
}

static void publish_by_event_and_key(struct subkeys *s, int db, struct slice key, enum event event,
                                     const struct slice *fields, size_t count)
{
    begin_channel(s, BY_EVENT_AND_KEY, db);
    buffer_append_slice(&s->channel, name_of(event));
    buffer_append_char(&s->channel, '|');
    buffer_append_slice(&s->channel, key);
    append_fields(&s->payload, fields, count);
    publish(s, BY_EVENT_AND_KEY);
}

void subkeys_publish(struct subkeys *s, int db, struct slice key, enum event event,
                     const struct slice *fields, size_t count)
{
    s->key = key;
    if (s->interested[BY_KEY]) publish_by_key(s, db, key, event, fields, count);
    if (s->interested[BY_EVENT]) publish_by_event(s, db, key, event, fields, count);
    for (size_t i = 0; s->interested[BY_ITEM] && i < count; i++)
        publish_by_item(s, db, key, event, fields[i]);
    if (s->interested[BY_EVENT_AND_KEY]) publish_by_event_and_key(s, db, key, event, fields, count);
}
