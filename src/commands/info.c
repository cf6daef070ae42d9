/* INFO: what the modules tell of themselves. */
#include "core/info.h"

#include "commands/tables.h"
#include "core/reply.h"
#include "core/server.h"

static void info_run(struct call *call)
{
    struct buffer text = {0};
    info_write(call->server->info, call->argc - 1, call->argv + 1, &text);
    reply_verbatim(call->client, buffer_slice(&text), "txt");
    buffer_fini(&text);
}

static const char *const info_history[] = {"7.0.0", "Takes several sections.", NULL};

const struct command info_commands[] = {
    {.name = "info",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = -1,
     .flags = CMD_LOADING | CMD_STALE | CMD_SENTINEL,
     .categories = CATEGORY_DANGEROUS,
     .summary = "Tells how the server is and what it has counted.",
     .complexity = "O(N), N being the number of clients, and of commands for the sections that list them",
     .syntax = "[section [section ...]]",
     .tips = {"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
     .history = info_history,
     .run = info_run},
    {0},
};
