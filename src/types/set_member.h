/* A member of a set on its way: its text, and what was found out about it. The
 * encodings ask different questions (is it a number? what is its hash?), and
 * one member may be looked for in many sets; each question is answered once. */
#ifndef TYPES_SET_MEMBER_H
#define TYPES_SET_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/slice.h"

enum {
    SET_MEMBER_TEXT = 1 << 0,
    SET_MEMBER_HASH = 1 << 1,
    SET_MEMBER_PARSED = 1 << 2, /* it is known whether it is a number */
    SET_MEMBER_NUMBER = 1 << 3, /* it is one */
};

/* Read through the functions only. Not to be moved. */
struct set_member {
    struct slice text;
    int64_t number;
    uint64_t hash;
    unsigned known;
    char digits[NUMBER_TEXT_MAX]; /* the text of a number that came without one */
};

/* The text is borrowed. */
static inline void set_member_init(struct set_member *m, struct slice text)
{
    m->text = text;
    m->known = SET_MEMBER_TEXT;
}

/* The same of a text that is known to be no number. */
static inline void set_member_init_word(struct set_member *m, struct slice text)
{
    m->text = text;
    m->known = SET_MEMBER_TEXT | SET_MEMBER_PARSED;
}

static inline void set_member_init_number(struct set_member *m, int64_t number)
{
    m->number = number;
    m->known = SET_MEMBER_PARSED | SET_MEMBER_NUMBER;
}

static inline struct slice set_member_text(struct set_member *m)
{
    if (!(m->known & SET_MEMBER_TEXT)) {
        m->text = slice_make(m->digits, number_print(m->digits, m->number));
        m->known |= SET_MEMBER_TEXT;
    }
    return m->text;
}

static inline uint64_t set_member_hash(struct set_member *m)
{
    if (!(m->known & SET_MEMBER_HASH)) {
        struct slice text = set_member_text(m);
        m->hash = hash_bytes(text.ptr, text.len);
        m->known |= SET_MEMBER_HASH;
    }
    return m->hash;
}

/* Whether the text is the canonical form of an integer, which m->number is then. */
static inline bool set_member_is_number(struct set_member *m)
{
    if (!(m->known & SET_MEMBER_PARSED)) {
        m->known |= SET_MEMBER_PARSED;
        if (m->text.len < NUMBER_TEXT_MAX && number_parse(m->text, &m->number)) m->known |= SET_MEMBER_NUMBER;
    }
    return m->known & SET_MEMBER_NUMBER;
}

#endif
