/* Hashes: fields with values, and deadlines of fields. A small hash is a
 * listpack of fields, each with its value behind it; one that is large, or has
 * ever had a field with a deadline, is a struct hash_table.
 *
 * Fields that are due but still there are hidden (types/hash_table.h); only
 * the length counts them. */
#ifndef TYPES_HASH_H
#define TYPES_HASH_H

#include <stdbool.h>

#include "base/number.h"
#include "base/random.h"
#include "types/settings.h"
#include "types/value.h"

enum hash_encoding { HASH_LISTPACK, HASH_TABLE };

#define HASH_TEXT_MAX INT32_MAX /* bytes of a field or a value: what is longer must be refused before */

/* The value of a field, borrowed until the hash changes; digits is room for
 * the text of a number. False when there is no such field. */
bool hash_find(const struct value *hash, struct slice field, char digits[NUMBER_TEXT_MAX],
               struct slice *value);

/* Sets a field, which keeps or loses its deadline. True if it is new. The
 * texts may not be borrowed from the hash. */
bool hash_set(struct value *hash, struct slice field, struct slice value, bool keep_deadline,
              const struct types_settings *settings);

/* False when there is no such field. */
bool hash_remove(struct value *hash, struct slice field);

/* When a field goes, VALUE_NO_DEADLINE: never. False when there is no such field. */
bool hash_deadline_ms(const struct value *hash, struct slice field, int64_t *deadline_ms);

/* Sets or takes away (VALUE_NO_DEADLINE) the deadline of a field that is there. */
void hash_set_deadline(struct value *hash, struct slice field, int64_t deadline_ms);

/* Calls the visitor for a field, each with the same probability; not at all
 * when there is none. */
void hash_random(const struct value *hash, struct random *random, const struct value_visitor *visitor);

/* Calls it for count different fields, or for all if there are no more. */
void hash_random_fields(const struct value *hash, size_t count, struct random *random,
                        const struct value_visitor *visitor);

extern const struct value_type hash_type;

#endif
