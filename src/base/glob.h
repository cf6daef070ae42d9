/* Glob patterns over bytes, as KEYS, PSUBSCRIBE and CONFIG GET take them:
 * `*`, `?`, `[abc]`, `[^a-z]`, `\x` for x itself. */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/buffer.h"

/* Matches in time O(pattern x text) at worst: only the last `*` is ever
 * retried, so no pattern can make it exponential. As everywhere in this
 * protocol, an empty text matches the empty pattern only. */
bool glob_match(struct slice pattern, struct slice text, bool nocase);

/* The literal text that anything matching the pattern begins with, escapes
 * resolved, appended to prefix. */
void glob_literal_prefix(struct slice pattern, struct buffer *prefix);

#endif
