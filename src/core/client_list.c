/* The line that CLIENT LIST shows of a client. */
#include "core/client.h"
#include "core/monitor.h"
#include "core/multi.h"
#include "core/server.h"
#include "core/tracking.h"
#include "db/keyspace.h"

static void append_flags(const struct client *c, struct buffer *to)
{
    static const struct {
        unsigned flags;
        char letter;
    } letters[] = {
        {CLIENT_MONITOR, 'O'},
        {CLIENT_SUBSCRIBED, 'P'},
        {CLIENT_MULTI | CLIENT_IN_EXEC, 'x'},
        {CLIENT_BLOCKED | CLIENT_POSTPONED, 'b'},
        {CLIENT_TRACKING, 't'},
        {CLIENT_CLOSE_AFTER_REPLY, 'c'},
        {CLIENT_CLOSING, 'A'},
        {CLIENT_UNIX, 'U'},
        {CLIENT_NO_EVICT, 'e'},
        {CLIENT_NO_TOUCH, 'T'},
    };
    size_t before = to->len;
    unsigned tracking = tracking_flags(c);
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter == 'c' && tracking & TRACKING_BROKEN) buffer_append_char(to, 'R');
        if (letters[i].letter == 'c' && tracking & TRACKING_BROADCAST) buffer_append_char(to, 'B');
        if (letters[i].letter == 'c' && c->watcher.dirty) buffer_append_char(to, 'd');
        if (c->flags & letters[i].flags) buffer_append_char(to, letters[i].letter);
    }
    if (to->len == before) buffer_append_char(to, 'N');
}

/* Arguments are slices of what was received: they take memory of their own
 * only in the sense that the request that is running cannot go away. */
static size_t argument_bytes(const struct client *c)
{
    size_t bytes = 0;
    if (c->server->clients->current != c) return 0;
    for (int i = 0; i < c->request.argc; i++) bytes += c->request.argv[i].len;
    return bytes;
}

static void append_buffers(const struct client *c, struct buffer *to)
{
    const struct output *out = &c->out;
    size_t waiting_open = output_bytes(out) - out->sealed_bytes;
    size_t open_room = out->at ? waiting_open + (size_t)(out->end - out->at) : 0;
    unsigned sealed = out->count - (out->at != NULL);
    buffer_printf(to, " qbuf=%zu qbuf-free=%zu argv-mem=%zu multi-mem=%zu", c->query.len,
                  c->query.cap - c->query.len, argument_bytes(c), c->multi ? c->multi->memory_bytes : 0);
    buffer_printf(to, " rbs=%zu rbp=%zu obl=%zu oll=%u omem=%zu tot-mem=%zu", open_room, waiting_open,
                  waiting_open, sealed, sealed ? out->sealed_bytes + sealed * sizeof *out->segments : 0,
                  client_memory_bytes(c));
}

void client_describe(const struct client *c, struct buffer *to)
{
    char peer[SOCKET_ADDRESS_MAX], local[SOCKET_ADDRESS_MAX];
    struct client_subscriptions subscriptions = {0};
    int64_t now_ms = server_now_ms(c->server);
    client_peer(c, peer);
    client_local(c, local);
    c->server->count_subscriptions(c, &subscriptions);
    buffer_printf(to, "id=%llu addr=%s laddr=%s fd=%d name=%s age=%lld idle=%lld flags=",
                  (unsigned long long)c->id, peer, local, c->stream.fd, c->name ? c->name : "",
                  (long long)(now_ms - c->created_ms) / 1000, (long long)(now_ms - c->active_ms) / 1000);
    append_flags(c, to);
    buffer_printf(to, " db=%d sub=%u psub=%u ssub=%u multi=%d", c->db->id, subscriptions.channels,
                  subscriptions.patterns, subscriptions.shard_channels, c->multi ? c->multi->count : -1);
    append_buffers(c, to);
    buffer_printf(to, " events=%s%s cmd=%s user=%s redir=%lld resp=%d lib-name=%s lib-ver=%s",
                  c->watch.events & LOOP_READ ? "r" : "", c->watch.events & LOOP_WRITE ? "w" : "",
                  c->last_command ? c->last_command->full_name : "NULL", c->user->name.ptr,
                  tracking_flags(c) & TRACKING_ON ? (long long)tracking_redirect(c) : -1LL, c->resp,
                  c->lib_name ? c->lib_name : "", c->lib_version ? c->lib_version : "");
}
