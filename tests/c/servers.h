/* Whole servers in the test's own process, without a port: a peer is one end of
 * a pair of sockets, whose other end the server has accepted. */
#ifndef SERVERS_H
#define SERVERS_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/wiring.h"
#include "base/buffer.h"
#include "base/log.h"
#include "core/client.h"
#include "core/network.h"
#include "core/server.h"
#include "io/loop.h"
#include "test.h"

struct peer {
    int fd;
    struct server *server;
    struct client *client;
    struct buffer received;
};

static inline struct server *server_start(void)
{
    log_set_level(LOG_LEVEL_NOTHING);
    struct server *server = wiring_new(0, NULL);
    wiring_open(server);
    return server;
}

static inline struct peer peer_connect(struct server *server)
{
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    network_accept_client(server, fds[1], NETWORK_UNIX);
    struct list *last = list_tail(&server->clients->all);
    return (struct peer){.fd = fds[0], .server = server, .client = container_of(last, struct client, of_all)};
}

static inline void peer_receive(struct peer *peer)
{
    ssize_t got;
    while ((got = read(peer->fd, buffer_reserve(&peer->received, 65536), 65536)) > 0)
        buffer_added(&peer->received, (size_t)got);
}

static inline void peer_close(struct peer *peer)
{
    close(peer->fd);
    buffer_fini(&peer->received);
    for (int i = 0; i < 2; i++) loop_turn(peer->server->loop); /* notices, and frees the client */
}

/* Sends inline commands, each a line, and lets the server work until it has
 * read them and sent what there is to say. */
static inline void peer_send(struct peer *peer, const char *text)
{
    CHECK_INT(write(peer->fd, text, strlen(text)), strlen(text));
    uint64_t wanted = peer->client->net_input_bytes + strlen(text);
    while (peer->client->net_input_bytes < wanted) loop_turn(peer->server->loop);
    network_flush(peer->server);
}

/* All that was received since it was last asked for, with | for the ends of lines. */
#define CHECK_RECEIVED(peer, expected)                                                                       \
    do {                                                                                                     \
        struct buffer text_ = {0};                                                                           \
        peer_receive(peer);                                                                                  \
        for (size_t i_ = 0; i_ < (peer)->received.len; i_++)                                                 \
            if ((peer)->received.data[i_] != '\r')                                                           \
                buffer_append_char(&text_,                                                                   \
                                   (peer)->received.data[i_] == '\n' ? '|' : (peer)->received.data[i_]);     \
        CHECK_TEXT(buffer_slice(&text_).ptr, expected);                                                      \
        buffer_fini(&text_);                                                                                 \
        buffer_clear(&(peer)->received);                                                                     \
    } while (0)

#endif
