/* A selector: one set of rules of a user, saying which commands may be run on
 * which keys and channels. A user has one at least, and may do what any of
 * them allows as a whole.
 *
 * Commands are a bit each, by their ids. A rule for a command or a category
 * sets or clears bits at once; its text is kept beside them, so that a selector
 * is described by the rules that made it: +@all or -@all, and behind it what
 * was said since, each command or category where it was named last. */
#ifndef CORE_ACL_SELECTOR_H
#define CORE_ACL_SELECTOR_H

#include "base/buffer.h"
#include "core/command.h"

enum acl_access { ACL_READ = 1 << 0, ACL_WRITE = 1 << 1 };

struct acl_pattern {
    unsigned access; /* enum acl_access; 0 for channels */
    struct slice text;
};

struct acl_patterns {
    struct acl_pattern *at; /* their texts are the list's own */
    int count;
};

/* The deprecated +command|word: the command is allowed with this first argument. */
struct acl_first_word {
    int id;
    struct slice word; /* owned */
};

struct acl_selector {
    const struct command_table *commands;
    uint64_t *allowed;   /* a bit for each command id */
    bool from_all;       /* the rules are exceptions to +@all, not to -@all */
    struct buffer rules; /* behind that, separated by blanks: "+get -@hash" */
    struct acl_first_word *first_words;
    int first_word_count;
    bool all_keys, all_channels;
    struct acl_patterns keys, channels;
};

/* Nothing is allowed, but channels when all_channels says so. */
struct acl_selector *acl_selector_new(const struct command_table *commands, bool all_channels);
struct acl_selector *acl_selector_copy(const struct acl_selector *s);
void acl_selector_free(struct acl_selector *s);

/* Applies one rule: +get, -@set, ~pattern, %R~pattern, &pattern, allkeys, ... ; an
 * empty one says nothing.
 * NULL, or why it was refused: nothing has changed then. */
const char *acl_selector_apply(struct acl_selector *s, struct slice rule);

/* The refusal of a rule that names what does not exist. */
extern const char acl_selector_unknown[];

/* Its parts as ACL GETUSER has them, and all of it as ACL LIST. */
void acl_selector_describe_commands(const struct acl_selector *s, struct buffer *to);
void acl_selector_describe_keys(const struct acl_selector *s, struct buffer *to);
void acl_selector_describe_channels(const struct acl_selector *s, struct buffer *to);
void acl_selector_describe(const struct acl_selector *s, struct buffer *to);

bool acl_selector_allows_all(const struct acl_selector *s);
bool acl_selector_allows_command(const struct acl_selector *s, const struct command_state *command, int argc,
                                 const struct slice *argv);

/* access: all that is wanted, enum acl_access; 0: only whether it is there. */
bool acl_selector_allows_key(const struct acl_selector *s, struct slice key, unsigned access);
bool acl_selector_allows_every_key(const struct acl_selector *s, unsigned access);

/* A pattern is allowed when a rule has it literally. */
bool acl_selector_allows_channel(const struct acl_selector *s, struct slice channel, bool is_pattern);

#endif
