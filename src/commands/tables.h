/* The command tables, one for each file of this folder. Each ends with a row
 * without a name. */
#ifndef COMMANDS_TABLES_H
#define COMMANDS_TABLES_H

#include "core/command.h"

extern const struct command acl_commands[];
extern const struct command bitfield_commands[];
extern const struct command bitmap_commands[];
extern const struct command client_commands[];
extern const struct command command_commands[];
extern const struct command config_commands[];
extern const struct command connection_commands[];
extern const struct command debug_commands[];
extern const struct command dump_commands[];
extern const struct command expire_commands[];
extern const struct command geo_commands[];
extern const struct command hash_commands[];
extern const struct command hash_expire_commands[];
extern const struct command hyperloglog_commands[];
extern const struct command info_commands[];
extern const struct command keys_commands[];
extern const struct command latency_commands[];
extern const struct command lcs_commands[];
extern const struct command list_blocking_commands[];
extern const struct command list_commands[];
extern const struct command memory_commands[];
extern const struct command migrate_commands[];
extern const struct command object_commands[];
extern const struct command persistence_commands[];
extern const struct command pubsub_commands[];
extern const struct command scan_commands[];
extern const struct command script_commands[];
extern const struct command server_commands[];
extern const struct command set_commands[];
extern const struct command shutdown_commands[];
extern const struct command slowlog_commands[];
extern const struct command sort_commands[];
extern const struct command stream_commands[];
extern const struct command stream_group_commands[];
extern const struct command stream_info_commands[];
extern const struct command stream_read_commands[];
extern const struct command string_commands[];
extern const struct command transactions_commands[];
extern const struct command zset_combine_commands[];
extern const struct command zset_commands[];
extern const struct command zset_pop_commands[];
extern const struct command zset_range_commands[];

#endif
