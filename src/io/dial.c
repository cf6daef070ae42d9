#include "io/dial.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static bool await(const struct dial *d, short events)
{
    struct pollfd poll_fd = {d->fd, events, 0};
    for (;;) {
        int64_t left_ms = d->deadline_ms - clock_monotonic_ns() / 1000000;
        if (left_ms < 0) left_ms = 0;
        int ready = poll(&poll_fd, 1, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);
        if (ready > 0) return true;
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) errno = ETIMEDOUT;
        return false;
    }
}

static bool connect_to(struct dial *d, const struct addrinfo *address)
{
    int failure;
    socklen_t len = sizeof failure;
    d->fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                   address->ai_protocol);
    if (d->fd < 0) return false;
    if (connect(d->fd, address->ai_addr, address->ai_addrlen) == 0) return true;
    if (errno == EINPROGRESS && await(d, POLLOUT) &&
        getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && (errno = failure) == 0)
        return true;
    failure = errno;
    dial_close(d);
    errno = failure;
    return false;
}

bool dial_open(struct dial *d, const char *host, int port, int64_t deadline_ms)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    char service[16];
    *d = (struct dial){-1, deadline_ms};
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(host, service, &hints, &addresses) != 0) {
        errno = EHOSTUNREACH;
        return false;
    }
    bool connected = false;
    for (const struct addrinfo *a = addresses; a && !connected; a = a->ai_next) connected = connect_to(d, a);
    int failure = errno;
    freeaddrinfo(addresses);
    errno = failure;
    return connected;
}

void dial_close(struct dial *d)
{
    if (d->fd >= 0) close(d->fd);
    d->fd = -1;
}

bool dial_write(struct dial *d, const char *data, size_t len)
{
    while (len) {
        ssize_t sent = send(d->fd, data, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            if (!await(d, POLLOUT)) return false;
        } else if (sent < 0 && errno != EINTR) {
            return false;
        } else if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        }
    }
    return true;
}

ssize_t dial_read(struct dial *d, void *to, size_t room)
{
    for (;;) {
        ssize_t len = recv(d->fd, to, room, 0);
        if (len > 0) return len;
        if (len == 0) {
            errno = ECONNRESET;
            return -1;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN || !await(d, POLLIN)) return -1;
    }
}
