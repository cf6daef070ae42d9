/* What INFO tells of publishing and of keyspace notifications; the module is
 * the struct server. */
#ifndef NOTIFY_SECTIONS_H
#define NOTIFY_SECTIONS_H

#include "base/rows.h"

extern const struct info_section notify_section_stats; /* goes on with core/sections.h's */

/* Our own section:
 *
 *     notify_keyspace_events          the directive, in its canonical form
 *     notification_channels, _patterns
 *                                     names subscribed to that are, or that could match, channels of events
 *     events_published, _skipped      all events; skipped: enabled, but nobody could receive them
 *     events_published_<class>, events_skipped_<class>
 *     messages_published              to at least one channel or pattern
 *     messages_delivered              messages times receivers
 *     message_bytes_delivered
 *     pattern_nodes_visited           of the pattern index, for all messages
 *     expire_lag_p50_usec, _p99_usec, _max_usec
 *                                     how long after its deadline a key was removed, or a
 *                                     hash's fields were
 *     overdue_keys                    due and still there
 *     overdue_hashes                  with fields that are due and still there
 *     next_deadline_ms                of all keys and fields, Unix time; -1: there is none
 *     next_deadline_in_ms             -1: none; 0: now or overdue */
extern const struct info_section notify_section_notifications;

#endif
