/* What the families of sorted set commands share: reading ranges, answering
 * members with their scores. */
#ifndef COMMANDS_ZSET_H
#define COMMANDS_ZSET_H

#include "core/collection.h"
#include "types/zset.h"

/* Members go to the client, with their scores or without: in RESP3 as pairs. */
struct zset_reply {
    struct client *client;
    bool with_scores;
};

/* The header of so many members; then each of them (ctx is a struct zset_reply). */
void zset_reply_count(const struct zset_reply *to, size_t members);
bool zset_reply_member(void *ctx, struct slice member, double score);

/* "(5", "-inf"; "[a", "(a", "-", "+". Answers and returns false when a bound is
 * neither. */
bool zset_args_scores(struct client *c, struct slice min, struct slice max, struct zset_scores *range);
bool zset_args_lex(struct client *c, struct slice min, struct slice max, struct zset_lex *range);

#endif
