/* Blocking commands: a client waits until one of its keys changes.
 *
 * A handler looks whether it can be served at once; if not it calls
 * blocking_wait and returns. When one of the keys has changed and holds a value
 * of the type waited for, the handler runs again with the same arguments, after
 * the command (or transaction) that changed it: it serves the client now, or
 * calls blocking_wait again, which keeps the client's place. Clients that wait
 * for a key are tried in the order in which they began to wait; keys in the
 * order in which they changed. */
#ifndef CORE_BLOCKING_H
#define CORE_BLOCKING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/client.h"
#include "types/value.h"

struct blocking_wish {
    const struct slice *keys;
    int key_count;
    enum type type;                      /* of a value that can serve the client */
    bool wakes_without_key;              /* the handler also runs when a key goes or changes its type */
    int64_t timeout_ms;                  /* from now on; 0: none */
    void (*timed_out)(struct client *c); /* replies */
};

/* Makes the client of call wait; where it must not wait (in a transaction) it
 * is answered as after a timeout. */
void blocking_wait(struct call *call, const struct blocking_wish *wish);

struct blocking *blocking_new(struct server *server);
void blocking_free(struct blocking *b); /* nobody waits */

/* Serves who can be served, since keys changed: to be called between commands
 * while server->keys_changed. */
void blocking_serve(struct server *server);

/* Answers clients whose time is up. When the next one's will be, in wall-clock
 * ms; INT64_MAX: never. */
void blocking_check_timeouts(struct server *server);
int64_t blocking_next_ms(const struct server *server);

/* Ends a client's waiting, answered as after a timeout or with an error. */
void blocking_unblock(struct client *c, bool with_error);

/* The same without an answer: it is being closed. */
void blocking_forget(struct client *c);

/* Keys that somebody waits for, those of them whose absence wakes somebody,
 * and clients with a timeout. */
struct blocking_counts {
    size_t keys, keys_waking_without, timeouts;
};
struct blocking_counts blocking_counts(const struct server *server);

/* Bytes held for a waiting client. */
size_t blocking_memory_bytes(const struct client *c);

/* The keyspace's listener; ctx is a struct blocking. */
void blocking_key_changed(void *ctx, struct db *db, struct slice key);
void blocking_db_replaced(void *ctx, struct db *db);

#endif
