/* What the families of stream commands share: reading IDs and answering entries. */
#ifndef COMMANDS_STREAM_H
#define COMMANDS_STREAM_H

#include "core/client.h"
#include "core/collection.h"
#include "types/stream.h"
#include "types/stream_group.h"

/* "ms" or "ms-seq"; without a seq it is missing_seq. Answers and returns false
 * when it is neither. */
bool stream_args_id(struct client *c, struct slice arg, uint64_t missing_seq, struct stream_id *id);

/* The same without an answer; a missing seq is 0. */
bool stream_is_id(struct slice text, struct stream_id *id);

/* The bounds of a range: "-", "+", an ID, or "(" and an ID that is excluded. */
bool stream_args_range(struct client *c, struct slice start_arg, struct slice end_arg,
                       struct stream_id *start, struct stream_id *end);

void stream_reply_id(struct client *c, struct stream_id id);

/* The same in front of what was replied since mark. */
void stream_insert_id(struct client *c, struct output_mark mark, struct stream_id id);

/* The entry a walk stands at: its ID and an array of fields and values. */
void stream_reply_entry(struct client *c, struct stream_walk *walk);

/* The entries of a range as an array; limit 0: all. */
void stream_reply_range(struct client *c, const struct stream *s, struct stream_id start,
                        struct stream_id end, bool backwards, uint64_t limit);

/* The stream and the group that a key and a name stand for, for a read and for
 * a write (an entry may have been looked up before); what is missing is NULL. False
 * when the key holds something else. */
bool stream_find_group(struct call *call, struct slice key, struct slice name, struct stream **s,
                       struct stream_group **group);
bool stream_open_group(struct collection *to, struct call *call, struct slice key, struct slice name,
                       struct stream_group **group);

bool stream_open_entry(struct collection *to, struct call *call, struct slice key, struct slice name,
                       struct entry *entry, struct stream_group **group);

/* The consumer of that name, made if it is new, which is told, and propagated. */
struct stream_consumer *stream_consumer_for(struct call *call, struct collection *stream,
                                            struct stream_group *group, struct slice name);

/* Propagates that an entry is pending, as it is now; and how far a group has read. */
void stream_propagate_pending(struct call *call, struct slice key, const struct stream_group *group,
                              const struct stream_pending *pending);
void stream_propagate_group(struct call *call, struct slice key, const struct stream_group *group);

#endif
