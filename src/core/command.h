/* Commands: a row each. The row says everything that is known of a command;
 * dispatch, COMMAND DOCS/INFO/GETKEYS, ACL categories and the tests read it. */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "db/event.h"
#include "ds/histogram.h"

struct client;
struct db;
struct server;
struct command_state;

/* What a handler gets. argv[0] is the command's name (for a subcommand argv[1]
 * is the subcommand's); the slices are valid until the handler returns. */
struct call {
    struct server *server;
    struct client *client;
    struct db *db;
    const struct command *command;
    int argc;
    const struct slice *argv;
};

enum command_flag {
    CMD_WRITE = 1 << 0,
    CMD_READONLY = 1 << 1,
    CMD_DENYOOM = 1 << 2,
    CMD_ADMIN = 1 << 3,
    CMD_PUBSUB = 1 << 4,
    CMD_NOSCRIPT = 1 << 5,
    CMD_BLOCKING = 1 << 6,
    CMD_LOADING = 1 << 7, /* allowed while loading */
    CMD_STALE = 1 << 8,   /* allowed on a replica that lost its master */
    CMD_SKIP_MONITOR = 1 << 9,
    CMD_SKIP_SLOWLOG = 1 << 10,
    CMD_ASKING = 1 << 11,
    CMD_FAST = 1 << 12,
    CMD_NO_AUTH = 1 << 13,
    CMD_MAY_REPLICATE = 1 << 14,
    CMD_NO_ASYNC_LOADING = 1 << 15,
    CMD_NO_MULTI = 1 << 16,
    CMD_ALLOW_BUSY = 1 << 17,
    CMD_MOVABLE_KEYS = 1 << 18,
    CMD_NO_MANDATORY_KEYS = 1 << 19,
    CMD_PROTECTED = 1 << 20,
    CMD_ONLY_SENTINEL = 1 << 21,
    CMD_TOUCHES_ARBITRARY_KEYS = 1 << 22,
    CMD_SENTINEL = 1 << 23,
    CMD_SYSTEM = 1 << 24, /* servers use it among themselves, and testers */
};

enum command_group {
    GROUP_GENERIC,
    GROUP_STRING,
    GROUP_LIST,
    GROUP_SET,
    GROUP_SORTED_SET,
    GROUP_HASH,
    GROUP_PUBSUB,
    GROUP_TRANSACTIONS,
    GROUP_CONNECTION,
    GROUP_SERVER,
    GROUP_SCRIPTING,
    GROUP_HYPERLOGLOG,
    GROUP_CLUSTER,
    GROUP_GEO,
    GROUP_STREAM,
    GROUP_BITMAP,
};
const char *command_group_name(enum command_group group);

/* ACL categories that do not follow from the group and the flags. */
enum command_category {
    CATEGORY_KEYSPACE = 1 << 0,
    CATEGORY_READ = 1 << 1,
    CATEGORY_WRITE = 1 << 2,
    CATEGORY_SET = 1 << 3,
    CATEGORY_SORTEDSET = 1 << 4,
    CATEGORY_LIST = 1 << 5,
    CATEGORY_HASH = 1 << 6,
    CATEGORY_STRING = 1 << 7,
    CATEGORY_BITMAP = 1 << 8,
    CATEGORY_HYPERLOGLOG = 1 << 9,
    CATEGORY_GEO = 1 << 10,
    CATEGORY_STREAM = 1 << 11,
    CATEGORY_PUBSUB = 1 << 12,
    CATEGORY_ADMIN = 1 << 13,
    CATEGORY_FAST = 1 << 14,
    CATEGORY_SLOW = 1 << 15,
    CATEGORY_BLOCKING = 1 << 16,
    CATEGORY_DANGEROUS = 1 << 17,
    CATEGORY_CONNECTION = 1 << 18,
    CATEGORY_TRANSACTION = 1 << 19,
    CATEGORY_SCRIPTING = 1 << 20,
};
const char *command_category_name(unsigned bit);   /* NULL past the last */
unsigned command_category_find(struct slice name); /* 0: there is none */

/* Where the keys of a command stand. */
enum key_flag {
    KEY_RO = 1 << 0,
    KEY_RW = 1 << 1,
    KEY_OW = 1 << 2,
    KEY_RM = 1 << 3,
    KEY_ACCESS = 1 << 4,
    KEY_UPDATE = 1 << 5,
    KEY_INSERT = 1 << 6,
    KEY_DELETE = 1 << 7,
    KEY_NOT_KEY = 1 << 8,
    KEY_INCOMPLETE = 1 << 9,
    KEY_VARIABLE_FLAGS = 1 << 10,
};

struct key_spec {
    unsigned flags;      /* enum key_flag; 0: no such spec */
    int index;           /* of the first key; 0 with a keyword: searched */
    const char *keyword; /* search begins behind this word... */
    int keyword_from;    /* ...looked for from here (negative: backwards from the end) */
    int last;     /* last key relative to the first; -1: to the end, -2: to the one before the end... */
    int step;     /* between keys; 0 counts as 1 */
    int limit;    /* last -1 only: the keys are the first 1/limit of the rest */
    int keynum;   /* > 0: the key count stands at the first index, keys begin keynum behind it */
    bool unknown; /* the keys cannot be told from a rule */
    const char *notes;
};

/* Which arguments are channels that the caller needs permission for. */
enum command_channels {
    CHANNELS_NONE,
    CHANNELS_FIRST,    /* the first argument is one */
    CHANNELS_ALL,      /* all are */
    CHANNELS_PATTERNS, /* all are patterns of channels */
};

struct key_position {
    int index;
    unsigned flags; /* enum key_flag */
};

/* All zero is empty; whoever made it frees `at`. */
struct key_positions {
    struct key_position *at;
    int count, capacity;
};

enum { KEY_SPECS_MAX = 3, COMMAND_TIPS_MAX = 4, COMMAND_EVENTS_MAX = 10 };

struct command {
    const char *name; /* lower case; a subcommand's alone */
    enum command_group group;
    const char *since;
    int arity; /* words, name included; negative: at least */
    unsigned flags;
    unsigned categories; /* beyond what group and flags give */
    struct key_spec keys[KEY_SPECS_MAX];
    /* The keys where no rule tells: adds their positions; false when the
     * arguments are wrong. */
    bool (*get_keys)(int argc, const struct slice *argv, struct key_positions *keys);
    enum command_channels channels;
    enum event events[COMMAND_EVENTS_MAX]; /* it may emit these itself; ends with EVENT_NONE */
    const char *summary;
    const char *complexity;
    const char *syntax; /* the arguments, as a manual writes them: "key value [NX | XX] [EX seconds | ...]" */
    const char *tips[COMMAND_TIPS_MAX];
    const char *replaced_by;           /* deprecated: what to use instead, */
    const char *deprecated_since;      /* and since when */
    const char *const *history;        /* pairs (version, change), ends with NULL */
    const struct command *subcommands; /* ends with a row without a name */
    void (*run)(struct call *call);    /* NULL: only subcommands run */
    /* Whether argument i is a secret, not to be shown to others; NULL: none is. */
    bool (*is_secret)(const struct call *call, int i);
};

/* What the server counts for a command, and its runtime identity. */
struct command_state {
    const struct command *row;
    struct command_state *parent;
    char *full_name; /* "config|get" */
    bool is_removed; /* renamed to nothing: no client can call it */
    int id;          /* dense, from 0: for ACL bitmaps */
    unsigned categories;
    struct command_state *subcommands;
    int subcommand_count;
    uint64_t calls, rejected_calls, failed_calls;
    uint64_t total_ns;
    struct histogram *latency; /* in ns; NULL until first used */
};

struct command_table *command_table_new(void);
void command_table_free(struct command_table *table);

/* Adds all rows of a table that ends with a row without a name. */
void command_table_add(struct command_table *table, const struct command *rows);

/* Renames a command; an empty name removes it. False: no such command, or
 * the name is taken. */
bool command_table_rename(struct command_table *table, struct slice name, struct slice to);

/* The command or, where it has subcommands and argc > 1, the subcommand.
 * NULL: unknown. */
struct command_state *command_find(const struct command_table *table, int argc, const struct slice *argv);

/* The same by one text, "config|get" or "get". */
struct command_state *command_find_named(const struct command_table *table, struct slice full_name);

/* The same by the names of the rows, whatever clients call them: for ACL rules. */
struct command_state *command_find_row(const struct command_table *table, struct slice full_name);

/* All ids are below it. */
int command_id_count(const struct command_table *table);

/* All top-level commands, in the order they were added. */
int command_count(const struct command_table *table);
struct command_state *command_at(const struct command_table *table, int index);

/* Argument i as MONITOR and the slow log may show it. */
struct slice command_shown_argument(const struct call *call, int i);

bool command_arity_fits(const struct command *row, int argc);

/* What a row says of its keys: how many specs; whether there may be any;
 * whether specs alone cannot tell them, or a client that knows no specs would
 * miss some; and what such a client is told: the first, the last (negative:
 * from the end), the step; all 0 when there are none at fixed places. */
struct key_range {
    int first, last, step;
};
int command_key_spec_count(const struct command *row);
bool command_has_keys(const struct command *row);
bool command_keys_move(const struct command *row);
struct key_range command_key_range(const struct command *row);

/* The positions of the keys among the arguments, into keys (emptied first).
 * False: the arguments do not fit the command. */
bool command_keys(const struct command_state *command, int argc, const struct slice *argv,
                  struct key_positions *keys);
void command_keys_add(struct key_positions *keys, int index, unsigned flags);

void command_stats_reset(struct command_table *table);

/* Forgets the latencies, and the memory they took. */
void command_latency_reset(struct command_table *table);

#endif
