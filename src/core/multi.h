/* Transactions: the commands a client has queued since MULTI. Their arguments
 * are copied, one allocation a command. */
#ifndef CORE_MULTI_H
#define CORE_MULTI_H

#include "core/client.h"

struct queued_command {
    struct command_state *command;
    int argc;
    struct slice *argv; /* followed by the bytes they point to */
};

struct multi {
    struct queued_command *commands;
    int count, capacity;
    size_t memory_bytes;
    unsigned flags;        /* that any of the commands has, */
    unsigned common_flags; /* that all of them have */
};

void multi_start(struct client *c);
void multi_queue(struct client *c, struct command_state *command, int argc, const struct slice *argv);

void multi_free(struct multi *multi);

/* Leaves MULTI: drops the queue and what was watched. */
void multi_discard(struct client *c);

/* A queued command was refused: EXEC will be, too. */
static inline void multi_fail(struct client *c)
{
    if (c->flags & CLIENT_MULTI) c->flags |= CLIENT_DIRTY_EXEC;
}

#endif
