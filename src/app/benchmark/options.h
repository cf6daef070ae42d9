/* The command line. */
#ifndef APP_BENCHMARK_OPTIONS_H
#define APP_BENCHMARK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "io/tls_context.h"

/* Where the server is and how a connection to it begins. */
struct endpoint {
    const char *host;
    int64_t port;
    const char *socket; /* NULL, or a path that overrides host and port */
    const char *user;
    const char *password; /* NULL for no AUTH */
    int64_t db;
    bool resp3;
    bool tracking;
    bool tls;                        /* --tls, or a URI of rediss:// */
    struct tls_profile tls_profile;  /* what tls_context is made from, */
    struct tls_context *tls_context; /* once; NULL without TLS */
    const char *server_name;         /* NULL: none is asked for */
};

struct options {
    struct endpoint server;
    char *uri;
    int64_t clients;
    int64_t requests; /* 0: not given, each mode has its default */
    int64_t data_size_bytes;
    int64_t threads;
    int64_t pipeline;
    int64_t keep_alive;
    int64_t keyspace; /* -r; 0 when not given */
    int64_t precision;
    int64_t seed;
    bool sequential;
    bool quiet;
    bool csv;
    bool loop;
    bool idle;
    bool last_from_stdin;
    bool insecure;
    bool errors_ignored; /* -e: accepted, without effect */
    bool show_server_errors;
    bool help;
    bool version;
    const char *tests;

    const char *notify; /* NULL, or which notification benchmark */
    int64_t background;
    int64_t probes;
    int64_t window_ms;
    int64_t grace_s;
    int64_t mass;
    int64_t fields; /* 0: keys expire, not fields */
    int64_t subscribers;
    bool by_pattern;
    int64_t patterns; /* 0: the default series */
    int64_t pid;      /* 0: found out */

    struct slice *command; /* the words of a command of the user's own */
    size_t command_words;  /* 0 when there is none */
    struct buffer from_stdin;
};

/* Fills o from the command line; exits with a message when it is wrong. Texts
 * are borrowed from argv; a URI is decoded there. */
void options_parse(struct options *o, int argc, char **argv);
void options_fini(struct options *o);
void options_print_help(void);

#endif
