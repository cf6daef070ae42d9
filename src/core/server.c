#include "core/server.h"

#include "base/clock.h"
#include "db/keyspace.h"

void server_read_clock(struct server *server)
{
    server->clock_ticks = clock_ticks();
    server->now_us = clock_realtime_us();
    server->keyspace->now_ms = server->now_us / 1000;
    server->keyspace->access_clock = (uint32_t)(server->now_us / 1000000);
}
