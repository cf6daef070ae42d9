/* Reading the data at the start: what is seen of it meanwhile. Clients are
 * served from time to time; commands that need the data are answered -LOADING. */
#ifndef PERSIST_LOADING_H
#define PERSIST_LOADING_H

#include "persist/persist.h"

struct loading {
    struct persist *persist;
    bool is_on;
    int64_t start_ms; /* wall clock */
    uint64_t total_bytes, loaded_bytes, served_bytes;
    int64_t expected_memory_bytes;      /* of the server that wrote the file; 0: unknown */
    uint64_t keys;                      /* read so far */
    uint64_t keys_loaded, keys_expired; /* when it was done last */
    struct buffer key;                  /* being read */
    struct buffer expired;              /* keys that came due before: database (4 bytes), length (4), name */
};

struct loading *loading_new(struct persist *p);
void loading_free(struct loading *l);

/* Between the two, total_bytes are read. */
void loading_begin(struct loading *l, uint64_t total_bytes);
void loading_end(struct loading *l);

/* How much of room to read at once, lest clients wait for longer than is set. */
size_t loading_room(const struct loading *l, size_t room);

/* More was read: serves clients when it is time. False: the server is to stop. */
bool loading_step(struct loading *l, uint64_t bytes);

/* Facts on the way. */
void loading_expect_memory(struct loading *l, int64_t bytes);
void loading_note_expired(struct loading *l, int db, struct slice key);
void loading_delay(struct loading *l);

/* Says what had come due before the data was read, once it is there. */
void loading_announce_expired(struct loading *l);

/* Reads the data, as the settings say: the append only file, or the RDB file. False,
 * the reason in the log: the server must not start. */
bool loading_run(struct persist *p);

#endif
