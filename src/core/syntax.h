/* The syntax of a command's arguments, from its row's text to the tree that
 * COMMAND DOCS answers. The text is what a manual shows:
 *
 *     word               an argument of that name; its type follows from the
 *                        name, or is written behind it: "increment:double"
 *     WORD  = ~ * $ ""   a token: what is typed as it stands
 *     WORD word word     the token announces the arguments behind it
 *     [ ... ]            optional
 *     a | b              one of them, inside brackets of either kind
 *     < ... >            groups: "<LEFT | RIGHT>"
 *     a b [a b ...]      the last two (as many as the bracket repeats) may be
 *                        given several times, with their token if it is there
 *     < ... > ...        the group may be given several times
 *
 * A group has a name. It is that of a well-known choice ("[NX | XX]" is a
 * `condition`), else its members' joined by '_', else it is written first in
 * the bracket, with a colon: "<wherefrom: LEFT | RIGHT>". What has a written
 * name stays a group of its own even with one member; a token in it, unless it
 * is a choice, announces only the word behind it. */
#ifndef CORE_SYNTAX_H
#define CORE_SYNTAX_H

#include <stdbool.h>

#include "core/command.h"

enum argument_type {
    ARGUMENT_STRING,
    ARGUMENT_INTEGER,
    ARGUMENT_DOUBLE,
    ARGUMENT_KEY,
    ARGUMENT_PATTERN,
    ARGUMENT_UNIX_TIME,
    ARGUMENT_PURE_TOKEN,
    ARGUMENT_ONEOF,
    ARGUMENT_BLOCK,
};
const char *syntax_type_name(enum argument_type type);

struct arguments {
    struct argument *at;
    int count, capacity;
};

struct argument {
    char *name; /* owned */
    enum argument_type type;
    bool optional, multiple;
    bool repeats_token;       /* the token is repeated, too */
    int key_spec;             /* which of the row's specs tells where this key stands; -1: none */
    struct slice token;       /* of the row's text; ptr is NULL without one, and it may be "" */
    struct arguments members; /* of ONEOF and BLOCK */
};

/* The arguments of a row, in the order they are given, into arguments (all
 * zero before). False: the row's text is not as described above. Either way
 * syntax_free releases them. */
bool syntax_parse(const struct command *row, struct arguments *arguments);
void syntax_free(struct arguments *arguments);

#endif
