#include "core/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/client.h"
#include "core/client_eviction.h"
#include "core/dispatch.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/stats.h"
#include "db/keyspace.h"
#include "io/tls.h"
#include "io/tls_settings.h"

enum {
    LISTENERS_MAX = 2 * BIND_ADDRESSES_MAX + 1,
    READ_BYTES = 64 * 1024,             /* of one read: what small requests are parsed in */
    READ_LARGE_BYTES = 1024 * 1024,     /* of one read into the middle of a large argument */
    WRITE_TURN_BYTES = 1024 * 1024,     /* to one client per loop turn */
    REPLY_TURN_BYTES = 4 * 1024 * 1024, /* what a pipeline may be answered before others have their turn */
    ACCEPT_BATCH = 1000,
    UNAUTHENTICATED_QUERY_BYTES = 1024 * 1024,
};

struct listener {
    struct loop_watch watch;
    struct server *server;
    enum network_kind kind;
};

struct network {
    struct listener *listeners[LISTENERS_MAX];
    int listener_count;
    bool yielded;      /* by the client whose input was processed last: it has more to be executed */
    char *read_buffer; /* READ_BYTES */
};

struct network *network_new(struct server *server)
{
    (void)server;
    struct network *n = mem_calloc(1, sizeof(struct network));
    n->read_buffer = mem_alloc(READ_BYTES);
    return n;
}

/* ---- reading ---- */

static void refuse_query(struct client *c, const char *why)
{
    c->server->clients->query_limit_disconnections++;
    struct buffer line = {0};
    client_describe(c, &line);
    log_warning("Closing client that reached max query buffer length: %s", line.data);
    buffer_fini(&line);
    client_close(c, why);
}

/* A pipeline of small requests may have large replies: each of them is held
 * against the limit, and after a while others have their turn. */
static bool must_yield(struct client *c, size_t waiting_before)
{
    client_check_output_limit(c);
    return c->out.sealed_bytes > waiting_before + REPLY_TURN_BYTES;
}

/* Executes the whole requests in data; returns how many bytes they took. */
static size_t process(struct client *c, struct slice data)
{
    struct network *n = c->server->network;
    size_t waiting_before = c->out.sealed_bytes;
    n->yielded = false;
    struct request_limits limits = {.args = INT32_MAX,
                                    .bulk_bytes = (int64_t)c->server->settings->proto_max_bulk_len_bytes};
    size_t done = 0;
    while (done < data.len && !(c->flags & (CLIENT_CLOSING | CLIENT_CLOSE_AFTER_REPLY | CLIENT_BLOCKED))) {
        limits.authenticated = !client_is_stranger(c);
        enum request_status status = request_parse(&c->request, slice_make(data.ptr + done, data.len - done),
                                                   &limits);
        if (status == REQUEST_PARTIAL) break;
        if (status == REQUEST_INVALID) {
            reply_errorf(c, "ERR %s", c->request.error);
            client_close_after_reply(c);
            return data.len;
        }
        if (c->request.argc > 0 && !dispatch(c, c->request.argc, c->request.argv)) {
            request_reset(&c->request);
            c->flags |= CLIENT_POSTPONED;
            break;
        }
        done += c->request.consumed;
        request_reset(&c->request);
        if (__builtin_expect(c->out.sealed_bytes > REPLY_TURN_BYTES, 0) && must_yield(c, waiting_before)) {
            n->yielded = true;
            break;
        }
    }
    return done;
}

/* A client that must wait is not read from; it waits in the list. */
static void postpone(struct client *c)
{
    loop_watch(c->server->loop, &c->watch, c->watch.fd, c->watch.events & ~(unsigned)LOOP_READ);
    list_remove(&c->of_postponed); /* it may have been resumable */
    list_push_tail(&c->server->clients->postponed, &c->of_postponed);
}

/* Processes what has arrived: `fresh` in the shared buffer, or all of the
 * client's own. What is left of an incomplete request stays with the client. */
static void process_input(struct client *c, struct slice fresh)
{
    if (c->query.len == 0 && fresh.len) {
        size_t done = process(c, fresh);
        if (done < fresh.len && !(c->flags & CLIENT_CLOSING))
            buffer_append(&c->query, fresh.ptr + done, fresh.len - done);
    } else {
        size_t done = process(c, buffer_slice(&c->query));
        if (done == c->query.len) buffer_fini(&c->query);
        else buffer_consume(&c->query, done);
    }
    if (c->flags & CLIENT_POSTPONED && !(c->flags & CLIENT_CLOSING)) postpone(c);
    else if (c->server->network->yielded) network_resume_later(c);
    if (c->query.len > c->query_peak_bytes) c->query_peak_bytes = c->query.len;
    if (c->query.len > c->server->settings->client_query_buffer_limit_bytes)
        refuse_query(c, "query buffer limit");
    else if (client_is_stranger(c) && c->query.len > UNAUTHENTICATED_QUERY_BYTES)
        refuse_query(c, "query buffer limit before authentication");
}

/* Reads into the client's own buffer when it holds the beginning of a
 * request, else into the shared one. Returns as read(2). */
static ssize_t read_some(struct client *c, struct slice *fresh)
{
    struct network *n = c->server->network;
    if (c->query.len == 0) {
        ssize_t len = byte_stream_read(&c->stream, n->read_buffer, READ_BYTES);
        *fresh = slice_make(n->read_buffer, len > 0 ? (size_t)len : 0);
        return len;
    }
    size_t missing = request_missing(&c->request, c->query.len), room = READ_BYTES;
    if (missing > room) room = missing < READ_LARGE_BYTES ? missing : READ_LARGE_BYTES;
    ssize_t len = byte_stream_read(&c->stream, buffer_reserve(&c->query, room), room);
    if (len > 0) buffer_added(&c->query, (size_t)len);
    return len;
}

/* What is decrypted and had no room is read in the next turn, since no event
 * tells of it. */
static void note_unread(struct client *c)
{
    if (!byte_stream_pending(&c->stream) || c->flags & CLIENT_CLOSING) return;
    list_remove(&c->of_unread);
    list_push_tail(&c->server->clients->unread, &c->of_unread);
}

static void read_client(struct client *c)
{
    struct slice fresh = {0};
    ssize_t len = read_some(c, &fresh);
    if (len < 0) {
        if (errno != EAGAIN && errno != EINTR) client_close(c, byte_stream_error(&c->stream));
        return;
    }
    if (len == 0) {
        client_close(c, "the peer closed the connection");
        return;
    }
    c->active_ms = server_now_ms(c->server);
    c->net_input_bytes += (uint64_t)len;
    c->server->clients->net_input_bytes += (uint64_t)len;
    c->server->stats->reads++;
    process_input(c, fresh);
    note_unread(c);
    client_eviction_count(c);
}

bool network_read_pending(struct server *server)
{
    struct list unread;
    list_init(&unread);
    list_splice_tail(&unread, &server->clients->unread);
    for (struct list *node; (node = list_pop_head(&unread)) != NULL;) {
        struct client *c = container_of(node, struct client, of_unread);
        if (c->watch.events & LOOP_READ) read_client(c);
    }
    return !list_empty(&server->clients->unread);
}

void network_resume_postponed(struct server *server)
{
    struct list waiting;
    list_init(&waiting);
    list_splice_tail(&waiting, &server->clients->postponed);
    for (struct list *node; (node = list_pop_head(&waiting)) != NULL;) {
        struct client *c = container_of(node, struct client, of_postponed);
        c->flags &= ~(unsigned)CLIENT_POSTPONED;
        loop_watch(server->loop, &c->watch, c->watch.fd, c->watch.events | LOOP_READ);
        process_input(c, slice_make("", 0));
        note_unread(c);
    }
}

void network_resume_later(struct client *c)
{
    if (c->query.len == 0 || c->flags & CLIENT_CLOSING) return;
    list_remove(&c->of_postponed); /* it may be there, and have waited again since */
    list_push_tail(&c->server->clients->resumable, &c->of_postponed);
}

bool network_resume(struct server *server)
{
    struct list waiting;
    list_init(&waiting);
    list_splice_tail(&waiting, &server->clients->resumable);
    for (struct list *node; (node = list_pop_head(&waiting)) != NULL;)
        process_input(container_of(node, struct client, of_postponed), slice_make("", 0));
    return !list_empty(&server->clients->resumable);
}

/* ---- writing ---- */

/* What is waited for: requests, unless the client is not read from, room for
 * what is queued, and whatever a handshake needs. */
static void watch_client(struct client *c)
{
    unsigned wants = c->stream.wants, events = c->watch.events & LOOP_READ;
    if (!output_empty(&c->out) && !(wants & STREAM_WRITE_WANTS_READ)) events |= LOOP_WRITE;
    if (wants & STREAM_READ_WANTS_WRITE) events |= LOOP_WRITE;
    if (events != c->watch.events) loop_watch(c->server->loop, &c->watch, c->watch.fd, events);
}

static void write_client(struct client *c)
{
    size_t written = 0;
    bool alive = output_write(&c->out, &c->stream, WRITE_TURN_BYTES, &written);
    c->net_output_bytes += written;
    c->server->clients->net_output_bytes += written;
    c->server->stats->writes++;
    if (written) c->active_ms = server_now_ms(c->server);
    if (!alive) {
        client_close(c, byte_stream_error(&c->stream));
        return;
    }
    client_eviction_count(c);
    bool more = !output_empty(&c->out);
    if (!more && c->flags & CLIENT_CLOSE_AFTER_REPLY) {
        client_close(c, "closed after the reply");
        return;
    }
    if (more) client_check_output_limit(c);
    if (!(c->flags & CLIENT_CLOSING)) watch_client(c);
}

void network_flush(struct server *server)
{
    server->deliver_messages(server);
    for (struct list *node; (node = list_pop_head(&server->clients->pending)) != NULL;) {
        struct client *c = container_of(node, struct client, of_pending);
        c->flags &= ~(unsigned)CLIENT_WRITE_PENDING;
        write_client(c);
    }
    client_eviction_run(server);
    clients_reap(server->clients);
}

/* ---- while a command goes on ---- */

/* The arguments of the running command, and the requests behind it, lie in the
 * shared buffer: others are read into another one. Nothing of what the command
 * goes by may move, above all not its time; nor are waiting clients served
 * before it is over. */
void network_serve_aside(struct server *server, struct client *running)
{
    struct network *n = server->network;
    struct keyspace *ks = server->keyspace;
    char *read_buffer = n->read_buffer;
    struct client *current = server->clients->current;
    int64_t now_us = server->now_us, now_ms = ks->now_ms;
    bool touch = ks->touch, keys_changed = server->keys_changed;
    n->read_buffer = mem_alloc(READ_BYTES);
    server->keys_changed = false;
    server->clients->held = running;
    if (running->watch.fd >= 0 && running->watch.events & LOOP_READ)
        loop_watch(server->loop, &running->watch, running->watch.fd,
                   running->watch.events & ~(unsigned)LOOP_READ);
    loop_poll(server->loop);
    network_flush(server);
    server->clients->held = NULL;
    server->keys_changed |= keys_changed;
    ks->touch = touch;
    ks->now_ms = now_ms;
    server->now_us = now_us;
    server->clients->current = current;
    mem_free(n->read_buffer);
    n->read_buffer = read_buffer;
}

void network_end_aside(struct server *server, struct client *running)
{
    if (running->watch.fd >= 0)
        loop_watch(server->loop, &running->watch, running->watch.fd, running->watch.events | LOOP_READ);
}

static void client_ready(struct loop_watch *watch, unsigned events)
{
    struct client *c = container_of(watch, struct client, watch);
    unsigned wants = c->stream.wants;
    if (wants & STREAM_READ_WANTS_WRITE && events & LOOP_WRITE) events |= LOOP_READ;
    if (wants & STREAM_WRITE_WANTS_READ && events & LOOP_READ) events |= LOOP_WRITE;
    if (events & LOOP_READ && watch->events & LOOP_READ) read_client(c);
    if (c->flags & CLIENT_CLOSING) return;
    if (wants | c->stream.wants) watch_client(c);
    if (events & LOOP_WRITE) client_write_later(c);
}

/* ---- accepting ---- */

static const char too_many[] = "-ERR max number of clients reached\r\n";

static const char protected_mode[] =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password "
    "is set for the default user. In this mode connections are only accepted from the loopback "
    "interface. To accept others, do one of these: 1) set a password (requirepass) for the "
    "default user; 2) from this machine, CONFIG SET protected-mode no, and CONFIG REWRITE to keep "
    "it, if no stranger can reach this port; 3) start the server with --protected-mode no.\r\n";

static bool is_protected(const struct server *server, int fd, enum network_kind kind)
{
    const struct core_settings *settings = server->settings;
    return kind != NETWORK_UNIX && settings->protected_mode && server->acl->standard->needs_no_password &&
           !socket_peer_is_local(fd);
}

/* Text before a TLS handshake would be noise. */
static void refuse(struct server *server, int fd, enum network_kind kind, const char *error)
{
    server->clients->rejected++;
    ssize_t sent = kind == NETWORK_TLS ? 0 : write(fd, error, strlen(error));
    (void)sent; /* a courtesy: the peer may be gone */
    close(fd);
}

void network_accept_client(struct server *server, int fd, enum network_kind kind)
{
    struct clients *clients = server->clients;
    bool is_denied = is_protected(server, fd, kind);
    struct byte_stream stream = {.transport = &socket_transport, .fd = fd};
    if (clients->count >= (uint64_t)server->settings->maxclients) {
        refuse(server, fd, kind, too_many);
        return;
    }
    if (is_denied && kind != NETWORK_TLS) {
        refuse(server, fd, kind, protected_mode);
        return;
    }
    if (kind == NETWORK_TLS) stream = tls_accept(server->tls_live, fd);
    if (stream.transport == NULL) {
        close(fd);
        return;
    }
    if (kind != NETWORK_UNIX) socket_tune(fd, (int)server->settings->tcp_keepalive_s);
    struct client *c = client_new(server, stream);
    clients->accepted++;
    c->flags |= kind == NETWORK_UNIX       ? CLIENT_UNIX | CLIENT_LOCAL
                : socket_peer_is_local(fd) ? CLIENT_LOCAL
                                           : 0;
    c->watch.ready = client_ready;
    if (!loop_watch(server->loop, &c->watch, fd, LOOP_READ)) client_close(c, strerror(errno));
    if (!is_denied) return;
    clients->rejected++;
    output_append(&c->out, protected_mode, strlen(protected_mode)); /* sent behind the handshake */
    client_close_after_reply(c);
}

static void listener_ready(struct loop_watch *watch, unsigned events)
{
    struct listener *listener = container_of(watch, struct listener, watch);
    (void)events;
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        int fd = socket_accept(watch->fd);
        if (fd < 0) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                log_warning("Cannot accept a connection: %s", strerror(errno));
            return;
        }
        network_accept_client(listener->server, fd, listener->kind);
    }
}

/* ---- listening ---- */

static void close_listeners(struct server *server, struct listener **listeners, int count)
{
    for (int i = 0; i < count; i++) {
        int fd = listeners[i]->watch.fd;
        loop_unwatch(server->loop, &listeners[i]->watch);
        close(fd);
        mem_free(listeners[i]);
    }
}

static void add_listener(struct server *server, struct network *n, int fd, enum network_kind kind)
{
    struct listener *listener = mem_calloc(1, sizeof *listener);
    listener->server = server;
    listener->kind = kind;
    listener->watch = (struct loop_watch){.fd = -1, .ready = listener_ready};
    n->listeners[n->listener_count++] = listener;
    bool ok = loop_watch(server->loop, &listener->watch, fd, LOOP_READ);
    ASSERT(ok);
}

/* An address with a leading '-' may be missing on this machine; so may IPv6
 * where the bind directive has its default. */
static bool listen_port(struct server *server, struct network *n, int port, enum network_kind kind,
                        struct buffer *reason)
{
    const struct core_settings *settings = server->settings;
    const char *name = kind == NETWORK_TLS ? "TLS" : "TCP";
    for (int i = 0; port && i < settings->bind_count; i++) {
        const char *address = settings->bind[i];
        bool optional = address[0] == '-', unavailable;
        char why[SOCKET_REASON_MAX];
        int fd = socket_listen_tcp(address + optional, port, (int)settings->tcp_backlog, why, &unavailable);
        if (fd >= 0) {
            add_listener(server, n, fd, kind);
        } else if (!(optional && unavailable)) {
            log_warning("Warning: Could not create server TCP listening socket %s:%d: %s", address + optional,
                        port, why);
            buffer_printf(reason, "Failed listening on port %d (%s)", port, name);
            return false;
        }
    }
    return true;
}

static bool listen_unix(struct server *server, struct network *n, struct buffer *reason)
{
    const struct core_settings *settings = server->settings;
    if (settings->unixsocket[0] == '\0') return true;
    char why[SOCKET_REASON_MAX];
    int fd = socket_listen_unix(settings->unixsocket, (unsigned)settings->unixsocketperm,
                                (int)settings->tcp_backlog, why);
    if (fd >= 0) {
        add_listener(server, n, fd, NETWORK_UNIX);
        return true;
    }
    log_warning("Failed opening Unix socket: %s: %s", settings->unixsocket, why);
    buffer_printf(reason, "Failed listening on %s (Unix)", settings->unixsocket);
    return false;
}

bool network_listen(struct server *server, struct buffer *reason)
{
    struct network *n = server->network;
    struct listener *former[LISTENERS_MAX];
    int former_count = n->listener_count;
    memcpy(former, n->listeners, sizeof former);
    /* The same port cannot be bound twice: the old listeners go first, and
     * come back through the caller's rollback. */
    close_listeners(server, former, former_count);
    n->listener_count = 0;
    if (listen_port(server, n, (int)server->settings->port, NETWORK_TCP, reason) &&
        listen_port(server, n, (int)server->tls->port, NETWORK_TLS, reason) && listen_unix(server, n, reason))
        return true;
    network_stop_listening(server);
    return false;
}

void network_stop_listening(struct server *server)
{
    struct network *n = server->network;
    close_listeners(server, n->listeners, n->listener_count);
    n->listener_count = 0;
}

bool network_is_listening(const struct server *server)
{
    return server->network->listener_count > 0;
}

void network_close(struct server *server)
{
    struct network *n = server->network;
    for (int i = 0; i < n->listener_count; i++) {
        if (n->listeners[i]->kind != NETWORK_UNIX) continue;
        log_notice("Removing the unix socket file.");
        unlink(server->settings->unixsocket);
    }
    network_stop_listening(server);
}

void network_free(struct network *n)
{
    ASSERT(n->listener_count == 0);
    mem_free(n->read_buffer);
    mem_free(n);
}

/* ---- once a second ---- */

void network_check_idle(struct server *server, int64_t now_ms)
{
    int64_t timeout_ms = server->settings->timeout_s * 1000;
    client_eviction_count_all(server);
    list_each (node, &server->clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (!output_empty(&c->out)) client_check_output_limit(c);
        if (timeout_ms == 0 ||
            c->flags & (CLIENT_SUBSCRIBED | CLIENT_BLOCKED | CLIENT_MONITOR | CLIENT_CLOSING))
            continue;
        if (now_ms - c->active_ms > timeout_ms) client_close(c, "idle timeout");
    }
}
