/* The subcommands of DEBUG, by theme; the list of them is in debug.c. DEBUG is
 * one command: it looks at its subcommand itself, so that COMMAND shows none. */
#ifndef COMMANDS_DEBUG_H
#define COMMANDS_DEBUG_H

#include "core/command.h"

/* debug_data.c: keys and values. */
void debug_digest(struct call *call);
void debug_digest_value(struct call *call);
void debug_htstats(struct call *call);
void debug_htstats_key(struct call *call);
void debug_object(struct call *call);
void debug_populate(struct call *call);
void debug_quicklist_packed_threshold(struct call *call);

/* debug_persist.c: what is on disk. */
void debug_loadaof(struct call *call);
void debug_reload(struct call *call);
void debug_set_skip_checksum(struct call *call);

/* debug_process.c: the server and its process. */
void debug_assert(struct call *call);
void debug_config_rewrite_force_all(struct call *call);
void debug_log(struct call *call);
void debug_mallctl(struct call *call);
void debug_mallctl_str(struct call *call);
void debug_panic(struct call *call);
void debug_pause_cron(struct call *call);
void debug_replybuffer(struct call *call);
void debug_segfault(struct call *call);
void debug_set_active_expire(struct call *call);
void debug_sleep(struct call *call);
void debug_stringmatch_len(struct call *call);

/* debug_protocol.c: replies to test clients with. */
void debug_error(struct call *call);
void debug_protocol(struct call *call);

#endif
