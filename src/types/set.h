/* Sets: different members in no order. Integers only, and not many: an intset;
 * few and short: a listpack; else a hash table of members, each an allocation of
 * its own.
 *
 * An integer set is left when a member that is none comes, or too many; a
 * listpack when a member is too long, or too many come. There is no way back:
 * a set that shrinks stays as it is. */
#ifndef TYPES_SET_H
#define TYPES_SET_H

#include <stdbool.h>

#include "base/random.h"
#include "types/set_member.h"
#include "types/settings.h"
#include "types/value.h"

enum set_encoding { SET_INTSET, SET_LISTPACK, SET_TABLE };

#define SET_TEXT_MAX UINT32_MAX /* bytes of a member: what is longer must be refused before */

/* Who gets members: each is valid during the call, and the set must not change
 * meanwhile. False ends the walk. */
struct set_visitor {
    bool (*visit)(void *ctx, struct set_member *member);
    void *ctx;
};

bool set_has(const struct value *set, struct set_member *member);

/* False when it is there already, or when it is not. The text may not be
 * borrowed from the set. */
bool set_add(struct value *set, struct set_member *member, const struct types_settings *settings);
bool set_remove(struct value *set, struct set_member *member);

/* Up to count members, this one the first, are going to be added: chooses how to
 * hold them, so that nothing is built only to be converted. */
void set_expect(struct value *set, struct set_member *first, size_t count,
                const struct types_settings *settings);

/* Adds all members of another set. */
void set_add_all(struct value *set, const struct value *from, const struct types_settings *settings);

/* Passes all members; false when the visitor ended the walk. */
bool set_walk(const struct value *set, const struct set_visitor *visitor);

/* The same, some members at a time, 1 to SET_BATCH: for who wants to ask for the
 * memory of all before it works on one. */
enum { SET_BATCH = 16 };
bool set_walk_batches(const struct value *set,
                      bool (*visit)(void *ctx, struct set_member *members, int count), void *ctx);

/* Asks for the memory by which set_has will know of those members whose bits
 * are set in mask. */
void set_prefetch(const struct value *set, struct set_member *members, unsigned mask);

/* ---- chance ---- */

/* Passes a member, each with the same probability; none of an empty set. */
void set_random(const struct value *set, struct random *random, const struct set_visitor *visitor);

/* Passes count different members, which are no more than there are. */
void set_random_members(const struct value *set, size_t count, struct random *random,
                        const struct set_visitor *visitor);

/* The same, and removes them; fewer than all. */
void set_pop(struct value *set, size_t count, struct random *random, const struct types_settings *settings,
             const struct set_visitor *visitor);

extern const struct value_type set_type;

#endif
