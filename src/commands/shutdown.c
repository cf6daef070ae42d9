/* SHUTDOWN. */
#include "commands/tables.h"
#include "core/client.h"
#include "core/lifecycle.h"
#include "core/reply.h"
#include "core/settings.h"

enum { ABORT = 1 << 8 }; /* beside SHUTDOWN_ON_x */

static unsigned parse_mode(struct slice word)
{
    static const struct {
        const char *word;
        unsigned mode;
    } modes[] = {{"nosave", SHUTDOWN_ON_NOSAVE},
                 {"save", SHUTDOWN_ON_SAVE},
                 {"now", SHUTDOWN_ON_NOW},
                 {"force", SHUTDOWN_ON_FORCE},
                 {"abort", ABORT}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (slice_is(word, modes[i].word)) return modes[i].mode;
    return 0;
}

/* ABORT stands alone; SAVE and NOSAVE exclude each other. */
static bool parse_modes(const struct call *call, unsigned *modes)
{
    enum { BOTH = SHUTDOWN_ON_SAVE | SHUTDOWN_ON_NOSAVE };
    *modes = 0;
    for (int i = 1; i < call->argc; i++) {
        unsigned mode = parse_mode(call->argv[i]);
        if (mode == 0) return false;
        *modes |= mode;
    }
    return (*modes & BOTH) != BOTH && (!(*modes & ABORT) || call->argc == 2);
}

/* Who succeeds gets no answer but the end of the connection. A shutdown is
 * over as soon as it is asked for, so that there is none to abort. */
static void shutdown_run(struct call *call)
{
    unsigned modes;
    if (!parse_modes(call, &modes)) reply_syntax_error(call->client);
    else if (modes & ABORT) reply_error(call->client, "ERR No shutdown in progress.");
    else if (call->server->busy_error && !(modes & SHUTDOWN_ON_NOSAVE))
        reply_error(call->client, call->server->busy_error);
    else if (lifecycle_shutdown(call->server, modes)) client_close(call->client, "shutdown");
    else reply_error(call->client, "ERR Errors trying to SHUTDOWN. Check logs.");
}

static const char *const history[] = {"7.0.0", "The modes NOW, FORCE and ABORT.", NULL};

const struct command shutdown_commands[] = {
    {.name = "shutdown",
     .group = GROUP_SERVER,
     .since = "1.0.0",
     .arity = -1,
     .flags = CMD_ADMIN | CMD_NOSCRIPT | CMD_LOADING | CMD_STALE | CMD_NO_MULTI | CMD_ALLOW_BUSY |
              CMD_SENTINEL,
     .summary = "Ends the server, saving first if it has something to save.",
     .complexity = "O(N), N being the number of keys, when saving, otherwise O(1)",
     .syntax = "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
     .history = history,
     .run = shutdown_run},
    {0},
};
