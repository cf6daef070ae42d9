/* A value as it passes between the keyspace, the types and the handlers, and
 * the row that makes a type: one slot for each operation that must work on
 * any value. Only this folder names encodings. */
#ifndef TYPES_VALUE_H
#define TYPES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum type { TYPE_STRING, TYPE_LIST, TYPE_SET, TYPE_ZSET, TYPE_HASH, TYPE_STREAM, TYPE_COUNT };

/* How the keyspace holds a value: as text inside the entry, as a number in
 * the entry's word, or as an object of its own that the word points to. */
enum store { STORE_TEXT, STORE_NUMBER, STORE_OBJECT };

struct value {
    uint8_t type;     /* enum type */
    uint8_t encoding; /* the type's own enumeration, below 16 */
    uint8_t store;    /* enum store */
    union {
        struct slice text; /* borrowed */
        int64_t number;
        void *object; /* who owns it is said where a value is passed */
    };
};

/* Who looks at the elements of a collection: element is a list's or set's
 * element, a hash's field, a sorted set's member; attached is the field's value
 * or the score as text, {NULL, 0} where there is none. Both are valid during the
 * call only. False ends the walk. */
struct value_visitor {
    bool (*visit)(void *ctx, struct slice element, struct slice attached);
    void *ctx;
};

/* Who gets the commands that make a value anew; words are valid during the call. */
struct value_rebuilder {
    void (*command)(void *ctx, int argc, const struct slice *words);
    void *ctx;
};

/* What SORT makes of a type: it refuses it, or brings its elements into an order
 * where there was none, or into another than their own. */
enum value_sorting { SORTING_REFUSED, SORTING_UNORDERED, SORTING_ORDERED };

/* A running digest of a value: 20 bytes that the parts are mixed into. */
struct digest {
    uint8_t bytes[20];
};

/* The deadline of what does not expire. */
#define VALUE_NO_DEADLINE INT64_MAX

struct rdb_writer;
struct rdb_reader;
struct types_settings;

/* A collection whose object is NULL is the empty one: what a key that does not
 * exist stands for. Every slot but free, and every operation of a type, takes it. */
struct value_type {
    const char *name;      /* as TYPE answers */
    bool stays_when_empty; /* a key does not go with its last element */
    enum value_sorting sorting;
    const char *(*encoding_name)(const struct value *v);
    size_t (*length)(const struct value *v); /* elements; bytes of a string */
    void (*free)(void *object, uint8_t encoding);
    size_t (*free_effort)(const struct value *v);                  /* about how many allocations */
    void *(*copy)(const struct value *v);                          /* a new object with the same content */
    size_t (*memory_bytes)(const struct value *v, size_t samples); /* of the object; samples 0: look at all */
    void (*digest)(const struct value *v, struct digest *digest);
    /* Collections only. each passes all elements in the type's own order; scan
     * those of one step of a walk, and returns the cursor of the next (0 begins,
     * and 0 returned ends): what is there from beginning to end is passed at
     * least once, whatever changes meanwhile. */
    void (*each)(const struct value *v, const struct value_visitor *visitor);
    uint64_t (*scan)(const struct value *v, uint64_t cursor, const struct value_visitor *visitor);
    /* Only where elements have deadlines; else NULL, all three. An element is
     * due when now_ms is past its deadline. next_deadline_ms is the earliest, or
     * VALUE_NO_DEADLINE. expire_due removes what is due, in order, at most limit
     * elements, passes each (before it goes, without what is attached) and
     * returns how many; the visitor must not end it. show_at says what the time is:
     * what is due then, but still there, is hidden from finds and walks. */
    int64_t (*next_deadline_ms)(const struct value *v);
    size_t (*expire_due)(struct value *v, int64_t now_ms, size_t limit, const struct value_visitor *visitor);
    void (*show_at)(const struct value *v, int64_t now_ms);
    /* RDB (types/rdb_form.h): the form in which a format of this version holds the
     * value; writing that form behind its byte; reading any form of the type into an
     * empty value. Text that is read is borrowed from the reader until it reads on.
     * When the reader has failed, what *v is by then is the caller's to free. */
    uint8_t (*rdb_form)(const struct value *v, int version);
    void (*save)(const struct value *v, struct rdb_writer *w);
    void (*load)(struct value *v, uint8_t form, struct rdb_reader *r, const struct types_settings *settings);
    /* The commands that make the value under this key, where there is none. */
    void (*rebuild)(const struct value *v, struct slice key, const struct value_rebuilder *to);
};

extern const struct value_type *const value_types[TYPE_COUNT];

static inline const struct value_type *value_type(const struct value *v)
{
    return value_types[v->type];
}

/* The empty collection of a type. */
static inline struct value value_empty(enum type type)
{
    return (struct value){.type = (uint8_t)type, .store = STORE_OBJECT};
}

/* Passes `command key element...`, some elements a command; with what is attached to
 * each in front of it or behind it, if they have something attached. */
enum value_attached { ATTACHED_NOTHING, ATTACHED_BEFORE, ATTACHED_BEHIND };
void value_rebuild_elements(const struct value *v, struct slice key, const char *command,
                            enum value_attached attached, const struct value_rebuilder *to);

/* The type that TYPE would answer with this name, TYPE_COUNT if none. */
enum type value_type_by_name(struct slice name);

/* Mixes data into the digest: in order, or regardless of order. */
void digest_mix(struct digest *digest, const void *data, size_t len);
void digest_xor(struct digest *digest, const void *data, size_t len);

#endif
