#include "core/monitor.h"

#include "core/server.h"
#include "db/keyspace.h"

void monitor_start(struct client *c)
{
    if (c->flags & CLIENT_MONITOR) return;
    c->flags |= CLIENT_MONITOR;
    c->server->clients->monitors++;
}

void monitor_stop(struct client *c)
{
    if (!(c->flags & CLIENT_MONITOR)) return;
    c->flags &= ~(unsigned)CLIENT_MONITOR;
    c->server->clients->monitors--;
}

void monitor_feed(const struct call *call)
{
    struct client *c = call->client;
    struct buffer line = {0};
    char peer[SOCKET_ADDRESS_MAX] = "lua";
    if (!(c->flags & CLIENT_DETACHED)) client_peer(c, peer);
    int64_t now_us = c->server->now_us;
    buffer_printf(&line, "+%lld.%06lld [%d %s%s]", (long long)(now_us / 1000000),
                  (long long)(now_us % 1000000), c->db->id, c->flags & CLIENT_UNIX ? "unix:" : "", peer);
    for (int i = 0; i < call->argc; i++) {
        buffer_append_char(&line, ' ');
        buffer_append_quoted(&line, command_shown_argument(call, i));
    }
    buffer_append_text(&line, "\r\n");
    list_each (node, &c->server->clients->all) {
        struct client *monitor = container_of(node, struct client, of_all);
        if (!(monitor->flags & CLIENT_MONITOR) || monitor->flags & (CLIENT_REPLY_OFF | CLIENT_CLOSING))
            continue;
        output_append(&monitor->out, line.data, line.len);
        client_write_later(monitor);
        client_check_output_limit(monitor);
    }
    buffer_fini(&line);
}
