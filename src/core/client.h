/* Clients: one struct for each connection, from accept to close. The struct
 * is public to core/ and above, since every handler reads it; who changes a
 * field is said beside it.
 *
 * A client is closed by client_close, at any time and from anywhere: its
 * socket is closed and its subscriptions are gone at the end of the loop
 * turn, when nobody holds the pointer any more. */
#ifndef CORE_CLIENT_H
#define CORE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "core/acl.h"
#include "core/command.h"
#include "core/output.h"
#include "core/server.h"
#include "core/settings.h"
#include "db/watch.h"
#include "ds/list.h"
#include "io/loop.h"
#include "io/request.h"
#include "io/socket.h"
#include "io/transport.h"

struct server;
struct multi;
struct blocked;
struct subscriber;
struct tracker;

enum client_flag {
    CLIENT_UNIX = 1 << 0,
    CLIENT_CLOSE_AFTER_REPLY = 1 << 1,
    CLIENT_CLOSING = 1 << 2,         /* will be freed at the end of the turn */
    CLIENT_UNAUTHENTICATED = 1 << 3, /* since there was a password; see client_is_stranger */
    CLIENT_MULTI = 1 << 4,
    CLIENT_DIRTY_EXEC = 1 << 5, /* a command could not be queued */
    CLIENT_IN_EXEC = 1 << 6,
    CLIENT_MONITOR = 1 << 7,
    CLIENT_SUBSCRIBED = 1 << 8, /* has a subscription of any kind */
    CLIENT_REPLY_OFF = 1 << 9,
    CLIENT_REPLY_SKIP = 1 << 10,      /* for the command that is running */
    CLIENT_REPLY_SKIP_NEXT = 1 << 11, /* for the one behind it */
    CLIENT_NO_EVICT = 1 << 12,
    CLIENT_NO_TOUCH = 1 << 13,
    CLIENT_POSTPONED = 1 << 14, /* waits for the end of CLIENT PAUSE */
    CLIENT_BLOCKED = 1 << 15,   /* waits in a blocking command */
    CLIENT_LOCAL = 1 << 16,     /* connected from this machine */
    CLIENT_WRITE_PENDING = 1 << 17,
    CLIENT_RESTRICTED = 1 << 18, /* its user may not do everything; core/acl_clients.c sets it */
    CLIENT_READS_SOME = 1 << 19, /* ... nor read every key */
    CLIENT_DETACHED = 1 << 20,   /* see client_new_detached */
    CLIENT_TRACKING = 1 << 21,   /* keeps copies of keys: core/tracking.h */
};
enum { CLIENT_MUTED = CLIENT_REPLY_OFF | CLIENT_REPLY_SKIP };

/* What the publish and subscribe module knows of a client. */
struct client_subscriptions {
    unsigned channels, patterns, shard_channels;
    size_t memory_bytes;
};

struct client {
    struct server *server;
    struct byte_stream stream;
    struct loop_watch watch;
    uint64_t id;
    unsigned flags;
    int resp; /* 2 or 3 */
    struct db *db;
    struct output out;
    struct output_mark muted_from; /* while CLIENT_MUTED: what is behind it is not for the client's eyes */
    struct request request;
    struct buffer query; /* received and not yet executed; empty between whole requests */

    struct command_state *last_command; /* core/dispatch.c: of the last request; NULL: unknown */
    uint8_t last_name_len;              /* and the name it was found by */
    char last_name[15];
    struct multi *multi;     /* core/multi.h; NULL outside of MULTI */
    struct blocked *blocked; /* core/blocking.c; NULL when it does not wait */
    struct watcher watcher;
    struct tracker *tracker;       /* core/tracking.c; NULL: never had to do with it */
    struct subscriber *subscriber; /* notify/pubsub.h; NULL without subscriptions */

    char *name, *lib_name, *lib_version; /* owned; NULL when not set */
    struct acl_user *user;               /* whose rights it has; core/acl_clients.c */
    int64_t created_ms, active_ms;       /* wall clock */
    int64_t soft_limit_since_ms;         /* above the output buffer's soft limit since; 0: below */
    uint64_t net_input_bytes, net_output_bytes;
    uint64_t errors; /* error replies so far */
    size_t query_peak_bytes;
    size_t counted_bytes; /* core/client_eviction.c: its memory, as it was counted last */

    struct list of_all;       /* clients->all */
    struct list of_pending;   /* clients->pending or closing */
    struct list of_postponed; /* clients->postponed or resumable */
    struct list of_unread;    /* clients->unread */
};

struct clients {
    struct list all;       /* through of_all, oldest first */
    struct list pending;   /* have output to write: of_pending */
    struct list closing;   /* of_pending */
    struct list postponed; /* by CLIENT PAUSE: of_postponed */
    struct list resumable; /* waited, and what they sent meanwhile is to be looked at: of_postponed */
    struct list unread;    /* their TLS streams have more to be read: of_unread */
    unsigned count;
    uint64_t next_id;
    struct block_pool blocks;
    struct client *current; /* whose command is running; NULL between commands */
    struct client *held;    /* its command goes on while others are served: not to be freed yet */

    size_t counted_bytes; /* of all of them */
    uint64_t accepted, rejected, evicted, query_limit_disconnections, output_limit_disconnections;
    uint64_t net_input_bytes, net_output_bytes;
    unsigned subscribed, monitors;
};

struct clients *clients_new(void);
void clients_close_all(struct clients *clients);
void clients_free(struct clients *clients); /* all are closed */

/* A client for an accepted connection; the stream is its own from here on.
 * Without a loop watch: core/network.c starts reading. */
struct client *client_new(struct server *server, struct byte_stream stream);

/* A client without a connection and on none of the lists, in whose name the server
 * itself runs commands; the replies stay in its queue. As in EXEC, nothing blocks
 * it. Who made it frees it. */
struct client *client_new_detached(struct server *server);
void client_free_detached(struct client *c);

/* Closes soon: what is queued is not written. reason goes to the log. */
void client_close(struct client *c, const char *reason);

/* Closes once all that is queued is written. */
void client_close_after_reply(struct client *c);

/* Frees what client_close condemned; called between loop turns. */
void clients_reap(struct clients *clients);

/* The client with this id, NULL when there is none (any more). */
struct client *client_find(struct clients *clients, uint64_t id);

/* Puts a client on the list of those to be written to. */
static inline void client_write_later(struct client *c)
{
    if (c->flags & (CLIENT_WRITE_PENDING | CLIENT_CLOSING)) return;
    c->flags |= CLIENT_WRITE_PENDING;
    list_push_tail(&c->server->clients->pending, &c->of_pending);
}

/* The class of its output buffer limit, and its check: closes the client
 * when it is beyond. */
enum output_class client_class(const struct client *c);
void client_check_output_limit(struct client *c);

/* Whether it may do no more than authenticate: it has not yet, and the default
 * user cannot be had for nothing. */
static inline bool client_is_stranger(const struct client *c)
{
    return c->flags & CLIENT_UNAUTHENTICATED && acl_requires_login(c->server->acl);
}

/* CLIENT REPLY: from here on, replies are dropped; are kept again. A command
 * that was muted when it began is muted anew by core/dispatch.c. */
void client_mute(struct client *c);
void client_unmute(struct client *c);

/* What a muted client is sent all the same (confirmations of subscriptions)
 * goes between these two. */
void client_open_push(struct client *c);
void client_close_push(struct client *c);

/* "ip:port" of the peer and of our side, into SOCKET_ADDRESS_MAX bytes. */
void client_peer(const struct client *c, char *to);
void client_local(const struct client *c, char *to);

/* What a client may call itself: no blanks, no newlines, nothing unprintable. */
bool client_is_valid_name(struct slice name);

/* Sets one of the owned texts; empty clears it. */
void client_set_text(char **field, struct slice text);

/* One line of CLIENT LIST, without the newline (core/client_list.c). */
void client_describe(const struct client *c, struct buffer *to);

/* Bytes a client holds. */
size_t client_memory_bytes(const struct client *c);

#endif
