/* Client-side caching (CLIENT TRACKING): who keeps copies of which keys, and
 * must be told when they change.
 *
 * In the default mode a table remembers, for each key that a tracking client
 * read, who did; a change tells each of them once and forgets. In broadcasting
 * mode (BCAST) nothing is remembered: a client names prefixes, and all changes
 * of keys that begin so, gathered during a turn of the loop, go to it in one
 * message. Keys are told apart by name alone, whatever their database.
 *
 * Messages are RESP3 pushes, or, to another client named by REDIRECT that
 * speaks RESP2 and is subscribed to something, messages of the channel
 * __redis__:invalidate. What concerns the client whose command is running
 * waits for the end of its reply.
 *
 * The memory of the table is bounded by `tracking-table-max-keys`: beyond it,
 * keys are forgotten at random, which their readers are told as a change. */
#ifndef CORE_TRACKING_H
#define CORE_TRACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct server;
struct client;
struct command_state;
struct db;

enum tracking_flag {
    TRACKING_ON = 1 << 0,
    TRACKING_BROADCAST = 1 << 1,
    TRACKING_OPT_IN = 1 << 2,  /* only reads behind CLIENT CACHING YES */
    TRACKING_OPT_OUT = 1 << 3, /* all but those behind CLIENT CACHING NO */
    TRACKING_NO_LOOP = 1 << 4, /* not its own changes */
    TRACKING_CACHING = 1 << 5, /* CLIENT CACHING was said, for the next command */
    TRACKING_BROKEN = 1 << 6,  /* the client redirected to is gone */
};

/* What CLIENT TRACKING ON asks for. */
struct tracking_request {
    unsigned flags;          /* of BROADCAST, OPT_IN, OPT_OUT, NO_LOOP */
    struct client *redirect; /* NULL: to itself */
    const struct slice *prefixes;
    size_t prefix_count;
};

struct tracking_counts {
    size_t clients, keys, items, prefixes;
};

struct tracking *tracking_new(struct server *server);
void tracking_free(struct tracking *t);

/* Turns it on, or on in another way; the request agrees with the client's mode
 * (commands/client_tracking.c has seen to that). */
void tracking_start(struct client *c, const struct tracking_request *request);
void tracking_stop(struct client *c);

/* The client is going: its memory of tracking, too. */
void tracking_forget(struct client *c);

/* What a client asked for: TRACKING_x, the id of the client it redirects to (0:
 * none), its prefixes in order: calls fn with each. */
unsigned tracking_flags(const struct client *c);
uint64_t tracking_redirect(const struct client *c);
size_t tracking_prefix_count(const struct client *c);
struct slice tracking_prefix(const struct client *c, size_t i);

/* CLIENT CACHING. */
void tracking_set_caching(struct client *c);

/* A tracking client's command has run: remembers what it read. */
void tracking_remember(struct client *c, const struct command_state *command, int argc,
                       const struct slice *argv);

/* The command's reply is complete: what waited for that is sent. */
void tracking_after_command(struct client *c, const struct command_state *command);

/* The keyspace's listener: a key has changed. */
void tracking_key_changed(void *tracking, struct slice key);

/* All keys are gone, or might be. */
void tracking_flushed(struct server *server);

/* Before the loop sleeps: sends the broadcasts. */
void tracking_broadcast(struct server *server);

void tracking_count(const struct server *server, struct tracking_counts *counts);
size_t tracking_memory_bytes(const struct client *c);

#endif
