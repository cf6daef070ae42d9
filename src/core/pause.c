#include "core/pause.h"

#include "core/command.h"
#include "core/dispatch.h"
#include "core/network.h"
#include "core/server.h"
#include "db/keyspace.h"

void pause_start(struct server *server, int64_t until_ms, bool all)
{
    struct pause *pause = server->pause;
    if (until_ms > pause->until_ms) pause->until_ms = until_ms;
    pause->all = pause->all || all;
    /* Nothing may change meanwhile, not even by expiry. */
    server->keyspace->may_expire = false;
    dispatch_refresh_checks(server);
}

void pause_end(struct server *server)
{
    *server->pause = (struct pause){0};
    server->keyspace->may_expire = true;
    dispatch_refresh_checks(server);
}

bool pause_concerns(const struct pause *pause, int64_t now_ms, unsigned command_flags)
{
    if (!pause_is_on(pause, now_ms)) return false;
    return pause->all || command_flags & (CMD_WRITE | CMD_MAY_REPLICATE);
}

void pause_check(struct server *server)
{
    if (pause_is_on(server->pause, server_now_ms(server))) return;
    if (server->pause->until_ms) pause_end(server);
    network_resume_postponed(server);
}
