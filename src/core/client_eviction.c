#include "core/client_eviction.h"

#include "base/log.h"
#include "core/client.h"
#include "core/server.h"
#include "db/keyspace.h"

size_t client_eviction_limit(const struct server *server)
{
    int64_t limit = server->settings->maxmemory_clients;
    if (limit >= 0) return (size_t)limit;
    return (size_t)((double)server->keyspace->settings.maxmemory_bytes / 100 * (double)-limit);
}

static void count(struct client *c)
{
    size_t bytes = c->flags & CLIENT_CLOSING ? 0 : client_memory_bytes(c);
    c->server->clients->counted_bytes += bytes - c->counted_bytes;
    c->counted_bytes = bytes;
}

void client_eviction_count(struct client *c)
{
    if (__builtin_expect(c->server->settings->maxmemory_clients != 0, 0)) count(c);
}

void client_eviction_count_all(struct server *server)
{
    if (server->settings->maxmemory_clients == 0) return;
    list_each (node, &server->clients->all) count(container_of(node, struct client, of_all));
}

static struct client *find_largest(const struct clients *clients)
{
    struct client *largest = NULL;
    list_each (node, &clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (c->flags & (CLIENT_NO_EVICT | CLIENT_CLOSING)) continue;
        if (largest == NULL || c->counted_bytes > largest->counted_bytes) largest = c;
    }
    return largest;
}

void client_eviction_run(struct server *server)
{
    struct clients *clients = server->clients;
    size_t limit = client_eviction_limit(server);
    while (limit && clients->counted_bytes > limit) {
        struct client *c = find_largest(clients);
        if (c == NULL) return;
        struct buffer line = {0};
        client_describe(c, &line);
        log_notice("Evicting client: %s", line.data);
        buffer_fini(&line);
        clients->evicted++;
        client_close(c, "maxmemory-clients");
        count(c);
    }
}
