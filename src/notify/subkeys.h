/* Subkey channels: which fields of a hash an event was about, for those who
 * ask for it by S, T, I or V in notify-keyspace-events:
 *
 *     S  __subkeyspace@<db>__:<key>                 <event>|<fields>
 *     T  __subkeyevent@<db>__:<event>               <key length>:<key>|<fields>
 *     I  __subkeyspaceitem@<db>__:<key>\n<field>    <event>, a message for each field
 *     V  __subkeyspaceevent@<db>__:<event>|<key>    <fields>
 *
 * where <fields> is <length>:<field>, several with commas between. The class of
 * hashes must be on; K and E need not be. A part of struct notify. */
#ifndef NOTIFY_SUBKEYS_H
#define NOTIFY_SUBKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "db/event.h"
#include "notify/pubsub.h"

struct subkeys *subkeys_new(struct pubsub *ps);
void subkeys_free(struct subkeys *s);

/* A channel of this name got its first subscriber, or lost its last. False when
 * it is none of these channels. */
bool subkeys_channel_changed(struct subkeys *s, struct slice name, bool exists);

/* Looks which channels that the flags name (enum notify_flag) somebody could
 * receive; false: none. To be asked when flags or audiences have changed. */
bool subkeys_configure(struct subkeys *s, unsigned flags);

/* Whether names are kept from who may not read the key. */
void subkeys_guard(struct subkeys *s, bool guarded);

/* Channels that somebody subscribed to by name. */
unsigned subkeys_channel_count(const struct subkeys *s);

void subkeys_publish(struct subkeys *s, int db, struct slice key, enum event event,
                     const struct slice *fields, size_t count);

#endif
