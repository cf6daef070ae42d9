/* Sorted sets: different members, each with a score, in the order of the scores
 * and, where these are equal, of the members' bytes.
 *
 * Few and short ones: a listpack of member, score, member, score... in order.
 * Else a hash table by member and a B-tree by score and member (ds/btree.h) over
 * the same elements. There is no way back. Ranks count from 0 at the lowest. */
#ifndef TYPES_ZSET_H
#define TYPES_ZSET_H

#include <stdbool.h>

#include "types/settings.h"
#include "types/value.h"

enum zset_encoding { ZSET_LISTPACK, ZSET_TABLE };

/* Who gets members with their scores: a member is valid during the call, and the
 * set must not change meanwhile. False ends the walk. */
struct zset_visitor {
    bool (*visit)(void *ctx, struct slice member, double score);
    void *ctx;
};

/* False when there is no such member. */
bool zset_score(const struct value *zset, struct slice member, double *score);
bool zset_rank(const struct value *zset, struct slice member, size_t *rank, double *score);

/* ---- changing ---- */

/* Conditions of a put, as ZADD has them. */
enum zset_condition {
    ZSET_IF_NEW = 1 << 0,
    ZSET_IF_THERE = 1 << 1,
    ZSET_IF_GREATER = 1 << 2, /* of a member that is there: only if the score grows */
    ZSET_IF_LESS = 1 << 3,
    ZSET_INCREMENT = 1 << 4, /* score is what is added to the one it has */
};
enum zset_result {
    ZSET_REFUSED, /* by a condition: nothing was done */
    ZSET_NAN,     /* the sum would not be a number: nothing was done */
    ZSET_SAME,    /* it is there with that score */
    ZSET_UPDATED,
    ZSET_ADDED,
};

/* Adds a member or changes its score, which is not a NaN. *score is what it has
 * then. The member may not be borrowed from the set. */
enum zset_result zset_put(struct value *zset, struct slice member, unsigned conditions, double *score,
                          const struct types_settings *settings);

/* False when there is no such member. */
bool zset_remove(struct value *zset, struct slice member);

/* Removes the ranks from <= rank < to. */
void zset_remove_ranks(struct value *zset, size_t from, size_t to);

/* ---- ranges ---- */

/* Passes the ranks from <= rank < to, the highest first if backwards. False when
 * the visitor ended it. */
bool zset_walk(const struct value *zset, size_t from, size_t to, bool backwards,
               const struct zset_visitor *visitor);

/* Scores between two bounds, each included or not. */
struct zset_scores {
    double min, max;
    bool min_excluded, max_excluded;
};

/* Members between two bounds: of a set in which all scores are equal. */
struct zset_lex_bound {
    enum { ZSET_LEX_INCLUDED, ZSET_LEX_EXCLUDED, ZSET_LEX_LOWEST, ZSET_LEX_HIGHEST } kind;
    struct slice member;
};
struct zset_lex {
    struct zset_lex_bound min, max;
};

/* The ranks *from <= rank < *to that a range takes; equal when none is in it. */
void zset_ranks_of_scores(const struct value *zset, const struct zset_scores *range, size_t *from,
                          size_t *to);
void zset_ranks_of_lex(const struct value *zset, const struct zset_lex *range, size_t *from, size_t *to);

extern const struct value_type zset_type;

static inline size_t zset_length(const struct value *zset)
{
    return zset_type.length(zset);
}

#endif
