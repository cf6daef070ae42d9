#include "core/client.h"

#include <errno.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/acl_clients.h"
#include "core/blocking.h"
#include "core/monitor.h"
#include "core/multi.h"
#include "core/server.h"
#include "core/tracking.h"
#include "db/keyspace.h"

struct clients *clients_new(void)
{
    struct clients *clients = mem_calloc(1, sizeof *clients);
    list_init(&clients->all);
    list_init(&clients->pending);
    list_init(&clients->closing);
    list_init(&clients->postponed);
    list_init(&clients->resumable);
    list_init(&clients->unread);
    clients->next_id = 1;
    return clients;
}

void clients_close_all(struct clients *clients)
{
    list_each_safe (node, &clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (!(c->flags & CLIENT_CLOSING)) client_close(c, "shutdown");
    }
    clients_reap(clients);
}

void clients_free(struct clients *clients)
{
    ASSERT(clients->count == 0);
    block_pool_fini(&clients->blocks);
    mem_free(clients);
}

static struct client *make(struct server *server, struct byte_stream stream)
{
    struct client *c = mem_calloc(1, sizeof *c);
    c->server = server;
    c->stream = stream;
    c->watch.fd = -1;
    c->resp = 2;
    c->db = &server->keyspace->dbs[0];
    c->created_ms = c->active_ms = server_now_ms(server);
    c->last_name_len = UINT8_MAX; /* no name is as long */
    output_init(&c->out, &server->clients->blocks);
    watch_init(&c->watcher);
    list_init(&c->of_pending);
    list_init(&c->of_postponed);
    list_init(&c->of_unread);
    list_init(&c->of_all);
    acl_clients_begin(c);
    return c;
}

struct client *client_new(struct server *server, struct byte_stream stream)
{
    struct clients *clients = server->clients;
    struct client *c = make(server, stream);
    c->id = clients->next_id++;
    list_push_tail(&clients->all, &c->of_all);
    clients->count++;
    return c;
}

/* That it seems to wait to be written to keeps it from the list of those who do. */
struct client *client_new_detached(struct server *server)
{
    struct client *c = make(server, (struct byte_stream){.fd = -1});
    c->flags = CLIENT_DETACHED | CLIENT_IN_EXEC | CLIENT_WRITE_PENDING;
    return c;
}

void client_free_detached(struct client *c)
{
    multi_discard(c);
    output_fini(&c->out);
    mem_free(c);
}

void client_close(struct client *c, const char *reason)
{
    if (c->flags & (CLIENT_CLOSING | CLIENT_DETACHED)) return;
    struct clients *clients = c->server->clients;
    char peer[SOCKET_ADDRESS_MAX];
    client_peer(c, peer);
    log_verbose("Client closed (%s): id=%llu addr=%s", reason, (unsigned long long)c->id, peer);
    c->flags |= CLIENT_CLOSING;
    loop_unwatch(c->server->loop, &c->watch);
    blocking_forget(c);
    list_remove(&c->of_postponed);
    list_remove(&c->of_unread);
    list_remove(&c->of_pending);
    list_push_tail(&clients->closing, &c->of_pending);
}

void client_close_after_reply(struct client *c)
{
    c->flags |= CLIENT_CLOSE_AFTER_REPLY;
    client_write_later(c);
}

static void client_free(struct client *c)
{
    struct clients *clients = c->server->clients;
    if (c->flags & CLIENT_SUBSCRIBED) c->server->forget_subscriber(c->server, c);
    tracking_forget(c);
    monitor_stop(c);
    multi_discard(c);
    byte_stream_close(&c->stream);
    output_fini(&c->out);
    request_fini(&c->request);
    buffer_fini(&c->query);
    mem_free(c->name);
    mem_free(c->lib_name);
    mem_free(c->lib_version);
    clients->counted_bytes -= c->counted_bytes;
    list_remove(&c->of_all);
    list_remove(&c->of_pending);
    clients->count--;
    mem_free(c);
}

void clients_reap(struct clients *clients)
{
    list_each_safe (node, &clients->closing) {
        struct client *c = container_of(node, struct client, of_pending);
        if (c != clients->held) client_free(c);
    }
}

struct client *client_find(struct clients *clients, uint64_t id)
{
    list_each (node, &clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (c->id == id) return c->flags & CLIENT_CLOSING ? NULL : c;
    }
    return NULL;
}

/* ---- CLIENT REPLY ---- */

void client_mute(struct client *c)
{
    c->muted_from = output_mark(&c->out);
}

void client_unmute(struct client *c)
{
    output_truncate(&c->out, c->muted_from);
}

void client_open_push(struct client *c)
{
    if (c->flags & CLIENT_MUTED) client_unmute(c);
}

void client_close_push(struct client *c)
{
    if (c->flags & CLIENT_MUTED) client_mute(c);
}

/* ---- limits ---- */

enum output_class client_class(const struct client *c)
{
    return c->flags & CLIENT_SUBSCRIBED ? OUTPUT_PUBSUB : OUTPUT_NORMAL;
}

void client_check_output_limit(struct client *c)
{
    const struct output_limit *limit = &c->server->settings->output_limits[client_class(c)];
    if (limit->hard_bytes == 0 && limit->soft_bytes == 0) return;
    size_t bytes = output_bytes(&c->out);
    bool hard = limit->hard_bytes && bytes >= limit->hard_bytes;
    bool soft = limit->soft_bytes && bytes >= limit->soft_bytes;
    int64_t now_ms = server_now_ms(c->server);
    if (!soft) c->soft_limit_since_ms = 0;
    else if (c->soft_limit_since_ms == 0) c->soft_limit_since_ms = now_ms;
    else if (now_ms - c->soft_limit_since_ms > limit->soft_s * 1000) hard = true;
    if (!hard || c->flags & CLIENT_CLOSING) return;
    struct buffer line = {0};
    client_describe(c, &line);
    log_warning("Client %s scheduled to be closed ASAP for overcoming of output buffer limits.", line.data);
    buffer_fini(&line);
    c->server->clients->output_limit_disconnections++;
    client_close(c, "output buffer limit");
}

/* ---- facts ---- */

void client_peer(const struct client *c, char *to)
{
    socket_peer_address(c->stream.fd, to);
}

void client_local(const struct client *c, char *to)
{
    socket_local_address(c->stream.fd, to);
}

bool client_is_valid_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < '!' || name.ptr[i] > '~') return false;
    return true;
}

void client_set_text(char **field, struct slice text)
{
    mem_free(*field);
    *field = text.len ? mem_copy(text.ptr, text.len) : NULL;
}

size_t client_memory_bytes(const struct client *c)
{
    struct client_subscriptions subscriptions = {0};
    c->server->count_subscriptions(c, &subscriptions);
    return sizeof *c + output_memory_bytes(&c->out) + c->query.cap + subscriptions.memory_bytes +
           (c->multi ? sizeof *c->multi + c->multi->memory_bytes : 0) + blocking_memory_bytes(c) +
           tracking_memory_bytes(c) + (size_t)c->request.capacity * sizeof *c->request.argv;
}
