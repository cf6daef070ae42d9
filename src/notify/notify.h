/* Keyspace notifications: turns what the keyspace reports into messages on
 *
 *     __keyspace@<db>__:<key>     with the event as payload (flag K)
 *     __keyevent@<db>__:<event>   with the key as payload   (flag E)
 *
 * for the classes that notify-keyspace-events names, and on the channels of
 * notify/subkeys.h. Of those, the keyspace
 * is told to report only classes that somebody could receive: with no
 * subscriber that could match, an event costs a mask test in the keyspace and
 * never comes here.
 *
 * With acl-notify-keys, while somebody listens who may not read every key, the
 * keyspace reports to functions that look at who may read which; at all other
 * times to those that never ask. */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/option.h"
#include "db/keyspace.h"
#include "notify/pubsub.h"

/* What notify-keyspace-events says: a bit for each enum event_class, and: */
enum notify_flag {
    NOTIFY_KEYSPACE = 1 << EVENT_CLASS_COUNT,
    NOTIFY_KEYEVENT = 1 << (EVENT_CLASS_COUNT + 1),
    NOTIFY_SUBKEYSPACE = 1 << (EVENT_CLASS_COUNT + 2),
    NOTIFY_SUBKEYEVENT = 1 << (EVENT_CLASS_COUNT + 3),
    NOTIFY_SUBKEYSPACEITEM = 1 << (EVENT_CLASS_COUNT + 4),
    NOTIFY_SUBKEYSPACEEVENT = 1 << (EVENT_CLASS_COUNT + 5),
};

struct notify_settings {
    unsigned flags;    /* enum notify_flag and classes */
    bool guards_names; /* acl-notify-keys: no event tells a user of a key that it may not read */
};

extern const struct option notify_options[];

struct notify *notify_new(struct keyspace *ks, struct pubsub *ps);
void notify_free(struct notify *n);

struct notify_settings *notify_settings(struct notify *n);

/* Acts on the settings, once they are read. */
void notify_configured(struct notify *n);

/* Letters to flags; false when a letter is unknown. And back, canonical. */
bool notify_parse_flags(struct slice letters, unsigned *flags);
void notify_print_flags(unsigned flags, struct buffer *to);

/* The keyspace's listener, and pub/sub's; ctx is a struct notify. */
void notify_event(void *ctx, int db, struct slice key, enum event event);
void notify_fields(void *ctx, int db, struct slice key, enum event event, const struct slice *fields,
                   size_t count);
void notify_audience_changed(void *ctx, const struct audience *audience, bool exists);
void notify_readers_changed(void *ctx);

/* Channels of keyspace notifications that somebody subscribed to by name. */
unsigned notify_channel_count(const struct notify *n);

/* Events published so far, per class. */
const uint64_t *notify_published(const struct notify *n);
void notify_stats_reset(struct notify *n);
const char *notify_class_name(enum event_class class);

#endif
