/* Propagation: every change of the data as commands that make it again, for
 * whoever keeps them (the append only file) or repeats them.
 *
 * What one request of a client changed is a unit: the commands that it consists
 * of, and the removals that it came upon (expired and evicted keys), in the order
 * in which they happened; between MULTI and EXEC where there are several. What
 * the server removes by itself between requests is a unit each.
 *
 * A command that changed something is propagated as it was sent, unless its
 * handler says otherwise: because it cannot be repeated (SPOP), because time or
 * the server decides what it does (EXPIRE, XADD), or because it waited (BLPOP).
 *
 * Units come to lie in one stream, RESP as clients write it, with a SELECT
 * wherever the database changes. One thread. */
#ifndef CORE_PROPAGATE_H
#define CORE_PROPAGATE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/number.h"
#include "core/client.h"
#include "core/server.h"
#include "db/event.h"

/* On while server->propagating; else nothing is built. */
struct propagation {
    struct keyspace *keyspace;
    struct buffer stream;   /* whole units, and at its end the open one */
    size_t unit_start;      /* of the open unit in the stream */
    unsigned unit_commands; /* it has so far */
    unsigned depth;         /* of commands that run: EXEC and scripts run others */
    int selected_db;        /* by the stream so far; -1: unknown */
    bool is_spoken_for;     /* the running command has said what is to be propagated */
    bool is_muted;          /* nothing is to be propagated (a script says so) */
    uint64_t dirty_seen;    /* keyspace->dirty that is accounted for */
};

struct propagation *propagate_new(struct keyspace *ks);
void propagate_free(struct propagation *p);

/* Begins (with a SELECT) or ends propagating: between commands, or in one that
 * itself is not to be propagated. What is in the stream is dropped. */
void propagate_switch(struct server *server, bool on);

/* Adds a command to the open unit; without one it is a unit of its own. */
void propagate_add(struct propagation *p, int db, int argc, const struct slice *argv);

/* Appends a command as clients write it. */
void propagate_encode(struct buffer *to, int argc, const struct slice *argv);

/* Between commands: puts a line in front of what is in the stream, as it is; and
 * takes away what is in it, once it was kept. */
void propagate_annotate(struct propagation *p, struct slice line);
void propagate_consume(struct propagation *p);

/* ---- for handlers ---- */

/* The running command is propagated as these words, in addition to others that
 * were given in this way, and no more as what it is. */
void propagate_words(struct call *call, int argc, const struct slice *argv);

#define propagate_as(call, ...)                                                                              \
    do {                                                                                                     \
        if (__builtin_expect((call)->server->propagating, 0)) {                                              \
            const struct slice propagated_[] = {__VA_ARGS__};                                                \
            propagate_words(call, (int)(sizeof propagated_ / sizeof *propagated_), propagated_);             \
        }                                                                                                    \
    } while (0)

/* The running command is propagated as it is, even if it changed nothing. */
static inline void propagate_same(struct call *call)
{
    if (call->server->propagating) propagate_words(call, call->argc, call->argv);
}

/* The running command is not propagated, whatever it changed. */
void propagate_nothing(struct call *call);

/* The text of a number, for a word. */
struct propagate_number {
    char digits[NUMBER_TEXT_MAX];
};
struct slice propagate_number(struct propagate_number *room, int64_t number);

/* DEL, or UNLINK where what is removed is freed in the background. */
static inline struct slice propagate_removal(bool in_background)
{
    return in_background ? SLICE("UNLINK") : SLICE("DEL");
}

/* ---- for who runs handlers ---- */

void propagate_begin(struct propagation *p);
void propagate_end(struct propagation *p, const struct call *call);

/* The keyspace's listener: a key, or fields of one, went without a command. */
void propagate_removed(void *ctx, int db, struct slice key, enum event event);
void propagate_fields_removed(void *ctx, int db, struct slice key, const struct slice *fields, size_t count);

#endif
