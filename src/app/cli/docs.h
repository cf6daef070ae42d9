/* What the server tells about its commands (COMMAND DOCS), kept as the reply
 * that it is. Hints, completion and help come from here alone: a server
 * without COMMAND DOCS has none of them. */
#ifndef APP_CLI_DOCS_H
#define APP_CLI_DOCS_H

#include "app/cli/connection.h"

struct docs {
    struct reply reply; /* name, description, name, description, ... */
};

/* Asks the server; docs is empty when it cannot tell. False if the connection broke. */
bool docs_load(struct docs *docs, struct connection *connection);
void docs_fini(struct docs *docs);

/* A command or a subcommand: its name as typed ("config get"), its description. */
struct docs_entry {
    struct buffer name;
    const struct reply *about;
};

/* Goes through all commands, each followed by its subcommands. Start with an
 * entry and a position that are all zero; free the name in the end. */
struct docs_position {
    size_t command;
    size_t subcommand; /* 0: the command itself, then one more than the index */
};
bool docs_next(const struct docs *docs, struct docs_position *at, struct docs_entry *entry);

/* The command that the words begin with, or its subcommand if the next word
 * names one. *used says how many words that took. NULL if there is none. */
const struct reply *docs_find(const struct docs *docs, int argc, const struct slice *argv, int *used);

/* A text field of a description ("summary"); empty if there is none. */
struct slice docs_text(const struct reply *about, const char *field);

/* Appends the syntax of all arguments: "key [EX seconds|PX milliseconds]". */
void docs_append_syntax(struct buffer *out, const struct reply *about);

/* Appends the syntax of the arguments still to be typed after the given ones.
 * partial: the last one may still grow. Nothing if they do not fit. */
void docs_append_hint(struct buffer *out, const struct reply *about, int argc, const struct slice *argv,
                      bool partial);

#endif
