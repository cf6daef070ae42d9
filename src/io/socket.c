#include "io/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/transport.h"

static ssize_t socket_read(struct byte_stream *stream, void *to, size_t len)
{
    return read(stream->fd, to, len);
}

static ssize_t socket_writev(struct byte_stream *stream, const struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = (size_t)count};
    return sendmsg(stream->fd, &message, MSG_NOSIGNAL);
}

static void socket_close(struct byte_stream *stream)
{
    close(stream->fd);
    stream->fd = -1;
}

static const char *socket_error(const struct byte_stream *stream)
{
    (void)stream;
    return strerror(errno);
}

const struct transport socket_transport = {
    .name = "socket",
    .read = socket_read,
    .writev = socket_writev,
    .close = socket_close,
    .error = socket_error,
};

static int listen_at(const struct addrinfo *info, int backlog)
{
    int one = 1, fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (info->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, backlog) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int socket_listen_tcp(const char *address, int port, int backlog, char *reason, bool *unavailable)
{
    bool any4 = strcmp(address, "*") == 0, any6 = strcmp(address, "::*") == 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found;
    char service[16];
    hints.ai_family = any4 ? AF_INET : any6 || strchr(address, ':') ? AF_INET6 : AF_INET;
    snprintf(service, sizeof service, "%d", port);
    *unavailable = false;
    int rc = getaddrinfo(any4 || any6 ? NULL : address, service, &hints, &found);
    if (rc != 0) {
        snprintf(reason, SOCKET_REASON_MAX, "%s", gai_strerror(rc));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next) fd = listen_at(at, backlog);
    if (fd < 0) {
        *unavailable = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
                       errno == ENOPROTOOPT || errno == ESOCKTNOSUPPORT || errno == EPFNOSUPPORT;
        snprintf(reason, SOCKET_REASON_MAX, "%s", strerror(errno));
    }
    freeaddrinfo(found);
    return fd;
}

/* Removes what a server that is gone left behind, and nothing else: false,
 * errno set, when the path is a file of another kind or somebody listens. */
static bool remove_stale(const char *path, const struct sockaddr_un *address)
{
    struct stat info;
    if (lstat(path, &info) != 0) return errno == ENOENT;
    bool stale = false;
    int fd = S_ISSOCK(info.st_mode) ? socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    if (fd >= 0) {
        stale = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
        close(fd);
    }
    if (stale) return unlink(path) == 0;
    errno = EADDRINUSE;
    return false;
}

int socket_listen_unix(const char *path, unsigned perm, int backlog, char *reason)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(reason, SOCKET_REASON_MAX, "the path is longer than %zu bytes", sizeof address.sun_path - 1);
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && remove_stale(path, &address) &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        (perm == 0 || chmod(path, (mode_t)perm) == 0) && listen(fd, backlog) == 0)
        return fd;
    snprintf(reason, SOCKET_REASON_MAX, "%s", strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

int socket_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void socket_tune(int fd, int keepalive_s)
{
    int one = 1, interval = keepalive_s / 3 > 0 ? keepalive_s / 3 : 1, probes = 3;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (keepalive_s == 0) return;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive_s, sizeof keepalive_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

typedef int name_function(int, struct sockaddr *restrict, socklen_t *restrict);

static void format_address(int fd, name_function *name_of, char *to)
{
    struct sockaddr_storage storage = {0};
    socklen_t len = sizeof storage;
    char ip[INET6_ADDRSTRLEN];
    if (name_of(fd, (struct sockaddr *)&storage, &len) != 0) {
        strcpy(to, "?:0");
        return;
    }
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&storage;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&storage;
    const struct sockaddr_un *local = (const struct sockaddr_un *)&storage;
    switch (storage.ss_family) {
    case AF_INET:
        inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
        snprintf(to, SOCKET_ADDRESS_MAX, "%s:%d", ip, ntohs(v4->sin_port));
        return;
    case AF_INET6:
        inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
        snprintf(to, SOCKET_ADDRESS_MAX, "[%s]:%d", ip, ntohs(v6->sin6_port));
        return;
    default: snprintf(to, SOCKET_ADDRESS_MAX, "%s:0", local->sun_path);
    }
}

void socket_local_address(int fd, char *to)
{
    format_address(fd, getsockname, to);
}

/* The peer of a Unix socket has no path: the listening path names it. */
void socket_peer_address(int fd, char *to)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    bool local = getsockname(fd, (struct sockaddr *)&storage, &len) == 0 && storage.ss_family == AF_UNIX;
    format_address(fd, local ? getsockname : getpeername, to);
}

bool socket_peer_is_local(int fd)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    if (getpeername(fd, (struct sockaddr *)&storage, &len) != 0) return false;
    if (storage.ss_family == AF_UNIX) return true;
    if (storage.ss_family == AF_INET)
        return ntohl(((struct sockaddr_in *)&storage)->sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&storage)->sin6_addr);
}
