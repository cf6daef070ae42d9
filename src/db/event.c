#include "db/event.h"

const struct event_row event_rows[EVENT_COUNT] = {
    [EVENT_NONE] = {"", 0, EVENT_CLASS_COUNT},
#define EVENT(symbol, name, class) [EVENT_##symbol] = {name, sizeof(name) - 1, EVENT_CLASS_##class},
#include "db/events.def"
#undef EVENT
};
