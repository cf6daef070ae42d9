/* The command line of redis-cli, parsed once; nobody changes it later. */
#ifndef APP_CLI_OPTIONS_H
#define APP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "io/tls_context.h"

enum output {
    OUTPUT_STANDARD, /* for people: numbered, quoted, typed */
    OUTPUT_RAW,      /* for pipes: the bytes alone */
    OUTPUT_CSV,
    OUTPUT_JSON,
    OUTPUT_QUOTED_JSON, /* every byte beyond printable ASCII as \xHH */
};

enum mode {
    MODE_COMMAND, /* a command on the command line, or else the interactive mode */
    MODE_EVAL,
    MODE_PIPE,
    MODE_RDB,
    MODE_REPLICA,
    MODE_SCAN,
    MODE_BIG_KEYS,
    MODE_MEMORY_KEYS,
    MODE_HOT_KEYS,
    MODE_STAT,
    MODE_LATENCY,
    MODE_LATENCY_HISTORY,
    MODE_LATENCY_DISTRIBUTION,
    MODE_INTRINSIC_LATENCY,
    MODE_LRU_TEST,
    MODE_HINT,
    MODE_HINT_FILE,
};

struct options {
    char *host;
    int port;
    char *socket_path; /* NULL: host and port */
    char *user;
    char *password;
    int64_t db;
    bool tls;
    struct tls_profile tls_profile;
    const char *server_name;     /* --sni; NULL: none is asked for */
    int protocol;                /* 2, 3, or 0: the server's default */
    bool protocol_is_preference; /* keep quiet when the server refuses it */
    bool cluster;

    enum mode mode;
    enum output output;
    struct slice reply_delimiter; /* -D, between replies, raw output only */
    struct slice bulk_delimiter;  /* -d, between the items of a reply */
    bool show_pushes;
    bool exit_on_error;
    bool output_is_tty; /* or FAKETTY says so */
    bool verbose;

    int64_t repeat; /* -1: for ever */
    int64_t interval_us;
    bool stdin_is_last_argument; /* -x */
    const char *stdin_tag;       /* -X: the argument that standard input stands for */
    bool quoted_input;

    const char *file; /* of --eval, --rdb, --test_hint_file; the line of --test_hint */
    bool functions_only;
    struct slice pattern;
    bool has_pattern;
    int64_t scan_count;     /* 0: the server's default */
    int64_t memory_samples; /* -1: the server's default */
    int64_t lru_keys;
    int64_t intrinsic_s;
    int64_t pipe_timeout_s;

    int argc; /* what follows the options */
    char **argv;
};

/* Prints what is wrong, or what was asked for (--help, --version), and ends
 * the process where that is all there is to do. */
void options_parse(struct options *options, int argc, char **argv);
void options_fini(struct options *options);

/* Resolves a quoted string ("a\x00b") as --quoted-input takes it: false if it
 * is none. An unquoted one is copied. The result's bytes are to be freed. */
bool options_unquote(const char *text, struct slice *result);

#endif
