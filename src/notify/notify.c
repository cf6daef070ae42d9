#include "notify/notify.h"

#include <stdio.h>

#include "base/mem.h"
#include "notify/subkeys.h"

/* ---- letters ---- */

struct letter {
    char letter;
    unsigned flag;
    const char *name;
};

/* In the canonical order; the first ten make up `A`. */
static const struct letter letters[] = {
    {'g', 1u << EVENT_CLASS_GENERIC, "generic"},
    {'$', 1u << EVENT_CLASS_STRING, "string"},
    {'l', 1u << EVENT_CLASS_LIST, "list"},
    {'s', 1u << EVENT_CLASS_SET, "set"},
    {'h', 1u << EVENT_CLASS_HASH, "hash"},
    {'z', 1u << EVENT_CLASS_ZSET, "zset"},
    {'x', 1u << EVENT_CLASS_EXPIRED, "expired"},
    {'e', 1u << EVENT_CLASS_EVICTED, "evicted"},
    {'t', 1u << EVENT_CLASS_STREAM, "stream"},
    {'d', 1u << EVENT_CLASS_MODULE, "module"},
    {'n', 1u << EVENT_CLASS_NEW, "new"},
    {'o', 1u << EVENT_CLASS_OVERWRITTEN, "overwritten"},
    {'c', 1u << EVENT_CLASS_TYPE_CHANGED, "type_changed"},
    {'K', NOTIFY_KEYSPACE, NULL},
    {'E', NOTIFY_KEYEVENT, NULL},
    {'m', 1u << EVENT_CLASS_MISS, "keymiss"},
    {'S', NOTIFY_SUBKEYSPACE, NULL},
    {'T', NOTIFY_SUBKEYEVENT, NULL},
    {'I', NOTIFY_SUBKEYSPACEITEM, NULL},
    {'V', NOTIFY_SUBKEYSPACEEVENT, NULL},
};
enum { LETTERS = sizeof letters / sizeof *letters, LETTERS_IN_ALL = 10 };

static unsigned flags_of_all(void)
{
    unsigned flags = 0;
    for (int i = 0; i < LETTERS_IN_ALL; i++) flags |= letters[i].flag;
    return flags;
}

static unsigned flag_of(char letter)
{
    for (int i = 0; i < LETTERS; i++)
        if (letters[i].letter == letter) return letters[i].flag;
    return letter == 'A' ? flags_of_all() : 0;
}

bool notify_parse_flags(struct slice text, unsigned *flags)
{
    *flags = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned flag = flag_of(text.ptr[i]);
        if (flag == 0) return false;
        *flags |= flag;
    }
    return true;
}

void notify_print_flags(unsigned flags, struct buffer *to)
{
    bool all = (flags & flags_of_all()) == flags_of_all();
    if (all) buffer_append_char(to, 'A');
    for (int i = all ? LETTERS_IN_ALL : 0; i < LETTERS; i++)
        if (flags & letters[i].flag) buffer_append_char(to, letters[i].letter);
}

const char *notify_class_name(enum event_class class)
{
    for (int i = 0; i < LETTERS; i++)
        if (letters[i].flag == 1u << class) return letters[i].name;
    return NULL;
}

/* ---- the directive ---- */

static bool set_flags(const struct option_context *ctx, int argc, const struct slice *argv,
                      struct buffer *reason)
{
    struct notify_settings *settings = ctx->settings;
    unsigned flags;
    if (argc != 1) return option_refuse(reason, "wrong number of arguments");
    if (!notify_parse_flags(argv[0], &flags))
        return option_refuse(reason, "Invalid event class character. Use 'Ag$lshzxetdnocKEmSTIV'.");
    settings->flags = flags;
    return true;
}

static void get_flags(const struct option_context *ctx, struct buffer *to)
{
    notify_print_flags(((struct notify_settings *)ctx->settings)->flags, to);
}

static bool apply_settings(const struct option_context *ctx, struct buffer *reason)
{
    (void)reason;
    notify_configured(ctx->module);
    return true;
}

#define OPTION_SETTINGS struct notify_settings

const struct option notify_options[] = {
    {"acl-notify-keys", NULL, BOOL_AT(guards_names), "no", .apply = apply_settings},
    {"notify-keyspace-events", NULL, SPECIAL, .set = set_flags, .get = get_flags, .apply = apply_settings},
    {0},
};

/* ---- who receives what ---- */

/* The receivers of one `__keyevent@<db>__:<event>`: its audience and the
 * patterns that match it, looked up again when subscriptions changed. */
struct event_channel {
    uint64_t generation;
    struct audience *exact;
    struct audience **patterns;
    int pattern_count, pattern_capacity;
    struct buffer name;
};

/* What is cached for a database, once an event was told in it. */
struct db_channels {
    struct buffer keyspace_prefix; /* "__keyspace@<db>__:" */
    uint64_t generation;
    bool keyspace_patterns; /* a pattern could match below the prefix */
    struct event_channel events[EVENT_COUNT];
};

struct notify {
    struct notify_settings settings;
    struct keyspace *keyspace;
    struct pubsub *pubsub;
    struct subkeys *subkeys;
    struct db_channels **dbs; /* NULL until needed */
    int db_count;
    unsigned keyspace_channels;                        /* exact ones that somebody subscribed to, */
    unsigned keyevent_channels[EVENT_CLASS_COUNT + 1]; /* by the class of their event */
    struct buffer name;                                /* the keyspace channel under construction */
    uint64_t published[EVENT_CLASS_COUNT];
    struct slice key; /* of the event that is told to readers alone */
};

struct notify *notify_new(struct keyspace *ks, struct pubsub *ps)
{
    struct notify *n = mem_calloc(1, sizeof *n);
    n->keyspace = ks;
    n->pubsub = ps;
    n->subkeys = subkeys_new(ps);
    return n;
}

static void channels_free(struct db_channels *channels)
{
    for (int i = 0; i < EVENT_COUNT; i++) {
        mem_free(channels->events[i].patterns);
        buffer_fini(&channels->events[i].name);
    }
    buffer_fini(&channels->keyspace_prefix);
    mem_free(channels);
}

void notify_free(struct notify *n)
{
    for (int i = 0; i < n->db_count; i++)
        if (n->dbs[i]) channels_free(n->dbs[i]);
    mem_free(n->dbs);
    subkeys_free(n->subkeys);
    buffer_fini(&n->name);
    mem_free(n);
}

struct notify_settings *notify_settings(struct notify *n)
{
    return &n->settings;
}

unsigned notify_channel_count(const struct notify *n)
{
    unsigned count = n->keyspace_channels + subkeys_channel_count(n->subkeys);
    for (int i = 0; i <= EVENT_CLASS_COUNT; i++) count += n->keyevent_channels[i];
    return count;
}

const uint64_t *notify_published(const struct notify *n)
{
    return n->published;
}

void notify_stats_reset(struct notify *n)
{
    memset(n->published, 0, sizeof n->published);
}

static struct db_channels *channels_of(struct notify *n, int db)
{
    if (n->dbs == NULL) {
        n->db_count = n->keyspace->db_count;
        n->dbs = mem_calloc((size_t)n->db_count, sizeof(struct db_channels *));
    }
    if (n->dbs[db] == NULL) {
        n->dbs[db] = mem_calloc(1, sizeof **n->dbs);
        buffer_printf(&n->dbs[db]->keyspace_prefix, "__keyspace@%d__:", db);
    }
    return n->dbs[db];
}

/* ---- publishing ---- */

struct sending {
    struct notify *n;
    struct slice channel, payload;
    bool sent;
};

static void send_to(void *ctx, struct audience *audience)
{
    struct sending *sending = ctx;
    pubsub_send(sending->n->pubsub, audience, sending->channel, sending->payload);
    sending->sent = true;
}

static void send_to_readers(void *ctx, struct audience *audience)
{
    struct sending *sending = ctx;
    struct notify *n = sending->n;
    pubsub_send_guarded(n->pubsub, audience, sending->channel, sending->payload, n->key);
    sending->sent = true;
}

static inline __attribute__((always_inline)) bool
publish_keyspace(struct notify *n, struct db_channels *channels, struct slice key, enum event event,
                 void (*send)(void *ctx, struct audience *audience))
{
    uint64_t generation = pubsub_generation(n->pubsub);
    if (channels->generation != generation) {
        channels->generation = generation;
        channels->keyspace_patterns = pubsub_patterns_overlap(n->pubsub,
                                                              buffer_slice(&channels->keyspace_prefix));
    }
    if (!channels->keyspace_patterns && !n->keyspace_channels) return false;
    buffer_clear(&n->name);
    buffer_append_slice(&n->name, buffer_slice(&channels->keyspace_prefix));
    buffer_append_slice(&n->name, key);
    struct slice name = slice_make(event_rows[event].name, event_rows[event].name_len);
    struct sending sending = {n, buffer_slice(&n->name), name, false};
    struct audience *exact = n->keyspace_channels ? pubsub_find(n->pubsub, AUDIENCE_CHANNEL, sending.channel)
                                                  : NULL;
    if (exact) send(&sending, exact);
    if (channels->keyspace_patterns) pubsub_match(n->pubsub, sending.channel, send, &sending);
    return sending.sent;
}

static void remember_pattern(void *ctx, struct audience *audience)
{
    struct event_channel *channel = ctx;
    if (channel->pattern_count == channel->pattern_capacity) {
        channel->pattern_capacity = channel->pattern_capacity ? channel->pattern_capacity * 2 : 4;
        channel->patterns = mem_realloc(channel->patterns,
                                        (size_t)channel->pattern_capacity * sizeof *channel->patterns);
    }
    channel->patterns[channel->pattern_count++] = audience;
}

static void look_up_event_channel(struct notify *n, struct event_channel *channel, int db, enum event event)
{
    if (channel->name.len == 0)
        buffer_printf(&channel->name, "__keyevent@%d__:%s", db, event_rows[event].name);
    channel->generation = pubsub_generation(n->pubsub);
    channel->exact = pubsub_find(n->pubsub, AUDIENCE_CHANNEL, buffer_slice(&channel->name));
    channel->pattern_count = 0;
    pubsub_match(n->pubsub, buffer_slice(&channel->name), remember_pattern, channel);
}

static inline __attribute__((always_inline)) bool
publish_keyevent(struct notify *n, struct db_channels *channels, int db, struct slice key, enum event event,
                 void (*send)(void *ctx, struct audience *audience))
{
    struct event_channel *channel = &channels->events[event];
    if (channel->generation != pubsub_generation(n->pubsub)) look_up_event_channel(n, channel, db, event);
    struct sending sending = {n, buffer_slice(&channel->name), key, false};
    if (channel->exact) send(&sending, channel->exact);
    for (int i = 0; i < channel->pattern_count; i++) send(&sending, channel->patterns[i]);
    return sending.sent;
}

/* Which of the two the keyspace reports to is chosen by choose_listener, so that
 * whoever may read everything pays nothing for those who may not. */
static inline __attribute__((always_inline)) void tell(struct notify *n, int db, struct slice key,
                                                       enum event event,
                                                       void (*send)(void *ctx, struct audience *audience))
{
    struct db_channels *channels = channels_of(n, db);
    bool sent = false;
    if (n->settings.flags & NOTIFY_KEYSPACE) sent = publish_keyspace(n, channels, key, event, send);
    if (n->settings.flags & NOTIFY_KEYEVENT) sent |= publish_keyevent(n, channels, db, key, event, send);
    unsigned class = event_rows[event].class;
    if (sent) n->published[class]++;
    else n->keyspace->stats.events_skipped[class]++;
}

void notify_event(void *ctx, int db, struct slice key, enum event event)
{
    tell(ctx, db, key, event, send_to);
}

static void tell_readers(void *ctx, int db, struct slice key, enum event event)
{
    struct notify *n = ctx;
    n->key = key;
    tell(n, db, key, event, send_to_readers);
}

void notify_fields(void *ctx, int db, struct slice key, enum event event, const struct slice *fields,
                   size_t count)
{
    struct notify *n = ctx;
    subkeys_publish(n->subkeys, db, key, event, fields, count);
}

/* ---- interest ---- */

/* The class of the event that an exact `__keyevent@<db>__:<event>` names;
 * EVENT_CLASS_COUNT for one that no event has. */
static unsigned class_of_channel(struct slice name)
{
    const char *colon = memchr(name.ptr, ':', name.len);
    if (colon == NULL) return EVENT_CLASS_COUNT;
    struct slice event = slice_make(colon + 1, (size_t)(name.ptr + name.len - colon - 1));
    for (int i = 1; i < EVENT_COUNT; i++)
        if (slice_equal(event, slice_make(event_rows[i].name, event_rows[i].name_len)))
            return event_rows[i].class;
    return EVENT_CLASS_COUNT;
}

static void choose_listener(struct notify *n)
{
    bool guarded = n->settings.guards_names && pubsub_has_readers_of_some(n->pubsub);
    n->keyspace->listener.event = guarded ? tell_readers : notify_event;
    subkeys_guard(n->subkeys, guarded);
}

/* Tells the keyspace which classes to report: those that are enabled and that
 * somebody could receive. Any pattern that could match counts for all. */
void notify_configured(struct notify *n)
{
    const unsigned all_classes = (1u << EVENT_CLASS_COUNT) - 1;
    unsigned flags = n->settings.flags, interested = 0;
    bool keyspace = n->keyspace_channels || pubsub_patterns_overlap(n->pubsub, SLICE("__keyspace@"));
    bool keyevent = pubsub_patterns_overlap(n->pubsub, SLICE("__keyevent@"));
    if (flags & NOTIFY_KEYSPACE && keyspace) interested = all_classes;
    if (flags & NOTIFY_KEYEVENT && keyevent) interested = all_classes;
    for (int class = 0; flags & NOTIFY_KEYEVENT && class < EVENT_CLASS_COUNT; class ++)
        if (n->keyevent_channels[class]) interested |= 1u << class;
    bool on = flags & (NOTIFY_KEYSPACE | NOTIFY_KEYEVENT);
    n->keyspace->events_enabled = on ? flags & all_classes : 0;
    n->keyspace->events_interested = interested & n->keyspace->events_enabled;
    n->keyspace->fields_interested = subkeys_configure(n->subkeys, flags);
    choose_listener(n);
}

void notify_readers_changed(void *ctx)
{
    choose_listener(ctx);
}

void notify_audience_changed(void *ctx, const struct audience *audience, bool exists)
{
    struct notify *n = ctx;
    struct slice name = audience_name(audience);
    if (audience->kind == AUDIENCE_SHARD || name.len == 0) return;
    if (audience->kind == AUDIENCE_CHANNEL) {
        unsigned step = exists ? 1u : -1u;
        if (slice_starts_with(name, SLICE("__keyspace@"))) n->keyspace_channels += step;
        else if (slice_starts_with(name, SLICE("__keyevent@")))
            n->keyevent_channels[class_of_channel(name)] += step;
        else if (!subkeys_channel_changed(n->subkeys, name, exists)) return;
    }
    notify_configured(n);
}
