/* Replies as text, in each output format. Nothing here prints. */
#ifndef APP_CLI_FORMAT_H
#define APP_CLI_FORMAT_H

#include "app/cli/options.h"
#include "base/buffer.h"
#include "io/reply_reader.h"

/* Appends the reply; bulk_delimiter separates items in raw output. Only the
 * standard format ends its text with a newline. */
void format_reply(struct buffer *out, const struct reply *reply, enum output output,
                  struct slice bulk_delimiter);

/* Appends an out-of-band push as it is announced on a terminal: an
 * invalidation in words, anything else as a reply. */
void format_push(struct buffer *out, const struct reply *push, enum output output,
                 struct slice bulk_delimiter);

#endif
