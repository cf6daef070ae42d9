/* Keyspace events: what can happen to a key, and the classes by which a
 * listener chooses. The rows are in events.def. */
#ifndef DB_EVENT_H
#define DB_EVENT_H

enum event_class {
    EVENT_CLASS_GENERIC,
    EVENT_CLASS_STRING,
    EVENT_CLASS_LIST,
    EVENT_CLASS_SET,
    EVENT_CLASS_HASH,
    EVENT_CLASS_ZSET,
    EVENT_CLASS_STREAM,
    EVENT_CLASS_EXPIRED,
    EVENT_CLASS_EVICTED,
    EVENT_CLASS_MODULE,
    EVENT_CLASS_MISS,
    EVENT_CLASS_NEW,
    EVENT_CLASS_OVERWRITTEN,
    EVENT_CLASS_TYPE_CHANGED,
    EVENT_CLASS_COUNT,
};

enum event {
    EVENT_NONE, /* ends lists of events */
#define EVENT(symbol, name, class) EVENT_##symbol,
#include "db/events.def"
#undef EVENT
    EVENT_COUNT,
};

struct event_row {
    const char *name;
    unsigned char name_len;
    unsigned char class; /* enum event_class */
};
extern const struct event_row event_rows[EVENT_COUNT];

#endif
