/* A conversation with a server: who we are to it (login, database, protocol),
 * what it does to us (transaction, subscriptions), and the running of a
 * command with everything that follows from it: printing, redirections,
 * messages that keep coming, a reconnect when the server went away. */
#ifndef APP_CLI_SESSION_H
#define APP_CLI_SESSION_H

#include "app/cli/connection.h"
#include "app/cli/options.h"

struct session {
    const struct options *options;
    struct connection connection;
    struct tls_context *tls_context; /* of --tls; NULL until first needed */
    char *host;                      /* where we are, or try to be: moves with `connect` and redirections */
    int port;
    char *user; /* of the last AUTH that worked, to repeat it */
    char *password;
    int64_t db;       /* selected now */
    int64_t input_db; /* to be selected again after a reconnect */
    int protocol;
    bool in_multi;
    bool asking;              /* the next command goes to a slot that is being moved here */
    bool replies_off;         /* CLIENT REPLY OFF */
    bool replies_skipped;     /* CLIENT REPLY SKIP: the next one does not come */
    int64_t subscriptions[2]; /* channels and patterns; shard channels */
    int64_t channels;         /* the part of subscriptions[0] that is channels */
    bool interactive;
    int interrupt_fd; /* readable when the user pressed Ctrl-C; -1 where that ends the program */
};

enum session_result {
    SESSION_OK,
    SESSION_ERROR_REPLY, /* the server said no */
    SESSION_FAILED,      /* no connection, or it broke; already reported */
    SESSION_INTERRUPTED, /* Ctrl-C; the connection is a new one */
};

void session_init(struct session *s, const struct options *options);
void session_fini(struct session *s);

/* Connects and introduces itself; reports failure on standard error. */
bool session_connect(struct session *s);

/* Goes elsewhere from now on. */
void session_set_address(struct session *s, struct slice host, int port);

/* Sends a command and prints its reply. */
enum session_result session_run(struct session *s, int argc, const struct slice *argv);

/* Whether messages come by themselves, and may make other commands invalid. */
static inline bool session_is_subscribed(const struct session *s)
{
    return s->subscriptions[0] + s->subscriptions[1] > 0;
}

/* Prints the messages that come until stdin_fd can be read, or Ctrl-C is
 * pressed (only in the interactive mode). */
enum session_result session_wait_for_messages(struct session *s, int stdin_fd);

/* Prints the messages that have come, without waiting: false if the
 * connection ended. */
bool session_drain(struct session *s);

/* Prints a reply with the delimiters of the output format. */
void session_print(const struct session *s, const struct reply *reply, enum output output);

#endif
