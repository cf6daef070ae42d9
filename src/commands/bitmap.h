/* What handlers of bitmaps share across files. */
#ifndef COMMANDS_BITMAP_H
#define COMMANDS_BITMAP_H

#include "commands/string.h"

/* Reads the offset of a bit that a string may have. A width other than 0: of an
 * integer so wide, and "#3" counts such integers instead of bits. */
bool bitmap_parse_offset(struct call *call, struct slice arg, unsigned width, uint64_t *offset);

#endif
