/* Replies, in the protocol version of the client (RESP2 or RESP3). They go
 * straight into the client's output queue. Aggregates are announced by their
 * count; where that becomes known only later, reply_open remembers the place
 * and reply_close_x writes the header there. */
#ifndef CORE_REPLY_H
#define CORE_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "core/client.h"

void reply_ok(struct client *c);
void reply_simple(struct client *c, const char *text);

/* A reply that is already in the form of the wire, such as SLICE("+PONG\r\n"). */
static inline void reply_encoded(struct client *c, struct slice reply)
{
    output_append(&c->out, reply.ptr, reply.len);
    client_write_later(c);
}

/* text as it goes on the wire, without '-': "ERR ...", "WRONGTYPE ...". */
void reply_error(struct client *c, const char *text);
void reply_errorf(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for an error that was counted when a script came upon it. */
void reply_error_again(struct client *c, const char *text);

void reply_int(struct client *c, int64_t value);
void reply_bulk(struct client *c, struct slice data);
void reply_text(struct client *c, const char *text); /* as a bulk */
void reply_bulk_int(struct client *c, int64_t value);
void reply_null(struct client *c);
void reply_null_array(struct client *c);
void reply_bool(struct client *c, bool value);
void reply_double(struct client *c, double value);
void reply_bignum(struct client *c, const char *digits);
void reply_verbatim(struct client *c, struct slice data, const char *format); /* format: "txt", "mkd" */

void reply_array(struct client *c, int64_t count);
void reply_map(struct client *c, int64_t pairs);
void reply_set(struct client *c, int64_t count);
void reply_push(struct client *c, int64_t count);
void reply_attribute(struct client *c, int64_t pairs); /* RESP3 only; the reply proper follows */
void reply_empty_array(struct client *c);

struct output_mark reply_open(struct client *c);
void reply_close_array(struct client *c, struct output_mark mark, int64_t count);
void reply_close_map(struct client *c, struct output_mark mark, int64_t pairs);
void reply_close_set(struct client *c, struct output_mark mark, int64_t count);

/* A bulk in front of what was replied since mark, as it became known only behind it. */
void reply_insert_bulk(struct client *c, struct output_mark mark, struct slice data);

/* The errors that many handlers give. */
void reply_syntax_error(struct client *c);
void reply_wrong_type(struct client *c);
void reply_no_key(struct client *c);

/* A subcommand was called with arguments that none of its forms has. */
void reply_subcommand_error(struct call *call);

/* The lines of a HELP subcommand: an array, closed by the two lines that
 * every HELP ends with. lines ends with NULL. */
void reply_help(struct call *call, const char *const *lines);

#endif
