/* Lists: what the commands that wait have in common with those that do not. */
#ifndef COMMANDS_LIST_H
#define COMMANDS_LIST_H

#include "core/command.h"
#include "types/list.h"

/* LEFT or RIGHT; false, and a syntax error is answered, for anything else. */
bool list_parse_end(struct call *call, struct slice word, enum list_end *end);

/* Moves an element and answers with it, or with an error. False, and nothing
 * is answered: there is no source. */
bool list_move(struct call *call, struct slice from, enum list_end from_end, struct slice to,
               enum list_end to_end);

/* What LMPOP and its like take elements from. */
struct list_sources {
    const struct slice *keys;
    int key_count;
    enum list_end end;
    int64_t max;
};

/* The arguments of LMPOP from the number of keys on; false, and an error is
 * answered, if they are wrong. */
bool list_parse_sources(struct call *call, int first, struct list_sources *sources);

/* Pops from the first list that has elements, and answers with its key and an
 * array of them. False, and nothing is answered: there is no such list. */
bool list_pop_many(struct call *call, const struct list_sources *sources);

/* The same for a single element, which is answered as such. */
bool list_pop_one(struct call *call, const struct list_sources *sources);

#endif
